"""Saving segments: accepted, stale, refused; nothing typed is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from tests.desk import world

from ivpipe.model import Origin, SegmentEdit


def edits(store, segment_id):
    with store.read() as session:
        return [
            (edit.target, edit.version, edit.accepted)
            for edit in session.scalars(
                select(SegmentEdit).where(SegmentEdit.segment_id == segment_id).order_by(SegmentEdit.id)
            )
        ]


def test_save_answers_version_and_issues(magazine, strike):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[2]
    assert segment.target == "For nine weeks the dockers have occupied the <1>Escaut</1> quay."
    answer = ana.save(segment.id, "For nine weeks, the dockers have held the <1>Escaut</1> quay.", 0)
    assert answer.json() == {
        "id": segment.id,
        "version": 1,
        "target": "For nine weeks, the dockers have held the <1>Escaut</1> quay.",
        "origin": "human",
        "open": 0,
        "blocking": 0,
        "issues_html": "",
    }
    saved = world.segments_of(magazine.store, strike)[2]
    assert (saved.target, saved.origin, saved.edited_by_id) == (
        "For nine weeks, the dockers have held the <1>Escaut</1> quay.",
        Origin.HUMAN,
        magazine.people["ana"],
    )


def test_save_without_a_tag_brings_a_blocking_issue_that_mending_takes_away(magazine, strike):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[2]
    broken = ana.save(segment.id, "For nine weeks, no tag.", 0).json()
    assert (broken["open"], broken["blocking"]) == (1, 1)
    assert 'class="issue blocking"' in broken["issues_html"]
    mended = ana.save(segment.id, "For nine weeks, <1>a tag</1>.", 1).json()
    assert (mended["open"], mended["issues_html"]) == (0, "")


def test_stale_save_answers_both_texts_and_keeps_the_refused_one(magazine, strike):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[0]
    assert ana.save(segment.id, "Reportage, first", 0).status_code == 200
    stale = ana.save(segment.id, "Reportage, second", 0)
    assert stale.status_code == 409
    assert {key: stale.json()[key] for key in ("code", "current", "version")} == {
        "code": "stale",
        "current": "Reportage, first",
        "version": 1,
    }
    assert edits(magazine.store, segment.id) == [("Reportage, first", 1, True), ("Reportage, second", 0, False)]
    history = ana.get(f"/segments/{segment.id}/history").text
    assert "Reportage, second" in history
    assert "not saved into the draft, kept here" in history


def test_save_by_who_does_not_hold_it_is_refused_and_kept(magazine, strike):
    magazine.claimed("ana", strike)
    tom = magazine.visitor("tom")
    segment = world.segments_of(magazine.store, strike)[0]
    refused = tom.save(segment.id, "Tom’s text", 0)
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "Ana Ruiz is working on it" in refused.json()["error"]
    assert edits(magazine.store, segment.id) == [("Tom’s text", 0, False)]


def test_save_after_the_session_ended_asks_for_a_login(magazine, strike):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[0]
    magazine.clock.move(days=15)
    answer = ana.save(segment.id, "late", 0)
    assert (answer.status_code, answer.json()["code"]) == (401, "login")
    assert edits(magazine.store, segment.id) == []


@pytest.mark.parametrize(
    ("target", "version"), [(None, 0), (7, 0), ("text", None), ("text", "0"), ("text", True), ("text", 1.5)]
)
def test_save_of_nonsense_is_refused_with_words(magazine, strike, target, version):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[0]
    answer = ana.save(segment.id, target, version)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "a save needs a target text and the version it was made from",
    )


def test_save_leaves_out_characters_no_database_or_page_takes(magazine, strike):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[0]
    answer = ana.client.post(
        f"/segments/{segment.id}",
        content=b'{"target": "a\\u0000b\\ud800c", "version": 0}',
        headers={"Accept": "application/json", "Content-Type": "application/json", "X-CSRF-Token": ana.csrf},
    )
    assert answer.json()["target"] == "abc"


def test_issue_is_dismissed_with_a_reason_only(magazine, strike):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[2]
    ana.save(segment.id, "no tag", 0)
    issue = world.segments_of(magazine.store, strike)[2].issues[0]
    refused = ana.json(f"/issues/{issue.id}/dismiss", {"reason": "  "})
    assert (refused.status_code, refused.json()["error"].endswith("say in a few words why it is no fault")) == (
        409,
        True,
    )
    answer = ana.json(f"/issues/{issue.id}/dismiss", {"reason": "the name <b>stands</b> alone"}).json()
    assert (answer["open"], answer["blocking"]) == (0, 0)
    assert "dismissed: the name &lt;b&gt;stands&lt;/b&gt; alone" in answer["issues_html"]


def test_issue_that_is_gone_says_so(magazine, strike):
    ana = magazine.claimed("ana", strike)
    answer = ana.json("/issues/4711/dismiss", {"reason": "x"})
    assert (answer.status_code, answer.json()["error"]) == (404, "this issue is gone: the segment has been saved since")


def test_saved_text_can_be_asked_for(magazine, strike):
    segment = world.segments_of(magazine.store, strike)[0]
    answer = magazine.visitor("ana").get(f"/segments/{segment.id}", accept="application/json")
    assert answer.json() == {"id": segment.id, "version": 0, "target": "Report"}
