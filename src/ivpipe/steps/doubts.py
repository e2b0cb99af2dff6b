"""Doubtful pages: which there are, and what an editor decides about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, joinedload

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Actor, Article, ArticleDoubt, Decision, DoubtDecision, Role, Snapshot
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.documents import next_look, store_document
from ivpipe.steps.judge import end_doubt
from ivpipe.store import Store
from ivpipe.store.rows import end_lease


def in_doubt() -> ColumnElement[bool]:
    """Of an article: whether its page is doubtful and no editor has decided about it."""
    return exists().where(ArticleDoubt.id == Article.doubt_id, ArticleDoubt.decision.is_(None))


def doubtful_articles(store: Store) -> list[Article]:
    """Articles whose page is doubtful, for an editor to decide on, the newest doubt first; their doubts are loaded."""
    with store.read() as session:
        return list(
            session.scalars(
                select(Article)
                .where(in_doubt(), Article.decision != Decision.DISMISSED)
                .options(joinedload(Article.doubt))
                .order_by(Article.doubt_id.desc())
            )
        )


def accept_page(
    store: Store, article_id: int, spec: SourceSpec, languages: Sequence[str], actor: Actor, now: datetime
) -> str:
    """Make the doubtful page the article's next version after all; says what it is, as ``documents.store_document`` does.

    Raises Refused (no editor; nothing could be read from the page), NotFound (no such article, or no doubt about it).
    """
    with store.write() as session:
        article, row = _doubted(session, article_id, actor)
        if row.content is None:
            raise Refused(
                "no article could be read from the page", subject=article.title or article.url,
                advice="keep what there is, or dismiss the article",
            )  # fmt: skip
        _decide(row, DoubtDecision.ACCEPTED, actor, now)
        end_doubt(session, article, now)
        article.gone, article.gone_at = False, None
        article.look_at = next_look(article.discovered_at, now, spec.relook_days)
        end_lease(article)
        session.execute(
            update(Snapshot)
            .where((Snapshot.id == row.snapshot_id) | (Snapshot.first_id == row.snapshot_id))
            .values(doubtful=False)
        )
        return store_document(session, article, row.snapshot_id, row.content, spec, languages, now)


def keep_text(store: Store, article_id: int, actor: Actor, now: datetime, *, gone: bool = False) -> None:
    """Decide that the doubtful page is not the article, which keeps the text it has; with ``gone``, that it has gone from
    its site, so that editors decide what becomes of its translations.

    The page is still looked at; the article that comes back is found by itself, and another doubt is told anew.
    Raises Refused, NotFound.
    """
    with store.write() as session:
        article, row = _doubted(session, article_id, actor)
        if article.document_id is None and not gone:
            raise Refused(
                "there is no text of it to keep", subject=article.title or article.url,
                advice="accept the page, say that it is gone, or dismiss the article",
            )  # fmt: skip
        _decide(row, DoubtDecision.GONE if gone else DoubtDecision.KEPT, actor, now)
        if gone:
            article.gone, article.gone_at = True, article.gone_at or now


def _doubted(session: Session, article_id: int, actor: Actor) -> tuple[Article, ArticleDoubt]:
    article = session.get(Article, article_id, with_for_update=True)
    if article is None:
        raise NotFound(f"there is no article {article_id}")
    if Role.EDITOR not in actor.roles:
        raise Refused("only an editor decides whether a page is the article", subject=article.title or article.url)
    if article.doubt_id is None:
        raise NotFound(f"there is no doubt about article {article_id} (any more)")
    return article, session.get_one(ArticleDoubt, article.doubt_id)


def _decide(row: ArticleDoubt, decision: DoubtDecision, actor: Actor, now: datetime) -> None:
    row.decision, row.decided_at, row.decided_by_id = decision, now, actor.user_id
