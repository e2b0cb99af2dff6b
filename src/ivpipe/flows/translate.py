"""The flow ``translate``: drafts for the translations that are due, one chunk after the other, for an engine is used from
one thread at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from ivpipe.flows.running import is_retryable, name_of_chunk, run_flow, task_state
from ivpipe.flows.work import Log, Work, chunks


@task(
    task_run_name=name_of_chunk("draft translations {rows}"),
    cache_policy=NO_CACHE,
    retries=1,
    retry_delay_seconds=5,
    retry_condition_fn=is_retryable,
)
def draft(work: Work, ids: Sequence[int]) -> State[Any]:
    """Draft a chunk of translations."""
    return task_state(lambda: work.draft(ids, get_run_logger()))


@flow(name="translate", flow_run_name="translate what is due")
def translate() -> State[Any]:
    """Draft the translations that are due. Where no engine is usable they wait, and the run says why."""

    def body(work: Work, log: Log) -> None:
        draft_all(work)
        for reason, number in work.waiting.items():
            log.error("%s translation%s wait%s: %s", number, "s" * (number > 1), "s" * (number == 1), reason)

    return run_flow("translate", "what is due", body)


def draft_all(work: Work) -> None:
    """Draft what is due, in this thread, chunk after chunk; a chunk that fails does not stop the next."""
    for ids in chunks(work.translations()):
        draft(work, ids, return_state=True)
