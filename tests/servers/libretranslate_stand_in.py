"""A LibreTranslate of our own on 127.0.0.1: ``/languages`` and ``/translate`` as the real one answers them.

It upper-cases the words and leaves HTML tags alone, knows keys and limits, and can be told to fail as ``faults`` and
``always`` say (see ``tests.servers.misbehaviour``).
"""

from __future__ import annotations

import re
from typing import Any

from tests.servers.misbehaviour import Misbehaving, spoilt

_PIECE = re.compile(r"<[^>]*>|&[a-z]+;")
_TAG = re.compile(r"</?(?:span|img)[^>]*>")


class LibreTranslateStandIn(Misbehaving):
    """Use as a context manager; ``requests`` are the bodies of the translate requests."""

    def __init__(self, *, key: str = "", char_limit: int = 50_000, batch_limit: int = 100) -> None:
        super().__init__()
        self.key = key
        self.char_limit = char_limit
        self.batch_limit = batch_limit
        self.languages: list[dict[str, Any]] = [
            {"code": "en", "name": "English", "targets": ["de", "en", "fr"]},
            {"code": "fr", "name": "French", "targets": ["en", "fr"]},
        ]

    def get(self, path: str) -> tuple[int, Any]:
        return (200, self.languages) if path == "/languages" else (404, {"error": "Not found"})

    def post(self, path: str, body: Any, headers: Any, fault: str) -> tuple[int, Any]:
        if path != "/translate":
            return 404, {"error": "Not found"}
        if self.key and body.get("api_key") != self.key:
            return 403, {"error": f"Invalid API key {body.get('api_key', '')}"}
        if missing := next((name for name in ("q", "source", "target") if not body.get(name)), ""):
            return 400, {"error": f"Invalid request: missing {missing} parameter"}
        texts = body["q"] if isinstance(body["q"], list) else [body["q"]]
        if len(texts) > self.batch_limit:
            return 400, {"error": f"Invalid request: request ({len(texts)}) exceeds batch limit ({self.batch_limit})"}
        if sum(map(len, texts)) > self.char_limit:
            return 400, {"error": f"Invalid request: request exceeds text limit ({self.char_limit})"}
        known = {entry["code"]: entry["targets"] for entry in self.languages}
        if body["target"] not in known.get(body["source"], []):
            return 400, {"error": f"{body['target']} is not supported"}
        html = body.get("format") == "html"
        answers = [spoilt(_upper(text), fault, _TAG, self.chance) if html else text.upper() for text in texts]
        if fault == "few":
            answers.pop()
        return 200, {"translatedText": answers if isinstance(body["q"], list) else answers[0]}


def _upper(html: str) -> str:
    out, at = "", 0
    for match in _PIECE.finditer(html):
        out += html[at : match.start()].upper() + match[0]
        at = match.end()
    return out + html[at:].upper()
