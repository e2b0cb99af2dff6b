"""People who use the desk, and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivpipe.model.base import Base
from ivpipe.model.lifecycle import Actor, Role


class User(Base):
    """A person with a login. ``name`` is the login, ``display_name`` how they are credited."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[Any]]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    @property
    def actor(self) -> Actor:
        """This person as the life cycle sees them."""
        return Actor(self.id, self.display_name, frozenset(Role(role) for role in self.roles))


class DeskSession(Base):
    """A login. Only the SHA-256 of the cookie's token is stored, so the table is of no use to a thief."""

    __tablename__ = "desk_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship()
