"""Aligning two versions of a text, sentence by sentence: what stayed, moved, changed, went and came."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from rapidfuzz import fuzz, process

Fate = Literal["same", "moved", "changed", "new", "removed"]

IN_PLACE = 50.0
"""Least similarity (0–100, Levenshtein ratio) at which two sentences between the same neighbours are one, changed."""
ELSEWHERE = 75.0
"""The same where they stand in different places: there a chance likeness must not marry them."""
_MANY, _NEAR, _MOST_COMPARED = 5000, 500, 25_000_000


@dataclass(frozen=True, slots=True)
class Pairing:
    """One step of the alignment: indices into the old and the new text, None where there is no counterpart."""

    fate: Fate
    old: int | None
    new: int | None


def align(old: Sequence[str], new: Sequence[str]) -> list[Pairing]:
    """Align two lists of sentences; every index of both stands in exactly one pairing.

    The pairings come in the order of the new text; a removed sentence stands after the old neighbour that it followed.
    Equal sentences in order are found first (as diff does), then equal ones elsewhere, then alike ones between the
    same neighbours, then alike ones elsewhere.
    """
    partner: dict[int, int] = {}
    fate: dict[int, Fate] = {}
    # Of the longest texts sentences that come again and again are left out at first: each would be compared with each.
    matcher = SequenceMatcher(None, old, new, autojunk=len(new) > _MANY)
    for tag, start, end, new_start, _ in matcher.get_opcodes():
        if tag == "equal":
            for offset in range(end - start):
                partner[new_start + offset] = start + offset
                fate[new_start + offset] = "same"
    _pair_equal_elsewhere(old, new, partner, fate)
    _pair_alike_between_neighbours(old, new, partner, fate)
    _pair_alike_elsewhere(old, new, partner, fate)
    return _in_order(len(old), len(new), partner, fate)


def _free(length: int, taken: Sequence[int] | set[int]) -> list[int]:
    used = set(taken)
    return [index for index in range(length) if index not in used]


def _pair_equal_elsewhere(
    old: Sequence[str], new: Sequence[str], partner: dict[int, int], fate: dict[int, Fate]
) -> None:
    waiting: dict[str, list[int]] = defaultdict(list)
    for index in _free(len(old), set(partner.values())):
        waiting[old[index]].append(index)
    for index in _free(len(new), list(partner)):
        if waiting[new[index]]:
            partner[index] = waiting[new[index]].pop(0)
            fate[index] = "moved"


def _pair_alike_between_neighbours(
    old: Sequence[str], new: Sequence[str], partner: dict[int, int], fate: dict[int, Fate]
) -> None:
    """Within each gap between two sentences that stayed, marry the likest, keeping their order."""
    stayed = [(-1, -1), *((partner[i], i) for i in sorted(partner) if fate[i] == "same"), (len(old), len(new))]
    taken = set(partner.values())
    for (old_from, new_from), (old_to, new_to) in itertools.pairwise(stayed):
        olds = [i for i in range(old_from + 1, old_to) if i not in taken]
        news = [i for i in range(new_from + 1, new_to) if i not in partner]
        low = 0
        for index in news:
            candidates = olds[low : low + _NEAR]
            if not candidates:
                break
            best = process.extractOne(
                new[index], [old[i] for i in candidates], scorer=fuzz.ratio, score_cutoff=IN_PLACE
            )
            if best is not None:
                low += best[2] + 1
                partner[index] = candidates[best[2]]
                fate[index] = "changed"


def _pair_alike_elsewhere(
    old: Sequence[str], new: Sequence[str], partner: dict[int, int], fate: dict[int, Fate]
) -> None:
    olds = _free(len(old), set(partner.values()))
    news = _free(len(new), list(partner))
    if len(olds) * len(news) > _MOST_COMPARED:
        return  # two other texts
    for index in news:
        best = process.extractOne(new[index], [old[i] for i in olds], scorer=fuzz.ratio, score_cutoff=ELSEWHERE)
        if best is not None:
            partner[index] = olds.pop(best[2])
            fate[index] = "changed"


def _in_order(old_length: int, new_length: int, partner: dict[int, int], fate: dict[int, Fate]) -> list[Pairing]:
    taken = set(partner.values())
    gone_after: dict[int, list[int]] = defaultdict(list)
    last_kept = -1
    for index in range(old_length):
        if index in taken:
            last_kept = index
        else:
            gone_after[last_kept].append(index)
    pairings = [Pairing("removed", index, None) for index in gone_after[-1]]
    for index in range(new_length):
        pairings.append(Pairing(fate.get(index, "new"), partner.get(index), index))
        if index in partner:
            pairings.extend(Pairing("removed", gone, None) for gone in gone_after[partner[index]])
    return pairings
