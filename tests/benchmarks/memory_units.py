"""A translation memory of any size that looks like a magazine's, for the benchmarks; the same seed gives the same units.

Words: 60,000 invented ones by a Zipf–Mandelbrot law, p(r) ∝ 1 / (r + 2.7), the frequent ones short; and as the least
frequent 3 % of the running text numbers and names. Sentence lengths: log-normal, median 17 words, sigma 0.6, from 1 to 80;
commas, and a capital and a full stop where there are more than 4 words. One unit in five belongs to a family of near
duplicates of 2 to 8 (a word or two, a number or a name changed). One in ten has inline tags. The target is the source word by
word in a second invented vocabulary, with neighbours swapped here and there.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import NamedTuple

_VOCABULARY = 60_000
_ONSETS = "b c d f g h j l m n p r s t v b c d f g l m n p r s t v br ch cl cr pr tr qu st".split()
_VOWELS = "a e i o u é è a e i o u a e i o ai au eu oi ou an en on in".split()
_CODAS = ["", "", "", "", "", "", "r", "s", "t", "l", "n", "re", "ment", "tion"]


class Unit(NamedTuple):
    """Two tagged texts."""

    source: str
    target: str


class Units:
    """``Units(seed).make(count)`` yields the units; ``edited`` makes a query from a stored source."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._words = self._vocabulary()
        self._foreign = self._vocabulary()
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(1, _VOCABULARY + 1)))
        self._pool: Iterator[int] = iter(())

    def _vocabulary(self) -> list[str]:
        seen: dict[str, None] = {}
        while len(seen) < _VOCABULARY:
            rank = len(seen)
            syllables = 1 if rank < 150 else self._random.choice((1, 2, 2) if rank < 3000 else (2, 2, 3, 3))
            word = "".join(
                self._random.choice(_ONSETS) + self._random.choice(_VOWELS) for _ in range(syllables)
            ) + self._random.choice(_CODAS)
            seen.setdefault(word)
        return list(seen)

    def _ranks(self, count: int) -> list[int]:
        taken = list(islice(self._pool, count))
        if len(taken) < count:
            self._pool = iter(self._random.choices(range(_VOCABULARY), cum_weights=self._weights, k=200_000))
            taken += islice(self._pool, count - len(taken))
        return taken

    def _tokens(self) -> list[tuple[str, str]]:
        length = min(80, max(1, round(self._random.lognormvariate(2.83, 0.6))))
        tokens = []
        for rank in self._ranks(length):
            if self._random.random() < 0.03:
                tokens.append(self._special())
            else:
                tokens.append((self._words[rank], self._foreign[rank]))
        return tokens

    def _special(self) -> tuple[str, str]:
        if self._random.random() < 0.5:
            number = str(self._random.choice((self._random.randint(1, 99), self._random.randint(1900, 2030))))
            return number, number
        name = self._words[self._random.randrange(2000, _VOCABULARY)].capitalize()
        return name, name

    def _varied(self, tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
        varied = list(tokens)
        for _ in range(self._random.choice((1, 1, 2))):
            at = self._random.randrange(len(varied))
            kind = self._random.random()
            if kind < 0.6:
                rank = self._ranks(1)[0]
                varied[at] = self._special() if kind < 0.2 else (self._words[rank], self._foreign[rank])
            elif kind < 0.8 and len(varied) > 3:
                del varied[at]
            else:
                rank = self._ranks(1)[0]
                varied.insert(at, (self._words[rank], self._foreign[rank]))
        return varied

    def _unit(self, tokens: list[tuple[str, str]]) -> Unit:
        source = [word for word, _ in tokens]
        target = [word for _, word in tokens]
        for at in range(0, len(target) - 1, 7):
            target[at], target[at + 1] = target[at + 1], target[at]
        if len(tokens) > 2 and self._random.random() < 0.1:
            at = self._random.randrange(len(tokens) - 1)
            for side in (source, target):
                side[at], side[at + 1] = f"<1>{side[at]}", f"{side[at + 1]}</1>"
        return Unit(self._sentence(source), self._sentence(target))

    def _sentence(self, words: list[str]) -> str:
        for at in range(8, len(words) - 3, 11):
            words[at] += ","
        text = " ".join(words)
        return f"{text[0].upper()}{text[1:]}." if len(words) > 4 else text

    def make(self, count: int) -> Iterator[Unit]:
        """``count`` units, families together as they would be in a yearbook."""
        made = 0
        while made < count:
            tokens = self._tokens()
            members = self._random.randint(2, 8) if self._random.random() < 0.048 else 1
            for number in range(min(members, count - made)):
                yield self._unit(self._varied(tokens) if number else tokens)
            made += members

    def edited(self, text: str) -> str:
        """A stored plain text as a colleague would write it anew: up to a fifth of the words changed, dropped, added or
        swapped, or a letter mistyped."""
        words = text.split()
        for _ in range(self._random.randint(1, max(1, len(words) // 5))):
            at = self._random.randrange(len(words))
            kind = self._random.random()
            if kind < 0.4:
                words[at] = self._words[self._ranks(1)[0]]
            elif kind < 0.6 and len(words) > 2:
                del words[at]
            elif kind < 0.75:
                words.insert(at, self._words[self._ranks(1)[0]])
            elif kind < 0.85 and at:
                words[at - 1], words[at] = words[at], words[at - 1]
            else:
                letter = self._random.randrange(len(words[at]))
                words[at] = words[at][:letter] + self._random.choice("abcdefghijlmnoprstuv") + words[at][letter + 1 :]
        return " ".join(words)
