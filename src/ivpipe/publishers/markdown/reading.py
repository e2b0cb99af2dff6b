"""Reading Markdown back, to see that it says what was meant."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lxml import html as lxml_html
from markdown_it import MarkdownIt

_SPACE = re.compile(r"[ \t\n\r\f]+")
_INLINE = frozenset({"em", "strong", "a", "sup", "sub", "q", "cite", "code", "span", "br"})


def same_html(markdown: str, html: str) -> bool:
    """Whether CommonMark makes this HTML of a text, but for white space between blocks and the escapes in addresses."""
    return bool(shape(_reader().render(markdown)) == shape(html))


def shape(html: str) -> Any:
    """HTML as nested tuples that are equal where a browser shows the same."""
    return _children(lxml_html.fragment_fromstring(html, create_parent="div"))


def _children(element: Any) -> tuple[Any, ...]:
    exact = element.tag == "pre" or any(above.tag == "pre" for above in element.iterancestors())
    found: list[Any] = []

    def add(text: str | None) -> None:
        if text:
            text = text if exact else _SPACE.sub(" ", text)
            if found and isinstance(found[-1], str):
                text = found.pop() + text
            found.append(text)

    add(element.text)
    for child in element:
        if isinstance(child.tag, str):
            attributes = {
                name: _reader().normalizeLink(value) if name in ("href", "src") else value
                for name, value in child.attrib.items()
            }
            found.append((child.tag, tuple(sorted(attributes.items())), _children(child)))
        add(child.tail)
    if exact:
        return tuple(text.removesuffix("\n") if isinstance(text, str) and text is found[-1] else text for text in found)
    return tuple(_trimmed(found, element.tag in _INLINE))


def _trimmed(found: list[Any], inline: bool) -> list[Any]:
    """Leave out white space that is not shown: at the ends of a block, around blocks and line breaks."""
    out: list[Any] = []
    for number, piece in enumerate(found):
        if not isinstance(piece, str):
            out.append(piece)
            continue
        before = found[number - 1] if number else None
        after = found[number + 1] if number + 1 < len(found) else None
        if _breaks(before) or (before is None and not inline):
            piece = piece.lstrip(" ")
        if _breaks(after) or (after is None and not inline):
            piece = piece.rstrip(" ")
        if piece:
            out.append(piece)
    return out


def _breaks(piece: Any) -> bool:
    return isinstance(piece, tuple) and (piece[0] not in _INLINE or piece[0] == "br")


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark")
