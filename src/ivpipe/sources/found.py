"""An article as a feed or a site's API announces it, and how its texts are made plain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from lxml import html as lxml_html
from lxml.etree import LxmlError

from ivpipe.text.invisible import clean_line

_TITLE_LENGTH = 1000
_SUMMARY_LENGTH = 2000
_INPUT_LENGTH = 100_000

_TAG = re.compile(r"<[a-zA-Z/!?]")
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_LINE_END = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_BLOCKS = re.compile(r"(?i)<(/?(p|div|h[1-6]|li|ul|ol|blockquote|figure|figcaption|tr|td|section)|br)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """An announced article. ``url`` is clean (``addresses.clean_link``); ``guid`` the feed's own name for it, "" where
    it has none or gives one to several; ``title`` and ``summary`` are plain text; ``published`` is aware, in UTC.
    ``sections`` and ``authors`` are what the announcement says of them: nothing is not "none". ``changed``: when the
    page last changed, where only that is known.
    """

    url: str
    guid: str
    title: str
    summary: str
    published: datetime | None
    lang: str
    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    changed: datetime | None = None


def plain_text(markup: object, limit: int = _SUMMARY_LENGTH) -> str:
    """Text of an HTML fragment, entities decoded (twice if need be), on one line, of at most ``limit`` characters.

    Non-breaking spaces stay; soft hyphens, zero-width and control characters go. "" for what is not a string.
    """
    if not isinstance(markup, str):
        return ""
    text = _CONTROL.sub("", markup[:_INPUT_LENGTH])
    if _TAG.search(text):
        text = _text_of(_BLOCKS.sub(r" <\1", text))
    # What feeds escape once too often ("&amp;eacute;") has one level left here.
    text = _SPACE.sub(" ", clean_line(_LINE_END.sub(" ", unescape(text)))).strip()
    if len(text) <= limit:
        return text
    cut = text[:limit]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut).rstrip(" ,;:") + "…"


def plain_title(markup: object) -> str:
    """The same for a title."""
    return plain_text(markup, _TITLE_LENGTH)


def _text_of(markup: str) -> str:
    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (LxmlError, ValueError, AssertionError):
        return re.sub(r"<[^<>]*>", " ", markup)
    for element in root.xpath("//script|//style"):
        element.drop_tree()
    return str(root.xpath("string()"))
