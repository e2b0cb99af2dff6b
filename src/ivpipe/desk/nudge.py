"""Asking Prefect for a flow run at once, through its REST API. Best effort: the schedule is what guarantees it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import httpx

_TIMEOUT = 2.0
_log = logging.getLogger(__name__)


def nothing(_flow: str) -> None:
    """No trigger: flows run on their schedule."""


def prefect_nudge(
    environment: Mapping[str, str] = os.environ, *, transport: httpx.BaseTransport | None = None
) -> Callable[[str], None]:
    """The trigger for the server that ``PREFECT_API_URL`` names, or one that does nothing where it names none.

    Requests within the same second share an idempotency key, so that a burst of approvals makes one run.
    It never raises.
    """
    address = environment.get("PREFECT_API_URL", "").rstrip("/")
    if not address:
        return nothing
    key = environment.get("PREFECT_API_KEY", "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    def nudge(flow: str) -> None:
        try:
            with httpx.Client(timeout=_TIMEOUT, headers=headers, transport=transport, trust_env=False) as client:
                deployment = client.get(f"{address}/deployments/name/{flow}/{flow}")
                deployment.raise_for_status()
                slot = int(datetime.now(UTC).timestamp())
                client.post(
                    f"{address}/deployments/{deployment.json()['id']}/create_flow_run",
                    json={"state": {"type": "SCHEDULED"}, "idempotency_key": f"desk-{flow}-{slot}"},
                ).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            _log.warning("Prefect was not asked for %r (%s); the schedule will run it", flow, error)

    return nudge
