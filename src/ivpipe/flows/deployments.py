"""Serve the four flows on their schedules: ``python -m ivpipe.flows.deployments``.

The names are ``ingest/ingest``, ``translate/translate``, ``publish/publish``, ``reconcile/reconcile``; the project's folder
comes from ``IVPIPE_HOME``, the server from ``PREFECT_API_URL``. The deployments have no concurrency limit at Prefect's: its
slots live in the server's memory and its database, and one that is left taken (a server killed, a run stuck Pending) would
cancel every later run. Runs that overlap find the lock of ``steps.workers`` taken, or the rows leased, and end at once.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from typing import Any, cast

import httpx
from prefect import serve
from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import PrefectException
from prefect.flows import Flow
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from ivpipe.errors import ConfigError, IvpipeError
from ivpipe.flows.backlog import drop_missed
from ivpipe.flows.ingest import ingest
from ivpipe.flows.publish import publish
from ivpipe.flows.reconcile import reconcile
from ivpipe.flows.translate import translate
from ivpipe.flows.watch import Watch
from ivpipe.wiring import App, open_app

READY = "Your deployments are being served"
"""What ``serve`` prints once the deployments stand; whoever starts this process waits for it."""

_RUNS_AT_ONCE = 3
_SERVER_SECONDS = 120.0
_LOOK_SECONDS = 0.25


def deployments(app: App) -> list[RunnerDeployment]:
    """The four deployments with the schedules of the configuration. Raises ConfigError for one that cannot be read."""
    flows: tuple[Flow[..., Any], ...] = (ingest, translate, publish, reconcile)
    found, faults = [], []
    schedule = app.settings.schedule
    for flow in flows:
        cron = getattr(schedule, flow.name)
        try:
            deployment = cast(
                "RunnerDeployment",
                flow.to_deployment(
                    name=flow.name,
                    schedules=[Cron(cron, timezone=schedule.timezone)],
                    tags=["ivpipe", flow.name],
                    description=flow.description,
                    entrypoint_type=EntrypointType.MODULE_PATH,
                ),
            )
            found.append(deployment)
        except ValueError as error:
            faults.append(f"ivpipe.toml: schedule.{flow.name}: {cron!r} in {schedule.timezone!r}: {error}")
    if faults:
        raise ConfigError(faults)
    return found


def wait_for_server(seconds: float = _SERVER_SECONDS) -> None:
    """Return as soon as the Prefect server answers. Raises IvpipeError after ``seconds``."""
    until = time.monotonic() + seconds
    with get_client(sync_client=True) as client:
        while True:
            error = client.api_healthcheck()
            if error is None:
                return
            if time.monotonic() > until:
                raise IvpipeError(f"the Prefect server at {client.api_url} does not answer: {error}")
            time.sleep(_LOOK_SECONDS)


def main() -> int:
    """Serve until told to stop; 1 where that cannot begin."""
    try:
        with open_app() as app:
            served = deployments(app)
            # Prefect's runner keeps its files in one folder below the machine's temporary one, which is the first user's.
            own = app.settings.data / "prefect" / "tmp"
            own.mkdir(parents=True, exist_ok=True)
            tempfile.tempdir = str(own)
        wait_for_server()
        with get_client(sync_client=True) as client:  # before the runner can see them
            drop_missed(client, datetime.now(UTC))
        watch = Watch()
        watch.start()
        try:
            serve(*served, pause_on_shutdown=False, limit=_RUNS_AT_ONCE)
        finally:
            watch.stop()
    except (IvpipeError, PrefectException, httpx.HTTPError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
