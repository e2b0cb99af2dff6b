"""People: their accounts. How they log in is in ``steps.login``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused
from ivpipe.model import DeskSession, KnownBrowser, LoginCounter, PersonEventKind, Role, User
from ivpipe.steps.audit import note_event
from ivpipe.steps.login import user_counter
from ivpipe.steps.passwords import hash_password, judge_password
from ivpipe.store import Store

NEEDED = (Role.EDITOR, Role.OPERATOR)
"""Roles that somebody must have: without an editor nothing is selected or approved."""


def add_user(
    store: Store,
    name: str,
    display_name: str,
    password: str,
    roles: Sequence[Role],
    now: datetime,
    *,
    by: str = "",
    about: Sequence[str] = (),
) -> int:
    """Create an account. ``name`` is the login: letters, digits, ``. _ -``. ``by``: who does it; ``about``: more words that
    a password must not be made of, as the magazine's name. Raises Refused."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise Refused("a login is made of small letters, digits, and . _ -", subject=repr(name))
    if not roles:
        raise Refused("give at least one role: translator, editor, operator", subject=name)
    judge_password(password, (name, display_name, *about))
    hashed = hash_password(password)
    with store.write() as session:
        if session.scalar(select(User.id).where(User.name == name)):
            raise Refused(
                "there is such a user already", subject=name, advice="use `ivpipe user password` to change it"
            )
        user = User(
            name=name,
            display_name=display_name.strip() or name,
            password_hash=hashed,
            roles=[role.value for role in roles],
            created_at=now,
        )
        session.add(user)
        session.flush()
        note_event(session, PersonEventKind.ADDED, name, now, by=by, detail=", ".join(user.roles))
        return user.id


def set_password(
    store: Store, name: str, password: str, now: datetime, *, by: str = "", about: Sequence[str] = ()
) -> None:
    """Change a password. The user's sessions end, no browser is known any more, and a wait after wrong passwords is over.
    Raises NotFound, Refused."""
    with store.read() as session:
        user = _user(session, name)
    judge_password(password, (name, user.display_name, *about))
    hashed = hash_password(password)
    with store.write() as session:
        user = _user(session, name)
        user.password_hash = hashed
        session.execute(delete(LoginCounter).where(LoginCounter.key == user_counter(user)))
        _end_logins(session, user)
        note_event(session, PersonEventKind.PASSWORD, name, now, by=by)


def set_disabled(store: Store, name: str, disabled: bool, now: datetime, *, by: str = "") -> list[Role]:
    """Bar a user from the desk at once, or let them in again; what they did stays theirs. Returns the roles that nobody
    who may log in has now, of those that are needed. Raises NotFound."""
    with store.write() as session:
        user = _user(session, name)
        user.disabled_at = now if disabled else None
        _end_logins(session, user)
        kind = PersonEventKind.DISABLED if disabled else PersonEventKind.ENABLED
        note_event(session, kind, name, now, by=by)
        session.flush()
        return [role for role in NEEDED if disabled and role in user.roles and not _others_with(session, role, user)]


def change_roles(
    store: Store,
    name: str,
    add: Iterable[Role],
    remove: Iterable[Role],
    now: datetime,
    *,
    by: str = "",
    even_the_last: bool = False,
) -> list[Role]:
    """Give a user roles and take others away; open sessions have the new ones with their next request. Returns the roles
    the user now has. Raises NotFound; Refused where none would be left, or where nobody else has a role that is needed,
    unless ``even_the_last``."""
    added, removed = set(add), set(remove)
    with store.write() as session:
        user = _user(session, name)
        before = {Role(role) for role in user.roles}
        after = [role for role in Role if role in (before | added) - removed]
        if both := added & removed:
            raise Refused(f"the role {min(both)} is both to be added and to be removed", subject=name)
        if not after:
            raise Refused(
                "no role would be left",
                subject=name,
                advice="give another one, or use `ivpipe user disable` to keep somebody out",
            )
        for role in NEEDED:
            if role in before and role not in after and not even_the_last and not _others_with(session, role, user):
                raise Refused(
                    f"nobody else who may log in is {_with_article(role)}",
                    subject=name,
                    advice="give somebody else the role first, or repeat the command with --even-the-last",
                )
        if set(after) != before:
            user.roles = [role.value for role in after]
            changes = [f"+{role}" for role in after if role not in before]
            changes += [f"-{role}" for role in Role if role in before and role not in after]
            note_event(session, PersonEventKind.ROLES, name, now, by=by, detail=", ".join(changes))
        return after


def list_users(store: Store) -> list[User]:
    """Everybody, by login."""
    with store.read() as session:
        return list(session.scalars(select(User).order_by(User.name)))


def find_user(store: Store, name: str) -> User:
    """The user with this login. Raises NotFound, naming those there are."""
    with store.read() as session:
        return _user(session, name)


def _others_with(session: Session, role: Role, user: User) -> bool:
    others = session.scalars(select(User).where(User.disabled_at.is_(None), User.id != user.id))
    return any(role in other.roles for other in others)


def _with_article(role: Role) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def _end_logins(session: Session, user: User) -> None:
    session.execute(delete(DeskSession).where(DeskSession.user_id == user.id))
    session.execute(delete(KnownBrowser).where(KnownBrowser.user_id == user.id))


def _user(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        known = ", ".join(session.scalars(select(User.name).order_by(User.name))) or "none"
        raise NotFound(f"there is no user {name!r}; there are: {known}")
    return user
