"""``split_document`` and ``restore_document`` are inverses, wherever the sentences are cut."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from tests.properties.documents import documents, splitters

from ivpipe.model.document import Block, BlockType, Document, Image
from ivpipe.text.inline import tag_problem
from ivpipe.text.segments import Translated, restore_document, split_document
from ivpipe.text.sentences import sentence_starts


def translated(segments):
    return [Translated(s.part, s.tags, s.gap, s.source) for s in segments]


@given(documents())
def test_restore_document_undoes_split_document(document):
    assert restore_document(document, translated(split_document(document, sentence_starts))) == document


@given(documents(), splitters)
def test_restore_document_undoes_any_split(document, splitter):
    segments = split_document(document, splitter)
    assert restore_document(document, translated(segments)) == document
    assert all(segment.source and tag_problem(segment.source, segment.tags) is None for segment in segments)


@given(documents(), splitters)
def test_segments_of_a_part_stand_together(document, splitter):
    parts = [segment.part for segment in split_document(document, splitter)]
    changes = [after for before, after in pairwise(["", *parts]) if before != after]
    assert len(changes) == len(set(parts))


@given(documents())
def test_a_document_without_segments_stays(document):
    assert restore_document(document, []) == document


IMAGE = Image("https://exemple.org/i.jpg", alt="Une digue", caption="La digue.")


def test_a_picture_shown_twice_has_its_alt_text_once():
    figure = Block(BlockType.FIGURE, "La digue.", image=0)
    document = Document("https://exemple.org/", "Eau", images=(IMAGE,), blocks=(figure, figure), lead_image=0)
    assert [(s.part, s.source) for s in split_document(document, sentence_starts)] == [
        ("title", "Eau"),
        ("image:0:alt", "Une digue"),
        ("block:0", "La digue."),
        ("block:1", "La digue."),
    ]


def test_a_caption_of_its_own_is_translated_beside_the_figures():
    figure = Block(BlockType.FIGURE, "La digue vue du port.", image=0)
    document = Document("https://exemple.org/", "Eau", images=(IMAGE,), blocks=(figure,))
    targets = {"La digue.": "The dyke.", "La digue vue du port.": "The dyke from the port.", "Une digue": "A dyke"}
    segments = [
        replace(s, target=targets.get(s.target, s.target))
        for s in translated(split_document(document, sentence_starts))
    ]
    restored = restore_document(document, segments, "en")
    assert restored.blocks[0].html == "The dyke from the port."
    assert restored.images == (replace(IMAGE, alt="A dyke", caption="The dyke."),)


def test_a_caption_shared_with_its_figure_is_translated_in_both_places():
    figure = Block(BlockType.FIGURE, "La digue.", image=0)
    document = Document("https://exemple.org/", "", images=(IMAGE,), blocks=(figure,))
    segments = translated(split_document(document, sentence_starts))
    assert [segment.part for segment in segments] == ["block:0", "image:0:alt"]
    restored = restore_document(document, [replace(segments[0], target="The dyke.")], "en")
    assert (restored.blocks[0].html, restored.images[0].caption) == ("The dyke.", "The dyke.")


def test_a_note_reference_stays_with_its_sentence():
    ref = '<sup class="note-ref" data-note="1">1</sup>'
    document = Document(
        "https://exemple.org/", "", lang="fr", blocks=(Block(BlockType.PARAGRAPH, f"Il part.{ref} Elle reste."),)
    )
    assert [(s.source, s.gap) for s in split_document(document, sentence_starts)] == [
        ("Il part.<1/>", " "),
        ("Elle reste.", ""),
    ]


def test_html_that_is_not_canonical_is_refused():
    document = Document("https://exemple.org/", "R&D")
    with pytest.raises(ValueError, match="unescaped"):
        split_document(document, sentence_starts)
