"""Pages: an approved revision put together with all that stands around it, ready for any target."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound
from ivpipe.model import Document, Draft, Page, Publication, Sibling, Translation, User
from ivpipe.model.languages import primary
from ivpipe.steps.editions import edition_for, edition_label
from ivpipe.steps.imprint import Imprint, country_of, fill_lines, keywords_of, section_of
from ivpipe.steps.pictures import page_pictures
from ivpipe.text.inline import InlineTag, escape_text, plain_text, tag_problem
from ivpipe.text.segments import Translated, part_text, restore_document


def page_key(translation: Translation) -> str:
    """Our name for the page on every target."""
    return f"ivpipe-{translation.article_id}-{translation.lang}"


def build_page(
    session: Session,
    translation: Translation,
    revision: int,
    imprint: Imprint,
    *,
    published_at: datetime,
    updated_at: datetime,
) -> Page:
    """The page of one revision, approved or (for a preview) not, with those of its pictures that have been taken.

    Its siblings are the pages in other languages that are live on the imprint's target. Raises NotFound where there is no
    such revision.
    """
    draft = session.scalar(select(Draft).where(Draft.translation_id == translation.id, Draft.number == revision))
    if draft is None:
        raise NotFound(f"translation {translation.id} has no revision {revision}")
    original = draft.document.content
    lang = translation.lang
    document = translated_document(draft, lang)
    credit = imprint.credit_of(translation.article.source_slug)
    submitter = session.get(User, translation.submitter_id) if translation.submitter_id else None
    translator = submitter.display_name if submitter else ""
    edition = edition_for(session, translation, imprint, updated_at)
    lines = fill_lines(imprint, credit, original, lang, translator, published_at.astimezone(imprint.timezone).year)
    return Page(
        key=page_key(translation),
        slug=translation.slug or str(translation.article_id),
        lang=lang,
        revision=revision,
        document=document,
        byline=original.authors,
        translator=translator,
        attribution_html=lines.attribution_html,
        postscript_html=lines.postscript_html,
        copyright=lines.copyright,
        licence=lines.licence,
        magazine=imprint.magazine.name,
        partner=credit.name,
        partner_url=credit.url,
        original_url=original.canonical_url or original.url,
        original_lang=primary(original.lang),
        original_title=part_text(original.title),
        original_published=original.published,
        published_at=published_at,
        updated_at=updated_at,
        country=country_of(imprint, credit, original, document, lang),
        section=section_of(imprint, credit, original, lang),
        keywords=keywords_of(imprint, credit, original, lang),
        edition=edition_label(imprint, edition, lang) if edition else "",
        correction_html=draft.correction,
        pictures=page_pictures(session, translation.article_id, original, document, imprint, credit),
        siblings=_siblings(session, translation, imprint.target),
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
