"""A database of every schema there has been, upgraded to today's: nothing is lost, and one can go on working."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import select
from tests.desk.conftest import Clock, TestClient, Visitor
from tests.servers.postgres import Postgres
from tests.upgrades.life import PASSWORD, START, write_project
from tests.upgrades.samples import CARRIED, Rows, load, load_into_postgres, read_rows, revisions, sample_file, samples

from ivpipe import __version__
from ivpipe.cli import main
from ivpipe.desk.app import create_app
from ivpipe.model import Article, Base, Draft, DraftSegment, Translation
from ivpipe.store import Store, head
from ivpipe.wiring import open_app

CHANGED = {
    "0002": {"feed_states": "validators save a download; the table is made anew, with the source in its key"},
    "0008": {
        "memory_words_source": "an index, made anew in another form",
        "memory_words_target": "an index, made anew in another form",
    },
    "0010": {
        "users.failed_logins": "attempts have a table of their own, and are forgotten after a day",
        "users.locked_until": "the same",
    },
}
"""What a migration changes or takes away of what was there: by schema, the tables ("table") and columns ("table.column"),
with the reason. Whatever else differs after an upgrade is lost data."""

LEFTOVER = {"publications.notes"}
"""Columns that no schema has today and an early one had: the first form of schema 0006 wrote it. It is left alone."""


def test_every_schema_has_a_sample() -> None:
    assert samples() == revisions(), "run `python -m tests.upgrades.make`, look at the new file, and commit it"


def test_every_schema_has_a_number_of_four_digits_and_the_version_counts_them() -> None:
    assert revisions() == [f"{number:04d}" for number in range(1, len(revisions()) + 1)]
    assert __version__.split(".")[1] == str(int(head())), "the second number of __version__ is that of the schema"


@pytest.mark.parametrize("revision", samples())
def test_sample_has_rows_in_every_table(revision: str, tmp_path: Path) -> None:
    if sample_file(revision).read_text(encoding="utf-8").startswith(CARRIED):
        return  # of a schema that nobody ever worked with
    load(revision, tmp_path / "old.db")
    rows = read_rows(f"sqlite:///{tmp_path / 'old.db'}")
    empty = [table for table, found in rows.items() if not found]
    assert not empty, "let tests/upgrades/life.py do what writes them, then `python -m tests.upgrades.make --again`"


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Rows, str]]:
    """The rows of a schema's sample, and the address of a database that holds them; ``tmp_path`` is its project."""
    revision, kind = request.param
    write_project(tmp_path)
    file = tmp_path / "var" / "ivpipe.db"
    load(revision, file)
    rows = read_rows(f"sqlite:///{file}")
    if kind == "sqlite":
        yield rows, f"sqlite:///{file}"
        return
    file.unlink()
    server: Postgres = request.getfixturevalue("postgres")
    url = server.new_database()
    load_into_postgres(rows, revision, url)
    monkeypatch.setenv("IVPIPE_DATABASE_URL", url)
    yield rows, url
    server.drop_database(url)


def _id(value: tuple[str, str]) -> str:
    return "-".join(value)


EVERY = pytest.mark.parametrize(
    "old", [(revision, kind) for revision in samples() for kind in ("sqlite", "postgresql")], indirect=True, ids=_id
)


@EVERY
def test_upgrade_loses_nothing_and_work_goes_on(old: tuple[Rows, str], tmp_path: Path) -> None:
    before, url = old
    store = Store(url)
    store.migrate()
    store.check()
    assert lost(before, read_rows(url)) == []
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [one for one in compare_metadata(context, Base.metadata) if _named(one) not in LEFTOVER] == []
    store.close()
    told = CliRunner().invoke(main, ["--home", str(tmp_path), "status"])
    assert (told.exit_code, "1 approved" in told.stdout) == (0, True), told.output
    _edit_in_the_desk(tmp_path)


def lost(before: Rows, after: Rows) -> list[str]:
    """What is not there any more, or is another: "table row: column", without what migrations say they change."""
    schema = before["alembic_version"][0]["version_num"]
    meant = {name for revision, names in CHANGED.items() if revision > schema for name in names} | {"alembic_version"}
    found = []
    for table, rows in before.items():
        if table in meant:
            continue
        now = after.get(table, [])
        if len(now) != len(rows):
            found.append(f"{table}: {len(rows)} rows became {len(now)}")
            continue
        for row, other in zip(rows, now, strict=True):
            found += [
                f"{table} {next(iter(row.values()))}: {column}: {value!r} became {other.get(column)!r}"
                for column, value in row.items()
                if f"{table}.{column}" not in meant and (column not in other or other[column] != value)
            ]
    return found


def test_what_is_lost_is_seen(tmp_path: Path) -> None:
    load("0009", tmp_path / "old.db")
    before = read_rows(f"sqlite:///{tmp_path / 'old.db'}")
    after = {table: [dict(row) for row in rows] for table, rows in before.items()}
    assert lost(before, after) == []
    after["draft_segments"][3]["target"] = ""
    after["reviews"].pop()
    del after["users"][0]["display_name"]
    assert {line.partition(":")[0] for line in lost(before, after)} == {"draft_segments 4", "reviews", "users 1"}


def _named(difference: object) -> str:
    if isinstance(difference, tuple) and difference[0] == "remove_column":
        return f"{difference[2]}.{difference[3].name}"
    return ""


def _edit_in_the_desk(home: Path) -> None:
    """Ana logs in with the password she had, opens what she was working on, and saves a sentence."""
    clock = Clock(START + timedelta(days=4))
    with open_app(home) as app:
        with app.store.read() as session:
            of_the_second = select(Translation).join(Article).where(Article.url.like("%/article-2"))
            translation = session.scalars(of_the_second).one()
            draft = select(Draft).where(Draft.translation_id == translation.id, Draft.number == translation.revision)
            segment = session.scalars(draft).one().segments[0]
        ana = Visitor(TestClient(create_app(app, clock=clock), base_url="http://127.0.0.1"))
        assert ana.log_in("ana", PASSWORD).status_code == 303
        assert ana.post(f"/translations/{translation.id}/claim").status_code == 303
        page = ana.get(f"/translations/{translation.id}")
        assert (page.status_code, "Ruhig – καλά." in page.text) == (200, True)
        assert ana.save(segment.id, "The market below the bridge", segment.version).status_code == 200
        with app.store.read() as session:
            assert session.get_one(DraftSegment, segment.id).target == "The market below the bridge"
