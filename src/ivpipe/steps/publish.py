"""Publish: make what is live on a target equal to what should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from ivpipe.errors import IvpipeError, PublishAuth, PublishError, PublishTransient, RemoteConflict
from ivpipe.model import Page, Publication
from ivpipe.publishers import Publisher, RemoteRef
from ivpipe.steps.editions import settle_edition
from ivpipe.steps.imprint import Imprint
from ivpipe.steps.pages import build_page, page_key
from ivpipe.steps.publications import send_again
from ivpipe.store import Store
from ivpipe.store.rows import due, end_lease, record_failure, take_lease

_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Published:
    """What one run did. ``outcome``: "published", "withdrawn", "busy" (another worker has it), "not due"."""

    outcome: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What publishing would do. ``outcome``: "publish", "update", "withdraw", or "conflict" where people changed the page
    there. ``difference``: unified, of plain text, from what is on the target to what would be; "" where a page is
    withdrawn, or is there already as it should be."""

    outcome: str
    title: str
    lang: str
    revision: int | None
    url: str
    difference: str


def due_publications(store: Store, targets: Sequence[str], now: datetime, limit: int = 1000) -> list[tuple[int, str]]:
    """(id, target) of publications whose live revision is not the wanted one, longest waiting first; without those
    whose chosen time is still to come, and those that wait for an editor to settle a conflict."""
    with store.read() as session:
        rows = session.execute(
            select(Publication.id, Publication.target)
            .where(
                or_(
                    Publication.wanted_revision.is_distinct_from(Publication.live_revision),
                    Publication.sending_revision.is_not(None),
                ),
                or_(Publication.publish_at.is_(None), Publication.publish_at <= now),
                Publication.conflict.is_(None),
                Publication.target.in_(targets),
                due(Publication, now),
            )
            .order_by(Publication.wanted_at, Publication.id)
            .limit(limit)
        )
        return [(row.id, row.target) for row in rows]


def publish(
    store: Store,
    publication_id: int,
    publisher: Publisher,
    imprint: Imprint,
    now: datetime,
    owner: str,
) -> Published:
    """Publish, update or withdraw one publication.

    The remote page is found by our ledger or our key, so doing it again after a crash at any point makes no second
    page. Raises PublishError, after recording it on the publication, which is then tried again.
    """
    with store.write() as session:
        if not take_lease(session, Publication, publication_id, owner, now + _LEASE, now):
            return Published("busy")
        publication = session.get_one(Publication, publication_id)
        if not publication.due_at(now):
            end_lease(publication)
            return Published("not due")
        key = page_key(publication.translation)
        known = known_ref(publication)
        revision = publication.wanted_revision
        if revision is not None:
            # A save that was cut off is ended first; see Publication.sending_revision.
            revision = publication.sending_revision = publication.sending_revision or revision
            settle_edition(session, publication.translation, imprint, now)
    try:
        page = None
        if revision is None:
            ref = _withdraw(publisher, key, known)
        else:
            with store.read() as session:
                page = _page(session, publication_id, revision, imprint, now)
            ref = publisher.upsert(key, page, known)
    except IvpipeError as error:
        with store.write() as session:
            _record(session, session.get_one(Publication, publication_id), error, now)
        raise
    with store.write() as session:
        publication = session.get_one(Publication, publication_id, with_for_update=True)
        before = publication.remote_url if publication.live_revision is not None else None
        # Only what we made live is written: if approval came again meanwhile, wanted differs and the row stays due.
        publication.live_revision, publication.sending_revision = revision, None
        publication.remote_id, publication.remote_url = ref.id, ref.url
        publication.live_at = now
        if page is not None:
            publication.fingerprint = ref.fingerprint
            publication.first_live_at = page.published_at
        if not publication.due:
            publication.publish_at = None
        end_lease(publication)
        _let_go(session, publication.target)
        if before != (None if page is None else ref.url):  # pages in other languages link to it
            same_target, others = Publication.target == publication.target, Publication.id != publication_id
            send_again(session, publication.translation.article_id, same_target, others)
    return Published("withdrawn" if page is None else "published", ref.url)


def rehearse(store: Store, publication_id: int, publisher: Publisher, imprint: Imprint, now: datetime) -> Rehearsed:
    """Say what ``publish`` would do with a publication, and do nothing. Raises PublishError, NotFound."""
    with store.read() as session:
        publication = session.get_one(Publication, publication_id)
        translation = publication.translation
        key, known = page_key(translation), known_ref(publication)
        shown, lang = translation.article.title or translation.slug, translation.lang
        revision = publication.wanted_revision
        if revision is not None:
            revision = publication.sending_revision or revision
            page = _page(session, publication_id, revision, imprint, now)
    there = publisher.find(key, known)
    url = there.url if there else ""
    if revision is None:
        return Rehearsed("withdraw", shown, lang, None, url, "")
    outcome = "update" if there else "publish"
    if there and known and known.fingerprint not in ("", there.fingerprint):
        outcome = "conflict"
    return Rehearsed(outcome, page.document.title, lang, revision, url, publisher.difference(key, page, known))


def _withdraw(publisher: Publisher, key: str, known: RemoteRef | None) -> RemoteRef:
    there = publisher.find(key, known) or known
    if there is not None:
        publisher.withdraw(there)
    return there or RemoteRef("", "")


def _page(session: Session, publication_id: int, revision: int, imprint: Imprint, now: datetime) -> Page:
    publication = session.get_one(Publication, publication_id)
    # Not the time of this run: a run that dies after the remote save must be repeated with the same page.
    return build_page(
        session,
        publication.translation,
        revision,
        imprint,
        published_at=publication.first_live_at or publication.publish_at or publication.wanted_at or now,
        updated_at=publication.publish_at or publication.wanted_at or now,
    )


def known_ref(publication: Publication) -> RemoteRef | None:
    """What our ledger knows of the page on its target."""
    if not publication.remote_id:
        return None
    return RemoteRef(publication.remote_id, publication.remote_url, publication.live_revision, publication.fingerprint)


def pause(store: Store, target: str, pace: float, now: datetime) -> float:
    """Seconds to wait before the next page is sent to a target that takes one in ``pace`` seconds."""
    if not pace:
        return 0.0
    with store.read() as session:
        last = session.scalar(select(func.max(Publication.live_at)).where(Publication.target == target))
    return min(max((last - now).total_seconds() + pace, 0.0), pace) if last else 0.0


def _record(session: Session, publication: Publication, error: IvpipeError, now: datetime) -> None:
    """Note why it failed. What may have been saved in part stays noted as begun where the same again may work; a target
    that refuses us or does not answer is left alone with its other pages too."""
    record_failure(publication, error, now)
    if isinstance(error, RemoteConflict):
        publication.conflict = {
            "theirs": error.theirs,
            "ours": error.ours,
            "url": error.url,
            "fingerprint": error.fingerprint,
            "revision": publication.sending_revision,
            "at": now.isoformat(timespec="seconds"),
        }
    elif isinstance(error, PublishAuth | PublishTransient):
        session.execute(
            update(Publication)
            .where(*_others(publication.target), Publication.retry_at.is_(None))
            .values(retry_at=publication.retry_at, last_error=publication.last_error)
        )
    elif isinstance(error, PublishError) and not error.retryable:
        publication.sending_revision = None


def _let_go(session: Session, target: str) -> None:
    """The target works (again): the pages that were held for its sake are due at once."""
    session.execute(
        update(Publication)
        .where(*_others(target), Publication.retry_at.is_not(None))
        .values(retry_at=None, last_error="")
    )


def _others(target: str) -> tuple[ColumnElement[bool], ...]:
    """Pages of a target that wait to be sent, have not failed themselves, and that nobody is sending."""
    return (
        Publication.target == target,
        Publication.wanted_revision.is_distinct_from(Publication.live_revision),
        Publication.attempts == 0,
        Publication.lease_until.is_(None),
    )
