"""Ledger: what is sent to an engine is counted before it goes, and settled when the engine has said what it billed.

A process that dies in between leaves the count as it was: all that was sent, as the service may have billed it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import Session

from ivpipe.engines import Engine, EngineText
from ivpipe.model import EngineUse, UseState
from ivpipe.steps.cost import Terms, month_start, refuse_over_budget
from ivpipe.store import Store
from ivpipe.text.inline import plain_text

_LONGEST_REQUEST = timedelta(hours=1)
"""After which an open use belongs to no process any more. One that is slower still settles it all the same."""
_LOCK = 7_041_776
"""Of PostgreSQL's advisory locks, the one for this ledger; any number that nobody else here uses."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger as one run of one worker writes it. ``owner`` is that worker's name in leases."""

    store: Store
    engine: Engine
    terms: Terms
    now: datetime
    translation_id: int | None
    owner: str

    def reserve(self, texts: Sequence[EngineText], still_to_come: int = 0) -> int:
        """Count texts that are about to be sent; returns the use's id. Raises BudgetSpent, with nothing counted, where these
        and the characters ``still_to_come`` would go beyond the budget."""
        characters = _characters(texts)
        with self.store.write() as session:
            self._check_budget(session, characters + still_to_come)
            use = EngineUse(
                engine=self.engine.name,
                translation_id=self.translation_id,
                segments=len(texts),
                characters=characters,
                billed=characters if self.engine.capabilities().bills else 0,
                at=self.now,
                state=UseState.OPEN,
                owner=self.owner,
            )
            session.add(use)
            session.flush()
            return use.id

    def reserve_more(self, use_id: int, characters: int) -> None:
        """Count characters that are about to be sent another time. Raises BudgetSpent."""
        if not self.engine.capabilities().bills:
            return
        with self.store.write() as session:
            self._check_budget(session, characters)
            session.execute(
                update(EngineUse).where(EngineUse.id == use_id).values(billed=EngineUse.billed + characters)
            )

    def settle(self, use_id: int, billed: int) -> None:
        """Put in what the engine billed."""
        with self.store.write() as session:
            row = update(EngineUse).where(EngineUse.id == use_id)
            session.execute(row.values(billed=billed, state=UseState.SETTLED))

    def give_up(self, use_id: int, *, may_bill: bool) -> None:
        """After a failure: let the count be, where the service may have billed it; else take it back."""
        row = EngineUse.id == use_id
        with self.store.write() as session:
            if may_bill:
                session.execute(update(EngineUse).where(row).values(state=UseState.PRESUMED))
            else:
                session.execute(delete(EngineUse).where(row))

    def _check_budget(self, session: Session, characters: int) -> None:
        """With the ledger to oneself until the end of the transaction, so that two workers do not both take the last."""
        if not self.terms.monthly or not self.engine.capabilities().bills:
            return
        if session.get_bind().dialect.name == "postgresql":  # on SQLite a writer is alone anyway
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        refuse_over_budget(session, self.terms, self.engine, characters, self.now)


def close_uses_of_the_dead(store: Store, is_dead: Callable[[str], bool]) -> int:
    """Count for good what was in flight when its worker died. Returns how many requests that were."""
    with store.read() as session:
        owners = session.scalars(select(EngineUse.owner).where(EngineUse.state == UseState.OPEN).distinct()).all()
    dead = sorted(owner for owner in owners if owner and is_dead(owner))
    return _close(store, EngineUse.owner.in_(dead)) if dead else 0


def close_old_uses(store: Store, now: datetime) -> int:
    """The same for whatever has been in flight for longer than any request takes, whoever sent it."""
    return _close(store, EngineUse.at < now - _LONGEST_REQUEST)


def _close(store: Store, which: ColumnElement[bool]) -> int:
    with store.write() as session:
        query = update(EngineUse).where(EngineUse.state == UseState.OPEN, which).values(state=UseState.PRESUMED)
        return len(session.scalars(query.returning(EngineUse.id)).all())


def unsettled_this_month(session: Session, now: datetime) -> dict[str, int]:
    """Characters that count as billed although no engine said so, since the month (UTC) began: "in flight" now, and "lost"
    with a worker that died or an answer that did not come."""
    rows = session.execute(
        select(EngineUse.state, func.sum(EngineUse.billed))
        .where(EngineUse.at >= month_start(now), EngineUse.state != UseState.SETTLED)
        .group_by(EngineUse.state)
    )
    found = {state: int(billed or 0) for state, billed in rows}
    return {"in flight": found.get(UseState.OPEN, 0), "lost": found.get(UseState.PRESUMED, 0)}


def _characters(texts: Sequence[EngineText]) -> int:
    return sum(len(plain_text(text.tagged)) for text in texts)
