"""What has been translated before: by people (the memory) and by engines (paid for once)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ivpipe.model.base import Base


class MemoryEntry(Base):
    """An approved segment pair: approved here, or imported from a memory. Raw machine output never enters.

    Its texts never change: a new text is a new entry. ``memory.pieces`` indexes the words of both sides.
    """

    __tablename__ = "memory_entries"
    __table_args__ = (Index("ix_memory_entries_pair_key", "source_lang", "target_lang", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_lang: Mapped[str] = mapped_column(String(16))
    target_lang: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    """``text.segments.segment_key`` of ``source``."""
    source: Mapped[str]
    target: Mapped[str]
    translation_id: Mapped[int | None] = mapped_column(ForeignKey("translations.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    translator: Mapped[str] = mapped_column(default="")
    """Who translated it where that is no user of ours, as the imported file has it."""
    origin: Mapped[str] = mapped_column(String(64), default="")
    """The magazine whose memory it comes from; empty: our own."""
    context: Mapped[str] = mapped_column(String(64), default="")
    """``text.segments.context_key`` of its neighbours; empty: unknown."""


class MemoryPiece(Base):
    """A piece of the index of words: one side ("source" or "target") of some entries of one pair of languages.

    It covers at least the ``entries`` it was made of, whose ids are from ``first`` to ``last``; some may be gone since.
    """

    __tablename__ = "memory_pieces"
    __table_args__ = (Index("ix_memory_pieces_pair", "source_lang", "target_lang", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_lang: Mapped[str] = mapped_column(String(16))
    target_lang: Mapped[str] = mapped_column(String(16))
    side: Mapped[str] = mapped_column(String(6))
    first: Mapped[int]
    last: Mapped[int]
    entries: Mapped[int]


class MemoryWord(Base):
    """A word of a piece, and in which of its entries it stands."""

    __tablename__ = "memory_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    piece_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(primary_key=True)
    postings: Mapped[bytes]
    """As ``text.postings`` has them; the entries are numbered from the piece's ``first``."""


@dataclass(frozen=True, slots=True)
class MemoryUnit:
    """A segment pair on its way into the memory or out of it: tagged texts, primary language subtags."""

    source_lang: str
    target_lang: str
    source: str
    target: str
    translator: str = ""
    changed_at: datetime | None = None
    context: str = ""


class MachineTranslation(Base):
    """An engine's answer, written as soon as it comes, so that no text is ever sent (and paid) twice."""

    __tablename__ = "machine_translations"

    engine: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_lang: Mapped[str] = mapped_column(String(16), primary_key=True)
    target_lang: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    target: Mapped[str]
    uncertain: Mapped[bool] = mapped_column(default=False)
    """The engine takes no tags and their place in the target is a guess."""
    created_at: Mapped[datetime]


class UseState(StrEnum):
    """Where a request to an engine stands."""

    OPEN = "open"
    """Being sent, or its process died meanwhile."""
    SETTLED = "settled"
    """The engine said what it billed."""
    PRESUMED = "presumed"
    """No usable answer came, and the service may have billed it."""


class EngineUse(Base):
    """One request to an engine: what it costs, for whom. It is written before the request goes.

    ``billed`` is what the engine billed once the use is settled; until then, and for good where that cannot be known, it
    is all that was sent. ``owner`` is the worker that sent it ("" for a command of the shell).
    """

    __tablename__ = "engine_uses"

    id: Mapped[int] = mapped_column(primary_key=True)
    engine: Mapped[str] = mapped_column(String(64))
    translation_id: Mapped[int | None] = mapped_column(ForeignKey("translations.id"), index=True)
    segments: Mapped[int]
    characters: Mapped[int]
    billed: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[UseState] = mapped_column(default=UseState.SETTLED, server_default="settled")
    owner: Mapped[str] = mapped_column(String(64), default="", server_default="")
