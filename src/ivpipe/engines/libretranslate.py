"""LibreTranslate, one's own server or somebody's, over HTTP. Tags travel as HTML and are verified when they come back.

Where they do not come back as sent, the sentence goes once more as plain text, with its tagged stretches, and the tags
are put back by alignment (``placing``).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from ivpipe.engines import Capabilities, EngineOptions, EngineResult, EngineText, Usage
from ivpipe.engines.http import Service
from ivpipe.engines.placing import place_tags, translate_plainly
from ivpipe.engines.tagged import answer_problem
from ivpipe.errors import EngineError, EngineTransient
from ivpipe.masking import read_secret
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.sections import Address, Seconds, SecretName, Section
from ivpipe.text.inline import escape_text, plain_text

_TO_HTML = re.compile(r"<(/?)([0-9]{1,6})(/?)>")
_FROM_HTML = re.compile(
    r"<span\s+id=[\"']?t([0-9]{1,6})[\"']?\s*>|<(img)\s+id=[\"']?x([0-9]{1,6})[\"']?\s*/?>|</span\s*>", re.I
)
_ASK_AGAIN_SECONDS = 300.0
_DOWN_SECONDS = 30.0


def to_html(tagged: str) -> str:
    """Tagged text as HTML: ``<1>…</1>`` becomes ``<span id="t1">…</span>``, ``<2/>`` becomes ``<img id="x2">``."""
    return _TO_HTML.sub(
        lambda m: "</span>" if m[1] else f'<img id="x{m[2]}">' if m[3] else f'<span id="t{m[2]}">', tagged
    )


def from_html(html: str) -> str:
    """The inverse of ``to_html``, for what an engine may have made of it. A ``</span>`` closes the innermost span."""
    out, at = "", 0
    stack: list[str] = []
    for match in _FROM_HTML.finditer(html):
        out += escape_text(unescape(html[at : match.start()]))
        at = match.end()
        if match[1]:
            stack.append(match[1])
            out += f"<{match[1]}>"
        elif match[2]:
            out += f"<{match[3]}/>"
        elif stack:
            out += f"</{stack.pop()}>"
    return out + escape_text(unescape(html[at:]))


class LibreTranslate:
    """Machine translation by a LibreTranslate server."""

    name: ClassVar[str] = "libretranslate"

    class Settings(Section):
        """``[engines.libretranslate]``. The key, where the server wants one, stands in the environment, in the variable
        ``key_env`` names. ``bills``: the server's keeper charges by the character.
        """

        server_url: Address = "http://127.0.0.1:5000"
        key_env: SecretName = "LIBRETRANSLATE_API_KEY"
        bills: bool = False
        timeout_seconds: Seconds = 60
        max_texts: int = Field(default=25, ge=1, le=500)
        max_bytes: int = Field(default=20_000, ge=500, le=10_000_000)

    def __init__(self, settings: Settings, *, data_dir: Path) -> None:
        self._settings = settings
        self._service: Service | None = None
        self._known: tuple[float, dict[str, set[str]]] | None = None
        self._down: tuple[float, str] | None = None

    def _key(self) -> str:
        return read_secret(self._settings.key_env).strip()

    def _open(self) -> Service:
        if self._service is None:
            self._service = Service(
                self.name,
                self._settings.server_url,
                self._settings.timeout_seconds,
                advice=f"does the server want a key? It goes into {self._settings.key_env}",
            )
        return self._service

    def problem(self, pair: LanguagePair) -> str | None:
        """A server that does not answer, or has not the pair. It is asked for its languages at most every five minutes,
        and every half one while it does not answer."""
        if self._down is not None and time.monotonic() - self._down[0] < _DOWN_SECONDS:
            return self._down[1]
        try:
            known = self._languages()
        except EngineError as error:
            self._down = (time.monotonic(), str(error))
            return self._down[1]
        self._down = None
        source, target = primary(pair.source), primary(pair.target)
        if source not in known:
            return f"the server does not have the language {source!r} (it has: {', '.join(sorted(known)) or 'none'})"
        if target not in known[source]:
            return f"the server does not translate {source!r} into {target!r}; install that model there"
        return None

    def _languages(self) -> dict[str, set[str]]:
        """Source language → the targets it can be translated into."""
        if self._known is None or time.monotonic() - self._known[0] > _ASK_AGAIN_SECONDS:
            listed = self._open().get("/languages")
            try:
                codes = {primary(str(entry["code"])) for entry in listed}
                found = {
                    primary(str(entry["code"])): {primary(str(code)) for code in entry.get("targets", codes)}
                    for entry in listed
                }
            except (TypeError, KeyError, AttributeError) as error:
                raise EngineTransient("its list of languages cannot be read", subject=self.name) from error
            self._known = (time.monotonic(), found)
        return self._known[1]

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """Translate; see ``engines.Engine``."""
        asked = [text for text in segments if plain_text(text.tagged).strip()]
        answers = self._ask([to_html(text.tagged) for text in asked], pair, "html") if asked else []
        kept: list[EngineResult | None] = []
        bad: list[tuple[EngineText, str]] = []
        for text, answer in zip(asked, map(from_html, answers), strict=True):
            well = answer_problem(text.tagged, answer) is None
            kept.append(EngineResult(answer, self._billed(text)) if well else None)
            if not well:
                bad.append((text, plain_text(answer).strip()))
        mended = iter(self._mended(bad, pair, options) if bad else ())
        results = iter([next(mended) if result is None else result for result in kept])
        return [next(results) if plain_text(text.tagged).strip() else EngineResult(text.tagged) for text in segments]

    def _mended(
        self, bad: Sequence[tuple[EngineText, str]], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """The texts once more, plainly; where that fails, the tags go by place into the text of the first answer.

        What is billed for it all is put down to the first of them.
        """
        texts = [text for text, _answer in bad]
        sent = 0

        def plainly(sources: list[str]) -> list[str]:
            nonlocal sent
            targets: list[str] = []
            for start in range(0, len(sources), self._settings.max_texts):
                part = sources[start : start + self._settings.max_texts]
                characters = sum(map(len, part))
                options.before_resend(characters)
                try:
                    targets += self._ask(part, pair, "text")
                except EngineError as error:
                    sent += characters if error.may_bill else 0
                    raise
                sent += characters
            return targets

        try:
            results = translate_plainly(texts, plainly)
        except EngineError:
            if not all(answer for _text, answer in bad):
                raise
            results = [replace(place_tags(text.tagged, answer), uncertain=True) for text, answer in bad]
        more = sent if self._settings.bills else 0
        return [
            replace(result, billed=self._billed(text) + (0 if index else more))
            for index, (text, result) in enumerate(zip(texts, results, strict=True))
        ]

    def _billed(self, text: EngineText) -> int:
        return len(plain_text(text.tagged)) if self._settings.bills else 0

    def _ask(self, texts: list[str], pair: LanguagePair, form: str) -> list[str]:
        body: dict[str, Any] = {
            "q": texts,
            "source": primary(pair.source),
            "target": primary(pair.target),
            "format": form,
        }
        if key := self._key():
            body["api_key"] = key
        answer = self._open().post("/translate", body)
        found = answer.get("translatedText") if isinstance(answer, dict) else None
        if not isinstance(found, list) or len(found) != len(texts) or not all(isinstance(text, str) for text in found):
            number = len(found) if isinstance(found, list) else 0
            raise EngineTransient(f"it was given {len(texts)} texts and returned {number}", subject=self.name)
        return found

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        """The server: another one has other models."""
        return f"at {hashlib.sha256(self._settings.server_url.encode()).hexdigest()[:12]}"

    def capabilities(self) -> Capabilities:
        """Tags, no context; batches as most servers allow them."""
        return Capabilities(
            markup=True,
            context=False,
            max_texts=self._settings.max_texts,
            max_bytes=self._settings.max_bytes,
            bills=self._settings.bills,
            note="small neural models on a server: fluent, sentence by sentence",
        )

    def usage(self) -> Usage | None:
        """None: the server tells nothing about it."""
        return None

    def close(self) -> None:
        """Close the connections."""
        if self._service is not None:
            self._service.close()
            self._service = None
