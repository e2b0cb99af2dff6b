"""Faults of the machine under a store, all of them real: what they are called, and whether trying again may help."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.blank import place_blank
from tests.servers.postgres import Postgres
from tests.upgrades.samples import load, load_into_postgres, read_rows

from ivpipe import store as store_module
from ivpipe.desk.failure import as_fault
from ivpipe.errors import MachineFault, SchemaError, StoreError
from ivpipe.machine import fault_of, folder_trouble, machine_error
from ivpipe.model import Run
from ivpipe.store import Store, head

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def write(store: Store, times: int = 1) -> None:
    with store.write() as session:
        session.add_all(Run(flow="ingest", subject="x" * 4000, started_at=NOW, counts={}) for _ in range(times))


def fault(store: Store, times: int = 1) -> StoreError:
    with pytest.raises(StoreError) as caught:
        write(store, times)
    assert caught.value.retryable == (caught.value.fault is not None and caught.value.fault.retryable)
    return caught.value


def pragma(store: Store, statement: str) -> None:
    """Set something on the connection that the pool hands out next."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {statement}")


def test_database_that_may_not_grow_is_a_full_disk_and_takes_nothing_half(sqlite_store: Store) -> None:
    pragma(sqlite_store, "max_page_count=1")  # no less than it has
    error = fault(sqlite_store, 200)
    assert error.fault is MachineFault.FULL
    assert error.retryable
    with sqlite_store.read() as session:
        assert session.execute(text("SELECT count(*) FROM runs")).scalar() == 0


def test_database_that_can_only_be_read(sqlite_store: Store) -> None:
    assert sqlite_store.write_trouble() is None
    pragma(sqlite_store, "query_only=ON")
    error = fault(sqlite_store)
    assert (error.fault, error.retryable) == (MachineFault.READ_ONLY, False)
    trouble = sqlite_store.write_trouble()
    assert trouble is not None
    assert trouble.fault is MachineFault.READ_ONLY


def test_write_trouble_is_found_by_writing(sqlite_store: Store) -> None:
    assert sqlite_store.write_trouble() is None
    assert Path(f"{sqlite_store.url.database}-wal").stat().st_size > 0


def test_lock_held_too_long(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_BUSY_SECONDS", 0)
    impatient = Store(str(sqlite_store.url))
    with closing(sqlite3.connect(str(sqlite_store.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        error = fault(impatient)
    assert (error.fault, error.retryable) == (MachineFault.BUSY, True)
    write(impatient)
    impatient.close()


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "ivpipe.db"
    path.write_text("a letter, and not a short one. " * 200)
    store = Store(f"sqlite:///{path}")
    for use in (store.check, store.migrate):
        with pytest.raises(StoreError) as caught:
            use()
        assert caught.value.fault is MachineFault.NOT_A_DATABASE
    store.close()
    assert path.read_text().startswith("a letter")


def test_folder_in_the_place_of_the_database(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}")
    with pytest.raises(StoreError) as caught:
        store.check()
    assert caught.value.fault is MachineFault.NOT_A_DATABASE


def test_damaged_database(tmp_path: Path) -> None:
    url = place_blank(tmp_path / "ivpipe.db")
    store = Store(url)
    write(store, 100)
    store.close()
    with closing(sqlite3.connect(tmp_path / "ivpipe.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs'").fetchone()[0]
    with (tmp_path / "ivpipe.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert fault(store).fault is MachineFault.DAMAGED
    store.close()


def test_constraint_that_is_violated_is_no_fault_of_the_machine(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.execute(text("INSERT INTO desk_sessions VALUES ('x', 99, 'y', '2026-01-01', '2026-01-01')"))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("53100", MachineFault.FULL),
        ("53300", MachineFault.TOO_MANY),
        ("25006", MachineFault.READ_ONLY),
        ("55P03", MachineFault.BUSY),
        ("58030", MachineFault.BROKEN_DISK),
        ("XX001", MachineFault.DAMAGED),
        ("57P01", MachineFault.UNREACHABLE),
        ("08006", MachineFault.UNREACHABLE),
    ],
)
def test_postgresql_is_known_by_its_sqlstate(store: Store, state: str, expected: MachineFault) -> None:
    if store.engine.dialect.name == "sqlite":
        assert fault_of(psycopg.errors.lookup(state)("never mind")) is expected if state != "08006" else True
        return
    with pytest.raises(StoreError) as caught, store.read() as session:
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'parole' USING ERRCODE = '{state}'; END $$"))
    assert caught.value.fault is expected


def test_postgresql_that_takes_no_writes(postgres: Postgres, blank_postgres: str) -> None:
    url = postgres.new_database(blank_postgres)
    store = Store(f"{url}?options=-c%20default_transaction_read_only%3Don")
    store.check()
    assert fault(store).fault is MachineFault.READ_ONLY
    trouble = store.write_trouble()
    assert trouble is not None
    assert trouble.fault is MachineFault.READ_ONLY
    store.close()
    postgres.drop_database(url)


def test_pool_without_a_connection_left(postgres: Postgres, blank_postgres: str) -> None:
    url = postgres.new_database(blank_postgres)
    store = Store(url)
    store.engine.pool._timeout = 0  # type: ignore[attr-defined]
    held = [store.engine.connect() for _ in range(14)]  # four, and ten that may be added
    with pytest.raises(StoreError) as caught, store.read() as session:
        session.connection()
    assert (caught.value.fault, caught.value.retryable) == (MachineFault.TOO_MANY, True)
    for connection in held:
        connection.close()
    store.close()
    postgres.drop_database(url)


def test_errors_of_the_system_are_known_by_their_number() -> None:
    with pytest.raises(OSError) as full, open("/dev/full", "wb", buffering=0) as file:  # noqa: PTH123
        file.write(b"x")
    error = machine_error(full.value, Path("/dev/full"))
    assert error is not None
    assert (error.fault, error.retryable) == (MachineFault.FULL, True)
    assert machine_error(OSError(errno.ENOENT, "gone", "/x")) is None
    assert machine_error(ConnectionResetError(errno.ECONNRESET, "reset")) is None
    assert machine_error(ValueError("no disk left")) is None
    refused = machine_error(PermissionError(errno.EACCES, "denied", "/somewhere/file"))
    assert refused is not None
    assert (refused.fault, refused.subject, refused.retryable) == (MachineFault.FORBIDDEN, "/somewhere/file", False)


def test_commit_is_on_the_disk_before_it_returns(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_folder_that_takes_no_file(tmp_path: Path) -> None:
    assert folder_trouble(tmp_path / "new") is None
    (tmp_path / "file").write_text("")
    trouble = folder_trouble(tmp_path / "file")
    assert trouble is not None
    assert trouble.fault is MachineFault.FORBIDDEN
    assert list((tmp_path / "new").iterdir()) == []


def test_every_fault_has_a_title_in_the_desk() -> None:
    for fault in MachineFault:
        shown = as_fault(StoreError("x", fault=fault, advice="y"))
        assert (shown.status, shown.title) not in ((503, ""), (503, "The database cannot be used"))


CHILD = """
import os, resource, sys
from datetime import UTC, datetime
from ivpipe.errors import IvpipeError
from ivpipe.model import Run
from ivpipe.store import Store, head
store = Store(f"sqlite:///{sys.argv[1]}")
store.check()  # and all that is to be imported is
store.close()
if sys.argv[2].isdecimal():
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
elif os.getuid() == 0:  # to whom no file is forbidden
    os.setgid(65534), os.setuid(65534)
try:
    with store.write() as session:
        session.add_all(Run(flow="x", subject="y" * 4000, started_at=datetime.now(UTC), counts={}) for _ in range(500))
except IvpipeError as error:
    print(error.fault.value, error)
"""


def child(path: Path, how: str) -> str:
    done = subprocess.run([sys.executable, "-c", CHILD, str(path), how], capture_output=True, text=True, check=True)
    return done.stdout


def test_file_that_another_account_may_only_read() -> None:
    with tempfile.TemporaryDirectory(prefix="ivpipe-", dir="/tmp") as name:  # pytest's own folders are closed to others
        folder = Path(name)
        place_blank(folder / "ivpipe.db")
        (folder / "ivpipe.db").chmod(0o444)
        folder.chmod(0o555)
        said = child(folder / "ivpipe.db", "as another")
        folder.chmod(0o755)
    assert said.split(" ", 1)[0] in ("read-only", "forbidden")
    assert "ivpipe.db" in said


def test_file_that_reached_the_limit_of_the_account_is_full(tmp_path: Path) -> None:
    path = tmp_path / "ivpipe.db"
    place_blank(path)
    assert child(path, str(path.stat().st_size + 100_000)).startswith("full")


def test_database_of_something_else_is_refused_and_left(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    for use in (store.check, store.migrate):
        with pytest.raises(SchemaError, match="no database of ivpipe: it holds .*database of its own"):
            use()


def test_schema_of_a_newer_program_is_refused_by_init_too(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    for use in (store.check, store.migrate):
        with pytest.raises(
            SchemaError, match=r"newer ivpipe \(schema 0999.*install ivpipe 0\.999 or later; do not run"
        ):
            use()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_upgrades_at_once_migrate_once(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    path = tmp_path / "ivpipe.db"
    load("0007", path)
    url = f"sqlite:///{path}"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
        load_into_postgres(read_rows(f"sqlite:///{path}"), "0007", url)
    done: list[str] = []

    def migrate() -> None:
        store = Store(url)
        done.append(store.migrate().before)
        store.check()
        store.close()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["0007", head(), head()]
    assert len(list(tmp_path.glob("*.schema-*"))) == (kind == "sqlite")
