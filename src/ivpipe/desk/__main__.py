"""``python -m ivpipe.desk``: serve the desk as the configuration says."""

from __future__ import annotations

import argparse
import resource
import socket
import sys
from pathlib import Path

import uvicorn

from ivpipe.desk.app import create_app
from ivpipe.errors import IvpipeError
from ivpipe.masking import install
from ivpipe.wiring import open_app

_OPEN_FILES = 65_536


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. Exit code 2: the configuration, the database or the port forbids it."""
    install()
    parser = argparse.ArgumentParser(prog="python -m ivpipe.desk", description="Serve the desk.")
    parser.add_argument("--home", type=Path, help="the project folder (default: IVPIPE_HOME, else the current folder)")
    given = parser.parse_args(arguments)
    try:
        app = open_app(given.home)
    except IvpipeError as error:
        print(error, file=sys.stderr)
        return 2
    _allow_many_connections()
    with app:
        host, port = app.settings.desk.host, app.settings.desk.port
        try:
            listener = _listen(host, port)
        except OSError as error:
            print(
                f"the desk cannot listen on {host}:{port}: {error.strerror or error} — stop what uses that port, or "
                "change desk.port (or desk.host) in config/ivpipe.toml",
                file=sys.stderr,
            )
            return 2
        shown = f"[{host}]" if ":" in host else host
        print(f"the desk listens on http://{shown}:{listener.getsockname()[1]}/", flush=True)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(app),
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=10,
                # Only these are believed when they say for which client they ask.
                proxy_headers=bool(app.settings.desk.trusted_proxies),
                forwarded_allow_ips=list(app.settings.desk.trusted_proxies),
            )
        )
        server.run(sockets=[listener])
    return 0


def _allow_many_connections() -> None:
    """As many open files as the account may have: with the usual 1024 a stranger's idle connections keep everybody out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


if __name__ == "__main__":
    sys.exit(main())
