"""Cost: on what terms engines are used, what they have cost this month, and what the budget still allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivpipe.engines import Engine
from ivpipe.errors import BudgetSpent
from ivpipe.model import EngineUse, LanguagePair
from ivpipe.model.languages import primary

Unit = Literal["characters", "money"]


@dataclass(frozen=True, slots=True)
class Terms:
    """The order of engines, their prices, and the budget.

    ``pairs`` maps a pair ("fr-en") to names of engines, best first; ``order`` is for all others (empty: as the engines
    stand). ``prices`` are for a million characters billed. ``monthly`` is the budget of a calendar month (UTC) in
    ``unit``, 0 for none; from its share ``soft`` on one is warned, and nothing is sent that would go beyond it.
    """

    order: tuple[str, ...] = ()
    pairs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    monthly: float = 0
    unit: Unit = "characters"
    soft: float = 0.8
    currency: str = "EUR"

    def engines_for(self, engines: Sequence[Engine], pair: LanguagePair) -> list[Engine]:
        """The engines to try for a pair, best first."""
        names = self.pairs.get(f"{primary(pair.source)}-{primary(pair.target)}", self.order)
        by_name = {engine.name: engine for engine in engines}
        return [by_name[name] for name in names if name in by_name] if names else list(engines)

    def price(self, engine: str, characters: int) -> float:
        """What so many characters cost, in ``currency``; 0 where no price is set."""
        return self.prices.get(engine, 0.0) * characters / 1_000_000

    def weight(self, engine: str, characters: int) -> float:
        """The same in the unit of the budget."""
        return self.price(engine, characters) if self.unit == "money" else float(characters)

    def amount(self, value: float) -> str:
        """An amount in the unit of the budget, for people."""
        return f"{value:,.2f} {self.currency}" if self.unit == "money" else f"{value:,.0f} characters"


@dataclass(frozen=True, slots=True)
class BudgetState:
    """Where the month stands. ``stop``: "" (or no budget), "soft", "hard"; amounts are in the budget's unit."""

    used: float
    monthly: float
    stop: Literal["", "soft", "hard"]
    text: str

    @property
    def left(self) -> float | None:
        """What may still be spent; None where there is no budget."""
        return max(0.0, self.monthly - self.used) if self.monthly else None


def month_start(now: datetime) -> datetime:
    """When the calendar month (UTC) began."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def billed_this_month(session: Session, now: datetime) -> dict[str, int]:
    """Characters billed since the month (UTC) began, by engine; those that count as billed until settled are among them
    (``steps.ledger``)."""
    rows = session.execute(
        select(EngineUse.engine, func.sum(EngineUse.billed))
        .where(EngineUse.at >= month_start(now))
        .group_by(EngineUse.engine)
        .order_by(EngineUse.engine)
    )
    return {engine: int(billed or 0) for engine, billed in rows}


def budget_state(terms: Terms, billed: Mapping[str, int]) -> BudgetState:
    """Where the month stands with so many characters billed by each engine."""
    used = sum(terms.weight(engine, characters) for engine, characters in billed.items())
    if not terms.monthly:
        return BudgetState(used, 0, "", "there is no budget")
    stop: Literal["", "soft", "hard"] = (
        "hard" if used >= terms.monthly else "soft" if used >= terms.soft * terms.monthly else ""
    )
    text = (
        f"{used / terms.monthly:.0%} of the month's budget used ({terms.amount(used)} of {terms.amount(terms.monthly)})"
    )
    return BudgetState(used, terms.monthly, stop, text)


def refuse_over_budget(session: Session, terms: Terms, engine: Engine, characters: int, now: datetime) -> None:
    """Raise BudgetSpent where sending so many characters to an engine would go beyond the month's budget."""
    if not terms.monthly or not engine.capabilities().bills:
        return
    state = budget_state(terms, billed_this_month(session, now))
    wanted = terms.weight(engine.name, characters)
    if state.used + wanted > terms.monthly:
        raise BudgetSpent(
            f"{engine.name} would bill about {terms.amount(wanted)} ({characters:,} characters), and of the month's budget "
            f"of {terms.amount(terms.monthly)} there is {terms.amount(state.left or 0)} left; nothing was sent",
            advice="raise budget.monthly, put an engine that costs nothing first for this pair, or wait for next month",
        )
