"""An engine that translates nothing and says so: for tests, benchmarks and trying out a configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from ivpipe.engines import Capabilities, EngineOptions, EngineResult, EngineText, Usage
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.sections import Section

_FIRST_WORD = re.compile(r"((?:<[^>]*>|&[a-z]+;|[^\w<&])*+)(?=\w)")


class Dummy:
    """Returns each text as it is, marked with the target language: ``[en] Bonjour <1>à tous</1>``."""

    name: ClassVar[str] = "dummy"

    class Settings(Section):
        """``[engines.dummy]``: there is nothing to set."""

    def __init__(self, settings: Settings, *, data_dir: Path) -> None:
        self._settings, self._data_dir = settings, data_dir

    def problem(self, pair: LanguagePair) -> str | None:
        """None: it "translates" any pair."""
        return None

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """Mark each text that has words; the mark stands before the first word, inside the tags around it."""
        mark = f"[{primary(pair.target)}] "
        return [EngineResult(_marked(text.tagged, mark)) for text in segments]

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        """Nothing."""
        return ""

    def capabilities(self) -> Capabilities:
        """Tags are kept."""
        return Capabilities(
            markup=True, context=False, max_texts=1000, max_bytes=1_000_000, note="a dummy: nothing is translated"
        )

    def usage(self) -> Usage | None:
        """None: nothing is billed."""
        return None

    def close(self) -> None:
        """Nothing to end."""


def _marked(tagged: str, mark: str) -> str:
    match = _FIRST_WORD.match(tagged)
    return f"{match[1]}{mark}{tagged[match.end() :]}" if match else tagged
