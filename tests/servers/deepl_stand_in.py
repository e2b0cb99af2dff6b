"""A DeepL of our own on 127.0.0.1, which behaves as the API is documented: what it "translates" it upper-cases.

It keeps tags, parses XML strictly, refuses more than 50 texts and 128 KiB, knows its key, counts and bills the
characters of the text, knows its glossaries and style rules by id, and can be told to fail: ``faults`` holds what the
next requests meet, in order; ``always`` what all of them meet ("chaos": each text another mishap with its tags, or none).
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree import ElementTree

KEY = "11111111-2222-3333-4444-555555555555:fx"
SOURCES = {"FR", "ES", "DE", "EN", "IT", "PT"}
TARGETS = {"EN-GB", "EN-US", "FR", "DE", "ES", "PT-PT", "PT-BR"}
MISHAPS = ("", "drop", "duplicate", "scramble", "hollow")
_TAG = re.compile(r"</?[a-z]\d+ ?/?>")


@dataclass
class DeepLStandIn:
    """Use as a context manager; ``url`` is its address, ``requests`` the bodies of the translate requests it got."""

    key: str = KEY
    limit: int = 500_000
    count: int = 0
    faults: deque[str] = field(default_factory=deque)
    always: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    glossaries: set[str] = field(default_factory=set)
    style_rules: set[str] = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    def __enter__(self) -> DeepLStandIn:
        self.released = threading.Event()
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

    def fault(self) -> str:
        return self.always or (self.faults.popleft() if self.faults else "")

    def translate(self, body: dict[str, Any], fault: str) -> tuple[int, dict[str, Any]]:
        texts = body.get("text")
        if not isinstance(texts, list) or not texts:
            return 400, {"message": "Parameter 'text' not specified."}
        if len(texts) > 50:
            return 413, {"message": "Too many texts: at most 50 are allowed per request."}
        if body.get("target_lang") not in TARGETS:
            return 400, {"message": "Value for 'target_lang' not supported."}
        if body.get("source_lang", "FR") not in SOURCES:
            return 400, {"message": "Value for 'source_lang' not supported."}
        if (glossary := body.get("glossary_id")) and glossary not in self.glossaries:
            return 404, {"message": f"Glossary {glossary} not found"}
        if (style := body.get("style_id")) and style not in self.style_rules:
            return 404, {"message": f"Style rule {style} not found"}
        orders = body.get("custom_instructions", [])
        if len(orders) > 10 or any(len(order) > 300 for order in orders):
            return 400, {"message": "Value for 'custom_instructions' not supported."}
        answers = []
        for text in texts:
            try:
                plain, target = self._one(text, body)
            except ElementTree.ParseError:
                return 400, {"message": "Tag handling parsing failed, please check input."}
            if self.count + len(plain) > self.limit:
                return 456, {"message": "Quota Exceeded"}
            self.count += len(plain)
            answers.append(
                {
                    "detected_source_language": body.get("source_lang", "FR"),
                    "text": _spoilt(target, self.chance.choice(MISHAPS) if fault == "chaos" else fault),
                    "billed_characters": len(plain),
                }
            )
        if fault == "few":
            answers.pop()
        if fault == "many":
            answers.append(answers[-1])
        if fault == "unbilled":
            del answers[0]["billed_characters"]
        return 200, {"translations": answers}

    @staticmethod
    def _one(text: str, body: dict[str, Any]) -> tuple[str, str]:
        if body.get("tag_handling") != "xml":
            return text, text.upper()
        root = ElementTree.fromstring(f"<root>{text}</root>")
        plain = "".join(root.itertext())
        for node in root.iter():
            node.text, node.tail = node.text and node.text.upper(), node.tail and node.tail.upper()
        return plain, ElementTree.tostring(root, encoding="unicode")[len("<root>") : -len("</root>")]


def _spoilt(target: str, fault: str) -> str:
    """What engines do to tags on a bad day."""
    tags = _TAG.findall(target)
    if fault == "drop":
        return _TAG.sub("", target)
    if fault == "duplicate" and tags:
        return target + tags[0] if tags[0].endswith("/>") else target + target
    if fault == "scramble":
        shuffled = iter(random.Random(5).sample(tags, len(tags)))
        return _TAG.sub(lambda _match: next(shuffled), target)
    if fault == "hollow":
        return "".join(tags) + _TAG.sub("", target)
    if fault == "blank":
        return ""
    return target


def _handler(service: DeepLStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            raw = self.rfile.read(size)
            if self.path != "/v2/translate":
                return self.answer(404, {"message": "Not found"})
            if size > 128 * 1024:
                return self.answer(413, {"message": "Request Entity Too Large"})
            if not self.known():
                return None
            body = json.loads(raw)
            service.requests.append(body)
            fault = service.fault()
            if self.failed(fault):
                return None
            return self.answer(*service.translate(body, fault), half=fault == "half", cut=fault == "cut")

        def do_GET(self) -> None:
            if self.path != "/v2/usage":
                return self.answer(404, {"message": "Not found"})
            if not self.known() or self.failed(service.always):
                return None
            return self.answer(200, {"character_count": service.count, "character_limit": service.limit})

        def known(self) -> bool:
            if self.headers.get("Authorization") == f"DeepL-Auth-Key {service.key}":
                return True
            self.answer(403, {"message": "Forbidden"})
            return False

        def failed(self, fault: str) -> bool:
            if fault.isdigit():
                self.answer(int(fault), {"message": f"stand-in fault {fault}"})
            elif fault == "timeout":
                service.released.wait(30)
                self.close_connection = True
            elif fault == "html":
                self.answer(200, "<html><body>It works!</body></html>")
            else:
                return False
            return True

        def answer(self, status: int, content: object, *, half: bool = False, cut: bool = False) -> None:
            raw = (content if isinstance(content, str) else json.dumps(content)).encode()
            raw = raw[: len(raw) // 2] if cut else raw
            service.statuses.append(status)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            if half:
                self.wfile.write(raw[: len(raw) // 2])
                self.close_connection = True
            else:
                self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    return Handler
