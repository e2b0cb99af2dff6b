"""Pictures of partners' articles, as far as we may show them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivpipe.model.article import Article
from ivpipe.model.base import Base, Risky


class ArticlePicture(Risky, Base):
    """A picture of an article that the partner lets us show: wanted, or (``sha256`` not "") taken.

    ``src`` is its address at the partner, as in ``Document.images``. What we keep of it is a file named by the hash of
    its bytes; ``media_type``, ``width`` and ``height`` (pixels) are that file's.
    """

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("article_id", "src"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    src: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    media_type: Mapped[str] = mapped_column(String(32), default="")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None]

    article: Mapped[Article] = relationship()
