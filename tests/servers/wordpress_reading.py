"""The inverse of ``publishers.wordpress.markup``: the page that WordPress makes of a post, read back as a Document.

It reads what a browser would show, by what each element means, and knows nothing of how the writer works; inline markup
is read by the house's own reader (``text.inline_reader``), as that of any page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import html as lxml_html
from lxml.html import HtmlElement

from ivpipe.model import Block, BlockType, Document, Image, Note
from ivpipe.text.inline import escape_text
from ivpipe.text.inline_reader import NOTE_REF, read_inline

_ROLES = {
    name.replace("_", "-"): name
    for name in ("question", "signature", "author_note", "translator_note", "embed", "attribution")
}


def read_post(html: str, lang: str, pictures: Mapping[str, str] | None = None) -> Document:
    """Read the content of a page (``content.rendered``, or the theme's element around it). ``pictures``: address on
    the site → address in the document. The Document has blocks, notes and the images shown, and nothing else."""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    return _Reader(lang, pictures or {}).read(root)


@dataclass
class _Reader:
    lang: str
    pictures: Mapping[str, str]
    blocks: list[Block] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)

    def read(self, root: HtmlElement) -> Document:
        notes = self._notes(root)
        self._walk(root, quoted=False)
        return Document("", "", self.lang, blocks=tuple(self.blocks), notes=notes, images=tuple(self.images))

    def _notes(self, root: HtmlElement) -> tuple[Note, ...]:
        """Take the notes out of the tree, and make the references to them what the inline reader knows."""
        lists = root.xpath(".//section[contains(@class, 'notes')] | .//ol[contains(@class, 'wp-block-footnotes')]")
        found: list[tuple[str, HtmlElement]] = []
        labels: dict[str, str] = {}
        for section in lists:
            for number, item in enumerate(section.iter("li"), 1):
                named = item.xpath("span[@class='note-label']")
                label = named[0].text_content() if named else str(number)
                labels[item.get("id")] = label
                found.append((label, item))
                for part in [*named, *item.xpath("a[@role='doc-backlink' or contains(@href, '-link')]")]:
                    part.drop_tree()
        for sup in [*root.iter("sup")]:
            if {"note-ref", "fn"} & set(sup.get("class", "").split()):
                links = sup.findall("a")
                label = labels[links[0].get("href")[1:]] if links else sup.text_content()
                reference = lxml_html.Element(NOTE_REF, label=label)
                reference.tail = sup.tail
                sup.getparent().replace(sup, reference)
        for section in lists:
            section.drop_tree()
        return tuple(Note(label, self._inline(item)) for label, item in found)

    def _inline(self, element: HtmlElement, skip: tuple[HtmlElement, ...] = ()) -> str:
        return read_inline(element, "", lang=self.lang, skip=skip)

    def _emit(self, kind: BlockType, element: HtmlElement, html: str, **more: object) -> None:
        classes = element.get("class", "").split()
        role = next((_ROLES[name] for name in classes if name in _ROLES), "")
        self.blocks.append(Block(kind, html, lang=element.get("lang", ""), role=role, **more))  # type: ignore[arg-type]

    def _walk(self, parent: HtmlElement, *, quoted: bool) -> None:
        started = False
        for element in parent:
            classes = element.get("class", "") if isinstance(element.tag, str) else "ivpipe-comment"
            if classes.startswith("ivpipe-"):
                continue
            if element.tag == "blockquote":
                self._walk(element, quoted=True)
            elif element.tag in ("ul", "ol"):
                self._list(element, 1, quoted=quoted, started=False)
            elif element.tag == "hr":
                self.blocks.append(Block(BlockType.RULE))
            elif element.tag == "pre" and "verse" not in classes:
                self._emit(BlockType.CODE, element, escape_text(element.text_content()), quoted=quoted)
            elif element.tag == "table" or "wp-block-table" in classes:
                self._table(element, quoted=quoted)
            elif element.tag == "figure":
                self._figure(element, quoted=quoted)
            elif element.tag in ("h2", "h3", "h4", "h5", "h6"):
                level = int(element.tag[1])
                self._emit(BlockType.HEADING, element, self._inline(element), level=level, quoted=quoted)
            elif "verse" in classes:
                self._emit(BlockType.VERSE, element, self._inline(element), quoted=quoted)
            elif element.tag == "p" and quoted:
                self._emit(BlockType.QUOTE, element, self._inline(element), joined=started, quoted=True)
                started = True
            elif element.tag == "p":
                self._emit(BlockType.PARAGRAPH, element, self._inline(element))
            else:
                raise AssertionError(f"nobody meant this: {lxml_html.tostring(element)[:200]!r}")
            assert not (element.tail or "").strip(), f"text between blocks: {element.tail!r}"

    def _list(self, element: HtmlElement, level: int, *, quoted: bool, started: bool) -> None:
        for item in element:
            nested = [*_nested(item)]
            html = self._inline(item, tuple(nested))
            ordered = element.tag == "ol"
            self._emit(BlockType.LIST_ITEM, item, html, level=level, ordered=ordered, joined=started, quoted=quoted)
            started = True
            for inner in nested:
                self._list(inner, level + 1, quoted=quoted, started=True)

    def _table(self, element: HtmlElement, *, quoted: bool) -> None:
        parts = [f"<caption>{self._inline(one)}</caption>" for one in element.xpath(".//caption | .//figcaption")]
        for row in element.iter("tr"):
            cells = [
                f"<{cell.tag}"
                + "".join(f' {name}="{cell.get(name)}"' for name in ("colspan", "rowspan") if cell.get(name))
                + f">{self._inline(cell)}</{cell.tag}>"
                for cell in row
            ]
            parts.append(f"<tr>{''.join(cells)}</tr>")
        table = element if element.tag == "table" or element.get("class") != "wp-block-table" else element.find("table")
        self._emit(BlockType.TABLE, table, f"<table>{''.join(parts)}</table>", quoted=quoted)

    def _figure(self, element: HtmlElement, *, quoted: bool) -> None:
        credits = [*element.xpath(".//span[@class='credit']")]
        credit = self._inline(credits[0]) if credits else ""
        captions = element.findall("figcaption")
        caption = self._inline(captions[0], tuple(credits)) if captions else ""
        shown = element.findall("img")
        index = None
        if shown or credit:
            src = self.pictures[shown[0].get("src")] if shown else ""
            index = len(self.images)
            self.images.append(Image(src, shown[0].get("alt") if shown else "", caption, credit))
        self._emit(BlockType.FIGURE, element, caption, image=index, quoted=quoted)


def _nested(item: HtmlElement) -> Iterator[HtmlElement]:
    return item.iterchildren("ul", "ol")
