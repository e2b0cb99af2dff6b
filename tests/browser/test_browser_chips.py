"""Frozen tags under the hands: nothing that is typed, cut, pasted or dragged breaks or loses one.

Segment 3 is "For nine weeks the dockers have occupied the <1>Escaut</1> quay."; segment 8 ends in "<1>bread and <2>La
Vigie</2></1>.<3/>". Offsets count characters and chips.
"""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Editor, Room, claim
from tests.desk import world

from ivpipe.text.inline import InlineTag, tag_problem

THREE = "For nine weeks the dockers have occupied the <1>Escaut</1> quay."
OPEN = THREE.index("<1>")


@pytest.fixture
def three(ana: Page) -> Editor:
    editor = Editor(ana, 3)
    assert editor.value == THREE
    editor.focus(0)
    return editor


@pytest.fixture
def eight(ana: Page) -> Editor:
    return Editor(ana, 8)


def test_select_all_and_delete_leaves_the_chips(three):
    assert three.press("Control+a", "Delete") == "<1></1>"
    three.page.keyboard.type("Now a")
    assert three.value == "Now a<1></1>"


def test_select_all_and_type_leaves_the_chips(eight):
    eight.focus(0)
    eight.press("Control+a")
    eight.page.keyboard.type("Bread & <tea>")
    assert eight.value == "Bread &amp; &lt;tea&gt;<1><2></2></1><3/>"
    expect(eight.field.locator(".chip")).to_have_count(5)


def test_backspace_steps_over_a_chip_and_takes_the_letter_before_it(three):
    three.focus(OPEN + 1)
    assert three.press("Backspace") == THREE
    assert three.press("Backspace") == THREE.replace("the <1>", "the<1>")


def test_delete_forward_steps_over_a_chip(three):
    three.focus(OPEN)
    assert three.press("Delete", "Delete") == THREE.replace("Escaut", "scaut")


def test_word_and_line_deletion_stop_at_chips(three):
    three.focus(OPEN + 7)
    assert three.press("Control+Backspace") == THREE.replace("Escaut", "")
    assert three.press("Control+Backspace", "Control+Backspace") == THREE.replace("the <1>Escaut", "<1>")
    three.focus(3)
    assert three.press("Control+Delete").startswith("For weeks the")


def test_typing_between_adjacent_chips_and_at_the_ends(eight):
    eight.focus(0)
    eight.press("Control+a", "Delete")
    assert eight.value == "<1><2></2></1><3/>"
    for at, letter in ((5, "e"), (4, "d"), (3, "c"), (2, "b"), (1, "a"), (0, "x")):
        eight.focus(at)
        eight.page.keyboard.type(letter)
    assert eight.value == "x<1>a<2>b</2>c</1>d<3/>e"


def test_arrows_pass_each_chip_in_one_step(eight):
    eight.focus(0)
    eight.press("Control+a", "Delete")
    eight.focus(0)
    eight.press("ArrowRight", "ArrowRight")
    eight.page.keyboard.type("b")
    assert eight.value == "<1><2>b</2></1><3/>"
    eight.press("ArrowRight", "ArrowRight", "ArrowRight")
    eight.page.keyboard.type("e")
    assert eight.value == "<1><2>b</2></1><3/>e"
    eight.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    eight.page.keyboard.type("c")
    assert eight.value == "<1><2>b</2>c</1><3/>e"


def test_cut_takes_the_words_and_pasting_them_brings_no_chips(three):
    three.focus(OPEN - 4, OPEN + 8)
    assert three.press("Control+x") == THREE.replace("the <1>Escaut</1>", "<1></1>")
    three.press("End")
    assert three.press("Control+v") == THREE.replace("the <1>Escaut</1>", "<1></1>") + "the Escaut"


def test_pasting_html_brings_plain_text_on_one_line(three):
    three.focus(0)
    three.field.evaluate(
        """field => {
            const data = new DataTransfer();
            data.setData("text/html", "<b onclick=alert(1)>Bold</b><span class='chip' data-n='1'>x</span>");
            data.setData("text/plain", "One <1>\\r\\n  two\\u0000 & <b>three</b> ");
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert three.value == "One &lt;1&gt; two &amp; &lt;b&gt;three&lt;/b&gt; " + THREE
    expect(three.field.locator("b")).to_have_count(0)


def test_undo_and_redo(three):
    three.focus(0)
    three.page.keyboard.type("So ")
    three.press("Control+a", "Delete")
    assert three.press("Control+z") == "So " + THREE
    assert three.press("Control+z") == THREE
    assert three.press("Control+Shift+z") == "So " + THREE
    assert three.press("Control+y") == "<1></1>"


def test_chip_is_moved_by_key_and_never_over_its_partner(three):
    three.focus(OPEN)
    assert three.press("Alt+Shift+ArrowLeft") == THREE.replace("the <1>", "the<1> ").replace("the<1> ", "<1>the ")
    three.page.keyboard.press("End")
    three.focus(three.value.replace("<1>", "#").replace("</1>", "#").index("#") + 1)
    for _ in range(9):
        three.press("Alt+Shift+ArrowRight")
    assert three.value == THREE.replace("<1>Escaut</1>", "Escaut<1></1>")


def test_selected_words_get_a_tag_around_them(three):
    three.focus(0, 3)
    assert three.press("Alt+1") == "<1>For</1> nine weeks the dockers have occupied the Escaut quay."


def test_tag_that_would_overlap_another_is_refused(eight):
    before = eight.value
    start = before.index("<1>")
    eight.focus(start + 5, start + 14)
    assert eight.press("Alt+2") != before  # inside <1>: allowed
    assert (
        tag_problem(eight.value, [InlineTag("<a>", "</a>"), InlineTag("<em>", "</em>"), InlineTag("<br>", "")]) is None
    )
    eight.press("Control+z")
    eight.focus(start - 3, start + 4)
    assert eight.press("Alt+2") == before
    expect(eight.page.locator("#toast")).to_contain_text("overlap")


def test_chip_is_dragged_within_its_segment_only(ana, three, eight):
    three.field.locator(".chip.open").drag_to(three.field, target_position={"x": 10, "y": 14})
    assert three.value.index("<1>") < 5
    assert tag_problem(three.value, [InlineTag("<em>", "</em>")]) is None
    moved, other = three.value, eight.value
    three.field.locator(".chip.close").drag_to(eight.field, target_position={"x": 40, "y": 14})
    assert (three.value, eight.value) == (moved, other)


def test_missing_tag_of_an_engine_can_be_put_back(room: Room):
    targets = {**world.ENGLISH, "standfirst": ["For nine weeks at the Escaut quay.", "The town is holding its breath."]}
    translation = world.add_draft(room.app.store, world.strike(), targets)
    three = Editor(claim(room.open("ana", f"/translations/{translation}")), 3)
    expect(three.row.locator(".issue.blocking")).to_have_count(1)
    three.focus(22, 28)
    three.row.locator(".missing button").click()
    assert three.value == "For nine weeks at the <1>Escaut</1> quay."
    three.expect_saved()
    expect(three.row.locator(".issue")).to_have_count(0)
    expect(three.row.locator(".missing")).to_have_count(0)


def test_input_method_writes_between_chips_and_loses_none(three):
    client = three.page.context.new_cdp_session(three.page)
    three.focus(OPEN + 7)
    for text in ("に", "にほ", "にほん"):
        client.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    client.send("Input.insertText", {"text": "日本"})
    assert three.value == THREE.replace("Escaut", "Escaut日本")
    three.focus(OPEN - 4, OPEN + 10)
    client.send("Input.imeSetComposition", {"text": "か", "selectionStart": 1, "selectionEnd": 1})
    client.send("Input.insertText", {"text": "火"})
    assert three.value.count("<1>") == three.value.count("</1>") == 1
    assert "火" in three.value


def test_chips_say_what_they_are(eight):
    titles = [chip.get_attribute("title") for chip in eight.field.locator(".chip").all()]
    assert titles == [
        "link to https://quai.example/pain",
        "italics",
        "italics (end)",
        "link to https://quai.example/pain (end)",
        "reference to note 1",
    ]


def test_page_whose_dom_is_mangled_from_outside_still_saves_whole_text(three):
    three.field.evaluate("field => { field.querySelector('.chip').remove(); field.append('garbage'); }")
    three.focus(0)
    three.field.evaluate("field => field.dispatchEvent(new InputEvent('input', {bubbles: true}))")
    assert three.value == THREE
    expect(three.field.locator(".chip")).to_have_count(2)


def test_a_thousand_random_keys_never_break_a_tag(eight):
    chance = random.Random(11)
    tags = [InlineTag("<a>", "</a>"), InlineTag("<em>", "</em>"), InlineTag("<sup>", "")]
    keys = [
        "a", "b", " ", "Backspace", "Delete", "Control+Backspace", "Control+Delete", "ArrowLeft", "ArrowRight", "Home", "End",
        "Shift+ArrowLeft", "Shift+ArrowRight", "Shift+Home", "Shift+End", "Control+x", "Control+v", "Control+z", "Control+y",
        "Alt+1", "Alt+2", "Alt+3", "Alt+Shift+ArrowLeft", "Alt+Shift+ArrowRight", "Control+a", "<", "&",
    ]  # fmt: skip
    eight.focus(4)
    for _ in range(20):
        tried = [chance.choice(keys) for _ in range(50)]
        value = eight.press(*tried)
        assert tag_problem(value, tags) is None, (value, tried)
        shown = eight.field.evaluate("field => field.closest('ivp-segment').view.read().length")
        assert shown == eight.segment.evaluate("segment => segment.atoms.length")
