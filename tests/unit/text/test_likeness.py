from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.text.likeness import compare, words_of

WORDS = [f"w{number}" for number in range(40)]
texts = st.lists(st.sampled_from(WORDS), max_size=60)


def test_words_are_compared_without_case_accents_and_punctuation() -> None:
    assert words_of("« L’ÉTÉ, c’est fini ! »") == ["l", "ete", "c", "est", "fini"]
    assert len(words_of("港は静かです")) == 6, "a script without spaces, by the letter"


@given(texts)
def test_a_text_is_itself(words: list[str]) -> None:
    like = compare(words, words)
    assert (like.kept, like.lost, like.fresh, like.tail) == (1.0, 0, 0, 0.0)


@given(texts, texts)
def test_shares_are_shares(old: list[str], new: list[str]) -> None:
    like = compare(old, new)
    assert 0 <= like.kept <= 1
    assert 0 <= like.tail <= 1
    assert 0 <= like.head <= 1
    assert 0 <= like.lost <= len(old)
    assert 0 <= like.fresh <= len(new)


@pytest.mark.parametrize("end", [10, 20, 30])
def test_a_lost_end_is_measured(end: int) -> None:
    like = compare(WORDS, WORDS[:end])
    assert (like.kept, like.tail, like.head, like.fresh) == (end / 40, 1 - end / 40, 1.0, 0)


def test_words_found_by_chance_beyond_the_end_do_not_hide_that_it_is_lost() -> None:
    like = compare(WORDS, [*WORDS[:20], "x", "y", *WORDS[30:33]])
    assert like.tail == 0.5


def test_a_word_changed_in_the_middle_loses_that_word() -> None:
    assert compare(WORDS, [*WORDS[:20], "x", *WORDS[21:]]).lost == 1
