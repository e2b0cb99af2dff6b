"""What a dead worker or a clock that was set back leaves, and that it is said and healed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ivpipe.errors import FetchError, IvpipeError
from ivpipe.model import Article, Run, Source
from ivpipe.steps.operations import close_dead_runs, ran_since, reconcile, recorded_run, status
from ivpipe.steps.workers import has_died, worker_name
from ivpipe.store import Store
from ivpipe.store.rows import record_failure

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=10)


def clock() -> datetime:
    return NOW


def dead_worker() -> str:
    code = "from ivpipe.steps.workers import worker_name; print(worker_name())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def add_run(store: Store, worker: str, started: datetime = EARLIER) -> int:
    with store.write() as session:
        run = Run(flow="ingest", subject="all sources", started_at=started, counts={}, worker=worker)
        session.add(run)
        session.flush()
        return run.id


def test_the_run_of_a_dead_worker_is_closed_and_that_of_a_living_one_is_not(store: Store) -> None:
    dead, alive, elsewhere, older = (
        add_run(store, worker) for worker in (dead_worker(), worker_name(), "another-machine:1/2/3.4", "")
    )
    assert close_dead_runs(store, has_died, NOW) == 1
    assert close_dead_runs(store, has_died, NOW) == 0
    with store.read() as session:
        rows = {run.id: (run.finished_at, run.ok, run.error) for run in session.scalars(select(Run))}
    assert rows.pop(dead) == (NOW, False, "it did not finish: its process ended")
    assert rows == dict.fromkeys((alive, elsewhere, older), (None, False, ""))


def test_a_recorded_run_says_which_process_runs_it(store: Store) -> None:
    with recorded_run(store, "publish", "what is due", clock), store.read() as session:
        worker = session.scalars(select(Run.worker)).one()
        assert worker.rpartition(".")[0] == worker_name().rpartition(".")[0]


def test_a_missed_run_is_made_up_for_by_one_that_ran_since_and_did_not_break_off(store: Store) -> None:
    assert not ran_since(store, "ingest", "all sources", EARLIER)
    with pytest.raises(IvpipeError), recorded_run(store, "ingest", "all sources", clock):
        raise IvpipeError("the network is down")
    assert not ran_since(store, "ingest", "all sources", EARLIER)
    with recorded_run(store, "ingest", "all sources", clock):
        assert ran_since(store, "ingest", "all sources", EARLIER), "it is at work"
    assert ran_since(store, "ingest", "all sources", EARLIER)
    assert not ran_since(store, "ingest", "all sources", NOW + timedelta(seconds=1))
    assert not ran_since(store, "ingest", "another", EARLIER)
    assert not ran_since(store, "publish", "all sources", EARLIER)


def add_article(store: Store) -> int:
    with store.write() as session:
        session.add(Source(slug="semaine"))
        article = Article(source_slug="semaine", url="https://partner.example/1", discovered_at=EARLIER)
        session.add(article)
        session.flush()
        return article.id


def test_a_clock_that_was_set_back_is_said_and_what_it_left_is_freed(store: Store) -> None:
    row_id = add_article(store)
    assert status(store, [], NOW)["clock"] is None
    ahead = NOW + timedelta(days=300)
    with store.write() as session:
        row = session.get_one(Article, row_id)
        row.lease_owner, row.lease_until = "another-machine:1/2/3.4", ahead
    add_run(store, "another-machine:1/2/3.4", started=ahead)
    assert status(store, [], NOW)["clock"] == {"noted_until": ahead.isoformat(timespec="seconds"), "rows": 1}
    assert reconcile(store, NOW)["leases freed"] == 1
    assert status(store, [], NOW)["clock"] == {"noted_until": ahead.isoformat(timespec="seconds"), "rows": 0}
    with store.write() as session:
        row = session.get_one(Article, row_id)
        assert (row.lease_owner, row.lease_until) == ("", None)
        row.retry_at = ahead
    reconcile(store, NOW)
    with store.read() as session:
        assert session.get_one(Article, row_id).retry_at == NOW


def test_no_wait_or_lease_of_ours_is_taken_for_a_clock_that_was_set_back(store: Store) -> None:
    row_id = add_article(store)
    asked = FetchError("too many requests", retryable=True, retry_after=10 * 365 * 86400.0)
    for _ in range(20):
        with store.write() as session:
            row = session.get_one(Article, row_id)
            record_failure(row, asked, NOW)
            waits = row.retry_at
            row.lease_until = NOW + timedelta(minutes=10)
        assert status(store, [], NOW)["clock"] is None
        reconcile(store, NOW)
        with store.read() as session:
            assert session.get_one(Article, row_id).retry_at == waits
