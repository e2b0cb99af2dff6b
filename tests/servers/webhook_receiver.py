"""A receiver of webhooks on 127.0.0.1 that keeps what it is sent, as a magazine's own programme would.

It takes a message only where its signature, made of the secret, is right and not older than five minutes (Standard Webhooks),
and each message once. ``page.published`` is answered with the page's address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a key that both sides know").decode()


@dataclass
class Receiver:
    """``pages``: what it shows, by key. ``messages``: (id, type) as they came. ``answers``: what it says instead of working,
    first come first: (status, headers, body); status 0 hangs up."""

    url: str = ""
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[tuple[str, str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        identity, sent = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.digest(key, f"{identity}.{sent}.".encode() + body, hashlib.sha256)).decode()
        if not hmac.compare_digest(headers["webhook-signature"], f"v1,{wanted}") or abs(time.time() - int(sent)) > 300:
            return 401, b"the signature is wrong"
        message = json.loads(body)
        data = message["data"]
        self.messages.append((identity, message["type"]))
        if message["type"] == "page.published":
            self.pages[data["key"]] = data
            return 200, json.dumps({"url": f"https://cms.example/{data['key']}"}).encode()
        if message["type"] == "page.withdrawn" and self.pages.pop(data["key"], None) is None:
            return 404, b"no such page"
        return 204, b""


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Serve on a free port until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.answers:
                status, headers, answer = receiver.answers.pop(0)
            else:
                headers = {}
                status, answer = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            if not status:
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
