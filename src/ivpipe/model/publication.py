"""Publications: what should be live on a target site, and what is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivpipe.model.base import Base, Work
from ivpipe.model.translation import Translation


class Publication(Work, Base):
    """Translation × target. The outbox: approval sets ``wanted_revision`` in its own transaction, publishing makes
    ``live_revision`` equal to it. ``wanted_revision`` None with a live one means: withdraw.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("translation_id", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("translations.id"))
    target: Mapped[str] = mapped_column(String(64))
    wanted_revision: Mapped[int | None]
    live_revision: Mapped[int | None]
    remote_id: Mapped[str] = mapped_column(default="")
    remote_url: Mapped[str] = mapped_column(default="")
    wanted_at: Mapped[datetime | None]
    first_live_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]

    translation: Mapped[Translation] = relationship()

    @property
    def due(self) -> bool:
        """Whether what is live differs from what should be."""
        return self.wanted_revision != self.live_revision
