"""Listing pages: a page of a site that links to its new articles, read by a selector."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.errors import ExtractionError, SourceError
from ivpipe.sources.addresses import clean_link
from ivpipe.sources.dates import iso_date
from ivpipe.sources.feed_dates import as_utc
from ivpipe.sources.feeds import Feed
from ivpipe.sources.found import Found, plain_text, plain_title
from ivpipe.sources.parsing import parse_page
from ivpipe.sources.selectors import find_elements
from ivpipe.text.inline_reader import short_text

MAX_LINKS = 500
"""Of one page, from its beginning."""

_LONGEST_BOX = 3000
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOXES = ("article", "li", "tr", "section", "div")
_HIGHEST_BOX = 4


def parse_listing(
    body: bytes, url: str, content_type: str, links: tuple[str, ...], languages: tuple[str, ...] = ()
) -> Feed:
    """Read the links that the rules ``links`` (``css:``, ``xpath:``) find on a page fetched from ``url``.

    A match is a link, or a box whose first link is the article's. The title is the box's heading, else the link's
    text; the date a ``<time>``, or an element whose class says date, in the box or right around the link.
    Raises SourceError naming the address where the rules find nothing, or the page cannot be read.
    """
    try:
        root = parse_page(body, url, content_type)
        base = next((clean_link(node.get("href") or "", url) for node in root.iter("base")), None) or url
        matches = find_elements(root, links)
        found = list(_found(islice(matches, MAX_LINKS), base, languages))
        following = next(
            (
                link
                for node in islice(root.iter("a", "link"), 20_000)
                if "next" in (node.get("rel") or "").lower().split()
                and (link := clean_link(node.get("href") or "", base))
            ),
            "",
        )
    except (ExtractionError, etree.LxmlError, RecursionError, ValueError) as error:
        message = error.message if isinstance(error, ExtractionError) else str(error)
        raise SourceError(f"the listing cannot be read: {message}", subject=url, advice=_ADVICE) from error
    if not found:
        raise SourceError(
            f"the listing has no articles where they are looked for ({', '.join(links)})", subject=url, advice=_ADVICE
        )
    warnings = []
    if len(matches) > MAX_LINKS:
        warnings.append(f"{url}: the listing is very long; only its first {MAX_LINKS} links were read")
    return Feed(found, warnings, next=following)


_ADVICE = "open the address in a browser, and mend discovery.links so that it selects the links to articles"


def _found(matches: Iterator[HtmlElement], base: str, languages: tuple[str, ...]) -> Iterator[Found]:
    seen = set()
    for match in matches:
        anchor = match if match.tag == "a" else next((one for one in match.iter("a") if one.get("href")), None)
        link = clean_link(anchor.get("href") or "", base) if anchor is not None else None
        if anchor is None or link is None or link in seen:
            continue
        seen.add(link)
        box = _box(match)
        heading = next(islice(box.iter(*_HEADINGS), 1), None)
        yield Found(
            url=link,
            guid="",
            title=plain_title(_text(anchor if heading is None else heading)) or plain_title(anchor.get("title")),
            summary="",
            published=_date(box, languages),
            lang=languages[0] if languages else "",
        )


def _box(match: HtmlElement) -> HtmlElement:
    """What surrounds one link and no other article's: the match, or the largest element around it with one address."""
    if match.tag != "a":
        return match
    box: HtmlElement = match
    for up in islice(match.iterancestors(), _HIGHEST_BOX):
        targets = {node.get("href") for node in islice(up.iter("a"), 20)}
        if len(targets) > 1 or len(short_text(up, _LONGEST_BOX)) >= _LONGEST_BOX:
            break
        if up.tag in _BOXES:
            box = up
    return box


def _date(box: HtmlElement, languages: tuple[str, ...]) -> datetime | None:
    for node in islice(box.iter(), 300):
        named = isinstance(node.tag, str) and (node.tag == "time" or "date" in (node.get("class") or "").lower())
        if not named:
            continue
        for text in (node.get("datetime") or "", _text(node)):
            written = iso_date(text, languages[0] if languages else "")
            if not written:
                continue
            try:
                when = as_utc(datetime.fromisoformat(written))
            except ValueError:
                continue
            if when is not None:
                return when
    return None


def _text(node: HtmlElement) -> str:
    return plain_text(short_text(node, 1000), 1000)
