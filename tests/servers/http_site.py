"""A web server on 127.0.0.1 whose pages behave as a test says: the partner's site, at its best and at its worst."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request; behaviours answer it with ``reply``, or write to ``wfile`` themselves."""

    protocol_version = "HTTP/1.1"
    site: HttpSite

    def do_GET(self) -> None:
        self.site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        try:
            self.site.pages.get(self.path, missing)(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def start(self, **headers: str) -> None:
        """Send the head of an answer that ends when the connection does."""
        self.send_response(200)
        for name, value in {"Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class HttpSite:
    """A running site. ``pages`` maps a path (with its query) to what it does; ``requests`` is what came, in order."""

    port: int
    pages: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "partner.example") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def running_site(context: ssl.SSLContext | None = None) -> Iterator[HttpSite]:
    """Serve on a free port until the block ends; over TLS with ``context``."""
    handler = type("SiteRequest", (Request,), {})
    server = _Server(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = HttpSite(server.server_address[1])
    handler.site = site  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def missing(request: Request) -> None:
    request.reply(404, b"nothing here")


def page(body: bytes, **headers: str) -> Behaviour:
    return lambda request: request.reply(200, body, **headers)


def status(code: int, **headers: str) -> Behaviour:
    return lambda request: request.reply(code, b"", **headers)


def redirect(location: str, code: int = 302) -> Behaviour:
    return lambda request: request.reply(code, b"", Location=location)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first request gets the first behaviour, and so on; the last one goes on for ever."""
    left = list(behaviours)

    def answer(request: Request) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def with_etag(body: bytes, etag: str, last_modified: str = "", **more: str) -> Behaviour:
    """A page that honours If-None-Match."""

    def answer(request: Request) -> None:
        headers = {"ETag": etag} | ({"Last-Modified": last_modified} if last_modified else {})
        if request.headers.get("If-None-Match") == etag:
            request.reply(304, **headers)
        else:
            request.reply(200, body, **headers, **more)

    return answer


def endless(piece: bytes, pause: float = 0.0, **headers: str) -> Behaviour:
    """A body that never ends: ``piece`` again and again, every ``pause`` seconds, until the client or the site goes."""

    def answer(request: Request) -> None:
        request.start(**headers)
        while not request.site.stopped.wait(pause):
            request.wfile.write(piece)

    return answer


def dripping_head(pause: float) -> Behaviour:
    """An answer whose headers never end."""

    def answer(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        request.close_connection = True
        while not request.site.stopped.wait(pause):
            request.wfile.write(b"x")

    return answer


def hang_up(request: Request) -> None:
    """Close the connection without an answer."""
    request.close_connection = True
