"""The health of sources: what recent looks and documents say about how well a partner's site is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivpipe.model import Article, Decision, Source
from ivpipe.steps.doubts import in_doubt
from ivpipe.store import Store

GOOD, DOUBTFUL = 80, 50
"""A source of at least so many points of 100 is good, or doubtful; with fewer it is bad, and the operator is alarmed."""

_RECENT = 20
_DAYS_OF = 60
_FEWEST = 4
_LEAST_SILENCE = timedelta(days=4)
_SILENCE_OF_A_NEW_SOURCE = timedelta(days=45)

_DOUBTS = (
    (90, re.compile(r"finds nothing any more|generically"), "a rule of the spec finds nothing any more"),
    (90, re.compile(r"no title"), "no title was found"),
    (70, re.compile(r"very short"), "very short"),
    (70, re.compile(r"paywall"), "a teaser behind a paywall"),
    (40, re.compile(r"\bnotes?\b"), "notes and their marks do not match"),
    (40, re.compile(r""), "other doubts"),
)
"""What warnings mean, the gravest first: points lost where all recent articles have one, how it is told, its name."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What ``judge`` goes by. ``doubts``: the warnings of each of the documents read last; ``unread``: how many of the
    articles found last cannot be read; ``lost``: of how many of those read last the page may not be the article any more;
    ``days``: on which days the last articles appeared."""

    polled: bool
    failures: int = 0
    error: str = ""
    doubts: Sequence[Sequence[str]] = ()
    unread: int = 0
    lost: int = 0
    days: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """``score`` 0–100, ``grade`` "good", "doubtful", "bad" or "new" (never looked at); ``reasons`` the gravest first."""

    score: int
    grade: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as ``ivpipe source list`` and the status page show it."""

    slug: str
    health: Health
    articles: int = 0
    selected: int = 0
    last_success: datetime | None = None
    last_article: datetime | None = None
    failures: int = 0
    error: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "slug": self.slug,
            "health": self.health.score,
            "grade": self.health.grade,
            "reasons": list(self.health.reasons),
            "articles": self.articles,
            "selected": self.selected,
            "last_success": self.last_success.isoformat(timespec="seconds") if self.last_success else None,
            "last_article": self.last_article.isoformat(timespec="seconds") if self.last_article else None,
            "failures": self.failures,
            "error": self.error,
        }


def judge(facts: Facts, today: date) -> Health:
    """How healthy a source is. Shares are of the last 20 articles, of four at least, so that one bad page is no alarm."""
    if not facts.polled:
        return Health(100, "new", ("it has not been looked at yet",))
    losses: list[tuple[float, str]] = []
    if facts.failures:
        times = "once" if facts.failures == 1 else f"{facts.failures} times in a row"
        losses.append((min(15 * facts.failures, 75), f"it could not be looked at, {times}: {facts.error}"))
    # Each article counts once, by its gravest doubt.
    doubts = Counter(doubt for warnings in facts.doubts if (doubt := _gravest(warnings)) is not None)
    for (weight, word), count in doubts.items():
        share = count / max(len(facts.doubts), _FEWEST)
        losses.append((weight * share, f"{count} of the last {len(facts.doubts)} articles: {word}"))
    if facts.unread:
        total = facts.unread + len(facts.doubts)
        losses.append((90 * facts.unread / max(total, _FEWEST), f"{facts.unread} of the last {total} cannot be read"))
    if facts.lost:
        share = facts.lost / max(len(facts.doubts), _FEWEST)
        losses.append((70 * share, f"{facts.lost} of the last {len(facts.doubts)} articles: their page may be another"))
    if (silence := _silence(facts.days, today)) is not None:
        losses.append((40, silence))
    score = max(0, round(100 - sum(loss for loss, _ in losses)))
    grade = "good" if score >= GOOD else "doubtful" if score >= DOUBTFUL else "bad"
    return Health(score, grade, tuple(reason for _, reason in sorted(losses, key=lambda one: -one[0])))


def _gravest(warnings: Sequence[str]) -> tuple[int, str] | None:
    return next(
        ((weight, word) for weight, pattern, word in _DOUBTS if any(pattern.search(one) for one in warnings)), None
    )


def _silence(days: Sequence[date], today: date) -> str | None:
    """Whether nothing has come for three times as long as it ever took between the last articles."""
    known = sorted(set(days))
    if not known:
        return None
    gaps = [later - earlier for earlier, later in pairwise(known)]
    usual = max(gaps) if len(gaps) >= _FEWEST else None
    patience = max(3 * usual, _LEAST_SILENCE) if usual is not None else _SILENCE_OF_A_NEW_SOURCE
    silent = today - known[-1]
    if silent <= patience:
        return None
    return f"silent for {silent.days} days" + (f"; it used to be {usual.days} at most" if usual is not None else "")


def source_states(store: Store, slugs: Sequence[str], now: datetime) -> dict[str, SourceState]:
    """The state of each of the sources, by slug, in their order."""
    with store.read() as session:
        rows = {row.slug: row for row in session.scalars(select(Source).where(Source.slug.in_(slugs)))}
        totals: dict[str, Counter[Decision]] = {}
        for slug, decision, number in session.execute(
            select(Article.source_slug, Article.decision, func.count(Article.id))
            .where(Article.source_slug.in_(slugs))
            .group_by(Article.source_slug, Article.decision)
        ):
            totals.setdefault(slug, Counter())[decision] = number
        return {
            slug: _state(session, slug, rows.get(slug), totals.get(slug, Counter()), now)
            for slug in dict.fromkeys(slugs)
        }


def _state(session: Session, slug: str, row: Source | None, totals: Counter[Decision], now: datetime) -> SourceState:
    recent = session.execute(
        select(Article.document_id, Article.warnings, Article.last_error, Article.gone, in_doubt())
        .where(Article.source_slug == slug, Article.duplicate_of_id.is_(None))
        .order_by(Article.id.desc())
        .limit(_RECENT)
    ).all()
    appeared = [
        found if published is None else min(found, published)
        for found, published in session.execute(
            select(Article.discovered_at, Article.published_at)
            .where(Article.source_slug == slug)
            .order_by(Article.id.desc())
            .limit(_DAYS_OF)
        )
    ]
    facts = Facts(
        polled=row is not None and row.last_polled_at is not None,
        failures=row.failures if row else 0,
        error=row.last_error if row else "",
        doubts=[
            warnings for document, warnings, error, gone, _ in recent if document is not None and (gone or not error)
        ],
        unread=sum(
            not gone and bool(error or (doubt and document is None)) for document, _, error, gone, doubt in recent
        ),
        lost=sum(doubt and document is not None for document, *_, doubt in recent),
        days=[moment.date() for moment in appeared],
    )
    return SourceState(
        slug,
        judge(facts, now.date()),
        sum(totals.values()),
        totals[Decision.SELECTED],
        row.last_succeeded_at if row else None,
        max(appeared, default=None),
        facts.failures,
        facts.error,
    )
