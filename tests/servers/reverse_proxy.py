"""A small reverse proxy: passes every request on as it came, as a web server in front of ours does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_OWN = {
    "connection",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "host",
    "keep-alive",
    "accept-encoding",
}


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind = ""
    below = ""

    def _pass_on(self) -> None:
        if not self.path.startswith(self.below):
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        answer = httpx.request(self.command, self.behind + self.path, headers=kept, content=body, trust_env=False)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name not in _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def reverse_proxy(port: int, behind: str, below: str) -> Iterator[None]:
    """Answer on ``port`` for what lies below a path, from the server ``behind`` (an address without a last slash)."""
    handler = type("Proxy", (_Proxy,), {"behind": behind, "below": below})
    server = _Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
