"""A real ``ivpipe up`` over a project of the tests, on ports of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ivpipe.cli.up_state import MARK


def free_ports(number: int) -> list[int]:
    """Ports that nothing listens on just now."""
    probes = [socket.socket() for _ in range(number)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def clean_environment(**more: str) -> dict[str, str]:
    """Ours without what tells Prefect or ivpipe something: the project's own settings are what is tried."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "IVPIPE_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


def until(true: Callable[[], object], seconds: float = 60.0) -> bool:
    """Whether a condition comes to hold in time: the machine's speed decides when, never whether."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


@dataclass
class Up:
    """An ``ivpipe up`` that runs. ``api`` is where Prefect answers on this machine, ``page`` where people open it."""

    home: Path
    desk: str
    page: str
    api: str
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    @property
    def password(self) -> str:
        return (self.home / "var" / "prefect-auth").read_text().strip()

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A client with the password and a token against forged requests, as Prefect's own has."""
        user, _, secret = self.password.partition(":")
        with httpx.Client(base_url=self.api, auth=(user, secret), timeout=30, trust_env=False) as client:
            token = client.get("/csrf-token", params={"client": "test"}).raise_for_status().json()["token"]
            client.headers.update({"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"})
            yield client

    def run(self, flow: str) -> None:
        """Have a flow run now, as somebody at Prefect's page would."""
        with self.client() as client:
            wanted = {"deployments": {"name": {"any_": [flow]}}}
            (deployment,) = client.post("/deployments/filter", json=wanted).raise_for_status().json()
            client.post(f"/deployments/{deployment['id']}/create_flow_run", json={}).raise_for_status()

    def ready(self, part: str) -> bool:
        return any(line.startswith(f"{part}: ready") for line in self.said)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def marked(home: Path) -> dict[int, str]:
    """What an ``up`` of this project has started: process id → command."""
    wanted = f"{MARK}={(home / 'var').resolve()}:".encode()
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (place / "environ").read_bytes():
                found[int(place.name)] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def configure(home: Path, desk: int, prefect: int, public_url: str = "", schedule: str = "") -> None:
    """Set the ports in a project's configuration, and the flows' schedule."""
    file = home / "config" / "ivpipe.toml"
    text = file.read_text().replace("port = 8000", f"port = {desk}")
    if schedule:
        text = text.replace('"0 0 1 1 *"', f'"{schedule}"')
    file.write_text(f'{text}\n[prefect]\nport = {prefect}\npublic_url = "{public_url}"\n')


def start(home: Path, desk: int, prefect: int, public_url: str = "", **environment: str) -> Up:
    """Start ``ivpipe up`` in a project whose ports are configured; returns at once."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ivpipe.cli", "--home", str(home), "up", "--quiet"],
        env=clean_environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    prefix = "/" + public_url.split("/", 3)[3] if public_url.count("/") > 2 else ""
    local = f"http://127.0.0.1:{prefect}{prefix}"
    up = Up(home, f"http://127.0.0.1:{desk}/", f"{public_url or local}/", f"{local}/api", process)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            up.said.append(line.rstrip("\n"))

    threading.Thread(target=listen, daemon=True).start()
    return up


@contextmanager
def running_up(home: Path, public_url: str = "", schedule: str = "") -> Iterator[Up]:
    """A whole ``ivpipe up``, until the block ends."""
    desk, prefect = free_ports(2)
    configure(home, desk, prefect, public_url, schedule)
    up = start(home, desk, prefect, public_url)
    try:
        assert until(lambda: up.ready("flows") or up.process.poll() is not None, 240), "\n".join(up.said)
        assert up.process.poll() is None, "\n".join(up.said)
        yield up
    finally:
        up.stop()
