from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import NOW, Died, MemoryPublisher, RecordingEngine, add_article, add_person

from ivpipe.errors import PublishError, Refused
from ivpipe.model import Magazine, Publication, SourceCredit
from ivpipe.model.lifecycle import Actor, Policy, Role
from ivpipe.steps import draft as drafting
from ivpipe.steps import publish as step
from ivpipe.steps import review
from ivpipe.store import Store

HOLD = timedelta(hours=1)
LATER = NOW + timedelta(days=1)
MAGAZINE = Magazine(name="The <Review>", attribution="Translated by {magazine} ({translator}) from {partner}.")


def credit_of(slug: str) -> SourceCredit:
    return SourceCredit(slug=slug, name="La Semaine", url="https://semaine.example/")


def approved(store: Store) -> Actor:
    add_article(store)
    drafting.draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    tess, edith = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "edith", Role.EDITOR)
    review.claim(store, 1, tess, HOLD, NOW)
    review.submit(store, 1, tess, "", NOW)
    review.approve(store, 1, edith, Policy(), ["site"], "", NOW)
    return edith


def publish(store: Store, publisher: MemoryPublisher, now: object = NOW) -> step.Published:
    return step.publish(store, 1, publisher, MAGAZINE, credit_of, now, "w")  # type: ignore[arg-type]


def revisions(store: Store) -> tuple[int | None, int | None]:
    with store.read() as session:
        row = session.get_one(Publication, 1)
        return row.wanted_revision, row.live_revision


def test_publish_makes_the_page_whole_and_once(store: Store) -> None:
    approved(store)
    publisher = MemoryPublisher()
    assert step.due_publications(store, ["site"], NOW) == [(1, "site")]
    assert step.due_publications(store, ["other"], NOW) == []

    assert publish(store, publisher) == step.Published("published", "https://site.example/au-port-la-greve-tient-1")

    assert revisions(store) == (1, 1)
    page = publisher.pages["ivpipe-1-en"]
    assert page.document.title == "AU PORT, LA GRÈVE TIENT"
    assert page.document.lang == "en"
    assert page.document.blocks[2].html == (
        'ON LIT <a href="https://semaine.example/appel">L’APPEL</a> DU 12 JUIN. ON TIENT.'
    )
    assert page.attribution_html == (
        "Translated by <strong>The &lt;Review&gt;</strong> (<strong>Tess</strong>) from <strong>La Semaine</strong>."
    )
    assert (page.byline, page.original_url) == (("Claire Morvan",), "https://semaine.example/port")
    assert publish(store, publisher).outcome == "not due"
    assert publisher.saves == 1


def test_publish_that_fails_is_tried_again_and_says_why(store: Store) -> None:
    approved(store)
    publisher = MemoryPublisher()
    publisher.fail = True
    with pytest.raises(PublishError):
        publish(store, publisher)
    with store.read() as session:
        assert session.get_one(Publication, 1).last_error == "the site is down"
    assert step.due_publications(store, ["site"], NOW) == []
    publisher.fail = False
    publish(store, publisher, LATER)
    assert revisions(store) == (1, 1)


def test_publish_worker_that_dies_after_the_remote_save_leaves_one_page(store: Store) -> None:
    approved(store)
    publisher = MemoryPublisher()
    publisher.die_after_save = True
    with pytest.raises(Died):
        publish(store, publisher)
    assert revisions(store) == (1, None)
    publisher.die_after_save = False
    later = NOW + timedelta(minutes=6)
    other = step.publish(store, 1, publisher, MAGAZINE, credit_of, NOW, "another worker")
    assert other.outcome == "busy", "the dead worker's lease still runs"
    assert step.publish(store, 1, publisher, MAGAZINE, credit_of, later, "another worker").outcome == "published"
    assert list(publisher.pages) == ["ivpipe-1-en"]


def test_withdraw_and_put_back(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    step.withdraw(store, 1, edith, NOW)
    assert publish(store, publisher).outcome == "withdrawn"
    assert (publisher.pages, revisions(store)) == ({}, (None, None))
    step.publish_again(store, 1, edith, NOW)
    assert publish(store, publisher).outcome == "published"


def test_withdraw_by_a_translator_is_refused(store: Store) -> None:
    approved(store)
    with pytest.raises(Refused):
        step.withdraw(store, 1, Actor(1, "Tess", frozenset({Role.TRANSLATOR})), NOW)


def test_approval_during_publishing_is_not_lost(store: Store) -> None:
    edith = approved(store)

    class Slow(MemoryPublisher):
        def upsert(self, key: str, page: object) -> object:  # type: ignore[override]
            if not self.pages:
                review.claim(store, 1, edith, HOLD, NOW)
                review.submit(store, 1, edith, "", NOW)
                review.approve(store, 1, edith, Policy(four_eyes=False), ["site"], "", NOW)
            return super().upsert(key, page)  # type: ignore[arg-type]

    publisher = Slow()
    publish(store, publisher)
    assert revisions(store) == (2, 1)
    publish(store, publisher)
    assert revisions(store) == (2, 2)
    assert publisher.pages["ivpipe-1-en"].revision == 2


def test_attribution_with_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(PublishError, match="use {magazine}"):
        step.attribution("By {nobody}", MAGAZINE, credit_of("x"), "")
