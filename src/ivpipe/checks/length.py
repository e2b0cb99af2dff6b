"""The target is much longer or much shorter than the source."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.reading import LINK, readable
from ivpipe.model.languages import primary
from ivpipe.model.translation import Severity

_DENSITY = {"zh": 3.0, "ja": 2.2, "ko": 1.8}
"""Letters of an alphabet that one character is worth; measured on nothing finer than a glance at parallel pages."""
_SLACK = 20


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:
    """Warning: the ratio by characters is outside what languages differ by; the bounds narrow as the text grows.

    Of 20 characters the target may have between 0 and 95, of 100 between 20 and 270, of 400 between 180 and 820.
    """
    source = _letters(pair.source, context.languages.source)
    target = _letters(pair.target, context.languages.target)
    if not source or not target:
        return
    factor = 1.5 + 10 / source**0.5
    if target > source * factor + _SLACK:
        message = f"The target is {target / source:.1f} times as long as the source: look for repeated or added text."
        yield Finding("length", Severity.WARNING, message)
    elif target < source / factor - _SLACK:
        message = f"The target has only {target / source:.0%} of the source's length: look for text left out."
        yield Finding("length", Severity.WARNING, message)


def _letters(tagged: str, lang: str) -> float:
    """Length in letters of an alphabet, addresses left out."""
    text = " ".join(LINK.sub("", readable(tagged)).split())
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) - wide + wide * _DENSITY.get(primary(lang), 1.0)
