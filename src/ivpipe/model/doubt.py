"""Doubt about a fetched page: whether what its address shows now is still the article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ivpipe.model.base import Base, DocumentJson
from ivpipe.model.document import Document


class DoubtKind(StrEnum):
    """What a page seems to be instead of the article."""

    NOT_FOUND = "not_found"
    """It says that there is no such page, though the site answers 200."""
    FRONT_PAGE = "front_page"
    """The site's front page, or another list of articles."""
    ANOTHER = "another"
    """Another article, or a text with next to nothing in common."""
    FORWARDING = "forwarding"
    """A page that only sends its readers on, to where we do not follow."""
    CONSENT = "consent"
    LOGIN = "login"
    BOT_CHECK = "bot_check"
    MAINTENANCE = "maintenance"
    SHELL = "shell"
    """A page whose text comes by scripts."""
    CUT_OFF = "cut_off"
    """The article with its end missing."""
    TEASER = "teaser"
    """Its beginning only, where the whole was free to read before."""


_WORDS = {
    DoubtKind.NOT_FOUND: "may be gone: the page says that it was not found",
    DoubtKind.FRONT_PAGE: "may be gone: the address leads to the front page or to a list of articles",
    DoubtKind.ANOTHER: "may be another article: the page has another text",
    DoubtKind.FORWARDING: "may have moved: the page only sends its readers on",
    DoubtKind.CONSENT: "is hidden by a wall: the page asks for consent first",
    DoubtKind.LOGIN: "is hidden by a wall: the page asks readers to log in first",
    DoubtKind.BOT_CHECK: "is hidden by a wall: the page checks whether a person asks for it",
    DoubtKind.MAINTENANCE: "is out of reach: the site is being worked on, or is broken",
    DoubtKind.SHELL: "cannot be read: the page shows its text by scripts only",
    DoubtKind.CUT_OFF: "may be cut off: its end is missing",
    DoubtKind.TEASER: "may be behind a paywall now: only its beginning is shown",
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt and what it rests on.

    ``address`` is where the page came from in the end; ``status`` the HTTP status; ``common`` the share (0–1) of the last
    version's text that is still there, None before the first; ``quote`` the page's title and first words; ``other`` the
    id of the known article that the page seems to be.
    """

    kind: DoubtKind
    address: str
    quote: str = ""
    common: float | None = None
    other: int | None = None
    status: int = 200

    @property
    def text(self) -> str:
        """The doubt in a few words, as what is said of an article."""
        return _WORDS[self.kind]

    def to_dict(self) -> dict[str, Any]:
        """JSON values; ``from_dict`` is the inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Doubt:
        """Read what ``to_dict`` wrote."""
        return cls(**{**data, "kind": DoubtKind(data["kind"])})


class DoubtDecision(StrEnum):
    """What an editor decided about a doubtful page."""

    ACCEPTED = "accepted"
    """It is the article: its next version."""
    KEPT = "kept"
    """It is not; the article keeps the text it has, and nothing more is said as long as the page shows the same."""
    GONE = "gone"
    """The same, and the article has gone from its site."""


class ArticleDoubt(Base):
    """A doubt about an article's page, from the look that raised it to the one that found the article again.

    ``snapshot_id`` is the page as last seen, ``content`` what was read from it (None where nothing could be); ``seen``
    counts the looks. ``ended_at`` is set when the article is back, another doubt took its place, or the page was accepted.
    """

    __tablename__ = "doubts"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    kind: Mapped[DoubtKind]
    evidence: Mapped[dict[str, Any]]
    content: Mapped[Document | None] = mapped_column(DocumentJson, deferred=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    seen: Mapped[int] = mapped_column(default=1)
    decision: Mapped[DoubtDecision | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]

    @property
    def doubt(self) -> Doubt:
        """The doubt as a value."""
        return Doubt.from_dict(self.evidence)
