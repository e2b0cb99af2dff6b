"""What every flow has around its tasks: the App, our own record of the run, the artifacts, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext, TagsContext
from prefect.runtime import task_run
from prefect.states import Completed, Failed

from ivpipe.errors import IvpipeError
from ivpipe.flows.backlog import LATE
from ivpipe.flows.work import DONE, Log, Outcome, Work, sentence
from ivpipe.machine import machine_error
from ivpipe.steps.operations import ran_since, recorded_run
from ivpipe.wiring import open_app

_TABLE_ROWS = 500


def run_flow(flow: str, subject: str, body: Callable[[Work, Log], Mapping[str, int | str] | None]) -> State[Any]:
    """Open the App, run ``body``, and return the state the flow run ends in.

    ``body`` may return counts of its own for the record. An error of ours, or a full disk, ends the run Failed with its
    message and no traceback; any other is a fault in the program, and its traceback goes into the run's log.
    """
    log = get_run_logger()
    try:
        # A run's tags are not its tasks': before each task that has tags, Prefect asks its server for their limits.
        with TagsContext(), open_app() as app, Work(app) as work:
            since = _missed_time()
            if since is not None and ran_since(app.store, flow, subject, since):
                # The runner began with several missed runs of this flow before they could be dropped.
                return Completed(name="Skipped", message=f"a run that began after {since:%d %B %H:%M} UTC did its work")
            try:
                with recorded_run(app.store, flow, subject, lambda: datetime.now(UTC)) as counts:
                    extra = body(work, log) or {}
                    counts.update(work.counts(), **extra)
                    line = work.verdict()
            finally:
                _show(flow, work)
    except IvpipeError as error:
        log.error("%s", error)
        return Failed(message=str(error))
    except Exception as error:
        known = machine_error(error)
        if known is not None:
            log.error("%s", known)
        return Failed(message=str(known or _unforeseen(error)))
    log.info("%s", line)
    return Completed(message=line)


def _missed_time() -> datetime | None:
    """When the run at hand should have begun, if the schedule made it and that was missed; else None."""
    context = FlowRunContext.get()
    run = context.flow_run if context is not None else None
    if run is None or not run.auto_scheduled or run.expected_start_time is None:
        return None
    return run.expected_start_time if datetime.now(UTC) - run.expected_start_time > LATE else None


def _unforeseen(error: Exception) -> IvpipeError:
    """A fault in the program as an error of ours. Prefect would store what the exception says as it is; ours are masked."""
    get_run_logger().exception("an unforeseen error")
    return IvpipeError(
        f"unforeseen: {type(error).__name__}: {error}", advice="the run's log has the details; please report it"
    )


def task_state(step: Callable[[], Sequence[Outcome]]) -> State[Any]:
    """Run a task's step over a chunk; how the task ends: Failed only where no row succeeded and one failed, so that red
    means look. Raises IvpipeError only."""
    try:
        outcomes = step()
    except IvpipeError:
        raise
    except Exception as error:
        raise _unforeseen(error) from None
    bad = [outcome for outcome in outcomes if outcome.outcome in ("failed", "waits")]
    line = sentence(outcomes)
    if bad and not any(outcome.outcome in DONE for outcome in outcomes):
        return Failed(message=f"{line}\n{bad[0].what} {bad[0].id}: {bad[0].detail}")
    return Completed(message=line)


def is_retryable(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Whether a task that raised should be tried again within the run.

    Rows that fail are noted with the time of their next try and raise nothing: what is left is the database.
    """
    error = state.data if isinstance(state.data, BaseException) else getattr(state.data, "result", None)
    return bool(getattr(error, "retryable", False))


def name_of_chunk(template: str) -> Callable[[], str]:
    """A task run's name: ``template`` with the task's parameters, and ``{rows}``, "12" or "12–61 (50)", for its ``ids``."""

    def name() -> str:
        parameters = task_run.parameters
        ids = parameters["ids"]
        rows = str(ids[0]) if len(ids) == 1 else f"{ids[0]}–{ids[-1]} ({len(ids)})"
        return template.format(rows=rows, **{key: parameters[key] for key in parameters if key not in ("work", "ids")})

    return name


def _show(flow: str, work: Work) -> None:
    """One table of the rows, what needs somebody first, and one summary; a run that found nothing to do adds none."""
    if not work.outcomes:
        return
    order = {"failed": 0, "waits": 1, "busy": 2}
    rows = sorted(work.outcomes, key=lambda outcome: order.get(outcome.outcome, 3))
    create_table_artifact(
        table=[
            {"what": row.what, "id": row.id, "outcome": row.outcome, "detail": row.detail} for row in rows[:_TABLE_ROWS]
        ],
        key=f"{flow}-rows",
        description=f"What became of each row ({len(rows)} in all; those that need somebody first)",
    )
    lines = [f"**{_plain(sentence(work.outcomes))}**"]
    lines += [f"- {number} wait: {_plain(reason)}" for reason, number in work.waiting.items()]
    lines += [f"- {row.what} {_plain(row.id)} failed: {_plain(row.detail)}" for row in rows if row.outcome == "failed"][
        :50
    ]
    create_markdown_artifact("\n".join(lines), key=f"{flow}-summary", description=f"{flow} in short")


def _plain(text: str) -> str:
    """Text from outside as Markdown that shows it and does nothing else."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~-])", r"\\\1", " ".join(text.split())).replace("<", "&lt;").replace(">", "&gt;")
