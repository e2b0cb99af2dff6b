"""Which entries may resemble a text: found by its words, the rarest first.

Taking the rarest words first, up to a budget of postings, finds nearly every entry that shares enough of the text; an
entry's worth is the sum of its shared words' rarity, and only the worthiest are read and compared letter by letter.
A plain LIMIT would instead cut off at random. Entries too short or too long for the threshold are never looked at.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from math import ceil, log
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.orm import Session

from ivpipe.model import LanguagePair, MemoryEntry, MemoryPiece, MemoryWord
from ivpipe.text.postings import NUMBER, length_class, window, words

_COMPARED = 300
"""Entries read and compared for one text."""
_SHORT = 8
_COMPARED_SHORT = 1000
"""The same for texts of at most ``_SHORT`` words, which are cheap to compare and whose words tell less."""
_WORTH = 0.4
"""Entries worth less than this share of the worthiest are not compared."""
_MOST_WORDS = 60
_BUDGET = 3000
"""Postings of a fitting length that are looked at for one text, unless the ``_ENOUGH`` rarest words have more."""
_ENOUGH = 3
_COMMONEST = 400_000
"""Words in more entries than this are not looked for at all."""
_AT_ONCE = 1 << 11
"""Bytes of a word's postings in a piece that come with the first question; more are asked for when they are needed."""

_SIZE = func.length(MemoryWord.postings)
_HELD = (
    select(
        MemoryWord.word,
        MemoryPiece.id,
        MemoryPiece.first,
        MemoryPiece.entries,
        _SIZE,
        case((_SIZE <= _AT_ONCE, MemoryWord.postings)),
    )
    .join(MemoryWord, MemoryWord.piece_id == MemoryPiece.id)
    .where(
        MemoryPiece.source_lang == bindparam("source"),
        MemoryPiece.target_lang == bindparam("target"),
        MemoryPiece.side == "source",
        MemoryWord.word.in_(bindparam("words", expanding=True)),
    )
)
_REST = select(MemoryWord.piece_id, MemoryWord.postings).where(
    MemoryWord.word == bindparam("word"), MemoryWord.piece_id.in_(bindparam("pieces", expanding=True))
)
_TEXTS = select(MemoryEntry.id, MemoryEntry.source).where(MemoryEntry.id.in_(bindparam("ids", expanding=True)))


class _Held(NamedTuple):
    """A word's postings in a piece, ``size`` bytes; None: not read yet."""

    piece: int
    first: int
    size: int
    postings: bytes | None


def candidates(session: Session, pair: LanguagePair, plain: str, threshold: int) -> list[tuple[int, str]]:
    """(id, tagged source) of the entries that share the rarest words of a plain text and are of a length that allows a
    likeness of ``threshold`` per cent."""
    asked = list(dict.fromkeys(words(plain)))[:_MOST_WORDS]
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -65536")  # KiB: the index is read all over
    entries, held = _held(connection, pair, asked)
    likeness = max(threshold, 1) / 100
    shortest, longest = int(len(plain) * likeness / (2 - likeness)), ceil(len(plain) * (2 - likeness) / likeness)
    counts = sorted((sum(one.size for one in pieces) // 4, word) for word, pieces in held.items())
    worth: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    spent = 0
    for number, (count, word) in enumerate(counts):
        rare = all(one.postings is not None for one in held[word])
        if count > _COMMONEST or (number >= _ENOUGH and (spent >= _BUDGET or not rare)):
            break
        fitting = [
            (first, window(postings, shortest, longest)) for first, postings in _read(connection, word, held[word])
        ]
        more = sum(len(postings) for _, postings in fitting)
        if number >= _ENOUGH and spent + more > _BUDGET:
            break
        spent += more
        value = log(1 + entries / count)
        for first, postings in fitting:
            of = worth[first]
            for posting in postings:
                of[posting] += value
    ids = _worthiest(worth, length_class(len(plain)), _COMPARED_SHORT if len(asked) <= _SHORT else _COMPARED)
    return list(connection.execute(_TEXTS, {"ids": ids}).tuples().all()) if ids else []


def _held(connection: Connection, pair: LanguagePair, asked: list[str]) -> tuple[int, dict[str, list[_Held]]]:
    """How many entries the pieces have, and what they have of each word."""
    held: defaultdict[str, list[_Held]] = defaultdict(list)
    entries: dict[int, int] = {}
    values = {"source": pair.source, "target": pair.target, "words": asked}
    for word, piece, first, count, size, postings in connection.execute(_HELD, values).all():
        held[word].append(_Held(piece, first, size, postings))
        entries[piece] = count
    return sum(entries.values()), held


def _read(connection: Connection, word: str, held: list[_Held]) -> list[tuple[int, bytes]]:
    """(first, postings) of all the pieces that have a word."""
    missing = [one.piece for one in held if one.postings is None]
    rest: dict[int, bytes] = {}
    if missing:
        rest = dict(connection.execute(_REST, {"word": word, "pieces": missing}).tuples().all())
    return [(one.first, one.postings if one.postings is not None else rest.get(one.piece, b"")) for one in held]


def _worthiest(worth: dict[int, defaultdict[int, float]], own: int, most: int) -> list[int]:
    """Ids of the worthiest entries; of equally worthy ones those nearest in length come first."""
    values = sorted(chain.from_iterable(of.values() for of in worth.values()), reverse=True)
    if not values:
        return []
    least = values[0] * _WORTH
    bar = max(least, values[most]) if len(values) > most else least
    ids, equal = [], []
    for first, of in worth.items():
        for posting, value in of.items():
            if value > bar:
                ids.append(first + (posting & NUMBER))
            elif value == bar:
                equal.append((abs((posting >> 24) - own), first + (posting & NUMBER)))
    return ids + [entry for _, entry in sorted(equal)[: most - len(ids)]]
