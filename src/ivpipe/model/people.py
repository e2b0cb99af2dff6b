"""People who use the desk: their accounts, sessions and browsers, and the record of who logged in or was refused."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
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


class KnownBrowser(Base):
    """A browser in which a user once logged in: its wrong passwords are counted by themselves, so that other people's
    guesses cannot keep that user out. Of the cookie's token only the SHA-256 is stored."""

    __tablename__ = "known_browsers"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Counted(StrEnum):
    """What login attempts are counted by."""

    USER = "user"
    UNKNOWN = "unknown"
    """A name that no user has."""
    ADDRESS = "address"
    BROWSER = "browser"


class LoginCounter(Base):
    """Login attempts by one name, address or known browser since its last success or its last quiet day.

    ``key`` is a keyed hash, so that what somebody typed as a name is not stored. Until ``wait_until`` nothing more is
    looked at; ``refusal_noted`` tells that a refusal during this wait is in the record of events already.
    """

    __tablename__ = "login_counters"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[Counted]
    attempts: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    wait_until: Mapped[datetime | None]
    refusal_noted: Mapped[bool]


class PersonEventKind(StrEnum):
    """What is noted of people."""

    LOGIN = "login"
    WRONG = "wrong"
    """An unknown name or a wrong password."""
    BARRED = "barred"
    """The right password of a disabled user."""
    THROTTLED = "throttled"
    LOGOUT = "logout"
    ADDED = "added"
    PASSWORD = "password"  # noqa: S105  a kind of event
    DISABLED = "disabled"
    ENABLED = "enabled"
    ROLES = "roles"


class PersonEvent(Base):
    """A login, a refusal, or a change of a user. It refers to users by name: it is a record, and outlives what it tells of.

    ``user_name`` is "" where the name typed is no user's: people type their password there. ``detail`` then has the first
    letters of a keyed hash of it, by which repeated attempts can be told. ``by`` is who changed the user, ``address``
    and ``browser`` are where an attempt came from.
    """

    __tablename__ = "person_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[PersonEventKind]
    user_name: Mapped[str] = mapped_column(String(64), index=True)
    by: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str]
