"""What Prefect holds of the past, on a real server: runs that were missed, and runs whose process is no more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.servers.running_up import until

from ivpipe.flows.backlog import LATE, SILENCE, Jumps, drop_future, drop_missed, mark_dead


class Clocks:
    """A wall clock and a steady one, moved by hand."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.steady = 50.0

    def jumps(self) -> Jumps:
        return Jumps(lambda: self.wall, lambda: self.steady)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


def test_a_clock_that_goes_on_or_is_corrected_a_little_does_not_jump() -> None:
    clocks = Clocks()
    jumps = clocks.jumps()
    for seconds, correction in ((1, 0.0), (3600, 0.5), (1, -0.5), (86_400, 2.0)):
        clocks.pass_by(seconds)
        clocks.wall += correction
        assert jumps.seconds() == 0
    assert jumps.steady_for == timedelta(seconds=90_002)


@pytest.mark.parametrize("jump", [8 * 3600.0, -8 * 3600.0, 31.0])
def test_a_sleep_and_a_clock_that_is_set_are_seen_once(jump: float) -> None:
    clocks = Clocks()
    jumps = clocks.jumps()
    clocks.pass_by(600)
    clocks.wall += jump
    assert jumps.seconds() == jump
    assert jumps.steady_for == timedelta()
    clocks.pass_by(100)
    assert jumps.seconds() == 0
    assert jumps.steady_for == timedelta(seconds=100)


@pytest.mark.usefixtures("prefect_server")
class TestOnAServer:
    """Flows and deployments with the names of ours, which do nothing."""

    @pytest.fixture
    def client(self) -> Iterator[Any]:
        """A client of a server on which there are no runs."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.filters import FlowRunFilter

        with get_client(sync_client=True) as client:
            while runs := client.read_flow_runs(flow_run_filter=FlowRunFilter()):  # of the tests before
                for run in runs:
                    client.delete_flow_run(run.id)
            yield client

    @staticmethod
    def deploy(client: Any, name: str) -> Any:
        flow_id = client.create_flow_from_name(name)
        return client.create_deployment(flow_id, name)

    @staticmethod
    def schedule(client: Any, deployment: Any, when: datetime, *, by_hand: bool = False) -> Any:
        """A run as the scheduler, or somebody at Prefect's page, would have made it: Prefect's API makes the latter only, so
        the mark is set in its database."""
        from prefect.settings import get_current_settings
        from prefect.states import Scheduled

        run = client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=when))
        if not by_hand:
            url = get_current_settings().server.database.connection_url
            assert url is not None
            database = url.get_secret_value().partition("///")[2]
            with sqlite3.connect(database, timeout=30) as connection:
                connection.execute("UPDATE flow_run SET auto_scheduled = 1 WHERE id = ?", (str(run.id),))
        return run.id

    @staticmethod
    def left(client: Any) -> set[Any]:
        from prefect.client.schemas.filters import FlowRunFilter

        return {run.id for run in client.read_flow_runs(flow_run_filter=FlowRunFilter())}

    def test_of_missed_runs_the_newest_of_each_deployment_is_left(self, client: Any) -> None:
        now = datetime.now(UTC)
        missed: dict[str, list[Any]] = {}
        for name in ("ingest", "translate"):
            deployment = self.deploy(client, name)
            times = [now - LATE - timedelta(minutes=minutes) for minutes in (480, 5, 60, 200, 90)]
            missed[name] = [self.schedule(client, deployment, when) for when in times]
        by_hand = self.schedule(client, deployment, now - timedelta(hours=3), by_hand=True)
        soon = self.schedule(client, deployment, now + timedelta(minutes=3))
        just_now = self.schedule(client, deployment, now - timedelta(seconds=5))
        other = self.schedule(client, self.deploy(client, "of somebody else"), now - timedelta(hours=1))
        assert drop_missed(client, now) == {"ingest": 4, "translate": 4}
        assert self.left(client) == {missed["ingest"][1], missed["translate"][1], by_hand, soon, just_now, other}
        assert drop_missed(client, now) == {}

    def test_more_missed_runs_than_a_page_holds_are_dropped_too(
        self, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ivpipe.flows import backlog

        monkeypatch.setattr(backlog, "_PAGE", 4)
        now = datetime.now(UTC)
        deployment = self.deploy(client, "publish")
        runs = [self.schedule(client, deployment, now - timedelta(minutes=minutes)) for minutes in range(2, 16)]
        assert drop_missed(client, now) == {"publish": 13}
        assert self.left(client) == {runs[0]}

    def test_after_the_clock_went_back_what_is_too_far_ahead_is_dropped(self, client: Any) -> None:
        now = datetime.now(UTC)
        deployment = self.deploy(client, "reconcile")
        self.schedule(client, deployment, now + timedelta(hours=8))
        by_hand = self.schedule(client, deployment, now + timedelta(hours=9), by_hand=True)
        late = self.schedule(client, deployment, now - timedelta(hours=9))
        assert drop_future(client, now) == 1
        assert self.left(client) == {by_hand, late}

    def test_runs_without_a_sign_of_life_are_marked_as_crashed(self, client: Any) -> None:
        from prefect.events import emit_event
        from prefect.states import Completed, Pending, Running

        deployment = self.deploy(client, "ingest")
        runs = {
            name: client.create_flow_run_from_deployment(deployment, name=name)
            for name in ("silent", "alive", "unborn", "done")
        }
        for name, run in runs.items():
            client.set_flow_run_state(run.id, Pending(), force=True)
            if name != "unborn":
                client.set_flow_run_state(run.id, Running(), force=True)
        client.set_flow_run_state(runs["done"].id, Completed(), force=True)
        now = datetime.now(UTC)
        assert mark_dead(client, now) == []
        later = now + SILENCE + timedelta(seconds=30)
        # A sign of life that comes in time: events are stored with the time they tell.
        emit_event(
            "prefect.flow-run.heartbeat",
            resource={"prefect.resource.id": f"prefect.flow-run.{runs['alive'].id}"},
            occurred=later - timedelta(seconds=60),
        )
        assert until(lambda: self.heard(client, runs["alive"].id, later), 60)
        assert mark_dead(client, later) == ["silent"]
        assert client.read_flow_run(runs["silent"].id).state.is_crashed()
        assert not client.read_flow_run(runs["alive"].id).state.is_final()
        assert sorted(mark_dead(client, now + timedelta(minutes=20))) == ["alive", "unborn"]

    @staticmethod
    def heard(client: Any, run_id: Any, now: datetime) -> bool:
        from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter

        wanted = EventFilter(
            occurred=EventOccurredFilter(since=now - SILENCE, until=now),
            event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{run_id}"]),
        )
        return bool(client.read_events(wanted, limit=1).events)
