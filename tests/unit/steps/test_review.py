from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.builders import NOW, RecordingEngine, add_article, add_person

from ivpipe.errors import NotFound, Refused, StaleEdit
from ivpipe.model import Issue, MemoryEntry, Publication, SegmentEdit, State, Translation
from ivpipe.model.lifecycle import Actor, Policy, Role
from ivpipe.steps import draft as drafting
from ivpipe.steps import review
from ivpipe.store import Store

HOLD = timedelta(hours=1)
LATER = NOW + 2 * HOLD


@dataclass
class Desk:
    """A drafted translation (id 1) and people."""

    store: Store
    tess: Actor
    tom: Actor
    edith: Actor

    def segment(self, index: int = 0) -> tuple[int, str, int]:
        with self.store.read() as session:
            row = review.newest_draft(session, session.get_one(Translation, 1)).segments[index]
            return row.id, row.target, row.version

    def state(self) -> State:
        with self.store.read() as session:
            return session.get_one(Translation, 1).state

    def save(self, text: str, who: Actor, version: int = 0, index: int = 0) -> None:
        review.save_segment(self.store, self.segment(index)[0], text, version, who, HOLD, NOW)


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    add_article(store)
    drafting.draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    people = [add_person(store, name, role) for name, role in
              (("tess", Role.TRANSLATOR), ("tom", Role.TRANSLATOR), ("edith", Role.EDITOR))]  # fmt: skip
    return Desk(store, *people)


def test_claim_second_person_is_told_who_holds_it_until_the_hold_runs_out(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    with pytest.raises(Refused, match="Tess is working on it until 01 July 13:00"):
        review.claim(desk.store, 1, desk.tom, HOLD, NOW)
    review.claim(desk.store, 1, desk.tom, HOLD, LATER)
    with pytest.raises(Refused, match="Tom is working on it"):
        desk_save_at(desk, desk.tess, LATER)


def desk_save_at(desk: Desk, who: Actor, when: object) -> None:
    review.save_segment(desk.store, desk.segment()[0], "x", 0, who, HOLD, when)  # type: ignore[arg-type]


def test_save_keeps_the_text_its_author_and_every_version(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("Docks", desk.tess)
    desk.save("The docks", desk.tess, 1)
    assert desk.segment()[1:] == ("The docks", 2)
    with desk.store.read() as session:
        edits = session.scalars(select(SegmentEdit).order_by(SegmentEdit.id)).all()
        assert [(e.target, e.version, e.accepted) for e in edits] == [("Docks", 1, True), ("The docks", 2, True)]


def test_save_stale_is_refused_shown_and_kept(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("first window", desk.tess)
    with pytest.raises(StaleEdit) as caught:
        desk.save("second window", desk.tess, 0)
    assert (caught.value.current, caught.value.version) == ("first window", 1)
    with desk.store.read() as session:
        refused = session.scalars(select(SegmentEdit).where(SegmentEdit.accepted.is_(False))).one()
        assert refused.target == "second window"
    assert desk.segment()[1] == "first window"


@pytest.mark.parametrize("state", ["drafted", "held by another", "submitted"])
def test_save_where_it_is_not_ours_is_refused_and_kept(desk: Desk, state: str) -> None:
    if state != "drafted":
        review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    if state == "submitted":
        review.submit(desk.store, 1, desk.tess, "", NOW)
    with pytest.raises(Refused):
        desk.save("mine", desk.tom)
    with desk.store.read() as session:
        assert session.scalars(select(SegmentEdit.target)).all() == ["mine"]
    assert desk.segment()[1] == "PORTS"


def test_save_renews_the_hold(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    review.save_segment(desk.store, desk.segment()[0], "x", 0, desk.tess, HOLD, NOW + HOLD / 2)
    with pytest.raises(Refused, match="13:30"):
        review.claim(desk.store, 1, desk.tom, HOLD, NOW + HOLD)


def test_release_expired_frees_it_and_keeps_the_text(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("Docks", desk.tess)
    assert review.release_expired(desk.store, NOW) == 0
    assert review.release_expired(desk.store, LATER) == 1
    assert (desk.state(), desk.segment()[1]) == (State.DRAFTED, "Docks")


def test_submit_is_refused_while_a_segment_is_empty(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("  ", desk.tess)
    with pytest.raises(Refused, match="1 segment has no text yet"):
        review.submit(desk.store, 1, desk.tess, "", NOW)


def test_submit_by_somebody_else_is_refused(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    with pytest.raises(Refused, match="Tess is working on it"):
        review.submit(desk.store, 1, desk.tom, "", NOW)


def test_return_needs_a_comment_and_goes_back_to_the_submitter(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    review.submit(desk.store, 1, desk.tess, "", NOW)
    with pytest.raises(Refused, match="say what should be changed"):
        review.return_to_translator(desk.store, 1, desk.edith, " ", NOW)
    review.return_to_translator(desk.store, 1, desk.edith, "Check the second heading.", NOW)
    with desk.store.read() as session:
        row = session.get_one(Translation, 1)
        assert (row.state, row.holder_id) == (State.IN_REVIEW, desk.tess.user_id)


def test_approve_writes_memory_publications_and_slug_in_one_go(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("Docks", desk.tess)
    review.submit(desk.store, 1, desk.tess, "", NOW)
    due = review.approve(desk.store, 1, desk.edith, Policy(), ["site", "wp"], "Fine.", NOW)
    assert len(due) == 2
    with desk.store.read() as session:
        translation = session.get_one(Translation, 1)
        assert (translation.state, translation.slug) == (State.APPROVED, "au-port-la-greve-tient-1")
        assert [(p.target, p.wanted_revision, p.live_revision) for p in session.scalars(select(Publication))] == [
            ("site", 1, None),
            ("wp", 1, None),
        ]
        entries = session.scalars(select(MemoryEntry).order_by(MemoryEntry.id)).all()
        assert len(entries) == 10  # one of the sentences stands twice, between different neighbours
        assert (entries[0].source, entries[0].target, entries[0].user_id) == ("Ports", "Docks", desk.tess.user_id)


def test_approve_by_the_submitter_is_refused_with_four_eyes(desk: Desk) -> None:
    both = Actor(desk.tess.user_id, "Tess", frozenset({Role.TRANSLATOR, Role.EDITOR}))
    review.claim(desk.store, 1, both, HOLD, NOW)
    review.submit(desk.store, 1, both, "", NOW)
    with pytest.raises(Refused, match="another person"):
        review.approve(desk.store, 1, both, Policy(), [], "", NOW)
    review.approve(desk.store, 1, both, Policy(four_eyes=False), [], "", NOW)
    assert desk.state() is State.APPROVED


def test_approve_is_refused_while_a_blocking_issue_is_open(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("IT RAINS ON THE DOCKS.", desk.tess, index=3)
    review.submit(desk.store, 1, desk.tess, "", NOW)
    with pytest.raises(Refused, match="1 blocking issue is still open"):
        review.approve(desk.store, 1, desk.edith, Policy(), [], "", NOW)
    with desk.store.read() as session:
        issue = session.scalars(select(Issue).where(Issue.severity == "blocking")).one()
    with pytest.raises(Refused, match="why it is no fault"):
        review.dismiss_issue(desk.store, issue.id, " ", desk.edith, NOW)
    review.dismiss_issue(desk.store, issue.id, "Emphasis is not wanted here.", desk.edith, NOW)
    with desk.store.read() as session:
        assert session.get_one(Issue, issue.id).dismissed_by_id == desk.edith.user_id


def test_dismissal_survives_a_save_that_leaves_the_issue(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    desk.save("It rains on the docks.", desk.tess, index=3)
    with desk.store.read() as session:
        issue = session.scalars(select(Issue).where(Issue.severity == "blocking")).one()
    review.dismiss_issue(desk.store, issue.id, "No emphasis.", desk.tess, NOW)
    desk.save("It is raining on the docks.", desk.tess, 1, index=3)
    with desk.store.read() as session:
        again = session.scalars(select(Issue).where(Issue.severity == "blocking")).one()
        assert (again.dismissed_reason, again.open) == ("No emphasis.", False)


def test_claim_of_an_approved_translation_opens_a_new_revision(desk: Desk) -> None:
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    review.submit(desk.store, 1, desk.tess, "", NOW)
    review.approve(desk.store, 1, desk.edith, Policy(), ["site"], "", NOW)
    before = desk.segment()[0]
    review.claim(desk.store, 1, desk.tess, HOLD, NOW)
    assert desk.segment()[0] != before
    desk.save("Docks", desk.tess)
    with desk.store.read() as session:
        assert session.get_one(Translation, 1).revision == 2
        assert session.scalars(select(Publication)).one().wanted_revision == 1
    with pytest.raises(Refused, match="newer revision"):
        review.save_segment(desk.store, before, "old screen", 0, desk.tess, HOLD, NOW)


def test_reject_then_redraft_makes_it_pending_again(desk: Desk) -> None:
    review.reject(desk.store, 1, desk.edith, "Too long.", NOW)
    assert desk.state() is State.REJECTED
    review.redraft(desk.store, 1, desk.edith, NOW)
    assert desk.state() is State.PENDING


def test_unknown_things_are_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no translation 99"):
        review.claim(desk.store, 99, desk.tess, HOLD, NOW)
    with pytest.raises(NotFound, match="no segment 99"):
        review.save_segment(desk.store, 99, "x", 0, desk.tess, HOLD, NOW)
