"""Machine translation engines: the seam every plug-in keeps.

To add one: a module with a class as below and its pydantic ``Settings``, and one line in ``BUILTIN``. The contract
tests in ``tests/contracts/test_engines.py`` run on every line of the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from pydantic import BaseModel

from ivpipe.errors import EngineError
from ivpipe.masking import mask_content
from ivpipe.model.languages import LanguagePair

BUILTIN: dict[str, str] = {
    "deepl": "ivpipe.engines.deepl:DeepL",
    "openai": "ivpipe.engines.openai:OpenAI",
    "libretranslate": "ivpipe.engines.libretranslate:LibreTranslate",
    "firefox": "ivpipe.engines.firefox:Firefox",
    "apertium": "ivpipe.engines.apertium:Apertium",
    "dummy": "ivpipe.engines.dummy:Dummy",
}

_NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)
"""Control characters, halves of surrogate pairs, and what Unicode keeps for no character."""


@dataclass(frozen=True, slots=True)
class EngineText:
    """A text to translate, tagged (``<1>…</1>``, ``<2/>``, with ``&amp; &lt; &gt;`` escaped), and the plain text
    around it, which is not translated (nor billed) but helps an engine that reads context.

    What is no character of any text becomes a space in both: some programs and services fail at it.
    """

    tagged: str
    context: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tagged", _NO_TEXT.sub(" ", self.tagged))
        object.__setattr__(self, "context", _NO_TEXT.sub(" ", self.context))


def _not_counted(_characters: int) -> None:
    """Nobody keeps a ledger."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What may vary from request to request; an engine ignores what it has no notion of.

    ``before_resend`` is to be called with the number of characters before texts of a batch go to the service another time
    (because an answer was damaged, say): the ledger is ahead of the service. It may raise BudgetSpent.
    """

    formality: str = ""
    before_resend: Callable[[int], None] = field(default=_not_counted, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class EngineResult:
    """The tagged target text. ``uncertain`` tells that a tag's place is a guess. ``billed``: characters paid for.

    ``error`` says why this text alone could not be translated (None where it was); ``tagged`` is then "".
    A key that a service puts into its answer does not come through.
    """

    tagged: str
    billed: int = 0
    uncertain: bool = False
    error: EngineError | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tagged", mask_content(self.tagged))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the engine can do. Batches handed to ``translate`` keep to ``max_texts`` and ``max_bytes`` (UTF-8).

    ``bills``: what is sent costs, by the character of plain text; it is estimated and held against the budget.
    """

    markup: bool
    context: bool
    max_texts: int
    max_bytes: int
    bills: bool = False
    note: str = ""
    """What a reader of a draft should know about this engine's quality, in a few words."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Characters billed in the running period, and the limit (None: no limit)."""

    billed: int
    limit: int | None


class Engine(Protocol):
    """One engine. Made as ``Engine(settings, data_dir=…)``; used from one thread at a time; ``close()`` ends it."""

    name: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]

    def problem(self, pair: LanguagePair) -> str | None:
        """Why it cannot translate this pair now, and what to do; None where it can. Cheap enough to ask each run."""
        ...

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """Translate one batch; as many results, in the same order.

        The tags of each result are those sent (each once, well nested); the texts are never empty unless the source
        is, or the result has an ``error``: one text that cannot be translated does not spoil what was paid for the
        others. Raises one of the EngineErrors (see ``ivpipe.errors``) and then nothing of the batch counts; its ``may_bill``
        says whether the service may have billed it all the same.
        """
        ...

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        """What else than the text decides the answer (model, glossary, style …), as one short line; "" if nothing.

        Answers are kept by text and variant: where it changes, the engine is asked again. The context is not in it, so
        that a sentence two articles share is paid once.
        """
        ...

    def capabilities(self) -> Capabilities: ...

    def usage(self) -> Usage | None: ...

    def close(self) -> None: ...
