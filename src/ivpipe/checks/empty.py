"""The target has no text."""

from __future__ import annotations

from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.reading import is_blank
from ivpipe.model.translation import Severity


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:  # noqa: ARG001
    """Blocking: the source has text and the target none."""
    if is_blank(pair.target) and not is_blank(pair.source):
        yield Finding("empty", Severity.BLOCKING, "The segment has no translation yet.")
