"""What Prefect holds of the past: runs that were missed, and runs whose process is no more.

Prefect skips nothing: after a sleep it makes up for every missed time, oldest first, a process each. But one run of a flow
does whatever is due, so of each deployment only the newest missed run is left. And Prefect learns of no death: what a
killed process left stays Running for ever. A run that lives sends a sign of life every 30 seconds; one that has sent none
for long is marked Crashed. Runs that somebody asked for by hand are left alone, however late they are.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.states import Crashed

from ivpipe.steps.operations import FLOWS

_LOG = logging.getLogger("ivpipe.backlog")

LATE = timedelta(seconds=60)
"""A run that begins so long after its time was missed; less is a busy machine."""
SILENCE = timedelta(seconds=150)
"""Five signs of life that did not come."""
_UNBORN = timedelta(minutes=10)
"""A run that is to begin (Pending) for longer has lost the process that was to begin it."""
_JUMP_SECONDS = 30.0
_PAGE = 200
_SIGN_OF_LIFE = "prefect.flow-run.heartbeat"
_ours = FlowFilter(name=FlowFilterName(any_=list(FLOWS)))


class Jumps:
    """Notices that the wall clock jumped: the machine slept, or somebody set the clock."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = wall() - steady()
        self._since = steady()

    def seconds(self) -> float:
        """How far the clock jumped since the last call, backwards below zero; 0 where it did not."""
        ahead = self._wall() - self._steady()
        jump, self._ahead = ahead - self._ahead, ahead
        if abs(jump) < _JUMP_SECONDS:
            return 0.0
        self._since = self._steady()
        return jump

    @property
    def steady_for(self) -> timedelta:
        """For how long the clock has not jumped, as far as we have watched it."""
        return timedelta(seconds=self._steady() - self._since)


def drop_missed(client: SyncPrefectClient, now: datetime) -> dict[str, int]:
    """Delete the scheduled runs that were missed, but for the newest of each deployment; how many of each, by run's flow."""
    newest: dict[UUID, UUID] = {}
    dropped: dict[UUID, int] = {}
    while True:
        page = _scheduled(client, FlowRunFilterExpectedStartTime(before_=cast("Any", now - LATE)))
        gone = 0
        for run in page:
            if not _by_schedule(run) or newest.setdefault(_deployment(run), run.id) == run.id:
                continue
            gone += _delete(client, run)
            dropped[run.flow_id] = dropped.get(run.flow_id, 0) + 1
        if len(page) < _PAGE or not gone:
            break
    names = {flow_id: client.read_flow(flow_id).name for flow_id in dropped}
    found = {names[flow_id]: number for flow_id, number in dropped.items()}
    for name, number in found.items():
        _LOG.warning("%s: %s scheduled runs were missed beside the one that is made up for", name, number)
    return found


def drop_future(client: SyncPrefectClient, now: datetime) -> int:
    """Delete the runs scheduled ahead, which the scheduler makes anew: after the clock was set back they would be too far."""
    page = _scheduled(client, FlowRunFilterExpectedStartTime(after_=cast("Any", now + LATE)))
    return sum(_delete(client, run) for run in page if _by_schedule(run))


def mark_dead(client: SyncPrefectClient, now: datetime) -> list[str]:
    """Mark as Crashed the runs of our flows that show no sign of life; returns their names.

    To be called only after the server has been heard and the clock been steady for ``SILENCE``.
    """
    runs = client.read_flow_runs(
        flow_filter=_ours,
        flow_run_filter=_in_states(StateType.RUNNING, StateType.CANCELLING, StateType.PENDING),
        limit=_PAGE,
    )
    dead = [run for run in runs if _is_dead(client, run, now)]
    for run in dead:
        client.set_flow_run_state(run.id, Crashed(message="its process ended before the run did"), force=True)
        _LOG.warning("%s: its process ended before the run did; it is marked as crashed", run.name)
    return [run.name for run in dead]


def _is_dead(client: SyncPrefectClient, run: FlowRun, now: datetime) -> bool:
    since = run.state.timestamp if run.state is not None else now
    if run.state_type == StateType.PENDING:
        return since < now - _UNBORN
    if since > now - SILENCE:
        return False
    signs = EventFilter(
        occurred=EventOccurredFilter(since=cast("Any", now - SILENCE), until=cast("Any", now + SILENCE)),
        event=EventNameFilter(name=[_SIGN_OF_LIFE]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
    )
    return not client.read_events(signs, limit=1).events


def _scheduled(client: SyncPrefectClient, when: FlowRunFilterExpectedStartTime) -> list[FlowRun]:
    """A page of our flows' scheduled runs, the newest first."""
    wanted = _in_states(StateType.SCHEDULED)
    wanted.expected_start_time = when
    return client.read_flow_runs(
        flow_filter=_ours, flow_run_filter=wanted, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=_PAGE
    )


def _in_states(*types: StateType) -> FlowRunFilter:
    return FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))))


def _by_schedule(run: FlowRun) -> bool:
    """Whether the schedule made it and it has not begun (else it waits for a retry)."""
    return run.auto_scheduled and run.deployment_id is not None and not run.run_count


def _deployment(run: FlowRun) -> UUID:
    assert run.deployment_id is not None
    return run.deployment_id


def _delete(client: SyncPrefectClient, run: FlowRun) -> int:
    client.delete_flow_run(run.id)
    return 1
