"""Publish: make what is live on a target equal to what should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.errors import IvpipeError, NotFound, PublishError, Refused
from ivpipe.model import (
    Actor,
    Document,
    Draft,
    Magazine,
    Page,
    Publication,
    Role,
    SourceCredit,
    State,
    Translation,
    User,
)
from ivpipe.model.languages import primary
from ivpipe.publishers import Publisher, RemoteRef
from ivpipe.steps.review import want_live
from ivpipe.store import Store
from ivpipe.store.rows import due, end_lease, record_failure, take_lease
from ivpipe.text.inline import InlineTag, escape_text, plain_text, tag_problem
from ivpipe.text.segments import Translated, part_text, restore_document

_LEASE = timedelta(minutes=5)

CreditOf = Callable[[str], SourceCredit]
"""source slug → what a page says of that partner."""


@dataclass(frozen=True, slots=True)
class Published:
    """What one run did. ``outcome``: "published", "withdrawn", "busy" (another worker has it), "not due"."""

    outcome: str
    url: str = ""


def due_publications(store: Store, targets: Sequence[str], now: datetime, limit: int = 1000) -> list[tuple[int, str]]:
    """(id, target) of publications whose live revision is not the wanted one, longest waiting first."""
    with store.read() as session:
        rows = session.execute(
            select(Publication.id, Publication.target)
            .where(
                Publication.wanted_revision.is_distinct_from(Publication.live_revision),
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
    magazine: Magazine,
    credit_of: CreditOf,
    now: datetime,
    owner: str,
) -> Published:
    """Publish, update or withdraw one publication.

    The remote page is found by our key, so doing it again after a crash at any point makes no second page. Raises
    PublishError, after recording it on the publication, which is then tried again.
    """
    with store.write() as session:
        if not take_lease(session, Publication, publication_id, owner, now + _LEASE, now):
            return Published("busy")
        publication = session.get_one(Publication, publication_id)
        if not publication.due:
            end_lease(publication)
            return Published("not due")
        wanted = publication.wanted_revision
        translation = publication.translation
        key = page_key(translation)
        ref = RemoteRef(publication.remote_id, publication.remote_url, publication.live_revision)
        page = None
        if wanted is not None:
            page = build_page(
                session,
                translation,
                wanted,
                magazine,
                credit_of,
                # Not the time of this run: a run that dies after the remote save must be repeated with the same page.
                published_at=publication.first_live_at or publication.wanted_at or now,
                updated_at=publication.wanted_at or now,
            )
    try:
        if page is None:
            there = publisher.find(key) or (ref if ref.id else None)
            if there is not None:
                publisher.withdraw(there)
            ref = RemoteRef("", "")
        else:
            ref = publisher.upsert(key, page)
    except IvpipeError as error:
        with store.write() as session:
            record_failure(session.get_one(Publication, publication_id), error, now)
        raise
    with store.write() as session:
        publication = session.get_one(Publication, publication_id, with_for_update=True)
        # Only what we made live is written: if approval came again meanwhile, wanted differs and the row stays due.
        publication.live_revision = wanted
        publication.remote_id, publication.remote_url = ref.id, ref.url
        publication.live_at = now
        if page is not None:
            publication.first_live_at = page.published_at
        end_lease(publication)
    return Published("withdrawn" if wanted is None else "published", ref.url)


def withdraw(store: Store, publication_id: int, actor: Actor, now: datetime) -> None:
    """Write down that nothing should be live; ``publish`` takes the page away. Raises Refused, NotFound."""
    with store.write() as session:
        publication = _for_editor(session, publication_id, actor)
        publication.wanted_revision = None
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
        publication.retry_at = None


def _for_editor(session: Session, publication_id: int, actor: Actor) -> Publication:
    publication = session.get(Publication, publication_id, with_for_update={"of": Publication})
    if publication is None:
        raise NotFound(f"there is no publication {publication_id}")
    if not actor.roles & {Role.EDITOR, Role.OPERATOR}:
        raise Refused("only an editor or the operator decides what is live")
    return publication


def page_key(translation: Translation) -> str:
    """Our name for the page on every target."""
    return f"ivpipe-{translation.article_id}-{translation.lang}"


def build_page(
    session: Session,
    translation: Translation,
    revision: int,
    magazine: Magazine,
    credit_of: CreditOf,
    *,
    published_at: datetime,
    updated_at: datetime,
) -> Page:
    """The page of one revision, approved or (for a preview) not. Raises NotFound where there is no such revision."""
    draft = session.scalar(select(Draft).where(Draft.translation_id == translation.id, Draft.number == revision))
    if draft is None:
        raise NotFound(f"translation {translation.id} has no revision {revision}")
    original = draft.document.content
    credit = credit_of(translation.article.source_slug)
    submitter = session.get(User, translation.submitter_id) if translation.submitter_id else None
    translator = submitter.display_name if submitter else ""
    siblings = session.execute(
        select(Translation.lang, Translation.slug).where(
            Translation.article_id == translation.article_id, Translation.id != translation.id, Translation.slug != ""
        )
    )
    return Page(
        key=page_key(translation),
        slug=translation.slug or str(translation.article_id),
        lang=translation.lang,
        revision=revision,
        document=translated_document(draft, translation.lang),
        byline=original.authors,
        translator=translator,
        attribution_html=attribution(
            credit.attribution or magazine.attribution,
            magazine,
            credit,
            translator,
            original.canonical_url or original.url,
        ),
        postscript_html=magazine.postscript,
        copyright=magazine.copyright,
        licence=credit.licence,
        magazine=magazine.name,
        partner=credit.name,
        partner_url=credit.url,
        original_url=original.canonical_url or original.url,
        original_lang=primary(original.lang),
        original_title=part_text(original.title),
        original_published=original.published,
        published_at=published_at,
        updated_at=updated_at,
        alternates=tuple((lang, slug) for lang, slug in siblings),
    )


def translated_document(draft: Draft, lang: str) -> Document:
    """The draft put together as a Document. A segment whose tags are broken (a blocking issue) shows as plain text, one
    without text is left out: that happens in previews only."""
    pieces = []
    for row in draft.standing_segments:
        tags = tuple(InlineTag(*tag) for tag in row.tags)
        if tag_problem(row.target, tags) is None:
            pieces.append(Translated(row.part, tags, row.gap, row.target))
        else:
            pieces.append(Translated(row.part, (), row.gap, escape_text(plain_text(row.target))))
    return restore_document(draft.document.content, pieces, lang)


def attribution(template: str, magazine: Magazine, credit: SourceCredit, translator: str, source_url: str = "") -> str:
    """Fill an attribution line: the names in bold, as the magazine prints them. Raises PublishError for a bad template."""
    try:
        return escape(template, quote=False).format(
            magazine=f"<strong>{escape_text(magazine.name)}</strong>",
            partner=f"<strong>{escape_text(credit.name)}</strong>",
            translator=f"<strong>{escape_text(translator or magazine.name)}</strong>",
            partner_url=escape_text(credit.url),
            source_url=escape_text(source_url),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise PublishError(
            f"the attribution line {template!r} cannot be filled: {error}",
            advice="use {magazine} {translator} {partner} {partner_url} {source_url} only",
        ) from error
