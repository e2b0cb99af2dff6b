"""Ingest: from what a partner announces to stored snapshots and documents."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from ivpipe.errors import ExtractionError, FetchError, IvpipeError, PageGone, SourceError
from ivpipe.model import (
    Article,
    Decision,
    Document,
    Doubt,
    FeedState,
    Snapshot,
    Source,
)
from ivpipe.sources.addresses import parse_url
from ivpipe.sources.discovery import Found, discover, pages_since
from ivpipe.sources.fetching import Fetched as Answer
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.forwarding import follow
from ivpipe.sources.pages import next_page
from ivpipe.sources.reading import FetchedPage, read_pages
from ivpipe.sources.sameness import address_key, is_variant, title_key
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.documents import next_look, store_document, stored_pages
from ivpipe.steps.judge import end_doubt, judge_pages, note_doubt, same_snapshot
from ivpipe.store import Store
from ivpipe.store.rows import Attempt, due, end_lease, insert_missing, record_failure, refuse_deadly, take_lease

MOST_PAGES = 20
"""Pages of one article that are fetched and joined."""

_LEASE = timedelta(minutes=5)
_KEPT_HEADERS = ("content-type", "etag", "last-modified", "date", "content-language", "refresh")


@dataclass(frozen=True, slots=True)
class Polled:
    """What one look at a source brought. ``unchanged``: every address answered "not modified".

    ``passed_over``: articles the source's filters refused by their announcement.
    """

    found: int
    new: int
    unchanged: bool
    warnings: tuple[str, ...]
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching one article brought. ``outcome``: as ``documents.store_document`` says: "new", "changed",
    "unchanged", "duplicate", "unwanted"; or "busy" (another worker has it), "doubtful" (the page may not be the article:
    ``doubt``; it became no version)."""

    outcome: str
    document_id: int | None = None
    warnings: tuple[str, ...] = ()
    doubt: Doubt | None = None


def poll_source(store: Store, spec: SourceSpec, fetcher: Fetcher, now: datetime) -> Polled:
    """Look at what a source announces and remember the articles not seen before, undecided (or selected by its policy).

    The validators are kept in the same transaction, so a crash never skips an article. Raises SourceError, after
    recording it on the source.
    """
    reading = _reading(spec)
    with store.read() as session:
        states = session.scalars(select(FeedState).where(FeedState.source_slug == spec.slug)).all()
        validators = {state.url: (state.etag, state.last_modified) for state in states if state.reading == reading}
        source = session.get(Source, spec.slug)
        first = source is None or source.last_succeeded_at is None
    try:
        discovered = discover(spec, fetcher, validators, now, first=first)
    except SourceError as error:
        with store.write() as session:
            source = _source(session, spec.slug)
            source.last_polled_at = now
            source.failures += 1
            source.last_error = str(error)
        raise
    with store.write() as session:
        new = _remember(session, spec, discovered.found, now - timedelta(days=spec.discovery.max_age_days), now)
        for visit in discovered.visits:
            session.merge(
                FeedState(
                    source_slug=spec.slug,
                    url=visit.url,
                    reading=reading,
                    etag=visit.etag,
                    last_modified=visit.last_modified,
                    checked_at=now,
                )
            )
        session.flush()
        session.execute(
            delete(FeedState).where(FeedState.source_slug == spec.slug, FeedState.url.not_in(discovered.asked))
        )
        source = _source(session, spec.slug)
        source.last_polled_at = source.last_succeeded_at = now
        source.failures = 0
        source.last_error = ""
    return Polled(len(discovered.found), new, discovered.unchanged, tuple(discovered.warnings), discovered.passed_over)


def backfill_source(store: Store, spec: SourceSpec, fetcher: Fetcher, since: datetime, now: datetime) -> Polled:
    """Remember a source's articles back to ``since``, as far as what it announces goes. Raises SourceError where no
    address answers; what was found until then is kept."""
    found = new = 0
    warnings: list[str] = []
    for page in pages_since(spec, fetcher, since):
        found += len(page.found)
        warnings += page.warnings
        if page.found:
            with store.write() as session:
                new += _remember(session, spec, page.found, since, now)
    return Polled(found, new, False, tuple(dict.fromkeys(warnings)))


def _reading(spec: SourceSpec) -> str:
    parts = (spec.discovery.model_dump_json(), spec.filters.model_dump_json(), *spec.languages)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _source(session: Session, slug: str) -> Source:
    insert_missing(session, Source, [{"slug": slug}])
    return session.get_one(Source, slug)


def _remember(session: Session, spec: SourceSpec, found: Iterable[Found], not_before: datetime, now: datetime) -> int:
    """Add the articles that are not known under this address, a variant of it, or the source's own name for it."""
    # Of an article and its AMP variant in one feed, the article itself is taken.
    items = sorted(found, key=lambda item: is_variant(item.url))
    keys = {item.url: address_key(item.url) for item in items}
    known: set[str] = set()
    titles: set[tuple[str, str]] = set()
    for start in range(0, len(items), 500):
        chunk = items[start : start + 500]
        wanted = [keys[item.url] for item in chunk]
        for column in (Article.url_key, Article.canonical_key):
            known.update(session.scalars(select(column).where(column.in_(wanted))))
        guids = [item.guid for item in chunk if item.guid]
        rows = session.execute(
            select(Article.guid, Article.title).where(Article.source_slug == spec.slug, Article.guid.in_(guids))
        )
        titles.update((guid, title_key(title)) for guid, title in rows)
    rows_to_add = []
    for item in items:
        if keys[item.url] in known or (item.guid and (item.guid, title_key(item.title)) in titles):
            continue
        known.add(keys[item.url])
        rows_to_add.append(_article_row(spec, item, keys[item.url], not_before, now))
    return insert_missing(session, Article, rows_to_add)


def _article_row(spec: SourceSpec, item: Found, url_key: str, not_before: datetime, now: datetime) -> dict[str, object]:
    selected = spec.select == "all"
    return {
        "source_slug": spec.slug,
        "url": item.url,
        "url_key": url_key,
        "guid": item.guid,
        "lang": item.lang or spec.languages[0],
        "title": item.title,
        "summary": item.summary,
        "published_at": item.published,
        "not_before": None if item.published else not_before,
        "announced": {"sections": list(item.sections), "authors": list(item.authors)},
        "discovered_at": now,
        "decision": Decision.SELECTED if selected else Decision.UNDECIDED,
        "decided_at": now if selected else None,
        "decision_reason": f"{spec.name} is translated whole" if selected else "",
    }


def due_articles(store: Store, source_slug: str, now: datetime, limit: int = 1000) -> list[int]:
    """Ids of a source's articles whose page is to be read: those never read, oldest discovery first, then those whose
    time has come to be looked at again. Last come those whose reading began and never ended: they may end this process."""
    unread = and_(Article.document_id.is_(None), Article.gone.is_(False), Article.doubt_id.is_(None))
    again = and_(or_(Article.document_id.is_not(None), Article.doubt_id.is_not(None)), Article.look_at <= now)
    with store.read() as session:
        return list(
            session.scalars(
                select(Article.id)
                .where(
                    Article.source_slug == source_slug,
                    or_(unread, again),
                    Article.decision != Decision.DISMISSED,
                    due(Article, now),
                )
                .order_by(Article.unfinished, Article.document_id.is_not(None), Article.id)
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
    """Fetch an article's page, or pages, and read them into a document; the same content again makes no new version.

    ``languages`` are those a selected article is translated into. The snapshot is kept even where extraction fails.
    That the page is about to be read is noted before it is: one that twice ended the process that read it waits a day.
    A page that has gone says so on the article (``gone``), and nothing is withdrawn; one that may not be the article
    any more becomes a doubt and no version. Raises SourceError, after recording it on the article.
    """
    with store.write() as session:
        if not take_lease(session, Article, article_id, owner, now + _LEASE, now):
            return Fetched("busy")
        article = session.get_one(Article, article_id)
        url = article.url
        known_document = article.document_id
        known_content = article.document.content_hash if article.document else ""
        stored = [page for _, page in stored_pages(session, article_id)]

    with Attempt(store, article) as attempt:
        try:
            refuse_deadly(article, "reading this page", ExtractionError, url)
            conditional = known_document is not None
            pages = _fetch_pages(attempt, fetcher, spec, url, stored, now, conditional=conditional)
            if pages is None:
                with store.write() as session:
                    article = session.get_one(Article, article_id)
                    end_doubt(session, article, now)
                    _looked(article, spec, now)
                return Fetched("unchanged", known_document)
            try:
                document = read_pages(pages, spec)
                if known_document is None and (better := _without_variant(url, document)):
                    # An AMP or mobile page: the article itself is richer, and is what readers should be sent to.
                    try:
                        pages = _fetch_pages(attempt, fetcher, spec, better, [], now, conditional=False) or pages
                        document, url = read_pages(pages, spec), better
                    except SourceError as error:
                        if error.retryable:
                            raise
            except ExtractionError:
                if (doubt := judge_pages(store, article_id, pages, None, stored, None, spec)) is not None:
                    return _doubtful(store, article_id, doubt, pages, None, now)
                with store.write() as session:
                    if known_document is None:  # of what was never read, the newest look is enough
                        session.execute(
                            delete(Snapshot).where(Snapshot.article_id == article_id, Snapshot.doubtful.is_(False))
                        )
                    _add_snapshots(session, article_id, pages)
                raise
            # Of what differs only because pages are read better than they were, ``reextract`` tells, not a look at the source.
            said = _read_today(stored, spec) if known_content not in ("", document.content_hash()) else None
            same = said is not None and said.content_hash() == document.content_hash()
            if not same and (doubt := judge_pages(store, article_id, pages, document, stored, said, spec)) is not None:
                return _doubtful(store, article_id, doubt, pages, document, now)
        except IvpipeError as error:
            with store.write() as session:
                article = session.get_one(Article, article_id)
                if isinstance(error, PageGone):
                    end_doubt(session, article, now)
                _record(article, error, spec, now)
            raise

        with store.write() as session:
            article = session.get_one(Article, article_id)
            snapshot_id = _add_snapshots(session, article_id, pages)
            end_doubt(session, article, now)
            if url != article.url and session.scalar(select(Article.id).where(Article.url == url)) is None:
                article.url = url
            _looked(article, spec, now)
            if same:
                return Fetched("unchanged", known_document)
            outcome = store_document(session, article, snapshot_id, document, spec, languages, now)
            return Fetched(outcome, article.document_id, document.warnings)


def _doubtful(
    store: Store, article_id: int, doubt: Doubt, pages: Sequence[FetchedPage], document: Document | None, now: datetime
) -> Fetched:
    """Keep pages that may not be the article, with the doubt; the article stays as it is."""
    with store.write() as session:
        article = session.get_one(Article, article_id)
        snapshot_id = same_snapshot(session, article, pages[0]) or _add_snapshots(
            session, article_id, pages, doubtful=True
        )
        note_doubt(session, article, doubt, snapshot_id, document, now)
        end_lease(article)
        return Fetched("doubtful", article.document_id, (doubt.text,), doubt)


def _read_today(stored: Sequence[FetchedPage], spec: SourceSpec) -> Document | None:
    """What the pages as they were stored say, read as pages are read today."""
    try:
        return read_pages(stored, spec) if stored else None
    except ExtractionError:
        return None


def _without_variant(url: str, document: Document) -> str:
    """The address of the article that an AMP or mobile page is a variant of, as it says itself; "" if it is none."""
    canonical = document.canonical_url
    same = address_key(canonical) == address_key(url)
    return canonical if is_variant(url) and same and not is_variant(canonical) else ""


def _looked(article: Article, spec: SourceSpec, now: datetime) -> None:
    """Note a look that succeeded."""
    article.looked_at = now
    article.look_at = next_look(article.discovered_at, now, spec.relook_days)
    article.gone, article.gone_at = False, None
    end_lease(article)


def _record(article: Article, error: IvpipeError, spec: SourceSpec, now: datetime) -> None:
    """Note a look that failed. One that was to be a last look at a known article is not repeated for ever."""
    article.looked_at = now
    record_failure(article, error, now)
    if isinstance(error, PageGone):
        article.gone, article.gone_at = True, article.gone_at or now
    if article.document_id is None:
        return
    following = next_look(article.discovered_at, now, spec.relook_days)
    if following is None or not error.retryable:
        article.look_at = following
    if following is None and not article.gone:
        end_lease(article)


def _fetch_pages(
    attempt: Attempt,
    fetcher: Fetcher,
    spec: SourceSpec,
    url: str,
    stored: Sequence[FetchedPage],
    now: datetime,
    *,
    conditional: bool,
) -> list[FetchedPage] | None:
    """The article's page and those on the same host that continue it, 20 at most; None where all are as ``stored``.

    ``attempt`` is begun when the first has come, and is to be looked into, and paused while the site is asked for more.

    Raises FetchError; of a page that continues it only where trying again may help: else the article ends before it.
    """
    attempt.pause()
    known = {page.url: page for page in stored} if conditional else {}
    first, changed = _fetch_page(fetcher, spec, url, stored[0] if known else None, now)
    if not changed and len(stored) == 1:
        return None
    attempt.begin()
    pages = [first]
    while len(pages) < MOST_PAGES and (following := _following(pages)):
        attempt.pause()
        try:
            page, differs = _fetch_page(fetcher, spec, following, known.get(following), now)
        except FetchError as error:
            if error.retryable:
                raise
            break
        finally:
            attempt.begin()
        if parse_url(page.url).host != parse_url(first.url).host or page.url in {one.url for one in pages}:
            break
        pages.append(page)
        changed = changed or differs
    return pages if changed or len(pages) != len(stored) else None


def _following(pages: Sequence[FetchedPage]) -> str | None:
    """The address of the page after the last one; None where the article ends, or where it is no web page."""
    last = pages[-1]
    try:
        return next_page(last.body, last.url, last.content_type, first=pages[0].url)
    except ExtractionError:
        return None


def _fetch_page(
    fetcher: Fetcher, spec: SourceSpec, url: str, before: FetchedPage | None, now: datetime
) -> tuple[FetchedPage, bool]:
    """One page, asked for on the condition that it differs from the one there was; and whether it does."""
    headers = before.headers if before else {}
    answer = fetcher.get(url, spec.fetch, etag=headers.get("etag", ""), last_modified=headers.get("last-modified", ""))
    if before and answer.not_modified:
        return before, False
    page = follow(_page(answer, now), lambda address: _page(fetcher.get(address, spec.fetch), now))
    # The same page at another address has moved: readers are to be sent there.
    same = before is not None and page.body == before.body and address_key(page.url) == address_key(before.url)
    return (before, False) if before and same else (page, True)


def _page(answer: Answer, now: datetime) -> FetchedPage:
    kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return FetchedPage(answer.url, kept, answer.body, now)


def _add_snapshots(session: Session, article_id: int, pages: Sequence[FetchedPage], *, doubtful: bool = False) -> int:
    """Keep the pages as they came; returns the first one's id."""
    first: int | None = None
    for page in pages:
        snapshot = Snapshot(
            article_id=article_id,
            first_id=first,
            url=page.url,
            status=200,
            headers=page.headers,
            body=zlib.compress(page.body, 6),
            sha256=hashlib.sha256(page.body).hexdigest(),
            fetched_at=page.fetched_at,
            doubtful=doubtful,
        )
        session.add(snapshot)
        session.flush()
        first = first or snapshot.id
    assert first is not None
    return first
