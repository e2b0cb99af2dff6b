"""Ingest: from a partner's feed to stored snapshots and documents."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.errors import ExtractionError, IvpipeError, PageGone, SourceError
from ivpipe.model import (
    Article,
    Decision,
    DocumentVersion,
    FeedState,
    Snapshot,
    Source,
)
from ivpipe.model.languages import primary
from ivpipe.sources.discovery import Found, discover
from ivpipe.sources.extraction import extract
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.review import source_changed
from ivpipe.steps.triage import add_translations
from ivpipe.store import Store
from ivpipe.store.rows import due, end_lease, insert_missing, record_failure, take_lease
from ivpipe.text.segments import part_text

_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Polled:
    """What one look at a source's feeds brought. ``unchanged``: every feed answered "not modified"."""

    found: int
    new: int
    unchanged: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching one article brought. ``outcome``: "new", "changed", "unchanged", "busy" (another worker has it)."""

    outcome: str
    document_id: int | None = None
    warnings: tuple[str, ...] = ()


def poll_source(store: Store, spec: SourceSpec, fetcher: Fetcher, now: datetime) -> Polled:
    """Look at a source's feeds and remember the articles not seen before, undecided (or selected by its policy).

    The feeds' validators are kept in the same transaction, so a crash never skips an article. Raises SourceError,
    after recording it on the source.
    """
    with store.read() as session:
        states = session.scalars(select(FeedState).where(FeedState.source_slug == spec.slug)).all()
        validators = {state.url: (state.etag, state.last_modified) for state in states}
    try:
        discovered = discover(spec, fetcher, validators, now)
    except SourceError as error:
        with store.write() as session:
            source = _source(session, spec.slug)
            source.last_polled_at = now
            source.failures += 1
            source.last_error = str(error)
        raise
    with store.write() as session:
        new = insert_missing(session, Article, [_article_row(spec, item, now) for item in discovered.found])
        for visit in discovered.visits:
            session.merge(
                FeedState(
                    url=visit.url,
                    source_slug=spec.slug,
                    etag=visit.etag,
                    last_modified=visit.last_modified,
                    checked_at=now,
                )
            )
        source = _source(session, spec.slug)
        source.last_polled_at = source.last_succeeded_at = now
        source.failures = 0
        source.last_error = ""
    return Polled(len(discovered.found), new, discovered.unchanged, tuple(discovered.warnings))


def _source(session: Session, slug: str) -> Source:
    insert_missing(session, Source, [{"slug": slug}])
    return session.get_one(Source, slug)


def _article_row(spec: SourceSpec, item: Found, now: datetime) -> dict[str, object]:
    selected = spec.select == "all"
    return {
        "source_slug": spec.slug,
        "url": item.url,
        "guid": item.guid,
        "lang": item.lang or spec.languages[0],
        "title": item.title,
        "summary": item.summary,
        "published_at": item.published,
        "discovered_at": now,
        "decision": Decision.SELECTED if selected else Decision.UNDECIDED,
        "decided_at": now if selected else None,
        "decision_reason": f"{spec.name} is translated whole" if selected else "",
    }


def due_articles(store: Store, source_slug: str, now: datetime, limit: int = 1000) -> list[int]:
    """Ids of a source's articles whose page has not been read yet, oldest discovery first."""
    with store.read() as session:
        return list(
            session.scalars(
                select(Article.id)
                .where(
                    Article.source_slug == source_slug,
                    Article.document_id.is_(None),
                    Article.gone.is_(False),
                    Article.decision != Decision.DISMISSED,
                    due(Article, now),
                )
                .order_by(Article.id)
                .limit(limit)
            )
        )


def fetch_article(
    store: Store,
    article_id: int,
    spec: SourceSpec,
    fetcher: Fetcher,
    languages: Sequence[str],
    now: datetime,
    owner: str,
) -> Fetched:
    """Fetch an article's page and read it into a document; the same page or content again makes no new version.

    ``languages`` are those a selected article is translated into. The snapshot is kept even where extraction fails.
    Raises SourceError, after recording it on the article.
    """
    with store.write() as session:
        if not take_lease(session, Article, article_id, owner, now + _LEASE, now):
            return Fetched("busy")
        article = session.get_one(Article, article_id)
        url = article.url
        last = session.scalar(
            select(Snapshot).where(Snapshot.article_id == article_id).order_by(Snapshot.id.desc()).limit(1)
        )
        known_document = article.document_id
    try:
        conditional = last is not None and known_document is not None
        answer = fetcher.get(
            url,
            spec.fetch,
            etag=str(last.headers.get("etag", "")) if last and conditional else "",
            last_modified=str(last.headers.get("last-modified", "")) if last and conditional else "",
        )
        digest = hashlib.sha256(answer.body).hexdigest()
        if conditional and (answer.not_modified or (last is not None and last.sha256 == digest)):
            with store.write() as session:
                article = session.get_one(Article, article_id)
                article.looked_at = now
                end_lease(article)
            return Fetched("unchanged", known_document)
        snapshot = Snapshot(
            article_id=article_id,
            url=answer.url,
            status=answer.status,
            headers={name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers},
            body=zlib.compress(answer.body, 6),
            sha256=digest,
            fetched_at=now,
        )
        try:
            document = extract(answer.body, answer.url, spec=spec, content_type=answer.headers.get("content-type", ""))
        except ExtractionError:
            with store.write() as session:
                session.add(snapshot)
            raise
    except IvpipeError as error:
        with store.write() as session:
            article = session.get_one(Article, article_id)
            article.gone = article.gone or isinstance(error, PageGone)
            article.looked_at = now
            record_failure(article, error, now)
        raise

    with store.write() as session:
        article = session.get_one(Article, article_id)
        session.add(snapshot)
        session.flush()
        current = article.document
        article.looked_at = now
        end_lease(article)
        if current is not None and current.content_hash == document.content_hash():
            return Fetched("unchanged", current.id, document.warnings)
        version = DocumentVersion(
            article_id=article_id,
            snapshot_id=snapshot.id,
            number=current.number + 1 if current else 1,
            content_hash=document.content_hash(),
            content=document,
            created_at=now,
        )
        session.add(version)
        session.flush()
        article.document_id = version.id
        article.title = part_text(document.title) or article.title
        article.lang = primary(document.lang) or article.lang
        if current is not None:
            source_changed(session, article, now)
        elif article.decision is Decision.SELECTED:
            add_translations(session, article, languages, now)
        return Fetched("changed" if current else "new", version.id, document.warnings)


_KEPT_HEADERS = ("content-type", "etag", "last-modified", "date", "content-language")
