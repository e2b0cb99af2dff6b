"""Saving under the hands: shown, persisted, kept through whatever happens to the connection, the login or the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select
from tests.browser.conftest import Editor, Room, claim, log_in
from tests.desk import world

from ivpipe.model import DeskSession, Publication, SegmentEdit, State, Translation


def stored(room: Room, translation: int, number: int) -> str:
    return world.segments_of(room.app.store, translation)[number - 1].target


def kept(page: Page) -> list[str]:
    return page.evaluate("Object.values(localStorage).map(entry => JSON.parse(entry).text)")


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what no element of the page shows. (The page's own policy forbids waiting by an evaluated string.)"""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


def test_typing_is_saved_and_shown(room, strike, ana):
    two = Editor(ana, 2)
    two.focus(0)
    ana.keyboard.type("Today: ")
    two.expect_saved()
    assert stored(room, strike, 2) == "Today: In Le Havre, the strike that will not end"
    expect(two.row).to_have_class("row confirmed kept")
    expect(ana.locator("#progress-text")).to_have_text("1 of 29 confirmed")
    expect(ana.locator("#save-state")).to_have_text("All saved")
    assert kept(ana) == []
    ana.reload()
    expect(Editor(ana, 2).field).to_have_text("Today: In Le Havre, the strike that will not end")


def test_leaving_a_segment_saves_it_without_waiting(room, strike, ana):
    two = Editor(ana, 2)
    ana.evaluate("window.setTimeout = (work, wait) => 0")  # no pause ever ends: only leaving can save
    two.focus(0)
    ana.keyboard.type("A")
    Editor(ana, 4).focus(0)
    two.expect_saved()
    assert stored(room, strike, 2).startswith("AIn Le Havre")


def test_control_enter_confirms_and_goes_to_the_next_unconfirmed(room, strike, ana):
    two, three = Editor(ana, 2), Editor(ana, 3)
    three.focus(0)
    three.press("Control+Enter")
    three.expect_saved()
    two.focus(0)
    two.press("Control+Enter")
    two.expect_saved()
    expect(Editor(ana, 4).field).to_be_focused()
    assert [row.origin.value for row in world.segments_of(room.app.store, strike)[1:4]] == ["human", "human", "engine"]


def test_keys_move_between_segments(ana):
    two = Editor(ana, 2)
    two.focus(0)
    before = two.value
    two.press("Enter")
    expect(Editor(ana, 3).field).to_be_focused()
    two.press("Alt+ArrowDown")
    expect(Editor(ana, 4).field).to_be_focused()
    two.press("Alt+ArrowUp", "Alt+ArrowUp")
    expect(two.field).to_be_focused()
    assert two.value == before
    two.press("Control+Alt+c")
    assert two.value == "Au Havre, la grève qui ne finit pas"


def test_issue_appears_and_goes_with_the_saves_answer_and_can_be_dismissed(ana):
    two = Editor(ana, 2)
    two.focus(0)
    two.press("Control+Alt+c")
    expect(two.row.locator(".issue")).to_contain_text("same as the source")
    expect(ana.locator("#count-issues")).to_have_text("1")
    two.row.get_by_role("button", name="Dismiss").click()
    ana.fill("#dismiss-dialog [name=reason]", "a name")
    ana.locator("#dismiss-dialog").get_by_role("button", name="Dismiss", exact=True).click()
    expect(two.row.locator(".issue.dismissed")).to_contain_text("dismissed: a name")
    expect(ana.locator("#count-issues")).to_have_text("0")


def test_server_that_stops_keeps_the_text_and_saves_after_its_return(room, strike, ana):
    two = Editor(ana, 2)
    two.focus(0)
    room.server.stop()
    ana.keyboard.type("While you were away. ")
    expect(two.mark).to_have_text("not saved: retrying")
    expect(ana.locator("#save-state")).to_contain_text("kept in this browser")
    assert kept(ana) == ["While you were away. In Le Havre, the strike that will not end"]
    room.server.start()
    two.expect_saved()
    assert stored(room, strike, 2) == "While you were away. In Le Havre, the strike that will not end"
    assert kept(ana) == []


def test_text_unsaved_at_a_crash_is_offered_again_and_restored(room, strike, ana):
    two = Editor(ana, 2)
    two.focus(0)
    room.server.stop()
    ana.keyboard.type("Kept ")
    expect(two.mark).to_have_text("not saved: retrying")
    ana.goto("about:blank")
    ana.wait_for_timeout(500)  # the page's last request fails too, before the server is back
    room.server.start()
    ana.goto("/inbox")
    expect(ana.locator("#unsaved-elsewhere")).to_contain_text("You have unsaved text in: Au Havre")
    ana.goto(f"/translations/{strike}")
    expect(ana.locator("#restore")).to_contain_text("You have unsaved text from")
    two.focus(0)
    ana.keyboard.type("Other ")
    two.expect_saved()
    ana.get_by_role("button", name="Compare").click()
    expect(ana.locator("#conflict-mine")).to_contain_text("Kept In Le Havre")
    expect(ana.locator("#conflict-theirs")).to_contain_text("Other In Le Havre")
    ana.get_by_role("button", name="Keep mine").click()
    two.expect_saved()
    expect(ana.locator("#restore")).to_be_hidden()
    assert stored(room, strike, 2) == "Kept In Le Havre, the strike that will not end"


def test_leaving_the_page_at_once_saves_what_was_typed(room, strike, ana):
    two = Editor(ana, 2)
    ana.evaluate("window.setTimeout = () => 0")  # the pause after typing never ends: only leaving can save
    two.focus(0)
    ana.keyboard.type("Quick ")
    ana.evaluate("location.href = '/inbox'")
    ana.wait_for_url("**/inbox")
    # The request outlives its page, so nothing in the browser tells when it is through.
    eventually(ana, lambda: stored(room, strike, 2) == "Quick In Le Havre, the strike that will not end")
    ana.goto("/inbox")
    eventually(ana, lambda: kept(ana) == [])
    expect(ana.locator("#unsaved-elsewhere")).to_be_hidden()
    ana.goto(f"/translations/{strike}")
    expect(two.field).to_have_text("Quick In Le Havre, the strike that will not end")
    expect(ana.locator("#restore")).to_be_hidden()


def test_ended_session_asks_for_the_login_in_place_and_then_saves(room, strike, ana):
    two = Editor(ana, 2)
    with room.app.store.write() as session:
        session.execute(delete(DeskSession))
    two.focus(0)
    ana.keyboard.type("Still here. ")
    dialog = ana.locator("#login-dialog")
    expect(dialog).to_be_visible()
    dialog.locator("[name=name]").fill("ana")
    dialog.locator("[name=password]").fill("not the password")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.locator(".problem")).to_contain_text("the name or the password is wrong")
    dialog.locator("[name=password]").fill(world.PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).to_be_hidden()
    two.expect_saved()
    assert stored(room, strike, 2).startswith("Still here. ")
    ana.get_by_role("button", name="Release").click()
    ana.wait_for_url("**done=released")


def test_login_in_another_tab_changes_the_token_and_the_save_still_goes_through(room, strike, ana):
    with room.app.store.write() as session:
        session.execute(delete(DeskSession))
    other = ana.context.new_page()
    other.goto("/inbox")
    log_in(other, "ana")
    other.wait_for_url("**/inbox")
    two = Editor(ana, 2)
    two.focus(0)
    ana.keyboard.type("B")
    two.expect_saved()


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_stale_save_shows_both_texts_and_the_person_chooses(room, strike, ana, choice):
    other = ana.context.new_page()
    other.goto(f"/translations/{strike}")
    here, there = Editor(ana, 2), Editor(other, 2)
    there.focus(0)
    other.keyboard.type("Theirs. ")
    there.expect_saved()
    here.focus(0)
    ana.keyboard.type("Mine. ")
    dialog = ana.locator("#conflict-dialog")
    expect(dialog.locator("#conflict-mine")).to_have_text("Mine. In Le Havre, the strike that will not end")
    expect(dialog.locator("#conflict-theirs")).to_have_text("Theirs. In Le Havre, the strike that will not end")
    expect(here.mark).to_have_text("refused")
    ana.keyboard.press("Space")  # typing goes on for a moment: it must choose nothing
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=choice).click()
    here.expect_saved()
    winner = "Mine. " if choice == "Keep mine" else "Theirs. "
    assert stored(room, strike, 2).startswith(winner)
    with room.app.store.read() as session:
        refused = session.scalars(select(SegmentEdit.target).where(SegmentEdit.accepted.is_(False))).all()
    assert refused == ["Mine. In Le Havre, the strike that will not end"]


def test_lost_answer_is_not_taken_for_another_persons_save(room, strike, ana):
    two = Editor(ana, 2)
    lost = []

    def lose_the_first(route):
        if not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    ana.route("**/segments/*", lose_the_first)
    two.focus(0)
    ana.keyboard.type("Once ")
    two.expect_saved()
    assert lost == [200]
    expect(ana.locator("#conflict-dialog")).to_be_hidden()
    assert stored(room, strike, 2).startswith("Once In")


def test_second_person_reads_along_and_cannot_type(room, strike, ana):
    tom = room.open("tom", f"/translations/{strike}")
    expect(tom.locator(".banner", has_text="Ana Ruiz is working on it")).to_be_visible()
    expect(tom.locator("[contenteditable]")).to_have_count(0)
    expect(tom.get_by_role("button", name="Claim")).to_have_count(0)


def test_hold_lost_meanwhile_refuses_the_save_and_keeps_the_text(room, strike, ana):
    with room.app.store.write() as session:
        row = session.get_one(Translation, strike)
        row.holder_id = room.people["tom"]
        row.held_until = datetime(2099, 1, 1, tzinfo=UTC)
    two = Editor(ana, 2)
    two.focus(0)
    ana.keyboard.type("Mine. ")
    expect(two.mark).to_have_text("refused")
    expect(ana.locator("#toast")).to_contain_text("Tom Baker is working on it")
    assert kept(ana) == ["Mine. In Le Havre, the strike that will not end"]
    ana.reload()
    expect(ana.locator("#restore")).to_contain_text("not yours to edit now")
    expect(ana.locator("#restore")).to_contain_text("Mine. In Le Havre")


def test_history_offers_every_text_again(room, strike, ana):
    two = Editor(ana, 2)
    for word in ("One ", "Two "):
        two.focus(0)
        ana.keyboard.type(word)
        two.expect_saved()
        expect(two.segment).to_be_visible()
    two.press("Control+Alt+h")
    texts = ana.locator("#history-dialog .history-text")
    expect(texts.last).to_have_text("One In Le Havre, the strike that will not end")
    ana.locator("#history-dialog").get_by_role("button", name="Use this text").last.click()
    two.expect_saved()
    assert two.value == "One In Le Havre, the strike that will not end"


def test_filters_show_what_is_left(ana):
    two = Editor(ana, 2)
    two.focus(0)
    two.press("Control+Enter")
    two.expect_saved()
    ana.get_by_role("button", name="Unconfirmed").click()
    expect(two.row).to_be_hidden()
    expect(Editor(ana, 3).row).to_be_visible()
    ana.get_by_role("button", name="All", exact=True).click()
    expect(two.row).to_be_visible()


def test_submit_waits_for_what_is_unsaved_then_a_second_person_approves(room, strike, ana):
    two = Editor(ana, 2)
    two.focus(0)
    ana.keyboard.type("Last words. ")
    ana.get_by_role("button", name="Submit").click()
    dialog = ana.locator("#dialog-submit")
    dialog.locator("textarea").fill("Please check the note.")
    dialog.get_by_role("button", name="Submit").click()
    ana.wait_for_url("**done=submitted")
    assert stored(room, strike, 2).startswith("Last words. ")
    eva = room.open("eva", f"/translations/{strike}")
    expect(eva.locator(".banner", has_text="Please check the note.")).to_be_visible()
    eva.get_by_role("button", name="Approve").click()
    eva.locator("#dialog-approve").get_by_role("button", name="Approve").click()
    eva.wait_for_url("**/preview?done=approved")
    expect(eva.locator("#publications")).to_contain_text("on its way")
    with room.app.store.write() as session:
        assert session.get_one(Translation, strike).state is State.APPROVED
        publication = session.scalars(select(Publication)).one()
        assert (publication.wanted_revision, publication.live_revision) == (1, None)
        publication.live_revision, publication.remote_url = 1, "https://crossing.example/strike"
    expect(eva.locator("#publications a")).to_have_attribute("href", "https://crossing.example/strike")


def test_approval_is_possible_as_soon_as_no_blocking_issue_is_left(room, strike, ana):
    three = Editor(ana, 3)
    three.focus(0)
    three.segment.evaluate("segment => segment.setValue('without its tag')")
    three.expect_saved()
    ana.get_by_role("button", name="Submit").click()
    ana.locator("#dialog-submit").get_by_role("button", name="Submit").click()
    ana.wait_for_url("**done=submitted")
    eva = room.open("eva", f"/translations/{strike}")
    expect(eva.get_by_role("button", name="Approve")).to_be_disabled()
    Editor(eva, 3).row.get_by_role("button", name="Dismiss").click()
    eva.fill("#dismiss-dialog [name=reason]", "no emphasis wanted")
    eva.locator("#dismiss-dialog").get_by_role("button", name="Dismiss", exact=True).click()
    expect(eva.locator("#impossible")).to_be_empty()
    eva.get_by_role("button", name="Approve").click()
    eva.locator("#dialog-approve").get_by_role("button", name="Approve").click()
    eva.wait_for_url("**/preview?done=approved")


def test_triage_decides_without_leaving_the_list(room):
    world.add_article(room.app.store, world.strike())
    eva = room.open("eva", "/triage")
    eva.get_by_role("button", name="Select").click()
    expect(eva.locator(".candidate.decided")).to_contain_text("Selected: Au Havre")


def test_page_breaks_no_rule_of_its_own_security_policy(room, strike):
    messages: list[str] = []
    page = room.open("max", "/inbox")
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    for path in (
        "/inbox",
        "/triage",
        "/help",
        f"/translations/{strike}",
        f"/translations/{strike}/preview",
        "/articles/1",
    ):
        page.goto(path)
    claim(room.open("tom", f"/translations/{strike}"))
    assert messages == []
