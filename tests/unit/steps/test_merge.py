from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.builders import HARBOUR, NOW, RecordingEngine, add_article, add_document, add_person

from ivpipe.errors import Refused
from ivpipe.model import (
    Article,
    Block,
    BlockType,
    Change,
    Draft,
    DraftSegment,
    Issue,
    Origin,
    Review,
    State,
    Translation,
)
from ivpipe.model.lifecycle import Actor, Role
from ivpipe.steps import draft as drafting
from ivpipe.steps import merge as step
from ivpipe.steps import review
from ivpipe.steps.cost import Terms
from ivpipe.steps.estimate import estimate_articles
from ivpipe.store import Store
from ivpipe.text.inline import plain_text

HOLD = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BLOCKS = HARBOUR.blocks
CHANGED = replace(
    HARBOUR,
    blocks=(
        BLOCKS[0],
        Block(BlockType.HEADING, "Une caisse de solidarité nationale", 2),
        Block(BlockType.PARAGRAPH, "Rien de nouveau, disait-on lundi."),
        BLOCKS[3],
    ),
)


def rows(store: Store) -> list[DraftSegment]:
    with store.read() as session:
        found = review.newest_draft(session, session.get_one(Translation, 1)).segments
        return list(found)


def claimed_and_translated(store: Store, engine: RecordingEngine) -> Actor:
    """Everything drafted; the heading and the sentence with the link confirmed by a person; then the source changes."""
    add_article(store)
    drafting.draft_translation(store, 1, [engine], NOW, "w")
    tess = add_person(store, "tess", Role.TRANSLATOR)
    review.claim(store, 1, tess, HOLD, NOW)
    for row in rows(store):
        if row.kind == "heading" or "<1>l’appel</1>" in row.source:
            review.save_segment(store, row.id, row.target.title(), 0, tess, HOLD, NOW)
    with store.write() as session:
        article = session.get_one(Article, 1)
        add_document(session, article, CHANGED)
        review.source_changed(session, article, NOW)
    return tess


def test_merge_keeps_marks_suggests_and_sends_only_what_is_new(store: Store) -> None:
    engine = RecordingEngine()
    tess = claimed_and_translated(store, engine)
    engine.sent.clear()
    assert step.due_merges(store, NOW) == [1]
    assert step.prepare_merge(store, 1, [engine], NOW, "w") == 2
    assert engine.sent == ["Une caisse de solidarité nationale", "Rien de nouveau, disait-on lundi."]
    assert step.due_merges(store, NOW) == []
    assert [row.change for row in rows(store)] == [Change.NONE] * 10, "nothing changes before somebody says so"

    counts = step.merge_source(store, 1, [engine], tess, NOW)

    assert counts == {"none": 7, "changed": 1, "new": 1, "removed": 1}
    by_change = {row.change: row for row in rows(store) if row.change is not Change.NONE}
    heading = by_change[Change.CHANGED]
    assert (heading.old_source, heading.target, heading.suggestion) == (
        "Une caisse de solidarité",
        "Une Caisse De Solidarité",
        "UNE CAISSE DE SOLIDARITÉ NATIONALE",
    )
    assert (by_change[Change.NEW].target, by_change[Change.NEW].origin) == (
        "RIEN DE NOUVEAU, DISAIT-ON LUNDI.",
        Origin.ENGINE,
    )
    assert by_change[Change.REMOVED].target == "On Lit <1>L’Appel</1> Du 12 Juin."
    with store.read() as session:
        translation = session.get_one(Translation, 1)
        assert (translation.state, translation.revision, translation.source_changed) == (State.IN_REVIEW, 2, False)
        assert session.scalars(select(Review.event).order_by(Review.id)).all()[-1] == "merge"


def test_a_merged_draft_names_what_preparing_it_has_billed(store: Store) -> None:
    engine = RecordingEngine()
    tess = claimed_and_translated(store, engine)
    engine.sent.clear()
    step.prepare_merge(store, 1, [engine], NOW + MINUTE, "w")
    step.merge_source(store, 1, [engine], tess, NOW + 2 * MINUTE)
    with store.read() as session:
        first, second = session.scalars(select(Draft).order_by(Draft.number)).all()
        standing = sum(len(plain_text(row.source)) for row in second.standing_segments)
    assert first.billed > second.billed == sum(len(text) for text in engine.sent) > 0
    assert second.saved == standing - second.billed


def test_what_waits_is_estimated_with_the_merge_that_is_to_be_prepared(store: Store) -> None:
    engine = RecordingEngine()
    claimed_and_translated(store, engine)
    engine.sent.clear()
    [told] = estimate_articles(store, [], ["en"], [engine], Terms())
    step.prepare_merge(store, 1, [engine], NOW, "w")
    assert told.billed == sum(len(text) for text in engine.sent) > 0
    assert estimate_articles(store, [], ["en"], [engine], Terms()) == []


def test_merged_segment_blocks_until_somebody_has_looked(store: Store) -> None:
    engine = RecordingEngine()
    tess = claimed_and_translated(store, engine)
    step.merge_source(store, 1, [engine], tess, NOW)
    with store.read() as session:
        issue = session.scalars(select(Issue).where(Issue.check == "source")).one()
        row = session.get_one(DraftSegment, issue.segment_id)
    review.save_segment(store, row.id, row.target, 0, tess, HOLD, NOW)
    with store.read() as session:
        assert session.get(Issue, issue.id) is None
        assert session.get_one(DraftSegment, row.id).confirmed


def test_merge_without_an_engine_leaves_new_sentences_empty(store: Store) -> None:
    tess = claimed_and_translated(store, RecordingEngine())
    step.merge_source(store, 1, [], tess, NOW)
    (new,) = [row for row in rows(store) if row.change is Change.NEW]
    assert (new.target, new.origin) == ("", Origin.NONE)
    with pytest.raises(Refused, match="1 segment has no text yet"):
        review.submit(store, 1, tess, "", NOW)


def test_merge_by_somebody_else_or_of_an_unchanged_source_is_refused(store: Store) -> None:
    tess = claimed_and_translated(store, RecordingEngine())
    tom = add_person(store, "tom", Role.TRANSLATOR)
    with pytest.raises(Refused, match="Tess is working on it"):
        step.merge_source(store, 1, [], tom, NOW)
    step.merge_source(store, 1, [], tess, NOW)
    with pytest.raises(Refused, match="has not changed"):
        step.merge_source(store, 1, [], tess, NOW)


def test_save_of_a_removed_sentence_is_refused(store: Store) -> None:
    tess = claimed_and_translated(store, RecordingEngine())
    step.merge_source(store, 1, [], tess, NOW)
    (gone,) = [row for row in rows(store) if row.change is Change.REMOVED]
    with pytest.raises(Refused, match="no such sentence any more"):
        review.save_segment(store, gone.id, "x", 0, tess, HOLD, NOW)
