"""The short lines around the title, where a page says who wrote it and when without calling them so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.sources.bylines import SIGNED, signing
from ivpipe.sources.dates import iso_date
from ivpipe.text.inline_reader import short_text
from ivpipe.text.inline_writer import plain_line

_BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "li", "dl", "h1", "h2", "h3", "h4", "header", "section", "article", "table", "figure"}
)
_ELSEWHERE = frozenset(
    {"a", "nav", "aside", "footer", "figure", "figcaption", "form", "button", "script", "style", "noscript", "select"}
)
_LEAVES = frozenset({"span", "time", "address", "small", "em", "i", "strong", "b", "dd", "dt", "td", "center", "font"})
_ABOVE, _BELOW, _LINE, _TEXT = 15, 80, 120, 250
_CHANGED = re.compile(r"aktuali|geändert|updat|modif|mis à jour|actualiz|aggiorn|atualiz|edited", re.I)


def lines_around(root: HtmlElement, heading: HtmlElement) -> list[str]:
    """Short lines of text near the heading: those below it in order, as far as the text, then those above, nearest first."""
    nodes = list(root.iter())
    at = nodes.index(heading)
    inside = sum(1 for _ in heading.iter())
    below: list[str] = []
    for node in nodes[at + inside : at + inside + _BELOW]:
        lines = [*_lines(node)]
        if any(len(line) > _TEXT for line in lines):
            break
        below += lines
    above = [line for node in reversed(nodes[max(0, at - _ABOVE) : at]) for line in _lines(node)]
    return [line for line in (*below, *above) if 3 < len(line) <= _LINE]


def _lines(node: HtmlElement) -> Iterator[str]:
    """What stands in an element by itself: its text where that is one line, else each piece of its own."""
    if not isinstance(node.tag, str) or any(up.tag in _ELSEWHERE for up in islice((node, *node.iterancestors()), 6)):
        return
    if any(child.tag in _BLOCKS for child in islice(node, 40)):
        yield from filter(None, (plain_line(text or "") for text in (node.text, *(c.tail for c in islice(node, 40)))))
    elif node.tag in _BLOCKS or node.tag in _LEAVES:
        yield short_text(node, _TEXT)


def signed(lines: Iterable[str], site_names: Sequence[str]) -> tuple[str, ...]:
    """The names in the first line that is a byline: "Par Léa Martin", "3 mars 2025, par Léa Martin"; () without one."""
    for line in lines:
        for by in SIGNED.finditer(line):
            before = line[: by.start()].strip()
            if (not before or iso_date(before)) and (names := signing(line[by.start() :], site_names)):
                return names
    return ()


def dated(lines: Sequence[str], lang: str) -> str:
    """The date in the first line that has one, ISO 8601; "" without one. What is said of a change comes last."""
    for line in sorted(lines, key=lambda line: bool(_CHANGED.search(line))):
        if date := iso_date(line, lang):
            return date
    return ""
