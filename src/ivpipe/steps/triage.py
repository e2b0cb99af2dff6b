"""Triage: an editor selects an article for translation, or dismisses it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Actor, Article, Decision, Role, State, Translation
from ivpipe.model.languages import primary
from ivpipe.store import Store
from ivpipe.store.rows import insert_missing


def select_article(store: Store, article_id: int, languages: Sequence[str], actor: Actor, now: datetime) -> None:
    """Have an article translated into each of ``languages``; selecting it again does nothing. Raises Refused, NotFound."""
    with store.write() as session:
        article = _decide(session, article_id, Decision.SELECTED, actor, "", now)
        if article.document_id is not None:
            add_translations(session, article, languages, now)


def dismiss_article(store: Store, article_id: int, actor: Actor, reason: str, now: datetime) -> None:
    """Put an article aside. Refused once a draft exists: reject the translation instead. Raises Refused, NotFound."""
    with store.write() as session:
        article = _decide(session, article_id, Decision.DISMISSED, actor, reason, now)
        states = session.execute(
            select(Translation.state, Translation.revision).where(Translation.article_id == article_id)
        ).all()
        if any(revision and state is not State.REJECTED for state, revision in states):
            raise Refused(
                "a translation of it has been drafted already",
                subject=f"article {article_id} ({article.title})",
                advice="reject the translation instead",
            )
        session.execute(delete(Translation).where(Translation.article_id == article_id, Translation.revision == 0))


def _decide(session: Session, article_id: int, decision: Decision, actor: Actor, reason: str, now: datetime) -> Article:
    article = session.get(Article, article_id, with_for_update=True)
    if article is None:
        raise NotFound(f"there is no article {article_id}")
    if Role.EDITOR not in actor.roles:
        raise Refused("only an editor chooses what is translated", subject=article.title)
    article.decision = decision
    article.decided_at = now
    article.decided_by_id = actor.user_id
    article.decision_reason = reason
    return article


def add_translations(session: Session, article: Article, languages: Sequence[str], now: datetime) -> None:
    """Give an article a pending translation into each language it has none in and is not written in."""
    insert_missing(
        session,
        Translation,
        [
            {"article_id": article.id, "lang": lang, "created_at": now, "changed_at": now}
            for lang in languages
            if primary(lang) != primary(article.lang)
        ],
    )
