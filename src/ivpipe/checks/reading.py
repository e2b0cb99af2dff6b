"""What the checks read of a tagged text."""

from __future__ import annotations

import re
from html import unescape

_EMPTY_MARK = re.compile(r"<[1-9][0-9]{0,5}/>")
_MARK = re.compile(r"</?[1-9][0-9]{0,5}>")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"«»“”]+|(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[a-zA-Z]{2,24}")
"""A bare web or e-mail address, with any punctuation that follows it."""


def readable(tagged: str) -> str:
    """The text as read: without placeholders, a line break or note reference as a space."""
    return unescape(_MARK.sub("", _EMPTY_MARK.sub(" ", tagged)))


def is_blank(tagged: str) -> bool:
    """Whether there is nothing to read."""
    return not readable(tagged).strip()
