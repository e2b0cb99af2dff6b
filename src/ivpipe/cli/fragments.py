"""A text or a piece of HTML given on the command line, as a Document, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from ivpipe.errors import IvpipeError
from ivpipe.model.document import Block, BlockType, Document
from ivpipe.sources.extraction import parse_page
from ivpipe.text.html_reader import BlockReader
from ivpipe.text.html_writer import clean_text, document_body
from ivpipe.text.inline import escape_text, inline_text

_LARGEST = 20_000_000
_PARAGRAPHS = re.compile(r"(\n[^\S\n]*(?:\n[^\S\n]*)+)")


@dataclass(frozen=True, slots=True)
class Fragment:
    """``document``'s blocks are the paragraphs of a text, with the white ``gaps`` after them; or what HTML has."""

    document: Document
    html: bool
    gaps: tuple[str, ...] = ()

    def write(self, document: Document) -> str:
        """The document, changed, as what it was made of."""
        if self.html:
            return document_body(document, pictures=True)
        return "".join(inline_text(block.html) + gap for block, gap in zip(document.blocks, self.gaps, strict=True))


def read_fragment(file: str, lang: str, *, html: bool) -> Fragment:
    """Read a file, "-" for the standard input. HTML where said so, or by the name of the file. Raises IvpipeError."""
    html = html or Path(file).suffix.lower() in (".html", ".htm")
    try:
        with click.open_file(file, "rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError as error:
        raise IvpipeError(f"cannot be read: {error.strerror}", subject=file, advice="name a file, or -") from error
    if len(raw) > _LARGEST:
        raise IvpipeError(f"is larger than {_LARGEST // 1_000_000} MB", subject=file)
    if html:
        if not raw.strip():
            return Fragment(Document(url="", title="", lang=lang), html=True)
        reader = BlockReader("", lang)
        reader.read(parse_page(raw, file, "text/html; charset=utf-8"))
        document = Document(url="", title="", lang=lang, blocks=tuple(reader.blocks), images=tuple(reader.images))
        return Fragment(document, html=True)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IvpipeError("it is not text in UTF-8", subject=file, advice="convert it, or say --html") from error
    pieces = _PARAGRAPHS.split(clean_text(text.replace("\r\n", "\n").replace("\r", "\n")))
    blocks = tuple(Block(BlockType.PARAGRAPH, escape_text(piece)) for piece in pieces[::2])
    return Fragment(Document(url="", title="", lang=lang, blocks=blocks), html=False, gaps=(*pieces[1::2], ""))
