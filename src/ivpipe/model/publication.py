"""Publications: what should be live on a target site, and what is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivpipe.model.base import Base, Work
from ivpipe.model.translation import Translation

_Conflict = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Publication(Work, Base):
    """Translation × target. The outbox: approval sets ``wanted_revision`` in its own transaction, publishing makes
    ``live_revision`` equal to it. ``wanted_revision`` None with a live one means: withdraw.

    ``remote_id``, ``remote_url`` and ``fingerprint`` are the ledger: where the page is on the target, and what it held
    right after our last save (see ``publishers.RemoteRef``). They stay after a withdrawal, so that a page put back is
    the same page.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("translation_id", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("translations.id"))
    target: Mapped[str] = mapped_column(String(64))
    wanted_revision: Mapped[int | None]
    live_revision: Mapped[int | None]
    sending_revision: Mapped[int | None]
    """The revision whose save was begun; None once it has ended well. A save that was cut off is finished before another
    revision is sent, so that what is half ours on the target is not taken for the work of others."""
    remote_id: Mapped[str] = mapped_column(default="")
    remote_url: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="", server_default="")
    wanted_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
    """The time an editor chose: not due before. Emptied once that is live."""
    first_live_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]
    conflict: Mapped[dict[str, Any] | None] = mapped_column(_Conflict)
    """What people changed on the target, until an editor decides: "theirs", "ours", "url", "fingerprint" as in
    ``errors.RemoteConflict``, "revision" that was not sent, "at"; "kept" once theirs was left as it is."""

    translation: Mapped[Translation] = relationship()

    @property
    def due(self) -> bool:
        """Whether what is live differs from what should be (now, or at ``publish_at``), or may: a save was cut off."""
        return self.wanted_revision != self.live_revision or self.sending_revision is not None

    def due_at(self, now: datetime) -> bool:
        """Whether it may be sent now: its time has come, and no conflict waits for an editor."""
        return self.due and self.conflict is None and (self.publish_at is None or self.publish_at <= now)
