"""What sites put into headings beside what these say: a sign that links to them, a button that opens what follows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.text.inline_reader import short_text

_SIGN = re.compile(r"[^\w*†‡]?")  # any other may be a note's
_MOST, _PARTS = 1000, 20
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt")


def clean_headings(root: HtmlElement, headings: Iterable[HtmlElement]) -> None:
    """Take out signs such as "¶", make text of buttons, and show what they open; in place."""
    names: set[str] = set()
    sections: list[HtmlElement] = []
    for heading in islice(headings, _MOST):
        for node in [*islice(heading.iter(), _PARTS)]:
            if (
                node.tag == "a"
                and (node.get("href") or "").startswith("#")
                and _SIGN.fullmatch(short_text(node))
                and next(node.iter(*HEADINGS), None) is None
            ):
                node.drop_tree()
            elif node.tag == "button":
                node.tag = "span"  # elsewhere it is no text
            if name := node.get("aria-controls"):
                names.add(name)
            elif node.get("aria-expanded") and (after := heading.getnext()) is not None:
                sections.append(after)
    if names:
        sections += [one for one in root.xpath("//*[@id]") if one.get("id") in names]
    for section in sections:
        for hiding in ("hidden", "aria-hidden", "style"):
            section.attrib.pop(hiding, "")
