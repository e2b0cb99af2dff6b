"""Words of texts, and in which of many texts each word stands: the index behind the memory's look-up.

The postings of a word are numbers of four bytes, low byte first, ascending, as often as the word stands in the texts: in the
high byte the length class of the text, in the others its number, from 0. Texts of like length so stand together: who looks
for the like of a text reads the slice of the lengths that may be like it (``window``), and asks for no text.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from math import log2

from ivpipe.text.inline import plain_text

NUMBER = (1 << 24) - 1
"""The bits of a posting that are the text's number."""
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]+")
"""What stands above or below a letter: of Latin, Greek and Cyrillic, Hebrew, Arabic."""
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0900-\u0dff])*")
"""In the scripts of India vowels are signs beside their letter, and no letters themselves."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
"""Runs of the scripts that put no spaces between words, from Thai to Japanese; Korean does."""
_LONGEST_WORD = 40
"""Characters of a word that count; what is longer is an address or mischief."""


def words(plain: str) -> list[str]:
    """The words of a plain text in order, without case and accents; where a script has no spaces, pairs of characters."""
    return [word for token in _tokens(plain) for word in _words_of(token)]


def posting_lists(texts: Iterable[tuple[int, str]]) -> dict[str, bytes]:
    """The postings of each word of tagged texts, which come with their numbers."""
    plain = ((number, plain_text(text) if "<" in text or "&" in text else text) for number, text in texts)
    by_token: defaultdict[str, list[int]] = defaultdict(list)
    for posting, text in sorted((length_class(len(text)) << 24 | number, text) for number, text in plain):
        for token in _tokens(text):
            by_token[token].append(posting)
    # There are millions of tokens, but few different ones to be cut into words.
    by_word: defaultdict[str, list[list[int]]] = defaultdict(list)
    for token, postings in by_token.items():
        for word in _words_of(token):
            by_word[word].append(postings)
    return {
        word: _ordered(array("I", of[0] if len(of) == 1 else sorted(chain.from_iterable(of)))).tobytes()
        for word, of in by_word.items()
    }


def _tokens(plain: str) -> list[str]:
    """What stands between spaces and the commonest marks: quick to cut, but some are still several words, or none."""
    return plain.lower().replace(",", " ").replace(".", " ").replace("'", " ").replace("’", " ").split()


def _words_of(token: str) -> list[str]:
    if token.isascii() and token.isalnum():
        return [token[:_LONGEST_WORD]]
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", token.casefold())))
    found = []
    for word in _WORD.findall(bare):
        if word.isascii() or not (run := _UNSPACED.search(word)):
            found.append(word[:_LONGEST_WORD])
            continue
        found += [part[:_LONGEST_WORD] for part in (word[: run.start()], word[run.end() :]) if part]
        found += [run[0][at : at + 2] for at in range(max(1, len(run[0]) - 1))]
    return found


def window(packed: bytes, shortest: int, longest: int) -> set[int]:
    """Of a word's postings those of plain texts of ``shortest`` to ``longest`` characters, and a few beside them."""
    postings = _ordered(array("I", packed))
    low, high = length_class(shortest) << 24, (length_class(longest) + 1) << 24
    return set(postings[bisect_left(postings, low) : bisect_left(postings, high)])


def numbers(packed: bytes) -> set[int]:
    """The numbers of all the texts a word stands in."""
    return {posting & NUMBER for posting in _ordered(array("I", packed))}


def length_class(characters: int) -> int:
    """From 0 to 255, each four per cent longer than the one before; texts beyond 60,000 characters are the last."""
    return min(255, int(16 * log2(characters + 1)))


def _ordered(postings: array[int]) -> array[int]:
    """To or from the order of bytes that is stored, in place."""
    if sys.byteorder == "big":
        postings.byteswap()
    return postings
