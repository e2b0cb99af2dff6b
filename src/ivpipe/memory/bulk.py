"""The memory by the million: units in, units out, and how many there are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from ivpipe.memory.pieces import LARGEST, index_texts, insert_rows
from ivpipe.model import LanguagePair, MemoryEntry, MemoryUnit, User
from ivpipe.text.postings import posting_lists
from ivpipe.text.segments import segment_key

_COLUMNS = (
    "id", "source_lang", "target_lang", "key", "source", "target", "context", "changed_at", "translator", "origin",
)  # fmt: skip
_IMPORT_LOCK = 0x69767470
_SQLITE_THERE = text(
    "SELECT m.key, m.target, m.context FROM json_each(:keys) AS k CROSS JOIN memory_entries m "
    "ON m.source_lang = :source_lang AND m.target_lang = :target_lang AND m.key = k.value AND m.origin = :origin"
)
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Units of one pair made ready to enter the memory, which needs no database and may be done elsewhere.

    ``rows``: (key, source, target, context, translator, date or None), each once, at most ``LARGEST``. ``postings``: those
    of the words of their sources, the rows numbered from 0. ``units``: how many units it was made of.
    """

    pair: LanguagePair
    units: int
    rows: list[tuple[str, str, str, str, str, datetime | None]]
    postings: dict[str, bytes]


def batches(units: Iterable[MemoryUnit]) -> Iterator[Batch]:
    """Make units ready for ``add_batch``; a unit that comes twice is taken as it came first."""
    by_pair: defaultdict[tuple[str, str], list[MemoryUnit]] = defaultdict(list)
    for unit in units:
        by_pair[unit.source_lang, unit.target_lang].append(unit)
    for langs, of_pair in by_pair.items():
        for start in range(0, len(of_pair), LARGEST):
            some = of_pair[start : start + LARGEST]
            once: dict[tuple[str, str, str], MemoryUnit] = {}
            for unit in some:
                once.setdefault((unit.source, unit.target, unit.context), unit)
            rows = [(segment_key(place[0]), *place, unit.translator, unit.changed_at) for place, unit in once.items()]
            yield Batch(LanguagePair(*langs), len(some), rows, posting_lists(enumerate(row[1] for row in rows)))


def add_units(session: Session, units: Iterable[MemoryUnit], origin: str, now: datetime) -> Added:
    """Add the units that are not there yet; as ``add_batch``, for a few."""
    added = known = 0
    for batch in batches(units):
        one = add_batch(session, batch, origin, now)
        added, known = added + one.added, known + one.known
    return Added(added, known)


def add_batch(session: Session, batch: Batch, origin: str, now: datetime) -> Added:
    """Add the units that are not there yet, and index them: another pair of texts, context or origin makes a new one.

    ``origin``: the magazine whose they are, "" ours. A unit without a date gets ``now``. Rows and index are one
    transaction's: they come together or not at all.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -131072")  # KiB: the index on keys is written all over
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
    pair, rows = batch.pair, batch.rows
    there = _there(connection, pair, origin, sorted({row[0] for row in rows}))
    new = [number for number, (key, _, target, context, *_) in enumerate(rows) if (key, target, context) not in there]
    if not new:
        return Added(0, batch.units)
    # The postings fit where each row's number has an id, taken or not; where few are new they are made for those alone.
    most_are_new = 2 * len(new) > len(rows)
    taken = _next_ids(connection, len(rows) if most_are_new else len(new))
    ids = [taken[number] for number in new] if most_are_new else taken
    fits = most_are_new and taken[-1] - taken[0] == len(rows) - 1
    insert_rows(
        connection,
        MemoryEntry,
        [
            (entry, pair.source, pair.target, key, source, target, context, date or now, translator, origin)
            for entry, (key, source, target, context, translator, date) in zip(
                ids, map(rows.__getitem__, new), strict=True
            )
        ],
        _COLUMNS,
    )
    sources = [(entry, rows[number][1]) for entry, number in zip(ids, new, strict=True)]
    targets = [(entry, rows[number][2]) for entry, number in zip(ids, new, strict=True)]
    index_texts(connection, pair, "source", sources, batch.postings if fits else None, taken[0])
    index_texts(connection, pair, "target", targets)
    return Added(len(new), batch.units - len(new))


def _next_ids(connection: Connection, count: int) -> Sequence[int]:
    """Free ids, ascending: in a row, unless other transactions draw some at the same time."""
    if connection.dialect.name == "sqlite":
        last = connection.scalar(select(func.coalesce(func.max(MemoryEntry.id), 0))) or 0
        return range(last + 1, last + 1 + count)
    taken = "SELECT nextval(pg_get_serial_sequence('memory_entries', 'id')) FROM generate_series(1, :count)"
    return connection.scalars(text(taken), {"count": count}).all()


def _there(connection: Connection, pair: LanguagePair, origin: str, keys: list[str]) -> set[tuple[str, str, str]]:
    values = {"source_lang": pair.source, "target_lang": pair.target, "origin": origin}
    if connection.dialect.name == "sqlite":
        found = connection.execute(_SQLITE_THERE, values | {"keys": json.dumps(keys)})
    else:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        found = connection.execute(_POSTGRES_THERE, values | {"keys": keys})
    return {(key, target, context) for key, target, context in found.all()}


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
