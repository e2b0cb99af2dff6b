"""Concordance: how a word or a phrase was translated before, asked from either side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivpipe.memory.pieces import entries_with_all
from ivpipe.model import LanguagePair, MemoryEntry, User
from ivpipe.text.inline import plain_text
from ivpipe.text.postings import words

_READ = 500
_MOST_READ = 20_000
"""Entries with all the words that are read in search of the phrase itself."""
_SIDES = ("source", "target")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with the phrase in it: tagged texts, who, when, whose."""

    source: str
    target: str
    entry_id: int
    translator: str
    changed_at: datetime
    origin: str


def concordance(
    session: Session, pair: LanguagePair, phrase: str, *, side: str = "source", limit: int = 20
) -> list[Found]:
    """Entries whose ``side`` ("source" or "target") has the phrase, whole words in order, the newest entry first.

    Case, accents, punctuation and markup do not count. Raises ValueError for another side.
    """
    if side not in _SIDES:
        raise ValueError(f"side is {side!r}, not one of {_SIDES}")
    asked = words(phrase)
    wanted = f" {' '.join(asked)} "
    found: list[Found] = []
    read = 0
    for ids in entries_with_all(session, pair, side, set(asked)) if asked else ():
        for start in range(0, len(ids), _READ):
            if len(found) >= limit or read >= _MOST_READ:
                return found[:limit]
            some = ids[start : start + _READ]
            read += len(some)
            for entry, name in session.execute(
                select(MemoryEntry, func.coalesce(User.display_name, ""))
                .outerjoin(User, User.id == MemoryEntry.user_id)
                .where(MemoryEntry.id.in_(some))
                .order_by(MemoryEntry.id.desc())
            ):
                if wanted in f" {' '.join(words(plain_text(getattr(entry, side))))} ":
                    translator = name or entry.translator
                    found.append(
                        Found(entry.source, entry.target, entry.id, translator, entry.changed_at, entry.origin)
                    )
    return found[:limit]
