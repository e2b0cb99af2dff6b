"""``ivpipe up`` and ``ivpipe run``: everything at once, or one flow once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from ivpipe.cli.prefect_settings import client_environment
from ivpipe.cli.supervisor import answers
from ivpipe.cli.up import up_command
from ivpipe.cli.up_state import read_state

_FLOWS = ("ingest", "translate", "publish", "reconcile")


@click.command()
@click.option(
    "--prefect-port",
    type=click.IntRange(1, 65535),
    help="Where Prefect's server listens. [default: the configuration's]",
)
@click.option("--quiet", is_flag=True, help="Keep the parts' output in the log files only.")
@click.pass_obj
def up(home: Path, prefect_port: int | None, quiet: bool) -> None:
    """Run everything on this machine: the desk, Prefect's server, the flows.

    With PREFECT_API_URL set, that server is used and none is started. What dies or does not come up is started again, and
    the others go on; Ctrl-C stops all.
    """
    up_command(home, prefect_port, quiet)


@click.command()
@click.argument("flow", type=click.Choice(_FLOWS))
@click.option("--source", help="Ingest this source only (its slug).")
@click.option("--no-prefect", is_flag=True, help="Run the same steps in a plain loop, without Prefect.")
@click.pass_obj
def run(home: Path, flow: str, source: str | None, no_prefect: bool) -> None:
    """Run one flow once. The exit code is 1 where the run failed.

    The run is reported to the server of PREFECT_API_URL, else to that of the `ivpipe up` that runs in this folder, else to
    one that lives as long as the run does.
    """
    from ivpipe.wiring import open_app

    if source and flow != "ingest":
        raise click.UsageError("--source goes with ingest only")
    with open_app(home) as app:
        if source:
            app.source(source)
        environment = {**os.environ, "IVPIPE_HOME": str(home)}
        if not no_prefect:
            state = read_state(app.settings.data)
            api = state["api"] if state else ""
            if api and not answers(f"{api}/health"):
                api = ""
            environment |= client_environment(app, api)
    command = [sys.executable, "-m", "ivpipe.flows.run", flow]
    command += ["--source", source] if source else []
    command += ["--no-prefect"] if no_prefect else []
    done = subprocess.run(command, env=environment, check=False)  # noqa: S603  the command is ours
    click.get_current_context().exit(done.returncode if done.returncode in (0, 1) else 1)
