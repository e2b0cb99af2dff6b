"""What a fetched page shows of itself at a glance, by which a page that is no article is told from one: facts, no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.bounded import bounded
from ivpipe.errors import ExtractionError
from ivpipe.sources.jsonld import jsonld_nodes
from ivpipe.sources.parsing import clean_source
from ivpipe.sources.reading import FetchedPage
from ivpipe.sources.sameness import address_key
from ivpipe.sources.titles import SEPARATOR
from ivpipe.text.inline_writer import plain_line

_LOOKED_AT = 400_000
"""Bytes, without scripts, that are looked at: what a page is shows at its beginning, and a glance must cost milliseconds."""
_END = 2_000
"""Bytes at the end of a page in which ``</html>`` or ``</body>`` stands; after it come comments of caches and debuggers."""
_TITLE = 300
_LINES, _LINE = 400, 400
_SKIPPED = frozenset({"script", "style", "template", "svg", "head", "title", "noscript", "select", "option", "iframe"})
_AROUND = frozenset({"nav", "footer", "header", "aside"})
_BLOCKS = frozenset(
    {
        "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "section", "article", "main", "form", "label",
        "button", "blockquote", "dt", "dd", "figcaption", "body", "tr", "ul", "ol", "table", "pre", "br", "hr", "nav",
        "footer", "header", "aside",
    }
)  # fmt: skip
FEED = "feed"
"""Among a page's types: it is no page but a feed or a sitemap."""
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)\b", re.I)
_CLOSED = (b"div", b"article", b"main", b"section")
_DELAY = re.compile(r"\s*(\d{1,6})(?:\.\d*)?\s*(?:[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"']*))?", re.I)
_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)
_NAMES = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Refresh:
    """Where a page sends its readers by itself, absolute, and after how many seconds. ``noscript``: only those without
    scripts."""

    address: str
    seconds: int
    noscript: bool = False


@dataclass(frozen=True, slots=True)
class PageSigns:
    """A page at a glance; every text is plain and on one line.

    ``titles`` are what its head says it is called, ``headings`` its ``h1``; one that links elsewhere is none of its own.
    ``lines`` are what readers see, line by line, with what stands in navigation and footer left out; ``noscript`` what
    those without scripts see besides. ``linked`` counts headings (and entries) that are links to other pages, ``types`` are
    JSON-LD's and Open Graph's (in lower case), ``classes`` those of ``html`` and ``body``. ``password``: it asks for one.
    ``ended``: ``</html>`` or ``</body>`` came, or neither was begun; ``open``: elements were opened that were not closed.
    ``last`` is the last text on it.
    """

    titles: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    noscript: str = ""
    linked: int = 0
    types: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    canonical: str = ""
    password: bool = False
    scripts: int = 0
    ended: bool = True
    open: bool = False
    last: str = ""
    refresh: Refresh | None = None

    @property
    def words(self) -> int:
        """How many words readers see outside navigation and footer."""
        return sum(len(line.split()) for line in self.lines)


@bounded("looking at this page", ExtractionError, subject="{page.url}")
def page_signs(page: FetchedPage) -> PageSigns:
    """Look at a page. What is no HTML has no signs."""
    try:
        data = clean_source(page.body, page.url, page.content_type)[:_LOOKED_AT]
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        parser.set_element_class_lookup(_CLASSES)
        root = etree.fromstring(data, parser=parser)
    except (ExtractionError, etree.LxmlError, ValueError):
        return PageSigns(refresh=_from_header(page))
    if root is None:
        return PageSigns(refresh=_from_header(page))
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    by_name: dict[str, list[HtmlElement]] = {}
    for node in nodes:
        by_name.setdefault(node.tag, []).append(node)
    meta: dict[str, str] = {}
    for node in by_name.get("meta", ()):
        name = (node.get("property") or node.get("name") or "").strip().lower()
        meta.setdefault(name, plain_line(node.get("content") or "")[:_TITLE])
    types, headlines = _jsonld(by_name.get("script", ()))
    if _FEED.search(page.body[:1000]):
        types.add(FEED)
    lines, last, noscript = _visible(root)
    lower = page.body.lower()
    ended = has_end(lower) or (b"<html" not in lower and b"<body" not in lower)
    titles = [_text(node) for node in by_name.get("title", ())[:1]]
    titles += [meta.get("og:title", ""), meta.get("twitter:title", ""), *headlines]
    classes = f"{root.get('class') or ''} {' '.join(body.get('class') or '' for body in by_name.get('body', ())[:1])}"
    return PageSigns(
        titles=tuple(dict.fromkeys(filter(None, titles))),
        headings=tuple(dict.fromkeys(_own_headings(by_name.get("h1", ())[:10], page.url))),
        lines=lines,
        noscript=noscript,
        linked=_linked(nodes, page.url),
        types=frozenset({*types, meta.get("og:type", "").lower()} - {""}),
        classes=frozenset(_NAMES.findall(classes.lower()[:2000])),
        canonical=_canonical(by_name.get("link", ()), page.url) or meta.get("og:url", ""),
        password=any((node.get("type") or "").lower() == "password" for node in by_name.get("input", ())),
        scripts=lower.count(b"<script"),
        ended=ended,
        open=not ended and any(lower.count(b"<" + name) > lower.count(b"</" + name) for name in _CLOSED),
        last=last,
        refresh=_from_header(page) or _from_meta(by_name.get("meta", ()), page.url),
    )


def has_end(page: bytes) -> bool:
    """Whether a page came to its end."""
    tail = page[-_END:].lower()
    return b"</html" in tail or b"</body" in tail


def pieces(title: str) -> tuple[str, ...]:
    """A title, and its parts where the site's name is hung on it."""
    return tuple(dict.fromkeys(part.strip() for part in (title, *SEPARATOR.split(title)) if part.strip()))


def _text(node: HtmlElement) -> str:
    return plain_line(" ".join(islice(node.itertext(), 50)))[:_TITLE]


def _jsonld(scripts: Iterable[HtmlElement]) -> tuple[set[str], list[str]]:
    types: set[str] = set()
    headlines: list[str] = []
    for node in islice(jsonld_nodes(scripts), 500):
        kind = node.get("@type")
        types.update(one.lower() for one in (kind if isinstance(kind, list) else [kind]) if isinstance(one, str))
        if isinstance(headline := node.get("headline"), str) and len(headlines) < 3:
            headlines.append(plain_line(headline)[:_TITLE])
    return types, headlines


def _visible(root: HtmlElement) -> tuple[tuple[str, ...], str, str]:
    """The lines that readers see, the last text wherever it stands, and what stands in ``noscript``."""
    lines: list[str] = []
    line: list[str] = []
    hidden: list[str] = []
    last = ""
    around = skipped = noscript = 0

    def say(text: str | None) -> None:
        nonlocal last
        if not text or text.isspace():
            return
        if noscript:
            hidden.append(text)
        elif not skipped:
            last = text
            if not around:
                line.append(text)

    def end() -> None:
        if line:
            if text := plain_line(" ".join(line))[:5000]:
                lines.append(text)
            line.clear()

    for event, node in etree.iterwalk(root, events=("start", "end")):
        name, step = node.tag, 1 if event == "start" else -1
        if name in _BLOCKS:
            end()
        if name == "noscript":
            noscript += step
        elif name in _SKIPPED or (name != "body" and "hidden" in node.attrib):
            skipped += step
        elif name in _AROUND:
            around += step
        say(node.text if event == "start" else node.tail)
    end()
    return tuple(lines[:_LINES]), plain_line(last)[-_LINE:], plain_line(" ".join(hidden))[:2000]


def _own_headings(nodes: Iterable[HtmlElement], url: str) -> Iterable[str]:
    """The headings that are no links to other pages: a list's first entry may well be an ``h1``."""
    own = address_key(url)
    for node in nodes:
        links = [link.get("href") or "" for link in node.iter("a")]
        if any(address_key(_joined(url, link)) not in ("", own) for link in links if not link.startswith("#")):
            continue
        if text := _text(node):
            yield text


def _linked(nodes: Sequence[HtmlElement], url: str) -> int:
    """How many other pages are linked from a heading of their own, as the entries of a list are; not in navigation."""
    own = address_key(url)
    found = set()
    for node in nodes:
        if node.tag not in ("h1", "h2", "h3", "h4"):
            continue
        links = [*node.iter("a")] or [up for up in islice(node.iterancestors(), 3) if up.tag == "a"]
        for link in links[:1]:
            address = address_key(_joined(url, link.get("href") or ""))
            if address not in ("", own) and len(_text(node)) > 12:
                found.add(address)
    return len(found)


def _canonical(links: Iterable[HtmlElement], url: str) -> str:
    for node in links:
        if "canonical" in (node.get("rel") or "").lower().split():
            return _joined(url, node.get("href") or "")
    return ""


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link.strip())
    except ValueError:
        return ""


def _from_header(page: FetchedPage) -> Refresh | None:
    return _refresh(page.headers.get("refresh", ""), page.url, noscript=False)


def _from_meta(nodes: Iterable[HtmlElement], url: str) -> Refresh | None:
    for node in nodes:
        if (node.get("http-equiv") or "").strip().lower() == "refresh":
            within = any(up.tag == "noscript" for up in node.iterancestors())
            if found := _refresh(node.get("content") or "", url, noscript=within):
                return found
    return None


def _refresh(value: str, url: str, *, noscript: bool) -> Refresh | None:
    """What a ``Refresh`` header or its like in the page says; None where it names no other page than the page itself."""
    match = _DELAY.match(value[:3000])
    if match is None or not match[2]:
        return None
    target = _joined(url, match[2].strip())
    if not target or address_key(target) == address_key(url):
        return None
    return Refresh(target, int(match[1]), noscript)
