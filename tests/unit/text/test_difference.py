from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import HARBOUR
from tests.properties.documents import documents

from ivpipe.model import Block, BlockType, Document, Note
from ivpipe.text.difference import Difference, document_difference, words_difference


def paragraphs(*texts: str) -> Document:
    return replace(HARBOUR, blocks=tuple(Block(BlockType.PARAGRAPH, text) for text in texts))


def told(old: Document, new: Document) -> list[tuple[str, str, str, str]]:
    return [(one.part, one.kind, one.before, one.after) for one in document_difference(old, new)]


def test_nothing_changed_is_no_difference_and_neither_is_markup() -> None:
    assert document_difference(HARBOUR, HARBOUR) == []
    assert document_difference(paragraphs("On <em>tient</em>."), paragraphs("On tient.")) == []


def test_a_changed_paragraph_shows_its_words() -> None:
    old = paragraphs("Premier.", "Les dockers tiennent depuis trois semaines.", "Fin.")
    new = paragraphs("Premier.", "Les dockers tiennent depuis quatre semaines.", "Fin.")
    assert document_difference(old, new) == [
        Difference(
            "text", "changed", "Les dockers tiennent depuis trois semaines.", "Les dockers tiennent depuis quatre semaines.",
            (("same", "Les dockers tiennent depuis"), ("removed", " trois"), ("added", " quatre"), ("same", " semaines.")),
            2,
        )
    ]  # fmt: skip


def test_what_comes_after_a_word_does_not_change_the_word() -> None:
    assert words_difference("La grève tient.", "La grève tient bon, dit-on.") == (
        ("same", "La grève tient"), ("added", " bon, dit-on"), ("same", "."),
    )  # fmt: skip


def test_paragraphs_added_and_removed_are_told_where_they_stand() -> None:
    old = paragraphs("Un premier paragraphe.", "À supprimer bientôt.", "Le dernier mot.")
    new = paragraphs("Un premier paragraphe.", "Le dernier mot.", "Mise à jour de 18 h : accord signé.")
    assert [(one.kind, one.position, one.before or one.after) for one in document_difference(old, new)] == [
        ("removed", 2, "À supprimer bientôt."),
        ("added", 3, "Mise à jour de 18 h : accord signé."),
    ]


def test_head_notes_and_pictures_are_compared_too() -> None:
    new = replace(
        HARBOUR, title="Au port, la grève <em>finit</em>", kicker="", authors=("Claire Morvan", "Jean Roux"),
        notes=(*HARBOUR.notes, Note("2", "Voir plus haut.")),
    )  # fmt: skip
    assert told(HARBOUR, new) == [
        ("kicker", "removed", "Ports", ""),
        ("title", "changed", "Au port, la grève tient", "Au port, la grève finit"),
        ("authors", "changed", "Claire Morvan", "Claire Morvan, Jean Roux"),
        ("note", "added", "", "2. Voir plus haut."),
    ]


def test_a_text_written_anew_is_told_without_hanging() -> None:
    old = paragraphs(*(f"Ancien {number} " + "mot " * 50 for number in range(1500)))
    new = paragraphs(*(f"{number} tout autre chose, dite autrement" for number in range(1500)))
    assert len(document_difference(old, new)) >= 1500


@given(st.text(max_size=300), st.text(max_size=300))
def test_words_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = words_difference(before, after)
    assert "".join(text for kind, text in pieces if kind != "added") == before
    assert "".join(text for kind, text in pieces if kind != "removed") == after


@pytest.mark.slow
@given(documents(), documents())
@settings(max_examples=30)
def test_difference_of_any_documents_is_whole(old: Document, new: Document) -> None:
    changes = document_difference(old, new)
    assert document_difference(new, new) == []
    for change in changes:
        assert change.before != change.after
        assert "".join(text for kind, text in change.words if kind != "added") == change.before
        assert "".join(text for kind, text in change.words if kind != "removed") == change.after
