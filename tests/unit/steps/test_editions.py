"""Editions: which number an article belongs to, by the calendar and by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.builders import NOW, RecordingEngine, add_article

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Magazine, SourceCredit, Translation
from ivpipe.model.magazine import Editions
from ivpipe.steps import editions as step
from ivpipe.steps.draft import draft_translation
from ivpipe.steps.imprint import Imprint
from ivpipe.store import Store

LABEL = {"en": "IVP{number} – {month} {year}", "fr": "IVP{number}, {month} {year}"}
PARIS = ZoneInfo("Europe/Paris")


def imprint(kind: Any = "calendar", **settings: Any) -> Imprint:
    return Imprint(
        Magazine(name="The Ferry"),
        lambda slug: SourceCredit(slug=slug, name=slug, url=""),
        editions=Editions(kind=kind, label=LABEL, first=605, **settings),
        timezone=PARIS,
    )


def published(store: Store, now: datetime, of: Imprint, lang: str = "en") -> str:
    """The label of a new article's page that is published at a time."""
    with store.write() as session:
        number = session.query(Translation).count() + 1
    article = add_article(store, languages=[lang]) if number == 1 else None
    with store.write() as session:
        translation = (
            session.query(Translation).filter_by(article_id=article).one()
            if article
            else Translation(article_id=1, lang=f"{lang}-{number}", created_at=now, changed_at=now)
        )
        session.add(translation)
        step.settle_edition(session, translation, of, now)
        session.flush()
        edition = translation.edition
        return step.edition_label(of, edition, lang) if edition else ""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def test_the_calendar_opens_a_number_each_month(store: Store) -> None:
    of = imprint()
    assert published(store, at("2025-06-03T10:00"), of) == "IVP605 – June 2025"
    assert published(store, at("2025-06-30T23:59"), of) == "IVP605 – June 2025"
    assert published(store, at("2025-07-01T00:00"), of, "fr") == "IVP606, juillet 2025"
    assert published(store, at("2025-10-09T00:00"), of) == "IVP607 – October 2025"
    assert [(one.number, one.month, one.closed_at) for one in step.editions(store)] == [
        (607, date(2025, 10, 1), at("2025-11-01T00:00")),
        (606, date(2025, 7, 1), at("2025-08-01T00:00")),
        (605, date(2025, 6, 1), at("2025-07-01T00:00")),
    ]


def test_a_number_closed_early_is_followed_by_the_next_months(store: Store) -> None:
    of = imprint()
    published(store, at("2025-06-03T10:00"), of)
    assert step.close_edition(store, at("2025-06-20T10:00")).number == 605
    with pytest.raises(NotFound):
        step.close_edition(store, at("2025-06-20T10:00"))
    assert published(store, at("2025-06-21T10:00"), of) == "IVP606 – July 2025"
    assert published(store, at("2025-07-30T10:00"), of) == "IVP606 – July 2025"
    assert published(store, at("2025-08-01T10:00"), of) == "IVP607 – August 2025"


def test_a_number_may_be_opened_again_and_stays_so_until_it_is_closed(store: Store) -> None:
    of = imprint()
    published(store, at("2025-06-03T10:00"), of)
    published(store, at("2025-07-01T10:00"), of)
    step.open_edition(store, of, at("2025-07-02T10:00"), number=605)
    with pytest.raises(Refused):
        step.open_edition(store, of, at("2025-07-02T10:00"), number=605)
    assert published(store, at("2025-07-31T10:00"), of) == "IVP605 – June 2025"
    step.close_edition(store, at("2025-08-02T10:00"))
    assert published(store, at("2025-08-03T10:00"), of) == "IVP607 – August 2025"


def test_by_hand_nothing_opens_by_itself(store: Store) -> None:
    of = imprint("hand")
    assert published(store, NOW, of) == ""
    step.open_edition(store, of, NOW, month=date(2026, 6, 1))
    assert published(store, NOW, of) == "IVP605 – June 2026"
    step.open_edition(store, of, NOW, title="Special: ports")
    assert published(store, at("2027-01-01T00:00"), of) == "Special: ports"
    step.close_edition(store, NOW)
    assert published(store, NOW, of) == ""


def test_an_article_stays_in_its_number(store: Store) -> None:
    of = imprint()
    published(store, at("2025-06-03T10:00"), of)
    with store.write() as session:
        translation = session.get_one(Translation, 1)
        step.settle_edition(session, translation, of, at("2025-09-01T10:00"))
        assert translation.edition is not None
        assert translation.edition.number == 605
    published(store, at("2025-07-01T10:00"), of)
    step.move_to_edition(store, 1, 606)
    with store.read() as session:
        assert step.edition_for(session, session.get_one(Translation, 1), of, NOW).number == 606  # type: ignore[union-attr]
    with pytest.raises(NotFound, match="there is no number 7"):
        step.move_to_edition(store, 1, 7)


def test_only_languages_that_have_numbers_belong_to_one(store: Store) -> None:
    of = imprint(languages=("fr",))
    assert published(store, NOW, of, "en") == ""
    assert published(store, NOW, of, "fr") == "IVP605, juillet 2026"


def test_looking_at_a_preview_opens_nothing(store: Store) -> None:
    add_article(store)
    draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    with store.write() as session:
        edition = step.edition_for(session, session.get_one(Translation, 1), imprint(), NOW)
        assert edition is not None
        assert step.edition_label(imprint(), edition, "en") == "IVP605 – July 2026"
    assert step.editions(store) == []
