"""The index of the memory's words, in pieces: each is made whole, together with its entries, and never written to again.

Small pieces are made into larger ones as new ones come (the logarithmic method of Bentley and Saxe): however entries come, by
the article or by the million, there are few pieces, and an entry is indexed anew only a few times. An entry that was deleted
may still be in the index; who looks something up reads the entry itself before believing it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select
from sqlalchemy.orm import Session

from ivpipe.model import LanguagePair, MemoryEntry, MemoryPiece, MemoryWord
from ivpipe.model.base import UtcDateTime
from ivpipe.text.postings import numbers, posting_lists

SIDES = ("source", "target")
LARGEST = 1 << 17
"""Entries of a piece, at most."""
_WIDEST = 4 * LARGEST
"""How far apart the ids of a piece's entries may be; what lies between is read when pieces are made into one."""


def index_entries(session: Session, pair: LanguagePair, entries: Sequence[MemoryEntry]) -> None:
    """Index new entries of one pair, in the transaction that adds them."""
    if entries:
        session.flush()
        for side in SIDES:
            index_texts(session.connection(), pair, side, [(one.id, getattr(one, side)) for one in entries])


def index_texts(
    connection: Connection,
    pair: LanguagePair,
    side: str,
    texts: Sequence[tuple[int, str]],
    postings: dict[str, bytes] | None = None,
    first: int = 0,
) -> None:
    """The same for one side of them: (id, tagged text), ids ascending, at most ``LARGEST``.

    ``postings``: theirs, if they are made already, numbered from the id ``first``.
    """
    if postings is None:
        first = texts[0][0]
    last, count = texts[-1][0], len(texts)
    smaller: list[int] = []
    for piece, its_first, its_last, entries in connection.execute(
        select(MemoryPiece.id, MemoryPiece.first, MemoryPiece.last, MemoryPiece.entries)
        .where(_of(pair, side))
        .order_by(MemoryPiece.id.desc())
    ):
        both = min(first, its_first), max(last, its_last)
        if entries > count or entries + count > LARGEST or both[1] - both[0] >= _WIDEST:
            break
        smaller.append(piece)
        first, last = both
        count += entries
    if smaller:
        postings = None
        connection.execute(delete(MemoryWord).where(MemoryWord.piece_id.in_(smaller)))
        connection.execute(delete(MemoryPiece).where(MemoryPiece.id.in_(smaller)))
        # Not asked for by languages: that would lead the database through all the entries of the pair.
        columns = (MemoryEntry.id, getattr(MemoryEntry, side), MemoryEntry.source_lang, MemoryEntry.target_lang)
        between = select(*columns).where(MemoryEntry.id.between(first, last)).order_by(MemoryEntry.id)
        texts = [
            (entry, text)
            for entry, text, *langs in connection.execute(between).all()
            if langs == [pair.source, pair.target]
        ]
    if postings is None:
        postings = posting_lists((entry - first, text) for entry, text in texts)
    values = {"source_lang": pair.source, "target_lang": pair.target, "side": side}
    piece = connection.scalar(
        insert(MemoryPiece).values(**values, first=first, last=last, entries=len(texts)).returning(MemoryPiece.id)
    )
    insert_rows(connection, MemoryWord, [(piece, word, postings[word]) for word in sorted(postings)])


def _of(pair: LanguagePair, side: str) -> ColumnElement[bool]:
    return and_(
        MemoryPiece.source_lang == pair.source, MemoryPiece.target_lang == pair.target, MemoryPiece.side == side
    )


def entries_with_all(session: Session, pair: LanguagePair, side: str, asked: Collection[str]) -> Iterator[list[int]]:
    """Ids of the entries in which all the words stand, piece by piece, the newest first."""
    pieces = session.execute(
        select(MemoryPiece.id, MemoryPiece.first)
        .where(MemoryPiece.source_lang == pair.source, MemoryPiece.target_lang == pair.target, MemoryPiece.side == side)
        .order_by(MemoryPiece.first.desc())
    ).all()
    for piece, first in pieces:
        found = session.scalars(
            select(MemoryWord.postings)
            .where(MemoryWord.piece_id == piece, MemoryWord.word.in_(asked))
            .order_by(func.length(MemoryWord.postings))
        ).all()
        if len(found) == len(asked):
            yield sorted((first + number for number in set.intersection(*map(numbers, found))), reverse=True)


def insert_rows(connection: Connection, mapped: Any, rows: Iterable[Sequence[Any]], names: Sequence[str] = ()) -> None:
    """Insert many rows in the columns named, or all, by the quickest way there is."""
    table: Table = mapped.__table__
    columns = [table.c[name] for name in names] or list(table.c)
    into = f"{table.name} ({', '.join(column.name for column in columns)})"
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        for at, column in enumerate(columns):
            if isinstance(column.type, UtcDateTime):
                rows = _written_dates(connection, column.type, at, rows)
        driver.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(
            [_POSTGRES_TYPES[str(column.type.compile(connection.dialect)).partition("(")[0]] for column in columns]
        )
        for row in rows:
            copy.write_row(row)


_POSTGRES_TYPES = {
    "INTEGER": "int4",
    "VARCHAR": "varchar",
    "TEXT": "text",
    "BYTEA": "bytea",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}


def _written_dates(
    connection: Connection, kind: UtcDateTime, at: int, rows: Iterable[Sequence[Any]]
) -> Iterator[Sequence[Any]]:
    """Rows with their dates as the type writes them; there are few different ones, so this is done once for each."""
    write = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    written: dict[Any, Any] = {}
    for row in rows:
        date = row[at]
        if date not in written:
            written[date] = write(date) if write else date
        yield (*row[:at], written[date], *row[at + 1 :])
