"""Reading feeds: RSS 0.9 to 2, Atom, SPIP's backend; however ill-formed, as far as anything can be read."""

from __future__ import annotations

import io
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

import feedparser

from ivpipe.errors import SourceError
from ivpipe.model.languages import primary
from ivpipe.sources.addresses import clean_link, parse_url
from ivpipe.sources.feed_dates import as_utc, parse_date
from ivpipe.sources.found import Found, plain_text, plain_title
from ivpipe.sources.kinds import looks_like

_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_ENTRY = re.compile(rb"<(?:item|entry)[\s>]")
_ENDLESS_TAG = re.compile(rb"<[^<>]{100000}")
_HEAD = 200_000

MAX_ENTRIES = 1000
"""Of one feed, from its beginning. A feed announces what is new; an archive of ten thousand would take minutes."""

_MAX_NESTING = 5000
_MOST_NAMES = 50


@dataclass(frozen=True, slots=True)
class Feed:
    """What one address announces, in its order, and what was odd about it.

    ``parts``: further addresses this one consists of, with when each last changed: the sitemaps of an index.
    ``next``: where older announcements stand, "" where it names no such place.
    """

    found: list[Found]
    warnings: list[str]
    parts: tuple[tuple[str, datetime | None], ...] = ()
    next: str = ""


def parse_feed(body: bytes, url: str, content_type: str = "", languages: tuple[str, ...] = ()) -> Feed:
    """Read a feed that was fetched from ``url``. ``languages`` are the source's (BCP 47), the usual one first.

    Raises SourceError naming the address and what it looks like where it is no feed.
    """
    data, content_type = _mended(body, content_type)
    data, cut = _bounded(data, url)
    try:
        # A stream: bytes or a string would be tried as the name of a local file, or as an address to fetch.
        parsed = feedparser.parse(
            io.BytesIO(data), response_headers={"content-type": content_type, "content-location": url}
        )
    except Exception as error:
        # Its tolerant parser stumbles over some inputs with whatever its regular expressions run into.
        raise SourceError(
            f"the feed is damaged beyond reading ({type(error).__name__})", subject=url, advice=_ADVICE
        ) from error
    if not dict.get(parsed, "version"):
        raise SourceError(f"this is no feed but {looks_like(body)}", subject=url, advice=_feed_advice(body, url))
    warnings = []
    if cut:
        warnings.append(f"{url}: the feed is very long; only its first {MAX_ENTRIES} entries were read")
    elif dict.get(parsed, "bozo") and not isinstance(dict.get(parsed, "bozo_exception"), _HARMLESS):
        reason = plain_text(str(dict.get(parsed, "bozo_exception", "")), 200)
        warnings.append(f"{url}: the feed is not well-formed and was read tolerantly: {reason}")
    feed_language = dict.get(parsed.feed, "language")
    found: list[Found] = []
    unusable = 0
    for entry in parsed.entries:
        article = _found(entry, url, feed_language, languages)
        if article is None:
            unusable += 1
        else:
            found.append(article)
    if unusable:
        warnings.append(f"{url}: {unusable} of {len(parsed.entries)} entries have no web address and were passed over")
    elif not parsed.entries:
        warnings.append(f"{url}: the feed has no entries")
    return Feed(found, warnings, next=_next_page(parsed.feed, url) if found else "")


def _next_page(channel: Any, url: str) -> str:
    """The address of the next older entries: as the feed says (RFC 5005), or as WordPress pages its own."""
    links = dict.get(channel, "links")
    for link in links if isinstance(links, list) else ():
        if dict.get(link, "rel") in ("next", "prev-archive") and (href := clean_link(str(dict.get(link, "href")), url)):
            return href
    if "wordpress" in str(dict.get(channel, "generator", "")).lower():
        address = parse_url(url)
        page = address.params.get("paged", "1")
        if re.fullmatch(r"[0-9]{1,5}", page):
            return str(address.copy_set_param("paged", str(int(page) + 1)))
    return ""


_ADVICE = "open the address in a browser; give the address of an RSS or Atom feed in discovery.urls"
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


def _mended(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The feed's bytes with a content type that tells their encoding truly, where it can be known better than declared.

    UTF-8 is recognised by itself, whatever header and prolog claim; a few broken characters in it (a summary cut in
    the middle of one) do not make it another encoding. Control characters, which end XML parsing, go; a bare
    ampersand is escaped, lest ``?a=1&copy=2`` turn into a ©. (In CDATA that is once too often; ``clean_link`` and
    ``plain_text`` undo it.)
    """
    if b"\x00" in body[:1000] or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body, content_type
    text = body.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if broken and broken * 4 > len(_NON_ASCII.findall(text)):
        return escape_bare(body), content_type
    kept = text.lstrip("\ufeff \t\r\n").encode() if broken else body.lstrip(b"\xef\xbb\xbf \t\r\n")
    return escape_bare(kept), "application/xml; charset=utf-8"


def escape_bare(data: bytes) -> bytes:
    """XML without the control characters and bare ampersands that end its parsing."""
    return _BARE_AMPERSAND.sub(b"&amp;", data.translate(None, _CONTROL))


def _bounded(data: bytes, url: str) -> tuple[bytes, bool]:
    """The feed without what stands after its thousandth entry, and whether there was more.

    Raises SourceError on tags without end and on nesting without bottom, with which feedparser is busy for minutes.
    """
    starts = [match.start() for match in _ENTRY.finditer(data)]
    cut = len(starts) > MAX_ENTRIES
    if cut:
        end = starts[MAX_ENTRIES]
        closing = b"</feed>" if data.startswith(b"<entry", end) else b"</channel></rss>"
        data, starts = data[:end] + closing, starts[:MAX_ENTRIES]
    for start, end in zip([0, *starts], [*starts, len(data)], strict=True):
        # An opening counts 1, what closes it 2 - 1: about how deep the entry goes.
        if data.count(b"<", start, end) - 2 * data.count(b"</", start, end) > _MAX_NESTING:
            raise SourceError("the feed is damaged: its elements nest without end", subject=url, advice=_ADVICE)
    if _ENDLESS_TAG.search(data):
        raise SourceError("the feed is damaged: it has a tag without end", subject=url, advice=_ADVICE)
    return data, cut


def _found(entry: Any, base: str, feed_language: object, languages: tuple[str, ...]) -> Found | None:
    def value(key: str) -> Any:
        # Not entry.get(): feedparser's own looks up other keys in its stead, with warnings.
        return dict.get(entry, key)

    link = None
    for candidate in (value("feedburner_origlink"), value("link"), value("id")):
        if isinstance(candidate, str) and (link := clean_link(candidate, "" if candidate == value("id") else base)):
            break
    if link is None:
        return None
    detail = value("title_detail")
    declared = dict.get(detail, "language") if isinstance(detail, dict) else None
    summary = value("summary")
    if not summary:
        content = value("content")
        summary = dict.get(content[0], "value") if isinstance(content, list) and content else ""
    guid = value("id")
    return Found(
        url=link,
        guid=plain_text(guid, 1000) if isinstance(guid, str) else "",
        title=plain_title(value("title")),
        summary=plain_text(summary),
        published=_published(value, languages),
        lang=article_language(declared or feed_language, languages),
        sections=_names(value("tags"), "term"),
        authors=_names(value("authors"), "name"),
    )


def _names(entries: object, key: str) -> tuple[str, ...]:
    """The distinct texts under ``key`` of a feed's list of dicts."""
    listed = entries if isinstance(entries, list) else []
    names = (plain_text(dict.get(entry, key), 200) for entry in listed[:_MOST_NAMES] if isinstance(entry, dict))
    return tuple(dict.fromkeys(filter(None, names)))


def _published(value: Any, languages: tuple[str, ...]) -> datetime | None:
    for key in ("published", "updated", "created"):
        parsed = value(f"{key}_parsed")
        if parsed is not None:
            try:
                when = as_utc(datetime.fromtimestamp(timegm(parsed), UTC))
            except (ValueError, OverflowError, OSError, TypeError):
                when = None
        else:
            when = parse_date(value(key), languages)
        if when is not None:
            return when
    return None


def article_language(declared: object, languages: tuple[str, ...]) -> str:
    """The source's language that a declared tag means; its first where the tag says nothing or another language.

    Feeds often carry the "en-US" their software came with; the spec knows better.
    """
    if isinstance(declared, str):
        for language in languages:
            if primary(language) == primary(declared):
                return language
    return languages[0] if languages else ""


def _feed_advice(body: bytes, url: str) -> str:
    """Name the feeds an HTML page links to, if it does."""
    head = body[:_HEAD].decode("utf-8", "replace")
    named: list[str] = []
    for tag in re.findall(r"(?i)<link\s[^<>]{1,2000}>", head):
        if re.search(r"(?i)type\s*=\s*[\"']?application/(rss|atom)\+xml", tag):
            href = re.search(r"(?i)href\s*=\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s>]+))", tag)
            link = clean_link(unescape(next(filter(None, href.groups()))), url) if href else None
            if link and link not in named:
                named.append(link)
    return f"the page names these feeds: {', '.join(named[:3])}" if named else _ADVICE
