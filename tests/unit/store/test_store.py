from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text

from ivpipe.errors import EngineError, StoreError
from ivpipe.memory import concordance, lookup
from ivpipe.model import Article, Base, DeskSession, EngineUse, LanguagePair, User, UseState
from ivpipe.store import Store, alembic_config
from ivpipe.store.rows import due, end_lease, insert_missing, record_failure, take_lease

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def article(url: str = "https://example.org/1") -> dict[str, object]:
    return {"source_slug": "a", "url": url, "discovered_at": NOW}


def test_migrations_make_exactly_the_mapped_schema(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrate_twice_changes_nothing(store: Store) -> None:
    store.migrate()
    store.check()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_memory_of_an_older_schema_is_indexed_anew(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}" if kind == "sqlite" else request.getfixturevalue("postgres").new_database()
    store = Store(url)
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        upgrade(config, "0007")
        for number, lang, source in (
            (3, "en", "<1>Les quais</1> sont vides."),
            (7, "es", "Le port dort."),
            (9, "en", "…"),
        ):
            connection.execute(
                text(
                    "INSERT INTO memory_entries (id, source_lang, target_lang, key, source, target, changed_at) "
                    "VALUES (:id, 'fr', :lang, :key, :source, :target, :now)"
                ),
                {"id": number, "lang": lang, "key": str(number), "source": source, "target": f"T {source}", "now": NOW},
            )
        connection.commit()
    store.migrate()
    store.check()
    with store.read() as session:
        assert [one.entry_id for one in lookup(session, LanguagePair("fr", "en"), "Les quais sont vides !")] == [3]
        assert [one.entry_id for one in lookup(session, LanguagePair("fr", "es"), "Le port dort !")] == [7]
        assert [one.entry_id for one in concordance(session, LanguagePair("fr", "en"), "quais", side="target")] == [3]
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_people_and_ledger_of_an_older_schema_are_kept(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}" if kind == "sqlite" else request.getfixturevalue("postgres").new_database()
    store = Store(url)
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        upgrade(config, "0009")
        connection.execute(
            text(
                "INSERT INTO users (id, name, display_name, password_hash, roles, created_at, failed_logins, locked_until) "
                "VALUES (1, 'ana', 'Ana', 'hash', '[\"editor\"]', :now, 3, :now)"
            ),
            {"now": NOW},
        )
        connection.execute(
            text(
                "INSERT INTO desk_sessions (token_hash, user_id, csrf, created_at, expires_at) "
                "VALUES ('token', 1, 'csrf', :now, :now)"
            ),
            {"now": NOW},
        )
        connection.execute(
            text(
                "INSERT INTO engine_uses (id, engine, segments, characters, billed, at) "
                "VALUES (1, 'deepl', 2, 30, 29, :now)"
            ),
            {"now": NOW},
        )
        connection.commit()
    store.migrate()
    with store.read() as session:
        user = session.scalars(select(User)).one()
        assert (user.name, user.roles, user.created_at) == ("ana", ["editor"], NOW)
        assert session.scalars(select(DeskSession.user_id)).all() == [1]
        use = session.scalars(select(EngineUse)).one()
        assert (use.billed, use.state, use.owner) == (29, UseState.SETTLED, "")
    store.close()


def test_check_database_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database yet.*ivpipe init"):
        Store(f"sqlite:///{tmp_path / 'none.db'}").check()
    assert not (tmp_path / "none.db").exists()


def test_check_server_that_does_not_answer_says_which_without_the_password() -> None:
    with pytest.raises(StoreError, match=r"does not answer") as caught:
        Store("postgresql://ivpipe:secret@127.0.0.1:9/ivpipe").check()
    assert "secret" not in str(caught.value)


def test_check_schema_of_another_version_is_refused(sqlite_store: Store) -> None:
    with sqlite_store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    with pytest.raises(StoreError, match="schema is called .older."):
        sqlite_store.check()


def test_address_that_is_none_is_refused() -> None:
    with pytest.raises(StoreError, match="not a database address"):
        Store("nonsense")


def test_times_come_back_in_utc(store: Store) -> None:
    paris = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    with store.write() as session:
        session.add(Article(**article() | {"discovered_at": paris}))
    with store.read() as session:
        assert session.scalars(select(Article)).one().discovered_at == NOW


def test_write_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as session:
        session.add(Article(**article()))
        session.flush()
        raise RuntimeError
    with store.read() as session:
        assert session.scalar(select(func.count(Article.id))) == 0


def test_insert_missing_skips_what_is_there(store: Store) -> None:
    with store.write() as session:
        assert insert_missing(session, Article, [article(), article("https://example.org/2")]) == 2
        assert insert_missing(session, Article, [article(), article("https://example.org/3")]) == 1


def test_writers_queue_and_none_is_lost(store: Store) -> None:
    with store.write() as session:
        insert_missing(session, Article, [article()])

    def bump() -> None:
        for _ in range(20):
            with store.write() as session:
                row = session.get_one(Article, 1, with_for_update=True)
                row.attempts += 1

    threads = [threading.Thread(target=bump) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert session.get_one(Article, 1).attempts == 80


def test_lease_is_held_by_one_worker_until_it_runs_out(store: Store) -> None:
    later = NOW + timedelta(minutes=5)
    with store.write() as session:
        insert_missing(session, Article, [article()])
        assert take_lease(session, Article, 1, "one", later, NOW)
        assert not take_lease(session, Article, 1, "two", later, NOW)
        assert take_lease(session, Article, 1, "one", later, NOW)
        assert session.scalars(select(Article.id).where(due(Article, NOW))).all() == []
    with store.write() as session:
        assert take_lease(session, Article, 1, "two", later + timedelta(hours=1), later + timedelta(seconds=1))
    with store.write() as session:
        end_lease(session.get_one(Article, 1))
        session.flush()
        assert session.scalars(select(Article.id).where(due(Article, NOW))).all() == [1]


def test_failure_waits_longer_each_time_and_a_day_where_retrying_is_no_use(sqlite_store: Store) -> None:
    waits = []
    with sqlite_store.write() as session:
        insert_missing(session, Article, [article()])
        row = session.get_one(Article, 1)
        for _ in range(12):
            record_failure(row, EngineError("busy", retryable=True), NOW)
            assert row.retry_at is not None
            waits.append((row.retry_at - NOW).total_seconds())
        assert 96 <= waits[0] <= 144
        assert waits[4] > waits[0] * 8
        assert max(waits) <= 6 * 3600 * 1.2
        record_failure(row, EngineError("the key is wrong"), NOW)
        assert row.retry_at is not None
        assert row.retry_at - NOW >= timedelta(hours=19)
        record_failure(row, EngineError("slow down", retryable=True, retry_after=90_000), NOW)
        assert row.retry_at - NOW >= timedelta(seconds=72_000)
