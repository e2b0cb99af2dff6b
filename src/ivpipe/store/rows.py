"""Statements that several steps share: inserts that tolerate a second worker, leases, failures."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, CursorResult, Table, and_, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivpipe.errors import IvpipeError, SourceError, StoreError
from ivpipe.model import Article, ArticlePicture, Base, Publication, Translation
from ivpipe.model.base import Risky

if TYPE_CHECKING:
    from ivpipe.store import Store

Leased = type[Article] | type[ArticlePicture] | type[Translation] | type[Publication]
LeasedRow = Article | ArticlePicture | Translation | Publication

_FIRST_WAIT = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=6)
_PERMANENT_WAIT = timedelta(days=1)
_MOST_UNFINISHED = 2
_SUSPECTS = threading.Lock()
_LONGEST_ASKED = timedelta(days=6)
"""Sites have asked for years; beyond this we look whether they still mean it."""


def insert_missing(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that violate no unique constraint, skip the others; return how many were inserted.

    Columns left out get their default.
    """
    if not rows:
        return 0
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    columns = cast("Table", table.__table__)
    statement = dialect.insert(columns).on_conflict_do_nothing().returning(*columns.primary_key)
    return sum(len(session.execute(statement.values(**row)).all()) for row in rows)


def due(table: Leased, now: datetime) -> ColumnElement[bool]:
    """Rows that may be worked on: no lease runs and no wait is on."""
    return and_(
        or_(table.lease_until.is_(None), table.lease_until < now),
        or_(table.retry_at.is_(None), table.retry_at <= now),
    )


def take_lease(session: Session, table: Leased, row_id: int, owner: str, until: datetime, now: datetime) -> bool:
    """Claim a row for one worker until a time; False where another worker has it."""
    statement = (
        update(table)
        .where(
            table.id == row_id,
            or_(table.lease_until.is_(None), table.lease_until < now, table.lease_owner == owner),
        )
        .values(lease_owner=owner, lease_until=until)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


class Attempt:
    """An attempt on a row whose content may end this process, as a block. What is left of one that did is the note.

    ``begin`` notes that the content is about to be looked into; ``pause``, that it is not for now. ``end_lease`` and
    ``record_failure`` take the note away, in the transaction of the outcome; where an exception prevents that, the end of
    the block does. The threads of a process make one attempt at a time on rows that may have ended one before: ends it
    too, the note says which of them it was.
    """

    def __init__(self, store: Store, row: Article | ArticlePicture) -> None:
        self._store = store
        self._table, self._id = type(row), row.id
        self._before = row.unfinished
        self._noted = False

    def __enter__(self) -> Attempt:
        if self._before:
            _SUSPECTS.acquire()
        return self

    def begin(self) -> None:
        """Commit the note. Raises StoreError."""
        self._note(self._before + 1)
        self._noted = True

    def pause(self) -> None:
        """Take the note back, if there is one, until ``begin``. Raises StoreError."""
        if not self._noted:
            return
        self._note(self._before)
        self._noted = False

    def _note(self, unfinished: int) -> None:
        with self._store.write() as session:
            self._row(session).unfinished = unfinished

    def _row(self, session: Session) -> Risky:
        return cast("Risky", session.get_one(self._table, self._id))

    def __exit__(self, kind: type[BaseException] | None, *_exc: object) -> None:
        try:
            if self._noted and kind is not None and issubclass(kind, Exception):
                with suppress(StoreError), self._store.write() as session:
                    row = self._row(session)
                    row.unfinished = min(row.unfinished, self._before)
        finally:
            if self._before:
                _SUSPECTS.release()


def refuse_deadly(row: Risky, task: str, failure: type[SourceError], subject: str) -> None:
    """Raise ``failure``, in the words of ``task`` ("reading this page"), where two attempts began and never ended.

    Recorded, it makes the row wait a day; then there are two attempts more.
    """
    if row.unfinished >= _MOST_UNFINISHED:
        raise failure(
            f"{task} was begun twice, and both times the process ended before it was done",
            subject=subject,
            advice="it may be what ended them, so it waits a day; `ivpipe retry` tries it at once",
        )


def end_lease(row: LeasedRow) -> None:
    """Give the row back after a success."""
    row.lease_owner, row.lease_until = "", None
    row.attempts, row.last_error, row.retry_at = 0, "", None
    if isinstance(row, Risky):
        row.unfinished = 0


def record_failure(row: LeasedRow, error: IvpipeError, now: datetime) -> None:
    """Give the row back after a failure and say when to try again.

    A retryable error waits 2, 4, 8 … minutes up to six hours (or as long as the other side asked), give or take a
    fifth so that rows do not all come back at once. Any other waits a day, by when somebody may have mended the cause.
    """
    row.lease_owner, row.lease_until = "", None
    row.attempts += 1
    if isinstance(row, Risky):
        row.unfinished = 0
    row.last_error = str(error)
    wait = min(_FIRST_WAIT * 2 ** min(row.attempts - 1, 10), _LONGEST_WAIT) if error.retryable else _PERMANENT_WAIT
    if error.retry_after:
        wait = max(wait, timedelta(seconds=min(error.retry_after, _LONGEST_ASKED.total_seconds())))
    row.retry_at = now + wait * random.uniform(0.8, 1.2)  # noqa: S311  not a secret
