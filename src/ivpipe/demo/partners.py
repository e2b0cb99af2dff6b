"""Serves the demo's three partner sites on this machine: ``python -m ivpipe.demo.partners``."""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import unquote, urlsplit

from ivpipe.demo.sites.drupal import Faubourgs
from ivpipe.demo.sites.site import Response, Site
from ivpipe.demo.sites.spip import Etiage
from ivpipe.demo.sites.wordpress import Anden
from ivpipe.errors import IvpipeError

HOST = "127.0.0.1"
PORTS = (8100, 8101, 8102)
SITES: tuple[type[Site], ...] = (Faubourgs, Etiage, Anden)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    sys_version = ""
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        target = urlsplit(self.path)
        response = self.server.site.respond(unquote(target.path), target.query)
        headers = {
            "Content-Type": response.content_type,
            "Cache-Control": "max-age=0, must-revalidate",
            **response.headers,
        }
        status = response.status
        if status == 200:
            etag = f'"{hashlib.sha256(response.body).hexdigest()[:20]}"'
            headers["ETag"] = etag
            if response.modified:
                headers["Last-Modified"] = format_datetime(response.modified.astimezone(UTC), usegmt=True)
            if _unchanged(response, etag, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")):
                status = 304
                del headers["Content-Type"]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if with_body and status != 304:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal for what matters."""


def _unchanged(response: Response, etag: str, if_none_match: str | None, if_modified_since: str | None) -> bool:
    if if_none_match is not None:  # which makes the other one count for nothing
        given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return etag in given or "*" in given
    if if_modified_since is None or response.modified is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    return since.tzinfo is not None and response.modified <= since


class Partners:
    """The running sites; ``addresses`` maps each site's slug to its base URL. ``close()`` ends them."""

    def __init__(self, servers: Sequence[_Server]) -> None:
        self._servers = servers
        self._threads = [threading.Thread(target=s.serve_forever, args=(0.05,), daemon=True) for s in servers]
        for thread in self._threads:
            thread.start()

    @property
    def sites(self) -> list[Site]:
        """The sites, in the order of the ports."""
        return [server.site for server in self._servers]

    @property
    def addresses(self) -> dict[str, str]:
        """Slug to base URL, without a slash at the end."""
        return {site.slug: site.base_url for site in self.sites}

    def close(self) -> None:
        """Stop answering and give the ports back. May be called twice."""
        for server, thread in zip(self._servers, self._threads, strict=True):
            if thread.is_alive():
                server.shutdown()
                thread.join()
            server.server_close()

    def __enter__(self) -> Partners:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve_partners(ports: Sequence[int] = PORTS, today: date | None = None) -> Partners:
    """Serve the three sites on the loopback address; port 0 takes a free one.

    Articles are one to nine days old on ``today`` (by default the day of the start; it stays while the sites run, so
    that nothing changes under a reader). Raises IvpipeError where a port is taken.
    """
    day = today or datetime.now(UTC).date()
    servers: list[_Server] = []
    for make, port in zip(SITES, ports, strict=True):
        try:
            server = _Server((HOST, port), _Handler)
        except OSError as error:
            for other in servers:
                other.server_close()
            raise IvpipeError(
                f"port {port} cannot be used: {error.strerror}",
                subject=f"demo site {make.slug}",
                advice="stop the program that listens there, or choose others with --ports A B C",
            ) from error
        server.site = make(f"http://{HOST}:{server.server_address[1]}", day)
        servers.append(server)
    return Partners(servers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m ivpipe.demo.partners", description=__doc__)
    parser.add_argument("--ports", nargs=3, type=int, default=PORTS, metavar="PORT", help="default: 8100 8101 8102")
    parser.add_argument("--today", type=date.fromisoformat, help="the day articles' ages count back from (2026-11-23)")
    options = parser.parse_args(arguments)
    try:
        partners = serve_partners(options.ports, options.today)
    except IvpipeError as error:
        print(error, file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with partners:
        for site in partners.sites:
            print(f"{site.name:<26} {site.base_url}/", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
