"""Canonical inline HTML and its tagged form, in which markup is frozen into numbered placeholders.

Canonical inline HTML is well formed, in this subset, with text and attributes escaped::

    em strong sub sup q cite code br   a[href title hreflang]   span[lang class="small-caps"]
    sup[class="note-ref" data-note="LABEL"]      a note reference; its text is the mark

Tagged text is what engines, the memory and people see: ``<1>…</1>`` for an element, ``<2/>`` for one whose inside is
not translated (a line break, a note reference, code), and ``&amp; &lt; &gt;`` for the characters themselves.
``tag_inline`` and ``untag`` are exact inverses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import NamedTuple

PAIRED = frozenset({"em", "strong", "a", "sup", "sub", "q", "cite", "code", "span"})

_HTML_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
_MARK = re.compile(r"<(/?)([0-9]{1,4})(/?)>")


class InlineTag(NamedTuple):
    """The markup behind a placeholder. ``close`` is "" for a line break; of a frozen element ``open`` is all of it.

    ``continues``: the element began in the segment before and goes on in this one.
    """

    open: str
    close: str
    continues: bool = False


class TagMismatch(ValueError):
    """A tagged text has tags missing, in excess, or badly nested."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of inline HTML. ``kind``: "text", "open", "close", or "frozen" (a whole element taken as one).

    ``html`` is the piece as written; ``text`` what a sentence splitter should see of it.
    """

    kind: str
    html: str
    name: str = ""
    text: str = ""


def escape_text(text: str) -> str:
    """Escape text for canonical HTML (quotes stay)."""
    return escape(text, quote=False)


def inline_tokens(html: str) -> list[Token]:
    """Cut canonical inline HTML into tokens. Raises ValueError where it is not canonical."""
    tokens: list[Token] = []
    stack: list[str] = []
    position = 0
    frozen_from = -1
    for match in _HTML_TAG.finditer(html):
        closing, name, attributes = match.groups()
        if frozen_from < 0 and match.start() > position:
            tokens.append(_text(html[position : match.start()]))
        if not closing and name != "br":
            if name not in PAIRED:
                raise ValueError(f"<{name}> is not inline markup")
            stack.append(name)
            if frozen_from < 0:
                if name == "code" or is_note_ref(name, attributes):
                    frozen_from = match.start()
                    frozen_depth = len(stack)
                    frozen_name = "note-ref" if name == "sup" else name
                else:
                    tokens.append(Token("open", match[0], name))
        elif closing:
            if not stack or stack[-1] != name:
                raise ValueError(f"</{name}> closes nothing")
            if frozen_from < 0:
                tokens.append(Token("close", match[0], name))
            elif len(stack) == frozen_depth:
                whole = html[frozen_from : match.end()]
                text = "" if frozen_name == "note-ref" else unescape(_HTML_TAG.sub("", whole))
                tokens.append(Token("frozen", whole, frozen_name, text))
                frozen_from = -1
            stack.pop()
        elif frozen_from < 0:
            tokens.append(Token("frozen", match[0], "br", "\n"))
        position = match.end()
    if stack:
        raise ValueError(f"<{stack[-1]}> is not closed")
    if position < len(html):
        tokens.append(_text(html[position:]))
    return tokens


def _text(html: str) -> Token:
    return Token("text", html, "", unescape(html))


def is_note_ref(name: str, attributes: str) -> bool:
    """Whether an opening tag is a note reference."""
    return name == "sup" and 'class="note-ref"' in attributes


def inline_text(html: str) -> str:
    """The plain text of canonical inline HTML: no note references, line breaks as newlines."""
    return "".join(token.text for token in inline_tokens(html))


def note_labels(html: str) -> list[str]:
    """Labels of the note references in canonical inline HTML, in order."""
    return [unescape(label) for label in re.findall(r'<sup class="note-ref" data-note="([^"]*)">', html)]


def tag_inline(html: str) -> tuple[str, tuple[InlineTag, ...]]:
    """Freeze the markup of canonical inline HTML: (tagged text, tags by number from 1)."""
    return tag_tokens(inline_tokens(html), ())


def tag_tokens(tokens: list[Token], still_open: tuple[str, ...]) -> tuple[str, tuple[InlineTag, ...]]:
    """Freeze one segment's tokens. ``still_open`` are the opening tags of elements that began before it, outermost
    first; an element that is open at the end is closed there (the next segment continues it)."""
    tags: list[InlineTag] = []
    out: list[str] = []
    stack: list[int] = []
    for opening in still_open:
        tags.append(InlineTag(opening, _close_of(opening), True))
        stack.append(len(tags))
        out.append(f"<{len(tags)}>")
    for token in tokens:
        if token.kind == "text":
            out.append(escape_text(token.text))
        elif token.kind == "frozen":
            tags.append(InlineTag(token.html, ""))
            out.append(f"<{len(tags)}/>")
        elif token.kind == "open":
            tags.append(InlineTag(token.html, _close_of(token.html)))
            stack.append(len(tags))
            out.append(f"<{len(tags)}>")
        else:
            out.append(f"</{stack.pop()}>")
    out.extend(f"</{number}>" for number in reversed(stack))
    return "".join(out), tuple(tags)


def _close_of(opening: str) -> str:
    match = _HTML_TAG.match(opening)
    if match is None:
        raise ValueError(f"not an opening tag: {opening!r}")
    return f"</{match[2]}>"


def marks(tagged: str) -> Iterator[tuple[str, int]]:
    """The placeholders of a tagged text in order: ("open" | "close" | "empty", number)."""
    for closing, number, empty in _MARK.findall(tagged):
        yield ("close" if closing else "empty" if empty else "open"), int(number)


def plain_text(tagged: str) -> str:
    """A tagged text without its placeholders and escapes."""
    return unescape(_MARK.sub("", tagged))


def tag_problem(tagged: str, tags: tuple[InlineTag, ...] | list[InlineTag]) -> str | None:
    """Say what is wrong with the tags of a target text: missing, twice, unknown, badly nested; None if all is well."""
    wanted = {number: ("open" if tag.close else "empty") for number, tag in enumerate(tags, 1)}
    seen: set[int] = set()
    stack: list[int] = []
    for kind, number in marks(tagged):
        if kind == "close":
            if not stack or stack.pop() != number:
                return f"the tag <{number}> is badly nested"
            continue
        if number not in wanted:
            return f"the tag <{number}> is not in the source"
        if wanted[number] != kind:
            return f"the tag <{number}> has changed its form"
        if number in seen:
            return f"the tag <{number}> stands twice"
        seen.add(number)
        if kind == "open":
            stack.append(number)
    if stack:
        return f"the tag <{stack[-1]}> is not closed"
    missing = sorted(set(wanted) - seen)
    if missing:
        return "missing: " + ", ".join(f"<{number}>" for number in missing)
    bare = _MARK.sub("", tagged)
    if "<" in bare or ">" in bare or re.search(r"&(?!amp;|lt;|gt;|quot;|#)", bare):
        return "a character < > or & stands unescaped"
    return None


def untag(tagged: str, tags: tuple[InlineTag, ...] | list[InlineTag]) -> str:
    """Put the markup back: the inverse of ``tag_inline``. Raises TagMismatch where the tags are not those of ``tags``."""
    problem = tag_problem(tagged, tags)
    if problem is not None:
        raise TagMismatch(problem)

    def markup(match: re.Match[str]) -> str:
        tag = tags[int(match[2]) - 1]
        return tag.close if match[1] else tag.open

    return _MARK.sub(markup, tagged)
