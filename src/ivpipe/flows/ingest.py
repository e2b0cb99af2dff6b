"""The flow ``ingest``: every source's feeds, then the pages of what is new. Sources run side by side, one source's pages
one after the other; how fast a site is asked is the fetcher's business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import allow_failure, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from ivpipe.flows.running import is_retryable, name_of_chunk, run_flow, task_state
from ivpipe.flows.work import Log, Work, chunks

_OPTIONS: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "retries": 1,
    "retry_delay_seconds": 5,
    "retry_condition_fn": is_retryable,
}


@task(task_run_name="read the feeds of {slug}", **_OPTIONS)
def poll_feeds(work: Work, slug: str) -> State[Any]:
    """Look at one source's feeds."""
    return task_state(lambda: work.poll(slug, get_run_logger()))


@task(task_run_name=name_of_chunk("read {slug}: articles {rows}"), **_OPTIONS)
def fetch_articles(work: Work, slug: str, ids: Sequence[int]) -> State[Any]:
    """Fetch and read a chunk of one source's articles."""
    return task_state(lambda: work.fetch(slug, ids, get_run_logger()))


@task(task_run_name="take pictures of {slug}", **_OPTIONS)
def take_pictures(work: Work, slug: str) -> State[Any]:
    """Take the pictures of one source's selected articles."""
    return task_state(lambda: work.take(slug, work.pictures(slug), get_run_logger()))


def _name() -> str:
    return f"ingest {flow_run.parameters.get('source') or 'all sources'}"


@flow(
    name="ingest",
    flow_run_name=_name,
    task_runner=ThreadPoolTaskRunner(),  # type: ignore[arg-type]
)
def ingest(source: str | None = None) -> State[Any]:
    """Read the feeds of all sources (or of one, by its slug) and the pages of what is new, and look how the sources fare."""

    def body(work: Work, log: Log) -> dict[str, str]:
        polls = {poll_feeds.submit(work, slug): slug for slug in work.sources(source)}
        fetches = []
        for poll in as_completed(list(polls)):
            fetches += submit_fetches(work, polls[poll])
        for fetch in fetches:
            fetch.wait()
        return work.alarm(log)

    return run_flow("ingest", source or "all sources", body)


def submit_fetches(work: Work, slug: str) -> list[PrefectFuture[Any]]:
    """Queue one source's unread articles, each chunk behind the one before, then its pictures."""
    queued: list[PrefectFuture[Any]] = []
    for ids in chunks(work.articles(slug)):
        before = [allow_failure(queued[-1])] if queued else []
        queued.append(fetch_articles.submit(work, slug, ids, return_state=False, wait_for=before))
    if work.app.source(slug).pictures != "none":
        before = [allow_failure(queued[-1])] if queued else []
        queued.append(take_pictures.submit(work, slug, return_state=False, wait_for=before))
    return queued
