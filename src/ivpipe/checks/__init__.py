"""Quality checks: the seam every check keeps, and the table of those we ship."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from ivpipe.model.languages import LanguagePair
from ivpipe.model.translation import Severity
from ivpipe.plugins import load_plugin

BUILTIN: dict[str, str] = {
    "empty": "ivpipe.checks.empty:check",
    "same_as_source": "ivpipe.checks.same_as_source:check",
    "tags": "ivpipe.checks.tags:check",
    "numbers": "ivpipe.checks.numbers:check",
    "links": "ivpipe.checks.links:check",
    "note_references": "ivpipe.checks.note_references:check",
    "length": "ivpipe.checks.length:check",
}


@dataclass(frozen=True, slots=True)
class SegmentPair:
    """A segment's tagged source and target; ``tags`` as in ``text.segments.Segment``; ``kind`` is the part's kind."""

    source: str
    target: str
    tags: tuple[tuple[str, str], ...]
    kind: str


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check may need beside the pair."""

    languages: LanguagePair
    uncertain_tags: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at."""

    check: str
    severity: Severity
    message: str


class Check(Protocol):
    """A check is a callable; it must be pure and quick (it runs on every save)."""

    def __call__(self, pair: SegmentPair, context: CheckContext) -> Iterable[Finding]: ...


def run_checks(pair: SegmentPair, context: CheckContext, names: Sequence[str] = tuple(BUILTIN)) -> list[Finding]:
    """What the named checks find in a segment, in the order of the names. Raises ConfigError for an unknown name."""
    return [finding for name in names for finding in _load(name)(pair, context)]


@cache
def _load(name: str) -> Check:
    check: Check = load_plugin("checks", name, BUILTIN)
    return check
