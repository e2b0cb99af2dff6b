from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.text.inline import escape_text
from ivpipe.text.postings import length_class, numbers, posting_lists, window, words


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("L'Été à l’usine, «Noël»", ["l", "ete", "a", "l", "usine", "noel"]),
        ("Straße, İstanbul — ﬁn", ["strasse", "istanbul", "fin"]),
        ("e\u0301te\u0301", ["ete"]),
        ("1.234,5 snake_case", ["1", "234", "5", "snake", "case"]),
        ("2024年度予算 京", ["2024", "年度", "度予", "予算", "京"]),
        ("مُحَمَّد हिन्दी", ["محمد", "हिन्दी"]),
        ("파업 계속", ["파업", "계속"]),
        ("x" * 50, ["x" * 40]),
        ("… — !", []),
    ],
)
def test_words_are_without_case_and_accents(plain: str, expected: list[str]) -> None:
    assert words(plain) == expected


@given(st.lists(st.text(max_size=30), max_size=8))
def test_posting_lists_have_each_word_of_each_text_and_no_other(texts: list[str]) -> None:
    lists = posting_lists(enumerate(map(escape_text, texts)))
    found = {(word, number) for word, packed in lists.items() for number in numbers(packed)}
    assert found == {(word, number) for number, text in enumerate(texts) for word in words(text)}


def test_posting_lists_leave_tags_out() -> None:
    assert posting_lists([(3, "<1>Un</1> &amp; <2/>un")]).keys() == {"un"}


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20), st.integers(0, 300), st.integers(0, 300))
def test_window_has_all_the_texts_of_these_lengths(lengths: list[int], shortest: int, longest: int) -> None:
    packed = posting_lists((number, f"a {'-' * length}") for number, length in enumerate(lengths))["a"]
    inside = {posting & 0xFFFFFF for posting in window(packed, shortest, longest)}
    assert inside >= {number for number, length in enumerate(lengths) if shortest <= length + 2 <= longest}
    low, high = length_class(shortest), length_class(longest)
    assert inside <= {number for number, length in enumerate(lengths) if low <= length_class(length + 2) <= high}
