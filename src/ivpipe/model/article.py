"""Sources and what comes from them: articles, snapshots, documents."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivpipe.model.base import Base, DocumentJson, Risky
from ivpipe.model.document import Document
from ivpipe.model.doubt import ArticleDoubt


class Decision(StrEnum):
    """Triage: whether the magazine wants the article."""

    UNDECIDED = "undecided"
    SELECTED = "selected"
    DISMISSED = "dismissed"


class Source(Base):
    """What we remember of a partner site; how to read it stands in its spec, never here."""

    __tablename__ = "sources"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_polled_at: Mapped[datetime | None]
    last_succeeded_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")


class FeedState(Base):
    """Validators of one address polled for one source, for conditional requests.

    ``reading`` tells how the answer was read (a hash of the spec's discovery and filters): read otherwise, an address
    that has not changed may still bring something new.
    """

    __tablename__ = "feed_states"

    source_slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    reading: Mapped[str] = mapped_column(String(64), default="")
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]


class Article(Risky, Base):
    """One source URL. Its text is in its documents; ``title`` and the like are what the feed said, for triage."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_slug: Mapped[str] = mapped_column(String(64), index=True)
    url: Mapped[str] = mapped_column(unique=True)
    guid: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(String(16), default="")
    title: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    discovered_at: Mapped[datetime]
    decision: Mapped[Decision] = mapped_column(default=Decision.UNDECIDED, index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decision_reason: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None]
    """The newest document; None until the page has been fetched and read. No foreign key: documents refer to articles."""
    looked_at: Mapped[datetime | None]
    """When the page was last fetched or found unchanged."""
    look_at: Mapped[datetime | None]
    """When the page is to be looked at again; None: not any more (or it has never been read)."""
    gone: Mapped[bool] = mapped_column(default=False)
    gone_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    """Of an article announced without a date: if its page turns out to be older than this, it is not wanted."""
    announced: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the announcement said besides: "sections", "authors"."""
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    """The doubts about its newest document."""
    waits: Mapped[str] = mapped_column(default="")
    """Why it is not to be translated as it now is (a teaser behind a paywall); "" where nothing stands in the way."""
    url_key: Mapped[str] = mapped_column(default="", index=True)
    canonical_key: Mapped[str] = mapped_column(default="", index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), default="", index=True)
    """How the same piece is recognised on another address: ``sources.sameness``."""
    duplicate_of_id: Mapped[int | None] = mapped_column(index=True)
    """The article that this one is the same piece as; this one is dismissed."""
    doubt_id: Mapped[int | None] = mapped_column(index=True)
    """The doubt whether its page, as it now is, is still the article; None where there is none."""

    document: Mapped[DocumentVersion | None] = relationship(
        primaryjoin="foreign(Article.document_id) == DocumentVersion.id", viewonly=True
    )
    doubt: Mapped[ArticleDoubt | None] = relationship(
        primaryjoin="foreign(Article.doubt_id) == ArticleDoubt.id", viewonly=True
    )


class Snapshot(Base):
    """The raw page as fetched, never changed; extraction can always be run again from it. ``body`` is zlib-compressed."""

    __tablename__ = "snapshots"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    first_id: Mapped[int | None] = mapped_column(index=True)
    """Of an article's second page and those after it: the snapshot of the first. In reading order by id."""
    url: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    fetched_at: Mapped[datetime]
    doubtful: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it may not be the article (``ArticleDoubt``): nothing is made of it unless an editor accepts it."""


class DocumentVersion(Base):
    """A Document as stored: immutable, numbered from 1 in its article. The same content makes no new version."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[Document] = mapped_column(DocumentJson)
    created_at: Mapped[datetime]
