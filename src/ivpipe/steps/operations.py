"""Operations: what ran, what is where, what is stuck and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, and_, func, or_, select, update
from sqlalchemy.orm import Session

from ivpipe.errors import IvpipeError, MachineError, StoreError
from ivpipe.machine import folder_trouble
from ivpipe.masking import mask
from ivpipe.model import (
    Article,
    ArticlePicture,
    Decision,
    Publication,
    Run,
    State,
    Translation,
)
from ivpipe.steps.cost import Terms, billed_this_month, budget_state
from ivpipe.steps.documents import gone_articles
from ivpipe.steps.doubts import doubtful_articles
from ivpipe.steps.health import SourceState, source_states
from ivpipe.steps.ledger import close_old_uses, close_uses_of_the_dead, unsettled_this_month
from ivpipe.steps.login import forget_old_logins
from ivpipe.steps.review import release_expired
from ivpipe.steps.workers import worker_name
from ivpipe.store import Store
from ivpipe.store.rows import Leased, LeasedRow

FLOWS = ("ingest", "translate", "publish", "reconcile")

_TABLES: dict[str, Leased] = {
    "article": Article,
    "translation": Translation,
    "publication": Publication,
    "picture": ArticlePicture,
}
STUCK = tuple(_TABLES)
"""What can be stuck, and tried again by ``retry_now``."""

_LONGEST_RUN = timedelta(hours=6)
_LONGEST_LEASE = timedelta(hours=1)
"""No step takes a row for longer: a lease that ends later was taken before the clock was set back."""
_LONGEST_WAIT = timedelta(days=8)
"""No failure lets a row wait for longer."""
_CLOCK_BACK = timedelta(minutes=2)
_RUNS_KEPT = timedelta(days=90)


@contextmanager
def recorded_run(store: Store, flow: str, subject: str, clock: Callable[[], datetime]) -> Iterator[dict[str, Any]]:
    """Note that a flow ran, with the counts put into the dict it yields: our own record, which outlives Prefect's.

    A count ``failed`` above zero marks the run as not ok, as does an exception.
    """
    with store.write() as session:
        run = Run(flow=flow, subject=subject, started_at=clock(), counts={}, worker=worker_name())
        session.add(run)
        session.flush()
        run_id = run.id
    counts: dict[str, Any] = {}
    error = ""
    try:
        yield counts
    except BaseException as caught:
        error = str(caught) if isinstance(caught, IvpipeError) else mask(f"{type(caught).__name__}: {caught}")
        raise
    finally:
        with store.write() as session:
            run = session.get_one(Run, run_id)
            run.finished_at = clock()
            run.counts = dict(counts)
            run.error = error
            run.ok = not error and not counts.get("failed")


def ran_since(store: Store, flow: str, subject: str, moment: datetime) -> bool:
    """Whether a run of this flow with this subject began after ``moment`` and goes on, or ended without an error."""
    with store.read() as session:
        found = session.scalar(
            select(func.count(Run.id)).where(
                Run.flow == flow,
                Run.subject == subject,
                Run.started_at >= moment,
                or_(Run.finished_at.is_(None), Run.error == ""),
            )
        )
    return bool(found)


def close_dead_runs(store: Store, is_dead: Callable[[str], bool], now: datetime) -> int:
    """Note of the runs whose worker is known to be dead that they did not finish; how many there were."""
    with store.read() as session:
        open_runs = session.execute(select(Run.id, Run.worker).where(Run.finished_at.is_(None))).all()
    dead = [row_id for row_id, worker in open_runs if is_dead(worker)]
    if not dead:
        return 0
    with store.write() as session:
        return (
            session.query(Run)
            .filter(Run.id.in_(dead), Run.finished_at.is_(None))
            .update({"finished_at": now, "error": "it did not finish: its process ended"}, synchronize_session=False)
        )


def reconcile(store: Store, now: datetime) -> dict[str, int]:
    """Heal what a dead worker, an absent person or a clock that was set back left. Returns counts by what was done.

    Rows under a lease that has run out need nothing: they are due again by themselves, and only counted here.
    """
    released = release_expired(store, now)
    forget_old_logins(store, now)
    lost = close_old_uses(store, now)
    with store.write() as session:
        freed = sum(
            session.query(table)
            .filter(or_(table.lease_until < now, table.lease_until > now + _LONGEST_LEASE))
            .update({"lease_until": None, "lease_owner": ""}, synchronize_session=False)
            for table in _TABLES.values()
        )
        for table in _TABLES.values():
            session.query(table).filter(table.retry_at > now + _LONGEST_WAIT).update(
                {"retry_at": now}, synchronize_session=False
            )
        died = (
            session.query(Run)
            .filter(Run.finished_at.is_(None), Run.started_at < now - _LONGEST_RUN)
            .update({"finished_at": now, "error": "it did not finish within six hours"}, synchronize_session=False)
        )
        session.query(Run).filter(Run.started_at < now - _RUNS_KEPT).delete(synchronize_session=False)
    return {"holds released": released, "leases freed": freed, "dead runs": died, "requests without an answer": lost}


def free_leases(store: Store, is_dead: Callable[[str], bool]) -> int:
    """Give back the rows of workers that are known to be dead, without waiting for their leases to run out; what they had
    sent to engines stays counted. Returns how many rows that were."""
    close_uses_of_the_dead(store, is_dead)
    with store.read() as session:
        owners = {
            owner
            for table in _TABLES.values()
            for owner in session.scalars(select(table.lease_owner).where(table.lease_until.is_not(None)).distinct())
        }
    dead = sorted(owner for owner in owners if is_dead(owner))
    if not dead:
        return 0
    with store.write() as session:
        return sum(
            session.query(table)
            .filter(table.lease_owner.in_(dead))
            .update({"lease_until": None, "lease_owner": ""}, synchronize_session=False)
            for table in _TABLES.values()
        )


def status(store: Store, sources: Sequence[str], now: datetime, terms: Terms = Terms()) -> dict[str, Any]:  # noqa: B008
    """What is where, what is stuck and why, when each flow last succeeded, what was billed this month: JSON values."""
    states = source_states(store, sources, now)
    with store.read() as session:
        return {
            "at": now.isoformat(timespec="seconds"),
            "articles": _counts(session, Article.decision),
            "unread_articles": session.scalar(
                select(func.count(Article.id)).where(
                    Article.document_id.is_(None), Article.gone.is_(False), Article.decision != Decision.DISMISSED
                )
            ),
            "translations": _counts(session, Translation.state),
            "publications": {
                "live": session.scalar(
                    select(func.count(Publication.id)).where(Publication.live_revision.is_not(None))
                ),
                "due": session.scalar(
                    select(func.count(Publication.id)).where(
                        Publication.wanted_revision.is_distinct_from(Publication.live_revision)
                    )
                ),
            },
            "sources": [state.to_dict() for state in states.values()],
            "gone": [
                {
                    "id": row.id,
                    "title": row.title or row.url,
                    "url": row.url,
                    "since": row.gone_at.isoformat(timespec="seconds") if row.gone_at else None,
                }
                for row in gone_articles(store)
            ],
            "doubtful": [_doubtful(row) for row in doubtful_articles(store)],
            "stuck": [*_stuck_sources(states.values()), *_stuck_rows(session)],
            "clock": _clock_set_back(session, now),
            "flows": {flow: _last_runs(session, flow) for flow in FLOWS},
            "billed_this_month": (billed := billed_this_month(session, now)),
            "unsettled": unsettled_this_month(session, now),
            "budget": {"stop": (state := budget_state(terms, billed)).stop, "text": state.text, "left": state.left},
        }


def write_trouble(store: Store, data: Path) -> StoreError | MachineError | None:
    """Why the database, or the project's folder ``data``, cannot be written; None where both can, which is tried."""
    return store.write_trouble() or folder_trouble(data)


def _doubtful(article: Article) -> dict[str, Any]:
    """An article whose page is doubtful, with the evidence."""
    row = article.doubt
    assert row is not None
    doubt = row.doubt
    return {
        "id": article.id,
        "title": article.title or article.url,
        "url": article.url,
        "why": doubt.text,
        "read": article.document_id is not None,
        **doubt.to_dict(),
        "since": row.since.isoformat(timespec="seconds"),
        "seen": row.seen,
        "next_look": article.look_at.isoformat(timespec="seconds") if article.look_at else None,
    }


def _clock_set_back(session: Session, now: datetime) -> dict[str, Any] | None:
    """That the clock was set back, as far as the record shows: until when runs are noted, and how many rows wait for a time
    that no lease or failure can mean. None where nothing shows it."""
    last = session.scalar(select(func.max(Run.started_at)))
    rows = sum(
        session.scalar(
            select(func.count(table.id)).where(
                or_(table.lease_until > now + _LONGEST_LEASE, table.retry_at > now + _LONGEST_WAIT)
            )
        )
        or 0
        for table in _TABLES.values()
    )
    ahead = last is not None and last > now + _CLOCK_BACK
    if not ahead and not rows:
        return None
    return {"noted_until": last.isoformat(timespec="seconds") if last and ahead else None, "rows": rows}


def count_stuck(store: Store, sources: Sequence[str], now: datetime) -> int:
    """How much is stuck: the length of that list of ``status``."""
    states = source_states(store, sources, now)
    with store.read() as session:
        return len([*_stuck_sources(states.values()), *_stuck_rows(session)])


def _counts(session: Session, column: Any) -> dict[str, int]:
    return {str(value): count for value, count in session.execute(select(column, func.count()).group_by(column))}


def _stuck_sources(states: Iterable[SourceState]) -> list[dict[str, Any]]:
    """Sources that cannot be looked at, and those whose health is bad."""
    return [
        {"what": "source", "id": state.slug, "title": state.slug, "why": _why(state), "attempts": state.failures,
         "next_try": None}
        for state in states
        if state.failures or state.health.grade == "bad"
    ]  # fmt: skip


def _why(state: SourceState) -> str:
    if state.health.grade != "bad":
        return state.error
    return f"its health is {state.health.score} of 100: {'; '.join(state.health.reasons)}"


def _stuck_rows(session: Session) -> list[dict[str, Any]]:
    """Everything whose last attempt failed and that somebody still wants; pages that have gone are told by themselves."""
    found: list[dict[str, Any]] = []
    articles = session.scalars(
        select(Article)
        .where(Article.last_error != "", Article.decision != Decision.DISMISSED)
        .where(
            or_(Article.gone.is_(False), and_(Article.document_id.is_(None), Article.decision == Decision.UNDECIDED))
        )
        .order_by(Article.id)
    )
    found += [_stuck("article", row, row.title or row.url) for row in articles]
    translations = session.scalars(
        select(Translation)
        .where(Translation.last_error != "", Translation.state == State.PENDING)
        .order_by(Translation.id)
    )
    found += [_stuck("translation", row, row.article.title) for row in translations]
    publications = session.scalars(select(Publication).where(Publication.last_error != "").order_by(Publication.id))
    found += [_stuck_publication(row) for row in publications]
    pictures = session.scalars(
        select(ArticlePicture)
        .join(Article, Article.id == ArticlePicture.article_id)
        .where(ArticlePicture.last_error != "", Article.decision == Decision.SELECTED)
        .order_by(ArticlePicture.id)
    )
    found += [_stuck("picture", row, f"of {row.article.title or row.article.url}") for row in pictures]
    return found


def _stuck(what: str, row: LeasedRow, title: str) -> dict[str, Any]:
    return {
        "what": what,
        "id": row.id,
        "title": title,
        "why": row.last_error,
        "attempts": row.attempts,
        "next_try": row.retry_at.isoformat(timespec="seconds") if row.retry_at else None,
    }


def _stuck_publication(row: Publication) -> dict[str, Any]:
    """With the translation it is of, and whether it waits for an editor to settle a conflict: then nothing is tried."""
    conflict = row.conflict is not None
    found = _stuck("publication", row, f"{row.translation.slug} on {row.target}")
    found |= {"translation": row.translation_id, "conflict": conflict}
    return found | {"next_try": None} if conflict else found


def _last_runs(session: Session, flow: str) -> dict[str, Any]:
    last = session.scalar(select(Run).where(Run.flow == flow).order_by(Run.id.desc()).limit(1))
    succeeded = session.scalar(select(func.max(Run.finished_at)).where(Run.flow == flow, Run.ok.is_(True)))
    return {
        "last_success": succeeded.isoformat(timespec="seconds") if succeeded else None,
        "last_run": last.started_at.isoformat(timespec="seconds") if last else None,
        "running": bool(last and last.finished_at is None),
        "counts": last.counts if last else {},
        "error": last.error if last else "",
    }


def last_counts(store: Store, flow: str) -> dict[str, Any]:
    """What a flow's last run that ended counted; {} before the first."""
    with store.read() as session:
        counts = session.scalar(
            select(Run.counts).where(Run.flow == flow, Run.finished_at.is_not(None)).order_by(Run.id.desc()).limit(1)
        )
    return counts or {}


def retry_now(store: Store, what: str, row_id: int) -> bool:
    """Let a failed row (``what``: of ``STUCK``) be tried at the next sweep; False where there is none such."""
    table = _TABLES[what].__table__
    values: dict[str, Any] = {"retry_at": None}
    if what == "article":
        # Look again at once, also at a page that had gone.
        values |= {"gone": False, "gone_at": None, "look_at": Article.discovered_at}
    with store.write() as session:
        result = session.execute(update(table).where(table.c.id == row_id).values(**values))  # type: ignore[arg-type]
        return cast("CursorResult[Any]", result).rowcount == 1
