"""What has changed in an original, ready to be read by an editor: pure, from ``text.difference``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from ivpipe.desk.layout import marked
from ivpipe.text.difference import Difference, words_difference

_PARTS = {
    "kicker": "Kicker", "title": "Title", "standfirst": "Standfirst", "section": "Section", "authors": "Authors",
    "published": "Date", "text": "Part", "note": "Note", "picture": "Picture",
}  # fmt: skip
_KINDS = {"added": "new", "removed": "taken out", "changed": "reworded"}
_HEADING = re.compile(r"^#{1,6} ")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change: where it is, what happened there ("added", "removed", "changed", and that in words), the text with
    what is gone and what is new marked."""

    place: str
    kind: str
    word: str
    html: Markup


def change_view(difference: Difference) -> ChangeView:
    """One difference as the page shows it. Headings are told by a word, not by the signs before them."""
    before, after = (_HEADING.sub("", text) for text in (difference.before, difference.after))
    heading = (before, after) != (difference.before, difference.after)
    place = "Heading, part" if heading else _PARTS.get(difference.part, difference.part.capitalize())
    return ChangeView(
        f"{place} {difference.position}" if difference.position else place,
        difference.kind,
        "another level" if heading and before == after else _KINDS[difference.kind],
        marked(words_difference(before, after) if heading else difference.words),
    )
