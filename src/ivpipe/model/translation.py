"""Translations, their drafts segment by segment, and what people decided about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivpipe.model.article import Article, DocumentVersion
from ivpipe.model.base import Base, Work
from ivpipe.model.edition import Edition
from ivpipe.model.lifecycle import State
from ivpipe.model.people import User


class Origin(StrEnum):
    """Where the target text of a segment comes from."""

    NONE = "none"
    MEMORY = "memory"
    ENGINE = "engine"
    HUMAN = "human"


class Change(StrEnum):
    """What the source's change did to a segment, until a person has dealt with it."""

    NONE = "none"
    CHANGED = "changed"
    """The source has another wording than the one that ``target`` was written for (``old_source``)."""
    NEW = "new"
    REMOVED = "removed"
    """The source has no such sentence any more; what a person wrote for it is kept, and shown as removed."""


class Severity(StrEnum):
    """How much an issue matters; a blocking one forbids approval until mended or dismissed."""

    HINT = "hint"
    WARNING = "warning"
    BLOCKING = "blocking"


class Translation(Work, Base):
    """An article in a target language; holds the life-cycle state (``lifecycle.decide`` alone changes it).

    ``document_id`` is the version that the newest draft translates. ``holder`` is who has claimed it and until when;
    the hold is renewed by every save. ``last_error`` says why a pending translation waits.
    """

    __tablename__ = "translations"
    __table_args__ = (UniqueConstraint("article_id", "lang"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    lang: Mapped[str] = mapped_column(String(16))
    state: Mapped[State] = mapped_column(default=State.PENDING, index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    source_changed: Mapped[bool] = mapped_column(default=False)
    prepared_document_id: Mapped[int | None]
    """The newest document whose new and changed sentences have been machine-translated ahead of a merge."""
    revision: Mapped[int] = mapped_column(default=0)
    """Number of the newest draft; 0 before the first."""
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    held_until: Mapped[datetime | None]
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    slug: Mapped[str] = mapped_column(default="")
    """Last part of the published address, chosen at the first approval and kept."""
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id"))
    """The magazine's number it belongs to, since it was first published."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    edition: Mapped[Edition | None] = relationship()
    article: Mapped[Article] = relationship()
    document: Mapped[DocumentVersion | None] = relationship()
    holder: Mapped[User | None] = relationship(foreign_keys=[holder_id])
    submitter: Mapped[User | None] = relationship(foreign_keys=[submitter_id])


class Draft(Base):
    """A numbered revision of a translation. ``engine`` names who made the machine part ("deepl, apertium" where the one
    had to take over from the other). ``billed``, ``saved`` (by people's earlier work and the memory) and ``cached`` (by
    answers had before) are characters of the source.

    Measured at its approval, None before: ``hter`` (0–1 and beyond) and ``chrf`` (0–100) between what the machine wrote
    and what was approved, ``seconds`` that people spent on it; see ``steps.effort``.
    """

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("translation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("translations.id"))
    number: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    engine: Mapped[str] = mapped_column(default="")
    billed: Mapped[int] = mapped_column(default=0)
    saved: Mapped[int] = mapped_column(default=0, server_default="0")
    cached: Mapped[int] = mapped_column(default=0, server_default="0")
    hter: Mapped[float | None]
    chrf: Mapped[float | None]
    seconds: Mapped[int | None]
    correction: Mapped[str] = mapped_column(default="", server_default="")
    """What readers are told that this revision corrects, canonical inline HTML; "" for nothing."""
    created_at: Mapped[datetime]

    document: Mapped[DocumentVersion] = relationship()
    segments: Mapped[list[DraftSegment]] = relationship(order_by="DraftSegment.position")

    @property
    def standing_segments(self) -> list[DraftSegment]:
        """The segments of the document as it is, without those that are kept but gone from it."""
        return [segment for segment in self.segments if segment.change is not Change.REMOVED]


class DraftSegment(Base):
    """A segment of a draft with its target text. The first eight columns are ``text.segments.Segment``, kept so that
    a later change of the sentence splitter moves nobody's work. ``version`` counts saves: a save names the version it
    read, and is refused if another came between.
    """

    __tablename__ = "draft_segments"
    __table_args__ = (UniqueConstraint("draft_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id"))
    position: Mapped[int]
    part: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str]
    tags: Mapped[list[Any]]
    gap: Mapped[str] = mapped_column(default="")
    key: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str] = mapped_column(default="")
    origin: Mapped[Origin] = mapped_column(default=Origin.NONE)
    engine: Mapped[str] = mapped_column(default="")
    machine: Mapped[str] = mapped_column(default="", server_default="")
    """What ``engine`` answered, tagged, however much people have changed of it since."""
    change: Mapped[Change] = mapped_column(default=Change.NONE, server_default="none")
    old_source: Mapped[str] = mapped_column(default="", server_default="")
    """The wording a person's ``target`` was written for, where it is another than ``source``; "" where it is that."""
    suggestion: Mapped[str] = mapped_column(default="", server_default="")
    """Of a changed segment: a fresh translation of the new wording, tagged."""
    version: Mapped[int] = mapped_column(default=0)
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    edited_at: Mapped[datetime | None]

    issues: Mapped[list[Issue]] = relationship(order_by="Issue.id", cascade="all, delete-orphan")

    @property
    def confirmed(self) -> bool:
        """Whether a person has written or accepted this text for this wording of the source."""
        return self.origin is Origin.HUMAN and self.change is not Change.CHANGED


class SegmentEdit(Base):
    """Every save of a segment, kept for ever: what a person typed can always be had back.

    ``accepted`` false: the save was refused (stale, or the hold was lost) and the text is only here.
    """

    __tablename__ = "segment_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("draft_segments.id"), index=True)
    version: Mapped[int]
    target: Mapped[str]
    accepted: Mapped[bool]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Issue(Base):
    """What a check found in a segment; dismissed with a reason, or gone at the next save that mends it."""

    __tablename__ = "issues"

    id: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("draft_segments.id"), index=True)
    check: Mapped[str] = mapped_column(String(32))
    severity: Mapped[Severity]
    message: Mapped[str]
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dismissed_reason: Mapped[str] = mapped_column(default="")

    @property
    def open(self) -> bool:
        """Whether it still asks for somebody's attention."""
        return self.dismissed_by_id is None


class Review(Base):
    """Who decided what, when, and why: one row for every event of the life cycle. ``user_id`` None is the pipeline."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("translations.id"), index=True)
    revision: Mapped[int]
    event: Mapped[str] = mapped_column(String(16))
    state: Mapped[State]
    """The state after the event."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    user: Mapped[User | None] = relationship()
