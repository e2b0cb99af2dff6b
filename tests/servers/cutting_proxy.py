"""A proxy before a real server that loses one request, or its answer, where a test says so.

``with CuttingProxy(server.url) as proxy`` passes requests to the server and answers back, both unchanged but for
addresses: where the server names itself, the answer names the proxy. ``with proxy.cutting(3)`` loses the fourth
request from there on: the connection ends with nothing said. The server never sees that request, or with
``after=True`` does what was asked and only its answer is lost. So a loop over n that ends with the first run in which
nothing was cut has lost the connection at every request of a sequence. ``proxy.meanwhile(3, act)`` loses nothing: it
does something just before that request passes on, as other people would.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass
class Cut:
    """What is to be lost, and whether it was."""

    left: int
    after: bool
    only: Callable[[str, str], bool]
    act: Callable[[], object] | None = None
    done: bool = False


class CuttingProxy:
    """Listens on a loopback port of its own; ``seen`` lists the requests as "METHOD /path?query", lost ones too."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self.upstream = parts.netloc
        self.seen: list[str] = []
        self._cut: Cut | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}{parts.path}"
        """The server's own address, by way of the proxy."""

    def __enter__(self) -> CuttingProxy:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @contextmanager
    def cutting(
        self, number: int, *, after: bool = False, only: Callable[[str, str], bool] = lambda method, path: True
    ) -> Iterator[Cut]:
        """Lose the request with this number, from 0, among those that ``only`` (method, path) counts."""
        self._cut = Cut(number, after, only)
        try:
            yield self._cut
        finally:
            self._cut = None

    @contextmanager
    def meanwhile(
        self,
        number: int,
        act: Callable[[], object],
        *,
        only: Callable[[str, str], bool] = lambda method, path: True,
    ) -> Iterator[Cut]:
        """Do something before the request with this number, from 0, among those that ``only`` counts, passes on."""
        self._cut = Cut(number, False, only, act)
        try:
            yield self._cut
        finally:
            self._cut = None

    def arrived(self, method: str, path: str) -> Cut | None:
        """Note a request; return the cut if it is the one to lose."""
        with self._lock:
            self.seen.append(f"{method} {path}")
            cut = self._cut
            if cut is None or cut.done or not cut.only(method, path):
                return None
            if cut.left:
                cut.left -= 1
                return None
            cut.done = True
            if cut.act is None:
                return cut
        cut.act()
        return None


def _handler(proxy: CuttingProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes, and the second would wait 40 ms

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            cut = proxy.arrived(self.command, self.path)
            if cut is not None and not cut.after:
                return self.hang_up()
            upstream = http.client.HTTPConnection(proxy.upstream, timeout=60)
            try:
                headers = {name: value for name, value in self.headers.items() if _passes_on(name)}
                upstream.request(self.command, self.path, body or None, {**headers, "Host": proxy.upstream})
                answer = upstream.getresponse()
                content = answer.read()
            finally:
                upstream.close()
            if cut is not None:
                return self.hang_up()
            self.send_response(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if _passes_on(name):
                    self.send_header(name, value.replace(proxy.upstream, proxy.host))
            content = content.replace(proxy.upstream.encode(), proxy.host.encode())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            return None

        do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

        def hang_up(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    return Handler


def _passes_on(name: str) -> bool:
    return name.lower() not in _OF_ONE_CONNECTION and name.lower() not in ("host", "accept-encoding")
