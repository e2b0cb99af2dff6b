"""What the memory offers in the editor: matches beside a segment, and a search of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import world

from ivpipe.desk import memory
from ivpipe.desk.memory import marked_phrase
from ivpipe.memory import add_units
from ivpipe.model import Block, BlockType, MemoryUnit
from ivpipe.text.inline import plain_text


def draft_of(magazine, *paragraphs, number=2):
    blocks = tuple(Block(BlockType.PARAGRAPH, html) for html in paragraphs)
    document = replace(
        world.strike(), url=f"https://quai.example/{number}", title=f"Article {number}", blocks=blocks, notes=(),
        images=(), lead_image=None, standfirst="",
    )  # fmt: skip
    return world.add_draft(magazine.store, document)


def approve(magazine, translation_id, **texts):
    """Ana translates sentences (by part), Eva approves; what the dummy wrote of the others is confirmed."""
    ana = magazine.claimed("ana", translation_id)
    for row in world.segments_of(magazine.store, translation_id):
        answer = ana.save(row.id, texts.get(row.part.replace(":", "_"), row.target), row.version).json()
        for issue in re.findall(r'data-dismiss="(\d+)"', answer["issues_html"]):
            ana.post(f"/issues/{issue}/dismiss", {"reason": "a test"})
    assert ana.post(f"/translations/{translation_id}/submit").status_code == 303
    assert magazine.visitor("eva").post(f"/translations/{translation_id}/approve").status_code == 303


def shown(magazine, translation_id, part):
    with magazine.store.read() as session:
        row = next(row for row in world.segments_of(magazine.store, translation_id) if row.part == part)
        return memory.suggestions(session, row.id)[0]


def test_matches_say_how_alike_who_when_and_where(magazine):
    first = draft_of(
        magazine, "Les dockers ont voté la grève le 12 mars.", "La ville retient son souffle depuis lundi."
    )
    approve(
        magazine, first, block_0="The dockers voted to strike on 12 March.", block_1="The town has held its breath."
    )
    second = draft_of(
        magazine,
        "Les dockers ont voté la grève le 14 mars.",
        "La ville retient son souffle depuis mardi soir.",
        number=3,
    )
    [adapted] = shown(magazine, second, "block:0")
    assert (adapted.score, adapted.target, adapted.adapted, adapted.translator) == (
        97, "The dockers voted to strike on 14 March.", [("12", "14")], "Ana Ruiz",
    )  # fmt: skip
    assert str(adapted.source_html) == ("Les dockers ont voté la grève le<del> 12</del><ins> 14</ins> mars.")
    assert (adapted.changed_at, adapted.place) == (magazine.clock.now, memory.Place(first, "Article 2"))
    [fuzzy] = shown(magazine, second, "block:1")
    assert (fuzzy.target, list(fuzzy.adapted), fuzzy.in_context) == ("The town has held its breath.", [], False)
    assert str(fuzzy.source_html).endswith("depuis<del> lundi</del><ins> mardi soir</ins>.")


def test_the_same_sentence_between_the_same_neighbours_is_told_from_the_same_elsewhere(magazine):
    first = draft_of(magazine, "Un.", "Les grues se sont tues ce matin.", "Deux.")
    approve(magazine, first, block_1="The cranes fell silent this morning.")
    second = draft_of(magazine, "Un.", "Les grues se sont tues ce matin.", "Deux.", number=3)
    third = draft_of(magazine, "Trois.", "Les grues se sont tues ce matin.", "Deux.", number=4)
    assert [(one.score, one.in_context, str(one.source_html)) for one in shown(magazine, second, "block:1")] == [
        (101, True, "")
    ]
    assert [(one.score, one.in_context) for one in shown(magazine, third, "block:1")] == [(100, False)]


def test_fragment_has_the_text_to_take_and_is_empty_without_matches(magazine, strike):
    with magazine.store.write() as session:
        unit = MemoryUnit("fr", "en", "Un <1>port</1> sans bruit", "A <1>quiet</1> harbour", 'B. "Bo" <i>')
        add_units(session, [unit], "The Pier", magazine.clock.now)
    rows = {row.part: row for row in world.segments_of(magazine.store, strike)}
    ana = magazine.visitor("ana")
    page = ana.get(f"/segments/{rows['block:1'].id}/suggestions").text
    assert 'data-use="A quiet harbour"' in page
    assert "94 %" in page
    assert "without its tags" in page
    assert "from the memory of The Pier" in page
    assert "B. &#34;Bo&#34; &lt;i&gt;" in page
    assert ana.get(f"/segments/{rows['block:5'].id}/suggestions").text.strip() == ""


def test_search_finds_a_phrase_on_either_side(magazine):
    first = draft_of(magazine, "L’Été sera chaud sur les <em>quais</em>.")
    approve(magazine, first, block_0="It will be a hot summer on the <1>docks</1>.")
    ana = magazine.visitor("ana")
    page = ana.get(f"/translations/{first}/memory?phrase=%20ete%20%20sera&side=source").text
    assert "L’<mark>Été sera</mark> chaud sur les quais." in page
    assert "It will be a hot summer on the docks." in page
    assert f'href="/translations/{first}"' in page
    assert "<mark>hot summer</mark>" in ana.get(f"/translations/{first}/memory?phrase=Hot+summer&side=target").text
    assert "Nothing with “grue”" in ana.get(f"/translations/{first}/memory?phrase=grue&side=target").text
    assert ana.get(f"/translations/{first}/memory?phrase=&side=x").text.strip() == ""


@pytest.mark.parametrize(
    ("text", "phrase", "marked"),
    [
        ("On tient, on tient bon.", "ON TIENT", "<mark>On tient</mark>, <mark>on tient</mark> bon."),
        ("sur-le-champ", "le champ", "sur-<mark>le-champ</mark>"),
        ("<b> & tient", "b", "&lt;<mark>b</mark>&gt; &amp; tient"),
        ("retient", "tient", "retient"),
        ("tient", "", "tient"),
    ],
)
def test_phrase_is_marked_as_it_was_found(text, phrase, marked):
    assert str(marked_phrase(text, phrase)) == marked


@given(st.text(max_size=40), st.text(max_size=5))
def test_marking_loses_no_text(text, phrase):
    html = str(marked_phrase(text, phrase))
    assert (
        plain_text(html.replace("<mark>", "").replace("</mark>", "").replace("&#34;", '"').replace("&#39;", "'"))
        == text
    )


def test_nobody_is_shown_the_memory_of_what_is_not_there(magazine):
    ana = magazine.visitor("ana")
    assert ana.get("/segments/999/suggestions").status_code == 404
    assert ana.get("/translations/999/memory?phrase=a").status_code == 404


def test_the_machines_text_can_be_had_back_from_the_history(magazine, strike):
    ana = magazine.claimed("ana", strike)
    with magazine.store.write() as session:
        row = session.merge(world.segments_of(magazine.store, strike)[1])
        row.machine = "In Le Havre, the machine’s strike"
    ana.save(row.id, "Mine", 0)
    page = ana.get(f"/segments/{row.id}/history").text
    assert "dummy, before anybody touched it" in page
    assert 'data-use="In Le Havre, the machine’s strike"' in page
