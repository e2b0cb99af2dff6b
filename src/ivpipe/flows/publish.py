"""The flow ``publish``: the sites are made what they should be; targets side by side, one target's pages in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import allow_failure, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from ivpipe.flows.running import is_retryable, name_of_chunk, run_flow, task_state
from ivpipe.flows.work import Log, Work, chunks


@task(
    task_run_name=name_of_chunk("{target}: publications {rows}"),
    cache_policy=NO_CACHE,
    retries=1,
    retry_delay_seconds=5,
    retry_condition_fn=is_retryable,
)
def publish_pages(work: Work, target: str, ids: Sequence[int]) -> State[Any]:
    """Publish, update or withdraw a chunk of one target's pages."""
    return task_state(lambda: work.publish(target, ids, get_run_logger()))


@flow(
    name="publish",
    flow_run_name="publish what is due",
    task_runner=ThreadPoolTaskRunner(),  # type: ignore[arg-type]
)
def publish() -> State[Any]:
    """Make every target show what was approved, and no longer show what was withdrawn."""

    def body(work: Work, _log: Log) -> None:
        for page in submit_pages(work):
            page.wait()

    return run_flow("publish", "what is due", body)


def submit_pages(work: Work) -> list[PrefectFuture[Any]]:
    """Queue what is due: one queue per target, each chunk behind the one before."""
    queued: list[PrefectFuture[Any]] = []
    for target, due in work.publications().items():
        before: list[Any] = []
        for ids in chunks(due):
            queued.append(publish_pages.submit(work, target, ids, return_state=False, wait_for=before))
            before = [allow_failure(queued[-1])]
    return queued
