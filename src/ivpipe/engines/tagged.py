"""Reading tagged text: its plain text and the places of its tags, and whether an engine's answer has kept them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

from ivpipe.text.inline import InlineTag, marks, tag_problem

PIECE = re.compile(r"<(/?)([1-9][0-9]{0,5})(/?)>")
WORD = re.compile(r"\w+(?:[-.,]\w+)*")
_STOPS = ".,;:!?…)]»”"
"""Closing punctuation: belongs to the word before it."""
_LONGEST = 6000
_MOST_PIECES = 200
"""Openings and closings of tags."""


@dataclass(slots=True)
class Node:
    """A tag over ``plain[start:end]``. ``empty`` ones have no inside; ``before`` and ``after`` tell whether white
    space stands at their sides in the source, and ``between`` that two words would run together without them."""

    number: int
    start: int
    end: int
    empty: bool
    children: list[Node] = field(default_factory=list)
    before: bool = False
    after: bool = False
    between: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A tagged text taken apart: the plain text an engine should see, and the tags as a forest in reading order.

    Around a frozen tag ``plain`` has the space that a reader who does not see the tag would expect: one where it
    stands between two words (a line break), none before a full stop.
    """

    plain: str
    nodes: tuple[Node, ...]


def frozen_tags(tagged: str) -> tuple[InlineTag, ...]:
    """Stand-ins for the tags of a source text, by number, such as ``tag_problem`` compares a target with."""
    forms = {number: InlineTag("open", "" if kind == "empty" else "close") for kind, number in marks(tagged)}
    return tuple(forms.get(number, InlineTag("absent", "")) for number in range(1, max(forms, default=0) + 1))


def answer_problem(source: str, target: str) -> str | None:
    """What is wrong with an engine's answer: no text, wrong tags, or a tag that lost its inside; None if nothing is."""
    problem = tag_problem(target, frozen_tags(source))
    if problem is not None:
        return problem
    if PIECE.sub("", source).strip() and not PIECE.sub("", target).strip():
        return "the text is empty"
    filled = _filled(source)
    lost = sorted(filled - _filled(target))
    return f"the tag <{lost[0]}> has lost its text" if lost else None


def _filled(tagged: str) -> set[int]:
    """Numbers of the tags that have text inside."""
    filled: set[int] = set()
    stack: list[int] = []
    at = 0
    for match in PIECE.finditer(tagged):
        if tagged[at : match.start()].strip():
            filled.update(stack)
        at = match.end()
        if match[1]:
            stack.pop()
        elif not match[3]:
            stack.append(int(match[2]))
    return filled


def is_vast(tagged: str) -> bool:
    """Whether a tagged text is no sentence, but so long or so full of tags that comparing words would take minutes."""
    return len(tagged) > _LONGEST or sum(1 for _ in islice(PIECE.finditer(tagged), _MOST_PIECES + 1)) > _MOST_PIECES


def read_tagged(tagged: str) -> Sentence:
    """Take a tagged text apart; of a vast one only the plain text. Raises ValueError where its tags are badly nested."""
    if is_vast(tagged):
        return Sentence(unescape(PIECE.sub(lambda match: " " if match[3] else "", tagged)), ())
    plain = ""
    roots: list[Node] = []
    every: list[Node] = []
    stack: list[Node] = []
    fresh: list[Node] = []
    at = 0
    for match in (*PIECE.finditer(tagged), None):
        text = unescape(tagged[at : match.start() if match else None])
        if text:
            plain, text = _join(plain, text, fresh)
            for node in every:
                node.start, node.end = min(node.start, len(plain)), min(node.end, len(plain))
            plain += text
            fresh = []
        if match is None:
            break
        at = match.end()
        if match[1]:
            if not stack or stack[-1].number != int(match[2]):
                raise ValueError(f"badly nested tags: {tagged!r}")
            stack.pop().end = len(plain)
            continue
        node = Node(int(match[2]), len(plain), len(plain), empty=bool(match[3]))
        (stack[-1].children if stack else roots).append(node)
        every.append(node)
        if node.empty:
            node.before = plain[-1:].isspace() and plain.rstrip()[-1:] not in _STOPS
            fresh.append(node)
        else:
            stack.append(node)
    if stack:
        raise ValueError(f"tags left open: {tagged!r}")
    for node in every:
        while not node.empty and node.start < node.end and plain[node.start].isspace():
            node.start += 1
        for child in node.children:
            child.start = max(child.start, node.start)
            child.end = max(child.end, child.start)
    return Sentence(plain, tuple(roots))


def _join(plain: str, text: str, fresh: Sequence[Node]) -> tuple[str, str]:
    """What stands before frozen tags and what follows them, with the right space between; notes it on the tags."""
    if not fresh:
        return plain, text
    last = plain[-1:]
    for node in fresh:
        node.after = text[0].isspace()
    if last.isspace() and text[0].isspace():
        return plain, text.lstrip() if text.strip() else ""
    if last.isspace() and text[0] in _STOPS:
        return plain.rstrip(), text
    if last and (last.isalnum() or last in _STOPS) and (text[0].isalnum() or text[0] in '«“‘"([—–'):
        for node in fresh:
            node.between = True
        return plain, f" {text}"
    return plain, text


def walk(nodes: Sequence[Node]) -> Iterator[Node]:
    """All tags, outer before inner, in reading order."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def stretches(sentence: Sentence) -> list[str]:
    """What to have translated besides the sentence: the inside of each tag that does not hold all of its parent's
    words, and for a frozen tag amid the sentence all that stands before it."""
    wanted: list[str] = []
    plain = sentence.plain

    def look(nodes: Sequence[Node], low: int, high: int) -> None:
        for node in nodes:
            text = plain[node.start : node.end].strip()
            if node.empty:
                if WORD.search(plain, low, node.start) and WORD.search(plain, node.start, high):
                    wanted.append(plain[: node.start].strip())
            elif WORD.search(text):
                if outside(plain, node, low, high):
                    wanted.append(text)
                look(node.children, node.start, node.end)

    look(sentence.nodes, 0, len(plain))
    return wanted


def outside(plain: str, node: Node, low: int, high: int) -> bool:
    """Whether ``plain[low:high]`` has words outside the tag."""
    return bool(WORD.search(plain, low, node.start) or WORD.search(plain, node.end, high))
