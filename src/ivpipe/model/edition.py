"""Editions: the magazine's numbers ("IVP605 – June 2025"), which articles belong to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from ivpipe.model.base import Base


class Edition(Base):
    """A number of the magazine. It is open from ``opened_at`` until ``closed_at`` (None: until somebody closes it).

    ``month`` is the first day of the month it is dated; ``title`` stands in the place of its label where it has one of
    its own.
    """

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    month: Mapped[date]
    title: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    def open_at(self, now: datetime) -> bool:
        """Whether it takes articles."""
        return self.opened_at <= now and (self.closed_at is None or now < self.closed_at)
