"""Articles that a site shows in several pages: which comes next, and joining what was read of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import parse_qsl, urldefrag, urlsplit

from lxml.html import HtmlElement

from ivpipe.bounded import bounded
from ivpipe.errors import ExtractionError
from ivpipe.model.document import Block, Document, Image, Note
from ivpipe.sources.parsing import parse_page
from ivpipe.text.inline_reader import read_text
from ivpipe.text.media import absolute_url

MOST_PAGES = 30
"""No article has more; a pagination that goes on is a trap, or a calendar."""

_PAGE_KEYS = frozenset({"page", "paged", "p", "pg", "pagina", "seite", "pagenum", "page_num", "debut_page", "start"})
_PATH_PAGE = re.compile(r"(?:/(?:page|pagina|seite|p|s)?[/_-]?|[-_,](?:page|pagina|seite|p|s)[-_]?|,)(\d{1,2})$", re.I)
_PAGES_NAME = re.compile(
    r"(?:^|[\s_-])(?:page-?links?|page-?numbers?|pagination(?!-posts)|pager|article-?pages?|post-?page\w*|seiten|paginas)",
    re.I,
)
_NEXT_TEXT = re.compile(
    r"(?:page suivante|suite|lire la suite|suivante?|next(?: page)?|n[aä]chste seite|weiter|p[aá]gina siguiente|siguiente"
    r"|pagina successiva|avanti|pr[oó]xima(?: p[aá]gina)?|[›»→>]+)\W*$",
    re.I,
)


def next_page(page: bytes, url: str, content_type: str = "", *, first: str = "") -> str | None:
    """Return the address of the page on which this article goes on, None where it is whole.

    ``first`` is the address of the article's first page, by default ``url`` itself. Only an address that differs from
    it in a page number, one higher than this page's, is believed: ``rel="next"`` often means the next article.
    Raises ExtractionError where the page is no HTML.
    """
    first = urldefrag(first or url)[0]
    number = _number(urldefrag(url)[0], first)
    if number is None or number >= MOST_PAGES:
        return None
    return _linked_page(page, url, content_type, first, number)


@bounded("reading this page", ExtractionError, subject="{url}")
def _linked_page(page: bytes, url: str, content_type: str, first: str, number: int) -> str | None:
    root = parse_page(page, url, content_type)
    for node in _candidates(root):
        target = urldefrag(absolute_url(node.get("href") or "", url, ("http", "https")))[0]
        if target and _number(target, first) == number + 1:
            return target
    return None


def _candidates(root: HtmlElement) -> list[HtmlElement]:
    found = [node for node in root.iter("link", "a") if "next" in (node.get("rel") or "").lower().split()]
    for node in islice(root.iter("a"), 3000):
        text = read_text(node) if len(node) < 4 else ""
        if not text or len(text) > 30:
            continue
        named = any(
            _PAGES_NAME.search(f"{up.get('class') or ''} {up.get('id') or ''}")
            for up in islice(node.iterancestors(), 4)
        )
        if named and (text.isdigit() or _NEXT_TEXT.match(text)):
            found.append(node)
    return found


def _number(target: str, first: str) -> int | None:
    """Which page of the article that begins at ``first`` an address is, from 1; None: it is another article's."""
    if target == first:
        return 1
    one, other = urlsplit(target), urlsplit(first)
    if one.netloc != other.netloc or _rest(one.query) != _rest(other.query):
        return None
    path, own = _bare(one.path), _bare(other.path)
    stems = (own, re.sub(r"[/_-](?:page[/_-]?)?[01]$", "", own))  # a "1" at its end may be its page, or its name
    if path in stems:
        for key, value in parse_qsl(one.query):
            if key.lower() in _PAGE_KEYS and value.isascii() and value.isdigit() and len(value) < 3:
                return int(value)
        return 1
    match = _PATH_PAGE.search(path)
    return int(match[1]) if match and path[: match.start()] in stems else None


def _bare(path: str) -> str:
    return re.sub(r"\.(?:html?|php)$", "", path.rstrip("/"))


def _rest(query: str) -> list[tuple[str, str]]:
    return sorted(
        (key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key.lower() not in _PAGE_KEYS
    )


def join_pages(documents: Sequence[Document]) -> Document:
    """Return the article whose pages these are, in order: the first one's metadata, the text of all.

    A note or a mark that has a label again on a later page gets its page's number with it ("1-2"); a block that opened
    the page before, as themes repeat them, stands once. Raises ValueError where there is none.
    """
    if not documents:
        raise ValueError("no pages to join")
    first = documents[0]
    blocks: list[Block] = list(first.blocks)
    images: list[Image] = list(first.images)
    notes: list[Note] = list(first.notes)
    known = {block.html for block in blocks[:3] if block.html}
    for number, document in enumerate(documents[1:], 2):
        labels = {note.label for note in notes}
        renamed = {note.label: f"{note.label}-{number}" for note in document.notes if note.label in labels}
        places: dict[int, int] = {}
        shown = {block.image for block in document.blocks}
        for at, image in enumerate(document.images):
            if at not in shown:
                continue  # the lead picture, which every page repeats
            same = next((index for index, one in enumerate(images) if one.src == image.src), None)
            if same is None:
                images.append(image)
            places[at] = len(images) - 1 if same is None else same
        for at, block in enumerate(document.blocks):
            if at < 3 and block.html in known:
                continue
            block = replace(block, html=_relabelled(block.html, renamed))
            if block.image is not None:
                block = replace(block, image=places[block.image])
            blocks.append(block)
        notes += [Note(renamed.get(note.label, note.label), _relabelled(note.html, renamed)) for note in document.notes]
    warnings = tuple(dict.fromkeys(text for document in documents for text in document.warnings))
    return replace(first, blocks=tuple(blocks), images=tuple(images), notes=tuple(notes), warnings=warnings)


def _relabelled(html: str, renamed: dict[str, str]) -> str:
    if not renamed or "note-ref" not in html:
        return html
    return re.sub(
        r'(<sup class="note-ref" data-note=")([^"]*)(">)([^<]*)(</sup>)',
        lambda match: (
            f"{match[1]}{renamed.get(match[2], match[2])}{match[3]}{renamed.get(match[4], match[4])}{match[5]}"
        ),
        html,
    )
