from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.builders import NOW, Died, MemoryPublisher, RecordingEngine, add_article, add_person

from ivpipe.errors import NotFound, PublishAuth, PublishError, PublishTransient, Refused, RemoteConflict
from ivpipe.model import DraftSegment, Magazine, Page, Publication, Sibling, SourceCredit, Translation
from ivpipe.model.lifecycle import Actor, Policy, Role
from ivpipe.publishers import RemoteRef
from ivpipe.steps import draft as drafting
from ivpipe.steps import publications, review
from ivpipe.steps import publish as step
from ivpipe.steps.imprint import Imprint
from ivpipe.store import Store

HOLD = timedelta(hours=1)
LATER = NOW + timedelta(days=1)
MAGAZINE = Magazine(name="The <Review>", attribution="Translated by {magazine} ({translator}) from {partner}.")


def credit_of(slug: str) -> SourceCredit:
    return SourceCredit(slug=slug, name="La Semaine", url="https://semaine.example/")


IMPRINT = Imprint(MAGAZINE, credit_of, "site")


def approved(store: Store) -> Actor:
    add_article(store)
    drafting.draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    tess, edith = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "edith", Role.EDITOR)
    review.claim(store, 1, tess, HOLD, NOW)
    review.submit(store, 1, tess, "", NOW)
    review.approve(store, 1, edith, Policy(), ["site"], "", NOW)
    return edith


def approve_once_more(store: Store, editor: Actor) -> None:
    review.claim(store, 1, editor, HOLD, NOW)
    review.submit(store, 1, editor, "", NOW)
    review.approve(store, 1, editor, Policy(four_eyes=False), ["site"], "", NOW)


def publish(store: Store, publisher: MemoryPublisher, now: object = NOW) -> step.Published:
    return step.publish(store, 1, publisher, IMPRINT, now, "w")  # type: ignore[arg-type]


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
    publisher.failure = PublishTransient("the site is down")
    with pytest.raises(PublishError):
        publish(store, publisher)
    with store.read() as session:
        assert session.get_one(Publication, 1).last_error == "the site is down"
    assert step.due_publications(store, ["site"], NOW) == []
    publisher.failure = None
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
    other = step.publish(store, 1, publisher, IMPRINT, NOW, "another worker")
    assert other.outcome == "busy", "the dead worker's lease still runs"
    assert step.publish(store, 1, publisher, IMPRINT, later, "another worker").outcome == "published"
    assert list(publisher.pages) == ["ivpipe-1-en"]


def test_withdraw_and_put_back(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    publications.withdraw(store, 1, edith, NOW)
    assert publish(store, publisher).outcome == "withdrawn"
    assert (publisher.pages, revisions(store)) == ({}, (None, None))
    publications.publish_again(store, 1, edith, NOW)
    assert publish(store, publisher).outcome == "published"


def test_withdraw_by_a_translator_is_refused(store: Store) -> None:
    approved(store)
    with pytest.raises(Refused):
        publications.withdraw(store, 1, Actor(1, "Tess", frozenset({Role.TRANSLATOR})), NOW)


def test_approval_during_publishing_is_not_lost(store: Store) -> None:
    edith = approved(store)

    class Slow(MemoryPublisher):
        def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
            if not self.pages:
                approve_once_more(store, edith)
            return super().upsert(key, page, known)

    publisher = Slow()
    publish(store, publisher)
    assert revisions(store) == (2, 1)
    publish(store, publisher)
    assert revisions(store) == (2, 2)
    assert publisher.pages["ivpipe-1-en"].revision == 2


def edited_by_people(store: Store) -> tuple[MemoryPublisher, Actor]:
    """A published page that people changed on the site, and a new revision that therefore could not be sent."""
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    page = publisher.pages["ivpipe-1-en"]
    publisher.pages["ivpipe-1-en"] = replace(page, document=replace(page.document, title="Mended on the site"))
    approve_once_more(store, edith)
    with pytest.raises(RemoteConflict):
        publish(store, publisher)
    return publisher, edith


def test_a_rehearsal_foretells_what_people_changed_on_the_site(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    approve_once_more(store, edith)
    assert step.rehearse(store, 1, publisher, IMPRINT, NOW).outcome == "update"
    page = publisher.pages["ivpipe-1-en"]
    publisher.pages["ivpipe-1-en"] = replace(page, document=replace(page.document, title="Mended on the site"))
    assert step.rehearse(store, 1, publisher, IMPRINT, NOW).outcome == "conflict"
    with pytest.raises(RemoteConflict):
        publish(store, publisher)


def test_what_people_changed_on_the_site_waits_for_an_editor(store: Store) -> None:
    publisher, _ = edited_by_people(store)
    assert publisher.pages["ivpipe-1-en"].document.title == "Mended on the site"
    with store.read() as session:
        row = session.get_one(Publication, 1)
        assert row.conflict == {
            "theirs": "Mended on the site",
            "ours": "AU PORT, LA GRÈVE TIENT",
            "url": "https://site.example/au-port-la-greve-tient-1",
            "fingerprint": publisher.pages["ivpipe-1-en"].document.content_hash(),
            "revision": 2,
            "at": NOW.isoformat(),
        }
    assert step.due_publications(store, ["site"], LATER) == [], "it is never tried again by itself"
    assert publish(store, publisher, LATER).outcome == "not due"


def test_ours_is_published_over_what_the_editor_was_shown(store: Store) -> None:
    publisher, edith = edited_by_people(store)
    publications.publish_ours(store, 1, edith)
    assert publish(store, publisher).outcome == "published"
    assert publisher.pages["ivpipe-1-en"].document.title == "AU PORT, LA GRÈVE TIENT"
    assert revisions(store) == (2, 2)


def test_ours_is_not_published_over_what_changed_after_that(store: Store) -> None:
    publisher, edith = edited_by_people(store)
    publications.publish_ours(store, 1, edith)
    page = publisher.pages["ivpipe-1-en"]
    publisher.pages["ivpipe-1-en"] = replace(page, document=replace(page.document, title="Mended once more"))
    with pytest.raises(RemoteConflict):
        publish(store, publisher)


def test_theirs_is_kept_until_the_next_revision_asks_again(store: Store) -> None:
    publisher, edith = edited_by_people(store)
    publications.keep_theirs(store, 1, edith)
    assert revisions(store) == (1, 1)
    with store.read() as session:
        assert session.get_one(Publication, 1).conflict["kept"] is True  # type: ignore[index]
    approve_once_more(store, edith)
    with pytest.raises(RemoteConflict):
        publish(store, publisher)
    publications.keep_theirs(store, 1, edith)
    publications.publish_ours(store, 1, edith)
    assert publish(store, publisher).outcome == "published", "an editor may think better of it"
    assert revisions(store) == (3, 3)
    with pytest.raises(Refused):
        publications.keep_theirs(store, 1, edith)


def test_a_save_that_was_cut_off_is_ended_before_the_next_is_sent(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    with store.write() as session:
        session.query(DraftSegment).filter_by(part="title").one().target = "Another title"
    approve_once_more(store, edith)
    publisher.die_after_save = True
    with pytest.raises(Died):
        publish(store, publisher)
    publisher.die_after_save = False
    approve_once_more(store, edith)
    with store.write() as session:
        newest = session.query(DraftSegment).filter_by(draft_id=3, part="title").one()
        newest.target = "Yet another title"
    later = NOW + timedelta(minutes=6)
    assert publish(store, publisher, later).outcome == "published"
    assert revisions(store) == (3, 2)
    assert publish(store, publisher, later).outcome == "published"
    assert (revisions(store), publisher.pages["ivpipe-1-en"].revision) == ((3, 3), 3)


def test_a_chosen_time_is_waited_for(store: Store) -> None:
    approved(store)
    with store.write() as session:
        session.get_one(Publication, 1).publish_at = LATER
    publisher = MemoryPublisher()
    assert step.due_publications(store, ["site"], LATER - timedelta(seconds=1)) == []
    assert publish(store, publisher, LATER - timedelta(seconds=1)).outcome == "not due"
    assert step.due_publications(store, ["site"], LATER) == [(1, "site")]
    assert publish(store, publisher, LATER).outcome == "published"
    assert publisher.pages["ivpipe-1-en"].published_at == LATER


def test_a_page_put_back_is_known_by_its_id(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    publications.withdraw(store, 1, edith, NOW)
    publish(store, publisher)
    with store.read() as session:
        row = session.get_one(Publication, 1)
        assert step.known_ref(row) == RemoteRef(
            "ivpipe-1-en", "https://site.example/au-port-la-greve-tient-1", None, row.fingerprint
        )


def test_siblings_are_what_is_live_on_the_same_target(store: Store) -> None:
    approved(store)
    with store.write() as session:
        for lang, target, live in (("de", "site", 1), ("es", "site", None), ("it", "other", 1)):
            other = Translation(article_id=1, lang=lang, slug=f"hafen-{lang}", created_at=NOW, changed_at=NOW)
            session.add(other)
            session.flush()
            ledger = {"remote_id": f"{lang}-7", "remote_url": f"https://site.example/{lang}"}
            session.add(Publication(translation_id=other.id, target=target, live_revision=live, **ledger))
    publisher = MemoryPublisher()
    publish(store, publisher)
    assert publisher.pages["ivpipe-1-en"].siblings == (Sibling("de", "hafen-de", "de-7", "https://site.example/de"),)


def test_live_pages_in_other_languages_are_sent_again_when_one_comes_moves_or_goes(store: Store) -> None:
    editor = approved(store)
    with store.write() as session:
        for lang, target, live in (("de", "site", 1), ("es", "site", None), ("it", "other", 1)):
            other = Translation(article_id=1, lang=lang, created_at=NOW, changed_at=NOW)
            session.add(other)
            session.flush()
            session.add(Publication(translation_id=other.id, target=target, live_revision=live, wanted_revision=live))
    publisher = MemoryPublisher()

    def sent_again() -> list[str]:
        with store.write() as session:
            rows = session.scalars(select(Publication).where(Publication.sending_revision.is_not(None))).all()
            found = [f"{row.translation.lang} on {row.target}" for row in rows]
            for row in rows:
                row.sending_revision = None
        return found

    publish(store, publisher)
    assert sent_again() == ["de on site"]
    approve_once_more(store, editor)
    publish(store, publisher)
    assert sent_again() == []
    publications.withdraw(store, 1, editor, NOW)
    publish(store, publisher)
    assert sent_again() == ["de on site"]


def two_due(store: Store) -> None:
    """Two publications that wait to be sent to the same target, and one to another."""
    approved(store)
    with store.write() as session:
        for lang, target in (("de", "site"), ("es", "other")):
            other = Translation(article_id=1, lang=lang, created_at=NOW, changed_at=NOW)
            session.add(other)
            session.flush()
            session.add(Publication(translation_id=other.id, target=target, wanted_revision=1, wanted_at=LATER))


def waiting(store: Store) -> list[tuple[int, str, bool]]:
    with store.read() as session:
        rows = session.query(Publication).order_by(Publication.id)
        return [(row.id, row.last_error, row.retry_at is not None) for row in rows]


@pytest.mark.parametrize("failure", [PublishAuth("the login is refused"), PublishTransient("the site is down")])
def test_a_target_that_refuses_us_is_left_alone_with_its_other_pages(store: Store, failure: PublishError) -> None:
    two_due(store)
    publisher = MemoryPublisher()
    publisher.failure = failure
    with pytest.raises(PublishError):
        publish(store, publisher)
    why = str(failure)
    assert waiting(store) == [(1, why, True), (2, why, True), (3, "", False)]
    assert step.due_publications(store, ["site", "other"], NOW) == [(3, "other")]

    publisher.failure = None
    publish(store, publisher)
    assert waiting(store) == [(1, "", False), (2, "", False), (3, "", False)]


def test_a_page_the_target_does_not_take_holds_up_no_other(store: Store) -> None:
    two_due(store)
    publisher = MemoryPublisher()
    publisher.failure = PublishError("the title is too long")
    with pytest.raises(PublishError):
        publish(store, publisher)
    assert waiting(store) == [(1, "the title is too long", True), (2, "", False), (3, "", False)]


def test_a_target_is_given_its_pace(store: Store) -> None:
    approved(store)
    assert step.pause(store, "site", 30.0, NOW) == 0.0
    publish(store, MemoryPublisher())
    assert step.pause(store, "site", 30.0, NOW) == 30.0
    assert step.pause(store, "site", 30.0, NOW + timedelta(seconds=20)) == 10.0
    assert step.pause(store, "site", 0.0, NOW) == 0.0
    assert step.pause(store, "other", 30.0, NOW) == 0.0


def test_an_update_called_off_after_half_a_save_is_taken_back(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publish(store, publisher)
    approve_once_more(store, edith)
    publisher.die_after_save = True
    with pytest.raises(Died):
        publish(store, publisher)
    publisher.die_after_save = False
    publications.cancel(store, 1, edith)
    later = NOW + timedelta(minutes=6)
    while step.due_publications(store, ["site"], later):
        publish(store, publisher, later)
    assert (revisions(store), publisher.pages["ivpipe-1-en"].revision) == ((1, 1), 1)


def test_a_first_page_called_off_after_half_a_save_is_taken_away(store: Store) -> None:
    edith = approved(store)
    publisher = MemoryPublisher()
    publisher.die_after_save = True
    with pytest.raises(Died):
        publish(store, publisher)
    publisher.die_after_save = False
    publications.cancel(store, 1, edith)
    assert publish(store, publisher, NOW + timedelta(minutes=6)).outcome == "withdrawn"
    assert (publisher.pages, revisions(store)) == ({}, (None, None))


def test_a_page_of_a_partner_no_longer_configured_says_so_and_is_not_tried_at_once(store: Store) -> None:
    approved(store)

    def nobody(slug: str) -> SourceCredit:
        raise NotFound(f"there is no source {slug!r}")

    with pytest.raises(NotFound):
        step.publish(store, 1, MemoryPublisher(), replace(IMPRINT, credit_of=nobody), NOW, "w")
    assert waiting(store) == [(1, "there is no source 'semaine'", True)]
