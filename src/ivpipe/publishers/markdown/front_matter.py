"""Front matter for Hugo, Zola and Eleventy, and our own mark in it.

It is YAML between ``---`` lines, each value written as JSON, which YAML takes as it is: exact, and read back without guessing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivpipe.model.page import Page
from ivpipe.publishers.static_site.labels import labels
from ivpipe.text.html_writer import Shown, clean_text, inline_plain, safe_address

Generator = Literal["hugo", "zola", "eleventy"]

_HASH = re.compile(r'"hash": "([0-9a-f]{64})"')
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_MARK = re.compile(r"^(?:ivpipe|extra|params): (\{.*\})$", re.M)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file says of itself: the page's key, revision and address, and whether it still is as we wrote it."""

    key: str
    revision: int
    address: str
    untouched: bool


def written(page: Page, generator: Generator, address: str, lead: Shown | None, body: str) -> str:
    """A whole file: front matter and body, with our mark."""
    mark = {"key": page.key, "revision": page.revision, "address": address, "hash": "0" * 64}
    lines = [f"{name}: {_json(value)}" for name, value in _values(page, generator, address, lead, mark).items()]
    text = clean_text("---\n" + "\n".join(lines) + "\n---\n\n" + body)
    return _HASH.sub(f'"hash": "{_hash(text)}"', text, count=1)


def mark_of(text: str) -> Mark | None:
    """Our mark in a file; None where it has none."""
    head = text.partition("\n---\n")[0]
    for found in _MARK.finditer(head):
        try:
            values = json.loads(found[1])
            values = values.get("ivpipe", values)
            key, revision = str(values["key"]), int(values["revision"])
            address, said = str(values["address"]), str(values["hash"])
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        return Mark(key, revision, address, said == _hash(_HASH.sub(f'"hash": "{"0" * 64}"', text, count=1)))
    return None


def key_text(key: str) -> str:
    """What stands in the file of a page with this key, and in no other."""
    return f'"key": {_json(key)}'


def _values(
    page: Page, generator: Generator, address: str, lead: Shown | None, mark: Mapping[str, Any]
) -> dict[str, Any]:
    words = {
        "country": inline_plain(page.country or page.document.kicker),
        "section": page.section,
        "edition": page.edition,
        "partner": page.partner,
        "translator": page.translator,
        "original_url": safe_address(page.original_url),
        "original_lang": page.original_lang,
        "original_date": page.original_published,
        "image": lead.address if lead else "",
        "translations": {sibling.lang: sibling.remote_url for sibling in page.siblings},
    }
    more = {name: value for name, value in words.items() if value}
    common = {
        "title": inline_plain(page.document.title),
        "description": inline_plain(page.document.standfirst),
        "date": page.published_at.isoformat(),
    }
    tags = list(page.keywords)
    article = page.key.removesuffix(f"-{page.lang}")
    if generator == "zola":  # it refuses names it does not know; ours stand in extra
        taxonomies = {"tags": tags} if tags else {}
        return {
            **common,
            "updated": page.updated_at.isoformat(),
            "path": address,
            "authors": list(page.byline),
            "taxonomies": taxonomies,
            "extra": {**more, "lang": page.lang, "article": article, "ivpipe": mark},
        }
    if generator == "hugo":
        return {
            **common,
            "lastmod": page.updated_at.isoformat(),
            "url": f"/{address}",
            "translationKey": article,
            "authors": list(page.byline),
            "tags": tags,
            "categories": [page.section] if page.section else [],
            "params": {**more, "ivpipe": mark},
        }
    return {
        **common,
        "updated": page.updated_at.isoformat(),
        "permalink": f"/{address}index.html" if address.endswith("/") else f"/{address}",
        "lang": page.lang,
        "article": article,
        "authors": list(page.byline),
        "tags": tags,
        **more,
        "words": {name: labels(page.lang)[name] for name in ("by", "published", "original")},
        "ivpipe": mark,
    }


def _json(value: Any) -> str:
    """JSON on one line for every reader of YAML, some of which break lines at more characters."""
    text = json.dumps(value, ensure_ascii=False)
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
