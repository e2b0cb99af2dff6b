"""Merging a changed source into a translation: three ways (old source, new source, human target), segment by segment.

What a person wrote is never lost and never moved without a word: for an unchanged sentence it stays as it is; for a changed
one it stays, marked, beside a fresh suggestion; for one that is gone it is kept, and shown as removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ivpipe.model import Change, DraftSegment, Origin
from ivpipe.text.alignment import align
from ivpipe.text.inline import InlineTag, escape_text, plain_text, tag_problem
from ivpipe.text.segments import Segment

REMOVED_PART = "removed"
"""The ``part`` of rows that belong to no place of the document any more."""


def merged_rows(
    segments: Sequence[Segment],
    before: Sequence[DraftSegment],
    memory: Mapping[str, str],
    *,
    in_context: Mapping[int, str] = MappingProxyType({}),
    fresh: bool = False,
) -> list[DraftSegment]:
    """The rows of the next draft, unsaved, in order; those with origin NONE still want an engine.

    ``before``: the rows of the newest draft, or none. ``memory``: approved targets by source key;
    ``in_context``: those approved between the same neighbours, which go before, by index in ``segments``. ``fresh``: machine
    text is made anew, even where the sentence is the same (a redraft); people's never is.
    """
    rows = []
    for pairing in align([row.source for row in before], [segment.source for segment in segments]):
        old = before[pairing.old] if pairing.old is not None else None
        if pairing.new is None:
            if old is not None and _by_a_person(old):
                rows.append(_removed(old))
            continue
        row = _empty(segments[pairing.new])
        if old is not None and _by_a_person(old):
            _keep(row, old, changed=pairing.fate == "changed")
        elif old is not None and pairing.fate != "changed" and not fresh and old.origin is Origin.ENGINE:
            row.target, row.origin, row.engine, row.machine = old.target, old.origin, old.engine, old.machine
        else:
            _recall(row, (in_context.get(pairing.new), memory.get(row.key)))
            if before and old is None and not fresh:
                row.change = Change.NEW
        rows.append(row)
    for position, row in enumerate(rows):
        row.position = position
    return rows


def _by_a_person(row: DraftSegment) -> bool:
    return row.origin is Origin.HUMAN and bool(row.target.strip())


def _empty(segment: Segment) -> DraftSegment:
    return DraftSegment(
        part=segment.part,
        kind=segment.kind,
        source=segment.source,
        tags=[list(tag) for tag in segment.tags],
        gap=segment.gap,
        key=segment.key,
        target="",
        origin=Origin.NONE,
        change=Change.NONE,
        old_source="",
        suggestion="",
        engine="",
        machine="",
        version=0,
    )


def _keep(row: DraftSegment, old: DraftSegment, *, changed: bool) -> None:
    """Give the row the old one's human text; marked, unless it was written for this very wording and has its tags."""
    row.origin, row.edited_by_id, row.edited_at = Origin.HUMAN, old.edited_by_id, old.edited_at
    row.target = old.target
    written_for = old.old_source or old.source
    misfit = tag_problem(old.target, _tags(row)) is not None
    if (changed or old.old_source) and (misfit or written_for != row.source):
        row.change, row.old_source = Change.CHANGED, written_for
        row.suggestion = "" if changed else old.suggestion
    if row.source == old.source:
        row.engine, row.machine = old.engine, old.machine
    if misfit and row.change is Change.CHANGED:
        # Other tags than it had: the words stay, the tags are for the translator to set again.
        row.target = escape_text(plain_text(old.target))


def _recall(row: DraftSegment, remembered: Sequence[str | None]) -> None:
    for target in remembered:
        if target is not None and tag_problem(target, _tags(row)) is None:
            row.target, row.origin = target, Origin.MEMORY
            return
    if not any(character.isalpha() for character in plain_text(row.source)):
        # Nothing to translate: a number, a date in figures, three asterisks.
        row.target, row.origin = row.source, Origin.MEMORY


def _tags(row: DraftSegment) -> list[InlineTag]:
    return [InlineTag(*tag) for tag in row.tags]


def _removed(old: DraftSegment) -> DraftSegment:
    return DraftSegment(
        part=REMOVED_PART,
        kind=old.kind,
        source=old.source,
        tags=old.tags,
        gap="",
        key=old.key,
        target=old.target,
        origin=Origin.HUMAN,
        change=Change.REMOVED,
        old_source=old.old_source,
        suggestion="",
        engine="",
        machine="",
        version=0,
        edited_by_id=old.edited_by_id,
        edited_at=old.edited_at,
    )
