"""Upgrades that go wrong: killed, out of room, refused. The database is as it was, or it is the new one; never between."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.limits import NO_GROWTH, every_connection
from tests.servers.postgres import Postgres
from tests.upgrades.life import write_project
from tests.upgrades.samples import dump, load, load_into_postgres, read_rows
from tests.upgrades.test_upgrades import lost

from ivpipe.cli import main
from ivpipe.errors import MachineFault, StoreError
from ivpipe.store import Store, head, schema

KILLS = int(os.environ.get("IVPIPE_UPGRADE_KILLS", "6"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A project's database of schema 0001."""
    write_project(tmp_path)
    path = tmp_path / "var" / "ivpipe.db"
    load("0001", path)
    return path


def init(home: Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--home", str(home), "init"])
    return done.exit_code, done.output


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("ivpipe.schema-*"))


def failure(path: Path) -> StoreError:
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError) as caught:
        store.migrate()
    store.close()
    return caught.value


def test_copy_is_made_named_and_whole(old: Path, tmp_path: Path) -> None:
    before = dump(old)
    code, told = init(tmp_path)
    (copy,) = copies(old)
    assert code == 0
    assert f"from schema 0001 to {head()}" in told
    assert f"{copy}: a copy of it as it was. To go back" in told
    assert copy.stat().st_mode & 0o777 == 0o600
    assert dump(copy) == before
    code, told = init(tmp_path)
    assert (code, f"the database is up to date (schema {head()})" in told) == (0, True)
    assert copies(old) == [copy]


def test_new_database_needs_no_copy(tmp_path: Path) -> None:
    write_project(tmp_path)
    code, told = init(tmp_path)
    assert (code, "the database is made" in told, copies(tmp_path / "var" / "ivpipe.db")) == (0, True, [])


def test_newer_database_is_left_alone(old: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
    before = dump(old)
    for command in ("init", "status"):
        done = CliRunner().invoke(main, ["--home", str(tmp_path), command])
        assert done.exit_code == 1
        assert "install ivpipe 0.999 or later; do not run `ivpipe init`" in done.output
    assert dump(old) == before
    assert copies(old) == []


def test_older_database_is_told_to_be_upgraded(old: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "status"])
    assert done.exit_code == 1
    assert f"at schema 0001, this ivpipe ({schema.__version__}) needs {head()}" in done.output
    assert "run `ivpipe init`" in done.output


def test_broken_reference_stops_the_upgrade_and_is_named(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE reviews SET user_id = 77 WHERE id = 3")
        connection.commit()
    before = dump(old)
    error = failure(old)
    assert "row 3 of reviews refers to a row of users that is not there" in str(error)
    assert str(copies(old)[0]) in error.advice
    assert dump(old) == before


def test_fault_of_a_migration_leaves_the_database_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(old)

    def broken(*_arguments: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(schema, "_check_references", broken)
    error = failure(old)
    assert "the upgrade failed, and nothing was changed: RuntimeError: no such thing" in error.message
    assert str(copies(old)[0]) in error.advice
    assert dump(old) == before


def test_too_little_room_is_seen_before_anything_is_done(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "free_bytes", lambda _path: 1_000_000)
    before = dump(old)
    error = failure(old)
    assert error.fault is MachineFault.FULL
    assert "has 1.0 MB free, and an upgrade with its copy may need 8.4 MB" in error.message
    assert (dump(old), copies(old)) == (before, [])


@pytest.mark.parametrize("room", [10_000, 150_000])
def test_disk_that_takes_no_copy(old: Path, room: int) -> None:
    before = dump(old)
    limited = (
        "import resource, sys; from ivpipe.errors import IvpipeError; from ivpipe.store import Store\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "try: Store(sys.argv[1]).migrate()\n"
        "except IvpipeError as error: print(error.fault, error.retryable)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", limited, f"sqlite:///{old}"], capture_output=True, text=True, check=True
    ).stdout
    assert told == "full True\n"
    assert dump(old) == before
    assert copies(old) == []


def test_disk_that_fills_up_during_the_upgrade(old: Path) -> None:
    before = dump(old)

    with every_connection(NO_GROWTH):
        error = failure(old)
    assert error.fault is MachineFault.FULL
    assert f"the database is as it was, and {copies(old)[0]} is a copy of it" in error.advice
    assert dump(old) == before


def test_upgrade_beside_a_reader_and_a_writer(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read_rows(f"sqlite:///{old}")
    with closing(sqlite3.connect(old, isolation_level=None)) as other:
        monkeypatch.setattr("ivpipe.store._BUSY_SECONDS", 0)
        other.execute("BEGIN IMMEDIATE")
        error = failure(old)
        assert (error.fault, error.retryable) == (MachineFault.BUSY, True)
        other.execute("ROLLBACK")
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM reviews").fetchone() == (len(rows["reviews"]),)
        store = Store(f"sqlite:///{old}")
        store.migrate()  # who only reads goes on with what was there
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        other.execute("COMMIT")
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == (head(),)
        store.close()
    assert lost(rows, read_rows(f"sqlite:///{old}")) == []


def upgrade_and_die(url: str, moment: int, seconds: float = 0.0) -> tuple[int, str]:
    """Exit code and last line of an upgrade that dies at a moment, or is killed after seconds."""
    command = [sys.executable, "-m", "tests.upgrades.dying", url, str(moment)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        if seconds:
            time.sleep(seconds)
            process.kill()
        told = process.stdout.read()
    return process.returncode, told


@pytest.mark.slow
@pytest.mark.timeout(60 * KILLS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_upgrade_leaves_the_old_or_the_new(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    chance = random.Random(KILLS)
    path = tmp_path / "0" / "ivpipe.db"
    load("0001", path)
    rows = read_rows(f"sqlite:///{path}")

    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        original = server.new_database()
        load_into_postgres(rows, "0001", original)

    def fresh(number: int) -> str:
        if kind == "postgresql":
            return server.new_database(original.rpartition("/")[2])
        copy = tmp_path / str(number) / "ivpipe.db"
        if number:
            load("0001", copy)
        return f"sqlite:///{copy}"

    began = time.monotonic()
    code, told = upgrade_and_die(fresh(0), 0)
    took = time.monotonic() - began
    assert code == 0
    moments = int(told)
    found = {"0001": 0, head(): 0}
    for number in range(1, KILLS + 1):
        url = fresh(number)
        # Every third by the clock: within a commit or the writing of a file nothing can be counted.
        by_clock = number % 3 == 0
        seconds = chance.uniform(0.001, took / 2) if by_clock else 0.0
        code, _ = upgrade_and_die(url, 0 if by_clock else chance.randint(1, moments), seconds)
        assert code == -signal.SIGKILL or by_clock
        after = read_rows(url)
        now = after["alembic_version"][0]["version_num"]
        found[now] += 1
        assert lost(rows, after) == []
        if now == "0001":
            assert {table for table in after if after[table]} == {table for table in rows if rows[table]}
        store = Store(url)
        store.migrate()
        store.check()
        store.close()
        assert lost(rows, read_rows(url)) == []
        if kind == "postgresql":
            server.drop_database(url)
    assert not list(tmp_path.rglob("*.part"))
    assert found["0001"] > 0
    print(f"{kind}: {KILLS} kills among {moments} moments; left at each schema: {found}")
