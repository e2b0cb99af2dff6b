"""What is billed, and what is not: DeepL's stand-in counts, through the real client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import deepl
import pytest
from sqlalchemy import select
from tests.builders import HARBOUR, NOW, RecordingEngine, add_article, add_document, add_person
from tests.servers.deepl_stand_in import KEY, DeepLStandIn

from ivpipe.engines import EngineResult
from ivpipe.engines.deepl import DeepL
from ivpipe.errors import (
    BudgetSpent,
    EngineAuth,
    EngineError,
    EnginePermanent,
    EngineQuota,
    EngineRate,
    EngineUnavailable,
    EngineUnsupported,
    NotFound,
)
from ivpipe.model import Article, Block, BlockType, Draft, EngineUse, State, Translation
from ivpipe.model.languages import LanguagePair
from ivpipe.model.lifecycle import Role
from ivpipe.steps import answers, review
from ivpipe.steps.cost import Terms, billed_this_month, budget_state
from ivpipe.steps.draft import draft_translation
from ivpipe.steps.estimate import Estimate, estimate_articles
from ivpipe.store import Store
from ivpipe.text.inline import plain_text
from ivpipe.text.segments import split_document
from ivpipe.text.sentences import sentence_starts

HOUR = timedelta(hours=1)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeepLStandIn]:
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    monkeypatch.setattr(deepl.http_client, "max_network_retries", 0)
    with DeepLStandIn() as running:
        yield running


@pytest.fixture
def engine(service: DeepLStandIn, tmp_path: Path) -> Iterator[DeepL]:
    engine = DeepL(DeepL.Settings(server_url=service.url), data_dir=tmp_path)
    yield engine
    service.released.set()
    engine.close()


def segments_of(store: Store, translation_id: int = 1) -> list[tuple[str, str, str]]:
    with store.read() as session:
        draft = review.newest_draft(session, session.get_one(Translation, translation_id))
        return [(plain_text(row.source), row.engine, row.origin.value) for row in draft.segments]


def change_source(store: Store, article_id: int, **changes: object) -> None:
    with store.write() as session:
        article = session.get_one(Article, article_id)
        add_document(session, article, replace(HARBOUR, **changes))  # type: ignore[arg-type]
        review.source_changed(session, article, NOW)


def test_article_is_billed_once_then_only_its_changed_paragraph(
    store: Store, engine: DeepL, service: DeepLStandIn
) -> None:
    add_article(store)
    unique = {plain_text(segment.source) for segment in split_document(HARBOUR, sentence_starts)}
    first = draft_translation(store, 1, [engine], NOW, "w")
    assert service.count == first.billed == sum(map(len, unique))

    change_source(store, 1)
    assert draft_translation(store, 1, [engine], NOW, "w").outcome == "drafted"
    assert service.count == first.billed, "an unchanged article bills nothing"

    blocks = list(HARBOUR.blocks)
    blocks[2] = Block(BlockType.PARAGRAPH, "On ne lit plus rien. La pluie a cessé.")
    change_source(store, 1, blocks=tuple(blocks))
    changed = draft_translation(store, 1, [engine], NOW, "w")
    assert changed.billed == len("On ne lit plus rien.") + len("La pluie a cessé.")
    assert service.count == first.billed + changed.billed


def test_sentence_of_two_articles_is_billed_once(store: Store, engine: DeepL, service: DeepLStandIn) -> None:
    add_article(store)
    add_article(store, replace(HARBOUR, url="https://semaine.example/autre", title="Un autre titre"))
    first = draft_translation(store, 1, [engine], NOW, "w")
    second = draft_translation(store, 2, [engine], NOW, "w")
    assert second.billed == len("Un autre titre")
    assert service.count == first.billed + second.billed
    with store.read() as session:
        draft = session.scalars(select(Draft).where(Draft.translation_id == 2)).one()
        unique = {plain_text(segment.source) for segment in split_document(HARBOUR, sentence_starts)} - {HARBOUR.title}
        assert (draft.saved, draft.cached) == (0, sum(map(len, unique)))


def test_death_between_two_requests_bills_nothing_twice(store: Store, service: DeepLStandIn, tmp_path: Path) -> None:
    engine = DeepL(DeepL.Settings(server_url=service.url), data_dir=tmp_path)
    blocks = tuple(Block(BlockType.PARAGRAPH, f"Ceci est la phrase numéro {number}.") for number in range(120))
    add_article(store, replace(HARBOUR, blocks=blocks))
    service.faults.extend(["", "503"])
    with pytest.raises(EngineError, match="Service unavailable"):
        draft_translation(store, 1, [engine], NOW, "w")
    assert draft_translation(store, 1, [engine], NOW + HOUR, "w").outcome == "drafted"
    document = replace(HARBOUR, blocks=blocks)
    unique = {plain_text(segment.source) for segment in split_document(document, sentence_starts)}
    assert service.count == sum(map(len, unique))
    with store.read() as session:
        assert sum(session.scalars(select(EngineUse.billed))) == service.count
    engine.close()


def test_setting_that_changes_the_answer_is_asked_for_anew(store: Store) -> None:
    add_article(store)
    add_article(store, replace(HARBOUR, url="https://semaine.example/autre"))
    engine = RecordingEngine()
    sent = draft_translation(store, 1, [engine], NOW, "w").sent
    engine.setting = "glossary 2"
    assert draft_translation(store, 2, [engine], NOW, "w").sent == sent


@pytest.mark.parametrize("kind", [EngineAuth, EngineQuota, EngineUnsupported, EnginePermanent])
def test_next_engine_takes_over_where_the_first_cannot_go_on(store: Store, kind: type[EngineError]) -> None:
    add_article(store)
    first, second = RecordingEngine(name="first"), RecordingEngine(name="second")
    first.fail_after, first.failure = 6, kind("no more")
    drafted = draft_translation(store, 1, [first, second], NOW, "w")
    assert drafted.engine == "first, second"
    assert (len(first.sent), len(second.sent)) == (6, 3)
    assert set(first.sent).isdisjoint(second.sent)
    assert {engine for _, engine, _ in segments_of(store)} == {"first", "second"}
    with store.read() as session:
        assert session.scalars(select(Draft.engine)).one() == "first, second"

    add_article(store, replace(HARBOUR, url="https://semaine.example/autre", title="Neuf"))
    second.unusable = "gone"
    first.unusable = "no more"
    with pytest.raises(EngineUnavailable, match="first: no more; second: gone"):
        draft_translation(store, 2, [first, second], NOW, "w")
    second.unusable = None
    second.sent.clear()
    again = draft_translation(store, 2, [first, second], NOW + 30 * HOUR, "w")
    assert (again.engine, second.sent) == ("first, second", ["Neuf"]), "what the first was paid for is used"


def test_outage_waits_for_the_same_engine(store: Store) -> None:
    add_article(store)
    first, second = RecordingEngine(name="first"), RecordingEngine(name="second")
    first.fail_after, first.failure = 3, EngineRate("slow down", retry_after=5000)
    with pytest.raises(EngineRate):
        draft_translation(store, 1, [first, second], NOW, "w")
    assert second.sent == []
    with store.read() as session:
        retry_at = session.get_one(Translation, 1).retry_at
        assert retry_at is not None
        assert retry_at - NOW >= timedelta(seconds=4000)


def test_last_engine_that_cannot_go_on_is_what_the_translation_waits_for(store: Store) -> None:
    add_article(store)
    first = RecordingEngine(name="first")
    first.fail_after, first.failure = 3, EngineQuota("the quota is used up")
    with pytest.raises(EngineQuota, match="the quota is used up"):
        draft_translation(store, 1, [first, RecordingEngine(name="second", unusable="no model")], NOW, "w")
    with store.read() as session:
        translation = session.get_one(Translation, 1)
        assert (translation.state, translation.revision) == (State.PENDING, 0)
        assert "quota is used up" in translation.last_error


def test_text_one_engine_refuses_goes_to_the_next(store: Store) -> None:
    add_article(store)
    first, second = RecordingEngine(name="first"), RecordingEngine(name="second")
    first.refused["On tient."] = EnginePermanent("no")
    drafted = draft_translation(store, 1, [first, second], NOW, "w")
    assert (drafted.engine, second.sent) == ("first, second", ["On tient."])


def test_text_for_which_a_batch_is_refused_is_given_up_alone(store: Store) -> None:
    add_article(store)
    first, second = RecordingEngine(name="first", max_texts=50), RecordingEngine(name="second")
    first.spoiling["On tient."] = EnginePermanent("HTTP 413: too long")
    drafted = draft_translation(store, 1, [first, second], NOW, "w")
    assert (drafted.engine, second.sent) == ("first, second", ["On tient."])
    assert len(first.sent) == len(set(first.sent)) == 9, "a harmless text, and the eight others once each"
    with store.read() as session:
        assert (
            sum(session.scalars(select(EngineUse.billed)))
            == drafted.billed
            == sum(map(len, [*first.sent, "On tient."]))
        )


def test_outage_while_a_refused_batch_is_taken_apart_keeps_what_came(store: Store) -> None:
    add_article(store)
    engine = RecordingEngine(max_texts=50)
    engine.spoiling |= {"On tient.": EnginePermanent("HTTP 413: too long")}
    with pytest.raises(EngineRate):
        engine.fail_after, engine.failure = 2, EngineRate("slow down")
        draft_translation(store, 1, [engine], NOW, "w")
    sent = set(engine.sent)
    engine.fail_after = None
    engine.spoiling.clear()
    engine.sent.clear()
    assert draft_translation(store, 1, [engine], NOW + HOUR, "w").outcome == "drafted"
    assert sent.isdisjoint(engine.sent)


def test_outage_at_one_text_keeps_the_others_and_waits(store: Store) -> None:
    add_article(store)
    engine = RecordingEngine(max_texts=50)
    engine.refused["On tient."] = EngineRate("slow down")
    with pytest.raises(EngineRate):
        draft_translation(store, 1, [engine], NOW, "w")
    engine.refused.clear()
    engine.sent.clear()
    assert draft_translation(store, 1, [engine], NOW + HOUR, "w").outcome == "drafted"
    assert engine.sent == ["On tient."]


def test_engine_that_takes_its_time_does_not_lose_the_translation(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease would have run out; another worker asks for it while the engine is at work."""
    monkeypatch.setattr(answers, "_RENEW_SECONDS", 0.02)
    add_article(store)

    class Slow(RecordingEngine):
        def translate(self, *asked: Any) -> list[EngineResult]:
            for _ in range(500):
                with store.read() as session:
                    until = session.get_one(Translation, 1).lease_until
                if until is not None and until > datetime.now(UTC):
                    break
                time.sleep(0.01)
            assert draft_translation(store, 1, [RecordingEngine()], datetime.now(UTC), "other").outcome == "busy"
            return super().translate(*asked)

    assert draft_translation(store, 1, [Slow(max_texts=50)], datetime.now(UTC) - HOUR, "w").outcome == "drafted"
    with store.read() as session:
        assert session.get_one(Translation, 1).lease_owner == ""


def test_pair_has_an_order_of_its_own(store: Store) -> None:
    add_article(store)
    engines = [RecordingEngine(name=name) for name in ("first", "second", "third")]
    terms = Terms(order=("first",), pairs={"fr-en": ("third", "second")})
    assert draft_translation(store, 1, engines, NOW, "w", terms).engine == "third"
    assert [engine.name for engine in terms.engines_for(engines, LanguagePair("es", "en"))] == ["first"]
    assert terms.engines_for(engines, LanguagePair("fr-FR", "en-GB")) == engines[:0:-1]
    assert Terms().engines_for(engines, LanguagePair("fr", "en")) == engines


def test_budget_refuses_before_anything_is_sent(store: Store, engine: DeepL, service: DeepLStandIn) -> None:
    add_article(store)
    [estimate] = estimate_articles(store, [], [], [engine], Terms())
    short = Terms(monthly=estimate.billed - 1)
    with pytest.raises(
        BudgetSpent, match=f"of {estimate.billed - 1} characters there is {estimate.billed - 1}"
    ) as caught:
        draft_translation(store, 1, [engine, RecordingEngine()], NOW, "w", short)
    assert not caught.value.retryable
    assert (service.count, service.requests) == (0, [])
    with store.read() as session:
        assert "raise budget.monthly" in session.get_one(Translation, 1).last_error

    enough = Terms(monthly=estimate.billed)
    assert draft_translation(store, 1, [engine], NOW + 30 * HOUR, "w", enough).billed == estimate.billed
    with store.read() as session:
        billed = billed_this_month(session, NOW + 31 * HOUR)
        assert billed == {"deepl": estimate.billed}
        assert budget_state(enough, billed).stop == "hard"
        assert billed_this_month(session, NOW + timedelta(days=40)) == {}


def test_budget_in_money_counts_what_each_engine_costs() -> None:
    terms = Terms(prices={"deepl": 20.0, "openai": 5.0}, monthly=10, unit="money", currency="EUR")
    assert [budget_state(terms, {"deepl": number}).stop for number in (399_999, 400_000, 500_000)] == [
        "",
        "soft",
        "hard",
    ]
    state = budget_state(terms, {"deepl": 250_000, "openai": 800_000, "libretranslate": 9_000_000})
    assert (state.used, state.left, state.stop) == (9.0, 1.0, "soft")
    assert state.text == "90% of the month's budget used (9.00 EUR of 10.00 EUR)"
    assert budget_state(Terms(), {"deepl": 10**9}).stop == ""


def test_month_begins_in_utc(store: Store) -> None:
    with store.write() as session:
        for at in (datetime(2026, 6, 30, 23, 59, tzinfo=UTC), datetime(2026, 7, 1, 0, 0, tzinfo=UTC)):
            session.add(EngineUse(engine="deepl", segments=1, characters=7, billed=7, at=at))
    with store.read() as session:
        assert billed_this_month(session, NOW) == {"deepl": 7}


def test_estimate_is_what_is_billed_then(store: Store, engine: DeepL, service: DeepLStandIn) -> None:
    add_article(store)
    add_article(store, replace(HARBOUR, url="https://semaine.example/autre", title="Un autre titre"), selected=False)
    terms = Terms(prices={"deepl": 20.0})
    whole = sum(len(plain_text(segment.source)) for segment in split_document(HARBOUR, sentence_starts))
    first, second = estimate_articles(store, [1, 2], ["en"], [engine], terms)
    assert (first.characters, first.saved, first.cached, first.engine) == (whole, 0, 0, "deepl")
    assert (second.billed, second.cached) == (len("Un autre titre"), first.billed - len(HARBOUR.title))
    assert first.price == 20.0 * first.billed / 1_000_000
    assert service.requests == []
    assert estimate_articles(store, [], ["en"], [engine], terms) == [first]

    assert draft_translation(store, 1, [engine], NOW, "w").billed == first.billed == service.count
    [done] = estimate_articles(store, [1], ["en"], [engine], terms)
    assert done == Estimate(1, HARBOUR.title, "en", problem="nothing to do: it is drafted")
    with pytest.raises(NotFound, match="there is no article 7"):
        estimate_articles(store, [7], ["en"], [engine], terms)


def test_estimate_counts_what_the_memory_saves_and_says_why_nothing_can_be_done(store: Store) -> None:
    add_article(store)
    engine = RecordingEngine()
    draft_translation(store, 1, [engine], NOW, "w")
    translator, editor = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "ed", Role.EDITOR)
    review.claim(store, 1, translator, HOUR, NOW)
    review.submit(store, 1, translator, "", NOW)
    review.approve(store, 1, editor, review.Policy(), [], "", NOW)
    other = replace(HARBOUR, url="https://semaine.example/autre", title="Un autre titre")
    add_article(store, other)
    engine.setting = "another"
    [estimate] = estimate_articles(store, [], ["en"], [engine], Terms())
    assert (estimate.billed, estimate.cached) == (len("Un autre titre"), 0)
    assert estimate.saved == estimate.characters - len("Un autre titre")
    drafted = draft_translation(store, 2, [engine], NOW, "w")
    with store.read() as session:
        draft = session.scalars(select(Draft).where(Draft.translation_id == 2)).one()
        assert (draft.saved, drafted.sent) == (estimate.saved, 1)

    add_article(store, replace(HARBOUR, url="https://semaine.example/trois", title="Trois"))
    [stuck] = estimate_articles(store, [3], ["en"], [RecordingEngine(unusable="no key")], Terms())
    assert (stuck.billed, stuck.engine) == (0, "")
    assert "recording: no key" in stuck.problem
