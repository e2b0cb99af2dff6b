"""A PostgreSQL server for the tests, from Debian's binaries, in a private folder, on a loopback port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg
from tests.servers.places import quick_folder


class PostgresMissing(Exception):
    """There are no server binaries; the message says how to get them."""


class Postgres:
    """``with Postgres() as server: server.new_database()``. PostgreSQL refuses to run as root, so there it runs as the
    unprivileged user that Debian's package brings (or ``nobody``), in a folder that this user can reach: pytest's own
    temporary folders are closed to others."""

    def __init__(self) -> None:
        self.bin = _binaries()
        self.port = _free_port()
        self.user = _server_user()

    def __enter__(self) -> Postgres:
        self.folder = Path(tempfile.mkdtemp(prefix="ivpipe-postgres-", dir=quick_folder()))
        data = self.folder / "data"
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run(
            "initdb", "-D", str(data), "-A", "trust", "-U", "ivpipe", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"
        )
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self, like: str = "template1") -> str:
        """Create a database, empty or a copy of another (its name; nobody may be using it), and return its address."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Take a database away: a thousand files each."""
        self._say(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def url(self, database: str) -> str:
        """The address of a database on this server."""
        return f"postgresql://ivpipe@127.0.0.1:{self.port}/{database}"

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]  # the names in it are of our own making

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        if self.user:
            command = ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups", "--", *command]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


def _binaries() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    raise PostgresMissing("install Debian's package postgresql")


def _server_user() -> str | None:
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise PostgresMissing("run the tests as a user other than root")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
