"""``ivpipe up``: Prefect's server, the served flows and the desk on one machine, kept alive until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from ivpipe.cli.supervisor import Child, Supervisor
from ivpipe.errors import IvpipeError

PREFECT_PORT = 4200
_READY_SECONDS = 120.0

PREFECT_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "3d",
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_RUNNER_POLL_FREQUENCY": "2",
}
"""For the server and for every process that runs flows; what the operator's environment says goes before."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts answer. ``prefect_api`` is what ``PREFECT_API_URL`` has to be."""

    desk: str
    prefect: str
    prefect_api: str


def prefect_environment(data: Path) -> dict[str, str]:
    """What a process that imports Prefect needs: our settings, and a folder for Prefect's own files beside our data."""
    settings = {**PREFECT_SETTINGS, "PREFECT_HOME": str(data / "prefect")}
    return {name: os.environ.get(name, value) for name, value in settings.items()}


def children_of(home: Path, data: Path, desk: tuple[str, int], prefect_port: int) -> tuple[list[Child], Addresses]:
    """The children for one machine, and where they will answer. Raises IvpipeError where a port is taken.

    ``desk`` is (host, port). With ``PREFECT_API_URL`` in the environment no server is started.
    """
    given = os.environ.get("PREFECT_API_URL", "")
    api = given or f"http://127.0.0.1:{prefect_port}/api"
    addresses = Addresses(_address(*desk), api.removesuffix("/api") + "/", api)
    common = {**prefect_environment(data), "IVPIPE_HOME": str(home)}
    children = []
    if not given:
        require_free("127.0.0.1", prefect_port, "Prefect's server", "choose another with --prefect-port")
        command = [
            sys.executable,
            "-m",
            "prefect",
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(prefect_port),
        ]
        children.append(Child("prefect", command, common, url=f"{api}/health", folder=home))
    require_free(*desk, "the desk", "choose another in [desk] of config/ivpipe.toml")
    # The flows' own process sees at once what the desk wrote: the desk need not know of Prefect.
    desk_environment = {"IVPIPE_HOME": str(home)}
    children.append(
        Child("desk", [sys.executable, "-m", "ivpipe.desk"], desk_environment, url=addresses.desk, folder=home)
    )
    children.append(
        Child(
            "flows",
            [sys.executable, "-m", "ivpipe.flows.deployments"],
            {**common, "PREFECT_API_URL": api},
            ready_line="Your deployments are being served",
            folder=home,
        )
    )
    return children, addresses


def run_until_stopped(supervisor: Supervisor, say: Callable[[], None], seconds: float = _READY_SECONDS) -> None:
    """Wait until all children are ready, call ``say``, and stay until Ctrl-C or SIGTERM."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.ask_to_stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with supervisor:
            try:
                supervisor.wait_ready(seconds)
            except IvpipeError:
                if not supervisor.wait(0):
                    raise
                return
            say()
            supervisor.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def up_command(home: Path, prefect_port: int, quiet: bool, extra: Sequence[Child] = ()) -> None:
    """Start everything, print the addresses when all answer, and stay until told to stop."""
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        settings = app.settings
    children, addresses = children_of(home, settings.data, (settings.desk.host, settings.desk.port), prefect_port)
    echo = (lambda _line: None) if quiet else _echo
    supervisor = Supervisor([*children, *extra], settings.data / "logs", echo=echo)

    def say() -> None:
        click.secho(f"desk     {addresses.desk}", bold=True)
        click.secho(f"prefect  {addresses.prefect}", bold=True)
        click.echo(f"logs     {settings.data / 'logs'}\nCtrl-C stops everything.")

    run_until_stopped(supervisor, say)
    click.echo("stopped")


def require_free(host: str, port: int, what: str, advice: str) -> None:
    """Raise IvpipeError where something listens on a port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise IvpipeError(
                f"{what} cannot listen on {host}:{port}: {error.strerror}",
                advice=f"stop what listens there (is ivpipe up already?), or {advice}",
            ) from error


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def _echo(line: str) -> None:
    click.echo(line, err=True)
