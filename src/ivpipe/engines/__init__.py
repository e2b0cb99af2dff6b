"""Machine translation engines: the seam every plug-in keeps.

To add one: a module with a class as below and its pydantic ``Settings``, and one line in ``BUILTIN``. The contract
tests in ``tests/contracts/test_engines.py`` run on every line of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from pydantic import BaseModel

from ivpipe.model.languages import LanguagePair

BUILTIN: dict[str, str] = {
    "deepl": "ivpipe.engines.deepl:DeepL",
    "firefox": "ivpipe.engines.firefox:Firefox",
    "apertium": "ivpipe.engines.apertium:Apertium",
    "dummy": "ivpipe.engines.dummy:Dummy",
}


@dataclass(frozen=True, slots=True)
class EngineText:
    """A text to translate, tagged (``<1>…</1>``, ``<2/>``, with ``&amp; &lt; &gt;`` escaped), and the plain text
    around it, which is not translated (nor billed) but helps an engine that reads context."""

    tagged: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What may vary from request to request; an engine ignores what it has no notion of."""

    formality: str = ""


@dataclass(frozen=True, slots=True)
class EngineResult:
    """The tagged target text. ``uncertain`` tells that the engine takes no tags and a tag's place is a guess."""

    tagged: str
    billed: int = 0
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the engine can do. Batches handed to ``translate`` keep to ``max_texts`` and ``max_bytes`` (UTF-8)."""

    markup: bool
    context: bool
    max_texts: int
    max_bytes: int
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
        is. Raises EngineError (``retryable`` where trying later may help) and then nothing of the batch counts.
        """
        ...

    def capabilities(self) -> Capabilities: ...

    def usage(self) -> Usage | None: ...

    def close(self) -> None: ...
