"""The database of record: opening it, its sessions, its migrations.

``Store.read()`` and ``Store.write()`` are the only ways to a session. A write is one transaction: on SQLite it takes the
write lock at its start (``BEGIN IMMEDIATE``), so that two writers queue instead of failing half way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from ivpipe.errors import StoreError
from ivpipe.masking import remember

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

    def migrate(self) -> None:
        """Bring the schema to this version of ivpipe, creating it where there is none. Raises StoreError."""
        if self.url.drivername.startswith("sqlite") and self.url.database not in (None, "", ":memory:"):
            path = Path(str(self.url.database))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)  # whatever the umask; SQLite gives its files beside it the same mode
        with self._translating_errors(), self._writer.connect() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            upgrade(config, "head")
            connection.commit()

    def check(self) -> None:
        """Raise StoreError unless the database answers and has this version's schema."""
        if (
            self.url.drivername.startswith("sqlite")
            and self.url.database not in (None, "", ":memory:")
            and not Path(str(self.url.database)).exists()
        ):
            raise StoreError("there is no database yet", subject=self.name, advice="run `ivpipe init` to create it")
        head = ScriptDirectory.from_config(alembic_config()).get_current_head()
        with self._translating_errors(), self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current != head:
            raise StoreError(
                f"the database is at schema {current or 'none'}, this ivpipe needs {head}",
                subject=self.name,
                advice="run `ivpipe init`, which brings it up to date and loses nothing",
            )

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
        except DBAPIError as error:
            if error.connection_invalidated or "connect" in str(error.orig) or "unable to open" in str(error.orig):
                raise StoreError(
                    f"the database does not answer: {str(error.orig).strip().splitlines()[0]}",
                    subject=self.name,
                    advice="check that it runs and that IVPIPE_DATABASE_URL is right",
                    retryable=True,
                ) from error
            raise


def alembic_config() -> Config:
    """Alembic's configuration: the migrations stand in this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _sqlite_engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # pysqlite's own transaction control begins too late and too weakly: we begin ourselves, below.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS}000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("ivpipe_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
