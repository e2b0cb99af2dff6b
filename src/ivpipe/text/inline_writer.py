"""Writing canonical inline HTML (see ``text.inline``) from a stream of openings, closings and text.

However the page's markup is mixed up, what comes out is well formed: white space stands outside the elements and
never twice, empty elements vanish, an element that touches its twin becomes one with it.
"""

from __future__ import annotations

import re
from html import escape

from ivpipe.text.inline import escape_text
from ivpipe.text.invisible import clean_line, clean_text, is_visible

MAX_DEPTH = 12
"""Elements nested deeper keep their text only: no editor meant them, and they would grow the text without bound."""

_PLAIN_SPACES = " \t\n\r\f"
_WHITE = _PLAIN_SPACES + "\u00a0\u202f"
_RUN = re.compile(f"[{_WHITE}]{{2,}}|[\t\n\r\f]")
_NO_BREAK = re.compile("[\u00a0\u202f]")
# What makes folding white space and cleaning more than ``split`` and ``join``: all of the above, and all other white
# space; none of it is printable. One set, as a choice of two is tried at every character.
_SPECIAL = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_NAME = re.compile(r"<([a-z]+)")


def plain_line(text: str) -> str:
    """Return the text cleaned and on one line, runs of white space folded as in canonical HTML."""
    plain = _is_plain(text)
    return _fold_inside((text if plain else clean_line(text)).strip(), plain=plain)


def opening(name: str, **attributes: str) -> str:
    """An opening tag with its attributes escaped, those that are empty left out."""
    return f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if value) + ">"


class InlineWriter:
    """Collects one block's inline HTML; ``take`` returns it and goes on with the same elements open."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._active: list[str] = []
        self._written = 0  # how many of the active elements have their opening tag in ``_out``
        self._space = ""
        self._breaks = 0
        self._closed = ""  # the opening tag of the element that ``_out`` has just closed

    @property
    def empty(self) -> bool:
        """Whether nothing was written since the last ``take``."""
        return not self._out

    @property
    def breaks(self) -> int:
        """Line breaks that wait for more text."""
        return self._breaks

    def open(self, tag: str) -> bool:
        """Open an element by its opening tag. False: it is not wanted here, do not close it."""
        name = tag_name(tag)
        if len(self._active) >= MAX_DEPTH or any(
            tag_name(other) == "code" or (tag_name(other) == name and name != "span") or other == tag
            for other in self._active
        ):
            return False
        self._active.append(tag)
        return True

    def close(self) -> None:
        """Close the element opened last."""
        tag = self._active.pop()
        if len(self._active) < self._written:
            self._out.append(f"</{tag_name(tag)}>")
            self._written = len(self._active)
            self._closed = tag

    def text(self, text: str) -> None:
        """Write text, white space folded: a run becomes one space, or one no-break space where it holds one."""
        if text and not text.strip(_PLAIN_SPACES):
            self._space = self._space or " "  # as between blocks
            return
        plain = _is_plain(text)
        text = text if plain else clean_text(text)
        line = text.strip(_WHITE)
        at = text.find(line)
        if before := text[:at] if line else text:
            self._space = _fold(self._space + before)
        if line:
            self._write(escape_text(_fold_inside(line, plain=plain)))
            after = text[at + len(line) :]
            self._space = _fold(after) if after else ""

    def line_break(self) -> None:
        """Break the line, if there is text before and comes text after."""
        if self._out:
            self._breaks += 1

    def note_ref(self, label: str) -> None:
        """Write a note reference; it stands at the word before it."""
        if any(tag_name(tag) == "code" for tag in self._active):
            return
        self._space = ""
        self._write(opening("sup", **{"class": "note-ref", "data-note": label}) + escape_text(label) + "</sup>")

    def take(self) -> str:
        """Return what was written as canonical inline HTML, or "". Open elements go on in what is written next."""
        if not self._out:
            self._space, self._breaks, self._closed = "", 0, ""
            return ""
        self._out.extend(f"</{tag_name(tag)}>" for tag in reversed(self._active[: self._written]))
        html = "".join(self._out)
        self._out, self._written, self._space, self._breaks, self._closed = [], 0, "", 0, ""
        return html

    def _write(self, html: str) -> None:
        if self._breaks:
            self._out.extend(["<br>"] * min(self._breaks, 2))
            self._closed = ""
        elif self._space and self._out:
            if self._closed.startswith("<a ") and self._closed in self._active[self._written : self._written + 1]:
                self._out.insert(-1, self._space)  # two links to one place were one until somebody touched them
            else:
                self._out.append(self._space)
                self._closed = ""
        self._space, self._breaks = "", 0
        for tag in self._active[self._written :]:
            if tag == self._closed:
                self._out.pop()
            else:
                self._out.append(tag)
            self._closed = ""
        self._written = len(self._active)
        self._out.append(html)
        self._closed = ""


def tag_name(tag: str) -> str:
    """The name in an opening tag."""
    match = _NAME.match(tag)
    return match[1] if match else ""


def _is_plain(text: str) -> bool:
    return is_visible(text) or not _SPECIAL.search(text)


def _fold_inside(line: str, *, plain: bool) -> str:
    """Fold the white space in a stripped text; most have single spaces only."""
    if not plain:
        return _RUN.sub(lambda run: _fold(run[0]), line)
    return line if line.isprintable() and "  " not in line else " ".join(line.split())


def _fold(space: str) -> str:
    if space.isascii():
        return " "
    no_break = _NO_BREAK.search(space)
    return no_break[0] if no_break else " "
