"""Pages: an approved revision put together with all that stands around it, ready for any target."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, PublishError
from ivpipe.model import Document, Draft, Magazine, Page, Publication, Sibling, SourceCredit, Translation, User
from ivpipe.model.languages import primary
from ivpipe.text.inline import InlineTag, escape_text, plain_text, tag_problem
from ivpipe.text.segments import Translated, part_text, restore_document

CreditOf = Callable[[str], SourceCredit]
"""source slug → what a page says of that partner."""


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
    target: str = "",
    published_at: datetime,
    updated_at: datetime,
) -> Page:
    """The page of one revision, approved or (for a preview) not, without its pictures, which have to be fetched.

    ``target`` (its slug) decides which pages in other languages are its siblings. Raises NotFound where there is no such
    revision.
    """
    draft = session.scalar(select(Draft).where(Draft.translation_id == translation.id, Draft.number == revision))
    if draft is None:
        raise NotFound(f"translation {translation.id} has no revision {revision}")
    original = draft.document.content
    document = translated_document(draft, translation.lang)
    credit = credit_of(translation.article.source_slug)
    submitter = session.get(User, translation.submitter_id) if translation.submitter_id else None
    translator = submitter.display_name if submitter else ""
    return Page(
        key=page_key(translation),
        slug=translation.slug or str(translation.article_id),
        lang=translation.lang,
        revision=revision,
        document=document,
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
        country=document.kicker,
        section=original.section,
        correction_html=draft.correction,
        siblings=_siblings(session, translation, target),
    )


def _siblings(session: Session, translation: Translation, target: str) -> tuple[Sibling, ...]:
    """The article's pages in other languages that are live on the same target, by language."""
    rows = session.execute(
        select(Translation.lang, Translation.slug, Publication.remote_id, Publication.remote_url)
        .join(Publication, Publication.translation_id == Translation.id)
        .where(
            Translation.article_id == translation.article_id,
            Translation.id != translation.id,
            Publication.target == target,
            Publication.live_revision.is_not(None),
        )
        .order_by(Translation.lang)
    )
    return tuple(Sibling(*row) for row in rows)


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
