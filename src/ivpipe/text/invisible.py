"""Characters that nobody sees, but that turn a line round, hide a message, or make two equal names differ.

They go from all text. What means something stays: joiners in Persian, the scripts of India and emoji, selectors behind
the signs that have two forms, flags written in tag characters, and in text of such scripts the marks of direction.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,10}\U000e007f)"  # a flag: England's, Scotland's
    "|[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
    "\ud800-\udfff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    "|(?<![0-9#*\u00a9\u00ae\u203c\u2049\u2100-\u3030\u303d\u3297\u3299\U0001f000-\U0001ffff])[\ufe0e\ufe0f]"
    "|(?<![\u2200-\u22ff\u2e80-\u3130\u3190-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe0d\U000e0100-\U000e01ef]"
)
# Joiners are letters of their own in Persian, Indic scripts and emoji; elsewhere they are dirt.
_JOINER = re.compile("(?<![\u0600-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001ffff])[\u200c\u200d]")
_MARKS = re.compile("[\u061c\u200e\u200f]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# What is printable by Python's book, and yet may have to go.
_PRINTABLE = re.compile("[\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def is_visible(text: str) -> bool:
    """Whether every character of a text is plainly one that is seen, or a space; False where it must be looked at closer."""
    return text.isprintable() and (text.isascii() or not _PRINTABLE.search(text))


def clean_text(text: str) -> str:
    """Return the text without control, zero-width and tag characters, soft hyphens, and all that turns its direction."""
    if is_visible(text):
        return text
    return _JOINER.sub("", _UNSEEN.sub(lambda match: match[1] or "", text))


def clean_line(text: str) -> str:
    """The same for a line, such as a title or a name; marks of direction go where nothing in it runs from the right."""
    text = clean_text(text)
    return text if _RIGHT_TO_LEFT.search(text) else _MARKS.sub("", text)
