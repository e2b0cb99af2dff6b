"""Run one flow once: ``python -m ivpipe.flows.run ingest|translate|publish|reconcile [--source SLUG] [--no-prefect]``.

Ends with 0 where the run completed, 1 where it failed. The project's folder comes from ``IVPIPE_HOME``.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ivpipe.errors import IvpipeError
from ivpipe.flows import plain
from ivpipe.flows.work import Work
from ivpipe.machine import machine_error
from ivpipe.steps.operations import FLOWS, recorded_run
from ivpipe.wiring import open_app


def run_plain(flow: str, source: str | None = None, home: Path | None = None) -> str:
    """Run the steps of a flow in a plain loop, noted in our record; return the run in one line. Raises IvpipeError."""
    with open_app(home) as app, Work(app) as work:
        subject = (source or "all sources") if flow == "ingest" else "what is due"
        with recorded_run(app.store, flow, subject, lambda: datetime.now(UTC)) as counts:
            extra: Mapping[str, int | str] = {}
            if flow == "ingest":
                extra = plain.ingest(work, source)
            elif flow == "reconcile":
                extra = plain.reconcile(work)
            else:
                {"translate": plain.translate, "publish": plain.publish}[flow](work)
            counts.update(work.counts(), **extra)
            return work.verdict()


def run_prefect(flow: str, source: str | None = None) -> tuple[bool, str]:
    """Run a flow on the server of ``PREFECT_API_URL``, or on one of its own; whether it completed, and its message."""
    module = import_module(f"ivpipe.flows.{flow}")
    parameters: dict[str, Any] = {"source": source} if flow == "ingest" else {}
    with import_module("prefect").tags("ivpipe", flow, "by hand"):
        state = getattr(module, flow)(**parameters, return_state=True)
    return state.is_completed(), str(state.message or state.name)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m ivpipe.flows.run")
    parser.add_argument("flow", choices=FLOWS)
    parser.add_argument("--source")
    parser.add_argument("--no-prefect", action="store_true")
    options = parser.parse_args(arguments)
    if not options.no_prefect:
        completed, message = run_prefect(options.flow, options.source)
        sys.stdout.write(f"{options.flow}: {message}\n") if completed else sys.stderr.write(f"{message}\n")
        return 0 if completed else 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        message = run_plain(options.flow, options.source)
    except (IvpipeError, OSError) as error:
        known = error if isinstance(error, IvpipeError) else machine_error(error)
        if known is None:
            raise
        sys.stderr.write(f"{known}\n")
        return 1
    sys.stdout.write(f"{options.flow}: {message}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
