"""Tagged text ↔ the content of a TMX ``<seg>``: ``<1>…</1>`` is a pair bpt/ept, ``<2/>`` a ph."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from ivpipe.text.inline import escape_text

_MARK = re.compile(r"<(/?)([1-9][0-9]{0,5})(/?)>")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EMPTY = frozenset({"ph", "it", "ut"})


def seg_of(tagged: str) -> str:
    """The content of a ``<seg>``, as XML, for a tagged text. Characters that XML cannot hold are left out."""
    if "<" not in tagged:
        return _xml(tagged)
    out: list[str] = []
    position = 0
    for match in _MARK.finditer(tagged):
        closing, number, empty = match.groups()
        out.append(_xml(tagged[position : match.start()]))
        code = match[0].replace("<", "&lt;").replace(">", "&gt;")
        if closing:
            out.append(f'<ept i="{number}">{code}</ept>')
        elif empty:
            out.append(f'<ph x="{number}">{code}</ph>')
        else:
            out.append(f'<bpt i="{number}" x="{number}">{code}</bpt>')
        position = match.end()
    out.append(_xml(tagged[position:]))
    return "".join(out)


def _xml(text: str) -> str:
    if "&" in text or ">" in text or "<" in text:
        text = escape_text(unescape(text))
    # A reader of XML takes a bare carriage return for a line's end.
    return _NOT_XML.sub("", text).replace("\r", "&#13;")


def _escaped(text: str | None) -> str:
    if not text:
        return ""
    return escape_text(text) if "&" in text or "<" in text or ">" in text else text


@dataclass(slots=True)
class _Side:
    """One ``<seg>`` cut up: its text as tagged text with the file's own names where numbers go."""

    pieces: list[str | tuple[str, str]] = field(default_factory=list)
    """Escaped text, or (kind, name): kind "open", "close" or "empty"."""
    sound: bool = True
    """Whether each tag that opens closes, well nested."""
    opened: dict[str, str] = field(default_factory=dict)
    """The names of the open ``<bpt>`` by their ``i``."""
    stack: list[str] = field(default_factory=list)
    """Those of all that is open, the outermost first."""
    unnamed: int = 0

    def names(self) -> list[str]:
        return [name for kind, name in (p for p in self.pieces if isinstance(p, tuple)) if kind != "close"]

    def plain(self) -> str:
        return "".join(piece for piece in self.pieces if isinstance(piece, str))

    def tagged(self, numbers: dict[str, int]) -> str:
        forms = {"open": "<{}>", "close": "</{}>", "empty": "<{}/>"}
        return "".join(p if isinstance(p, str) else forms[p[0]].format(numbers[p[1]]) for p in self.pieces)

    def read(self, parent: Any) -> None:
        """Cut up what stands in an element. Raises ValueError for an entity that was not resolved."""
        if parent.text:
            self.pieces.append(_escaped(parent.text))
        for element in parent:
            kind = element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""
            if kind == "bpt":
                name = self._name(element, kind)
                self.opened[element.get("i") or ""] = name
                self.stack.append(name)
                self.pieces.append(("open", name))
            elif kind == "ept":
                self._close(self.opened.pop(element.get("i") or "", ""))
            elif kind in _EMPTY:
                self.pieces.append(("empty", self._name(element, kind)))
            elif kind == "hi":
                name = self._name(element, kind)
                self.pieces.append(("open", name))
                self.stack.append(name)
                self.read(element)
                self._close(name)
            elif kind:
                # What else stands here is text all the same.
                self.pieces.append(escape_text("".join(element.itertext())))
            elif getattr(element, "name", None) is not None and element.text and element.text.startswith("&"):
                raise ValueError(f"the entity {element.text[:40]} is not one of XML's own, and is not resolved")
            if element.tail:
                self.pieces.append(_escaped(element.tail))

    def _close(self, name: str) -> None:
        self.sound = self.sound and self.stack[-1:] == [name]
        del self.stack[-1:]
        self.pieces.append(("close", name))

    def _name(self, element: Any, kind: str) -> str:
        if number := element.get("x") or (element.get("i") if kind == "bpt" else None):
            return f"{kind}:{number}"
        self.unnamed += 1
        return f"{kind}:#{self.unnamed}"


def tagged_pair(source: Any, target: Any) -> tuple[str, str, bool]:
    """The tagged texts of two ``<seg>`` elements, and whether their tags were kept.

    The tags of the source are numbered from 1 as they come, those of the target as in the source; a file's own numbers
    stay where they are 1 to n already. The file's native codes inside the tags are not text. Tags that do not nest, or
    stand in the target only, make both sides plain. Raises ValueError for an entity that was not resolved.
    """
    if len(source) == 0 and len(target) == 0:
        return _escaped(source.text), _escaped(target.text), True
    ours, theirs = _cut(source), _cut(target)
    names, target_names = ours.names(), theirs.names()
    if (
        not (ours.sound and theirs.sound)
        or len(set(names)) != len(names)
        or len(set(target_names)) != len(target_names)
        or not set(target_names) <= set(names)
        or {p for p in theirs.pieces if isinstance(p, tuple)} - {p for p in ours.pieces if isinstance(p, tuple)}
    ):
        return ours.plain(), theirs.plain(), False
    numbers = {name: number for number, name in enumerate(names, 1)}
    written = [name.partition(":")[2] for name in names]
    if sorted(written) == sorted(map(str, numbers.values())):
        numbers = {name: int(number) for name, number in zip(names, written, strict=True)}
    return ours.tagged(numbers), theirs.tagged(numbers), True


def _cut(seg: Any) -> _Side:
    side = _Side()
    side.read(seg)
    side.sound = side.sound and not side.stack
    return side
