"""The memory by the million: units in, units out, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.orm import Session

from ivpipe.model import LanguagePair, MemoryEntry, MemoryUnit, User
from ivpipe.text.segments import segment_key

_CHUNK = 500
_COLUMNS = (
    "source_lang", "target_lang", "key", "source", "target", "changed_at", "translator", "origin", "context",
)  # fmt: skip
_DATE = _COLUMNS.index("changed_at")
_IMPORT_LOCK = 0x69767470
_REBUILD = 50_000
"""So many new entries, and more than half as many as there were, are cheaper to index anew than one by one."""


_POSTGRES_THERE = text(
    "SELECT k.key, e.target, e.context FROM unnest(CAST(:keys AS text[])) AS k(key) CROSS JOIN LATERAL "
    "(SELECT m.target, m.context FROM memory_entries m WHERE m.source_lang = :source_lang "
    "AND m.target_lang = :target_lang AND m.key = k.key AND m.origin = :origin OFFSET 0) AS e"
)
"""Key by key (OFFSET 0 is a fence): of a table that is growing the planner has no idea, and would read all of it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of units: how many are new, how many were there already."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class MemoryCount:
    """How many entries of one pair and origin there are, and when the newest was made."""

    pair: LanguagePair
    origin: str
    entries: int
    newest: datetime


def add_units(session: Session, units: Sequence[MemoryUnit], origin: str, now: datetime) -> Added:
    """Add the units that are not there yet: another pair of texts, context or origin makes a new one.

    ``origin``: the magazine whose they are, "" ours. A unit without a date gets ``now``. One call is one transaction's
    worth; thousands at a time are quickest. Call ``finish_import`` after the last.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -131072")  # KiB: the index on keys is written all over
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
    by_pair: dict[tuple[str, str], dict[tuple[str, str, str], MemoryUnit]] = defaultdict(dict)
    for unit in units:
        place = (segment_key(unit.source), unit.target, unit.context)
        by_pair[unit.source_lang, unit.target_lang].setdefault(place, unit)
    added = 0
    for (source_lang, target_lang), wanted in by_pair.items():
        there = _there(connection, source_lang, target_lang, origin, sorted({key for key, _, _ in wanted}))
        rows = [
            (
                source_lang,
                target_lang,
                key,
                unit.source,
                target,
                unit.changed_at or now,
                unit.translator,
                origin,
                context,
            )
            for (key, target, context), unit in wanted.items()
            if (key, target, context) not in there
        ]
        _insert(connection, rows)
        added += len(rows)
    return Added(added, len(units) - added)


def _there(
    connection: Connection, source_lang: str, target_lang: str, origin: str, keys: list[str]
) -> set[tuple[str, str, str]]:
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        values = {"keys": keys, "source_lang": source_lang, "target_lang": target_lang, "origin": origin}
        return {(key, target, context) for key, target, context in connection.execute(_POSTGRES_THERE, values)}
    there: set[tuple[str, str, str]] = set()
    for start in range(0, len(keys), _CHUNK):
        there.update(
            (key, target, context)
            for key, target, context in connection.execute(
                select(MemoryEntry.key, MemoryEntry.target, MemoryEntry.context).where(
                    MemoryEntry.source_lang == source_lang,
                    MemoryEntry.target_lang == target_lang,
                    MemoryEntry.key.in_(keys[start : start + _CHUNK]),
                    MemoryEntry.origin == origin,
                )
            )
        )
    return there


def _insert(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY memory_entries ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    last = connection.scalar(select(func.coalesce(func.max(MemoryEntry.id), 0)))
    written = _written_dates(connection, {row[_DATE] for row in rows})
    connection.exec_driver_sql(
        f"INSERT INTO memory_entries ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
        [(*row[:_DATE], written[row[_DATE]], *row[_DATE + 1 :]) for row in rows],
    )
    # In one statement: row by row, as a trigger would, each row ends a piece of the index and costs ten times as much.
    for side in ("source", "target"):
        connection.exec_driver_sql(
            f"INSERT INTO memory_words_{side} (rowid, {side}) SELECT id, {side} FROM memory_entries WHERE id > ?",  # noqa: S608
            (last,),
        )


def _written_dates(connection: Connection, dates: set[datetime]) -> dict[datetime, Any]:
    """The dates as the column's type writes them; there are few different ones, so this is done once for each."""
    kind = cast("Table", MemoryEntry.__table__).c.changed_at.type.dialect_impl(connection.dialect)
    write = kind.bind_processor(connection.dialect)
    return {date: write(date) if write else date for date in dates}


def finish_import(session: Session) -> None:
    """Make what was added quick to search. Safe at any time, and again after an import that died."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for side in ("source", "target"):
            table = f"memory_words_{side}"
            connection.exec_driver_sql(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
    fill = text(
        "INSERT INTO memory_words SELECT id, source_lang, target_lang, to_tsvector('simple', source), "
        "to_tsvector('simple', target) FROM memory_entries e "
        "WHERE NOT EXISTS (SELECT 1 FROM memory_words w WHERE w.entry_id = e.id)"
    )
    indexed = connection.scalar(text("SELECT count(*) FROM memory_words")) or 0
    missing = (connection.scalar(select(func.count(MemoryEntry.id))) or 0) - indexed
    rebuild = missing >= max(_REBUILD, indexed // 2)
    if rebuild:
        connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        connection.execute(text("DROP INDEX ix_memory_words_source, ix_memory_words_target"))
    connection.execute(fill)
    if rebuild:
        for side in ("source", "target"):
            connection.execute(text(f"CREATE INDEX ix_memory_words_{side} ON memory_words USING gin ({side})"))
    elif missing:
        for side in ("source", "target"):
            connection.execute(text(f"SELECT gin_clean_pending_list('ix_memory_words_{side}')"))
    connection.execute(text("ANALYZE memory_words, memory_entries"))


def stored_units(session: Session, pair: LanguagePair | None = None, origin: str = "") -> Iterator[MemoryUnit]:
    """The entries of one pair, or all, of one origin, as units in the order they came; read in pieces."""
    query = (
        select(MemoryEntry, func.coalesce(User.display_name, ""))
        .outerjoin(User, User.id == MemoryEntry.user_id)
        .where(MemoryEntry.origin == origin)
    )
    if pair is not None:
        query = query.where(MemoryEntry.source_lang == pair.source, MemoryEntry.target_lang == pair.target)
    fields = attrgetter("source_lang", "target_lang", "source", "target")
    last = 0
    while True:
        rows = session.execute(query.where(MemoryEntry.id > last).order_by(MemoryEntry.id).limit(10_000)).all()
        if not rows:
            return
        for entry, name in rows:
            yield MemoryUnit(*fields(entry), name or entry.translator, entry.changed_at, entry.context)
        last = rows[-1][0].id
        session.expunge_all()


def counts(session: Session) -> list[MemoryCount]:
    """What the memory holds, by pair and origin."""
    columns = (MemoryEntry.source_lang, MemoryEntry.target_lang, MemoryEntry.origin)
    return [
        MemoryCount(LanguagePair(source, target), origin, number, newest.astimezone(UTC))
        for source, target, origin, number, newest in session.execute(
            select(*columns, func.count(MemoryEntry.id), func.max(MemoryEntry.changed_at))
            .group_by(*columns)
            .order_by(*columns)
        )
    ]
