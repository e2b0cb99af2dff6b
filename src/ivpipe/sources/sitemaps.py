"""Sitemaps: those for news, ordinary ones that have dates, and indexes of either; read as a stream."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from ivpipe.errors import SourceError
from ivpipe.sources.addresses import clean_link, parse_url
from ivpipe.sources.feed_dates import parse_date
from ivpipe.sources.feeds import Feed, article_language, escape_bare
from ivpipe.sources.found import Found, plain_text, plain_title
from ivpipe.sources.kinds import looks_like

MAX_ENTRIES = 50_000
"""Of one sitemap, which is what the protocol allows."""

MAX_FOUND = 5000
"""Articles taken from one sitemap."""

MAX_EXPANDED = 60_000_000
"""Bytes of one packed sitemap, expanded; the protocol allows 50 MB."""

_ADVICE = "open the address in a browser; discovery.urls should name a sitemap (robots.txt often tells where it is)"
_MOST_FIELDS = 200


def parse_sitemap(body: bytes, url: str, languages: tuple[str, ...] = (), not_before: datetime | None = None) -> Feed:
    """Read a sitemap, or an index of sitemaps, that was fetched from ``url``, packed or not.

    What is older than ``not_before`` is left out, so that an archive of thousands costs little.
    An address without any date is passed over: nothing tells whether it is new. What has only a ``lastmod`` is
    ``Found`` with ``changed`` and no ``published``. Raises SourceError naming the address and what came instead.
    """
    data = _unpacked(body, url)
    found: list[Found] = []
    parts: list[tuple[str, datetime | None]] = []
    entries = undated = unusable = 0
    cut = False
    for kind, fields in _entries(data, url):
        entries += 1
        if entries > MAX_ENTRIES:
            cut = True
            break
        changed = parse_date(fields.get("lastmod"), languages)
        published = parse_date(fields.get("publication_date"), languages) if kind == "url" else None
        if (when := published or changed) is None and kind == "url":
            undated += 1
            continue
        if when is not None and not_before is not None and when < not_before:
            continue
        location = fields.get("loc", "")
        link = clean_link(location, "" if location.startswith(("http://", "https://")) else url)
        if link is None:
            unusable += 1
        elif kind == "sitemap":
            parts.append((link, changed))
        elif parse_url(link).path != "/":
            found.append(
                Found(
                    url=link,
                    guid="",
                    title=plain_title(fields.get("title")),
                    summary="",
                    published=published,
                    lang=article_language(fields.get("language"), languages),
                    sections=_keywords(fields.get("keywords", "")),
                    changed=changed if published is None else None,
                )
            )
            if len(found) >= MAX_FOUND:
                cut = True
                break
    warnings = []
    if not entries:
        warnings.append(f"{url}: the sitemap has no entries")
    if undated:
        warnings.append(f"{url}: {undated} of {entries} addresses have no date and were passed over")
    if unusable:
        warnings.append(f"{url}: {unusable} of {entries} entries have no web address and were passed over")
    if cut:
        warnings.append(f"{url}: the sitemap is too long; only its first {entries - 1} entries were read")
    return Feed(found, warnings, tuple(parts))


def _entries(data: bytes, url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """("url" or "sitemap", its fields by local name) one after the other."""
    known = False
    try:
        # Entities are left alone and nothing is loaded: what the file refers to is none of our business.
        events = etree.iterparse(
            io.BytesIO(escape_bare(data)),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            recover=True,
        )
        for event, element in events:
            name = _local(element)
            if event == "start":
                known = known or name in ("urlset", "sitemapindex")
                continue
            if name in ("url", "sitemap") and known:
                yield name, _fields(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if not known:
            raise SourceError(f"this is no sitemap but {looks_like(data)}", subject=url, advice=_ADVICE) from error
    if not known:
        raise SourceError(f"this is no sitemap but {looks_like(data)}", subject=url, advice=_ADVICE)


def _fields(entry: etree._Element) -> dict[str, str]:
    fields: dict[str, str] = {}
    for count, node in enumerate(entry.iter(etree.Element)):
        if count > _MOST_FIELDS:
            break
        name = _local(node)
        inside_picture = any(_local(up) in ("image", "video") for up in node.iterancestors())
        if node.text and node.text.strip() and name not in fields and not inside_picture:
            fields[name] = node.text.strip()[:5000]
    return fields


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def _keywords(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (plain_text(word, 200) for word in text.split(",")[:50]))))


def _unpacked(body: bytes, url: str) -> bytes:
    """The bytes of a ``sitemap.xml.gz``, whatever its server calls it."""
    if body[:2] != b"\x1f\x8b":
        return body
    unpacker = zlib.decompressobj(31)
    try:
        data = unpacker.decompress(body, MAX_EXPANDED)
    except zlib.error as error:
        raise SourceError(f"the packed sitemap is damaged: {error}", subject=url, advice=_ADVICE) from error
    if unpacker.unconsumed_tail:
        raise SourceError(
            f"the packed sitemap expands to more than {MAX_EXPANDED // 1_000_000} MB", subject=url, advice=_ADVICE
        )
    return data
