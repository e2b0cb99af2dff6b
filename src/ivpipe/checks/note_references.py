"""Each note reference stands in the target, once, and where a reader expects it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.markup import note_refs
from ivpipe.checks.reading import is_blank, readable
from ivpipe.model.translation import Severity
from ivpipe.text.inline import marks


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:  # noqa: ARG001
    """Blocking: a reference missing or twice. Hint: in another order, or no more at the end of the sentence."""
    refs = note_refs(pair.tags)
    if not refs or (is_blank(pair.target) and not is_blank(pair.source)):
        return
    order = [number for kind, number in marks(pair.target) if kind == "empty" and number in refs]
    whole = True
    for number, label in refs.items():
        count = order.count(number)
        if count != 1:
            whole = False
            what = "is missing: put it back" if not count else f"stands {count} times: keep one"
            yield Finding("note_references", Severity.BLOCKING, f"The reference to note {label} (<{number}/>) {what}.")
    if not whole:
        return
    if order != [number for kind, number in marks(pair.source) if kind == "empty" and number in refs]:
        yield Finding(
            "note_references", Severity.HINT, "The note references stand in another order than in the source."
        )
    for number, label in refs.items():
        if _ends(pair.source, number) and not _ends(pair.target, number):
            message = (
                f"The reference to note {label} stood at the end of the sentence; now it stands inside: is that right?"
            )
            yield Finding("note_references", Severity.HINT, message)


def _ends(tagged: str, number: int) -> bool:
    """Whether no word follows the reference."""
    return re.search(r"\w", readable(tagged.partition(f"<{number}/>")[2])) is None
