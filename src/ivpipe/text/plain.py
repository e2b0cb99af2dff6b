"""Plain text: of a document's blocks, and as comparisons see it."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.text.inline import inline_text

_WORDS = re.compile(r"\w+")


def block_text(block: Block) -> str:
    """A block's text; of a table, that of its cells in order, on one line."""
    if block.type is BlockType.TABLE:
        return " ".join(unescape(re.sub(r"<[^<>]*>", " ", block.html)).split())
    return inline_text(block.html)


def folded(text: str) -> str:
    """A text without case and accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def squeeze(text: str) -> str:
    """Letters and digits only, lower case."""
    return "".join(_WORDS.findall(text)).lower()


def count_words(document: Document) -> int:
    """Words in all blocks."""
    return sum(len(block_text(block).split()) for block in document.blocks)
