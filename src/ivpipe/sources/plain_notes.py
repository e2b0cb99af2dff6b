"""Footnotes without links: ``[1]``, a raised 1 or an asterisk in the text, and a list of them at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from lxml.html import HtmlElement

from ivpipe.sources.notes import RAISED, FoundNote, join_term, strip_label
from ivpipe.text.inline_reader import NOTE_REF, read_inline, read_text, short_text

_HEADING = re.compile(
    r"(?:notes?(?: de (?:bas de page|fin)| et r[eé]f[eé]rences| de l['’]auteur\w*| explicatives)?|footnotes?|end ?notes?"
    r"|fu(?:ss|ß)noten?|anmerkungen|endnoten|notas?(?: al pie| a pie de p[aá]gina| de (?:rodap[eé]|fim)| finales"
    r"| d(?:el|o|a|e la) autora?)?|note(?: a pi[eè] di pagina)?|references|r[eé]f[eé]rences|refer[eê]ncias|riferimenti"
    r"|einzelnachweise)\s*:?$",
    re.I,
)
_PLACE = re.compile(r"(?<![a-z])(?:foot-?|end-?)?(?:not[ae]s?|anmerkungen|fussnoten|endnoten)(?![a-z])", re.I)
_ENTRY = re.compile(
    r"\s*(?:\[(\d{1,3})\]|\((\d{1,3})\)|(\d{1,3})\s?[.)](?!\d)|(\d{1,3})\s[-–—]"
    r"|(\d{1,3})(?=[\s\u00a0]*[^\d\s.,:/%-])|([⁰¹²³⁴-⁹]{1,3}))\s*"
)
_STARRED = re.compile(r"\s*(\*{1,4}|†|‡)\s*(?=[^\s*†‡])")
_LINE = re.compile(
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)]\s|\d{1,3}\s[-–—]\s|[⁰¹²³⁴-⁹]{1,3}|(?:\*{1,4}|†|‡)\s*[^\s*†‡])"
)
# Square metres are no notes, nor are the asterisks of "Leser*innen".
_MARK = re.compile(
    r"[\s\u00a0\u202f]?(?:\[(\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,9})\]|\((\d{1,3})\))|(?<![\W\d]m)(?<![\W\d][kcd]m)(?<=\S)([⁰¹²³⁴-⁹]{1,3})"
    r"|(?<=[^ \t\n*])(\*{1,4}|†|‡)(?![\w*])"
)
_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹*†‡"
_BRACKETED = re.compile(r"[\[(]\d{1,3}[\]),;]")
_RAISED_CLASS = re.compile(
    r"(?<![a-z])(?:superscript|super[ií]ndice|sobrescrito|exposant|hochgestellt|apice)(?![a-z])|vertical-align:\s*super",
    re.I,
)
_MOST_PLACES = 5
_Entries = tuple[dict[str, list[HtmlElement]], HtmlElement | None]
_Finder = Callable[[list[HtmlElement]], _Entries]
_LEAVES = ("p", "li", "div", "dd", "h2", "h3", "h4", "h5", "h6", "hr")
_NOT_IN_LEAF = frozenset({*_LEAVES, "ul", "ol", "blockquote", "table", "section", "article"})


def join_plain_notes(body: HtmlElement, url: str, lang: str = "") -> list[FoundNote]:
    """Like ``notes.join_linked_notes``, for marks that are only text: ``body`` is the article, its notes at its end."""
    for span in body.iter("span"):
        if _RAISED_CLASS.search(f"{span.get('class') or ''} {span.get('style') or ''}") and _raised(span):
            span.tag = "sup"
    if next(body.iter("sup"), None) is None:
        text = "".join(body.itertext())
        if not (any(sign in text for sign in _SIGNS) or _BRACKETED.search(text)):
            return []
    _part_lines(body)
    _part_rows(body)
    return [*_joined(body, _entries, url, lang), *_joined(body, _starred_entries, url, lang)]


def notes_apart(root: HtmlElement) -> list[HtmlElement]:
    """What is called notes, by class or id, wherever it stands: some sites have a field of their own for them."""
    found: dict[HtmlElement, None] = {}
    for node in root.iter("div", "section", "aside"):
        if _PLACE.search(f"{node.get('class') or ''} {node.get('id') or ''}") and not any(
            up in found for up in node.iterancestors()
        ):
            found[node] = None
    return [*found]


def join_notes_apart(body: HtmlElement, places: list[HtmlElement], url: str, lang: str = "") -> list[FoundNote]:
    """Like ``join_plain_notes``, with the notes in one of ``places``, which no longer need be in the page."""
    around = {body, *body.iterancestors()}
    for place in places[:_MOST_PLACES]:
        if place in around or body in place.iterancestors():
            continue
        if place.getparent() is not None:
            place.drop_tree()
        body.append(place)
        if notes := join_plain_notes(body, url, lang):
            return notes
        place.drop_tree()
    return []


def _joined(body: HtmlElement, find: _Finder, url: str, lang: str) -> list[FoundNote]:
    entries, heading = find([node for node in body.iter(*_LEAVES) if node.tag == "hr" or _is_leaf(node)])
    if not entries:
        return []
    first = next(iter(entries.values()))[0]
    marks = set(_marks_before(body, first, set(entries)))
    if len(marks) * 2 < len(entries) or ("1" not in entries and len(marks) < len(entries)):
        return []
    notes = []
    found = _insert_references(body, first, set(entries))
    for label, blocks in entries.items():
        lead = blocks[0][0] if len(blocks[0]) and not (blocks[0].text or "").strip() else None
        if lead is not None and short_text(lead, 6).strip("[](). ") == label:
            lead.drop_tree()  # the number, in an element of its own
        html = [read_inline(block, url, lang=lang) for block in blocks]
        html[0] = strip_label(html[0], label)
        text = "<br>".join(part for part in html if part)
        if text:
            notes.append(FoundNote(label, text, -3, joined=label in found))
    for blocks in entries.values():
        for block in blocks:
            block.drop_tree()
    if heading is not None:
        heading.drop_tree()
    return notes


def _is_leaf(node: HtmlElement) -> bool:
    return not any(child.tag in _NOT_IN_LEAF for child in node)


def _part_lines(body: HtmlElement) -> None:
    """Make a paragraph of each note where they are lines of one: ``[1] …<br>[2] …``, a heading above them or not."""
    for node in [one for one in body.iter("p", "div") if one.find("br") is not None and _first_line_is_note(one)]:
        parent = node.getparent()
        if parent is None or node is body:
            continue
        for br in node.findall("br"):
            if not _begins_note(br):
                continue
            part = parent.makeelement("p")
            part.text, br.tail = br.tail, None
            following = br.getnext()
            while following is not None and not (following.tag == "br" and _begins_note(following)):
                after = following.getnext()
                part.append(following)
                following = after
            last = node
            while (sibling := last.getnext()) is not None and sibling.get("data-part") == "1":
                last = sibling
            part.set("data-part", "1")
            part.tail, last.tail = last.tail, None
            last.addnext(part)


def _part_rows(body: HtmlElement) -> None:
    """Make a paragraph of each row of a table, or term and definition, under a heading that says they are notes."""
    for node in [one for one in body.iter("table", "dl") if _is_heading(one.getprevious())]:
        if node.tag == "dl":
            for term in node.findall("dt"):
                join_term(term)
        for part in [*node.iter("table", "thead", "tbody")]:
            part.tag = "div"
        for row in [*node.iter("tr")]:
            row.tag = "p"
            for cell in row:
                cell.tag = "span"


def _is_heading(node: HtmlElement | None) -> bool:
    return node is not None and node.tag != "hr" and bool(_HEADING.match(short_text(node).strip("*:— ")))


def _first_line_is_note(node: HtmlElement) -> bool:
    text = short_text(node, 5)
    if _ENTRY.match(text) or _STARRED.match(text):
        return True
    line = node.text or ""
    for child in node:
        if child.tag == "br":
            break
        line += short_text(child) + (child.tail or "")
    return bool(_HEADING.match(line.strip("*:— \t\n")))


def _begins_note(br: HtmlElement) -> bool:
    if (br.tail or "").strip():
        return bool(_LINE.match(br.tail))
    following = br.getnext()
    return following is not None and following.tag == "sup" and bool(_raised(following))


def _entries(leaves: list[HtmlElement]) -> _Entries:
    """The numbered notes at the end, by mark, each with its blocks, and the heading above them."""
    start, heading = 0, None
    for at in range(len(leaves) - 1, max(-1, len(leaves) - 400), -1):
        if _is_heading(leaves[at]):
            start, heading = at + 1, leaves[at]
            break
    entries: dict[str, list[HtmlElement]] = {}
    last: int | None = None
    if heading is not None:
        for leaf in leaves[start:]:
            if leaf.tag == "hr":
                continue
            number = _number(leaf)
            if leaf.tag == "li" and number is None and leaf.getparent().tag == "ol":
                number = len(entries) + 1
            if number is not None and (last is None or number == last + 1):
                last = number
                entries[str(number)] = [leaf]
            elif entries and leaf.tag not in ("h2", "h3", "h4"):
                entries[str(last)].append(leaf)
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
    if not tail or (tail[-1][0] != 1 and len(tail) < 2):
        return {}, None
    return {str(number): [leaf] for number, leaf in reversed(tail)}, None


def _starred_entries(leaves: list[HtmlElement]) -> _Entries:
    """The notes at the end that begin with asterisks or daggers."""
    tail: dict[str, list[HtmlElement]] = {}
    for leaf in reversed(leaves[-50:]):
        if leaf.tag == "hr":
            if tail:
                break
            continue
        match = _STARRED.match(short_text(leaf, 12))
        if match and match[1] in tail:
            return {}, None  # a list
        if match:
            tail[match[1]] = [leaf]
        elif tail or len(read_text(leaf)) > 300:
            break
    return dict(reversed(tail.items())), None


def _number(leaf: HtmlElement) -> int | None:
    text = short_text(leaf, 12)
    match = _ENTRY.match(text)
    if not match:
        return None
    if match[5] and not (
        len(leaf) and leaf[0].tag in ("sup", "strong", "b", "a", "span") and not (leaf.text or "").strip()
    ):
        return None
    return int(next(group for group in match.groups() if group).translate(RAISED))


def _marks_before(body: HtmlElement, first: HtmlElement, wanted: set[str]) -> list[str]:
    found: list[str] = []
    for node in body.iter("*"):
        if node is first:
            break
        if node.tag == "sup" and (label := _raised(node)) in wanted:
            found.append(label)
        for text in (node.text, node.tail):
            found += [label for match in _MARK.finditer(text or "") for label in _labels(match) if label in wanted]
    return found


def _raised(node: HtmlElement) -> str:
    text = short_text(node, 6).strip("[]() \u00a0")
    return text if re.fullmatch(r"[0-9]{1,3}|\*{1,4}|†|‡", text) else ""


def _labels(match: re.Match[str]) -> list[str]:
    marks = next(group for group in match.groups() if group)
    return [marks] if marks[0] in "*†‡" else [str(int(one)) for one in re.split(r"\D+", marks.translate(RAISED))]


def _insert_references(body: HtmlElement, first: HtmlElement, wanted: set[str]) -> set[str]:
    """Turn the marks before ``first`` into references; return those found."""
    found: set[str] = set()
    nodes = []
    for node in body.iter("*"):
        if node is first:
            break
        nodes.append(node)
    for node in nodes:
        if node.tag == "sup" and (label := _raised(node)) in wanted and node.getparent() is not None:
            found.add(label)
            for child in list(node):
                node.remove(child)
            node.text, node.tag = None, NOTE_REF
            node.attrib.clear()
            node.set("label", label)
    for node in nodes:
        if node.tag == NOTE_REF:
            _split_text(node, wanted, found, tail=True)
            continue
        _split_text(node, wanted, found, tail=False)
        if node is not body and node.getparent() is not None:
            _split_text(node, wanted, found, tail=True)
    return found


def _split_text(node: HtmlElement, wanted: set[str], found: set[str], *, tail: bool) -> None:
    text = (node.tail if tail else node.text) or ""
    pieces: list[tuple[str, str]] = []
    position = 0
    head = ""
    for match in _MARK.finditer(text):
        labels = _labels(match)
        if not wanted.issuperset(labels):
            continue
        if pieces:
            pieces[-1] = (pieces[-1][0], text[position : match.start()])
        else:
            head = text[: match.start()]
        pieces += [(label, "") for label in labels[:-1]]
        pieces.append((labels[-1], text[match.end() :]))
        position = match.end()
        found.update(labels)
    if not pieces:
        return
    # One after the other beside its neighbour: by index each would cost as much as there are before it.
    references = [node.makeelement(NOTE_REF, {"label": label}) for label, _ in pieces]
    if tail:
        node.tail = None
        node.addnext(references[0])
    else:
        node.insert(0, references[0])
    for before, reference in pairwise(references):
        before.addnext(reference)
    for reference, (_, after) in zip(references, pieces, strict=True):
        reference.tail = after
    if tail:
        node.tail = head
    else:
        node.text = head
