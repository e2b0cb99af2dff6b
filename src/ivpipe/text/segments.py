"""Document ↔ segments: cutting an article into what is translated, and putting the translation together again.

``restore_document(document, split_document(document, …))`` is the document, exactly.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.text.inline import InlineTag, Token, escape_text, inline_text, inline_tokens, plain_text, tag_tokens, untag

Splitter = Callable[[str, str], list[int]]
"""(text, language) → offsets at which a new sentence starts, in order, 0 not among them."""

_WHOLE = frozenset({"title", "kicker", "heading", "verse", "alt"})
"""Kinds of part that are one segment, however many sentences they have."""

_CELL = re.compile(r"(<(caption|t[hd])(?: [^<>]*)?>)(.*?)(</\2>)", re.S)


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence, or a whole heading and the like. ``part`` tells where it belongs: "title", "block:3", "block:5:2"
    (third cell of a table), "note:0", "image:1:alt"; several segments of one part stand in order.

    ``source`` is tagged text, ``tags`` the markup by number from 1, ``gap`` the white space that follows it.
    """

    part: str
    kind: str
    source: str
    tags: tuple[InlineTag, ...]
    gap: str = ""

    @property
    def key(self) -> str:
        """Identity of the text: equal sources have equal keys."""
        return segment_key(self.source)


@dataclass(frozen=True, slots=True)
class Translated:
    """What ``restore_document`` reads: a segment's place and markup with its target text."""

    part: str
    tags: tuple[InlineTag, ...]
    gap: str
    target: str


def segment_key(source: str) -> str:
    """SHA-256 of a tagged source text, hexadecimal."""
    return hashlib.sha256(source.encode()).hexdigest()


def context_key(before: str, after: str) -> str:
    """Identity of a segment's neighbours, given their tagged sources ("" at an end): 32 hexadecimal digits.

    Their markup does not count. "" where there are none, which is no context at all.
    """
    texts = [" ".join(plain_text(text).split()) for text in (before, after)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32] if any(texts) else ""


def document_parts(document: Document) -> Iterator[tuple[str, str, str]]:
    """The translatable parts of a document in reading order: (part, kind, canonical inline HTML), none empty, none
    twice. A picture's caption is a part of its own unless it is that of the first figure that shows the picture."""
    shared = shared_captions(document)
    shown: set[int] = set()
    for part in ("kicker", "title", "standfirst"):
        if html := getattr(document, part):
            yield part, part, html
    if document.lead_image is not None:
        shown.add(document.lead_image)
        yield from _image_parts(document, document.lead_image, caption=document.lead_image not in shared.values())
    for index, block in enumerate(document.blocks):
        if block.type is BlockType.TABLE:
            for number, cell in enumerate(_CELL.finditer(block.html)):
                if cell[3].strip():
                    yield f"block:{index}:{number}", "table", cell[3]
        elif block.type not in (BlockType.CODE, BlockType.RULE):
            if block.html:
                yield f"block:{index}", "caption" if block.type is BlockType.FIGURE else str(block.type), block.html
            if block.image is not None and block.image not in shown:
                shown.add(block.image)
                yield from _image_parts(document, block.image, caption=block.image not in shared.values())
    for index in range(len(document.images)):
        if index not in shown:
            yield from _image_parts(document, index, caption=index not in shared.values())
    for index, note in enumerate(document.notes):
        if note.html:
            yield f"note:{index}", "note", note.html


def shared_captions(document: Document) -> dict[int, int]:
    """Figures whose caption is also their picture's, each picture once: block index → image index."""
    shared: dict[int, int] = {}
    for index, block in enumerate(document.blocks):
        if (
            block.type is BlockType.FIGURE
            and block.image is not None
            and block.image not in shared.values()
            and block.html
            and block.html == document.images[block.image].caption
        ):
            shared[index] = block.image
    return shared


def _image_parts(document: Document, index: int, *, caption: bool) -> Iterator[tuple[str, str, str]]:
    image = document.images[index]
    if caption and image.caption:
        yield f"image:{index}:caption", "caption", image.caption
    if image.alt:
        yield f"image:{index}:alt", "alt", escape_text(image.alt)


def split_document(document: Document, splitter: Splitter) -> list[Segment]:
    """Cut a document into segments, in reading order."""
    segments: list[Segment] = []
    for part, kind, html in document_parts(document):
        segments.extend(split_inline(html, part, kind, splitter, document.lang))
    return segments


def split_inline(html: str, part: str, kind: str, splitter: Splitter, lang: str) -> Iterator[Segment]:
    """Cut one part's canonical inline HTML into segments; a part with nothing to translate has none.

    Raises ValueError where the HTML is not canonical.
    """
    tokens = inline_tokens(html)
    if not any(token.kind == "text" and token.text.strip() for token in tokens):
        return
    text = "".join(token.text for token in tokens)
    starts = [] if kind in _WHOLE else _sentence_starts(text, splitter(text, lang))
    open_now: list[str] = []
    for piece in _cut(tokens, starts):
        before = tuple(open_now)
        for token in piece:
            if token.kind == "open":
                open_now.append(token.html)
            elif token.kind == "close":
                open_now.pop()
        gap = ""
        if piece and piece[-1].kind == "text":
            text = piece[-1].text
            kept = text.rstrip()
            gap = text[len(kept) :]
            piece = [*piece[:-1], Token("text", "", "", kept)] if kept else piece[:-1]
        source, tags = tag_tokens(piece, before)
        yield Segment(part, kind, source, tags, gap)


def _sentence_starts(text: str, offsets: Iterable[int]) -> list[int]:
    """The offsets in order, moved from white space to the text after it; none outside the text or at its end."""
    starts: set[int] = set()
    for at in offsets:
        while 0 <= at < len(text) and text[at].isspace():
            at += 1
        if 0 < at < len(text):
            starts.add(at)
    return sorted(starts)


def _cut(tokens: list[Token], starts: Sequence[int]) -> Iterator[list[Token]]:
    """Cut a token list before the sentence starts given as offsets into its text.

    Markup that stands between two sentences goes where it belongs: what closes, and note references, to the sentence
    before; what opens to the one after, with any white space inside it.
    """
    full = "".join(token.text for token in tokens)
    pending = list(starts)
    piece: list[Token] = []
    has_text = False
    offset = 0
    for token in tokens:
        while pending and pending[0] < offset:
            pending.pop(0)
        if token.kind == "text":
            text = token.text
            while pending and pending[0] < offset + len(text):
                at = pending.pop(0) - offset
                head, text = text[:at], text[at:]
                offset += at
                if head:
                    piece.append(Token("text", "", "", head))
                    has_text = has_text or bool(head.strip())
                if has_text:
                    yield piece
                    piece, has_text = [], False
            if text:
                piece.append(Token("text", "", "", text))
        elif (
            pending
            and has_text
            and (token.kind == "open" or token.text.strip())
            and not full[offset : pending[0]].strip()
        ):
            pending.pop(0)
            yield piece
            piece, has_text = [token], False
        else:
            piece.append(token)
        if token.kind != "text":
            text = token.text
        has_text = has_text or bool(text.strip())
        offset += len(text)
    yield piece


def restore_document(document: Document, segments: Iterable[Translated], lang: str = "") -> Document:
    """Return the document with each part's text replaced by its segments' targets, in language ``lang``.

    Parts without segments stay as they are. Raises TagMismatch where a target's tags are not its segment's.
    """
    texts: dict[str, str] = {}
    grouped: dict[str, list[Translated]] = defaultdict(list)
    for segment in segments:
        grouped[segment.part].append(segment)
    for part, pieces in grouped.items():
        texts[part] = join_segments(pieces)

    blocks = tuple(_restore_block(block, index, texts) for index, block in enumerate(document.blocks))
    images = list(document.images)
    for index, image in enumerate(images):
        alt = texts.get(f"image:{index}:alt")
        images[index] = replace(
            image,
            alt=image.alt if alt is None else unescape(alt),
            caption=texts.get(f"image:{index}:caption", image.caption),
        )
    for index, image_index in shared_captions(document).items():
        images[image_index] = replace(images[image_index], caption=blocks[index].html)
    return replace(
        document,
        title=texts.get("title", document.title),
        kicker=texts.get("kicker", document.kicker),
        standfirst=texts.get("standfirst", document.standfirst),
        lang=lang or document.lang,
        blocks=blocks,
        images=tuple(images),
        notes=tuple(replace(note, html=texts.get(f"note:{i}", note.html)) for i, note in enumerate(document.notes)),
    )


def _restore_block(block: Block, index: int, texts: dict[str, str]) -> Block:
    if block.type is BlockType.TABLE:
        numbers = iter(range(len(block.html)))

        def cell(match: re.Match[str]) -> str:
            return match[1] + texts.get(f"block:{index}:{next(numbers)}", match[3]) + match[4]

        return replace(block, html=_CELL.sub(cell, block.html))
    html = texts.get(f"block:{index}")
    return block if html is None else replace(block, html=html)


def join_segments(segments: Sequence[Translated]) -> str:
    """Put the targets of one part together as inline HTML; an element cut by a sentence boundary becomes one again."""
    whole = ""
    for segment in segments:
        html = untag(segment.target, segment.tags)
        gap_at = len(whole.rstrip())
        before, gap = whole[:gap_at], whole[gap_at:]
        for tag in segment.tags:
            if not tag.continues or not before.endswith(tag.close) or not html.startswith(tag.open):
                break
            before, html = before[: -len(tag.close)], html[len(tag.open) :]
        whole = before + gap + html + escape_text(segment.gap)
    return whole


def part_text(html: str) -> str:
    """Plain text of a part, on one line."""
    return " ".join(inline_text(html).split())
