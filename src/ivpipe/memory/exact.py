"""Exact matches, and what approval writes: the part of the memory that drafts are filled from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.memory.pieces import index_entries
from ivpipe.model import DraftSegment, LanguagePair, MemoryEntry
from ivpipe.text.segments import Segment, context_key

_CHUNK = 500


def recall(session: Session, pair: LanguagePair, keys: Sequence[str]) -> dict[str, MemoryEntry]:
    """The newest approved translation of each source key (``text.segments.segment_key``) that has one.

    Only our own: another magazine's are for people to judge (``lookup``).
    """
    return {entry.key: entry for entry in _own(session, pair, keys)}


def in_context(
    session: Session, pair: LanguagePair, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], MemoryEntry]:
    """As ``recall``, for (source key, ``text.segments.context_key``): approved between the same neighbours."""
    wanted = {place for place in places if place[1]}
    entries = _own(session, pair, [key for key, _ in wanted])
    return {(entry.key, entry.context): entry for entry in entries if (entry.key, entry.context) in wanted}


def remembered(
    session: Session, pair: LanguagePair, segments: Sequence[Segment]
) -> tuple[dict[str, str], dict[int, str]]:
    """What fills the segments of a document, given in order: approved targets by source key, and, by index, those approved
    between the same neighbours."""
    keys = [segment.key for segment in segments]
    sources = ["", *(segment.source for segment in segments), ""]
    places = [(key, context_key(sources[index], sources[index + 2])) for index, key in enumerate(keys)]
    by_key = {key: entry.target for key, entry in recall(session, pair, keys).items()}
    by_place = in_context(session, pair, [place for place in places if place[0] in by_key])
    return by_key, {index: by_place[place].target for index, place in enumerate(places) if place in by_place}


def _own(session: Session, pair: LanguagePair, keys: Iterable[str]) -> Iterable[MemoryEntry]:
    """Our own entries of these keys; for each key the newest last."""
    unique = list(dict.fromkeys(keys))
    for start in range(0, len(unique), _CHUNK):
        yield from session.scalars(
            select(MemoryEntry)
            .where(
                MemoryEntry.source_lang == pair.source,
                MemoryEntry.target_lang == pair.target,
                MemoryEntry.key.in_(unique[start : start + _CHUNK]),
                MemoryEntry.origin == "",
            )
            .order_by(MemoryEntry.changed_at, MemoryEntry.id)
        )


def remember(
    session: Session,
    pair: LanguagePair,
    segments: Iterable[DraftSegment],
    translation_id: int,
    user_id: int | None,
    now: datetime,
) -> int:
    """Enter approved segments, all those of a draft in order; the newest text wins. Returns how many changed.

    A translation has one entry for each source between each pair of neighbours. Where a sentence now stands fewer times
    in it than before, or between others, the entries it had serve those that are left, and the rest go.
    """
    before: dict[str, list[MemoryEntry]] = defaultdict(list)
    for stored in session.scalars(
        select(MemoryEntry).where(MemoryEntry.translation_id == translation_id).order_by(MemoryEntry.id)
    ):
        if stored.target_lang == pair.target:
            before[stored.key].append(stored)
    places = _places(list(segments))
    entries: dict[tuple[str, str], MemoryEntry] = {}
    for key, context in places:
        for known in before[key]:
            if known.context == context:
                before[key].remove(known)
                entries[key, context] = known
                break
    new: list[MemoryEntry] = []
    for (key, context), segment in places.items():
        entry = entries.get((key, context)) or (before[key].pop(0) if before[key] else None)
        if entry is not None and entry.target == segment.target:
            entry.context = context
            continue
        if entry is not None:
            session.delete(entry)
        new.append(
            MemoryEntry(
                source_lang=pair.source,
                target_lang=pair.target,
                key=key,
                source=segment.source,
                target=segment.target,
                context=context,
                translation_id=translation_id,
                user_id=segment.edited_by_id or user_id,
                changed_at=now,
            )
        )
    for key in {key for key, _ in places}:
        for left in before[key]:
            session.delete(left)
    session.add_all(new)
    index_entries(session, pair, new)
    return len(new)


def _places(segments: list[DraftSegment]) -> dict[tuple[str, str], DraftSegment]:
    """The segments that have a text, by source key and context; of several at one place the last."""
    sources = ["", *(segment.source for segment in segments), ""]
    return {
        (segment.key, context_key(sources[index], sources[index + 2])): segment
        for index, segment in enumerate(segments)
        if segment.target.strip()
    }
