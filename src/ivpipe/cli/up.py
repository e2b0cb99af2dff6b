"""``ivpipe up``: the desk, Prefect's server and the served flows on one machine, kept alive until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import click

from ivpipe.cli.ports import require_free
from ivpipe.cli.prefect_settings import (
    PrefectServer,
    address,
    client_environment,
    given_api,
    is_ours,
    password_file,
)
from ivpipe.cli.supervisor import Child, Supervisor
from ivpipe.cli.up_state import MARK, mark, only_up, write_state
from ivpipe.wiring import App


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts answer. ``prefect_api`` is what ``PREFECT_API_URL`` has to be."""

    desk: str
    prefect: str
    prefect_api: str


def children_of(app: App, prefect_port: int | None = None) -> tuple[list[Child], Addresses]:
    """The children for one machine, the desk first, and where they will answer. Raises IvpipeError where a port is taken.

    ``prefect_port`` goes before the configuration's. With ``PREFECT_API_URL`` in the environment no server is started.
    """
    settings = app.settings
    home, data, desk = settings.home, settings.data, settings.desk
    marked = {MARK: mark(data), "IVPIPE_HOME": str(home)}
    require_free(desk.host, desk.port, "the desk", "choose another with [desk] port in config/ivpipe.toml")
    # The flows' own process sees at once what the desk wrote: the desk need not know of Prefect, nor of its password.
    desk_address = address(desk.host, desk.port)
    desk_child = Child("desk", [sys.executable, "-m", "ivpipe.desk"], marked, url=desk_address, folder=home)
    children = [desk_child]
    api = given_api()
    if api:
        addresses = Addresses(desk_address, api.removesuffix("/api") + "/", api)
        common = client_environment(app)
    else:
        server = PrefectServer(
            settings.prefect.host, prefect_port or settings.prefect.port, settings.prefect.public_url
        )
        require_free(
            server.host,
            server.port,
            "Prefect's server",
            "choose another with [prefect] port in config/ivpipe.toml, or --prefect-port",
        )
        addresses = Addresses(desk_address, server.page, server.api)
        common = client_environment(app, server.api)
        command = [sys.executable, "-m", "prefect", "server", "start"]
        command += ["--host", server.host, "--port", str(server.port)]
        children.append(
            Child(
                "prefect",
                command,
                {**common, **server.environment(data), **marked},
                url=f"{server.api}/health",
                folder=home,
                restart_when_clock_goes_back=True,
            )
        )
    children.append(
        Child(
            "flows",
            [sys.executable, "-m", "ivpipe.flows.deployments"],
            {**common, **marked},
            ready_line="Your deployments are being served",
            folder=home,
            restart_when_clock_goes_back=True,
        )
    )
    return children, addresses


@contextmanager
def stopped_by_signals(supervisor: Supervisor) -> Iterator[None]:
    """Start what the supervisor keeps; end it at the end of the block. Ctrl-C and SIGTERM ask it to stop."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.ask_to_stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with supervisor:
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def up_command(home: Path, prefect_port: int | None, quiet: bool) -> None:
    """Start everything, say of each part when it answers and when it does not, and stay until told to stop."""
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        data = app.settings.data
        with only_up(data):
            children, addresses = children_of(app, prefect_port)
            click.secho(f"desk     {addresses.desk}", bold=True)
            click.secho(f"prefect  {addresses.prefect}", bold=True)
            if is_ours():
                click.echo(f"         asks for a password; it is in {password_file(data)}")
            click.echo(f"logs     {data / 'logs'}\nCtrl-C stops everything.")
            supervisor = Supervisor(
                children,
                data / "logs",
                echo=(lambda _line: None) if quiet else _echo,
                tell=click.echo,
                on_change=state_writer(data, addresses),
            )
            app.close()
            with stopped_by_signals(supervisor):
                supervisor.wait()
    click.echo("stopped")


def state_writer(data: Path, addresses: Addresses) -> Callable[[Mapping[str, Mapping[str, Any]]], None]:
    """What notes the state of the parts where ``ivpipe status`` reads it."""

    # Only a server with our own password is one that `ivpipe run` can speak to without being told of it.
    api = addresses.prefect_api if is_ours() else ""

    def write(parts: Mapping[str, Mapping[str, Any]]) -> None:
        try:
            write_state(data, parts, addresses.desk, addresses.prefect, api)
        except OSError:  # a full disk: the parts matter more than the note about them
            pass

    return write


def _echo(line: str) -> None:
    click.echo(line, err=True)
