"""What the placeholders of a segment stand for, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

_NAMES = {
    "a": "link",
    "em": "emphasis",
    "strong": "strong emphasis",
    "sup": "superscript",
    "sub": "subscript",
    "q": "quotation",
    "cite": "title of a work",
    "code": "code",
    "br": "line break",
    "span": "marked words",
}
_NOTE_REF = '<sup class="note-ref"'
_LABEL = re.compile(r'data-note="([^"]*)"')
_NAME = re.compile(r"<([a-z]+)")


def note_refs(tags: Sequence[tuple[str, str]]) -> dict[int, str]:
    """The note references among a segment's tags: number of the placeholder → label of the note."""
    refs: dict[int, str] = {}
    for number, tag in enumerate(tags, 1):
        if tag[0].startswith(_NOTE_REF):
            label = _LABEL.search(tag[0])
            refs[number] = unescape(label[1]) if label else str(number)
    return refs


def describe(number: int, tags: Sequence[tuple[str, str]]) -> str:
    """A placeholder as a person knows it: "<2> (link)"."""
    if not 1 <= number <= len(tags):
        return f"<{number}>"
    opening = tags[number - 1][0]
    name = _NAME.match(opening)
    what = "note reference" if opening.startswith(_NOTE_REF) else _NAMES.get(name[1], name[1]) if name else ""
    return f"<{number}> ({what})" if what else f"<{number}>"
