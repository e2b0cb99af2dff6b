"""JSON-LD in pages: the objects, the texts in them, the names of authors. Whatever a page puts there, no exception."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from ivpipe.text.inline_writer import plain_line

_JSON_LIMIT = 3_000_000
_NODE_LIMIT = 20_000
_WRAPPING = re.compile(r"^(?:<!--|//\s*<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>)$")


def jsonld_nodes(scripts: Iterable[HtmlElement]) -> Iterator[dict[str, Any]]:
    """Every object in these scripts' JSON-LD, without those inside an article's ``author``, ``image`` and the like."""
    count = 0
    for script in scripts:
        if "ld+json" not in (script.get("type") or "").lower() or not script.text or len(script.text) > _JSON_LIMIT:
            continue
        text = script.text.strip()
        if not (text.startswith(("{", "[")) and text.endswith(("}", "]"))):
            text = _WRAPPING.sub("", text).strip().rstrip(";")
        try:
            waiting: list[Any] = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and count < _NODE_LIMIT:
            node = waiting.pop()
            count += 1
            if isinstance(node, list):
                waiting.extend(reversed(node))
            elif isinstance(node, dict):
                yield node
                waiting.extend(node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node)


def author_names(value: Any) -> Iterator[tuple[str, bool]]:
    """Names in a JSON-LD ``author``, each with whether it is an organisation's."""
    for item in value[:50] if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            yield from ((text, False) for text in json_texts(item))
            continue
        kind = item.get("@type")
        kinds = kind if isinstance(kind, list) else [kind]
        is_body = any(isinstance(one, str) and "Organization" in one for one in kinds)
        name = next(json_texts(item), "")
        if not name and not is_body:
            parts = [next(json_texts(item.get(key)), "") for key in ("givenName", "familyName")]
            name = " ".join(part for part in parts if part)
        if name:
            yield name, is_body


def json_texts(value: Any) -> Iterator[str]:
    """The texts in a JSON-LD value: a text, an object's name, or those of each in a list."""
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, str):
            text = plain_line(unescape(re.sub(r"<[^<>]*>", "", item)))
            if text:
                yield text
        elif isinstance(item, dict):
            waiting.insert(0, item.get("name") or item.get("@value") or item.get("headline"))
        elif isinstance(item, list) and len(waiting) < 200:
            waiting[:0] = item[:100]
