"""Frozen tags as chips: what a person sees of ``<1>…</1>`` and ``<2/>``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from ivpipe.text.inline import InlineTag

_MARK = re.compile(r"<(/?)([0-9]{1,4})(/?)>")
_OPENING = re.compile(r"<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_ANY_TAG = re.compile(r"<[^<>]*>")

_NAMES = {
    "em": ("i", "italics"),
    "strong": ("b", "bold"),
    "sub": ("x₂", "subscript"),
    "sup": ("x²", "superscript"),
    "q": ("“”", "quotation"),
    "cite": ("c", "title of a work"),
}


class Chip(NamedTuple):
    """A frozen tag. ``kind`` names its look, ``face`` is what stands on it, ``meaning`` what the pointer is told."""

    number: int
    pair: bool
    kind: str
    face: str
    meaning: str


def describe(tag: InlineTag, number: int) -> Chip:
    """What a tag is to a translator."""
    match = _OPENING.match(tag.open)
    name, attributes = (match[1], dict(_ATTRIBUTE.findall(match[2]))) if match else ("", {})
    inside = unescape(_ANY_TAG.sub("", tag.open)).strip()
    pair = bool(tag.close)
    if name == "a":
        title = f" ({unescape(attributes['title'])})" if "title" in attributes else ""
        return Chip(number, pair, "link", "↗", f"link to {unescape(attributes.get('href', ''))}{title}")
    if name == "sup" and not pair:
        label = unescape(attributes.get("data-note", ""))
        return Chip(number, pair, "note", inside or label, f"reference to note {label}")
    if name == "br":
        return Chip(number, pair, "break", "↵", "line break")
    if name == "code" and not pair:
        return Chip(number, pair, "code", inside if len(inside) < 25 else inside[:24] + "…", f"code: {inside}")
    if name == "span":
        if "lang" in attributes:
            return Chip(number, pair, "lang", attributes["lang"], f"text in the language “{attributes['lang']}”")
        return Chip(number, pair, "caps", "SC", "small capitals")
    face, meaning = _NAMES.get(name, (str(number), name or "markup"))
    return Chip(number, pair, name or "other", face, meaning)


def chips_of(tags: Sequence[Sequence[Any]]) -> list[Chip]:
    """The chips of a segment, by number from 1; ``tags`` as stored with it."""
    return [describe(InlineTag(*tag), number) for number, tag in enumerate(tags, 1)]


def tagged_html(tagged: str, chips: Sequence[Chip]) -> Markup:
    """Tagged text as the page shows it: chips between runs of text, each run in the look of the tags around it.

    A placeholder that no chip answers to is shown as the text it is.
    """
    out: list[Markup] = []
    inside: list[str] = []
    position = 0
    for match in _MARK.finditer(tagged):
        out.append(_run(tagged[position : match.start()], inside))
        position = match.end()
        closing, number, empty = match.groups()
        if not 1 <= int(number) <= len(chips):
            out.append(_run(match[0], inside))
            continue
        chip = chips[int(number) - 1]
        side = "close" if closing else "empty" if empty else "open"
        if closing and chip.kind in inside:
            inside.remove(chip.kind)
        out.append(chip_html(chip, side))
        if side == "open":
            inside.append(chip.kind)
    out.append(_run(tagged[position:], inside))
    return Markup("").join(out)


def chip_html(chip: Chip, side: str) -> Markup:
    """One chip; ``side``: "open", "close" or "empty"."""
    end = " (end)" if side == "close" else ""
    return Markup('<span class="chip {} {}" title="{}">{}</span>').format(
        side, chip.kind, f"{chip.meaning}{end}", chip.face
    )


def _run(tagged: str, inside: Sequence[str]) -> Markup:
    if not tagged:
        return Markup("")
    text = escape(unescape(tagged))
    return Markup('<span class="run {}">{}</span>').format(" ".join(inside), text) if inside else text
