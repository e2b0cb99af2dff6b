"""Canonical inline HTML → inline Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape

from ivpipe.text.html_writer import clean_text, safe_address
from ivpipe.text.inline import inline_tokens

REFERENCE = re.compile("⁅([0-9]+)⁆")
"""Stands for a reference to a note, until it is known how notes are written."""

_SPACE = re.compile(r"[ \t\n\r\f]+")
_SPECIAL = re.compile(r"[\\`*_\[\]<>~]|&(?=#|[A-Za-z][A-Za-z0-9]*;)|[!^]$")
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')
_TAG = re.compile(r"<[^<>]*>")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9:/?#@!$&+,;=%.~-]+")
_DANGEROUS = {"<": "%3C", ">": "%3E", "\\": "%5C", "{": "%7B", "}": "%7D", "`": "%60", "|": "%7C", "&": "&amp;"}
_MARKS = {"em": "*", "strong": "**"}


class Unsayable(Exception):
    """Markdown has no way to say this."""


@dataclass
class _Node:
    """An element, or text where ``name`` is ""."""

    name: str
    text: str = ""
    tag: str = ""
    children: list[_Node] = field(default_factory=list)


def write_inline(html: str, notes: Mapping[str, int]) -> str:
    """Inline HTML as Markdown, one line but for line breaks; ``notes`` are their numbers by label. Raises Unsayable."""
    if "⁅" in html:
        raise Unsayable
    text = _write(_tree(html, notes), "", "").strip(" ")
    return re.sub(r" *\\\n *", "\\\\\n", re.sub(r"(⁅[0-9]+⁆)\(", r"\1\\(", text))


def _tree(html: str, notes: Mapping[str, int]) -> list[_Node]:
    try:
        tokens = inline_tokens(html, any_attributes=True)
    except ValueError as error:
        raise Unsayable from error
    open_nodes = [_Node("root")]
    for token in tokens:
        inside = open_nodes[-1].children
        if token.kind == "text":
            inside.append(_Node("", _SPACE.sub(" ", clean_text(token.text))))
        elif token.kind == "open":
            inside.append(_Node(token.name, tag=token.html))
            open_nodes.append(inside[-1])
        elif token.kind == "close":
            open_nodes.pop()
        elif token.name == "note-ref":
            label = unescape(dict(_ATTRIBUTE.findall(token.html.partition(">")[0])).get("data-note", ""))
            if label not in notes:
                raise Unsayable
            inside.append(_Node("ref", f"⁅{notes[label]}⁆"))
        else:
            inside.append(_Node(token.name, token.text))
    return open_nodes[0].children


def _write(nodes: Sequence[_Node], before: str, after: str) -> str:
    """``before``, ``after``: the characters around, "" at the ends of the block."""
    out = ""
    for number, node in enumerate(nodes):
        following = _first(nodes[number + 1]) if number + 1 < len(nodes) else after
        out += _write_node(node, out[-1:] or before, following)
    return out


def _write_node(node: _Node, before: str, after: str) -> str:
    match node.name:
        case "":
            return _text(node.text)
        case "ref":
            return node.text
        case "br":
            return "\\\n"
        case "code":
            plain = node.text.strip() == node.text and not set(node.text) & set("`{\n") and node.text
            return f"`{node.text}`" if plain else f"<code>{_text(node.text)}</code>"
        case "a":
            return _link(node)
    if (mark := _MARKS.get(node.name)) is not None:
        inside = _write(node.children, "*", "*")
        if inside and _flanked(before, inside[0]) and _flanked(after, inside[-1]):
            return f"{mark}{inside}{mark}"
    tag = node.tag.replace("{", "&#123;")
    return f"{tag}{_write(node.children, '>', '<')}</{node.name}>"


def _flanked(outside: str, inside: str) -> bool:
    """Whether a mark of emphasis between these two is one in every reader of Markdown, and opens or closes only."""
    if inside.isspace() or inside in "*_":
        return False
    if not outside or outside.isspace():
        return True
    return inside.isalnum() and not outside.isalnum() and outside not in "*_"


def _link(node: _Node) -> str:
    given = {name: unescape(value) for name, value in _ATTRIBUTE.findall(node.tag)}
    address = safe_address(given.pop("href", ""))
    if not address:
        raise Unsayable
    title = given.pop("title", "")
    if given:
        return f"{node.tag.replace('{', '&#123;')}{_write(node.children, '>', '<')}</a>"
    address = "".join(_DANGEROUS.get(character, character) for character in address)
    if not _PLAIN_ADDRESS.fullmatch(address):
        address = f"<{address}>"
    said = f' "{escape(_SPACE.sub(" ", title)).replace(chr(92), "&#92;").replace("{", "&#123;")}"' if title else ""
    return f"[{_write(node.children, '[', ']')}]({address}{said})"


def _text(text: str) -> str:
    escaped = _SPECIAL.sub(lambda special: "&amp;" if special[0] == "&" else f"\\{special[0]}", text)
    return escaped.replace("{", "&#123;")


def _first(node: _Node) -> str:
    """The first character of what will be written for a node, as far as it matters to a mark before it."""
    if not node.name:
        return node.text[:1]
    return {"a": "[", "ref": "[", "br": "\\", "code": "`", "em": "*", "strong": "*"}.get(node.name, "<")
