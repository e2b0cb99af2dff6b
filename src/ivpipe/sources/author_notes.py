"""What a page says of who wrote the article, to stand under it: in a place called so, in a box, in a line below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.sources.metadata import PageMetadata
from ivpipe.text.inline_reader import read_text, short_text

_AUTHOR_NOTE = re.compile(
    r"(?<![a-z])(?:notes?-(?:d[eu]-l?-?)?aut(?:eur|ric|or)|author-?notes?|nota-(?:del-)?autor|autorennotiz)", re.I
)
_AUTHOR_BOX = re.compile(
    r"(?<![a-z])(?:(?:about|post)-?(?:the-?)?author|(?:author|aut[eo]u?r|writer|contributor)[\w-]*?(?:bio|box|info|desc)"
    r"|(?:short-?|mini-?)?bio(?:gra(?:phy|phie|f[ií]a))?(?![a-z]))",
    re.I,
)
_INNER = frozenset({"p", "div", "ul", "span", "figure", "h2", "h3", "h4", "h5"})
_PLACES = ("div", "section", "aside", "footer", "p")
_BOX, _MOST = 1500, 200
_FAR, _SHORTEST_NOTE, _LONGEST_NOTE = 400, 40, 700
_TITLED = re.compile(r"(?:(?:dr|prof|pr|univ)\b\.?[ -]*)+", re.I)


def author_notes(page: PageMetadata, authors: Sequence[str]) -> list[HtmlElement]:
    """Where sites of every kind put the line on who wrote the article: places of that name; of the box that shows an
    author, which is taken out of the page, the sentences that begin with the name."""
    if not page.may_have("author", "autor", "auteur", "autric", "writer", "contributor", "bio"):
        return []
    notes: list[HtmlElement] = []
    said: set[str] = set()
    shown = {
        node for tag in _PLACES for node in page.elements[tag] if (names := node.get("class")) and _shows_author(names)
    }
    for place in [*islice((node for node in page.root.iter(*_PLACES) if node in shown), _MOST)] if shown else ():
        if _AUTHOR_NOTE.search(place.get("class") or ""):
            notes.append(place)
        else:
            lines = [line for line in islice(place.iter("p", "div", "span", "li"), 40) if _presents(line, authors)]
            for line in lines:
                if (text := read_text(line)) not in said:
                    said.add(text)
                    notes.append(line)
                if line is not place:
                    line.drop_tree()
            if lines and place.getparent() is not None and len(short_text(place, _BOX)) < _BOX:
                place.drop_tree()
    return notes


@lru_cache(maxsize=20_000)
def _shows_author(names: str) -> bool:
    names = names[:500]
    return bool(_AUTHOR_NOTE.search(names) or _AUTHOR_BOX.search(names))


def _presents(line: HtmlElement, authors: Sequence[str]) -> bool:
    """Whether an element holds nothing but a sentence or more on who an author is."""
    if any(child.tag in _INNER for child in line):
        return False
    text = short_text(line, 1000)
    start = text[title.end() :] if (title := _TITLED.match(text)) else text
    return (
        len(text) < 1000
        and any(" " in name and start.lower().startswith(name.lower()) for name in authors)
        and len(text.split()) > 6
        and text.rstrip(" »”\"')")[-1:] in ".!?…"
    )


def author_notes_below(body: HtmlElement, authors: Sequence[str]) -> list[HtmlElement]:
    """The line below the article that begins with an author's name and says something of that person."""
    names = [re.escape(name) for name in authors if " " in name]
    start = re.compile(rf"(?:{'|'.join(names)})\s[^\W\d_]+\s", re.I)
    beside = (one for up in (body, *body.iterancestors()) for one in up.itersiblings())
    for node in islice((node for one in beside for node in one.iter("p", "div")), _FAR) if names else ():
        if not any(child.tag in ("p", "div") for child in node):
            text = short_text(node, _LONGEST_NOTE)
            if _SHORTEST_NOTE < len(text) < _LONGEST_NOTE and "." in text and start.match(text):
                return [node]
    return []
