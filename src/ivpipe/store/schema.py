"""The schema a database is at, and bringing it to this program's: one transaction, with a copy made before it.

On SQLite a migration rebuilds tables, which drops them while others refer to them. So foreign keys are off while it runs,
as SQLite's manual has it, and all of them are checked before the commit.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from ivpipe import __version__
from ivpipe.errors import IvpipeError, MachineFault, SchemaError, StoreError
from ivpipe.machine import free_bytes, machine_error, size
from ivpipe.model import Base
from ivpipe.store.faults import sqlite_path, store_error

_OURS = re.compile(r"\d{4}")
_ROOM = 3
"""Times its size that an upgrade may take on the disk: the copy, all tables written anew into the write-ahead log, and
their move into the file."""
_LEAST_ROOM = 8 * 1024 * 1024
_LOCK = 0x69767069  # "ivpi"; the advisory lock that upgrades of one PostgreSQL database take


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What ``Store.migrate`` did. ``before`` is "" for a new database; ``copy`` is the file of the old one, if any."""

    before: str
    after: str
    copy: Path | None = None


def alembic_config() -> Config:
    """Alembic's configuration: the migrations are in this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head() -> str:
    """The schema of this program."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def version_of(revision: str) -> str:
    """The first version of ivpipe that has a schema: the second number of a version is its schema's."""
    return f"0.{int(revision)}"


def refuse_other_schema(connection: Connection, name: str) -> None:
    """Raise SchemaError unless the database is at this program's schema. ``name`` is how messages call it."""
    found = current_schema(connection, name)
    if found != head():
        raise SchemaError(
            f"the database is at schema {found or 'none'}, this ivpipe ({__version__}) needs {head()}",
            subject=name,
            advice="stop ivpipe where it runs, then run `ivpipe init`, which upgrades the database and loses nothing",
        )


def current_schema(connection: Connection, name: str) -> str:
    """The schema the database is at, "" where it is empty. Raises SchemaError where this program must not touch it: it is
    newer, or something else's."""
    heads = MigrationContext.configure(connection).get_current_heads()
    if not heads:
        tables = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
        if tables:
            raise SchemaError(
                f"this is no database of ivpipe: it holds {', '.join(tables[:5])}{' …' if len(tables) > 5 else ''}",
                subject=name,
                advice="give ivpipe a database of its own (IVPIPE_DATABASE_URL)",
            )
        return ""
    found = heads[0]
    if found in _known():
        return found
    if _OURS.fullmatch(found) and found > head():
        raise SchemaError(
            f"this database was written by a newer ivpipe (schema {found}; this is ivpipe {__version__}, schema {head()})",
            subject=name,
            advice=f"install ivpipe {version_of(found)} or later; do not run `ivpipe init` with this one",
        )
    raise SchemaError(
        f"this is no database of ivpipe: its schema is called {found!r}",
        subject=name,
        advice="give ivpipe a database of its own (IVPIPE_DATABASE_URL)",
    )


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def upgrade_server(engine: Engine, url: URL) -> Upgraded:
    """Upgrade a PostgreSQL database in one transaction. A second upgrade waits for the first, then finds nothing to do."""
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            before = current_schema(connection, _name(url))
            _run_migrations(connection, before)
    except Exception as error:
        raise _failed(error, url) from error
    return Upgraded(before, head())


def upgrade_file(engine: Engine, url: URL) -> Upgraded:
    """Upgrade an SQLite database in one transaction, which takes the write lock first: nobody writes after the copy was
    made, and a second upgrade waits for the first, then finds nothing to do.

    ``engine`` has foreign keys off: the pragma does nothing within a transaction.
    """
    path, copy = sqlite_path(url), None
    try:
        with engine.begin() as connection:
            before = current_schema(connection, _name(url))
            if path is not None and before not in ("", head()) and _has_rows(connection):
                copy = _copy(path, before, _name(url))
            _run_migrations(connection, before)
            _check_references(connection, _name(url))
    except Exception as error:
        raise _failed(error, url, copy) from error
    return Upgraded(before, head(), copy)


def _failed(error: Exception, url: URL, copy: Path | None = None) -> IvpipeError:
    """What stopped an upgrade, as one of our errors that says where the copy is."""
    known: IvpipeError | None = error if isinstance(error, IvpipeError) else None
    if isinstance(error, SQLAlchemyError):
        known = store_error(error, url)
    elif known is None:
        known = machine_error(error, sqlite_path(url))
    if known is None:
        known = StoreError(
            f"the upgrade failed, and nothing was changed: {type(error).__name__}: {getattr(error, 'orig', error)}",
            subject=_name(url),
            advice="report it with this text; until then, use the ivpipe you had",
        )
    if copy is not None:
        known.advice = f"{known.advice}; the database is as it was, and {copy} is a copy of it"
    return known


def _name(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _run_migrations(connection: Connection, before: str) -> None:
    if before == head():
        return
    config = alembic_config()
    # Alembic finds the transaction that is open on this connection, runs all migrations in it, and commits nothing.
    config.attributes["connection"] = connection
    upgrade(config, "head")


def _has_rows(connection: Connection) -> bool:
    tables = set(inspect(connection).get_table_names()) & set(Base.metadata.tables)
    return any(connection.exec_driver_sql(f'SELECT 1 FROM "{table}" LIMIT 1').first() for table in sorted(tables))  # noqa: S608


def _copy(path: Path, revision: str, name: str) -> Path:
    """Write the database into a file beside it, readable by its owner only, and on the disk when this returns.

    Raises StoreError where the disk has not the room for the copy and the upgrade; sqlite3.Error and OSError.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        pages = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[
            0
        ]
        needed, free = max(_ROOM * pages, _LEAST_ROOM), free_bytes(path)
        if free < needed:
            raise StoreError(
                f"the disk of {path.parent} has {size(free)} free, and an upgrade with its copy may need {size(needed)}",
                fault=MachineFault.FULL,
                subject=name,
                advice="make room there, then run `ivpipe init` again; nothing was changed",
            )
        copy = path.with_name(f"{path.stem}.schema-{revision}.{datetime.now(UTC):%Y%m%d-%H%M%S}{path.suffix}")
        part = copy.with_name(f"{copy.name}.part")
        for left in path.parent.glob(f"{path.stem}.schema-*.part"):
            left.unlink()  # of an upgrade that was killed: we hold the lock, so nobody is writing it
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            connection.execute("VACUUM INTO ?", (str(part),))
            _to_disk(part)
            part.replace(copy)
            _to_disk(copy.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return copy


def _to_disk(path: Path) -> None:
    """VACUUM INTO leaves it to the system when its file is written; a copy that a power cut takes is none."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_references(connection: Connection, name: str) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(3)
    if broken:
        rows = "; ".join(
            f"row {row} of {table} refers to a row of {parent} that is not there" for table, row, parent, _ in broken
        )
        raise StoreError(
            f"the upgrade would leave broken references ({rows}), so nothing was changed",
            subject=name,
            advice="report it with the text above; what was there can be used with the ivpipe you had",
        )
