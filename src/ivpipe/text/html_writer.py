"""Document → reading HTML: what a published page and the desk's preview show.

The input is canonical, but this is the last wall before a reader's browser, so nothing is taken on trust: markup
outside the canonical subset comes out as text, an address that is not http(s) or mailto is no link, and characters
that HTML and XML forbid are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import NamedTuple

from ivpipe.model.document import Block, BlockType, Document, Image
from ivpipe.model.languages import direction
from ivpipe.text.inline import Token, inline_tokens

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')
_TAG = re.compile(r"<[^<>]*>")
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ADDRESS = re.compile(r"(https?://[^\s/?#]|mailto:[^\s])[^\s]*", re.I)
_TABLE_TAG = re.compile(r"(</?(?:table|caption|tr|t[hd])(?:\s[^<>]*)?>)")
_PARENT = {"table": "", "caption": "table", "tr": "table", "th": "tr", "td": "tr"}
_ROLES = frozenset({"question", "signature", "author_note", "translator_note", "embed", "attribution"})


@dataclass(frozen=True, slots=True)
class Written:
    """A document as HTML. ``kicker``, ``title`` and ``standfirst`` are inline; ``lead`` is the leading picture's
    figure, ``body`` and ``notes`` are flow content; each may be "".
    """

    kicker: str
    title: str
    standfirst: str
    lead: str
    body: str
    notes: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a picture that may be shown stands: an address of ours, absolute or relative, and its size in pixels.

    ``credit``: inline HTML, the line that credits it; "" leaves the image's own.
    """

    address: str
    width: int
    height: int
    credit: str = ""


def write_document(
    document: Document,
    *,
    heading_base: int = 2,
    note_id: str = "note",
    pictures: bool | Mapping[str, Shown] = False,
    notes_heading: str = "",
    back_label: str = "",
) -> Written:
    """Return all parts of a document as HTML, whose note references and notes point at each other.

    ``heading_base``: the element of a top (level 2) heading, 2 for h2. ``note_id``: start of the ids, note n being
    "note-n" and its references "noteref-n", "noteref-n-2" …. ``pictures``: those to show, by ``Image.src``; True:
    all, from their source address; of others, figures keep the caption and credit. ``notes_heading``: text above the
    notes; ``back_label``: what a screen reader says of the links back to the text.
    """
    return _Writer(document, heading_base, note_id, pictures).write(notes_heading, back_label)


def document_body(document: Document, *, heading_base: int = 2, note_id: str = "note", pictures: bool = False) -> str:
    """Return the blocks of a document as HTML; see ``write_document``."""
    return write_document(document, heading_base=heading_base, note_id=note_id, pictures=pictures).body


def document_notes(document: Document, *, note_id: str = "note", heading: str = "", back_label: str = "") -> str:
    """Return the notes of a document as an HTML section, "" if there are none; see ``write_document``."""
    return write_document(document, note_id=note_id, notes_heading=heading, back_label=back_label).notes


def inline_html(html: str, *, links: bool = True) -> str:
    """Return one piece of inline HTML made safe, without note references; ``links`` false keeps links' text only."""
    return _Inline(Document(url="", title=""), "", links=links).render(html)


def inline_plain(html: str) -> str:
    """Return inline HTML as plain text on one line; what is not canonical is taken as the text it is."""
    try:
        text = "".join(token.text for token in inline_tokens(html))
    except ValueError:
        text = html
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    """Leave out the characters that no HTML or XML page may hold."""
    return _FORBIDDEN.sub("", text)


def safe_address(address: str) -> str:
    """Return an address that a link may have (http, https, mailto), else ""."""
    address = clean_text(address).strip()
    return address if _ADDRESS.fullmatch(address) else ""


def _text(text: str) -> str:
    return escape(clean_text(text), quote=False)


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(clean_text(value))}"'


class _Inline:
    """Writes inline HTML, giving note references their links; remembers the references' ids by note."""

    def __init__(self, document: Document, note_id: str, *, links: bool = True) -> None:
        self.lang = document.lang
        self.note_id = note_id
        self.links = links
        self.numbers: dict[str, int] = {}
        for number, note in enumerate(document.notes, 1):
            self.numbers.setdefault(note.label, number)
        self.references: dict[int, list[str]] = {number: [] for number in range(1, len(document.notes) + 1)}

    def render(self, html: str) -> str:
        try:
            tokens = inline_tokens(html, any_attributes=True)
        except ValueError:
            return _text(html)
        out: list[str] = []
        opened: list[tuple[str, str]] = []
        """Elements now open as (name, opening tag); the tag is "" where the element is left out."""
        for token in tokens:
            if token.kind == "text":
                out.append(_text(token.text))
            elif token.kind == "open":
                tag = self._opening(token, inside=[name for name, tag in opened if tag])
                opened.append((token.name, tag))
                out.append(tag)
            elif token.kind == "close":
                name, tag = opened.pop()
                if tag:
                    out.append(_close(out, tag, f"</{name}>"))
            elif token.name == "br":
                out.append("<br>")
            elif token.name == "code":
                out.append(f"<code>{_text(token.text)}</code>")
            else:
                out.append(self._outside_link(self._reference(token), opened, out))
        return "".join(out)

    def _outside_link(self, html: str, opened: list[tuple[str, str]], out: list[str]) -> str:
        """A link cannot stand in a link: close the one around, and open it again after ``html``."""
        first = next((at for at, (name, tag) in enumerate(opened) if name == "a" and tag), None)
        if first is None or not html:
            return html
        inner = [(name, tag) for name, tag in opened[first:] if tag]
        for name, tag in reversed(inner):
            out.append(_close(out, tag, f"</{name}>"))
        out.append(html)
        out.extend(tag for _, tag in inner)
        return ""

    def _opening(self, token: Token, inside: list[str]) -> str:
        given = {name: unescape(value) for name, value in _ATTRIBUTE.findall(token.html.partition(">")[0])}
        if token.name == "a":
            address = safe_address(given.get("href", ""))
            if not address or not self.links or "a" in inside:
                return ""
            kept = _attribute("href", address)
            if title := given.get("title", ""):
                kept += _attribute("title", title)
            if _LANG.fullmatch(given.get("hreflang", "")):
                kept += _attribute("hreflang", given["hreflang"])
            return f"<a{kept}>"
        if token.name == "span":
            kept = self.language(given.get("lang", ""))
            if given.get("class") == "small-caps":
                kept += ' class="small-caps"'
            return f"<span{kept}>" if kept else ""
        return f"<{token.name}>"

    def _reference(self, token: Token) -> str:
        label = unescape(dict(_ATTRIBUTE.findall(token.html.partition(">")[0])).get("data-note", ""))
        mark = _text(unescape(_TAG.sub("", token.html)).strip() or label)
        number = self.numbers.get(label)
        if not self.note_id or not mark:
            return ""
        if number is None:
            return f'<sup class="note-ref">{mark}</sup>'
        ids = self.references[number]
        ids.append(f"{self.note_id}ref-{number}" + (f"-{len(ids) + 1}" if ids else ""))
        return (
            f'<sup class="note-ref"><a{_attribute("id", ids[-1])}{_attribute("href", f"#{self.note_id}-{number}")}'
            f' role="doc-noteref">{mark}</a></sup>'
        )

    def language(self, lang: str) -> str:
        """``lang`` and, where the writing runs the other way, ``dir`` attributes; "" where they say nothing new."""
        if lang == self.lang or not _LANG.fullmatch(lang):
            return ""
        turned = direction(lang) != direction(self.lang)
        return _attribute("lang", lang) + (_attribute("dir", direction(lang)) if turned else "")


def _close(out: list[str], opening: str, closing: str) -> str:
    """Close an element, or take back an opening tag with nothing behind it: an empty link is a trap for the keyboard."""
    while out and not out[-1]:
        out.pop()
    if out and out[-1] == opening:
        out.pop()
        return ""
    return closing


class _Writer:
    def __init__(
        self, document: Document, heading_base: int, note_id: str, pictures: bool | Mapping[str, Shown]
    ) -> None:
        self.document = document
        self.heading_base = max(1, heading_base)
        self.note_id = note_id
        self.pictures = pictures
        self.inline = _Inline(document, note_id)

    def write(self, notes_heading: str, back_label: str) -> Written:
        document, render = self.document, self.inline.render
        return Written(  # in reading order, which numbers repeated references
            kicker=render(document.kicker),
            title=render(document.title),
            standfirst=render(document.standfirst),
            lead=self._lead(),
            body=self._body(),
            notes=self._notes(notes_heading, back_label),
        )

    def _body(self) -> str:
        out: list[str] = []
        lists: list[tuple[str, int]] = []
        """Open lists, outermost first, each with an open item: (element, level)."""
        quoting = False

        def close_lists(down_to: int = 0) -> None:
            while lists and lists[-1][1] > down_to:
                out.append(f"</li></{lists.pop()[0]}>\n")

        for block in self.document.blocks:
            item = block.type is BlockType.LIST_ITEM
            quoted = block.quoted or block.type is BlockType.QUOTE
            new_quote = quoted and (not quoting or (block.type is BlockType.QUOTE and not block.joined))
            if not item or quoted != quoting:
                close_lists()
            if quoting and (new_quote or not quoted):
                out.append("</blockquote>\n")
            if new_quote:
                out.append("<blockquote>\n")
            quoting = quoted
            if not item:
                out.append(self._block(block))
                continue
            element, level = "ol" if block.ordered else "ul", max(1, block.level)
            close_lists(level)
            if lists and lists[-1][1] == level:
                if block.joined and lists[-1][0] == element:
                    out.append("</li>\n")
                else:
                    close_lists(level - 1)
            if not lists or lists[-1][1] < level:
                lists.append((element, level))
                out.append(f"<{element}>\n")
            out.append(f"<li{self._attributes(block)}>{self.inline.render(block.html)}")
        close_lists()
        if quoting:
            out.append("</blockquote>\n")
        return "".join(out)

    def _block(self, block: Block) -> str:
        attributes = self._attributes(block)
        if block.type is BlockType.RULE:
            return "<hr>\n"
        if block.type is BlockType.FIGURE:
            image = self._image(block.image)
            picture = self._picture(image) if image is not None else ""
            return self._figure(picture, image, block.html or (image.caption if image else ""), attributes)
        if block.type is BlockType.CODE:
            return f"<pre{attributes}><code>{_text(unescape(block.html))}</code></pre>\n" if block.html else ""
        if block.type is BlockType.TABLE:
            return self._table(block.html, attributes)
        html = self.inline.render(block.html)
        if not html.strip():
            return ""
        if block.type is BlockType.HEADING:
            element = f"h{min(6, self.heading_base + max(2, block.level) - 2)}"
            return f"<{element}{attributes}>{html}</{element}>\n"
        return f"<p{attributes}>{html}</p>\n"

    def _attributes(self, block: Block) -> str:
        classes = ["verse"] if block.type is BlockType.VERSE else []
        if block.role in _ROLES:
            classes.append(block.role.replace("_", "-"))
        joined = _attribute("class", " ".join(classes)) if classes else ""
        return joined + self.inline.language(block.lang)

    def _image(self, index: int | None) -> Image | None:
        images = self.document.images
        return images[index] if index is not None and 0 <= index < len(images) else None

    def _lead(self) -> str:
        """The leading picture, unless the body shows it; without its picture a caption here would hang in the air."""
        index = self.document.lead_image
        image = self._image(index)
        if image is None or any(block.image == index for block in self.document.blocks):
            return ""
        picture = self._picture(image, lazy=False)
        return self._figure(picture, image, image.caption, ' class="lead"') if picture else ""

    def _picture(self, image: Image, *, lazy: bool = True) -> str:
        """The ``img`` of a picture; "" where it is not to be shown."""
        if isinstance(self.pictures, Mapping):
            shown = self.pictures.get(image.src)
            if shown is None:
                return ""
            address, size, policy = shown.address, f' width="{shown.width}" height="{shown.height}"', ""
        else:
            address, size, policy = safe_address(image.src), "", ' referrerpolicy="no-referrer"'
            if not self.pictures or not address.startswith("http"):
                return ""
        loading = ' loading="lazy"' if lazy else ""
        return (
            f'<img{_attribute("src", address)}{_attribute("alt", image.alt)}{size}{loading} decoding="async"{policy}>'
        )

    def _figure(self, picture: str, image: Image | None, caption: str, attributes: str) -> str:
        parts = [picture] if picture else []
        lines = [self.inline.render(caption)] if caption else []
        if image is not None and (credit := self._credit(image)):
            lines.append(f'<span class="credit">{self.inline.render(credit)}</span>')
        if lines:
            parts.append(f"<figcaption>{' '.join(lines)}</figcaption>")
        return f"<figure{attributes}>{''.join(parts)}</figure>\n" if parts else ""

    def _credit(self, image: Image) -> str:
        shown = self.pictures.get(image.src) if isinstance(self.pictures, Mapping) else None
        return shown.credit if shown and shown.credit else image.credit

    def _table(self, html: str, attributes: str) -> str:
        rows = _table_rows(html)
        if rows is None:
            return f"<p{attributes}>{_text(html)}</p>\n" if html else ""
        out = [f'<div class="table" tabindex="0"><table{attributes}>']
        for row in rows:
            if row[0].name == "caption":
                out.append(f"<caption>{self.inline.render(row[0].html)}</caption>\n")
                continue
            scope = "col" if all(cell.name == "th" for cell in row) else "row"
            out.append("<tr>")
            for cell in row:
                given = _ATTRIBUTE.findall(cell.tag)
                spans = "".join(_attribute(key, value) for key, value in given if _is_span(key, value))
                spans += _attribute("scope", scope) if cell.name == "th" else ""
                out.append(f"<{cell.name}{spans}>{self.inline.render(cell.html)}</{cell.name}>")
            out.append("</tr>\n")
        out.append("</table></div>\n")
        return "".join(out)

    def _notes(self, heading: str, back_label: str) -> str:
        notes = self.document.notes
        if not notes:
            return ""
        texts = [self.inline.render(note.html) for note in notes]  # all of them first: a note may refer to another
        title = f"h{min(6, self.heading_base)}"
        out = [
            '<section class="notes" role="doc-endnotes"'
            + (_attribute("aria-label", heading) if heading else "")
            + ">\n"
        ]
        if heading:
            out.append(f"<{title}>{_text(heading)}</{title}>\n")
        out.append("<ol>\n")
        for number, (note, text) in enumerate(zip(notes, texts, strict=True), 1):
            plain = note.label.strip("[]() .") == str(number)
            label = "" if plain or not note.label else f'<span class="note-label">{_text(note.label)}</span> '
            backs = [  # the arrow as text: WordPress and telephones make a picture of it otherwise
                f' <a class="back"{_attribute("href", f"#{reference}")} role="doc-backlink"'
                + (_attribute("aria-label", f"{back_label} {count}" if count > 1 else back_label) if back_label else "")
                + f">↩\ufe0e{f'<sup>{count}</sup>' if count > 1 else ''}</a>"
                for count, reference in enumerate(self.inline.references[number], 1)
            ]
            item = _attribute("id", f"{self.note_id}-{number}") + (' class="labelled"' if label else "")
            out.append(f"<li{item}>{label}{text}{''.join(backs)}</li>\n")
        out.append("</ol>\n</section>\n")
        return "".join(out)


class _Cell(NamedTuple):
    name: str
    tag: str
    html: str


def _is_span(key: str, value: str) -> bool:
    return key in ("colspan", "rowspan") and re.fullmatch("[1-9][0-9]{0,2}", value) is not None


def _table_rows(html: str) -> list[list[_Cell]] | None:
    """The rows of a canonical table, the caption as a row of its own; None where it is not canonical."""
    rows: list[list[_Cell]] = []
    stack: list[str] = []
    opening = text = ""
    for number, piece in enumerate(_TABLE_TAG.split(html)):
        inside = stack[-1] if stack else ""
        if number % 2 == 0:
            if piece.strip() and inside not in ("caption", "th", "td"):
                return None
            text = piece
        elif not piece.startswith("</"):
            name = piece[1:-1].split(maxsplit=1)[0]
            if _PARENT[name] != inside or (name == "table" and rows) or (name == "caption" and rows):
                return None
            stack.append(name)
            opening = piece
            if name in ("caption", "tr"):
                rows.append([])
        else:
            if not stack or f"</{inside}>" != piece:
                return None
            stack.pop()
            if inside in ("caption", "th", "td"):
                rows[-1].append(_Cell(inside, opening, text))
    return None if stack else [row for row in rows if row] or None
