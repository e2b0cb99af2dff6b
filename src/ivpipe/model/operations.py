"""What ran: so that the operator's view survives the loss of Prefect's database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ivpipe.model.base import Base


class Run(Base):
    """One run of a flow. ``finished_at`` None: still running, or died. ``counts`` is the summary by outcome."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(String(32), index=True)
    subject: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    ok: Mapped[bool] = mapped_column(default=False)
    counts: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(default="")
    worker: Mapped[str] = mapped_column(String(64), default="")
    """The process that runs it, as leases name it; "" for runs of earlier versions."""
