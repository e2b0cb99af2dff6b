"""What the memory offers under the hands: seen at the focus, taken by an act, undone, searched, and never in the way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Editor, Room, claim
from tests.desk import world

from ivpipe.memory import add_units
from ivpipe.model import MemoryUnit

TITLE = "In Le Havre, the strike that will not end"


@pytest.fixture
def ana(room: Room, strike: int) -> Page:
    """Ana before the strike, with a memory of three sentences."""
    units = [
        MemoryUnit(
            "fr", "en", "Au Havre, la grève qui ne finit jamais", "In Le Havre, the never-ending strike", "B. Bo"
        ),
        MemoryUnit("fr", "en", "Au Havre, la grève qui ne faiblit pas", "In Le Havre, the strike that holds", "B. Bo"),
        MemoryUnit("fr", "en", "Un port <1>sans</1> bruit", "A <1>quiet</1> harbour"),
    ]
    with room.app.store.write() as session:
        add_units(session, units, "", datetime.now(UTC))
    return claim(room.open("ana", f"/translations/{strike}"))


def test_suggestions_come_with_the_focus_are_taken_by_an_act_and_undone(room, strike, ana):
    two = Editor(ana, 2)
    two.focus(0)
    matches = two.row.locator(".match")
    expect(matches).to_have_count(2)
    expect(ana.locator("#memory-told")).to_have_text("2 suggestions from the memory")
    expect(matches.first.locator("ins, del")).not_to_have_count(0)
    assert two.value == TITLE  # shown is not taken
    ana.keyboard.press("Control+Alt+Digit2")
    second = matches.nth(1).locator("[data-use]").get_attribute("data-use")
    assert two.value == second != TITLE
    two.expect_saved()
    assert world.segments_of(room.app.store, strike)[1].target == second
    assert two.press("Control+z") == TITLE
    matches.first.get_by_role("button", name="Use it").click()
    assert two.value == matches.first.locator("[data-use]").get_attribute("data-use")
    expect(two.field).to_be_focused()
    two.press("Alt+ArrowDown")
    expect(matches).to_have_count(0)


def test_typing_goes_on_while_the_memory_answers_or_does_not(ana):
    ana.route("**/suggestions", lambda route: ana.wait_for_timeout(700) or route.continue_())
    two = Editor(ana, 2)
    two.focus(0)
    ana.keyboard.type("Now: ", delay=60)
    expect(two.row.locator(".match")).to_have_count(2)
    assert two.value == f"Now: {TITLE}"
    expect(two.field).to_be_focused()
    ana.unroute("**/suggestions")
    ana.route("**/suggestions", lambda route: route.abort())
    three = Editor(ana, 3)
    three.focus(0)
    ana.keyboard.type("A", delay=30)
    three.expect_saved()
    expect(ana.locator(".match")).to_have_count(0)


def test_a_row_that_is_pressed_stays_under_the_pointer_when_suggestions_above_it_go(ana):
    two, four = Editor(ana, 2), Editor(ana, 4)
    two.focus(0)
    expect(two.row.locator(".match")).to_have_count(2)
    ana.evaluate("scrollTo(0, 120)")
    before = four.field.bounding_box()
    ana.mouse.move(before["x"] + 30, before["y"] + 12)
    ana.mouse.down()
    expect(two.row.locator(".match")).to_have_count(0)
    ana.mouse.up()
    expect(four.field).to_be_focused()
    assert abs(four.field.bounding_box()["y"] - before["y"]) < 2


def test_missing_tags_of_a_suggestion_are_offered(ana):
    nine = Editor(ana, 9)
    nine.focus(0)
    expect(nine.row.locator(".flag")).to_have_text("without its tags")
    ana.keyboard.press("Control+Alt+Digit1")
    assert nine.value == "A quiet harbour"


def test_search_takes_the_selected_words_and_gives_the_place_back(ana):
    two = Editor(ana, 2)
    two.focus(3, 11)
    ana.keyboard.press("Control+k")
    dialog = ana.get_by_role("dialog", name="Search the memory")
    expect(dialog.get_by_label("Word or phrase")).to_have_value("Le Havre")
    expect(dialog.get_by_label("English")).to_be_checked()
    expect(dialog.locator("mark")).to_have_text(["Le Havre", "Le Havre"])
    dialog.get_by_label("Word or phrase").fill("bruit")
    dialog.get_by_label("French").check()
    dialog.get_by_role("button", name="Search").click()
    expect(dialog.locator(".found")).to_contain_text("A quiet harbour")
    ana.keyboard.press("Escape")
    expect(two.field).to_be_focused()
    ana.keyboard.type("here")
    assert two.value == "In here, the strike that will not end"


def test_letters_typed_with_altgr_are_no_shortcuts(ana):
    two = Editor(ana, 2)
    two.focus(0)
    two.field.evaluate(
        """(field) => field.dispatchEvent(new KeyboardEvent("keydown", {
          key: "ć", code: "KeyC", ctrlKey: true, altKey: true, modifierAltGraph: true, bubbles: true, cancelable: true }))"""
    )
    ana.keyboard.insert_text("ć")
    assert two.value == f"ć{TITLE}"
