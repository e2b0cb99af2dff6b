"""The database of record: opening it, its sessions, its migrations.

``Store.read()`` and ``Store.write()`` are the only ways to a session. A write is one transaction: on SQLite it takes the
write lock at its start (``BEGIN IMMEDIATE``), so that two writers queue instead of failing half way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from ivpipe.errors import StoreError
from ivpipe.machine import machine_error
from ivpipe.masking import remember
from ivpipe.store.faults import sqlite_path, store_error
from ivpipe.store.schema import Upgraded, alembic_config, head, refuse_other_schema, upgrade_file, upgrade_server

__all__ = ["Store", "Upgraded", "alembic_config", "head", "migration_engine"]

_BUSY_SECONDS = 30


class Store:
    """A database by its SQLAlchemy URL (``sqlite:///path`` or ``postgresql://…``)."""

    def __init__(self, url: str) -> None:
        remember(url)
        try:
            parsed = make_url(url)
            if parsed.drivername in ("postgresql", "postgres"):
                parsed = parsed.set(drivername="postgresql+psycopg")
            self.engine = (
                _sqlite_engine(str(parsed.database or ":memory:"))
                if parsed.drivername.startswith("sqlite")
                else create_engine(parsed, pool_pre_ping=True, pool_size=4)
            )
        except (ArgumentError, ValueError, TypeError, ImportError):
            # Not what was found there, nor what the parser says of it: parts of it are a password.
            raise StoreError(
                "IVPIPE_DATABASE_URL is not a database address",
                advice="set it to sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME, with special characters in the "
                "password written as %40 (@), %2F (/), %3A (:) …",
            ) from None
        self.url = parsed
        self._writer = self.engine.execution_options(ivpipe_write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; what it changed is not kept."""
        with self._translating_errors(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are one transaction, committed at the end of the block."""
        with (
            self._translating_errors(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def migrate(self) -> Upgraded:
        """Bring the schema to this version of ivpipe, creating it where there is none: all of it, or nothing.

        An SQLite file with rows is copied first. Raises SchemaError for a newer database, StoreError, MachineError; the
        database is then as it was.
        """
        path = sqlite_path(self.url)
        if not self.url.drivername.startswith("sqlite"):
            return upgrade_server(self.engine, self.url)
        if path is None:
            return upgrade_file(self._writer, self.url)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)  # whatever the umask; SQLite gives its files beside it the same mode
        except OSError as error:
            raise machine_error(error, path.parent) or error from error
        engine = migration_engine(path)
        try:
            return upgrade_file(engine, self.url)
        finally:
            engine.dispose()

    def check(self) -> None:
        """Raise StoreError unless the database answers and has this version's schema."""
        path = sqlite_path(self.url)
        if path is not None and not path.exists():
            raise StoreError("there is no database yet", subject=self.name, advice="run `ivpipe init` to create it")
        with self._translating_errors(), self.engine.connect() as connection:
            refuse_other_schema(connection, self.name)

    def write_trouble(self) -> StoreError | None:
        """Why nothing can be written, None where it can: tried by a write that changes nothing, to the disk and back."""
        try:
            with self.write() as session:
                session.execute(text("UPDATE alembic_version SET version_num = version_num"))
        except StoreError as error:
            return error
        return None

    @property
    def name(self) -> str:
        """The address without its password, for messages."""
        return self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            known = store_error(error, self.url)
            if known is None:
                raise  # a fault of ours, or a constraint that the caller knows
            raise known from error


def migration_engine(path: Path) -> Engine:
    """An engine for upgrading an SQLite file: every transaction takes the write lock, and foreign keys are off."""
    return _sqlite_engine(str(path), foreign_keys=False).execution_options(ivpipe_write=True)


def _sqlite_engine(path: str, *, foreign_keys: bool = True) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    pragmas = (
        f"busy_timeout={_BUSY_SECONDS}000",
        "journal_mode=WAL",
        # FULL: on the disk before a commit returns. With NORMAL, which SQLite's manual has for WAL, a power cut takes the
        # commits since the last checkpoint: sentences the desk had said were saved, pages noted as published. It costs one
        # fsync a commit; 500 articles fetched and drafted took no longer than the measurement's noise (docs/decisions.md).
        "synchronous=FULL",
        f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # pysqlite's own transaction control begins too late and too weakly: we begin ourselves, below.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("ivpipe_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
