"""The Document: what extraction makes of a page, as plain immutable values.

Inline HTML anywhere in a Document is *canonical*: the subset of ``text.inline`` (``em strong a sup sub br q cite
code span``), well formed, attributes escaped, every URL absolute. Whoever makes a Document makes it so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class BlockType(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    FIGURE = "figure"
    TABLE = "table"
    CODE = "code"
    VERSE = "verse"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the body, in reading order.

    ``html``: canonical inline HTML; of a figure, its caption; of a table, canonical ``<table>`` markup
    (``caption tr th td`` with ``colspan rowspan``, inline HTML in the cells); of code, escaped text.
    ``level``: of a heading 2–6, of a list item its depth from 1, else 0.
    ``ordered``: the list item is numbered. ``joined``: continues the list or quote of the block before, where
    otherwise a new one starts. ``quoted``: stands inside a quotation (always true of a quote).
    ``image``: of a figure, index into ``Document.images``. ``lang``: where it differs from the document's.
    ``role``: "", or "question", "signature", "author_note", "translator_note", "postscript", "embed",
    "attribution".
    """

    type: BlockType
    html: str = ""
    level: int = 0
    ordered: bool = False
    joined: bool = False
    quoted: bool = False
    image: int | None = None
    lang: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote; the text refers to it by ``<sup class="note-ref" data-note="LABEL">``. ``html`` is inline HTML."""

    label: str
    html: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; ``src`` is absolute, ``alt`` plain text, ``caption`` and ``credit`` inline HTML."""

    src: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """An article as its editor made it. Titles, kicker and standfirst are inline HTML; dates ISO 8601 or ""."""

    url: str
    title: str
    lang: str = ""
    canonical_url: str = ""
    kicker: str = ""
    standfirst: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()
    images: tuple[Image, ...] = ()
    lead_image: int | None = None
    extractor: str = ""
    warnings: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; ``from_dict`` is the exact inverse."""
        data = asdict(self)
        data["blocks"] = [
            {k: v for k, v in b.items() if k == "type" or v != _BLOCK_DEFAULTS[k]} for b in data["blocks"]
        ]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Document:
        """Read what ``to_dict`` wrote."""
        values = dict(data)
        values["blocks"] = tuple(Block(**{**b, "type": BlockType(b["type"])}) for b in data["blocks"])
        values["notes"] = tuple(Note(**n) for n in data["notes"])
        values["images"] = tuple(Image(**i) for i in data["images"])
        for key in ("authors", "tags", "warnings"):
            values[key] = tuple(data[key])
        return cls(**values)

    def content_hash(self) -> str:
        """SHA-256 of all that a reader could notice: not the extractor, its warnings, or the modification date."""
        content = replace(self, extractor="", warnings=(), modified="").to_dict()
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


_BLOCK_DEFAULTS: dict[str, Any] = asdict(Block(BlockType.PARAGRAPH))
