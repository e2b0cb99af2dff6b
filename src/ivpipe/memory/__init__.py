"""The translation memory: approved segment pairs, found again by their exact source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.model import DraftSegment, LanguagePair, MemoryEntry

_CHUNK = 500


def recall(session: Session, pair: LanguagePair, keys: Sequence[str]) -> dict[str, MemoryEntry]:
    """The newest approved translation of each source key (``text.segments.segment_key``) that has one."""
    found: dict[str, MemoryEntry] = {}
    unique = list(dict.fromkeys(keys))
    for start in range(0, len(unique), _CHUNK):
        entries = session.scalars(
            select(MemoryEntry)
            .where(
                MemoryEntry.source_lang == pair.source,
                MemoryEntry.target_lang == pair.target,
                MemoryEntry.key.in_(unique[start : start + _CHUNK]),
            )
            .order_by(MemoryEntry.changed_at, MemoryEntry.id)
        )
        found.update((entry.key, entry) for entry in entries)
    return found


def remember(
    session: Session,
    pair: LanguagePair,
    segments: Iterable[DraftSegment],
    translation_id: int,
    user_id: int | None,
    now: datetime,
) -> int:
    """Enter approved segments; one entry per source and translation, the newest text wins. Returns how many changed."""
    segments = [segment for segment in segments if segment.target.strip()]
    known = {
        entry.key: entry
        for entry in session.scalars(select(MemoryEntry).where(MemoryEntry.translation_id == translation_id))
        if entry.target_lang == pair.target
    }
    changed = 0
    for segment in segments:
        entry = known.get(segment.key)
        if entry is None:
            entry = known[segment.key] = MemoryEntry(
                source_lang=pair.source,
                target_lang=pair.target,
                key=segment.key,
                source=segment.source,
                translation_id=translation_id,
            )
            session.add(entry)
        elif entry.target == segment.target:
            continue
        entry.target = segment.target
        entry.user_id = segment.edited_by_id or user_id
        entry.changed_at = now
        changed += 1
    return changed
