"""Publications: what an editor decides about pages that are, or should be, live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Actor, Article, Publication, Role, State, Translation
from ivpipe.steps.review import checked_time, want_live
from ivpipe.store import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """How many pages of a target are live, wait to be sent or taken away, wait for an editor to settle a conflict."""

    live: int = 0
    waiting: int = 0
    conflicts: int = 0


def standings(store: Store) -> dict[str, Standing]:
    """How each target that has pages stands."""
    waiting = Publication.wanted_revision.is_distinct_from(Publication.live_revision)
    with store.read() as session:
        return {
            target: Standing(live, due, conflicts)
            for target, live, due, conflicts in session.execute(
                select(
                    Publication.target,
                    func.count(Publication.live_revision),
                    func.count().filter(waiting, Publication.conflict.is_(None)),
                    func.count().filter(waiting, Publication.conflict.is_not(None)),
                ).group_by(Publication.target)
            )
        }


def pages_of(store: Store, article_id: int, lang: str = "", target: str = "") -> list[tuple[int, str, str]]:
    """(id, language, target) of an article's pages that are live or should be, or of those in one language, on one target.

    Raises NotFound where there is no such article.
    """
    with store.read() as session:
        if session.get(Article, article_id) is None:
            raise NotFound(f"there is no article {article_id}")
        return [
            (publication, of, place)
            for publication, of, place in session.execute(
                select(Publication.id, Translation.lang, Publication.target)
                .join(Publication.translation)
                .where(
                    Translation.article_id == article_id,
                    or_(Publication.wanted_revision.is_not(None), Publication.live_revision.is_not(None)),
                )
                .order_by(Translation.lang, Publication.target)
            )
            if lang in ("", of) and target in ("", place)
        ]


def withdraw(store: Store, publication_id: int, actor: Actor, now: datetime) -> None:
    """Write down that nothing should be live; ``publish`` takes the page away. Raises Refused, NotFound."""
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        publication.wanted_revision = publication.publish_at = publication.conflict = None
        publication.wanted_at = now
        publication.retry_at = None


def publish_again(store: Store, publication_id: int, actor: Actor, now: datetime) -> None:
    """Have a failed publication tried at once, or a withdrawn one of an approved translation put back."""
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        if publication.wanted_revision is None:
            if publication.translation.state is not State.APPROVED:
                raise Refused("only an approved translation can be published", subject=publication.translation.slug)
            want_live(session, publication.translation, publication.target, now)
        publication.retry_at = publication.conflict = None


def reschedule(store: Store, publication_id: int, publish_at: datetime | None, actor: Actor, now: datetime) -> None:
    """Choose another time for a page that waits to be published, or (None) have it published now."""
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        if publication.wanted_revision is None or not publication.due:
            raise Refused("it is not waiting to be published", subject=publication.translation.slug)
        publication.publish_at = checked_time(publish_at, now)
        publication.wanted_at, publication.retry_at = now, None


def cancel(store: Store, publication_id: int, actor: Actor) -> None:
    """Do not publish what waits to be; what is live stays as it is."""
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        publication.wanted_revision = publication.live_revision
        publication.publish_at = publication.conflict = publication.retry_at = None
        publication.last_error, publication.attempts = "", 0


def publish_ours(store: Store, publication_id: int, actor: Actor) -> None:
    """Settle a conflict: publish over what the editor was shown of the target's page, and over nothing else.

    Should it change once more before that, there is a new conflict.
    """
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        conflict = _conflict(publication)
        publication.fingerprint = conflict["fingerprint"]
        if conflict.get("kept"):
            publication.wanted_revision = conflict["revision"]
        publication.conflict = publication.retry_at = None
        publication.last_error, publication.attempts = "", 0


def keep_theirs(store: Store, publication_id: int, actor: Actor) -> None:
    """Settle a conflict: leave the target's page as people made it. The next revision approved asks again."""
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        publication.conflict = {**_conflict(publication), "kept": True}
        publication.wanted_revision, publication.sending_revision = publication.live_revision, None
        publication.retry_at = publication.publish_at = None
        publication.last_error, publication.attempts = "", 0


def _conflict(publication: Publication) -> dict[str, Any]:
    if publication.conflict is None:
        raise Refused("there is nothing to settle any more", subject=publication.target)
    return publication.conflict


def _for_editor(session: Session, publication_id: int, actor: Actor) -> Publication:
    publication = session.get(Publication, publication_id, with_for_update={"of": Publication})
    if publication is None:
        raise NotFound(f"there is no publication {publication_id}")
    if not actor.roles & {Role.EDITOR, Role.OPERATOR}:
        raise Refused("only an editor or the operator decides what is live")
    return publication


def send_again(session: Session, article_id: int, *which: ColumnElement[bool]) -> None:
    """Have an article's live pages sent once more in the revision they are in (see Publication.sending_revision), as what
    is shown with it has changed; ``which`` narrows them down."""
    of_article = select(Translation.id).where(Translation.article_id == article_id)
    session.execute(
        update(Publication)
        .where(
            Publication.translation_id.in_(of_article),
            Publication.live_revision.is_not(None),
            Publication.live_revision == Publication.wanted_revision,
            Publication.sending_revision.is_(None),
            *which,
        )
        .values(sending_revision=Publication.live_revision)
        .execution_options(synchronize_session=False)
    )
