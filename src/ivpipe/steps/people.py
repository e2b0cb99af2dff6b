"""People: their accounts, logins and sessions in the desk."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused
from ivpipe.model import DeskSession, Role, User
from ivpipe.store import Store

_HASHER = PasswordHasher()
_TRIES = 5
_LOCK = timedelta(minutes=5)
MINIMUM_PASSWORD = 10


@dataclass(frozen=True, slots=True)
class Login:
    """A session just opened: the cookie's token (stored nowhere) and when it ends."""

    token: str
    expires_at: datetime


def add_user(store: Store, name: str, display_name: str, password: str, roles: Sequence[Role], now: datetime) -> int:
    """Create an account. ``name`` is the login: letters, digits, ``. _ -``. Raises Refused."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise Refused("a login is made of small letters, digits, and . _ -", subject=repr(name))
    if not roles:
        raise Refused("give at least one role: translator, editor, operator", subject=name)
    _check_password(password)
    with store.write() as session:
        if session.scalar(select(User.id).where(User.name == name)):
            raise Refused(
                "there is such a user already", subject=name, advice="use `ivpipe user password` to change it"
            )
        user = User(
            name=name,
            display_name=display_name.strip() or name,
            password_hash=_HASHER.hash(password),
            roles=[role.value for role in roles],
            created_at=now,
        )
        session.add(user)
        session.flush()
        return user.id


def set_password(store: Store, name: str, password: str) -> None:
    """Change a password; every session of that user ends."""
    _check_password(password)
    with store.write() as session:
        user = _user(session, name)
        user.password_hash = _HASHER.hash(password)
        user.failed_logins, user.locked_until = 0, None
        session.execute(delete(DeskSession).where(DeskSession.user_id == user.id))


def set_disabled(store: Store, name: str, disabled: bool, now: datetime) -> None:
    """Bar a user from the desk at once, or let them in again; what they did stays theirs."""
    with store.write() as session:
        user = _user(session, name)
        user.disabled_at = now if disabled else None
        session.execute(delete(DeskSession).where(DeskSession.user_id == user.id))


def list_users(store: Store) -> list[User]:
    """Everybody, by login."""
    with store.read() as session:
        return list(session.scalars(select(User).order_by(User.name)))


def log_in(store: Store, name: str, password: str, lifetime: timedelta, now: datetime) -> Login:
    """Open a session. After five wrong passwords the account waits five minutes. Raises Refused, never saying which
    of name and password was wrong."""
    wrong = Refused("the name or the password is wrong")
    with store.read() as session:
        user = session.scalar(select(User).where(User.name == name.strip().lower()))
    if user is not None and user.locked_until is not None and user.locked_until > now:
        raise Refused("too many wrong passwords", advice="wait five minutes and try again")
    nobodys = _hash_of_nobody()
    try:
        # Verified outside any transaction, and for unknown names too, so that the time taken tells nothing.
        _HASHER.verify(user.password_hash if user else nobodys, password)
        right = user is not None
    except (VerificationError, InvalidHashError):
        right = False
    with store.write() as session:
        user = session.get(User, user.id, with_for_update=True) if user else None
        if user is None:
            raise wrong
        if right and user.disabled_at is None:
            user.failed_logins, user.locked_until = 0, None
            if _HASHER.check_needs_rehash(user.password_hash):
                user.password_hash = _HASHER.hash(password)
            token = secrets.token_urlsafe(32)
            session.add(
                DeskSession(
                    token_hash=_token_hash(token),
                    user_id=user.id,
                    csrf=secrets.token_urlsafe(32),
                    created_at=now,
                    expires_at=now + lifetime,
                )
            )
            return Login(token, now + lifetime)
        user.failed_logins += 1
        if user.failed_logins >= _TRIES:
            user.failed_logins, user.locked_until = 0, now + _LOCK
    raise wrong


def session_of(store: Store, token: str, now: datetime) -> tuple[User, str] | None:
    """The user behind a cookie's token and the session's CSRF token; None where it has ended."""
    with store.read() as session:
        row = session.get(DeskSession, _token_hash(token))
        if row is None or row.expires_at < now or row.user.disabled_at is not None:
            return None
        return row.user, row.csrf


def log_out(store: Store, token: str) -> None:
    """End a session."""
    with store.write() as session:
        session.execute(delete(DeskSession).where(DeskSession.token_hash == _token_hash(token)))


def forget_ended_sessions(store: Store, now: datetime) -> None:
    """Delete sessions past their end."""
    with store.write() as session:
        session.execute(delete(DeskSession).where(DeskSession.expires_at < now))


@cache
def _hash_of_nobody() -> str:
    """A password's hash that no password has; made at the first login, for it takes a quarter of a second."""
    return _HASHER.hash(secrets.token_hex())


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _user(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        known = ", ".join(session.scalars(select(User.name).order_by(User.name))) or "none"
        raise NotFound(f"there is no user {name!r}; there are: {known}")
    return user


def _check_password(password: str) -> None:
    if len(password) < MINIMUM_PASSWORD:
        raise Refused(f"a password needs at least {MINIMUM_PASSWORD} characters")
