"""What a search looks at: a text of bounded length for each article. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from ivpipe.model.document import Block, BlockType
from ivpipe.model.page import Page
from ivpipe.text.html_writer import inline_plain
from ivpipe.text.plain import block_text

LIMIT = 1200
"""At most so many characters of an article are searched: its labels, then the words it uses most."""

_WORD = re.compile(r"\w+")


def searchable(page: Page) -> str:
    """The words of an article's title, labels and standfirst, then those of its text by how often they stand there, the
    first time only, folded; up to ``LIMIT`` characters."""
    document = page.document
    labels = [
        *map(inline_plain, (document.title, page.country or document.kicker, document.standfirst)),
        *page.byline,
        page.partner,
        page.section,
        page.edition,
        *page.keywords,
    ]
    found = dict.fromkeys(_WORD.findall(fold(" ".join(labels))))
    text = fold(" ".join(map(_block_text, document.blocks)))
    body = Counter(word for word in _WORD.findall(text) if len(word) > 3)
    found |= dict.fromkeys(word for word, _ in body.most_common())
    text = " ".join(found)
    return text if len(text) <= LIMIT else text[: LIMIT + 1].rpartition(" ")[0] or text[:LIMIT]


def _block_text(block: Block) -> str:
    return block_text(block) if block.type is BlockType.TABLE else inline_plain(block.html)


def fold(text: str) -> str:
    """A text as it is searched: small letters without their marks ("Éléction" → "election"); ``search.js`` does the same."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in spread if unicodedata.category(character) != "Mn")
