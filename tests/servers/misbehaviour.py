"""A JSON service on 127.0.0.1 that can be told to misbehave: what the stand-ins of engines share.

``faults`` holds what the next POST requests meet, in order; ``always`` what all of them meet:

    "429" …          that status, with ``Retry-After: 7`` where it is 429 or 503
    "timeout"        no answer
    "half"           half of the body that was announced
    "cut"            half of the body, announced as the whole
    "html"           a page instead of JSON
    "deep"           JSON that no reader follows to its end
    "drip"           an answer of one byte after the other that never ends
    others           what ``post`` and ``spoilt`` make of them
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MISHAPS = ("", "drop", "duplicate", "scramble", "hollow")


class Misbehaving:
    """Override ``get`` and ``post``. ``url`` is its address, ``requests`` the bodies it got, ``statuses`` its answers."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.always = ""
        self.requests: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.released = threading.Event()
        self.chance = random.Random(3)

    def get(self, path: str) -> tuple[int, Any]:
        return 404, {"error": "Not found"}

    def post(self, path: str, body: Any, headers: Any, fault: str) -> tuple[int, Any]:
        raise NotImplementedError

    def fault(self) -> str:
        return self.always or (self.faults.popleft() if self.faults else "")

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def spoilt(target: str, fault: str, tag: re.Pattern[str], chance: random.Random) -> str:
    """What engines do to tags on a bad day; "chaos": to each text something else, or nothing."""
    if fault == "chaos":
        fault = chance.choice(MISHAPS)
    tags = tag.findall(target)
    if fault == "drop":
        return tag.sub("", target)
    if fault == "duplicate" and tags:
        return target + target
    if fault == "scramble":
        shuffled = iter(random.Random(5).sample(tags, len(tags)))
        return tag.sub(lambda _match: next(shuffled), target)
    if fault == "hollow":
        return "".join(tags) + tag.sub("", target)
    if fault == "blank":
        return ""
    return target


def _handler(service: Misbehaving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if service.always.isdigit():
                return self.answer(int(service.always), {"error": f"stand-in fault {service.always}"})
            return self.answer(*service.get(self.path))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            service.requests.append(body)
            service.headers.append({name.lower(): value for name, value in self.headers.items()})
            fault = service.fault()
            if fault.isdigit():
                return self.answer(int(fault), {"error": {"message": f"stand-in fault {fault}", "code": "x"}})
            if fault == "timeout":
                service.released.wait(30)
                self.close_connection = True
                return None
            if fault == "html":
                return self.answer(200, "<html><body>It works!</body></html>")
            if fault == "deep":
                return self.answer(200, "[" * 100_000)
            if fault == "drip":
                return self.drip()
            status, content = service.post(self.path, body, self.headers, fault)
            return self.answer(status, content, half=fault == "half", cut=fault == "cut")

        def answer(self, status: int, content: object, *, half: bool = False, cut: bool = False) -> None:
            raw = (content if isinstance(content, str) else json.dumps(content)).encode()
            raw = raw[: len(raw) // 2] if cut else raw
            service.statuses.append(status)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            if status in (429, 503):
                self.send_header("Retry-After", "7")
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2] if half else raw)
            if half:
                self.close_connection = True

        def drip(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            with contextlib.suppress(OSError):
                while not service.released.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    return Handler
