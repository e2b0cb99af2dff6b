"""Judge each fetched page before it becomes a version: is this still the article? And note the doubt where it may not be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ivpipe.model import Article, ArticleDoubt, Document, Doubt, Snapshot
from ivpipe.sources.judging import Announced, Look, judge_page
from ivpipe.sources.reading import FetchedPage
from ivpipe.sources.sameness import address_key, canonical_key
from ivpipe.sources.signs import has_end
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.documents import next_look
from ivpipe.store import Store

LOOKED_AT_FOR = 30
"""Days in which a doubtful page is looked at again (after 1 and 6 hours, 1, 3, 7, 14 days …): what is a mishap of the site
is put right in hours or days, and what is not put right in a month is for an editor to decide."""


def judge_pages(
    store: Store,
    article_id: int,
    pages: Sequence[FetchedPage],
    document: Document | None,
    stored: Sequence[FetchedPage],
    before: Document | None,
    spec: SourceSpec,
) -> Doubt | None:
    """The doubt whether freshly fetched pages are still the article; None where there is none.

    ``document`` is what was read from them (None: nothing), ``stored`` the pages of the newest version ([] before the
    first) and ``before`` what is read from those today, as a better rule is no change (None: the version as it is kept).
    """
    with store.read() as session:
        article = session.get_one(Article, article_id)
        look = Look(
            asked=article.url,
            page=pages[0],
            document=document,
            before=(before or article.document.content) if article.document else None,
            stored_ended=bool(stored) and has_end(stored[0].body),
            announced=Announced(article.title, article.summary),
            front=spec.url,
            other=_other(session, article, pages[0], document),
        )
    return judge_page(look)


def _other(session: Session, article: Article, page: FetchedPage, document: Document | None) -> int | None:
    """The id of another article that has the address a page came from, or calls its own; None where there is none."""
    keys = {address_key(page.url), canonical_key(document) if document else ""} - {"", article.url_key}
    keys.discard(address_key(article.url))
    return session.scalar(
        select(Article.id)
        .where(
            Article.id != article.id,
            Article.duplicate_of_id.is_distinct_from(article.id),
            or_(Article.url_key.in_(keys), Article.canonical_key.in_(keys)),
        )
        .order_by(Article.id)
        .limit(1)
    )


def note_doubt(
    session: Session, article: Article, doubt: Doubt, snapshot_id: int, document: Document | None, now: datetime
) -> None:
    """Note that an article's page is doubtful, in the running transaction, and when to look at it again.

    The same doubt again is the same row, whatever was decided about it; the article's documents, translations and live
    pages are left alone.
    """
    row = session.get(ArticleDoubt, article.doubt_id) if article.doubt_id else None
    since = now
    if row is not None and row.kind is not doubt.kind:
        # Walls change their form; looks go on thinning out from when the article was first missed.
        since, row.ended_at = row.since if row.decision is None else now, now
        row = None
    if row is None:
        row = ArticleDoubt(article_id=article.id, kind=doubt.kind, since=since, seen=0)
        session.add(row)
    row.snapshot_id = snapshot_id
    row.evidence = doubt.to_dict()
    row.content = document
    row.seen_at, row.seen = now, row.seen + 1
    session.flush()
    article.doubt_id = row.id
    article.looked_at = now
    article.look_at = next_look(row.since, now, LOOKED_AT_FOR)


def end_doubt(session: Session, article: Article, now: datetime) -> None:
    """The article is back, or its page has gone for good: there is no doubt any more."""
    if article.doubt_id is not None:
        session.get_one(ArticleDoubt, article.doubt_id).ended_at = now
        article.doubt_id = None


def same_snapshot(session: Session, article: Article, page: FetchedPage) -> int | None:
    """The id of the doubtful page stored last, if it is the same as this one to the byte: it is not stored again."""
    row = session.get(ArticleDoubt, article.doubt_id) if article.doubt_id else None
    if row is None:
        return None
    snapshot = session.get_one(Snapshot, row.snapshot_id)
    same = snapshot.sha256 == hashlib.sha256(page.body).hexdigest() and snapshot.url == page.url
    return snapshot.id if same else None
