"""Estimate: what drafting would bill, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ivpipe.engines import Engine, EngineOptions, EngineText
from ivpipe.engines.selection import no_engine
from ivpipe.errors import NotFound
from ivpipe.model import Article, DocumentVersion, LanguagePair, State, Translation
from ivpipe.model.languages import primary
from ivpipe.steps.answers import answer_key, engine_texts, stored_answers
from ivpipe.steps.cost import Terms
from ivpipe.steps.draft import draft_rows
from ivpipe.steps.filling import Task
from ivpipe.steps.merge import merges_to_prepare
from ivpipe.store import Store
from ivpipe.text.inline import plain_text

Asked = set[tuple[str, str, str]]
"""(engine, pair, key of the answer): what would be paid for already by then."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one translation would cost. Counts are characters of the source: ``saved`` by people's work and the memory,
    ``cached`` by answers had before, ``billed`` what would be paid, ``price`` in the currency of the terms. ``problem``:
    why it cannot be drafted now.
    """

    article_id: int
    title: str
    lang: str
    characters: int = 0
    saved: int = 0
    cached: int = 0
    billed: int = 0
    engine: str = ""
    price: float = 0.0
    problem: str = ""


def estimate_articles(
    store: Store, article_ids: Sequence[int], languages: Sequence[str], engines: Sequence[Engine], terms: Terms
) -> list[Estimate]:
    """What drafting these articles into these languages would bill, one after the other; none named: all that wait.

    An article need not be selected. A sentence that two of them share counts once. Raises NotFound.
    """
    asked: Asked = set()
    estimates: list[Estimate] = []
    with store.read() as session:
        for article in _articles(session, article_ids):
            existing = {
                row.lang: row
                for row in session.scalars(select(Translation).where(Translation.article_id == article.id))
            }
            wanted = dict.fromkeys((*existing, *(languages if article_ids else ())))
            estimates.extend(
                _estimate(store, session, article, lang, existing.get(lang), engines, terms, asked)
                for lang in wanted
                if primary(lang) != primary(article.lang)
            )
    return estimates


def _articles(session: Session, ids: Sequence[int]) -> list[Article]:
    if not ids:
        pending = select(Translation.article_id).where(Translation.state == State.PENDING)
        return list(
            session.scalars(
                select(Article)
                .where(or_(Article.id.in_(pending), Article.id.in_(merges_to_prepare(Translation.article_id))))
                .order_by(Article.id)
            )
        )
    found = {row.id: row for row in session.scalars(select(Article).where(Article.id.in_(ids)))}
    if missing := [number for number in ids if number not in found]:
        raise NotFound(f"there is no article {', '.join(map(str, missing))}")
    return [found[number] for number in dict.fromkeys(ids)]


def _estimate(
    store: Store,
    session: Session,
    article: Article,
    lang: str,
    translation: Translation | None,
    engines: Sequence[Engine],
    terms: Terms,
    asked: Asked,
) -> Estimate:
    title = article.title or article.url
    version = session.get(DocumentVersion, article.document_id or 0)
    if version is None:
        return Estimate(article.id, title, lang, problem="its page has not been read yet")
    if translation is not None and translation.state is not State.PENDING and translation.document_id == version.id:
        return Estimate(article.id, title, lang, problem=f"nothing to do: it is {translation.state.replace('_', ' ')}")
    pair = LanguagePair(primary(article.lang), primary(lang))
    task = Task(translation.id if translation else 0, title, pair, version.id, version.content)
    rows = draft_rows(store, translation.id if translation else None, task)
    texts = engine_texts(rows)
    characters = sum(len(plain_text(row.source)) for row in rows)
    saved = sum(len(plain_text(row.source)) for row in rows if row.key not in texts)
    engine, cached, sent, problem = _foresee(store, texts, pair, engines, terms, asked)
    billed = sent if engine is not None and engine.capabilities().bills else 0
    name = engine.name if engine is not None else ""
    return Estimate(
        article.id, title, lang, characters, saved, cached, billed, name, terms.price(name, billed), problem
    )


def _foresee(
    store: Store,
    texts: Mapping[str, EngineText],
    pair: LanguagePair,
    engines: Sequence[Engine],
    terms: Terms,
    asked: Asked,
) -> tuple[Engine | None, int, int, str]:
    """(the engine that would be asked, characters had before, characters it would be sent, why none can be asked)."""
    sizes = {key: len(plain_text(text.tagged)) for key, text in texts.items()}
    missing = list(texts)
    cached = 0
    reasons: dict[str, str] = {}
    options = EngineOptions()
    for engine in terms.engines_for(engines, pair):
        if not missing:
            break
        known = stored_answers(store, engine, pair, missing, options)
        variant = engine.variant(pair, options)
        marks = {key: (engine.name, str(pair), answer_key(key, variant)) for key in missing}
        cached += sum(sizes[key] for key in missing if key in known or marks[key] in asked)
        missing = [key for key in missing if key not in known and marks[key] not in asked]
        problem = engine.problem(pair) if missing else None
        if problem is not None:
            reasons[engine.name] = problem
        elif missing:
            asked.update(marks[key] for key in missing)
            return engine, cached, sum(sizes[key] for key in missing), ""
    return None, cached, 0, no_engine(pair, reasons).message if missing else ""
