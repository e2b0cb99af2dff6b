"""An article as a Word file, made of the same HTML that readers get: what that has made safe and numbered is so here, too."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Emu, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import html as lxml_html

from ivpipe.model.languages import direction
from ivpipe.model.page import Page
from ivpipe.publishers.assembling import article_html, picture_names
from ivpipe.text.html_writer import inline_plain

_WIDEST = Cm(15)
_PIXEL = 9525
"""A pixel at 96 to the inch, in Word's own unit."""
_SPACE = re.compile(r"[ \t\n\r\f]+")
_INLINE = frozenset({"em", "strong", "a", "sup", "sub", "q", "cite", "code", "span", "br"})


def word_file(page: Page, files: Mapping[str, bytes]) -> bytes:
    """The whole article as a ``.docx``: headings, lists, quotes, tables, links, pictures; the notes are a list at its end.

    ``files``: the pictures' bytes (JPEG or PNG) by their names in ``picture_names``.
    """
    writer = _Writer(files, rtl=direction(page.lang) == "rtl")
    tree = lxml_html.fragment_fromstring(article_html(page, picture_names(page)), create_parent="div")
    writer.blocks(tree, "Normal")
    about = writer.document.core_properties
    about.title = inline_plain(page.document.title)[:255]
    about.author = ", ".join(map(inline_plain, page.byline))[:255]
    about.language = page.lang
    about.created = about.modified = page.updated_at.astimezone(UTC).replace(tzinfo=None)
    held = io.BytesIO()
    writer.document.save(held)
    return held.getvalue()


class _Writer:
    def __init__(self, files: Mapping[str, bytes], *, rtl: bool) -> None:
        self.document = docx.Document()
        self.files = files
        self.rtl = rtl

    def blocks(self, parent: Any, style: str) -> None:
        """Write the elements below ``parent``, paragraphs in ``style``."""
        for element in parent:
            match element.tag:
                case "p":
                    self.paragraph(element, style)
                case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                    self.paragraph(element, f"Heading {element.tag[1]}")
                case "blockquote":
                    self.blocks(element, "Quote")
                case "ul" | "ol":
                    self.items(element, 1)
                case "figure":
                    self.figure(element)
                case "pre":
                    self.paragraph(element, style, exact=True)
                case "table":
                    self.table(element)
                case "hr":
                    rule = self.begun("Normal")
                    rule.alignment = WD_ALIGN_PARAGRAPH.CENTER
                    rule.add_run("* * *")
                case _:
                    self.blocks(element, style)

    def begun(self, style: str) -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        if self.rtl:
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        return paragraph

    def paragraph(self, element: Any, style: str, *, exact: bool = False) -> Paragraph:
        paragraph = self.begun(style)
        _Text(paragraph, rtl=self.rtl, exact=exact).write(element)
        return paragraph

    def items(self, element: Any, level: int) -> None:
        """A list; Word has styles for three levels, and deeper ones stand in the third."""
        kind = "List Number" if element.tag == "ol" else "List Bullet"
        style = kind if level == 1 else f"{kind} {min(level, 3)}"
        numbering = self._new_numbering(style) if element.tag == "ol" else None
        for item in element:
            paragraph = self.paragraph(item, style)
            if numbering is not None:
                properties: Any = paragraph._p.get_or_add_pPr()
                properties.get_or_add_numPr().get_or_add_numId().val = numbering
            for inside in item:
                if inside.tag in ("ul", "ol"):
                    self.items(inside, level + 1)

    def _new_numbering(self, style: str) -> int:
        """A numbering of its own, from 1: else a list would go on counting from the one before."""
        numbers: Any = self.document.part.numbering_part.element
        base = self.document.styles[style].element.pPr.numPr.numId.val
        number = numbers.add_num(numbers.num_having_numId(base).abstractNumId.val)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(number.numId)

    def figure(self, element: Any) -> None:
        for picture in element.iter("img"):
            data = self.files.get(picture.get("src", ""))
            if data is not None:
                width = min(Emu(int(picture.get("width", "0")) * _PIXEL) or _WIDEST, _WIDEST)
                shape = self.begun("Normal").add_run().add_picture(io.BytesIO(data), width=width)
                shape._inline.docPr.set("descr", picture.get("alt", ""))
        for caption in element.iter("figcaption"):
            self.paragraph(caption, "Caption")

    def table(self, element: Any) -> None:
        for caption in element.iter("caption"):
            self.paragraph(caption, "Caption")
        rows = [list(row) for row in element.iter("tr")]
        if not rows:
            return
        made = self.document.add_table(len(rows), max(map(len, rows)), style="Table Grid")
        for row, cells in zip(made.rows, rows, strict=True):
            for place, cell in zip(row.cells, cells, strict=False):
                _Text(place.paragraphs[0], rtl=self.rtl, bold=cell.tag == "th").write(cell)
        self.begun("Normal")


class _Text:
    """Writes inline HTML into a paragraph; blocks inside it (a list in an item) are left to others, as are links back from
    notes."""

    def __init__(self, paragraph: Paragraph, *, rtl: bool, exact: bool = False, bold: bool = False) -> None:
        self.paragraph = paragraph
        self.rtl = rtl
        self.exact = exact
        self.always = ["strong"] if bold else []
        self.ends_in_space = not exact

    def write(self, element: Any) -> None:
        run = None
        for text, names, address in _pieces(element, self.always, ""):
            if text is None:
                self._run(names, address).add_break()
                self.ends_in_space, run = True, None
                continue
            shown = text if self.exact else _SPACE.sub(" ", text)
            if self.ends_in_space and not self.exact:
                shown = shown.removeprefix(" ")
            if shown:
                self.ends_in_space = shown.endswith(" ") and not self.exact
                run = self._run(names, address)
                run.text = shown
        if run is not None and self.ends_in_space:
            run.text = run.text.removesuffix(" ")

    def _run(self, names: list[str], address: str) -> Run:
        run = self._linked(address) if address else self.paragraph.add_run()
        font = run.font
        if "strong" in names:
            font.bold = True
        if "em" in names or "cite" in names:
            font.italic = True
        if "sup" in names:
            font.superscript = True
        if "sub" in names:
            font.subscript = True
        if "small-caps" in names:
            font.small_caps = True
        if "code" in names or self.exact:
            font.name = "Courier New"
        if self.rtl:
            font.rtl = True
        return run

    def _linked(self, address: str) -> Run:
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), self.paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        self.paragraph._p.append(link)
        element: Any = OxmlElement("w:r")
        link.append(element)
        run = Run(element, self.paragraph)
        run.font.underline = True
        run.font.color.rgb = RGBColor(0x05, 0x63, 0xC1)
        return run


def _pieces(element: Any, names: list[str], address: str) -> Iterator[tuple[str | None, list[str], str]]:
    """(text or None for a line break, what it stands in, the address it links to) of inline HTML, in order."""
    if element.text:
        yield element.text, names, address
    for child in element:
        if child.tag == "br":
            yield None, names, address
        elif child.tag in _INLINE and child.get("class") != "back":
            there = child.get("href", "") if child.tag == "a" else ""
            inside = [*names, child.get("class") or "span" if child.tag == "span" else child.tag]
            if child.tag == "q":
                yield "“", names, address
            yield from _pieces(child, inside, address if not there or there.startswith("#") else there)
            if child.tag == "q":
                yield "”", names, address
        if child.tail:
            yield child.tail, names, address
