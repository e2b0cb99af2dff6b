"""Putting tags back into the translation of an engine that takes none.

``translate_plainly`` is all an engine needs: it has the sentence, and every tagged stretch of it alone, translated as
plain text, looks for the stretches in the sentence's translation, and where one is not found goes by position between
the words that stayed the same (numbers, names, cognates). What comes back has exactly the tags that were sent.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.fuzz import ratio

from ivpipe.engines import EngineResult, EngineText
from ivpipe.engines.tagged import PIECE, WORD, Node, Sentence, frozen_tags, is_vast, outside, read_tagged, stretches
from ivpipe.errors import EnginePermanent, EngineTransient
from ivpipe.text.inline import escape_text, tag_problem
from ivpipe.text.plain import folded

_SIGNS = re.compile(r"(?:\s?[^\w\s])*$")
_SIGNS_NEXT = re.compile(r"(?:\s?[^\w\s])*")
_SOUND = 85.0
"""Likeness (0–100) from which a stretch found in the target is taken for its translation."""
_FAINT = 65.0
"""Likeness below which a stretch counts as not found."""


def translate_plainly(texts: Sequence[EngineText], translate: Callable[[list[str]], list[str]]) -> list[EngineResult]:
    """Translate tagged texts by an engine that knows plain text only.

    ``translate`` gets distinct non-empty plain texts and returns as many, in order; it is called once. "" for a text
    means that it could not be translated: a sentence of which this is true has an ``error``. Raises EngineTransient
    where it returns another number.
    """
    sentences = [read_tagged(text.tagged) for text in texts]
    wanted: dict[str, str] = {}
    for sentence in sentences:
        if WORD.search(sentence.plain):
            wanted.setdefault(sentence.plain.strip(), "")
            for stretch in stretches(sentence):
                wanted.setdefault(stretch, "")
    sources = list(wanted)
    targets = translate(sources) if sources else []
    if len(targets) != len(sources):
        raise EngineTransient(f"the engine was given {len(sources)} texts and returned {len(targets)}")
    wanted.update(zip(sources, (" ".join(target.split()) for target in targets), strict=True))
    results = []
    for text, sentence in zip(texts, sentences, strict=True):
        source = sentence.plain.strip()
        if source not in wanted:
            results.append(EngineResult(text.tagged))
        elif not wanted[source]:
            results.append(EngineResult("", error=EnginePermanent(f"the engine made nothing of “{source[:80]}”")))
        else:
            results.append(place_tags(text.tagged, wanted[source], wanted))
    return results


def place_tags(tagged: str, target: str, known: Mapping[str, str] | None = None) -> EngineResult:
    """Put the tags of a source text into ``target``, its plain translation.

    ``known`` maps stretches of the source to their own translations, as far as one has them. The result has the
    tags of the source, each once, well nested, and all of ``target``'s text; ``uncertain`` where a place is a guess.
    """
    if not PIECE.search(tagged):
        return EngineResult(escape_text(target.strip()))
    if is_vast(tagged):
        return EngineResult(_by_length(tagged, target.strip()), uncertain=True)
    sentence = read_tagged(tagged)
    placing = _Placing(sentence, target.strip(), dict(known or {}))
    placed = placing.fill(sentence.nodes, (0, len(sentence.plain)), (0, len(placing.target)))
    if (problem := tag_problem(placed, frozen_tags(tagged))) is not None:
        raise AssertionError(f"tags misplaced ({problem}): {tagged!r} in {placed!r}")
    return EngineResult(placed, uncertain=placing.uncertain)


def _by_length(tagged: str, target: str) -> str:
    """Put each tag, in the order of the source, behind the word that stands as far into the text as it did."""
    pieces = PIECE.split(tagged)
    whole = sum(map(len, pieces[::4]))
    out, read, done = "", 0, 0
    for text, closing, number, empty in zip(pieces[:-1:4], pieces[1::4], pieces[2::4], pieces[3::4], strict=True):
        read += len(text)
        at = 0 if read == 0 else len(target)
        if 0 < read < whole and (space := target.find(" ", max(done, len(target) * read // whole))) >= 0:
            at = space if closing or empty else space + 1
        out += f"{escape_text(target[done:at])}<{closing}{number}{empty}>"
        done = at
    return out + escape_text(target[done:])


@dataclass(slots=True)
class _Spot:
    """A tag's place in the target; ``rank`` is its order in the source."""

    node: Node
    start: int
    end: int
    rank: int


class _Placing:
    """One sentence at work. Ranges are (start, end) offsets into the plain source or the target."""

    def __init__(self, sentence: Sentence, target: str, known: Mapping[str, str]) -> None:
        self.plain = sentence.plain
        self.target = target
        self.known = known
        self.words = [match.span() for match in WORD.finditer(target)]
        self.folded = [_fold(target[a:b]) for a, b in self.words]
        self.uncertain = False
        self.anchors = self._anchors()

    def _anchors(self) -> list[tuple[int, int]]:
        """Pairs of offsets, rising in both texts, at which they say the same: ends, numbers, names, cognates."""
        pairs: list[tuple[int, int, int, int]] = []
        used = 0
        sources = [(match.span(), _fold(match[0])) for match in WORD.finditer(self.plain)]
        for index, ((a, b), word) in enumerate(sources):
            if len(word) < 4 and not word.isdigit():
                continue
            expected = index / max(1, len(sources)) * len(self.words)
            near = sorted(range(used, len(self.words)), key=lambda at: abs(at - expected))
            for at in near:
                if abs(at - expected) > 3 + len(self.words) * 0.15:
                    break
                if ratio(word, self.folded[at]) >= (100 if word.isdigit() else 80):
                    pairs.append((a, b, *self.words[at]))
                    used = at + 1
                    break
        anchors = [(0, 0)]
        for a, b, c, d in pairs:
            anchors += [(a, c), (b, d)]
        anchors.append((max(len(self.plain), anchors[-1][0]), len(self.target)))
        return anchors

    def position(self, offset: int) -> int:
        """The offset into the target that corresponds to one into the source, by the anchors around it."""
        at = max(1, min(bisect_right(self.anchors, (offset, len(self.target))), len(self.anchors) - 1))
        (a, c), (b, d) = self.anchors[at - 1], self.anchors[at]
        return c if b <= a else round(c + (d - c) * (min(offset, b) - a) / (b - a))

    def fill(self, nodes: Sequence[Node], source: tuple[int, int], target: tuple[int, int]) -> str:
        """The target's range as tagged text, with ``nodes``, the tags of the source's range, in it."""
        spots = self._spans(nodes, source, target)
        placed = {spot.node.number for spot in spots}
        wide = [(spot.start, spot.end) for spot in spots]
        for rank, node in enumerate(nodes):
            if node.number not in placed:
                at = self._point(node, source, target)
                at = next((end for start, end in wide if start < at < end), at)
                spots.append(_Spot(node, at, at, rank))
        spots.sort(key=lambda spot: (spot.start, spot.end > spot.start, spot.rank))
        out, done = "", target[0]
        for spot in spots:
            node = spot.node
            out += escape_text(self.target[done : spot.start])
            done = max(done, spot.end)
            if not node.empty:
                inside = self.fill(node.children, (node.start, node.end), (spot.start, spot.end))
                out += f"<{node.number}>{inside}</{node.number}>"
                continue
            following = self.target[done : done + 1]
            if node.before and spot.start and not (out or self.target[: spot.start])[-1:].isspace():
                out += " "
            out += f"<{node.number}/>"
            if node.after and following.isalnum():
                out += " "
            elif node.between and following == " " and done < target[1]:
                done += 1
        return out + escape_text(self.target[done : target[1]])

    def _spans(self, nodes: Sequence[Node], source: tuple[int, int], target: tuple[int, int]) -> list[_Spot]:
        """Places for the tags with text inside: the surest first, no two on the same words."""
        paired = [(rank, node) for rank, node in enumerate(nodes) if WORD.search(self.plain, node.start, node.end)]
        if len(paired) == 1 and not outside(self.plain, paired[0][1], *source):
            return [self._whole(*paired[0], source, target)]
        free = [at for at, (a, b) in enumerate(self.words) if target[0] <= a and b <= target[1]]
        spots: list[_Spot] = []
        found = sorted(((*self._search(node, free), rank, node) for rank, node in paired), key=lambda item: -item[0])
        for index, (likeness, window, rank, node) in enumerate(found):
            if not set(window) <= set(free):
                likeness, window = self._search(node, free)
            if likeness < _FAINT:
                window = self._guess(node, free, keep=len(found) - index - 1)
            if likeness < _SOUND:
                self.uncertain = True
            if window:
                free = [at for at in free if at not in window]
                start, end = self._widen(node, self.words[window[0]][0], self.words[window[-1]][1], target, spots)
                spots.append(_Spot(node, start, end, rank))
        for rank, node in enumerate(nodes):
            signs = self.plain[node.start : node.end].strip()
            if signs and not node.empty and all(node is not one for _rank, one in paired):
                at = self.target.find(signs, *target)
                if at >= 0 and all(at + len(signs) <= spot.start or spot.end <= at for spot in spots):
                    spots.append(_Spot(node, at, at + len(signs), rank))
                else:
                    self.uncertain = True
        return spots

    def _whole(self, rank: int, node: Node, source: tuple[int, int], target: tuple[int, int]) -> _Spot:
        """The tag holds all the words there are: it does so in the target, and punctuation outside stays outside."""
        start, end = target
        words = [(a, b) for a, b in self.words if start <= a and b <= end]
        if words:
            if self.plain[source[0] : node.start].strip():
                start = words[0][0]
            if self.plain[node.end : source[1]].strip():
                end = self._after(node, words[-1][1], end)
        return _Spot(node, start, end, rank)

    def _after(self, node: Node, end: int, limit: int) -> int:
        """Where the tag ends given where its last word does: with the punctuation it holds in the source."""
        inner = self.plain[node.start : node.end].rstrip()
        held = len(inner) - len(inner.rstrip("".join({char for char in inner if not char.isalnum()})))
        if held:
            tail = re.compile(rf"(?:\s?[^\w\s]){{0,{len(''.join(inner[-held:].split()))}}}").match(
                self.target, end, limit
            )
            end = tail.end() if tail else end
        return end

    def _widen(
        self, node: Node, start: int, end: int, target: tuple[int, int], spots: Sequence[_Spot]
    ) -> tuple[int, int]:
        """Take in the punctuation at the ends of a found stretch that the tag holds in the source."""
        low = max((spot.end for spot in spots if spot.end <= start), default=target[0])
        high = min((spot.start for spot in spots if spot.start >= end), default=target[1])
        inner = self.plain[node.start : node.end].lstrip()
        if inner and not (inner[0].isalnum() or inner[0] == "_"):
            head = re.compile(r"[^\w\s]\s?$").search(self.target[low:start])
            if head:
                start -= len(head[0])
        return start, self._after(node, end, high)

    def _search(self, node: Node, free: Sequence[int]) -> tuple[float, list[int]]:
        """The run of free words most like the tag's inside (its translation, or itself): (likeness, word indexes).

        Where another run is as like, the one that stands about right is taken, but it is no longer sure.
        """
        text = self.plain[node.start : node.end].strip()
        expected = self.position((node.start + node.end) // 2)
        found: list[tuple[float, float, list[int]]] = []
        for want in {_fold(words) for words in (self.known.get(text, ""), text)} - {""}:
            count = len(want.split())
            for size in range(max(1, count - 2), count + 3):
                for run in _runs(free, size):
                    like = ratio(want, " ".join(self.folded[at] for at in run))
                    if like >= (_FAINT if len(want) > 3 else 100):
                        middle = (self.words[run[0]][0] + self.words[run[-1]][1]) // 2
                        found.append((like - 25 * abs(middle - expected) / len(self.target), like, run))
        if not found:
            return 0.0, []
        _score, like, run = max(found, key=lambda item: (item[0], item[2]))
        rival = max((other for _s, other, words in found if not set(words) & set(run)), default=0.0)
        if rival >= like - 3 and not self._same_count(node, run):
            like = min(like, _SOUND - 1)
        return like, run

    def _same_count(self, node: Node, run: Sequence[int]) -> bool:
        """Whether a stretch that stands several times is the same one, counted from the left, in both texts."""
        text = self.plain[node.start : node.end].strip()
        found = self.target[self.words[run[0]][0] : self.words[run[-1]][1]]
        mine = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", self.plain, re.IGNORECASE)]
        theirs = [
            match.start() for match in re.finditer(rf"(?<!\w){re.escape(found)}(?!\w)", self.target, re.IGNORECASE)
        ]
        start = self.words[run[0]][0]
        inner = self.plain.find(text, node.start)
        return len(mine) == len(theirs) and inner in mine and mine.index(inner) == theirs.index(start)

    def _guess(self, node: Node, free: Sequence[int], keep: int) -> list[int]:
        """A run of free words about where the tag stands in the source; leaves a word each for ``keep`` others."""
        low, high = self.position(node.start), self.position(node.end)
        if not free:
            return []
        size = max(1, sum(1 for a, b in self.words if low <= (a + b) // 2 < high))
        runs: list[list[int]] = []
        for length in range(min(size, max(1, len(free) - keep)), 0, -1):
            runs = list(_runs(free, length))
            if runs:
                break
        return min(runs, key=lambda run: abs(self.words[run[0]][0] - low) + abs(self.words[run[-1]][1] - high))

    def _point(self, node: Node, source: tuple[int, int], target: tuple[int, int]) -> int:
        """Where a tag without text goes: after the word or the punctuation it follows in the source."""
        before, after = self.plain[source[0] : node.start], self.plain[node.start : source[1]]
        if not before.strip():
            return target[0]
        if not after.strip():
            return target[1]
        words = [(a, b) for a, b in self.words if target[0] <= a and b <= target[1]]
        if not words:
            return target[1]
        if not WORD.search(before):
            return words[0][0]
        if not WORD.search(after):
            return self._past(before, words[-1][1], target[1], after)
        end, sure = self._prefix(node, words)
        if not sure:
            self.uncertain = True
        return self._past(before, end, target[1], after)

    def _prefix(self, node: Node, words: Sequence[tuple[int, int]]) -> tuple[int, bool]:
        """The end of the word in the target that stands before the tag, and whether that is sure.

        The translation of all that stands before the tag ends with words that the whole translation should have too.
        """
        prefix = self.known.get(self.plain[: node.start].strip(), "")
        tail = [_fold(word) for word in WORD.findall(prefix)][-3:]
        expected = self.position(node.start)
        if tail:
            starts = [at for at, span in enumerate(self.words) if span in words]
            best, end = 0.0, expected
            for run in _runs(starts, len(tail)):
                like = ratio(" ".join(tail), " ".join(self.folded[at] for at in run))
                score = like - 40 * abs(self.words[run[-1]][1] - len(prefix)) / max(1, len(self.target))
                if like >= _FAINT and score > best:
                    best, end = score, self.words[run[-1]][1]
            if best:
                return end, best >= _SOUND - 10
        return min((b for _a, b in words), key=lambda b: abs(b - expected)), False

    def _past(self, before: str, end: int, limit: int, after: str) -> int:
        """From the end of a word past the punctuation that stands between word and tag in the source, as far as the
        target has it; what follows the tag in the source stays behind it."""
        between = len(_SIGNS.search(before.rstrip())[0].replace(" ", ""))  # type: ignore[index]
        follows = len(_SIGNS_NEXT.match(after)[0].replace(" ", ""))  # type: ignore[index]
        there = [at + 1 for at in range(end, _run_of_signs(self.target, end, limit)) if not self.target[at].isspace()]
        take = max(0, min(between, len(there) - follows))
        return there[take - 1] if take else end


def _run_of_signs(text: str, start: int, limit: int) -> int:
    """The end of the punctuation that begins at ``start``."""
    match = _SIGNS_NEXT.match(text, start, limit)
    return match.end() if match else start


def _runs(indexes: Sequence[int], size: int) -> Iterator[list[int]]:
    """Runs of ``size`` neighbouring word indexes."""
    gaps = [0, *(at + 1 for at, (a, b) in enumerate(pairwise(indexes)) if b != a + 1), len(indexes)]
    for low, high in pairwise(gaps):
        for start in range(low, high - size + 1):
            yield list(indexes[start : start + size])


def _fold(text: str) -> str:
    """Letters and digits only, without case and accents, words apart by one space."""
    return " ".join(WORD.findall(folded(text)))
