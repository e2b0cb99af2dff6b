"""Making a match fit the text it was found for: numbers and names that alone differ, and inline tags."""

from __future__ import annotations

import re

from ivpipe.text.inline import escape_text, marks, plain_text

_MARK = re.compile(r"(</?[1-9][0-9]{0,5}/?>)")
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:[-'’][^\W\d_]+)*|\S")
_MOST = 4
"""More differences than this are another sentence."""


def adapt(query: str, source: str, target: str) -> str | None:
    """The tagged target with the numbers and names of plain ``source`` changed to those of plain ``query``.

    None unless only such differ, each stands in the target as it stands in the source, as often, and nothing is doubtful.
    """
    ours, theirs = _TOKEN.findall(query), _TOKEN.findall(source)
    if len(ours) != len(theirs):
        return None
    changes: dict[str, str] = {}
    for index, (new, old) in enumerate(zip(ours, theirs, strict=True)):
        if new == old:
            continue
        if not (_is_number(new) and _is_number(old)) and not (
            _is_name(new, ours, index) and _is_name(old, theirs, index)
        ):
            return None
        if changes.setdefault(old, new) != new:
            return None
    if not changes or len(changes) > _MOST or any(ours.count(new) != theirs.count(old) for old, new in changes.items()):
        return None
    pieces = _MARK.split(target)
    standing = [token for piece in pieces[::2] for token in _TOKEN.findall(piece)]
    if any(standing.count(old) != theirs.count(old) for old in changes):
        return None
    pieces[::2] = [_TOKEN.sub(lambda match: changes.get(match[0], match[0]), piece) for piece in pieces[::2]]
    return "".join(pieces)


def _is_number(token: str) -> bool:
    return token[0].isdigit()


def _is_name(token: str, tokens: list[str], index: int) -> bool:
    """A capitalised word that does not owe its capital to its place."""
    return token[0].isupper() and index > 0 and tokens[index - 1] not in '.!?…:«“"„—–' and len(token) > 1


def fit_tags(query: str, source: str, target: str) -> tuple[str, bool]:
    """A match's tagged target with its tags as ``query`` has them: (target, whether its tags are those of ``query``).

    The tags of ``source`` must stand in the order and form of the query's, then only their numbers may have to change;
    else the target comes back without tags.
    """
    ours, theirs = list(marks(query)), list(marks(source))
    if [kind for kind, _ in ours] == [kind for kind, _ in theirs]:
        numbers = dict(zip((number for _, number in theirs), (number for _, number in ours), strict=True))
        same = all(numbers[old] == new for (_, old), (_, new) in zip(theirs, ours, strict=True))
        in_target = [number for kind, number in marks(target) if kind != "close"]
        if same and sorted(in_target) == sorted(numbers):
            return _MARK.sub(lambda match: _renumber(match[0], numbers), target), True
    return escape_text(plain_text(target)), False


def _renumber(mark: str, numbers: dict[int, int]) -> str:
    return re.sub(r"\d+", lambda match: str(numbers[int(match[0])]), mark)
