"""Inline content of an HTML element → canonical inline HTML, and its plain text. Pure, and never recursive.

A note reference is an element ``x-note-ref`` with ``label``, as ``sources.notes`` leaves it in the tree.
"""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.text.inline_writer import InlineWriter, opening, plain_line
from ivpipe.text.invisible import clean_text
from ivpipe.text.media import absolute_url

NOTE_REF = "x-note-ref"
_UNSEEN = """
    script style noscript template head title meta link button input select textarea svg canvas dialog map nav object
    param source track datalist progress meter rp rt
"""
_BLOCK = """
    address article aside body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hgroup hr html legend li main ol p pre section summary table tbody td tfoot th thead tr ul blockquote
    menu dir caption colgroup col noscript
"""
UNSEEN = frozenset(_UNSEEN.split())
"""Elements whose inside no reader sees."""
BLOCK = frozenset(_BLOCK.split())
"""Elements that begin and end a line."""
_ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.I)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
_LIGHT = re.compile(r"font-(?:weight|style)\s*:\s*(?:normal|[1-4]00)", re.I)
_SMALL_CAPS = re.compile(r"(?:^|[\s_-])(?:caps|small-?caps|petites?_capitales?|sc)(?:$|[\s_-])", re.I)
_NEW_WINDOW = re.compile(
    r"\s*[(\[,]?\s*(?:opens? in (?:a )?new (?:window|tab)|öffnet (?:sich )?(?:im|in (?:einem )?)\s*neue[mn] (?:fenster|tab)"
    r"|(?:s['’]ouvre dans |ouverture dans )?une? nouvel(?:le fenêtre| onglet)|nouvel(?:le fenêtre| onglet)"
    r"|se abre en (?:una )?(?:nueva )?(?:ventana|pestaña)(?: nueva)?"
    r"|si apre in una nuova (?:finestra|scheda)|abre (?:em|numa) (?:uma )?nova (?:janela|aba|guia))\s*[)\].]?\s*",
    re.I,
)
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$")
_INLINE = {
    "em": "em", "i": "em", "dfn": "em", "var": "em", "strong": "strong", "b": "strong", "sup": "sup", "sub": "sub",
    "q": "q", "cite": "cite", "code": "code", "kbd": "code", "samp": "code", "tt": "code",
}  # fmt: skip


def read_inline(element: HtmlElement, url: str, *, lang: str = "", skip: Container[HtmlElement] = ()) -> str:
    """Return an element's content as canonical inline HTML; blocks inside it are parted by line breaks."""
    writer = InlineWriter()
    opened: list[tuple[HtmlElement, int]] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        tag = node.tag
        if event == "start":
            if tag in UNSEEN or node in skip or (tag == "span" and only_heard(node)):
                walk.skip_subtree()
                continue
            if tag == NOTE_REF:
                writer.note_ref(clean_text(node.get("label") or ""))
                walk.skip_subtree()
                continue
            if tag == "br" or (tag in BLOCK and not writer.breaks):
                writer.line_break()
            else:
                open_inline(writer, opened, node, url, lang)
            if text := node.text:
                writer.text(text)
        else:
            close_inline(writer, opened, node)
            if tag in BLOCK and not writer.breaks:
                writer.line_break()
            if node is not element and (tail := node.tail):
                writer.text(tail)
    return writer.take()


def read_text(element: HtmlElement) -> str:
    """Return an element's plain text on one line, without note references."""
    pieces: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            if node.tag in UNSEEN or node.tag == NOTE_REF:
                walk.skip_subtree()
                continue
            if node.tag in BLOCK or node.tag == "br":
                pieces.append(" ")
            if text := node.text:
                pieces.append(text)
        else:
            if node.tag in BLOCK:
                pieces.append(" ")
            if node is not element and (tail := node.tail):
                pieces.append(tail)
    return plain_line("".join(pieces))


def short_text(element: HtmlElement, limit: int = 60) -> str:
    """Return the beginning of an element's text, at least ``limit`` characters of it where it has as many.

    Looks at a bounded number of nodes, so that asking it of every ancestor stays cheap.
    """
    pieces: list[str] = []
    length = 0
    for text in islice(element.itertext(), 4 * limit):
        pieces.append(text)
        length += len(text.strip())
        if length > limit:
            break
    return plain_line("".join(pieces))


def only_heard(span: HtmlElement) -> bool:
    """Whether an element says, for screen readers, that a link opens a new window."""
    text = span.text
    return bool(text and len(text) < 60 and _NEW_WINDOW.fullmatch(text))


def open_inline(
    writer: InlineWriter, opened: list[tuple[HtmlElement, int]], node: HtmlElement, url: str, lang: str
) -> None:
    """Open what stands for ``node``; ``opened`` remembers it for ``close_inline``."""
    count = 0
    for tag in _inline_tags(node, url, lang):
        if writer.open(tag):
            count += 1
    if count:
        opened.append((node, count))


def close_inline(writer: InlineWriter, opened: list[tuple[HtmlElement, int]], node: HtmlElement) -> None:
    """Close what ``open_inline`` opened for ``node``."""
    if opened and opened[-1][0] is node:
        for _ in range(opened.pop()[1]):
            writer.close()


def _inline_tags(node: HtmlElement, url: str, lang: str) -> list[str]:
    """The canonical opening tags that stand for an inline element of the page, outermost first."""
    name = node.tag
    if name in BLOCK or not isinstance(name, str):
        return []
    tags = []
    said = dict(node.items())
    if name == "a":
        href = said.get("href")
        if href and (target := absolute_url(href, url)):
            tags.append(opening("a", href=target, hreflang=lang_tag(said.get("hreflang"))))
    style = said.get("style", "")
    if canonical := _INLINE.get(name):
        if not (style and _LIGHT.search(style) and canonical in ("em", "strong")):
            tags.append(f"<{canonical}>")
    elif style and name in ("span", "font", "a", "u"):
        if _ITALIC.search(style):
            tags.append("<em>")
        if _BOLD.search(style):
            tags.append("<strong>")
    other = said.get("lang") or said.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    if other:
        other = lang_tag(other)
        other = "" if other.lower().split("-")[0] == lang.lower().split("-")[0] else other
    caps = False
    if other or name in ("span", "abbr", "small", "font"):
        caps = "small-caps" in style or bool(_SMALL_CAPS.search(said.get("class", "")))
    if other or caps:
        tags.append(opening("span", lang=other, **{"class": "small-caps" if caps else ""}))
    return tags


def lang_tag(value: str | None) -> str:
    """A ``lang`` attribute as a BCP 47 tag, "" where it is none."""
    value = (value or "").strip().replace("_", "-")
    return value if _LANG.match(value) else ""
