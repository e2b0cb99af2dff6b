from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from tests.builders import HARBOUR, NOW, RecordingEngine, add_article, add_document, add_person

from ivpipe.errors import EngineError, EngineUnavailable
from ivpipe.model import (
    Article,
    Block,
    BlockType,
    Draft,
    EngineUse,
    MachineTranslation,
    Origin,
    Review,
    State,
    Translation,
)
from ivpipe.model.lifecycle import Role
from ivpipe.steps import draft as step
from ivpipe.steps import review
from ivpipe.store import Store

HOUR = timedelta(hours=1)


def newest(store: Store, translation_id: int = 1) -> list[tuple[str, str, str]]:
    with store.read() as session:
        draft = review.newest_draft(session, session.get_one(Translation, translation_id))
        return [(row.source, row.target, row.origin.value) for row in draft.segments]


def test_draft_translates_every_segment_once_and_names_the_engine(store: Store) -> None:
    add_article(store)
    engine = RecordingEngine()
    assert step.due_translations(store, NOW) == [1]

    drafted = step.draft_translation(store, 1, [engine], NOW, "w")

    assert drafted == step.Drafted("drafted", 1, "recording", 10, 0, 9, sum(map(len, engine.sent)))
    assert sorted(engine.sent) == sorted(set(engine.sent)), "a sentence that stands twice is sent once"
    rows = newest(store)
    assert all(target == source.upper() and origin == "engine" for source, target, origin in rows)
    assert rows[3] == ("Il pleut sur <1>les quais</1>.", "IL PLEUT SUR <1>LES QUAIS</1>.", "engine")
    with store.read() as session:
        translation = session.get_one(Translation, 1)
        assert (translation.state, translation.revision, translation.lease_until) == (State.DRAFTED, 1, None)
        assert [(r.event, r.state) for r in session.scalars(select(Review))] == [("draft", State.DRAFTED)]
        assert session.scalar(select(func.sum(EngineUse.billed))) == drafted.billed
    assert step.due_translations(store, NOW) == []
    assert step.draft_translation(store, 1, [engine], NOW, "w").outcome == "not due"


def test_draft_same_sentence_in_another_article_is_not_sent_again(store: Store) -> None:
    add_article(store)
    add_article(store, replace(HARBOUR, url="https://semaine.example/autre", title="Un autre titre"))
    engine = RecordingEngine()
    step.draft_translation(store, 1, [engine], NOW, "w")
    engine.sent.clear()

    drafted = step.draft_translation(store, 2, [engine], NOW, "w")

    assert engine.sent == ["Un autre titre"]
    assert (drafted.sent, drafted.billed) == (1, len("Un autre titre"))


def test_draft_no_usable_engine_waits_and_says_why(store: Store) -> None:
    add_article(store)
    with pytest.raises(EngineUnavailable) as caught:
        step.draft_translation(store, 1, [RecordingEngine(unusable="no key: set RECORDING_KEY")], NOW, "w")
    assert "no key: set RECORDING_KEY" in str(caught.value)
    with store.read() as session:
        translation = session.get_one(Translation, 1)
        assert (translation.state, translation.revision) == (State.PENDING, 0)
        assert "RECORDING_KEY" in translation.last_error
        assert session.scalar(select(func.count(Draft.id))) == 0
    assert step.due_translations(store, NOW) == []
    assert step.due_translations(store, NOW + HOUR) == [1]


def test_draft_takes_the_first_usable_engine_in_order(store: Store) -> None:
    add_article(store)
    first, second = RecordingEngine(unusable="no model", name="first"), RecordingEngine(name="second")
    assert step.draft_translation(store, 1, [first, second], NOW, "w").engine == "second"
    assert first.sent == []


def test_draft_broken_off_sends_only_the_rest_next_time(store: Store) -> None:
    add_article(store)
    engine = RecordingEngine()
    engine.fail_after = 6
    with pytest.raises(EngineError, match="the line is dead"):
        step.draft_translation(store, 1, [engine], NOW, "w")
    first = list(engine.sent)
    engine.sent.clear()
    engine.fail_after = None

    step.draft_translation(store, 1, [engine], NOW + HOUR, "w")

    assert len(first) == 6
    assert set(first).isdisjoint(engine.sent)
    with store.read() as session:
        assert session.scalar(select(func.count(MachineTranslation.key))) == 9
        assert session.scalar(select(func.count(Draft.id))) == 1


@pytest.mark.parametrize("answer", ["", "B <1>", "B < C", "B <7/>"])
def test_draft_sentence_answered_with_nonsense_is_left_to_a_person_and_the_others_kept(
    sqlite_store: Store, answer: str
) -> None:
    document = replace(HARBOUR, kicker="", standfirst="", notes=(), blocks=HARBOUR.blocks[1:2])
    add_article(sqlite_store, document)
    engine = RecordingEngine()
    engine.answers = ["A", answer]
    drafted = step.draft_translation(sqlite_store, 1, [engine], NOW, "w")
    assert (drafted.outcome, drafted.engine, drafted.billed) == ("drafted", "recording", 2)
    assert newest(sqlite_store) == [
        ("Au port, la grève tient", "A", "engine"),
        ("Une caisse de solidarité", "", "none"),
    ]
    with sqlite_store.read() as session:
        row = review.newest_draft(session, session.get_one(Translation, 1)).segments[1]
        assert [(issue.check, issue.severity.value) for issue in row.issues] == [
            ("empty", "blocking"),
            ("engine", "warning"),
        ]
        assert "for “Une caisse de solidarité”" in row.issues[1].message
        assert session.scalar(select(func.count(MachineTranslation.key))) == 1


def test_draft_engine_that_loses_count_is_refused_but_its_bill_is_kept(sqlite_store: Store) -> None:
    add_article(sqlite_store)
    engine = RecordingEngine()
    engine.answers = ["ONLY ONE"]
    with pytest.raises(EngineError, match="answered 1 texts for 3") as caught:
        step.draft_translation(sqlite_store, 1, [engine], NOW, "w")
    assert caught.value.retryable
    assert "Au port" in str(caught.value)
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count(MachineTranslation.key))) == 0
        assert session.scalar(select(func.sum(EngineUse.billed))) == 1


def test_draft_held_by_another_worker_is_left_alone(store: Store) -> None:
    add_article(store)
    with store.write() as session:
        row = session.get_one(Translation, 1)
        row.lease_owner, row.lease_until = "other", NOW + HOUR
    assert step.draft_translation(store, 1, [RecordingEngine()], NOW, "w") == step.Drafted("busy")
    assert step.draft_translation(store, 1, [RecordingEngine()], NOW + 2 * HOUR, "w").outcome == "drafted"


def test_draft_reuses_the_memory_and_asks_nobody_where_it_knows_all(store: Store) -> None:
    add_article(store)
    add_article(store, replace(HARBOUR, url="https://semaine.example/autre"))
    step.draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    translator, editor = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "ed", Role.EDITOR)
    review.claim(store, 1, translator, HOUR, NOW)
    review.submit(store, 1, translator, "", NOW)
    review.approve(store, 1, editor, review.Policy(), [], "", NOW)

    drafted = step.draft_translation(store, 2, [RecordingEngine(unusable="none at all")], NOW, "w")

    assert (drafted.reused, drafted.sent, drafted.engine) == (10, 0, "")
    assert {origin for _, _, origin in newest(store, 2)} == {"memory"}


def test_redraft_of_a_changed_source_keeps_what_people_wrote_and_sends_only_what_is_new(store: Store) -> None:
    add_article(store)
    engine = RecordingEngine()
    step.draft_translation(store, 1, [engine], NOW, "w")
    translator = add_person(store, "tess", Role.TRANSLATOR)
    review.claim(store, 1, translator, HOUR, NOW)
    with store.read() as session:
        row = review.newest_draft(session, session.get_one(Translation, 1)).segments[1]
    review.save_segment(store, row.id, "At the docks the strike holds", 0, translator, HOUR, NOW)
    review.release(store, 1, translator, NOW)
    changed = replace(HARBOUR, blocks=(*HARBOUR.blocks, Block(BlockType.PARAGRAPH, "Un paragraphe nouveau.")))
    with store.write() as session:
        article = session.get_one(Article, 1)
        add_document(session, article, changed)
        review.source_changed(session, article, NOW)
    engine.sent.clear()

    drafted = step.draft_translation(store, 1, [engine], NOW, "w")

    assert (drafted.revision, drafted.reused, engine.sent) == (2, 1, ["Un paragraphe nouveau."])
    assert newest(store)[1] == ("Au port, la grève tient", "At the docks the strike holds", Origin.HUMAN)
