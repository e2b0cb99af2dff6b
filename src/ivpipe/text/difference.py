"""What has changed between two versions of a document, for people to read: part by part, and word by word within."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.text.inline import inline_text
from ivpipe.text.plain import block_text

_MOST_WORDS = 2000
_MOST_BLOCKS = 3000
_WINDOW = 20
_SAMPLE = 1000
_LEAST_LIKENESS = 55.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs. ``part``: "title", "kicker", "standfirst", "authors", "section", "text", "note", "picture" …

    ``kind``: "added", "removed", "changed". ``before`` and ``after`` are plain text; ``words`` is the same as a sequence
    of ("same" | "removed" | "added", text), whose texts joined without the removed ones are ``after``, without the added
    ones ``before``. ``position``: its number (from 1) among those with a text in the new version; where it was removed,
    in the old one.
    """

    part: str
    kind: str
    before: str
    after: str
    words: tuple[tuple[str, str], ...]
    position: int = 0


def document_difference(old: Document, new: Document) -> list[Difference]:
    """All changes from ``old`` to ``new`` in reading order; [] where a reader would notice nothing but markup."""
    changes: list[Difference] = []
    for name in ("kicker", "title", "standfirst"):
        changes += _single(name, inline_text(getattr(old, name)), inline_text(getattr(new, name)))
    changes += _single("section", old.section, new.section)
    changes += _single("authors", ", ".join(old.authors), ", ".join(new.authors))
    changes += _single("published", old.published, new.published)
    changes += _sequence("text", _texts(old), _texts(new))
    changes += _sequence(
        "note",
        [f"{note.label}. {inline_text(note.html)}" for note in old.notes],
        [f"{note.label}. {inline_text(note.html)}" for note in new.notes],
    )
    changes += _sequence("picture", [image.src for image in old.images], [image.src for image in new.images])
    return changes


def lines_difference(before: str, after: str) -> list[Difference]:
    """The lines that differ between two plain texts, in reading order; lines that are alike are one change."""
    return list(_sequence("line", before.splitlines(), after.splitlines()))


def words_difference(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The two texts as one sequence of ("same" | "removed" | "added", text)."""
    old, new = _words(before), _words(after)
    if len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        return tuple(piece for piece in (("removed", before), ("added", after)) if piece[1])
    pieces: list[tuple[str, str]] = []
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(("same", "".join(old[i:j])))
            continue
        pieces += [("removed", "".join(old[i:j]))] if j > i else []
        pieces += [("added", "".join(new[k:m]))] if m > k else []
    return tuple(pieces)


def _words(text: str) -> list[str]:
    """Words and signs with the space before them, so that the last word before something new is still the same; joined,
    they are the text again."""
    return re.findall(r"\s*\w+|\s*[^\w\s]|\s+", text)


def _texts(document: Document) -> list[str]:
    """Of all blocks that have any (a picture without caption has none)."""
    return [text for block in document.blocks if (text := _block(block))]


def _block(block: Block) -> str:
    if block.type is BlockType.RULE:
        return "⁂"
    text = block_text(block)
    return text if block.type is not BlockType.HEADING else f"{'#' * block.level} {text}"


def _single(part: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield _change(part, before, after)


def _change(part: str, before: str, after: str, position: int = 0) -> Difference:
    kind = "added" if not before else "removed" if not after else "changed"
    return Difference(part, kind, before, after, words_difference(before, after), position)


def _sequence(part: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Changes between two sequences of texts; in a replaced stretch, texts that are alike are one change, in order."""
    if len(old) > _MOST_BLOCKS or len(new) > _MOST_BLOCKS:
        yield from _single(part, "\n".join(old), "\n".join(new))
        return
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        at = k
        for number, before in enumerate(old[i:j], i + 1):
            partner = next((x for x in range(at, min(at + _WINDOW, m)) if _alike(before, new[x])), None)
            if partner is None:
                yield _change(part, before, "", number)
                continue
            for x in range(at, partner):
                yield _change(part, "", new[x], x + 1)
            yield _change(part, before, new[partner], partner + 1)
            at = partner + 1
        for x in range(at, m):
            yield _change(part, "", new[x], x + 1)


def _alike(one: str, other: str) -> bool:
    return fuzz.ratio(one[:_SAMPLE], other[:_SAMPLE]) >= _LEAST_LIKENESS
