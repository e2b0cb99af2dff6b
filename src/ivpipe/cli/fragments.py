"""A text or a piece of HTML given on the command line, as a Document, and back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import click
from lxml.html import HtmlElement

from ivpipe.errors import IvpipeError
from ivpipe.model.document import Block, BlockType, Document
from ivpipe.sources.extraction import parse_page
from ivpipe.text.html_reader import BlockReader
from ivpipe.text.html_writer import clean_text, document_body
from ivpipe.text.inline import escape_text, inline_text

_LARGEST = 20_000_000
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b\ufeff]")
"""What browsers leave out of a scheme, and some more."""
_PARAGRAPHS = re.compile(r"(\n[^\S\n]*(?:\n[^\S\n]*)+)")


@dataclass(frozen=True, slots=True)
class Fragment:
    """``document``'s blocks are the paragraphs of a text, with the white ``gaps`` after them; or what HTML has, with
    ``addresses`` that lead nowhere without a page set aside: placeholder → address."""

    document: Document
    html: bool
    gaps: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)

    def addressed(self, html: str) -> str:
        """HTML with the addresses back in it that were set aside."""
        if not self.addresses:
            return html
        placeholders = re.compile("|".join(map(re.escape, sorted(self.addresses, key=len, reverse=True))))
        return placeholders.sub(lambda match: escape(self.addresses[match[0]]), html)

    def write(self, document: Document) -> str:
        """The document, changed, as what it was made of."""
        if self.html:
            return self.addressed(document_body(document, pictures=True))
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
        root = parse_page(raw, file, "text/html; charset=utf-8")
        addresses = _set_aside(root)
        reader.read(root)
        document = Document(url="", title="", lang=lang, blocks=tuple(reader.blocks), images=tuple(reader.images))
        return Fragment(document, html=True, addresses=addresses)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IvpipeError("it is not text in UTF-8", subject=file, advice="convert it, or say --html") from error
    pieces = _PARAGRAPHS.split(clean_text(text.replace("\r\n", "\n").replace("\r", "\n")))
    blocks = tuple(Block(BlockType.PARAGRAPH, escape_text(piece)) for piece in pieces[::2])
    return Fragment(Document(url="", title="", lang=lang, blocks=blocks), html=False, gaps=(*pieces[1::2], ""))


def _set_aside(root: HtmlElement) -> dict[str, str]:
    """Give links and pictures whose address is relative to a page that we do not know a placeholder, which is none, and so
    is kept; return placeholder → address."""
    token = secrets.token_hex(8)
    addresses: dict[str, str] = {}
    for node in root.iter("a", "img"):
        name = "href" if node.tag == "a" else "src"
        address = (node.get(name) or "").strip()
        if address and not _SCHEME.match(_UNSEEN.sub("", address)):
            # Each its own: a picture that stands there twice has two captions.
            placeholder = f"https://{token}.invalid/{len(addresses)}.jpg"
            addresses[placeholder] = address
            node.set(name, placeholder)
    return addresses
