from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.text.alignment import Pairing, align

SENTENCES = st.lists(
    st.sampled_from(
        [
            "Les dockers ne cèdent pas.",
            "Les dockers ne cèdent toujours pas.",
            "Il pleut.",
            "Il pleut encore sur le port.",
            "La mairie négocie.",
            "Personne ne travaille.",
            "",
        ]
    )
    | st.text(max_size=12),
    max_size=12,
)


@given(SENTENCES, SENTENCES)
def test_align_names_every_sentence_of_both_exactly_once(old: list[str], new: list[str]) -> None:
    pairings = align(old, new)
    assert sorted(p.old for p in pairings if p.old is not None) == list(range(len(old)))
    assert [p.new for p in pairings if p.new is not None] == list(range(len(new)))
    for p in pairings:
        if p.fate in ("same", "moved"):
            assert p.old is not None
            assert p.new is not None
            assert old[p.old] == new[p.new]
        assert (p.fate == "new") == (p.old is None)
        assert (p.fate == "removed") == (p.new is None)


@given(SENTENCES)
def test_align_with_itself_changes_nothing(text: list[str]) -> None:
    assert align(text, text) == [Pairing("same", i, i) for i in range(len(text))]


def test_align_recognises_what_an_editor_does() -> None:
    old = ["Un.", "Il pleut sur le port.", "Trois mots ici.", "La fin approche.", "Quatre."]
    new = ["Un.", "Quatre.", "Il pleut encore sur le port.", "Tout autre chose, sans rapport.", "La fin approche."]
    assert align(old, new) == [
        Pairing("same", 0, 0),
        Pairing("moved", 4, 1),
        Pairing("changed", 1, 2),
        Pairing("removed", 2, None),
        Pairing("new", None, 3),
        Pairing("same", 3, 4),
    ]


@pytest.mark.processor_seconds(10)
@pytest.mark.parametrize("kind", ["other", "same"])
def test_very_long_texts_are_aligned_in_time(kind: str) -> None:
    old = [f"Une phrase courte, ici {number}." if kind == "other" else "* * *" for number in range(20_000)]
    new = [one.replace("courte", "longue") for one in old[1:]]
    pairings = align(old, new)
    assert sorted(pairing.new for pairing in pairings if pairing.new is not None) == list(range(len(new)))
    assert sorted(pairing.old for pairing in pairings if pairing.old is not None) == list(range(len(old)))
