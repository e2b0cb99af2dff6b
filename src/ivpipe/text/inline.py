"""Canonical inline HTML and its tagged form, in which markup is frozen into numbered placeholders.

Canonical inline HTML is well formed, in this subset, with text and attributes escaped::

    em strong sub sup q cite code br   a[href title hreflang]   span[lang class="small-caps"]
    sup[class="note-ref" data-note="LABEL"]      a note reference; its text is the mark

Tagged text is what engines, the memory and people see: ``<1>…</1>`` for an element, ``<2/>`` for one whose inside is
not translated (a line break, a note reference, code), and ``&amp; &lt; &gt;`` for the characters themselves.
Numbers have no leading zeros. ``tag_inline`` and ``untag`` are exact inverses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from html.entities import html5
from typing import NamedTuple

PAIRED = frozenset({"em", "strong", "a", "sup", "sub", "q", "cite", "code", "span"})

_HTML_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
_ATTRIBUTES = {"a": {"href", "title", "hreflang"}, "span": {"lang", "class"}, "sup": {"class", "data-note"}}
_ATTRIBUTE_LIST = re.compile(r'(?: [a-z-]+="[^"<>]*")*')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_LABEL = re.compile(r'<sup class="note-ref" data-note="([^"]*)">')
_UNREAD = re.compile(r'<sup class="note-ref"[^<>]*>[^<>]*</sup>|<[^<>]*>')
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|#x27|#39);)")
_MARK = re.compile(r"<(/)?([1-9][0-9]{0,5})((?(1)|/?))>")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|([a-zA-Z][a-zA-Z0-9]{1,31}));")


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
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


def inline_tokens(html: str, *, any_attributes: bool = False) -> list[Token]:
    """Cut canonical inline HTML into tokens. Raises ValueError where it is not canonical.

    ``any_attributes``: do not look at the attributes, for who writes only those he knows.
    """
    tokens: list[Token] = []
    stack: list[str] = []
    position = 0
    frozen_from, frozen_depth, frozen_name, frozen_text = -1, 0, "", ""
    for match in _HTML_TAG.finditer(html):
        text = _text(html[position : match.start()])
        if frozen_from >= 0:
            frozen_text += text.text
        elif text.html:
            tokens.append(text)
        closing, name, attributes = match.groups()
        if name not in PAIRED and (name != "br" or closing):
            raise ValueError(f"<{closing}{name}> is not inline markup")
        if attributes and not any_attributes:
            _check_attributes(closing, name, attributes)
        if not closing and name != "br":
            stack.append(name)
            if frozen_from < 0:
                if name == "code" or is_note_ref(name, attributes):
                    frozen_from, frozen_depth, frozen_text = match.start(), len(stack), ""
                    frozen_name = "note-ref" if name == "sup" else name
                else:
                    tokens.append(Token("open", match[0], name))
        elif closing:
            if not stack or stack[-1] != name:
                raise ValueError(f"</{name}> closes nothing")
            if frozen_from < 0:
                tokens.append(Token("close", match[0], name))
            elif len(stack) == frozen_depth:
                text_seen = "" if frozen_name == "note-ref" else frozen_text
                tokens.append(Token("frozen", html[frozen_from : match.end()], frozen_name, text_seen))
                frozen_from = -1
            stack.pop()
        elif frozen_from < 0:
            tokens.append(Token("frozen", match[0], "br", "\n"))
        else:
            frozen_text += "\n"
        position = match.end()
    if stack:
        raise ValueError(f"<{stack[-1]}> is not closed")
    if position < len(html):
        tokens.append(_text(html[position:]))
    return tokens


def _text(html: str) -> Token:
    text = unescape_text(html)
    if escape_text(text) != html:
        raise ValueError(f"a character < > or & stands unescaped, or another escaped without need, in {html[:60]!r}")
    return Token("text", html, "", text)


def _check_attributes(closing: str, name: str, attributes: str) -> None:
    pairs = _ATTRIBUTE.findall(attributes)
    names = [key for key, _ in pairs]
    if (
        closing
        or not _ATTRIBUTE_LIST.fullmatch(attributes)
        or len(names) > len(set(names))
        or not _ATTRIBUTES.get(name, set()).issuperset(names)
        or any(_BARE_AMPERSAND.search(value) for _, value in pairs)
        or (name == "span" and "class" in names and ("class", "small-caps") not in pairs)
        or (name == "sup" and (names != ["class", "data-note"] or pairs[0][1] != "note-ref"))
    ):
        raise ValueError(f"<{closing}{name}> has attributes that are not canonical: {attributes.strip()[:80]}")


def is_note_ref(name: str, attributes: str) -> bool:
    """Whether an opening tag is a note reference."""
    return name == "sup" and 'class="note-ref"' in attributes


def inline_text(html: str) -> str:
    """The plain text of inline HTML that is canonical: no note references, line breaks as newlines."""
    if "<" in html:
        html = _UNREAD.sub("", html.replace("<br>", "\n"))
    return unescape_text(html)


def unescape_text(html: str) -> str:
    """The inverse of ``escape_text``; of what is escaped in another way, as HTML has it."""
    if "&" not in html:
        return html
    plain = html.replace("&lt;", "<").replace("&gt;", ">")
    if html.count("&") * 3 - html.count("&amp;") * 3 == len(html) - len(plain):  # each of these two has lost three
        return plain.replace("&amp;", "&")
    return unescape(html)


def note_labels(html: str) -> list[str]:
    """Labels of the note references in canonical inline HTML, in order."""
    return [unescape(label) for label in _LABEL.findall(html)]


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
    bare = _REFERENCE.sub(_known_reference, _MARK.sub("\n", tagged))
    if "<" in bare or ">" in bare or "&" in bare:
        return "a character < > or & stands unescaped"
    return None


def _known_reference(match: re.Match[str]) -> str:
    return match[0] if match[1] and f"{match[1]};" not in html5 else ""


def untag(tagged: str, tags: tuple[InlineTag, ...] | list[InlineTag]) -> str:
    """Put the markup back: the inverse of ``tag_inline``. Characters escaped in another way than canonical HTML has
    them are brought to it. Raises TagMismatch where the tags are not those of ``tags``."""
    problem = tag_problem(tagged, tags)
    if problem is not None:
        raise TagMismatch(problem)

    out: list[str] = []
    position = 0
    for match in _MARK.finditer(tagged):
        tag = tags[int(match[2]) - 1]
        out += escape_text(unescape(tagged[position : match.start()])), tag.close if match[1] else tag.open
        position = match.end()
    out.append(escape_text(unescape(tagged[position:])))
    return "".join(out)
