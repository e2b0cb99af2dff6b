"""Documents: what becomes of an article when its page has been read: a version, a doubt, a double, or nothing wanted."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ivpipe.errors import ExtractionError, NotFound
from ivpipe.model import Article, Decision, Document, DocumentVersion, Review, Snapshot, State, Translation
from ivpipe.model.languages import primary
from ivpipe.sources.feed_dates import parse_date
from ivpipe.sources.filters import refusal
from ivpipe.sources.reading import FetchedPage, is_teaser, read_pages
from ivpipe.sources.sameness import address_key, canonical_key, fingerprint, title_key
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.pictures import want_pictures
from ivpipe.steps.review import KEPT, source_changed
from ivpipe.steps.triage import add_translations, hold_translations
from ivpipe.store import Store
from ivpipe.text.difference import Difference, document_difference
from ivpipe.text.segments import part_text

TEASER = "the page shows only the beginning of the article; the rest is behind a paywall"

_FIRST_LOOKS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 336))
_FORTNIGHT = timedelta(days=14)


def next_look(discovered_at: datetime, now: datetime, days: int) -> datetime | None:
    """When a page found at ``discovered_at`` is to be looked at next; None when ``days`` have passed.

    After 1 and 6 hours, 1, 3, 7, 14 days, then every fortnight, and once more when the days are over.
    """
    end = timedelta(days=days)
    looks = [look for look in _FIRST_LOOKS if look < end]
    while looks and looks[-1] + _FORTNIGHT < end:
        looks.append(looks[-1] + _FORTNIGHT)
    return next((discovered_at + look for look in (*looks, end) if days and discovered_at + look > now), None)


def store_document(
    session: Session,
    article: Article,
    snapshot_id: int,
    document: Document,
    spec: SourceSpec,
    languages: Sequence[str],
    now: datetime,
) -> str:
    """Keep what was read from an article's page, in the running transaction; says what it is.

    "new" or "changed" (a version more), "unchanged", "duplicate" (an article read before is the same piece; this one is
    dismissed and linked to it), "unwanted" (the source's filters refuse it; dismissed, unless an editor chose it).
    """
    current = article.document
    was_teaser = any("paywall" in str(warning) for warning in article.warnings)
    article.warnings = list(document.warnings)
    article.url_key = address_key(article.url)
    article.canonical_key = canonical_key(document)
    article.fingerprint = fingerprint(document)
    if not is_teaser(document):
        hold_translations(session, article, "")
    elif current is None or not was_teaser:
        # One that an editor has let pass stays let pass, as long as it is the teaser it was.
        hold_translations(session, article, TEASER)
    if current is not None and current.content_hash == document.content_hash():
        return "unchanged"
    version = DocumentVersion(
        article_id=article.id,
        snapshot_id=snapshot_id,
        number=current.number + 1 if current else 1,
        content_hash=document.content_hash(),
        content=document,
        created_at=now,
    )
    session.add(version)
    session.flush()
    article.document_id = version.id
    want_pictures(session, article.id, document, spec)
    article.title = part_text(document.title) or article.title
    article.lang = primary(document.lang) or article.lang
    article.published_at = article.published_at or parse_date(document.published)
    if current is not None:
        source_changed(session, article, now)
        return "changed"
    if (original := same_piece(session, article)) is not None:
        _fold_into(session, article, original, languages, now)
        return "duplicate"
    by_hand = article.decision is Decision.SELECTED and (spec.select != "all" or article.decided_by_id is not None)
    if not by_hand and (reason := _unwanted(article, document, spec)):
        _dismiss(article, f"{spec.name}’s filters: {reason}", now)
        return "unwanted"
    if article.decision is Decision.SELECTED:
        add_translations(session, article, languages, now)
    return "new"


def same_piece(session: Session, article: Article) -> Article | None:
    """The article, read before, that is the same piece as this one on another address; None where there is none.

    It is where this page's canonical address (or its own, whatever its variant) is the other's; where both name one
    canonical address and have one title (some sites give all pages one canonical address); where both are the same
    source's with the same title and text.
    """
    keys = {key for key in (article.url_key, article.canonical_key) if key}
    candidates = session.scalars(
        select(Article)
        .where(
            Article.id != article.id,
            Article.document_id.is_not(None),
            Article.duplicate_of_id.is_(None),
            or_(
                Article.url_key.in_(keys),
                Article.canonical_key.in_(keys),
                (Article.fingerprint == article.fingerprint) & (Article.fingerprint != ""),
            ),
        )
        .order_by(Article.id)
        .limit(50)
    ).all()
    title = title_key(article.title)
    for other in candidates:
        if other.url_key in keys:
            return other
        if other.canonical_key in keys and (title_key(other.title) == title or other.canonical_key == article.url_key):
            return other
        if (
            other.source_slug == article.source_slug
            and article.fingerprint
            and other.fingerprint == article.fingerprint
        ):
            return other
    return None


def _fold_into(session: Session, article: Article, original: Article, languages: Sequence[str], now: datetime) -> None:
    """Link a double to the article it is the same piece as; where somebody wanted the double, they get the original."""
    article.duplicate_of_id = original.id
    if article.decision is Decision.SELECTED and original.decision is Decision.UNDECIDED:
        original.decision, original.decided_at = Decision.SELECTED, now
        original.decided_by_id, original.decision_reason = article.decided_by_id, article.decision_reason
        add_translations(session, original, languages, now)
    _dismiss(article, f"the same piece as article {original.id}, {original.url}", now)


def _dismiss(article: Article, reason: str, now: datetime) -> None:
    article.decision, article.decided_at, article.decided_by_id = Decision.DISMISSED, now, None
    article.decision_reason = reason
    article.look_at = None


def _unwanted(article: Article, document: Document, spec: SourceSpec) -> str:
    published = parse_date(document.published, spec.languages)
    if article.not_before is not None and published is not None and published < article.not_before:
        return f"it is of {published:%d %B %Y}, and nothing before {article.not_before:%d %B %Y} is wanted"
    return refusal(
        spec.filters,
        sections=(*article.announced.get("sections", ()), *filter(None, (document.section,)), *document.tags),
        authors=(*article.announced.get("authors", ()), *document.authors),
        texts=(article.title, article.summary, part_text(document.kicker), part_text(document.standfirst)),
    )


@dataclass(frozen=True, slots=True)
class Reextracted:
    """What reading an article's stored page again brought. ``outcome``: as ``store_document`` says, or "failed".

    ``changes``: against the version there was; ``problem``: why it failed.
    """

    article_id: int
    title: str
    outcome: str
    changes: tuple[Difference, ...] = ()
    problem: str = ""
    warnings: tuple[str, ...] = ()


def reextract_source(
    store: Store, spec: SourceSpec, languages: Sequence[str], now: datetime, *, dry_run: bool = False
) -> Iterator[Reextracted]:
    """Read the newest stored page of each of a source's articles again, by the spec as it now is; no network.

    Where the content differs, the article gets a version more, and its translations are told. ``dry_run`` only says
    what would change. What cannot be read any more keeps the version it has.
    """
    with store.read() as session:
        ids = session.scalars(select(Article.id).where(Article.source_slug == spec.slug).order_by(Article.id)).all()
    for article_id in ids:
        with store.read() as session:
            article = session.get_one(Article, article_id)
            pages = stored_pages(session, article_id)
            old = article.document.content if article.document else None
            title = article.title or article.url
        if not pages:
            continue
        try:
            document = read_pages([page for _, page in pages], spec)
        except ExtractionError as error:
            yield Reextracted(article_id, title, "failed", problem=str(error))
            continue
        same = old is not None and old.content_hash() == document.content_hash()
        changes = tuple(document_difference(old, document)) if old is not None and not same else ()
        outcome = "unchanged" if same else "new" if old is None else "changed"
        if not dry_run:
            with store.write() as session:
                article = session.get_one(Article, article_id, with_for_update=True)
                outcome = store_document(session, article, pages[0][0], document, spec, languages, now)
                if outcome != "unchanged":
                    article.look_at = article.look_at or next_look(article.discovered_at, now, spec.relook_days)
                    article.attempts, article.last_error, article.retry_at = 0, "", None
        yield Reextracted(article_id, title, outcome, changes, warnings=document.warnings)


def stored_pages(session: Session, article_id: int) -> list[tuple[int, FetchedPage]]:
    """(snapshot id, page) of the article as it was fetched last: the first page, and those that continue it. [] if never.
    Doubtful pages are passed over."""
    first = session.scalar(
        select(Snapshot)
        .where(
            Snapshot.article_id == article_id,
            Snapshot.first_id.is_(None),
            Snapshot.status == 200,
            Snapshot.doubtful.is_(False),
        )
        .order_by(Snapshot.id.desc())
        .limit(1)
    )
    if first is None:
        return []
    rest = session.scalars(select(Snapshot).where(Snapshot.first_id == first.id).order_by(Snapshot.id)).all()
    return [
        (row.id, FetchedPage(row.url, dict(row.headers), zlib.decompress(row.body), row.fetched_at))
        for row in (first, *rest)
    ]


def version_difference(
    store: Store, article_id: int, old: int | None = None, new: int | None = None
) -> list[Difference]:
    """What changed between two versions of an article's document, by number; by default between the last two.

    Raises NotFound where there is no such version.
    """
    with store.read() as session:
        rows = session.execute(
            select(DocumentVersion.number, DocumentVersion.id).where(DocumentVersion.article_id == article_id)
        )
        versions = {row.number: row.id for row in rows}
        last = max(versions, default=0)
        new = last if new is None else new
        old = new - 1 if old is None else old
        if not versions and session.get(Article, article_id) is None:
            raise NotFound(f"there is no article {article_id}")
        if last < 2 and (old, new) == (last - 1, last):
            raise NotFound(f"article {article_id} has not changed since it was found: it has {last or 'no'} version")
        if old not in versions or new not in versions:
            raise NotFound(f"article {article_id} has no versions {old} and {new}; it has {last}")
        before = session.get_one(DocumentVersion, versions[old]).content
        after = session.get_one(DocumentVersion, versions[new]).content
    return document_difference(before, after)


def gone_articles(store: Store) -> list[Article]:
    """Articles whose page has gone and whose translation somebody wants, or has: for an editor to decide on. Newest first.

    Those are left out of which an editor has decided since that the translations stay as they are.
    """
    with store.read() as session:
        translations = select(Translation.id).where(Translation.article_id == Article.id)
        wanted = or_(
            and_(Article.decision == Decision.SELECTED, ~translations.exists()),
            translations.where(Translation.state != State.REJECTED, ~kept_since_gone()).exists(),
        )
        return list(
            session.scalars(select(Article).where(Article.gone.is_(True), wanted).order_by(Article.gone_at.desc()))
        )


def kept_since_gone() -> ColumnElement[bool]:
    """Of a translation and its article: whether an editor has decided, since the page went, that it stays as it is."""
    return (
        select(Review.id)
        .where(Review.translation_id == Translation.id, Review.event == KEPT, Review.at >= Article.gone_at)
        .correlate(Translation, Article)
        .exists()
    )
