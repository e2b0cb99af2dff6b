"""Concordance: how a word or a phrase was translated before, asked from either side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ivpipe.memory.candidates import words
from ivpipe.model import LanguagePair, MemoryEntry, User
from ivpipe.text.inline import plain_text
from ivpipe.text.plain import folded

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
    wanted = _plain_words(phrase)
    found: list[Found] = []
    last: int | None = None
    read = 0
    while asked and len(found) < limit and read < _MOST_READ:
        ids = _with_all(session, side, asked, last)
        if not ids:
            break
        last, read = ids[-1], read + len(ids)
        for entry, name in session.execute(
            select(MemoryEntry, func.coalesce(User.display_name, ""))
            .outerjoin(User, User.id == MemoryEntry.user_id)
            .where(
                MemoryEntry.id.in_(ids),
                MemoryEntry.source_lang == pair.source,
                MemoryEntry.target_lang == pair.target,
            )
            .order_by(MemoryEntry.id.desc())
        ):
            if wanted in _plain_words(plain_text(getattr(entry, side))):
                translator = name or entry.translator
                found.append(Found(entry.source, entry.target, entry.id, translator, entry.changed_at, entry.origin))
    return found[:limit]


def _with_all(session: Session, side: str, asked: list[str], last: int | None) -> list[int]:
    """Ids of the next entries with all the words, newest first, from below ``last``."""
    below = last if last is not None else 2**62
    if session.get_bind().dialect.name == "sqlite":
        statement = (
            f"SELECT rowid FROM memory_words_{side} WHERE memory_words_{side} MATCH :words "  # noqa: S608  one of _SIDES
            "AND rowid < :below ORDER BY rowid DESC LIMIT :most"
        )
        query = " AND ".join(f'"{word}"' for word in asked)
    else:
        statement = (
            f"SELECT entry_id FROM memory_words WHERE {side} @@ plainto_tsquery('simple', :words) "  # noqa: S608  as above
            "AND entry_id < :below ORDER BY entry_id DESC LIMIT :most"
        )
        query = " ".join(asked)
    return list(session.scalars(text(statement), {"words": query, "below": below, "most": _READ}))


def _plain_words(plain: str) -> str:
    """The words of a text, without accents, between single spaces."""
    return f" {' '.join(''.join(c if c.isalnum() else ' ' for c in folded(plain)).split())} "
