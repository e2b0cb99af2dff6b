"""What the pages of triage and of an article read, as plain values: nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, undefer

from ivpipe.errors import NotFound
from ivpipe.model import (
    Article,
    ArticleDoubt,
    Decision,
    Document,
    DocumentVersion,
    Doubt,
    DoubtDecision,
    State,
    Translation,
)
from ivpipe.text.plain import count_words

TRIAGE_PAGE = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article in triage. ``document`` is None until the page has been read. Only the head of the text is kept.

    ``waits``: why it is not translated as it now is, "" where nothing stands in the way. ``doubt``: that its page, as it
    now is, may not be the article; ``doubt_decision``: what an editor decided about that.
    """

    id: int
    url: str
    title: str
    summary: str
    source_slug: str
    lang: str
    published_at: datetime | None
    discovered_at: datetime
    decision: Decision
    reason: str
    error: str
    gone: bool
    waits: str
    document: Document | None
    words: int
    doubt: Doubt | None = None
    doubt_decision: DoubtDecision | None = None


def triage(session: Session, decision: Decision, source: str, page: int) -> tuple[list[Candidate], int]:
    """One page (from 0) of the articles under a decision, newest first, and how many there are of them in all."""
    chosen = [Article.decision == decision, *([Article.source_slug == source] if source else [])]
    total = session.scalar(select(func.count(Article.id)).where(*chosen)) or 0
    articles = session.scalars(
        select(Article)
        .where(*chosen)
        .options(joinedload(Article.document), joinedload(Article.doubt))
        .order_by(func.coalesce(Article.published_at, Article.discovered_at).desc(), Article.id.desc())
        .offset(page * TRIAGE_PAGE)
        .limit(TRIAGE_PAGE)
    ).all()
    return [_candidate(article) for article in articles], total


def triage_counts(session: Session) -> dict[str, int]:
    """How many articles stand under each decision."""
    return {
        str(decision): number
        for decision, number in session.execute(select(Article.decision, func.count()).group_by(Article.decision))
    }


def triage_sources(session: Session) -> list[str]:
    """Slugs of the sources articles have come from."""
    return list(session.scalars(select(Article.source_slug).distinct().order_by(Article.source_slug)))


def candidate(session: Session, article_id: int) -> Candidate:
    """One article as triage sees it. Raises NotFound."""
    article = session.get(Article, article_id, options=[joinedload(Article.document), joinedload(Article.doubt)])
    if article is None:
        raise NotFound(f"there is no article {article_id}")
    return _candidate(article)


def doubtful_page(session: Session, article_id: int) -> tuple[ArticleDoubt, Document | None]:
    """The doubt about an article's page and what was read from that page. Raises NotFound where there is none."""
    doubt_id = session.scalar(select(Article.doubt_id).where(Article.id == article_id))
    if doubt_id is None:
        raise NotFound(f"there is no doubt about article {article_id} (any more)")
    row = session.get_one(ArticleDoubt, doubt_id, options=[undefer(ArticleDoubt.content)])
    return row, row.content


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an article's document: when it was read, how many words it has."""

    number: int
    read_at: datetime
    words: int


def versions(session: Session, article_id: int) -> list[Version]:
    """All versions of an article's document, the newest first."""
    rows = session.scalars(
        select(DocumentVersion).where(DocumentVersion.article_id == article_id).order_by(DocumentVersion.number.desc())
    )
    return [Version(row.number, row.created_at, count_words(row.content)) for row in rows]


def translations_of(session: Session, article_id: int) -> list[tuple[int, str, State]]:
    """(id, language, state) of an article's translations."""
    return [
        (row.id, row.lang, row.state)
        for row in session.execute(
            select(Translation.id, Translation.lang, Translation.state)
            .where(Translation.article_id == article_id)
            .order_by(Translation.lang)
        )
    ]


def _candidate(article: Article) -> Candidate:
    document = article.document.content if article.document else None
    return Candidate(
        id=article.id,
        url=article.url,
        title=article.title or article.url,
        summary=article.summary,
        source_slug=article.source_slug,
        lang=article.lang,
        published_at=article.published_at,
        discovered_at=article.discovered_at,
        decision=article.decision,
        reason=article.decision_reason,
        error=article.last_error,
        gone=article.gone,
        waits=article.waits,
        document=document,
        words=count_words(document) if document else 0,
        doubt=article.doubt.doubt if article.doubt else None,
        doubt_decision=article.doubt.decision if article.doubt else None,
    )
