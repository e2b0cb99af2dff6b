"""Triage: an editor selects an article for translation, or dismisses it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Actor, Article, Decision, Role, State, Translation
from ivpipe.model.languages import primary
from ivpipe.store import Store
from ivpipe.store.rows import insert_missing


def select_article(store: Store, article_id: int, languages: Sequence[str], actor: Actor, now: datetime) -> None:
    """Have an article translated into each of ``languages``. Raises Refused, NotFound.

    Selecting it again does nothing, except where its translation waits because the page is a teaser only: then
    what there is of it is translated after all.
    """
    with store.write() as session:
        article, before = _decide(session, article_id, Decision.SELECTED, actor, "", now)
        if before is Decision.SELECTED:
            hold_translations(session, article, "")
        if article.document_id is not None:
            add_translations(session, article, languages, now)


def dismiss_article(store: Store, article_id: int, actor: Actor, reason: str, now: datetime) -> None:
    """Put an article aside. Refused once a draft exists: reject the translation instead. Raises Refused, NotFound."""
    with store.write() as session:
        article, _ = _decide(session, article_id, Decision.DISMISSED, actor, reason, now)
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


def _decide(
    session: Session, article_id: int, decision: Decision, actor: Actor, reason: str, now: datetime
) -> tuple[Article, Decision]:
    """Note the decision; returns the article and what was decided before."""
    article = session.get(Article, article_id, with_for_update=True)
    if article is None:
        raise NotFound(f"there is no article {article_id}")
    if Role.EDITOR not in actor.roles:
        raise Refused("only an editor chooses what is translated", subject=article.title)
    before, article.decision = article.decision, decision
    article.decided_at = now
    article.decided_by_id = actor.user_id
    article.decision_reason = reason
    return article, before


def add_translations(session: Session, article: Article, languages: Sequence[str], now: datetime) -> None:
    """Give an article a pending translation into each language it has none in and is not written in."""
    insert_missing(
        session,
        Translation,
        [
            {
                "article_id": article.id,
                "lang": lang,
                "created_at": now,
                "changed_at": now,
                "last_error": _held(article.waits),
            }
            for lang in languages
            if primary(lang) != primary(article.lang)
        ],
    )


def hold_translations(session: Session, article: Article, reason: str) -> None:
    """Let an article's pending translations wait for a reason, told on each; with "" let them go on."""
    before, article.waits = article.waits, reason
    if before != reason:
        session.execute(
            update(Translation)
            .where(
                Translation.article_id == article.id,
                Translation.state == State.PENDING,
                Translation.last_error.in_(("", _held(before))),
            )
            .values(last_error=_held(reason))
            .execution_options(synchronize_session="fetch")
        )


def _held(reason: str) -> str:
    return f"{reason} — select the article again to translate what there is, or dismiss it" if reason else ""
