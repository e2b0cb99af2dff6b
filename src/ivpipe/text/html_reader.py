"""From an HTML element to Blocks: one walk in reading order that keeps the structure. Pure, and never recursive.

What belongs to the article is decided elsewhere (``sources.regions``); this takes all it is given, except what no
reader sees (scripts, styles, form controls).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.model.document import Block, BlockType, Image
from ivpipe.text.inline import escape_text
from ivpipe.text.inline_reader import (
    BLOCK,
    NOTE_REF,
    UNSEEN,
    close_inline,
    lang_tag,
    only_heard,
    open_inline,
    read_inline,
    short_text,
)
from ivpipe.text.inline_writer import InlineWriter, opening, plain_line
from ivpipe.text.invisible import clean_text
from ivpipe.text.media import embed_link, is_decoration, picture_url

_LEVELS = {f"h{level}": level for level in range(1, 7)}
_VERSE = re.compile(
    r"(?:^|[\s_-])(?:poes(?:ie|[ií]a)|po[eè]m[ea]?|verse|versos|versi|gedicht|strophe|estrofa)(?:$|[\s_-])", re.I
)
_PULL_QUOTE = re.compile(r"pull-?quote|exergue|zitat-?box|destacado", re.I)
_FIGURE = re.compile(r"wp-caption(?!-)|spip_documents?(?:_|$|\s)|media--(?:type-)?image|image-?with-?caption", re.I)
_CAPTION = re.compile(
    r"caption|legend[ae]?\b|l[eé]gende|bildunterschrift|spip_doc_(?:titre|descriptif|legende)|pie-?de-?foto|didascalia"
    r"|document-(?:titre|descriptif)",
    re.I,
)
_CREDIT = re.compile(r"cr[eé]dit|copyright|photographer|fotograf|bildnachweis|quelle|spip_doc_credits|fotocredit", re.I)
_NOT_IN_FIGURE = frozenset({"table", "blockquote", "pre", "iframe", "video", "audio", "figure", "h1", "h2", "ul", "ol"})
_ALL_CITE = re.compile(r"[—–-]?\s*<cite>(?:(?!</?cite>).)*</cite>[,.]?$", re.S)
_TAKEN_WHOLE = UNSEEN | {"noscript", "br", NOTE_REF, "img", "iframe", "video", "audio", "embed"}
_MARKUP = re.compile(r"<[^<>]*>")
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_MAX_LIST_DEPTH = 9
_ITEM_PARTS = 30
# No editor makes larger ones; without a bound, thousands of figures or tables inside each other would take for ever.
_FIGURE_PARTS = 300
_TABLE_ROWS = 3000


@dataclass(slots=True)
class _List:
    ordered: bool
    node: HtmlElement
    started: bool = False


@dataclass
class BlockReader:
    """Reads elements into ``blocks`` and ``images``; ``pull_quotes`` are the indices of blocks from pull-quote boxes."""

    url: str
    lang: str = ""
    blocks: list[Block] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    pull_quotes: set[int] = field(default_factory=set)
    _writer: InlineWriter = field(default_factory=InlineWriter)
    _opened: list[tuple[HtmlElement, int]] = field(default_factory=list)
    _lists: list[_List] = field(default_factory=list)
    _quotes: list[HtmlElement] = field(default_factory=list)
    _quote_started: bool = False
    _pulled: int = 0
    _heading: int = 0
    _verse: HtmlElement | None = None
    _role: str = ""
    _langs: list[tuple[HtmlElement, str]] = field(default_factory=list)
    _taken: set[HtmlElement] = field(default_factory=set)
    _after_quote: HtmlElement | None = None
    _waiting: list[tuple[Block, Image | None]] = field(default_factory=list)
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def read(self, root: HtmlElement) -> None:
        """Append the root's content."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, node in walk:
            if event == "start":
                if not self._start(node):
                    walk.skip_subtree()
            else:
                self._end(node)
                if node is not root and (tail := node.tail):
                    self._writer.text(tail)
        self._flush()

    # What an element does where it starts. False: its inside has been dealt with.

    def _start(self, node: HtmlElement) -> bool:
        tag = node.tag
        if tag in _TAKEN_WHOLE:
            self._take_whole(node, tag)
            return False
        if (tag == "figcaption" and node in self._taken) or (tag == "span" and only_heard(node)):
            return False
        if tag in BLOCK or (tag in ("span", "a") and (classes := node.get("class")) and _told(classes)[1]):
            if not self._start_block(node, tag):
                return False
        else:
            open_inline(self._writer, self._opened, node, self.url, self.lang)
        if text := node.text:
            self._writer.text(text)
        return True

    def _take_whole(self, node: HtmlElement, tag: str) -> None:
        if tag == "noscript":
            self._lazy_pictures(node)
        elif tag == "br":
            self._line_break()
        elif tag == NOTE_REF:
            self._writer.note_ref(clean_text(node.get("label") or ""))
        elif tag == "img":
            self._picture(node, node, None)
        elif tag not in UNSEEN and (link := embed_link(node, self.url)):
            self._wait(Block(BlockType.PARAGRAPH, link, role="embed"))

    def _start_block(self, node: HtmlElement, tag: str) -> bool:
        classes = node.get("class") or ""
        verse, framed, pulled = _told(classes) if classes else (False, False, False)
        if self._verse is None and verse and tag != "body":
            self._flush()
            self._verse = node
            if tag == "pre":
                for at, line in enumerate((node.text or "").split("\n")):
                    if at:
                        self._writer.line_break()
                    self._writer.text(line)
                node.text = None
            return True
        if self._verse is not None:
            if not self._writer.breaks:
                self._writer.line_break()
            return True
        if (tag == "figure" or framed) and self._figure(node):
            return False
        if tag == "table" and self._table(node):
            return False
        if tag == "pre":
            self._flush()
            code = clean_text("".join(node.itertext())).strip("\n").rstrip()
            if code.strip():
                self._emit(Block(BlockType.CODE, escape_text(code), quoted=bool(self._quotes)))
            return False
        if tag == "hr":
            self._flush()
            self._emit(Block(BlockType.RULE))
            return False
        self._boundary(tag)
        lang = node.get("lang")
        if lang and (lang := lang_tag(lang)) and tag not in ("body", "html", "main"):
            self._langs.append((node, lang))
        if tag in _LEVELS and not self._lists:
            self._heading = _LEVELS[tag]
        elif tag in _LISTS and not _is_layout(node):
            self._flush()
            self._lists.append(_List(tag == "ol", node))
        elif tag == "blockquote":
            self._flush()
            if not self._quotes:
                self._quote_started = False
            self._quotes.append(node)
        if pulled:
            self._flush()
            self._pulled += 1
        if tag in ("footer", "figcaption"):
            if self._quotes:
                self._role = "attribution"
            elif tag == "figcaption" and self._under_quote(node):
                self._role, self._after_quote = "attribution", node
        return True

    def _under_quote(self, caption: HtmlElement) -> bool:
        """Whether a caption names who is quoted in its figure."""
        figure = next(caption.iterancestors("figure"), None)
        last = self.blocks[-1] if self.blocks else None
        return (
            last is not None
            and last.type is BlockType.QUOTE
            and figure is not None
            and next(figure.iter("blockquote"), None) is not None
        )

    def _end(self, node: HtmlElement) -> None:
        tag = node.tag
        close_inline(self._writer, self._opened, node)
        if node is self._verse:
            self._flush()
            self._verse = None
            return
        if tag not in BLOCK or tag in UNSEEN or tag == "hr":
            return
        if self._verse is not None:
            # A paragraph of several lines is a stanza; an empty one parts two.
            stanza = (tag == "p" and next(node.iter("br"), None) is not None) or not short_text(node)
            for _ in range((2 if stanza else 1) - self._writer.breaks):
                self._writer.line_break()
            return
        self._boundary(tag)
        if tag in _LEVELS:
            self._heading = 0
        elif self._lists and node is self._lists[-1].node:
            self._flush()
            closed = self._lists.pop()
            if self._lists and closed.started:
                self._lists[-1].started = True
        elif self._quotes and node is self._quotes[-1]:
            self._flush()
            self._quotes.pop()
        classes = node.get("class")
        if classes and self._pulled and _PULL_QUOTE.search(classes):
            self._flush()
            self._pulled -= 1
        if tag in ("footer", "figcaption"):
            self._role = ""
            self._after_quote = None
        if self._langs and self._langs[-1][0] is node:
            self._flush()
            self._langs.pop()

    def _boundary(self, tag: str) -> None:
        """Between two blocks; inside a list item only a line ends."""
        if self._lists and tag not in ("li", "ul", "ol", "blockquote"):
            if not self._writer.breaks:
                self._writer.line_break()
        else:
            self._flush()

    def _line_break(self) -> None:
        if self._writer.breaks and self._verse is None and not self._lists and not self._heading:
            self._flush()  # two in a row were meant as a new paragraph
        else:
            self._writer.line_break()

    def _flush(self) -> None:
        """End the block being written."""
        html = self._writer.take()
        if html:
            self._emit(self._block(html))
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for block, image in waiting:
                self._emit_figure(block, image)

    def _block(self, html: str) -> Block:
        quoted = bool(self._quotes) or self._after_quote is not None
        lang = self._langs[-1][1] if self._langs else ""
        if lang and lang.lower().split("-")[0] == self.lang.lower().split("-")[0]:
            lang = ""
        if self._verse is not None:
            return Block(BlockType.VERSE, html, quoted=quoted, lang=lang)
        if self._heading and not quoted:
            return Block(BlockType.HEADING, html, level=max(self._heading, 2), lang=lang)
        if self._lists:
            joined = any(one.started for one in self._lists)
            self._lists[-1].started = True
            level = min(len(self._lists), _MAX_LIST_DEPTH)
            ordered = self._lists[-1].ordered
            return Block(BlockType.LIST_ITEM, html, level, ordered, joined, quoted, lang=lang)
        if quoted:
            joined, self._quote_started = self._quote_started or self._after_quote is not None, True
            named = self._role or ("attribution" if joined and _ALL_CITE.match(html) else "")
            return Block(BlockType.QUOTE, html, joined=joined, quoted=True, lang=lang, role=named)
        return Block(BlockType.PARAGRAPH, html, lang=lang)

    def _emit(self, block: Block) -> None:
        if self._pulled:
            self.pull_quotes.add(len(self.blocks))
        self.blocks.append(block)

    # Pictures and tables

    def _wait(self, block: Block, image: Image | None = None) -> None:
        """A picture or a film stands after the block it was found in."""
        self._waiting.append((block, image))
        if self._writer.empty:
            self._flush()

    def _emit_figure(self, block: Block, image: Image | None) -> None:
        if image is not None:
            if (seen := self._seen.get(image.src)) is not None:
                index, at = seen
                if image.caption and not self.images[index].caption:
                    self.images[index] = image
                    self.blocks[at] = replace(self.blocks[at], html=image.caption)
                return
            self._seen[image.src] = (len(self.images), len(self.blocks))
            block = Block(block.type, block.html, image=len(self.images), quoted=block.quoted)
            self.images.append(image)
        self._emit(block)

    def _picture(self, img: HtmlElement, scope: HtmlElement, caption: tuple[str, str] | None) -> bool:
        src = picture_url(img, scope, self.url)
        if not src:
            return False
        if is_decoration(img, src):
            if "emoji" in (img.get("class") or "") or "smiley" in (img.get("class") or ""):
                self._writer.text(img.get("alt") or "")
            return False
        html, credit = caption or ("", "")
        html = html or escape_text(
            plain_line(_MARKUP.sub(" ", img.get("data-caption") or img.get("data-image-caption") or ""))
        )
        alt = plain_line(img.get("alt") or "")
        self._wait(Block(BlockType.FIGURE, html, quoted=bool(self._quotes)), Image(src, alt, html, credit))
        return True

    def _lazy_pictures(self, noscript: HtmlElement) -> None:
        for img in noscript.iter("img"):
            self._picture(img, img, None)

    def _figure(self, node: HtmlElement) -> bool:
        """Read a picture with its caption. False: it holds something else, to be walked as usual."""
        pictures: list[HtmlElement] = []
        texts: list[HtmlElement] = []
        credits: list[HtmlElement] = []
        for count, child in enumerate(node.iterdescendants()):
            tag = child.tag
            if count > _FIGURE_PARTS:
                return False
            if tag == "img":
                pictures.append(child)
            elif tag in _NOT_IN_FIGURE and not any(up.tag == "figcaption" for up in islice(child.iterancestors(), 3)):
                return False
            else:
                classes = f"{child.get('class') or ''} {child.get('itemprop') or ''}"
                if len(classes) > 1 and _CREDIT.search(classes):
                    credits.append(child)
                elif tag == "figcaption" or (len(classes) > 1 and _CAPTION.search(classes)):
                    texts.append(child)
        if not pictures or (node.tag != "figure" and len(pictures) > 1):
            return False
        if node.tag not in ("figure", "dl") and not texts and not credits:
            return False
        self._flush()
        taken = set(credits)
        credit = " · ".join(html for html in (read_inline(one, self.url) for one in _outermost(credits)) if html)
        captions = [read_inline(one, self.url, lang=self.lang, skip=taken) for one in _outermost(texts)]
        caption = "<br>".join(dict.fromkeys(html for html in captions if html))
        for img in pictures:
            if self._picture(img, node, (caption, credit)):
                caption = credit = ""
        return True

    def _table(self, node: HtmlElement) -> bool:
        """Read a table of data as one block. False: it only serves the layout."""
        rows: list[HtmlElement] = []
        headed = 0
        for child in node.iterdescendants("table", "tr", "th", "blockquote", "h1", "h2", "h3", "article"):
            if child.tag == "tr" and len(rows) < _TABLE_ROWS:
                rows.append(child)
            elif child.tag == "th":
                headed += 1
            else:
                return False
        widest = max((sum(1 for cell in row if cell.tag in ("td", "th")) for row in rows), default=0)
        if node.get("role") == "presentation" or (not headed and (len(rows) < 2 or widest < 2)):
            return False
        self._flush()
        titles = [*node.iterchildren("caption")]
        figure = next((up for up in islice(node.iterancestors(), 3) if up.tag == "figure"), None)
        if not titles and figure is not None and sum(1 for _ in figure.iter("table")) == 1:
            titles = [*islice(figure.iter("figcaption"), 1)]
            self._taken.update(titles)
        captions = (read_inline(one, self.url, lang=self.lang) for one in titles)
        parts = [f"<caption>{html}</caption>" for html in captions if html]
        for row in rows:
            cells = [
                opening(cell.tag, colspan=_span(cell, "colspan"), rowspan=_span(cell, "rowspan"))
                + read_inline(cell, self.url, lang=self.lang)
                + f"</{cell.tag}>"
                for cell in row
                if cell.tag in ("td", "th")
            ]
            if cells:
                parts.append(f"<tr>{''.join(cells)}</tr>")
        html = "".join(parts)
        if re.sub(r"<[^>]*>", "", html).strip():
            self._emit(Block(BlockType.TABLE, f"<table>{html}</table>", quoted=bool(self._quotes)))
        for shown in node.iter("img", "iframe", "video", "audio"):  # cells are lines of text
            self._take_whole(shown, shown.tag)
        return True


def _is_layout(node: HtmlElement) -> bool:
    """Whether a list's items have headings: sections, set out as a list."""
    return any(one.tag in _LEVELS for item in islice(node, 3) for one in islice(item.iter(), _ITEM_PARTS))


@lru_cache(maxsize=5000)
def _told(classes: str) -> tuple[bool, bool, bool]:
    """Whether a class says: verse; a picture with its caption; a pull quote."""
    return bool(_VERSE.search(classes)), bool(_FIGURE.search(classes)), bool(_PULL_QUOTE.search(classes))


def _span(cell: HtmlElement, name: str) -> str:
    value = (cell.get(name) or "").strip()
    return value if value.isascii() and value.isdigit() and 1 < int(value[:4]) <= 1000 and len(value) <= 4 else ""


def _outermost(elements: list[HtmlElement]) -> list[HtmlElement]:
    """Those not inside another of the list (which is in document order)."""
    kept: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in elements:
        if element not in inside:
            kept.append(element)
            inside.update(element.iterdescendants())
    return kept
