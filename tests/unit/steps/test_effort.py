from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW, RecordingEngine, add_article, add_person

from ivpipe.model import Translation
from ivpipe.model.lifecycle import Role
from ivpipe.steps import review
from ivpipe.steps.draft import draft_translation
from ivpipe.steps.effort import EngineRecord, chrf, editing_seconds, engine_records, hter
from ivpipe.store import Store

HOUR = timedelta(hours=1)

MACHINE = [
    "The strike continues at the port of Le Havre.",
    "Three weeks after the beginning of the movement, dockers do not yield.",
    "He said: no.",
]
APPROVED = [
    "The strike goes on in the port of Le Havre.",
    "Three weeks after it began, the dockers are not giving in.",
    "“No,” he said.",
]


def test_chrf_is_that_of_sacrebleu() -> None:
    """The figures are sacreBLEU 2.6.0's, by default: nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no."""
    assert chrf(MACHINE, APPROVED) == pytest.approx(53.76500254767266)
    assert [chrf([a], [b]) for a, b in zip(MACHINE, APPROVED, strict=True)] == pytest.approx(
        [69.91230645441232, 47.8559860037886, 27.628102678159372]
    )
    assert chrf(["ab"], ["abc"]) == pytest.approx(63.636363636363626)
    assert chrf(["été ça"], ["ete ca"]) == pytest.approx(8.0)
    assert chrf(["a"], ["zzzz"]) == chrf([""], ["a"]) == chrf([], []) == 0.0


def test_hter_counts_edits_per_word_of_what_was_approved() -> None:
    assert hter(["The strike continues."], ["The strike goes on."]) == pytest.approx(2 / 5)
    assert hter(MACHINE, MACHINE) == 0.0
    assert hter(["one two three"], ["four"]) == pytest.approx(3.0)
    assert hter([], []) == 0.0


@given(st.lists(st.text(min_size=1), min_size=1))
def test_measures_of_an_untouched_text_are_perfect(texts: list[str]) -> None:
    assert hter(texts, texts) == 0.0
    assert chrf(texts, texts) == pytest.approx(100.0 if any(text.strip() for text in texts) else 0.0)


def test_editing_time_leaves_breaks_out_and_people_apart() -> None:
    at = [NOW + timedelta(seconds=seconds) for seconds in (0, 30, 90, 389, 390, 5000, 5010)]
    saves = [(1, at[0]), (2, at[1]), (1, at[2]), (1, at[3]), (2, at[4]), (1, at[5]), (1, at[6])]
    assert editing_seconds(saves) == 90 + 299 + 10
    assert editing_seconds([(1, NOW), (1, NOW + timedelta(seconds=300))]) == 0
    assert editing_seconds([]) == 0


def test_approval_measures_the_draft_against_what_the_machine_wrote(store: Store) -> None:
    add_article(store)
    draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    translator, editor = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "ed", Role.EDITOR)
    review.claim(store, 1, translator, HOUR, NOW)
    with store.read() as session:
        rows = review.newest_draft(session, session.get_one(Translation, 1)).segments
    review.save_segment(store, rows[0].id, rows[0].target, 0, translator, HOUR, NOW)
    review.save_segment(store, rows[1].id, "AU PORT, THE STRIKE", 0, translator, HOUR, NOW + timedelta(seconds=100))
    review.submit(store, 1, translator, "", NOW)
    review.approve(store, 1, editor, review.Policy(), [], "", NOW)
    with store.read() as session:
        draft = review.newest_draft(session, session.get_one(Translation, 1))
        machine = [row.machine for row in draft.segments]
        assert machine == [row.source.upper() for row in draft.segments]
        plain = ["".join(part.split(">")[-1] for part in text.split("<")) for text in machine]
        approved = [plain[0], "AU PORT, THE STRIKE", *plain[2:]]
        assert (draft.hter, draft.chrf, draft.seconds) == (
            pytest.approx(hter(plain, approved)),
            pytest.approx(chrf(plain, approved)),
            100,
        )
        assert engine_records(session, NOW) == [
            EngineRecord("recording", 1, draft.hter, draft.chrf, 100.0, draft.billed, 0)
        ]

    # A correction after publication begins a revision that knows what the machine had written.
    review.claim(store, 1, editor, HOUR, NOW)
    with store.read() as session:
        again = review.newest_draft(session, session.get_one(Translation, 1))
        assert [row.machine for row in again.segments] == machine
        assert (again.number, again.hter, again.seconds) == (2, None, None)
