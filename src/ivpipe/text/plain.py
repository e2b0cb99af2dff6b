"""Plain text of a document's blocks."""

from __future__ import annotations

import re
from html import unescape

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.text.inline import inline_text


def block_text(block: Block) -> str:
    """A block's text; of a table, that of its cells in order, on one line."""
    if block.type is BlockType.TABLE:
        return " ".join(unescape(re.sub(r"<[^<>]*>", " ", block.html)).split())
    return inline_text(block.html)


def count_words(document: Document) -> int:
    """Words in all blocks."""
    return sum(len(block_text(block).split()) for block in document.blocks)
