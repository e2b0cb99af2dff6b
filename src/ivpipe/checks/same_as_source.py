"""The target is the source, untranslated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.reading import LINK, readable
from ivpipe.model.languages import primary
from ivpipe.model.translation import Severity

_WORD = re.compile(r"[^\W\d_]{2,}")
_ENOUGH_WORDS = 3
_ENOUGH_LETTERS = 8
"""In scripts without capitals and spaces."""


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:
    """Warning: running text stands in the target as in the source. Names, numbers, addresses and short bits may."""
    if primary(context.languages.source) == primary(context.languages.target):
        return
    source = " ".join(readable(pair.source).split())
    if source.casefold() == " ".join(readable(pair.target).split()).casefold() and _is_running_text(source):
        yield Finding("same_as_source", Severity.WARNING, "The target is the same as the source: is it translated?")


def _is_running_text(text: str) -> bool:
    """Names have capitals; a sentence has words without."""
    words = _WORD.findall(LINK.sub(" ", text))
    caseless = sum(len(word) for word in words if word.lower() == word.upper())
    return sum(word.islower() for word in words) >= _ENOUGH_WORDS or caseless >= _ENOUGH_LETTERS
