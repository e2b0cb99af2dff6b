"""Sample databases, one for each schema there has been: SQLite dumps in ``tests/samples/schemas``, small enough to read.

Each was made by the program of its schema, so its rows are what that program wrote.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.command import upgrade
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, select, text

from ivpipe.store import Store, alembic_config

FOLDER = Path(__file__).parents[1] / "samples" / "schemas"
CARRIED = "-- carried over from "
"""How a sample begins that no program of its schema made: that schema was never anybody's."""

Rows = dict[str, list[dict[str, Any]]]


def revisions() -> list[str]:
    """Every schema, the oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]


def sample_file(revision: str) -> Path:
    """Where the sample of a schema is, or should be."""
    return FOLDER / f"{revision}.sql"


def samples() -> list[str]:
    """The schemas that have a sample."""
    return [revision for revision in revisions() if sample_file(revision).exists()]


def load(revision: str, path: Path) -> None:
    """Make an SQLite database of a sample, in WAL mode as the program leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(sample_file(revision).read_text(encoding="utf-8"))


def dump(path: Path) -> str:
    """An SQLite database as SQL, in an order that stays the same. Of full-text tables the index is made anew on loading."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(["BEGIN;", *_statements(connection), "COMMIT;", ""])


def _statements(connection: sqlite3.Connection) -> Iterator[str]:
    made = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    ).fetchall()
    virtual = [name for _, name, sql in made if sql.startswith("CREATE VIRTUAL")]
    shadows = tuple(f"{name}_" for name in virtual)
    tables = [
        (n, s) for kind, n, s in made if kind == "table" and n not in virtual and not n.startswith(shadows or ("\0",))
    ]
    for name, sql in tables:
        yield f"{sql};"
        columns = [f'"{row[1]}"' for row in connection.execute(f'PRAGMA table_info("{name}")')]
        quoted = " || ', ' || ".join(f"quote({column})" for column in columns)
        for (values,) in connection.execute(f'SELECT {quoted} FROM "{name}" ORDER BY {columns[0]}, 1'):
            yield f'INSERT INTO "{name}" ({", ".join(columns)}) VALUES ({values});'
    yield from (f"{sql};" for kind, _, sql in made if kind == "index")
    for name in virtual:
        yield next(f"{sql};" for _, other, sql in made if other == name)
        yield f"INSERT INTO {name} ({name}) VALUES ('rebuild');"
    yield from (f"{sql};" for kind, name, sql in made if kind == "trigger")


def load_into_postgres(rows: Rows, revision: str, url: str) -> None:
    """Give an empty PostgreSQL database a schema by the migrations, and a sample's rows, its sequences set after them."""
    store = Store(url)
    with store.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        upgrade(config, revision)
        if "notes" in rows["publications"][0]:  # the first form of schema 0006, see LEFTOVER in test_upgrades
            connection.execute(text("ALTER TABLE publications ADD COLUMN notes JSONB NOT NULL DEFAULT '[]'"))
        for table in _tables(connection).sorted_tables:
            if table.name in rows and table.name != "alembic_version" and _is_ours(table):
                connection.execute(insert(table), rows[table.name])
                if "id" in table.c:
                    connection.execute(
                        text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")
                    )
    store.close()


def read_rows(url: str) -> Rows:
    """Every row of every table, in the order of its key; times in UTC."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = {
            table.name: [
                {name: _plain(value) for name, value in row._mapping.items()}
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in _tables(connection).sorted_tables
            if _is_ours(table)
        }
    engine.dispose()
    return found


def _tables(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def _is_ours(table: Table) -> bool:
    """Not one of a full-text index: what the databases kept there was their own affair, and schema 0008 ended it."""
    return not table.name.startswith("memory_words") or "piece_id" in table.c


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return bytes(value) if isinstance(value, memoryview) else value
