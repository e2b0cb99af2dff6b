"""A fetched page as a tree: decoded, without what breaks parsers, HTML 5's void elements closed."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.errors import ExtractionError
from ivpipe.sources.charset import decode_page
from ivpipe.sources.hidden import LONGEST_SHEET, hidden_names, mark_hidden
from ivpipe.sources.kinds import not_a_page
from ivpipe.text.inline_reader import NOTE_REF, short_text

# Written out or as references: lxml reads them, but refuses to write them into the tree again.
_CONTROL = bytes([*range(9), 11, *range(14, 32)])
_SPACES = bytes.maketrans(b"\f", b" ")
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]))(?![0-9a-fA-F]);?"
)
# A comment, or an element's opening tag; a quote opens only after "=".
_TAG = re.compile(
    rb"""<(?:!--[^-]*+(?:-(?!->)[^-]*+)*+"""
    rb"""|([a-z][a-z0-9]*+)[^>"'=]*+(?:(?:=\s*+"[^"]*+"|=\s*+'[^']*+'|["'=])[^>"'=]*+)*+>?)""",
    re.I,
)
_RAW = (b"script", b"style")
_RAW_END = re.compile(rb"</(?:script|style)", re.I)
_ORDINARY_TAG = rb"""(?:[\s/]*+[^\s=>/"']++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?+){0,200}+[\s/]*+>"""
# Markup as everybody writes it, 200 attributes at most: most pages are no more than that, and need no closer look.
_ORDINARY = re.compile(
    rb"(?:[^<]++|<(?![a-z])|<(?!script|style)[a-z][^\s/>]*+"
    + _ORDINARY_TAG
    + rb"|<(?:script|style)\b"
    + _ORDINARY_TAG
    + rb"[^<]*+(?:<(?!/(?:script|style))[^<]*+)*+|<!--[^-]*+(?:-(?!->)[^-]*+)*+)*+",
    re.I,
)
_UNREAD = re.compile(r"<(?:!--|((?i:script|style|svg))\b[^<>]*>)", re.ASCII)
_END = {name: re.compile(f"</(?i:{name})[^<>]*>?", re.ASCII) for name in ("script", "style", "svg")}
_OF_OTHER_MEDIA = re.compile(r"\bmedia\s*=(?!\s*[\"']?\s*(?:all|screen)\s*[\"'>\s])")
_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)
_ATTRIBUTE = re.compile(rb"""[^\s=>/"']++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?+|["']""")
_MOST_ATTRIBUTES = 300
"""Of one element; of the corpus 73."""
_SMALL = 1_000_000
"""Bytes; a page of fewer cannot have so many attributes that they would have to be counted."""
MOST_ATTRIBUTES = 200_000
"""Of all elements of a page; of the corpus 6,933. Each costs a quarter of a kilobyte."""
_START = re.compile(rb"<[a-zA-Z]")
MOST_ELEMENTS = 60_000
"""Of a page. The most that any of the 160 pages of the corpus has is 2,791; reading one costs some 50 µs."""
_DEEPEST = 256
"""Of the corpus 28. What asks something of all that stands inside an element, and of each around it, grows with both."""
_NESTED_TOO_DEEP = etree.XPath(f"boolean({'/*' * (_DEEPEST + 1)})")
_LONGEST_NAMES = 1500
"""Characters of a class or id that are read; of the corpus 972."""
_LONG_NAMED = etree.XPath(f"//*[string-length(@class) > {_LONGEST_NAMES} or string-length(@id) > {_LONGEST_NAMES}]")
# Void elements that the parser does not know for such; elements of a site's own, or AMP's, that stand for a picture.
_VOID = frozenset({"source", "track", "wbr"})
_PICTURE = re.compile(r"[a-z][a-z0-9]*-(?:img|image)")


def parse_page(page: bytes | str, url: str, content_type: str) -> HtmlElement:
    """The page as a tree; safe with damaged and hostile ones. Raises ExtractionError where it is no HTML page."""
    return next(iter(parse_elements(page, url, content_type).values()))[0]


def clean_source(page: bytes | str, url: str, content_type: str, sheets: list[str] | None = None) -> bytes:
    """The page as UTF-8 that the parser can be given; its styles, which go, are added to ``sheets``.

    Raises ExtractionError where it is no HTML page.
    """
    if kind := not_a_page(page, content_type):
        raise ExtractionError(
            f"this is not a web page but {kind}", subject=url, advice="only HTML pages can be read as articles"
        )
    if isinstance(page, bytes):
        page = decode_page(page, content_type)
    if "\ufffd" in page and page.count("\ufffd") > 0.1 * len(page) + 20:
        raise ExtractionError("the page is not text", subject=url, advice="only HTML pages can be read as articles")
    page = _without_scripts(page, sheets)
    if "\ufffe" in page or "\uffff" in page:
        page = page.replace("\ufffe", "").replace("\uffff", "")
    data = page.encode("utf-8", "replace").translate(_SPACES, _CONTROL)
    if b"&#" in data:
        data = _CONTROL_REFERENCE.sub(b" ", data)  # without the space what stands around one could make another
    if _has_too_many(data):
        raise _too_much(MOST_ELEMENTS, "elements", url)
    data = _without_floods(data, url)
    if not data.strip():
        raise ExtractionError("the page is empty", subject=url, advice="fetch it again later")
    return data


def parse_elements(page: bytes | str, url: str, content_type: str) -> defaultdict[str, list[HtmlElement]]:
    """All elements of the page's tree by the names they were written with, in page order; the first is the root.

    Who looks at them more than once should hold them: lxml makes an element anew each time that nobody does.
    """
    sheets: list[str] = []
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_CLASSES)  # lxml.html's own asks Python for the class of every element
    try:
        root = etree.fromstring(clean_source(page, url, content_type, sheets), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ExtractionError(f"no HTML was found in the page ({error})", subject=url) from error
    if root is None:
        raise ExtractionError("no HTML was found in the page", subject=url)
    if _NESTED_TOO_DEEP(root):
        raise ExtractionError(
            f"the page's elements nest more than {_DEEPEST} deep",
            subject=url,
            advice="look at the page in a browser; is it an article?",
        )
    elements: defaultdict[str, list[HtmlElement]] = defaultdict(list)
    for node in root.iter():
        elements[node.tag].append(node)
    for node in cast("list[HtmlElement]", _LONG_NAMED(root)):
        for name in ("class", "id"):
            if (value := node.get(name)) and len(value) > _LONGEST_NAMES:
                node.set(name, value[:_LONGEST_NAMES])
    if sheets and (names := hidden_names(sheets)):
        mark_hidden((node for nodes in elements.values() for node in nodes), names)
    mended = [name for name in elements if name in _VOID or name == NOTE_REF or _PICTURE.fullmatch(name)]
    for node in [*root.iter(*mended)] if mended else ():
        if node.tag == NOTE_REF:
            node.tag = "span"  # that name is ours alone
        elif node.tag in _VOID:
            _close(node)
        elif (node.get("src") or node.get("data-src")) and not short_text(node):
            node.tag = "img"
    return elements


def _has_too_many(page: bytes) -> bool:
    """Whether more elements begin in the page than are read, counted before anything is made of them."""
    return page.count(b"<") > MOST_ELEMENTS and sum(1 for _ in islice(_START.finditer(page), MOST_ELEMENTS + 1)) > (
        MOST_ELEMENTS
    )


def _close(node: HtmlElement) -> None:
    """The parser knows HTML 4: what follows an element that HTML 5 made void, it puts inside. Put it after."""
    if not len(node) and not node.text:
        return
    last, tail = node, node.tail
    node.tail, node.text = node.text, None
    for child in [*node]:
        last.addnext(child)
        last = child
    last.tail = (last.tail or "") + (tail or "") or None


def _without_scripts(page: str, sheets: list[str] | None = None) -> str:
    """Without scripts, styles and drawings, which are over half of most pages. JSON-LD stays, of other data its element."""
    pieces: list[str] = []
    taken = at = 0
    while match := _UNREAD.search(page, at):
        if not match[1]:
            at = page.find("-->", match.start() + 2) + 3
            if at < 3:
                break
            continue
        start, at = at, match.end()
        if page.rfind("<", start, match.start()) > page.rfind(">", start, match.start()):
            continue  # in an attribute's value
        if match[0].endswith("/>") and match[1].lower() == "svg":
            continue
        end = _END[match[1].lower()].search(page, at)
        if end is None:
            break
        if "ld+json" not in (tag := match[0].lower()):
            if sheets is not None and tag.startswith("<style") and not _OF_OTHER_MEDIA.search(tag):
                sheets.append(page[match.end() : min(end.start(), match.end() + LONGEST_SHEET)])
            named = "json" in tag
            pieces.append(page[taken : at if named else match.start()])
            taken = end.start() if named else end.end()
        at = end.end()
    return "".join([*pieces, page[taken:]])


def _without_floods(page: bytes, url: str) -> bytes:
    """Tags with hundreds of attributes lose them: the parser compares each with all before it. Raises ExtractionError
    where a page has more in all than it could be held with."""
    if len(page) < _SMALL and (ordinary := _ORDINARY.match(page)) and ordinary.end() == len(page):
        return page
    floods: list[tuple[int, int, bytes]] = []
    at = attributes = 0
    while match := _TAG.search(page, at):
        at = match.end()
        if not match[1]:
            continue
        count = sum(1 for _ in islice(_ATTRIBUTE.finditer(page, match.end(1), at), _MOST_ATTRIBUTES + 1))
        if count > _MOST_ATTRIBUTES:
            floods.append((match.start(), at, match[1]))
        else:
            attributes += count
        if match[1].lower() in _RAW and (raw_end := _RAW_END.search(page, at)):
            at = raw_end.start()  # nothing in it is a tag
    if attributes > MOST_ATTRIBUTES:
        raise _too_much(MOST_ATTRIBUTES, "attributes", url)
    if not floods:
        return page
    pieces: list[bytes] = []
    position = 0
    for start, end, name in floods:
        pieces += page[position:start], b"<", name, b">"
        position = end
    return b"".join([*pieces, page[position:]])


def _too_much(most: int, what: str, url: str) -> ExtractionError:
    return ExtractionError(
        f"the page has more than {most:,} {what}, more than any article".replace(",", " ", 1),
        subject=url,
        advice="look at the page in a browser; if it is an article, ask the partner for it in parts",
    )
