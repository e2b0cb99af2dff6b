"""Document → Markdown (CommonMark with footnotes), exactly: what a Markdown reader makes of it is what was meant.

Each block is written in Markdown where Markdown can say it; that is tried out by reading it back with markdown-it, and where
the result is not the HTML that ``text.html_writer`` writes (a class, a language, a table …) the block stands there as that
HTML. ``{`` is always written as a reference, so that no generator takes a text for its own shortcodes or templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from itertools import groupby

from ivpipe.model.document import Block, BlockType, Document, Note
from ivpipe.publishers.markdown.inline import REFERENCE, Unsayable, write_inline
from ivpipe.publishers.markdown.reading import same_html
from ivpipe.text.html_writer import Shown, write_document

_LINE_START = re.compile(r"^(?:([#+\-=:])|([0-9]{1,9})([.)]))", re.M)
_HTML_REFERENCE = re.compile(r'<sup class="note-ref"><a [^<>]*href="#note-([0-9]+)"[^<>]*>[^<>]*</a></sup>')


def write_markdown(
    document: Document, *, pictures: Mapping[str, Shown], notes_heading: str = "", back_label: str = ""
) -> str:
    """The blocks and notes of a document as Markdown that ends in a newline; "" where there are none.

    Notes are Markdown footnotes where the text refers to each of them, in order, and from places that are Markdown; else
    text and notes refer to each other by HTML, as ``write_document`` has it. Arguments are those of ``write_document``.
    """
    writer = _Writer(replace(document, kicker="", title="", standfirst=""), pictures)
    parts = writer.with_footnotes()
    if parts is None:
        parts = writer.with_html_notes(notes_heading, back_label)
    text = "\n\n".join(part for part in parts if part)
    return f"{text}\n" if text else ""


class _Writer:
    def __init__(self, document: Document, pictures: Mapping[str, Shown]) -> None:
        self.document = document
        self.pictures = pictures
        self.numbers: dict[str, int] = {}
        for number, note in enumerate(document.notes, 1):
            self.numbers.setdefault(note.label, number)
        self.groups = list(_groups(document.blocks))
        self.said = [self._tried(group) for group in self.groups]
        """Each group in Markdown, with ``REFERENCE`` where it refers to a note; None where Markdown cannot say it."""

    def with_footnotes(self) -> list[str] | None:
        """All parts, with Markdown's own footnotes; None where those would not be the same notes."""
        notes = self._footnotes()
        if notes is None:
            return None
        lead = write_document(self.document, pictures=self.pictures).lead
        texts = [
            text if text is not None else _raw(self._html(group))
            for group, text in zip(self.groups, self.said, strict=True)
        ]
        return [_raw(lead), *(REFERENCE.sub(r"[^\1]", text) for text in texts), "\n".join(notes)]

    def with_html_notes(self, heading: str, back_label: str) -> list[str]:
        """All parts, with the notes and what refers to them as HTML."""
        whole = write_document(self.document, pictures=self.pictures, notes_heading=heading, back_label=back_label)
        texts = []
        done = 0
        for group, text in zip(self.groups, self.said, strict=True):
            done += len(group)
            if text is None or REFERENCE.search(text):
                # References are numbered as they come: what this group adds to all before it is its HTML.
                before, after = self._body(done - len(group)), self._body(done)
                text = _raw(after[len(before) :])
            texts.append(text)
        return [_raw(whole.lead), *texts, _raw(whole.notes)]

    def _body(self, blocks: int) -> str:
        return write_document(replace(self.document, blocks=self.document.blocks[:blocks]), pictures=self.pictures).body

    def _html(self, group: Sequence[Block]) -> str:
        return write_document(replace(self.document, blocks=tuple(group), lead_image=None), pictures=self.pictures).body

    def _tried(self, group: Sequence[Block]) -> str | None:
        """A group in Markdown, where that reads as the HTML it stands for."""
        wanted = self._html(group)
        if not wanted:
            return ""
        try:
            text = self._say(group)
        except Unsayable:
            return None
        return text if same_html(text, _HTML_REFERENCE.sub("⁅\\1⁆", wanted)) else None

    def _footnotes(self) -> list[str] | None:
        document = self.document
        text = "\n".join(said or "" for said in self.said)
        order = list(dict.fromkeys(int(number) for number in REFERENCE.findall(text)))
        hidden = any(
            said is None and any("data-note" in block.html for block in group)
            for group, said in zip(self.groups, self.said, strict=True)
        )
        inside = any("data-note" in note.html for note in document.notes)
        lead = document.lead_image is not None and "data-note" in document.images[document.lead_image].caption
        if hidden or inside or lead or order != list(range(1, len(document.notes) + 1)):
            return None
        notes = [self._footnote(number, note) for number, note in enumerate(document.notes, 1)]
        return None if None in notes else [note for note in notes if note is not None]

    def _footnote(self, number: int, note: Note) -> str | None:
        if note.label.strip("[]() .") != str(number):
            return None  # Markdown numbers them itself
        text = self._tried([Block(BlockType.PARAGRAPH, note.html)])
        return text and f"[^{number}]: " + text.replace("\n", "\n    ")

    def _say(self, group: Sequence[Block]) -> str:
        """A group in Markdown. Raises Unsayable."""
        first = group[0]
        if first.quoted or first.type is BlockType.QUOTE:
            return "\n\n".join(map(self._quote, _quotes(group)))
        if first.type is BlockType.LIST_ITEM:
            return self._lists(group)
        if first.lang or first.role:
            raise Unsayable
        match first.type:
            case BlockType.RULE:
                return "---"
            case BlockType.PARAGRAPH:
                return self._paragraph(first.html)
            case BlockType.HEADING:
                text = self._paragraph(first.html)
                if "\n" in text:
                    raise Unsayable
                return "#" * min(6, max(2, first.level)) + " " + re.sub(r"(#+)$", r"\\\1", text)
            case BlockType.CODE:
                return _fenced(first.html)
        raise Unsayable

    def _paragraph(self, html: str) -> str:
        text = write_inline(html, self.numbers)
        if REFERENCE.match(text):
            raise Unsayable  # a colon after it would make it the note itself
        return _LINE_START.sub(lambda start: f"\\{start[1]}" if start[1] else f"{start[2]}\\{start[3]}", text)

    def _quote(self, blocks: Sequence[Block]) -> str:
        inside = tuple(
            replace(block, quoted=False, type=BlockType.PARAGRAPH if block.type is BlockType.QUOTE else block.type)
            for block in blocks
        )
        text = "\n\n".join(self._say(group) for group in _groups(inside))
        return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))

    def _lists(self, items: Sequence[Block]) -> str:
        """Lists, nested as ``html_writer`` nests them; one that begins where another ends has another mark."""
        lines: list[str] = []
        lists: list[tuple[str, int, int, int]] = []
        """Open lists, outermost first: mark, level, column, items so far."""
        last_marks: dict[int, str] = {}
        for block in items:
            if block.lang or block.role:
                raise Unsayable
            level = max(1, block.level)
            while lists and lists[-1][1] > level:
                lists.pop()
            same = lists and lists[-1][1] == level
            if same and not (block.joined and (lists[-1][0] in ".)") == block.ordered):
                lists.pop()
                same = False
            if not same:
                column = lists[-1][2] + _width(lists[-1]) if lists else 0
                marks = ".)" if block.ordered else "-*"
                mark = marks[1] if last_marks.get(column) == marks[0] else marks[0]
                last_marks = {at: held for at, held in last_marks.items() if at < column} | {column: mark}
                lists.append((mark, level, column, 0))
            mark, level, column, count = lists[-1]
            lists[-1] = (mark, level, column, count + 1)
            text = self._paragraph(block.html).replace("\n", "\n" + " " * (column + _width(lists[-1])))
            lines.append(" " * column + (f"{count + 1}{mark} " if block.ordered else f"{mark} ") + text)
        return "\n".join(lines)


def _width(one: tuple[str, int, int, int]) -> int:
    """How far the text of a list's current item is from its mark's column."""
    mark, _, _, count = one
    return len(f"{count}{mark} ") if mark in ".)" else 2


def _groups(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """Blocks that make one piece of Markdown: runs of quoted ones, runs of list items, and each other by itself."""
    number = 0

    def kind(block: Block) -> tuple[str, int]:
        nonlocal number
        if block.quoted or block.type is BlockType.QUOTE:
            return ("quote", 0)
        if block.type is BlockType.LIST_ITEM:
            return ("list", 0)
        number += 1
        return ("other", number)

    for _, group in groupby(blocks, kind):
        yield tuple(group)


def _quotes(group: Sequence[Block]) -> Iterator[list[Block]]:
    quote: list[Block] = []
    for block in group:
        if quote and block.type is BlockType.QUOTE and not block.joined:
            yield quote
            quote = []
        quote.append(block)
    yield quote


def _fenced(html: str) -> str:
    text = unescape(html)
    if "{" in text or "\r" in text:
        raise Unsayable
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    lines = text.removesuffix("\n")  # whoever reads it ends the last line
    return f"{fence}\n{lines}\n{fence}"


def _raw(html: str) -> str:
    """HTML as a block of Markdown: it ends at an empty line, so it may hold none."""
    html = re.sub(r"\r\n?", "\n", html).strip("\n").replace("{", "&#123;")
    return re.sub(r"\n(?=[ \t]*\n)", "\n&#10;", html) if "\n\n" in html else html
