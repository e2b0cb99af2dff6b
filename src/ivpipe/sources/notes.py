"""Footnotes: finding each reference and the note it means, whatever habit the page follows.

``join_linked_notes`` serves every habit with links (SPIP, WordPress's block and plug-ins, Drupal, Word, LibreOffice,
Markdown): a reference is a link whose text is a mark and which leads to a place further down that is evidently a
note. ``sources.plain_notes`` serves pages where the marks are mere text. Both take the notes out of the tree and leave
``x-note-ref`` elements for ``text.inline_reader``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import cast
from urllib.parse import unquote, urldefrag

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.model.document import Note
from ivpipe.text.inline import inline_text
from ivpipe.text.inline_reader import NOTE_REF, read_inline, read_text, short_text
from ivpipe.text.plain import squeeze

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LOWER = {value: key for key, value in RAISED.items()}
_MARK = re.compile(r"(?:\d{1,3}(?:\s?(?:bis|ter)|:\d{1,2})?|[*†‡§¤]{1,5}|[a-zA-Z]|[ivxlIVXL]{1,6}|\d{1,2}-\d{1,2})$")
_DRESSING = "[](){}⟨⟩ \t\r\n\u00a0\u202f.:,;^↑↩"
_NOTE_ID = re.compile(
    r"_?(?:nb|fn|ftn|edn|note|footnote|endnote|foot|sdfootnote|sdendnote|cite_note|easy-footnote-bottom|fuss|anm"
    r"|nota|pie"
    r"|modern-footnotes|footnote_plugin_reference|noten?)(?:[-_:.]|(?=\d)|s?$)",
    re.I,
)
_NOTE_PLACE = re.compile(
    r"foot-?notes?|end-?notes?|(?:^|[\s_-])notes?(?:$|[\s_-])|fu(?:ss|ß)noten?|spip_note|sidenote", re.I
)
_NOTE_REL = re.compile(r"footnote|appendix|noteref", re.I)
_BACK = re.compile(r"back|return|retour|to-top|rueck", re.I)
_BACK_TEXT = re.compile(r"\W*(?:retour|remonter|volver|regresar|zur[uü]ck|torna|voltar|back|return)\b.{0,20}$", re.I)
_ARROWS = re.compile("[\u2190-\u21ff\u2b05-\u2b11\u23ce\u2934\u2b06^\ufe0e\ufe0f\\s\u00a0]+$")
_INLINE_NOTE = re.compile(
    r"footnote_tooltip|footnote__note|(?:^|\s)sidenote(?:$|\s)|footnote-(?:content|text|tooltip)", re.I
)
_PLACES = etree.XPath("descendant-or-self::*[@id or self::a or self::button]")
_BLOCKS = frozenset(
    {"p", "li", "div", "dd", "td", "th", "tr", "section", "aside", "article", "body", "blockquote", "ol", "ul"}
)
_WRAPPERS = frozenset({"sup", "span", "small", "b", "strong", "font", "em", "i", "cite", "a"})
_CLIMB = 30
_MARK_PARTS = 12
_MOST = 1000
_HEADING_LENGTH = 40


@dataclass(slots=True)
class FoundNote:
    """A note taken out of the page. ``group`` is the same for notes of one list; ``joined``: a reference leads to it."""

    label: str
    html: str
    group: int
    joined: bool = True

    @property
    def note(self) -> Note:
        """As the Document holds it."""
        return Note(self.label, self.html)


@dataclass(slots=True)
class _Pair:
    target: HtmlElement
    mark: str
    links: list[HtmlElement] = field(default_factory=list)


def join_linked_notes(root: HtmlElement, url: str, lang: str = "", *, inline: bool = True) -> list[FoundNote]:
    """Turn references into ``x-note-ref`` elements, take the notes they lead to out of ``root`` and return them.

    ``inline`` is False where it is known that no note stands amid the text.
    """
    pairs = _linked_pairs(root, url)
    notes = _take_notes(root, pairs, url, lang)
    if inline:
        notes += _take_inline_notes(root, {note.label for note in notes}, url, lang)
    return notes


def _linked_pairs(root: HtmlElement, url: str) -> list[_Pair]:
    links: list[tuple[str, str, HtmlElement]] = []
    page = urldefrag(url)[0]
    marked = False
    for node in root.iter("a", "button"):
        if (href := node.get("href") if node.tag == "a" else _shown(node)) and "#" in href:
            before, _, fragment = href.strip().partition("#")
            if fragment and (not before or before == page or page.endswith("/" + before.lstrip("./"))):
                mark = _mark(node)
                marked = marked or bool(mark)
                links.append((unquote(fragment), mark, node))
    if not marked:
        return []
    places: dict[str, HtmlElement] = {}
    positions: dict[HtmlElement, int] = {}
    for position, node in enumerate(cast("list[HtmlElement]", _PLACES(root))):
        for key in (node.get("id"), node.get("name") if node.tag == "a" else None):
            if key:
                places.setdefault(key, node)
        positions[node] = position
    pairs: dict[HtmlElement, _Pair] = {}
    backward = {
        fragment for fragment, _, link in links if fragment in places and positions[places[fragment]] < positions[link]
    }
    for fragment, mark, link in links:
        place = places.get(fragment)
        if not mark or place is None or positions[place] <= positions[link]:
            continue
        if _evident(link, fragment, place, backward):
            pairs.setdefault(place, _Pair(place, mark)).links.append(link)
    return list(pairs.values())[:_MOST]


def _shown(button: HtmlElement) -> str:
    """The place in the page that a button shows, as a link's address."""
    place = button.get("popovertarget") or button.get("aria-controls") or button.get("aria-describedby")
    return f"#{place}" if place else ""


def _mark(link: HtmlElement) -> str:
    """What a link shows, without brackets, if that can be the mark of a note."""
    if sum(1 for _ in islice(link.iter(), _MARK_PARTS)) == _MARK_PARTS:
        return ""
    text = read_text(link) if link.tag == "a" else short_text(link)
    mark = text.strip(_DRESSING) or (link.get("data-footnote-number") or "").strip()
    mark = re.sub(r"^(?:notes?|fn|n°)\s*", "", mark, flags=re.I)
    return mark if _MARK.match(mark) else ""


def _evident(link: HtmlElement, fragment: str, target: HtmlElement, backward: set[str]) -> bool:
    """Whether the place a mark leads to is a note, not a page of a pagination or a section of the text."""
    if _NOTE_ID.match(fragment) or _NOTE_REL.search(f"{link.get('rel') or ''} {link.get('role') or ''}"):
        return True
    own = {link.get("id"), link.get("name")}
    for ancestor in islice(link.iterancestors(), 2):
        own.add(ancestor.get("id"))
        if ancestor.get("data-fn"):
            return True
    previous = link.getprevious()
    if previous is not None:
        own.update((previous.get("id"), previous.get("name")))
    if own & backward - {None}:
        return True
    return any(_NOTE_PLACE.search(one.get("class") or "") for one in [link, target, *islice(target.iterancestors(), 3)])


def _take_notes(root: HtmlElement, pairs: list[_Pair], url: str, lang: str) -> list[FoundNote]:
    targets = {pair.target for pair in pairs}
    notes: list[FoundNote] = []
    labels: dict[str, int] = {}
    groups: dict[HtmlElement, int] = {}
    claimed: dict[HtmlElement, int] = {}
    for pair in pairs:
        join_term(pair.target)
    holders = [(pair, _holder(pair.target)) for pair in pairs]
    for _, holder in holders:
        claimed[holder] = claimed.get(holder, 0) + 1
    emptied: list[HtmlElement] = []
    for pair, holder in holders:
        if (
            any(link is holder or holder in islice(link.iterancestors(), _CLIMB) for link in pair.links)
            or holder is root
        ):
            continue  # the "note" holds its own reference: it is the text itself
        body = _split_off(holder, pair.target, targets) if claimed[holder] > 1 else holder
        if body is None:
            continue
        label = _unique(pair.mark, labels)
        html = _note_html(body, pair, url, lang)
        parent = holder.getparent()
        if not html:
            continue
        group = groups.setdefault(parent, len(groups)) if parent is not None else -1
        for link in pair.links:
            _replace_reference(link, label)
        body.drop_tree()
        notes.append(FoundNote(label, html, group))
        if parent is not None:
            emptied.append(parent)
    for parent in dict.fromkeys(emptied):
        notes += _unlinked_rest(parent, groups[parent], labels, url, lang)
        drop_if_empty(parent)
    return notes


def join_term(target: HtmlElement) -> None:
    """Where a list of definitions has the mark for its term and the note beside it, put the mark into the note."""
    term = next((node for node in [target, *islice(target.iterancestors(), 3)] if node.tag == "dt"), None)
    note = None if term is None else term.getnext()
    if term is None or note is None or note.tag != "dd":
        return
    term.tag, term.tail, note.text = "span", note.text, None
    note.insert(0, term)


def _holder(target: HtmlElement) -> HtmlElement:
    """The block that is the note whose anchor is ``target``."""
    node = target
    for _ in range(_CLIMB):
        parent = node.getparent()
        if node.tag in ("td", "th") and parent is not None and parent.tag == "tr":
            node = parent
            break
        if node.tag in ("p", "span", "a", "sup") and parent is not None and parent.tag in ("li", "td", "th", "dd"):
            node = parent
            continue
        if node.tag == "p" and parent is not None and parent.tag == "div" and _sole_note(parent, node):
            node = parent
            break
        if (node.tag in _BLOCKS and short_text(node)) or parent is None:
            break
        node = parent
    return node


def _sole_note(div: HtmlElement, first: HtmlElement) -> bool:
    return bool(div.get("id") and _NOTE_ID.match(div.get("id") or "")) and div[0] is first


def _split_off(holder: HtmlElement, target: HtmlElement, targets: set[HtmlElement]) -> HtmlElement | None:
    """Several notes stand in one block: move this one's part of it, up to the next note, to a block of its own."""
    top = target
    for _ in range(_CLIMB):
        parent = top.getparent()
        if parent is None:
            return None
        if parent is holder:
            break
        top = parent
    else:
        return None
    body = holder.makeelement("div")
    following = top.getnext()
    holder.insert(holder.index(top), body)
    body.append(top)
    while following is not None and following not in targets and targets.isdisjoint(islice(following.iter(), 50)):
        after = following.getnext()
        body.append(following)
        following = after
    return body


def _note_html(body: HtmlElement, pair: _Pair, url: str, lang: str) -> str:
    for link in list(body.iter("a")):
        href = link.get("href") or ""
        text = read_text(link)
        same_mark = text.strip(_DRESSING) == pair.mark
        backward = href.startswith("#") or "#" in href
        hint = f"{link.get('class') or ''} {link.get('rev') or ''} {link.get('rel') or ''} {link.get('role') or ''}"
        if (
            (backward and (same_mark or not text or _ARROWS.match(text) or _BACK_TEXT.match(text)))
            or (link is not body and _BACK.search(hint) and len(text) < 25)
            or (link is pair.target and same_mark)
        ):
            link.drop_tree() if link is not body else None
        elif link is pair.target and not href and not text:
            link.drop_tag()
    for node in list(body.iter("span", "sup", "th", "strong", "b")):
        if node is not body and _BACK.search(node.get("class") or "") and len(read_text(node)) < 25:
            node.drop_tree()
    return strip_label(read_inline(body, url, lang=lang), pair.mark, numbered=body.tag == "li")


def strip_label(html: str, label: str, *, numbered: bool = False) -> str:
    """Return a note's inline HTML without the mark it begins with. ``numbered``: its list shows the numbers already."""
    mark = re.escape(label)
    forms = (
        rf"\[\s*{mark}\s*\]",
        label.translate(_LOWER) if label.isdigit() else "(?!)",
        rf"\(\s*{mark}\s*\)",
        rf"<sup>\s*[\[(]?{mark}[\])]?\s*</sup>",
        rf"[↑↩^]+\s*{mark}(?!\w)",
        rf"{mark}\s*[.):](?!\d)",
        rf"{mark}\s*[-–—]\s",
    )
    dressed = f"(?:{'|'.join(forms)})"
    bare = "" if numbered else rf"|{mark}[\s\u00a0]+(?=\D)"
    html = re.sub(r"^(?:(?:\[\s*\]|\(\s*\)|<sup>\s*[\[\]()]*\s*</sup>|[.:↑↩^]|<br>)[\s\u00a0\u202f]*)+", "", html)
    html = re.sub(rf"^(<(?:strong|em|span[^>]*)>)?(?:{dressed}{bare})", lambda match: match[1] or "", html)
    html = re.sub(r"^<(strong|em)></\1>", "", html)
    html = re.sub(r"^[\s\u00a0\u202f]*(?:[.):\]](?=[\s\u00a0]))?[\s\u00a0\u202f]*(?:<br>)*", "", html)
    return re.sub(r"(?:<br>|[\s\u00a0\u202f])+$", "", html)


def _unlinked_rest(parent: HtmlElement, group: int, labels: dict[str, int], url: str, lang: str) -> list[FoundNote]:
    """Notes of the same list that no reference leads to: kept, so that nothing of the author's is lost."""
    if parent.tag not in ("ol", "ul") or len(parent) > 400:
        return []
    found = []
    for item in list(parent.iterchildren("li")):
        pair = _Pair(item, re.sub(r"\D+", "", item.get("id") or "")[-3:] or "?")
        for link in item.iter("a"):
            text = read_text(link).strip(_DRESSING)
            if _MARK.match(text):
                pair.mark = text
                break
        if html := _note_html(item, pair, url, lang):
            found.append(FoundNote(_unique(pair.mark, labels), html, group, joined=False))
        item.drop_tree()
    return found


def _take_inline_notes(root: HtmlElement, taken: set[str], url: str, lang: str) -> list[FoundNote]:
    """Notes that stand in the text right after their mark and are shown on demand (Modern Footnotes, side notes)."""
    notes: list[FoundNote] = []
    labels = dict.fromkeys(taken, 1)
    places = (one for one in root.iter("span", "div", "aside", "small") if _INLINE_NOTE.search(one.get("class") or ""))
    for node in [*islice(places, _MOST)]:
        reference = node.getprevious()
        while (
            reference is not None
            and reference.tag in ("input", NOTE_REF)
            and not (node.getprevious().tail or "").strip()
        ):
            if reference.tag == NOTE_REF:
                break
            reference = reference.getprevious()
        if reference is None:
            continue
        if reference.tag == NOTE_REF:
            node.drop_tree()  # the same note again, as a tooltip
            continue
        mark = read_text(reference).strip(_DRESSING) or str(len(notes) + 1)
        if not _MARK.match(mark) or not (html := strip_label(read_inline(node, url, lang=lang), mark)):
            continue
        label = _unique(mark, labels)
        _replace_reference(reference, label)
        node.drop_tree()
        notes.append(FoundNote(label, html, -2))
    if notes:
        _drop_repeated(root, {squeeze(inline_text(note.html)) for note in notes})
    return notes


def _drop_repeated(root: HtmlElement, known: set[str]) -> None:
    """Take out the list at the end that says once more what the notes amid the text say."""
    for item in [*root.iter("li", "tr")]:
        places = [up for up in islice(item.iterancestors(), 6) if _NOTE_PLACE.search(_names(up))]
        if not places or squeeze(read_text(item)).lstrip("0123456789") not in known:
            continue
        item.drop_tree()
        for place in reversed(places):
            if len(short_text(place)) <= _HEADING_LENGTH and place.getparent() is not None:
                place.drop_tree()


def _names(node: HtmlElement) -> str:
    return f"{node.get('class') or ''} {node.get('id') or ''}"


def _unique(mark: str, labels: dict[str, int]) -> str:
    """The mark, or, where another note has it already, the mark with a number."""
    labels[mark] = labels.get(mark, 0) + 1
    if labels[mark] == 1:
        return mark
    label = f"{mark}-{labels[mark]}"
    return label if label not in labels else _unique(label, labels)


def _replace_reference(link: HtmlElement, label: str) -> None:
    """Put an ``x-note-ref`` in the place of a link, with all that only dresses it: ``<sup>``, brackets, spaces."""
    node = link
    for parent in islice(link.iterancestors(), 4):
        if parent.tag not in _WRAPPERS or len(short_text(parent).strip(_DRESSING)) > len(
            short_text(link).strip(_DRESSING)
        ):
            break
        if any(child.tag == NOTE_REF for child in parent.iter(NOTE_REF)):
            break
        node = parent
    parent = node.getparent()
    if parent is None:
        return
    reference = parent.makeelement(NOTE_REF, {"label": label})
    reference.tail, node.tail = node.tail, None
    parent.replace(node, reference)
    previous = reference.getprevious()
    before = (previous.tail if previous is not None else parent.text) or ""
    after = reference.tail or ""
    if before.rstrip().endswith(("[", "(")) and after.lstrip().startswith(("]", ")")):
        before = before.rstrip()[:-1]
        reference.tail = after.lstrip()[1:]
        if previous is not None:
            previous.tail = before
        else:
            parent.text = before


def drop_if_empty(node: HtmlElement) -> None:
    """Take an element out that has lost its text, and those around it for which the same holds."""
    for _ in range(4):
        parent = node.getparent()
        if (
            parent is None
            or node.tag in ("body", "html")
            or next(node.iter("img"), None) is not None
            or short_text(node)
        ):
            return
        node.drop_tree()
        node = parent
