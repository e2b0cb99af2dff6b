"""DeepL, by its official client. Tags travel as XML (tag handling v2) and are verified when they come back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import deepl
import requests
from pydantic import Field, model_validator
from urllib3.exceptions import NewConnectionError

from ivpipe.engines import Capabilities, EngineOptions, EngineResult, EngineText, Usage
from ivpipe.engines.placing import place_tags
from ivpipe.engines.tagged import answer_problem
from ivpipe.errors import (
    EngineAuth,
    EngineError,
    EnginePermanent,
    EngineQuota,
    EngineRate,
    EngineTransient,
    EngineUnsupported,
)
from ivpipe.masking import mask, read_secret
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.sections import OptionalAddress, SecretName, Section
from ivpipe.text.inline import escape_text, plain_text

Formality = Literal["default", "more", "less", "prefer_more", "prefer_less"]

MAX_TEXTS = 50
MAX_BYTES = 128 * 1024
"""Of the whole request body; the client enforces neither."""

_ROOM = 2048
"""Bytes of the body for everything but texts and context."""
_TO_XML = re.compile(r"<(/?)([0-9]{1,6})(/?)>")
_FROM_XML = re.compile(r"<(/?)([tx])([0-9]{1,6})\s*(/?)>")
_HOLLOW = re.compile(r"<x([0-9]{1,6})\s*>\s*</x\1\s*>")
_SPOKEN = {"formal": "prefer_more", "informal": "prefer_less"}
_ASK_AGAIN_SECONDS = 300.0
_INSTRUCTED = frozenset({"de", "en", "es", "fr", "it", "ja", "ko", "zh"})
"""Target languages that take custom instructions."""

T = TypeVar("T")


def to_xml(tagged: str) -> str:
    """Tagged text as DeepL takes it: ``<1>…</1>`` becomes ``<t1>…</t1>``, ``<2/>`` becomes ``<x2/>`` (an XML name
    cannot start with a digit)."""
    return _TO_XML.sub(lambda m: f"<{m[1]}{'x' if m[3] else 't'}{m[2]}{m[3]}>", tagged)


def from_xml(xml: str) -> str:
    """The inverse of ``to_xml``, for what an engine may have made of it: other entities, ``<x2></x2>``, stray signs."""
    out, at = "", 0
    xml = _HOLLOW.sub(r"<x\1/>", xml)
    for match in _FROM_XML.finditer(xml):
        out += escape_text(unescape(xml[at : match.start()]))
        out += f"<{match[1]}{match[3]}{match[4]}>"
        at = match.end()
    return out + escape_text(unescape(xml[at:]))


class DeepL:
    """Machine translation by DeepL (an account is needed, free or paid)."""

    name: ClassVar[str] = "deepl"

    class Settings(Section):
        """``[engines.deepl]``. The key stands in the environment, in the variable ``key_env`` names.

        ``target_variants`` says which English, Portuguese … to write. ``context_characters``: of the text around,
        that much at most is sent along (not billed); 0 sends none. ``glossaries`` maps pairs ("fr-en") and
        ``style_rules`` target languages ("en") to the ids that DeepL gave them; ``custom_instructions`` (10 at most)
        are sent for the target languages that take them.
        """

        key_env: SecretName = "DEEPL_AUTH_KEY"
        server_url: OptionalAddress = ""
        formality: Formality = "default"
        model_type: Literal["", "quality_optimized", "prefer_quality_optimized", "latency_optimized"] = ""
        glossaries: dict[str, str] = Field(default={})
        style_rules: dict[str, str] = Field(default={})
        custom_instructions: tuple[Annotated[str, Field(min_length=1, max_length=300)], ...] = Field((), max_length=10)
        context_characters: int = Field(default=2000, ge=0, le=10_000)
        target_variants: dict[str, str] = Field(default={"en": "EN-GB", "pt": "PT-PT"})

        @model_validator(mode="after")
        def _model_that_obeys(self) -> DeepL.Settings:
            if self.model_type == "latency_optimized" and (self.custom_instructions or self.style_rules):
                raise ValueError("custom_instructions and style_rules need another model_type than latency_optimized")
            return self

    def __init__(self, settings: Settings, *, data_dir: Path) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._client: deepl.DeepLClient | None = None
        self._asked: tuple[float, str | None] | None = None

    def _key(self) -> str:
        return read_secret(self._settings.key_env).strip()

    def _open(self) -> deepl.DeepLClient:
        if self._client is None:
            key = self._key()
            if not key:
                raise EngineAuth("there is no key", subject=self.name, advice=f"set {self._settings.key_env}")
            self._client = deepl.DeepLClient(
                key, server_url=self._settings.server_url or None, send_platform_info=False
            )
        return self._client

    def problem(self, pair: LanguagePair) -> str | None:
        """No key, a language it does not have, a key refused, the quota used up. An outage is no problem: it passes.

        The account is asked at most every five minutes.
        """
        if not self._key():
            return f"there is no key; set the environment variable {self._settings.key_env}"
        known = {primary(str(code)) for name, code in vars(deepl.Language).items() if name.isupper()}
        for lang in (pair.source, pair.target):
            if primary(lang) not in known:
                return f"it does not have the language {lang!r}"
        if self._asked is None or time.monotonic() - self._asked[0] > _ASK_AGAIN_SECONDS:
            self._asked = (time.monotonic(), self._account_problem())
        return self._asked[1]

    def _account_problem(self) -> str | None:
        try:
            usage = self.usage()
        except EngineError as error:
            return None if error.retryable else f"{error.message}; {error.advice}"
        if usage is not None and usage.limit is not None and usage.billed >= usage.limit:
            return (  # so that nothing is sent that is bound to be refused
                f"the quota of this period is used up ({usage.billed:,} of {usage.limit:,} characters); "
                "wait for the next period or raise the limit in the DeepL account"
            )
        return None

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """Translate; see ``engines.Engine``. A text that comes back with other tags is asked for once more, alone;
        failing that too, its tags are put back by place and it is marked uncertain."""
        done: dict[int, EngineResult] = {}
        asked: list[int] = []
        for index, text in enumerate(segments):
            if not plain_text(text.tagged).strip():
                done[index] = EngineResult(text.tagged)
            elif (error := self._too_large(text)) is not None:
                done[index] = EngineResult("", error=error)
            else:
                asked.append(index)
        numbers = iter(asked)
        paid = False
        for chunk in self._requests([segments[index] for index in asked]):
            try:
                answers = self._ask(chunk, pair, options)
            except EngineError as error:
                if not paid:
                    raise
                done.update((next(numbers), EngineResult("", _perhaps(error, text), error=error)) for text in chunk)
                continue
            paid = True
            for text, (answer, billed) in zip(chunk, answers, strict=True):
                well = answer_problem(text.tagged, answer) is None
                done[next(numbers)] = (
                    EngineResult(answer, billed) if well else self._mended(text, answer, billed, pair, options)
                )
        return [done[index] for index in range(len(segments))]

    def _mended(
        self, text: EngineText, first: str, billed: int, pair: LanguagePair, options: EngineOptions
    ) -> EngineResult:
        """The text once more, alone; what has been paid for is never thrown away because this fails."""
        more, failure = 0, None
        try:
            options.before_resend(len(plain_text(text.tagged)))
            [(answer, more)] = self._ask([text], pair, options)
        except EngineError as error:
            answer, more, failure = first, _perhaps(error, text), error
        if answer_problem(text.tagged, answer) is None:
            return EngineResult(answer, billed + more)
        target = plain_text(answer).strip() or plain_text(first).strip()
        if not target:
            said = f"DeepL returned nothing for “{plain_text(text.tagged)[:80]}”"
            return EngineResult("", billed + more, error=failure or EnginePermanent(said, subject=self.name))
        return EngineResult(place_tags(text.tagged, target).tagged, billed + more, uncertain=True)

    def _too_large(self, text: EngineText) -> EngineError | None:
        size = len(json.dumps(to_xml(text.tagged))) + 2
        if size <= self._room:
            return None
        return EnginePermanent(
            f"a text of {size:,} bytes is too large for one request (“{plain_text(text.tagged)[:60]}…”)",
            subject=self.name,
            advice="cut the paragraph at the source, or translate it by hand",
        )

    @property
    def _room(self) -> int:
        """Bytes of a request that are left for texts, which travel as JSON in ASCII: six bytes a letter at worst."""
        return MAX_BYTES - _ROOM - 6 * self._settings.context_characters

    def _requests(self, texts: Sequence[EngineText]) -> Iterator[list[EngineText]]:
        """Cut into what one request may hold; no text is too large by itself."""
        chunk: list[EngineText] = []
        size = 0
        for text in texts:
            more = len(json.dumps(to_xml(text.tagged))) + 2
            if chunk and (len(chunk) >= MAX_TEXTS or size + more > self._room):
                yield chunk
                chunk, size = [], 0
            chunk.append(text)
            size += more
        if chunk:
            yield chunk

    def _ask(self, texts: Sequence[EngineText], pair: LanguagePair, options: EngineOptions) -> list[tuple[str, int]]:
        """One request: (tagged answer, characters billed) for each text."""
        context = "\n".join(dict.fromkeys(line for text in texts for line in text.context.splitlines()))
        sent: dict[str, Any] = {
            "source_lang": primary(pair.source).upper(),
            "target_lang": self._target(pair.target),
            "tag_handling": "xml",
            "tag_handling_version": "v2",
            "outline_detection": False,
            "context": context[: self._settings.context_characters] or None,
            **self._choices(pair, options),
        }
        client = self._open()
        answers = self._translated(lambda: client.translate_text([to_xml(text.tagged) for text in texts], **sent))
        if not isinstance(answers, list) or len(answers) != len(texts):
            raise EngineTransient(
                f"DeepL was given {len(texts)} texts and returned {len(answers) if isinstance(answers, list) else 1}",
                subject=self.name,
            )
        return [(from_xml(answer.text), answer.billed_characters) for answer in answers]

    def _choices(self, pair: LanguagePair, options: EngineOptions) -> dict[str, Any]:
        """The options of the client that change the answer, without those that are not set."""
        settings = self._settings
        wanted = options.formality or settings.formality
        formality = _SPOKEN.get(wanted, wanted if wanted in Formality.__args__ else "default")  # type: ignore[attr-defined]
        target = primary(pair.target)
        chosen = {
            "formality": "" if formality == "default" else formality,
            "glossary": settings.glossaries.get(f"{primary(pair.source)}-{target}", ""),
            "style_rule": settings.style_rules.get(target, ""),
            "custom_instructions": list(settings.custom_instructions) if target in _INSTRUCTED else [],
            "model_type": settings.model_type,
        }
        return {name: value for name, value in chosen.items() if value}

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        """The variety of the target language, and every option set."""
        chosen = json.dumps(self._choices(pair, options), ensure_ascii=False, sort_keys=True)
        return f"{self._target(pair.target)} {chosen}"

    def _target(self, lang: str) -> str:
        code = lang.replace("_", "-").upper()
        return self._settings.target_variants.get(code.lower(), code)

    def _translated(self, call: Callable[[], T]) -> T:
        """Run a call of the client, its errors made ours. The client itself has tried several times by then."""
        try:
            return call()
        except deepl.AuthorizationException as error:
            self._asked = None
            raise EngineAuth(
                "DeepL refuses the key",
                subject=self.name,
                advice=f"check {self._settings.key_env} (keys of free accounts end in ':fx')",
            ) from error
        except deepl.QuotaExceededException as error:
            self._asked = None
            raise EngineQuota(
                "the quota of this period is used up",
                subject=self.name,
                advice="wait for the next period, or raise the limit in the DeepL account",
            ) from error
        except deepl.DeepLException as error:
            raise self._ours(error) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise EngineTransient(
                f"DeepL's answer cannot be read ({type(error).__name__}: {error})", subject=self.name
            ) from error

    def _ours(self, error: deepl.DeepLException) -> EngineError:
        status = error.http_status_code or 0
        said = _said(error)
        if status == 429:
            return EngineRate(said, subject=self.name, advice="it is tried again later")
        if isinstance(error, deepl.ConnectionException) or error.should_retry or status >= 500:
            may_bill = status != 503 and not _never_sent(error)
            return EngineTransient(said, subject=self.name, advice="it is tried again later", may_bill=may_bill)
        kind = EngineUnsupported if status == 400 and "not supported" in said else EnginePermanent
        return kind(said, subject=self.name, advice="check the settings in [engines.deepl] and the ids in them")

    def capabilities(self) -> Capabilities:
        """Tags and context; batches by DeepL's limits, with room for what is sent besides the texts."""
        # A letter of two bytes travels as six: a batch is one request, paid and kept, or neither.
        return Capabilities(markup=True, context=True, max_texts=MAX_TEXTS, max_bytes=self._room // 3, bills=True)

    def usage(self) -> Usage | None:
        """Characters of the running period, as DeepL counts them. Raises EngineError."""
        client = self._open()
        usage = self._translated(client.get_usage)
        if usage.character.count is None:
            return None
        return Usage(usage.character.count, usage.character.limit)

    def close(self) -> None:
        """Close the client's connections."""
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]
            self._client = None


def _perhaps(error: EngineError, text: EngineText) -> int:
    """Characters that a request which failed may have been billed for this text."""
    return len(plain_text(text.tagged)) if error.may_bill else 0


def _never_sent(error: deepl.DeepLException) -> bool:
    """Whether there was no connection over which the texts could have gone."""
    cause = error.__cause__
    if isinstance(cause, requests.exceptions.ConnectTimeout):
        return True
    reason = (
        getattr(cause.args[0], "reason", None) if isinstance(cause, requests.ConnectionError) and cause.args else None
    )
    return isinstance(reason, NewConnectionError)


def _said(error: deepl.DeepLException) -> str:
    """The client's message, on one line, without a page of HTML in it."""
    text = " ".join(re.sub(r"<[^>]*>", " ", mask(str(error))).split())
    return text if len(text) <= 300 else f"{text[:297]}…"
