"""Documents as values: storing and reading back, and what their hash notices."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from tests.properties.documents import documents

from ivpipe.model.document import Block, BlockType, Document, Image, Note

DOCUMENT = Document(
    url="https://exemple.org/port",
    title="Le port",
    lang="fr",
    canonical_url="https://exemple.org/le-port",
    kicker="Littoral",
    standfirst="La ville vend ses quais.",
    authors=("Anna Roux",),
    published="2024-05-03",
    modified="2024-05-04",
    section="Société",
    tags=("ports",),
    blocks=(Block(BlockType.HEADING, "Les quais", level=2), Block(BlockType.PARAGRAPH, "Il <em>ferme</em>.")),
    notes=(Note("1", "Voir la carte."),),
    images=(Image("https://exemple.org/i.jpg", "Un quai", "Le quai.", "A. Roux"),),
    lead_image=0,
    extractor="generic 1",
    warnings=("no author",),
)

VARIANTS = {
    "url": "https://exemple.org/autre",
    "title": "Le Port",
    "lang": "es",
    "canonical_url": "",
    "kicker": "",
    "standfirst": "La ville vend ses quais",
    "authors": ("Anna Roux", "Léo Petit"),
    "published": "2024-05-02",
    "section": "",
    "tags": ("port",),
    "blocks": DOCUMENT.blocks[::-1],
    "notes": (Note("2", "Voir la carte."),),
    "images": (replace(DOCUMENT.images[0], credit=""),),
    "lead_image": None,
}
UNSEEN = {"extractor": "generic 2", "warnings": (), "modified": "2025-01-01"}


@pytest.mark.slow
@given(documents())
def test_from_dict_reads_what_to_dict_wrote(document):
    assert Document.from_dict(document.to_dict()) == document


@pytest.mark.slow
@given(documents())
def test_from_dict_reads_it_through_json_and_the_hash_stays(document):
    again = Document.from_dict(json.loads(json.dumps(document.to_dict())))
    assert again == document
    assert again.content_hash() == document.content_hash()


def test_to_dict_leaves_out_what_is_default_in_a_block():
    assert DOCUMENT.to_dict()["blocks"] == [
        {"type": "heading", "html": "Les quais", "level": 2},
        {"type": "paragraph", "html": "Il <em>ferme</em>."},
    ]


def test_from_dict_does_not_change_what_it_is_given():
    data = DOCUMENT.to_dict()
    before = json.dumps(data)
    Document.from_dict(data)
    assert json.dumps(data) == before


def test_content_hash_variants_are_all_the_fields():
    assert {*VARIANTS, *UNSEEN} == {field.name for field in fields(Document)}


@pytest.mark.parametrize("name", VARIANTS)
def test_content_hash_notices_what_a_reader_could(name):
    assert replace(DOCUMENT, **{name: VARIANTS[name]}).content_hash() != DOCUMENT.content_hash()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", BlockType.QUOTE), ("html", "Il ferme."), ("level", 1), ("ordered", True), ("joined", True),
        ("quoted", True), ("image", 0), ("lang", "en"), ("role", "question"),
    ],
)  # fmt: skip
def test_content_hash_notices_each_field_of_a_block(name, value):
    changed = replace(DOCUMENT.blocks[1], **{name: value})
    document = replace(DOCUMENT, blocks=(DOCUMENT.blocks[0], changed))
    assert document.content_hash() != DOCUMENT.content_hash()
    assert Document.from_dict(document.to_dict()) == document


@pytest.mark.parametrize("name", UNSEEN)
def test_content_hash_overlooks_what_no_reader_sees(name):
    assert replace(DOCUMENT, **{name: UNSEEN[name]}).content_hash() == DOCUMENT.content_hash()


def test_content_hash_is_the_same_in_every_release():
    small = Document("https://exemple.org/", "Été", lang="fr")
    assert small.content_hash() == "d719588a6d40f0df31f1d6d6db8f9e5e68487774aad1e52bdda31f5921b66fdc"
