"""Document → SPIP's own markup, so that a volunteer can go on editing the article in SPIP. Pure.

What SPIP makes of it for readers is what ``text.html_writer`` would have written: the way leads through that module, the
last wall before a reader's browser, so only its few elements can occur. SPIP's shortcuts are used where they say it
exactly; where they cannot, plain HTML, which SPIP lets pass (``<html>`` keeps its hands off what is inside). In text
every character that could begin a shortcut is written as a numeric entity.

The rules and traps were read in SPIP 4.4's ``textwheel`` (``wheels/spip/*.yaml``, ``inc/texte.php``, ``inc/notes.php``).
SPIP's typography stays at work on the text, as on all of the site: ``'`` becomes ``’``, and French gets its no-break spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from lxml import html as lxml_html
from lxml.html import HtmlElement

from ivpipe.model.document import Document
from ivpipe.text.html_writer import Written, inline_html, write_document

_NOTE = "note"
_ENTITY = {character: f"&#{ord(character)};" for character in "{}[]|~\\`"}
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", **_ENTITY})
_IN_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\n": "&#10;", **_ENTITY}
)
_DASHES = re.compile("(?<=[-—])[-—]")
_AUTOLINK = re.compile(r"(https?)(?=:/)|(www)(?=\.)", re.I)
_IN_LINKS = {"http&#115;:/": "https:/", "htt&#112;:/": "http:/", "ww&#119;.": "www."}
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_LINE_START = re.compile(r"[-_*#]")
_SAFE_URL = re.compile(r"https?://[A-Za-z0-9](?:[A-Za-z0-9./_?=&%#:+,]|-(?!-))*[A-Za-z0-9/_=#%]")
_SPACE = re.compile("[ \t\n\r\f]+")
_NUMBERED_TITLE = re.compile(r"^(\s*\d+)\.(?=\s)")
_PLAIN_CODE = re.compile(r"[^<>&`\n]+")
_EDGES = re.compile(r"^(?:\n_ |[ \n]|<br />|<html><br></html>)+|(?:\n_ |[ \n]|<br />|<html><br></html>)+$")
_NOTE_LABEL = re.compile(r"[0-9]{1,4}|\*{1,5}|[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Marked:
    """A document in SPIP's markup. ``kicker`` and ``title`` are for fields in which SPIP knows no shortcuts."""

    kicker: str
    title: str
    standfirst: str
    body: str


def mark_up(document: Document, documents: Mapping[str, str] | None = None) -> Marked:
    """Return a document in SPIP's markup.

    ``documents`` maps addresses of pictures to the numbers of SPIP's documents that hold them; a picture without one
    leaves its caption only. Notes stand where they are first referred to, those nobody refers to at the end.
    """
    written = write_document(document, note_id=_NOTE, pictures=bool(documents))
    notes = _Notes(document, written)
    inline = _Inline(notes)
    opening = document.images[document.lead_image].src if written.lead and document.lead_image is not None else ""
    lead = _blocks(written.lead, inline, documents) if documents and opening in documents else ""
    standfirst = inline.paragraph(_fragment(written.standfirst))
    body = _blocks(written.body, inline, documents or {})
    parts = (lead, body, *notes.orphans())
    return Marked(
        kicker=title_markup(written.kicker),
        title=title_markup(written.title),
        standfirst=standfirst,
        body="\n\n".join(part for part in parts if part),
    )


def inline_markup(html: str) -> str:
    """Inline HTML in SPIP's markup, for a paragraph of its own: an attribution, a postscript."""
    return _Inline(_NO_NOTES).paragraph(_fragment(inline_html(html)), lines=True)


def title_markup(html: str) -> str:
    """Inline HTML as ``html_writer`` writes it, for a title: no shortcuts, no notes, no links; a leading number and its
    point would be taken for the place in an order and not be shown."""
    tree = _fragment(html)
    for mark in tree.xpath('.//sup[@class="note-ref"]'):
        mark.drop_tree()
    for element in tree.xpath(".//a"):
        element.drop_tag()
    for element in tree.xpath(".//br"):
        element.tail = f" {element.tail or ''}"
        element.drop_tree()
    text = _Inline(_NO_NOTES, shortcuts=False).content(tree, start=False)
    return _NUMBERED_TITLE.sub(r"\1&#46;", text.strip())


def plain_markup(text: str) -> str:
    """Plain text for a field that SPIP shows through its typography."""
    return _text(" ".join(text.split()))


def _fragment(html: str) -> HtmlElement:
    return lxml_html.fragment_fromstring(html, create_parent="div")


def _text(text: str) -> str:
    out = _SPACE.sub(" ", text).translate(_IN_TEXT)
    out = _DASHES.sub(lambda match: f"&#{ord(match[0])};", out)
    out = _AUTOLINK.sub(lambda match: f"{match[0][:-1]}&#{ord(match[0][-1])};", out)
    return _ASTRAL.sub(_numeric, out)  # a MySQL of SPIP's may know three bytes only


def _numeric(match: re.Match[str]) -> str:
    return f"&#x{ord(match[0]):x};"


def _attributes(element: HtmlElement, *names: str) -> str:
    kept = ((name, element.get(name)) for name in names)
    return "".join(f' {name}="{_attribute(value)}"' for name, value in kept if value)


def _attribute(value: str) -> str:
    return _ASTRAL.sub(_numeric, value.translate(_IN_ATTRIBUTE))


def _code(text: str, *, block: bool = False) -> str:
    """Code as it is. What is between ``<code>`` SPIP escapes itself, but it must not hold what ends it."""
    if not block and _PLAIN_CODE.fullmatch(text) and not text.startswith((" ", "\t")):
        return f"<code>{text}</code>"
    safe = escape(text, quote=False).replace("`", _ENTITY["`"])
    safe = _ASTRAL.sub(_numeric, safe)
    return f"<html><pre><code>{safe}</code></pre></html>" if block else f"<html><code>{safe}</code></html>"


class _Notes:
    """The notes of a document. SPIP wants a note's text at its first reference; later ones give its name only."""

    def __init__(self, document: Document, written: Written) -> None:
        self.labels = [note.label.strip("[]() .") or str(number) for number, note in enumerate(document.notes, 1)]
        self.texts: list[HtmlElement] = _fragment(written.notes).xpath(".//li") if written.notes else []
        for extra in (
            extra for text in self.texts for extra in text.xpath('./a[@class="back"] | ./span[@class="note-label"]')
        ):
            extra.drop_tree()
        self.seen: set[int] = set()
        # SPIP numbers notes without a name as they come: right where the labels say the same, and each stands once.
        found = re.findall(rf'id="{_NOTE}ref-(\d+)', written.standfirst + written.lead + written.body)
        self.named = not found == self.labels == [str(number) for number in range(1, len(self.texts) + 1)]

    def reference(self, mark: HtmlElement, inline: _Inline) -> str:
        """What stands for ``<sup class="note-ref">`` in the text."""
        target = mark.find("a")
        label = mark.text_content()
        if target is None or inline.in_note:
            return f"<sup>{_text(label)}</sup>"
        number = int(target.get("href").rpartition("-")[2])
        text = "" if number in self.seen else self._note(number)
        self.seen.add(number)
        name = self._name(number, text) if self.named or not text else ""
        return f"[[{name}{text}]]"

    def _name(self, number: int, text: str) -> str:
        label = self.labels[number - 1]
        if _NOTE_LABEL.fullmatch(label) is None or f"</{label}>" in text:
            label = "".join(f"&#{ord(character)};" for character in label)
        return f"<{label}>"

    def _note(self, number: int) -> str:
        return _Inline(self, in_note=True).paragraph(self.texts[number - 1]) or "&nbsp;"

    def orphans(self) -> list[str]:
        """Notes that no text refers to, each as a note without a mark but with its label as text."""
        out = []
        for number, label in enumerate(self.labels, 1):
            if number not in self.seen:
                text = self.texts[number - 1]
                text.text = f"{label} {text.text or ''}"
                out.append(f"[[<>{self._note(number)}]]")
        return ["\n".join(out)] if out else []


_NO_NOTES = _Notes(Document(url="", title=""), Written("", "", "", "", "", ""))


@dataclass
class _Inline:
    """Inline elements of ``html_writer`` → SPIP. ``shortcuts``: braces and arrows may be used."""

    notes: _Notes
    shortcuts: bool = True
    in_note: bool = False

    def paragraph(self, element: HtmlElement, *, lines: bool = False) -> str:
        """An element's content, from the beginning of a line; ``lines``: breaks in SPIP's way."""
        return _EDGES.sub("", self.content(element, start=True, lines=lines))

    def content(self, element: HtmlElement, *, start: bool, lines: bool = False, inside: bool = False) -> str:
        """``start``: at the beginning of a line, where dashes and stars mean a list. ``inside``: of bold, italic, a link."""
        out = self._piece(element.text, start)
        for child in element:
            if child.tag == "br":
                piece = self._break(child, lines=lines and not inside)
                out = out.rstrip(" ") + piece
            else:
                out += self._element(child, start=start and not out.strip(), inside=inside)
            at_start = piece_ends_line(out)
            out += self._piece(child.tail, (start and not out.strip()) or at_start)
        return out

    def _piece(self, text: str | None, start: bool) -> str:
        piece = _text(text or "")
        if start and (match := _LINE_START.match(piece.lstrip())):
            piece = f"&#{ord(match[0])};{piece.lstrip()[1:]}"
        return piece

    def _break(self, element: HtmlElement, *, lines: bool) -> str:
        before = element.getprevious()
        after = element.getnext()
        doubled = (after is not None and after.tag == "br" and not (element.tail or "").strip()) or (
            before is not None and before.tag == "br" and not (before.tail or "").strip()
        )
        if doubled:
            return "<html><br></html>"  # two of SPIP's would end the paragraph
        return "\n_ " if lines else "<br />"

    def _element(self, element: HtmlElement, *, start: bool, inside: bool) -> str:
        tag = element.tag
        if tag == "code":
            return _code(element.text_content())
        if tag == "sup" and element.get("class") == "note-ref":
            return self.notes.reference(element, self)
        free = self.shortcuts and not inside and not start_of_brace(element)
        inner = self.content(element, start=start, inside=True)
        if not inner:
            return ""
        whole = inner == inner.strip() and "\n" not in inner
        if tag == "em" and free and whole:
            return f"{{{inner}}}"
        if tag == "strong" and free and whole:
            return f"{{{{{inner}}}}}"
        if tag == "a":
            return self._link(element, inner, free=free and whole and not self.in_note)
        name = "i" if tag == "em" else tag
        attributes = _attributes(element, "lang", "dir", "class")
        return f"<{name}{attributes}>{inner}</{name}>"

    def _link(self, element: HtmlElement, inner: str, *, free: bool) -> str:
        address = element.get("href")
        for guarded, bare in _IN_LINKS.items():  # SPIP makes no links in links
            inner = inner.replace(guarded, bare)
        plain = len(element) == 0 and "-&gt;" not in inner and "&lt;-" not in inner
        if free and plain and not element.get("title") and not element.get("hreflang") and _SAFE_URL.fullmatch(address):
            return f"[{inner}->{address}]"
        return f"<a{_attributes(element, 'href', 'title', 'hreflang')}>{inner}</a>"


def piece_ends_line(out: str) -> bool:
    """Whether what follows stands at the beginning of a line."""
    return out.endswith("\n_ ")


def start_of_brace(element: HtmlElement) -> bool:
    """Whether an element touches another one, whose braces could be read together with its own."""
    before, after = element.getprevious(), element.getnext()
    touches_before = before is not None and not before.tail and before.tag in ("em", "strong")
    return touches_before or (after is not None and not element.tail and after.tag in ("em", "strong"))


def _blocks(html: str, inline: _Inline, documents: Mapping[str, str]) -> str:
    return "\n\n".join(part for part in _Blocks(inline, documents).of(_fragment(html)) if part)


@dataclass
class _Blocks:
    """Block elements of ``html_writer`` → SPIP, a blank line apart."""

    inline: _Inline
    documents: Mapping[str, str]

    def of(self, parent: HtmlElement) -> list[str]:
        """The blocks of an element."""
        return [self.block(element) for element in parent]

    def block(self, element: HtmlElement) -> str:
        tag = element.tag
        if tag in ("ul", "ol"):
            return self._list(element)
        if tag == "blockquote":
            parts = "\n\n".join(part for part in self.of(element) if part)
            return f"<quote>\n{parts}\n</quote>" if parts else ""
        if tag == "hr":
            return "----"
        if tag == "pre":
            return _code(element.text_content(), block=True)
        if tag == "figure":
            return self._figure(element)
        if tag == "div":
            table = element.find("table")
            return "" if table is None else _Table(self.inline, table).markup()
        lang = _attributes(element, "lang", "dir")
        if tag == "p":
            if "verse" in (element.get("class") or "").split():
                return self._verse(element, lang)
            if lang:
                return f"<p{lang}>{self.inline.paragraph(element)}</p>"
            return self.inline.paragraph(element, lines=True)
        text = _Inline(self.inline.notes, shortcuts=False).paragraph(element)
        return f"{{{{{{{text}}}}}}}" if tag == "h2" and not lang else f'<{tag} class="spip"{lang}>{text}</{tag}>'

    def _verse(self, element: HtmlElement, lang: str) -> str:
        if lang:
            return f'<p class="verse"{lang}>{self.inline.paragraph(element)}</p>'
        text = self.inline.paragraph(element, lines=True).replace("<html><br></html>", "\n_ ")
        return "<poesie>\n" + "\n".join(line.strip() or " " for line in text.split("\n_ ")) + "\n</poesie>"

    def _list(self, element: HtmlElement) -> str:
        return "\n".join(self._lines(element, 1)) if _is_plain_list(element) else self._html_list(element)

    def _lines(self, element: HtmlElement, depth: int) -> list[str]:
        lines = []
        for item in element:
            inner = _take_lists(item)
            lines.append(f"-{('#' if element.tag == 'ol' else '*') * depth} {self.inline.paragraph(item)}")
            for nested in inner:
                lines += self._lines(nested, depth + 1)
        return lines

    def _html_list(self, element: HtmlElement) -> str:
        out = [f'<{element.tag} class="spip">']
        for item in element:
            inner = _take_lists(item)
            out.append(f"<li{_attributes(item, 'lang', 'dir')}>{self.inline.paragraph(item)}")
            out += [*map(self._html_list, inner), "</li>"]
        return "".join([*out, f"</{element.tag}>"])

    def _figure(self, element: HtmlElement) -> str:
        image = element.find("img")
        number = self.documents.get(image.get("src"), "") if image is not None else ""
        caption = element.find("figcaption")
        text = "" if caption is None else _Inline(self.inline.notes, shortcuts=False).paragraph(caption)
        if number:
            return f"<doc{number}|center>"  # title and credit are the document's
        lang = _attributes(element, "lang", "dir")
        return f'<figure class="spip_documents"{lang}><figcaption>{text}</figcaption></figure>' if text else ""


def _inner_lists(item: HtmlElement) -> list[HtmlElement]:
    return [child for child in item if child.tag in ("ul", "ol")]


def _take_lists(item: HtmlElement) -> list[HtmlElement]:
    """Take the lists out of an item, which leaves its text."""
    inner = _inner_lists(item)
    for child in inner:
        item.remove(child)
    return inner


def _is_plain_list(element: HtmlElement) -> bool:
    """Whether SPIP's lines can say a list: in each item text, then at most one list."""
    for item in element:
        inner = _inner_lists(item)
        text = (
            item.text_content()
            if not inner
            else "".join(item.xpath("./text() | ./*[not(self::ul or self::ol)]//text()"))
        )
        if item.attrib or len(inner) > 1 or not text.strip() or not all(map(_is_plain_list, inner)):
            return False
    return True


@dataclass
class _Table:
    """A table: SPIP's bars where every row and cell is simple, else HTML."""

    inline: _Inline
    table: HtmlElement

    def markup(self) -> str:
        rows = self.table.findall(".//tr")
        caption = self.table.find("caption")
        title = "" if caption is None else _Inline(self.inline.notes, shortcuts=False).paragraph(caption)
        inline = _Inline(self.inline.notes, shortcuts=False)
        texts = [[inline.paragraph(cell) for cell in row] for row in rows]
        if not self._simple(rows, texts):
            return self._plain(rows, texts, title)
        out = [f"||{title}||"] if title else []
        for row, line in zip(rows, texts, strict=True):
            cells = zip(row, line, strict=True)
            out.append(f"|{'|'.join(f'{{{{{text}}}}}' if cell.tag == 'th' else text for cell, text in cells)}|")
        return "\n".join(out)

    def _simple(self, rows: list[HtmlElement], texts: list[list[str]]) -> bool:
        headed = bool(rows) and all(cell.tag == "th" for cell in rows[0])
        return (
            len(rows) > 1
            and not self.table.attrib
            and headed
            and len({len(row) for row in rows}) == 1
            and all(cell.tag == "td" for row in rows[1:] for cell in row)
            and not any(set(cell.attrib) - {"scope"} for row in rows for cell in row)
            and all(text for line in texts for text in line)
            and not any("[[" in text for line in texts for text in line)
        )

    def _plain(self, rows: list[HtmlElement], texts: list[list[str]], title: str) -> str:
        out = [f'<table class="table spip"{_attributes(self.table, "lang", "dir")}>']
        out.append(f"<caption>{title}</caption>" if title else "")
        for row, line in zip(rows, texts, strict=True):
            out.append("<tr>")
            for cell, text in zip(row, line, strict=True):
                out.append(f"<{cell.tag}{_attributes(cell, 'colspan', 'rowspan', 'scope')}>{text}</{cell.tag}>")
            out.append("</tr>")
        out.append("</table>")
        return "".join(out)
