"""The flow ``reconcile``: mends what a dead worker left, then does whatever is due and was missed. It starts nothing
twice: a row that a live worker holds is not due."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner

from ivpipe.flows.ingest import submit_fetches
from ivpipe.flows.publish import submit_pages
from ivpipe.flows.running import run_flow
from ivpipe.flows.translate import draft_all
from ivpipe.flows.work import Log, Work


@task(task_run_name="mend what was left", cache_policy=NO_CACHE)
def heal(work: Work, healed: dict[str, int]) -> State[Any]:
    """Release holds that have run out, free the rows of dead workers, close runs that never ended."""
    healed.update(work.heal(get_run_logger()))
    return Completed(message=", ".join(f"{what}: {number}" for what, number in healed.items()))


@flow(
    name="reconcile",
    flow_run_name="reconcile",
    task_runner=ThreadPoolTaskRunner(),  # type: ignore[arg-type]
)
def reconcile() -> State[Any]:
    """Mend what a dead worker or an absent person left, and do what is due."""

    def body(work: Work, _log: Log) -> dict[str, int]:
        healed: dict[str, int] = {}
        heal(work, healed)
        reads = [read for slug in work.sources(None) for read in submit_fetches(work, slug)]
        pages = submit_pages(work)
        for future in (*reads, *pages):
            future.wait()
        draft_all(work)
        return healed

    return run_flow("reconcile", "everything", body)
