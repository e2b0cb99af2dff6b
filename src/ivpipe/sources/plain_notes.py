"""Footnotes without links: ``[1]`` or a raised 1 in the text, and a numbered list at the end."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from ivpipe.sources.notes import FoundNote, strip_label
from ivpipe.text.inline_reader import NOTE_REF, read_inline, read_text, short_text

_HEADING = re.compile(
    r"(?:notes?(?: de bas de page| et r[eé]f[eé]rences| de l['’]auteur\w*| explicatives)?|footnotes?|end ?notes?"
    r"|fu(?:ss|ß)noten?|anmerkungen|endnoten|notas?(?: al pie| a pie de p[aá]gina| de rodap[eé])?"
    r"|note(?: a pi[eè] di pagina)?|references|r[eé]f[eé]rences|referencias)\s*:?$",
    re.I,
)
_ENTRY = re.compile(
    r"\s*(?:\[(\d{1,3})\]|\((\d{1,3})\)|(\d{1,3})\s?[.)](?!\d)|(\d{1,3})\s[-–—]"
    r"|(\d{1,3})(?=[\s\u00a0]*[^\d\s.,:/%-]))\s*"
)
_MARK = re.compile(r"[\s\u00a0\u202f]?(?:\[(\d{1,3})\]|\((\d{1,3})\))")
_ANY_MARK = re.compile(r"[\[(]\d{1,3}[\])]")
_LEAVES = ("p", "li", "div", "dd", "h2", "h3", "h4", "h5", "h6", "hr")


def join_plain_notes(body: HtmlElement, url: str, lang: str = "") -> list[FoundNote]:
    """Like ``notes.join_linked_notes``, for marks that are only text: ``body`` is the article, its notes at its end."""
    if next(body.iter("sup"), None) is None and not _ANY_MARK.search("".join(body.itertext())):
        return []
    _part_lines(body)
    leaves = [node for node in body.iter(*_LEAVES) if node.tag == "hr" or _is_leaf(node)]
    entries, heading = _entries(leaves)
    if not entries:
        return []
    first = next(iter(entries.values()))[0]
    marks = _marks_before(body, first, set(entries))
    if not marks or len(set(marks)) * 2 < len(entries):
        return []
    notes = []
    found = _insert_references(body, first, set(entries))
    for number, blocks in entries.items():
        label = str(number)
        html = [read_inline(block, url, lang=lang) for block in blocks]
        html[0] = strip_label(html[0], label)
        text = "<br>".join(part for part in html if part)
        if text:
            notes.append(FoundNote(label, text, -3, joined=number in found))
    for blocks in entries.values():
        for block in blocks:
            block.drop_tree()
    if heading is not None:
        heading.drop_tree()
    return notes


def _is_leaf(node: HtmlElement) -> bool:
    return not any(child.tag in (*_LEAVES, "ul", "ol", "blockquote", "table", "section", "article") for child in node)


def _part_lines(body: HtmlElement) -> None:
    """Make a paragraph of each note where they are lines of one: ``[1] …<br>[2] …``."""
    for node in [one for one in body.iter("p", "div") if len(one.findall("br")) and _ENTRY.match(short_text(one, 5))]:
        parent = node.getparent()
        if parent is None or node is body:
            continue
        for br in node.findall("br"):
            if not re.match(r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)]\s)", br.tail or ""):
                continue
            part = parent.makeelement("p")
            part.text, br.tail = br.tail, None
            following = br.getnext()
            while following is not None and not (
                following.tag == "br"
                and re.match(r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)]\s)", following.tail or "")
            ):
                after = following.getnext()
                part.append(following)
                following = after
            last = node
            while (sibling := last.getnext()) is not None and sibling.get("data-part") == "1":
                last = sibling
            part.set("data-part", "1")
            part.tail, last.tail = last.tail, None
            last.addnext(part)


def _entries(leaves: list[HtmlElement]) -> tuple[dict[int, list[HtmlElement]], HtmlElement | None]:
    """The notes at the end, by number, each with its blocks, and the heading above them."""
    start, heading = 0, None
    for at in range(len(leaves) - 1, max(-1, len(leaves) - 400), -1):
        if leaves[at].tag != "hr" and _HEADING.match(short_text(leaves[at], 60).strip("*:— ")):
            start, heading = at + 1, leaves[at]
            break
    entries: dict[int, list[HtmlElement]] = {}
    if heading is not None:
        for leaf in leaves[start:]:
            if leaf.tag == "hr":
                continue
            number = _number(leaf)
            if leaf.tag == "li" and number is None and leaf.getparent().tag == "ol":
                number = len(entries) + 1
            if number == len(entries) + 1:
                entries[number] = [leaf]
            elif entries and leaf.tag not in ("h2", "h3", "h4"):
                entries[len(entries)].append(leaf)
            else:
                break
        return entries, heading
    tail: list[tuple[int, HtmlElement]] = []
    for leaf in reversed(leaves[-400:]):
        if leaf.tag == "hr":
            if tail:
                break
            continue
        number = _number(leaf)
        if number is None or (tail and number != tail[-1][0] - 1):
            if tail or len(read_text(leaf)) > 300:
                break
            continue
        tail.append((number, leaf))
        if number == 1:
            break
    if not tail or tail[-1][0] != 1:
        return {}, None
    return {number: [leaf] for number, leaf in reversed(tail)}, None


def _number(leaf: HtmlElement) -> int | None:
    text = short_text(leaf, 12)
    match = _ENTRY.match(text)
    if not match:
        return None
    if match[5] and not (
        len(leaf) and leaf[0].tag in ("sup", "strong", "b", "a", "span") and not (leaf.text or "").strip()
    ):
        return None
    return int(next(group for group in match.groups() if group))


def _marks_before(body: HtmlElement, first: HtmlElement, wanted: set[int]) -> list[int]:
    found = []
    for node in body.iter("*"):
        if node is first:
            break
        if node.tag == "sup" and (number := _raised(node)) in wanted and number is not None:
            found.append(number)
        for text in (node.text, node.tail):
            for match in _MARK.finditer(text or ""):
                number = int(match[1] or match[2])
                if number in wanted:
                    found.append(number)
    return found


def _raised(node: HtmlElement) -> int | None:
    text = short_text(node, 6).strip("[]() \u00a0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _insert_references(body: HtmlElement, first: HtmlElement, wanted: set[int]) -> set[int]:
    """Turn the marks before ``first`` into references; return those found."""
    found: set[int] = set()
    nodes = []
    for node in body.iter("*"):
        if node is first:
            break
        nodes.append(node)
    for node in nodes:
        if (
            node.tag == "sup"
            and (number := _raised(node)) in wanted
            and number is not None
            and node.getparent() is not None
        ):
            found.add(number)
            for child in list(node):
                node.remove(child)
            node.text, node.tag = None, NOTE_REF
            node.attrib.clear()
            node.set("label", str(number))
    for node in nodes:
        if node.tag == NOTE_REF:
            _split_text(node, wanted, found, tail=True)
            continue
        _split_text(node, wanted, found, tail=False)
        if node is not body and node.getparent() is not None:
            _split_text(node, wanted, found, tail=True)
    return found


def _split_text(node: HtmlElement, wanted: set[int], found: set[int], *, tail: bool) -> None:
    text = (node.tail if tail else node.text) or ""
    pieces: list[tuple[int, str]] = []
    position = 0
    head = ""
    for match in _MARK.finditer(text):
        number = int(match[1] or match[2])
        if number not in wanted:
            continue
        if pieces:
            pieces[-1] = (pieces[-1][0], text[position : match.start()])
        else:
            head = text[: match.start()]
        pieces.append((number, text[match.end() :]))
        position = match.end()
        found.add(number)
    if not pieces:
        return
    parent = node.getparent() if tail else node
    at = parent.index(node) + 1 if tail else 0
    if tail:
        node.tail = head
    else:
        node.text = head
    for offset, (number, after) in enumerate(pieces):
        reference = parent.makeelement(NOTE_REF, {"label": str(number)})
        reference.tail = after
        parent.insert(at + offset, reference)
