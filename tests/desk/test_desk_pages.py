"""What stands on the pages: lists, structure, chips, the preview."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import world

from ivpipe.desk.chips import Chip, chips_of, describe, tagged_html
from ivpipe.desk.layout import all_rows, arrange
from ivpipe.model import Document, DraftSegment, Origin
from ivpipe.text.inline import InlineTag, plain_text
from ivpipe.text.segments import split_document
from ivpipe.text.sentences import sentence_starts


def rows_of(document):
    return [
        DraftSegment(
            id=number,
            position=number,
            part=segment.part,
            kind=segment.kind,
            source=segment.source,
            tags=[list(tag) for tag in segment.tags],
            target="",
            origin=Origin.NONE,
            engine="",
            version=0,
        )
        for number, segment in enumerate(split_document(document, sentence_starts), 1)
    ]


def headings(page):
    return re.findall(r'<h2 id="(\w+)">.*?<span class="count">(\d+)</span>', page)


def test_inbox_sorts_by_what_is_to_do(magazine, strike):
    others = [
        world.add_draft(magazine.store, replace(world.strike(), url=f"https://quai.example/{n}", title=f"Titre {n}"))
        for n in range(3)
    ]
    magazine.claimed("ana", others[0])
    magazine.claimed("tom", others[1])
    tom = magazine.claimed("tom", others[2])
    tom.post(f"/translations/{others[2]}/submit", {"comment": "look at the note"})
    ana = magazine.visitor("ana").get("/inbox").text
    assert headings(ana) == [("mine", "1"), ("unclaimed", "1"), ("submitted", "1"), ("others", "1")]
    assert "with Tom Baker, for 1 h" in ana
    assert "by Tom Baker" in ana
    assert "Le Quai" in ana
    assert "look at the note" in ana
    assert "0/29" in ana
    assert headings(magazine.visitor("eva").get("/inbox").text)[:2] == [("mine", "0"), ("submitted", "1")]


def test_editor_shows_every_segment_once_in_the_articles_shape():
    document = world.strike()
    rows = rows_of(document)
    sections = arrange(document, rows)
    assert [row.id for row in all_rows(sections)] == [row.id for row in rows]
    assert [(section.title, [group.label for group in section.groups]) for section in sections] == [
        ("Head", ["Kicker", "Title", "Standfirst", "Caption", "Alt text"]),
        (
            "Text",
            ["", "H2", "", "Quote", "H3", "•", "•", "•", "Caption", "Alt text",
             "Cell 1", "Cell 2", "Cell 3", "Cell 4", "Cell 5", "Cell 6", "", "", "Signature"],
        ),
        ("Notes", ["Note 1"]),
    ]  # fmt: skip
    looks = {group.look for section in sections for group in section.groups}
    assert {"quote quoted", "heading level-3", "list-item level-1", "rule", "paragraph role-signature"} <= looks


def test_editor_shows_segments_of_a_part_the_document_has_not():
    rows = rows_of(world.strike())
    assert [row.id for row in all_rows(arrange(Document(url="", title=""), rows))] == [row.id for row in rows]


@pytest.mark.parametrize(
    ("tag", "chip"),
    [
        (InlineTag('<a href="https://a.example/?x=1&amp;y" title="Voir">', "</a>"),
         Chip(1, True, "link", "↗", "link to https://a.example/?x=1&y (Voir)")),
        (InlineTag("<em>", "</em>"), Chip(1, True, "em", "i", "italics")),
        (InlineTag('<sup class="note-ref" data-note="3">*</sup>', ""),
         Chip(1, False, "note", "*", "reference to note 3")),
        (InlineTag("<br>", ""), Chip(1, False, "break", "↵", "line break")),
        (InlineTag("<code>a &lt; b</code>", ""), Chip(1, False, "code", "a < b", "code: a < b")),
        (InlineTag('<span lang="la">', "</span>"), Chip(1, True, "lang", "la", "text in the language “la”")),
    ],
)  # fmt: skip
def test_chip_says_what_the_tag_is(tag, chip):
    assert describe(tag, 1) == chip


def test_chips_stand_between_runs_in_their_look():
    chips = chips_of([["<em>", "</em>"], ["<br>", ""]])
    assert str(tagged_html("a <1>b &amp; c</1><2/> <9>", chips)) == (
        'a <span class="chip open em" title="italics">i</span><span class="run em">b &amp; c</span>'
        '<span class="chip close em" title="italics (end)">i</span>'
        '<span class="chip empty break" title="line break">↵</span> &lt;9&gt;'
    )


@given(st.text(alphabet="ab<>&/12;\"' ", max_size=40))
def test_tagged_text_never_makes_markup_of_its_own(tagged):
    chips = chips_of([["<em>", "</em>"], ["<br>", ""]])
    html = str(tagged_html(tagged, chips))
    stripped = re.sub(r'<span class="[a-z ]+"(?: title="[a-z ()]+")?>|</span>', "", html)
    assert "<" not in stripped
    text = re.sub(r'<span class="chip[^>]*>.</span>', "", html)
    shown = unescape(re.sub(r"</?span[^>]*>", "", text))
    assert set(plain_text(tagged)) <= set(shown)


def test_preview_is_the_page_as_it_will_be_published(magazine, strike):
    page = magazine.visitor("ana").get(f"/translations/{strike}/preview").text
    assert "<h1>In Le Havre, the strike that will not end</h1>" in page
    assert '<a href="https://quai.example/pain">bread and <em>La Vigie</em></a>' in page
    assert 'id="note-1"' in page
    assert "from <strong>Le Quai</strong>" in page
    assert '<a href="https://crossing.example/give">give</a>' in page
    assert "© The Crossing" in page
    assert "Not published anywhere yet" in page


def test_preview_of_a_revision_that_is_not_there_is_a_404(magazine, strike):
    assert magazine.visitor("ana").get(f"/translations/{strike}/preview?revision=9").status_code == 404


def test_source_no_longer_configured_is_shown_by_its_slug(magazine, strike):
    magazine.app.settings.sources.clear()
    ana = magazine.visitor("ana")
    assert "quai" in ana.get("/inbox").text
    assert ana.get(f"/translations/{strike}").status_code == 200
    assert "<strong>quai</strong>" in ana.get(f"/translations/{strike}/preview").text


def test_long_article_is_one_page_with_every_segment(magazine):
    blocks = tuple(world.strike().blocks[0] for _ in range(200))
    translation_id = world.add_draft(magazine.store, replace(world.strike(), blocks=blocks))
    page = magazine.claimed("ana", translation_id).get(f"/translations/{translation_id}").text
    assert page.count("<ivp-segment") == len(world.segments_of(magazine.store, translation_id)) > 400
