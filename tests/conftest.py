"""Fixtures for all tests: stores on SQLite and PostgreSQL, and the rule about servers that are missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.servers.postgres import Postgres, PostgresMissing

from ivpipe.store import Store

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")


def missing_server(what: str, how: str) -> None:
    """Skip a test whose server is not on this machine, or fail where the servers are required (as in CI)."""
    message = f"{what} is not installed; to run this test: {how}"
    if os.environ.get("IVPIPE_REQUIRE_SERVERS") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of our own."""
    try:
        server = Postgres()
    except PostgresMissing as error:
        missing_server("PostgreSQL", str(error))
    with server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with our schema, on each kind of database in turn."""
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'ivpipe.db'}")
    else:
        store = Store(request.getfixturevalue("postgres").new_database())
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store, for tests to which the kind of database does not matter."""
    store = Store(f"sqlite:///{tmp_path / 'ivpipe.db'}")
    store.migrate()
    yield store
    store.close()
