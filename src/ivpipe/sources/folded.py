"""Sections that show their text when the reader presses their heading: questions and answers, steps, chapters."""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement

_MOST, _PARTS = 500, 20


def unfold_sections(root: HtmlElement) -> None:
    """Make text of a button that is a heading's, and show what it opens; in place. Other buttons are no text."""
    names: set[str] = set()
    sections: list[HtmlElement] = []
    for heading in islice(root.iter("h2", "h3", "h4", "h5", "h6"), _MOST):
        for node in islice(heading.iter(), _PARTS):
            if node.tag == "button":
                node.tag = "span"
            if name := node.get("aria-controls"):
                names.add(name)
            elif node.get("aria-expanded") and (after := heading.getnext()) is not None:
                sections.append(after)
    if names:
        sections += [one for one in root.xpath("//*[@id]") if one.get("id") in names]
    for section in sections:
        for hiding in ("hidden", "aria-hidden", "style"):
            section.attrib.pop(hiding, "")
