"""Plain text that a page shows as it was typed: letters of a mailing list, old essays, drafts of standards.

All of it stands in ``<pre>``, as code does; but code is not translated. ``unfold_plain_text`` makes paragraphs of it.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

# A blank line, or the end of a line before an item of a list.
_PARTING = re.compile(r"\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:[*•–-]|\d{1,2}[.)])[^\S\n]+\S)")
_SET_OUT = re.compile(r"\S {3,}\S|[{}=|]\s*$")
_CODE = re.compile(r"code|highlight|source|syntax|lang|brush|prettyprint|listing|console|terminal|verse|poe", re.I)
_QUOTED = re.compile(r"\n\s*>[>\s]*")  # as letters quote the one they answer
_SENTENCE_END = (".", "!", "?", "…", ":", ";", "»", "”")
_SIGN = re.compile(r"[^\w\s.,'’-]")
_MOST_PARAGRAPHS = 20_000
_FEWEST_WORDS, _LONG_LINE, _SHORTEST, _MOST_PARTS = 8, 45, 400, 30


def unfold_plain_text(root: HtmlElement) -> None:
    """Turn every ``pre`` that is mostly running text into paragraphs, in place; in these, tables and the like stay ``pre``.

    Those side by side are one text: its pages.
    """
    texts: dict[HtmlElement | None, list[HtmlElement]] = {}
    walk = etree.iterwalk(root, events=("start",), tag="pre")
    for _, pre in walk if next(root.iter("pre"), None) is not None else ():
        walk.skip_subtree()
        if not _CODE.search(pre.get("class") or "") and next(pre.iter("code", "br"), None) is None:
            texts.setdefault(pre.getparent(), []).append(pre)
    for pages in texts.values():
        parts = [part for pre in pages for part in _PARTING.split("".join(pre.itertext()))]
        if len(parts) <= _MOST_PARAGRAPHS and _SHORTEST < sum(map(len, parts)) < 2 * sum(
            len(part) for part in parts if _is_prose(part)
        ):
            for pre in pages:
                _unfold(pre)


def _is_prose(part: str) -> bool:
    words = part.split()
    return (
        len(words) >= _FEWEST_WORDS
        and words[-1].endswith(_SENTENCE_END)
        and len(_SIGN.findall(part)) < 0.05 * len(part)
        and not _is_set_out(part.strip())
    )


def _is_set_out(part: str) -> bool:
    """Whether it matters what stands under what: in a table, in code."""
    lines = part.split("\n")
    return 2 * sum(bool(_SET_OUT.search(line)) for line in lines) >= len(lines)


def _unfold(pre: HtmlElement) -> None:
    """Part an element's text into paragraphs; what is inline stays, but for what itself goes across a parting."""
    waiting = _emptied(pre)[::-1]
    pre.tag = "div"
    paragraph = pre.makeelement("p")
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, str):
            first, *others = _PARTING.split(piece)
            _add_text(paragraph, first)
            for text in others:
                _add(pre, paragraph)
                paragraph = pre.makeelement("p")
                _add_text(paragraph, text)
        elif len([*islice(piece.iter(), _MOST_PARTS)]) == _MOST_PARTS or _PARTING.search("".join(piece.itertext())):
            waiting.extend(_emptied(piece)[::-1])
        else:
            paragraph.append(piece)
    _add(pre, paragraph)


def _add(parent: HtmlElement, paragraph: HtmlElement) -> None:
    text = "".join(paragraph.itertext()).strip()
    if not text:
        return
    lines = text.split("\n")
    if _is_set_out(text):
        paragraph.tag = "pre"
    elif all(line.lstrip().startswith(">") for line in lines):
        paragraph.tag = "blockquote"
        paragraph.text = _QUOTED.sub("\n", f"\n{(paragraph.text or '').lstrip()}")
        for child in paragraph:
            child.tail = _QUOTED.sub("\n", child.tail or "")
    elif all(len(line) < _LONG_LINE for line in lines):
        _keep_lines(paragraph)
    parent.append(paragraph)


def _keep_lines(paragraph: HtmlElement) -> None:
    """Short lines are meant to be such: an address, a poem."""
    for piece in _emptied(paragraph):
        if isinstance(piece, str):
            first, *others = piece.split("\n")
            _add_text(paragraph, first)
            for line in others:
                paragraph.append(paragraph.makeelement("br"))
                _add_text(paragraph, line)
        else:
            paragraph.append(piece)


def _emptied(node: HtmlElement) -> list[HtmlElement | str]:
    """Take out what an element holds, elements and text, in order."""
    found: list[HtmlElement | str] = [node.text or ""]
    for child in [*node]:
        found += child, child.tail or ""
        child.tail = None
        node.remove(child)
    node.text = None
    return found


def _add_text(node: HtmlElement, text: str) -> None:
    if len(node):
        node[-1].tail = (node[-1].tail or "") + text
    else:
        node.text = (node.text or "") + text
