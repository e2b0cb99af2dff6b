"""An article as a Word file: read back, it is the article."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import docx
import PIL.Image
from hypothesis import given, settings
from lxml import html as lxml_html
from tests.properties.documents import documents
from tests.unit.publishers.sites import STRIKE

from ivpipe.model import Block, BlockType, Document, Note, Picture
from ivpipe.publishers.assembling import article_html, picture_names
from ivpipe.publishers.word import word_file

BARE = replace(
    STRIKE, byline=(), attribution_html="", postscript_html="", copyright="", original_url="", original_published=""
)


def read(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def a_document(*blocks: Block, **more: Any) -> Document:
    return Document(url="https://semaine.example/a", title="T", lang="en", blocks=blocks, **more)


def test_an_article_has_its_headings_paragraphs_and_notes() -> None:
    made = read(word_file(STRIKE, {}))
    assert [(one.style.name, one.text) for one in made.paragraphs] == [
        ("Normal", "Brittany"),
        ("Heading 1", "The cranes stand still"),
        ("Normal", "After nine years of wage cuts, the dockers have had enough.1"),
        ("Normal", "By Claire Morvan, Yann Le Goff"),
        ("Normal", "Nobody has crossed the gate since Monday, and nobody means to."),
        ("Heading 2", "A fund that does not say its name"),
        ("Normal", "The fund pays for bread.2"),
        ("Heading 2", "What comes after"),
        ("Quote", "We shall see."),
        ("Caption", "The quay on Monday. Photo: A. Le Goff"),
        ("Normal", "12 June 2026"),
        ("Normal", "Translated by The Ferry from La Semaine."),
        ("Normal", "Original article: https://semaine.example/port?a=1&b=2"),
        ("Normal", "P.S. If you like this article, please donate."),
        ("Normal", "Copyright © The Ferry – All rights reserved"),
        ("Heading 2", "Notes"),
        ("List Number", "Figures of the union."),
        ("List Number", "Accounts of 11 June."),
    ]
    links = [(link.text, link.address) for one in made.paragraphs for link in one.hyperlinks]
    assert links == [
        ("fund", "https://semaine.example/fund"),
        ("https://semaine.example/port?a=1&b=2", "https://semaine.example/port?a=1&b=2"),
        ("donate", "https://ferry.example/donate"),
    ]
    about = made.core_properties
    assert (about.title, about.author, about.language) == (
        "The cranes stand still",
        "Claire Morvan, Yann Le Goff",
        "en",
    )


def test_marks_stay_on_the_words_that_had_them() -> None:
    html = "Plain <strong>bold <em>both</em></strong> x<sup>2</sup> H<sub>2</sub>O <code>a b</code> <q>so</q><br>on"
    made = read(word_file(replace(BARE, document=a_document(Block(BlockType.PARAGRAPH, html))), {}))
    runs = [
        (
            run.text,
            bool(run.bold),
            bool(run.italic),
            bool(run.font.superscript),
            bool(run.font.subscript),
            run.font.name,
        )
        for run in made.paragraphs[-1].runs
    ]
    no = (False, False, False, False, None)
    assert runs == [
        ("Plain ", *no),
        ("bold ", True, False, False, False, None),
        ("both", True, True, False, False, None),
        (" x", *no),
        ("2", False, False, True, False, None),
        (" H", *no),
        ("2", False, False, False, True, None),
        ("O ", *no),
        ("a b", False, False, False, False, "Courier New"),
        (" ", *no),
        ("“", *no),
        ("so", *no),
        ("”", *no),
        ("\n", *no),
        ("on", *no),
    ]


def test_lists_are_nested_and_each_counts_from_one() -> None:
    def item(text: str, level: int = 1, *, ordered: bool = True, joined: bool = True) -> Block:
        return Block(BlockType.LIST_ITEM, text, level=level, ordered=ordered, joined=joined)

    document = a_document(
        item("a", joined=False),
        item("b", 2, ordered=False),
        item("c", 4, ordered=False),
        item("d"),
        Block(BlockType.RULE),
        item("e"),
    )
    made = read(word_file(replace(BARE, document=document), {}))
    assert [(one.style.name, one.text) for one in made.paragraphs[-6:]] == [
        ("List Number", "a"),
        ("List Bullet 2", "b"),
        ("List Bullet 3", "c"),
        ("List Number", "d"),
        ("Normal", "* * *"),
        ("List Number", "e"),
    ]
    numbers = [one._p.pPr.numPr.numId.val for one in made.paragraphs if one.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2]
    numbering = made.part.numbering_part.element
    starts = [numbering.num_having_numId(one).xpath("w:lvlOverride/w:startOverride/@w:val") for one in numbers]
    assert starts == [["1"]] * 3


def test_tables_code_and_right_to_left_stand_as_such() -> None:
    table = "<table><caption>Pay</caption><tr><th>Year</th><th>€</th></tr><tr><td>2025</td></tr></table>"
    document = a_document(Block(BlockType.TABLE, table), Block(BlockType.CODE, "a  b\n c &lt; d"))
    made = read(word_file(replace(BARE, document=document), {}))
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [["Year", "€"], ["2025", ""]]
    assert made.tables[0].rows[0].cells[0].paragraphs[0].runs[0].bold
    assert (made.paragraphs[-1].text, made.paragraphs[-1].runs[0].font.name) == ("a  b\n c < d", "Courier New")
    made = read(word_file(replace(BARE, lang="ar", document=a_document(Block(BlockType.PARAGRAPH, "عنوان"))), {}))
    assert made.paragraphs[-1]._p.pPr.xpath("w:bidi")
    assert made.paragraphs[-1].runs[0].font.rtl


def test_pictures_are_inside_with_what_they_show(tmp_path: Any) -> None:
    file = tmp_path / "quay.png"
    PIL.Image.new("RGB", (40, 30), "red").save(file)
    picture = Picture("https://semaine.example/quay.jpg", file, "image/png", 40, 30, "ab12" * 16, alt="Empty quay")
    page = replace(STRIKE, pictures=(picture,))
    name = picture_names(page)[picture.src].address
    made = read(word_file(page, {name: file.read_bytes()}))
    (shape,) = made.inline_shapes
    assert (shape.width, shape.height, shape._inline.docPr.get("descr")) == (40 * 9525, 30 * 9525, "Empty quay")
    assert len(read(word_file(page, {})).inline_shapes) == 0


def letters(text: str) -> str:
    return re.sub(r"[\s“”]", "", text)


@settings(max_examples=40)
@given(documents())
def test_any_document_keeps_every_letter(document: Document) -> None:
    page = replace(BARE, country="", document=replace(document, notes=(*document.notes, Note("x", "y"))))
    tree = lxml_html.fragment_fromstring(article_html(page, {}), create_parent="div")
    for back in tree.find_class("back"):
        back.drop_tree()
    made = read(word_file(page, {}))
    body = made.element.body
    found = "".join(text.text or "" for text in body.iter("{*}t"))
    expected = tree.text_content() + "***" * len(list(tree.iter("hr")))
    assert sorted(letters(found)) == sorted(letters(expected))
