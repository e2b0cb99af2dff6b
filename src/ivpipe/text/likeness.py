"""How much of one text is in another, and where it ends: for telling whether a page still shows the same article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from ivpipe.text.plain import folded

_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"  # scripts without spaces: a letter is a word
    r"|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+"
)
_MOST_WORDS = 20_000
"""Words of a text that are compared: a long report has 10,000, and the time for more is better spent elsewhere."""
_RUN = 3
"""Words in a row that are compared as one. Two are shared by any two texts of a language; with four, a text with a word
changed in every line has little in common with itself."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """An old and a new text compared. ``kept``: share (0–1) of the old words that stand in the new text beside the same
    neighbours. ``lost``, ``fresh``: words of the old that are not in the new, and the other way round. ``tail``: share
    of the old text after the place where it ends in the new: where most was kept before and little after. ``head``: like
    ``kept``, of the old text before that place.
    """

    kept: float
    lost: int
    fresh: int
    tail: float
    head: float


def words_of(text: str) -> list[str]:
    """The words as they are compared: without case, accents and punctuation; 20,000 at most."""
    return [match[0] for match in islice(_WORD.finditer(folded(text[: _MOST_WORDS * 20])), _MOST_WORDS)]


def compare(old: Sequence[str], new: Sequence[str]) -> Likeness:
    """Compare two texts' words (``words_of``). An empty old text has lost nothing."""
    there, were = set(_runs(new)), set(_runs(old))
    still = _covered(old, there)
    known = _covered(new, were)
    kept = sum(still)
    # The place up to which more was kept than lost by the widest margin: words beyond it are there by chance.
    margins = [0, *accumulate(1 if one else -1 for one in still)]
    end = max(range(len(margins)), key=lambda place: (margins[place], place))
    return Likeness(
        kept / len(old) if old else 1.0,
        len(old) - kept,
        len(new) - sum(known),
        1 - end / len(old) if old else 0.0,
        sum(still[:end]) / end if end else 0.0,
    )


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    size = min(_RUN, len(words))
    return [*zip(*(words[at:] for at in range(size)), strict=False)] if size else []


def _covered(words: Sequence[str], runs: set[tuple[str, ...]]) -> list[bool]:
    """Of each word, whether it is in a run that is among ``runs``."""
    covered = [False] * len(words)
    for at, run in enumerate(_runs(words)):
        if run in runs:
            for place in range(at, at + len(run)):
                covered[place] = True
    return covered
