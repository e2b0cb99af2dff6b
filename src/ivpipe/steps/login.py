"""Logging in: attempts are counted before a password is looked at; sessions, and the browsers that are known.

Guesses are slowed down by name and by address. A browser in which that user has logged in before is counted by itself
("device cookies", as OWASP describes them): strangers' guesses do not keep anybody out of their own browser, and whoever
steals its cookie gets no more attempts than others.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, Table, and_, case, delete, literal, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivpipe.errors import Refused, TooManyAttempts
from ivpipe.model import Counted, DeskSession, KnownBrowser, LoginCounter, PersonEventKind, User
from ivpipe.steps.audit import Origin, forget_old_events, keep_refusals_bounded, note_event
from ivpipe.steps.passwords import hash_password, is_outdated, password_matches
from ivpipe.store import Store

_FREE = {Counted.USER: 5, Counted.UNKNOWN: 5, Counted.BROWSER: 5, Counted.ADDRESS: 20}
"""Attempts before the first wait. Many people may share an address: an office, a mobile network."""
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60))
"""After the last free attempt and each one more; the last for all that follow."""
_QUIET = timedelta(days=1)
"""After so long without an attempt the count begins anew. About thirty guesses a day are left to a patient stranger."""
_MOST_COUNTERS = 10_000
"""Of unknown names, and of addresses: some 2 MB each. Whoever invents more pushes out the oldest of their own kind; the
counters of users are never among them."""
_BROWSER_KEPT = timedelta(days=365)
_MOST_BROWSERS = 20
"""Of one user."""
_PRUNED_ONE_IN = 64
"""Attempts. Counting the rows each time would cost more than the few rows too many."""
_AT_ONCE = threading.BoundedSemaphore(8)
"""Attempts under way in this process: the desk serves some forty requests at once, and editors need theirs."""
_KNOWN_AT_ONCE = threading.BoundedSemaphore(4)
"""Those from known browsers have places of their own: a flood of strangers' guesses takes all the others."""


Note = Callable[[Session, PersonEventKind], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody sent to log in. ``browser_token`` is the cookie of a known browser, "" where there is none;
    ``counts_address`` false where the address is not the client's own (a proxy's)."""

    name: str
    password: str
    browser_token: str = ""
    origin: Origin = field(default_factory=Origin)
    counts_address: bool = True


@dataclass(frozen=True, slots=True)
class Login:
    """A session just opened: the cookie's token (stored nowhere) and when it ends; the token by which the browser will be
    known, and until when."""

    token: str
    expires_at: datetime
    browser_token: str
    browser_expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Counter:
    kind: Counted
    key: str


def load_login_key(path: Path) -> bytes:
    """The key under which unknown names are hashed, from its file, which is made where it is missing (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    if not path.exists():
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(made, path)  # whole or not at all, and only the first of two processes
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()


def log_in(store: Store, attempt: Attempt, login_key: bytes, lifetime: timedelta, now: datetime) -> Login:
    """Open a session. Raises TooManyAttempts, with the wait, before the password has been looked at; else Refused, in the
    same words and after the same work whether the name is unknown, the password wrong or the user disabled."""
    name = attempt.name.strip().lower()
    with store.read() as session:
        user = session.scalar(select(User).where(User.name == name))
        known = _is_known(session, attempt.browser_token, user.id if user else 0, now)
    places = _KNOWN_AT_ONCE if known else _AT_ONCE
    if not places.acquire(blocking=False):
        raise TooManyAttempts(
            "many people are logging in at this moment", advice="try again in a few seconds", retry_after=5
        )
    mark = hmac.new(login_key, name.encode(), hashlib.sha256).hexdigest()
    try:
        return _log_in(store, user, mark, attempt, lifetime, now, known=known)
    finally:
        places.release()
        if secrets.randbelow(_PRUNED_ONE_IN) == 0:
            _keep_bounded(store)


def _log_in(
    store: Store, user: User | None, mark: str, attempt: Attempt, lifetime: timedelta, now: datetime, *, known: bool
) -> Login:
    counters = _counters(user, mark, attempt, known=known)

    def note(session: Session, kind: PersonEventKind) -> None:
        detail = "" if user else f"unknown name {mark[:8]}"
        note_event(session, kind, user.name if user else "", now, origin=attempt.origin, detail=detail)

    counts = _count(store, counters, note, now)

    right = password_matches(user.password_hash if user else None, attempt.password)
    rehashed = hash_password(attempt.password) if user and right and is_outdated(user.password_hash) else None
    with store.write() as session:
        if user is not None and right:
            seen, user = user.password_hash, session.get_one(User, user.id, with_for_update=True)
            right = user.password_hash == seen  # else it was changed while we compared
            if right and user.disabled_at is None:
                user.password_hash = rehashed or seen
                _forgive(session, counters, counts)
                note(session, PersonEventKind.LOGIN)
                return _open(session, user, attempt.browser_token, lifetime, now)
        note(session, PersonEventKind.BARRED if right else PersonEventKind.WRONG)
    raise Refused("the name or the password is wrong")


def _counters(user: User | None, mark: str, attempt: Attempt, *, known: bool) -> list[_Counter]:
    """What the attempt counts for, in the order in which all attempts take the rows."""
    if user is not None and known:
        return [_Counter(Counted.BROWSER, _token_hash(f"{user.id} {attempt.browser_token}"))]
    counters = []
    address = _network(attempt.origin.address) if attempt.counts_address else ""
    if address:
        counters.append(_Counter(Counted.ADDRESS, f"address {address}"))
    counters.append(_Counter(Counted.USER, user_counter(user)) if user else _Counter(Counted.UNKNOWN, mark))
    return counters


def user_counter(user: User) -> str:
    """The key of a user's counter."""
    return f"user {user.id}"


def _network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: whoever has one of those has all of it. "" for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)


def _count(store: Store, counters: Sequence[_Counter], note: Note, now: datetime) -> list[int]:
    """Count the attempt; returns where each counter is now. Raises TooManyAttempts where one of them waits; a flood then
    costs a read each and no write, for the first refusal of a wait is noted and the others are not."""
    with store.read() as session:
        _refuse_waiting(session, counters, now, noted_only=True)
    counts: list[int] = []
    with store.write() as session:
        for counter in counters:
            count = _counted(session, counter, now)
            if count is None:
                noted = update(LoginCounter).where(
                    LoginCounter.key == counter.key, LoginCounter.refusal_noted.is_(False)
                )
                if cast("CursorResult[Any]", session.execute(noted.values(refusal_noted=True))).rowcount:
                    note(session, PersonEventKind.THROTTLED)
                break
            counts.append(count)
    if len(counts) < len(counters):
        with store.read() as session:
            _refuse_waiting(session, counters, now, noted_only=False)
        raise _too_many(_WAITS[0])  # the wait was forgiven since, by a success from elsewhere
    return counts


def _counted(session: Session, counter: _Counter, now: datetime) -> int | None:
    """Count one attempt in one statement and return the number; None, with nothing counted, while a wait is on. The last
    free attempt and each after it begins a wait."""
    table = cast("Table", LoginCounter.__table__)
    column = table.c
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    attempts = case((column.last_at < now - _QUIET, 1), else_=column.attempts + 1)
    free = _FREE[counter.kind]
    waits = [
        (attempts == free + index, literal(now + wait, column.wait_until.type)) for index, wait in enumerate(_WAITS)
    ]
    statement = (
        dialect.insert(table)
        .values(key=counter.key, kind=counter.kind, attempts=1, last_at=now, wait_until=None, refusal_noted=False)
        .on_conflict_do_update(
            index_elements=[column.key],
            set_={
                "attempts": attempts,
                "last_at": now,
                "wait_until": case(
                    (attempts < free, null()), *waits, else_=literal(now + _WAITS[-1], column.wait_until.type)
                ),
                "refusal_noted": False,
            },
            where=or_(column.wait_until.is_(None), column.wait_until <= now),
        )
        .returning(column.attempts)
    )
    return cast("int | None", session.scalar(statement))


def _refuse_waiting(session: Session, counters: Sequence[_Counter], now: datetime, *, noted_only: bool) -> None:
    query = select(LoginCounter.wait_until).where(
        LoginCounter.key.in_([counter.key for counter in counters]), LoginCounter.wait_until > now
    )
    if noted_only:
        query = query.where(LoginCounter.refusal_noted.is_(True))
    until = max(filter(None, session.scalars(query)), default=None)
    if until is not None:
        raise _too_many(until - now)


def _too_many(wait: timedelta) -> TooManyAttempts:
    minutes = -(-wait // timedelta(minutes=1))
    return TooManyAttempts(
        "too many attempts to log in, by this name or from this place",
        advice=f"wait {minutes} minute{'s' if minutes > 1 else ''} and try again; a browser in which you have logged in before "
        "does not have to wait, and an operator can give you a new password at once",
        retry_after=wait.total_seconds(),
    )


def _forgive(session: Session, counters: Sequence[_Counter], counts: Sequence[int]) -> None:
    """After the right password: the name or the browser starts anew; of its address only this attempt is taken back, for
    whoever has an account could else guess at others' without end."""
    for counter, count in zip(counters, counts, strict=True):
        row = LoginCounter.key == counter.key
        if counter.kind is Counted.ADDRESS:
            # Where nobody came after us, a wait that is on is the one that we began.
            ours = case((LoginCounter.attempts == count, null()), else_=LoginCounter.wait_until)
            session.execute(update(LoginCounter).where(row).values(wait_until=ours, attempts=LoginCounter.attempts - 1))
        else:
            session.execute(delete(LoginCounter).where(row))


def _open(session: Session, user: User, browser_token: str, lifetime: timedelta, now: datetime) -> Login:
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
    # One cookie serves all who use this browser; one that we did not give out ourselves is never taken over.
    ours = select(KnownBrowser.user_id).where(
        KnownBrowser.token_hash == _token_hash(browser_token), KnownBrowser.expires_at > now
    )
    if not browser_token or session.scalar(ours.limit(1)) is None:
        browser_token = secrets.token_urlsafe(32)
    session.merge(
        KnownBrowser(
            token_hash=_token_hash(browser_token), user_id=user.id, created_at=now, expires_at=now + _BROWSER_KEPT
        )
    )
    session.flush()
    kept = (
        select(KnownBrowser.token_hash)
        .where(KnownBrowser.user_id == user.id)
        .order_by(KnownBrowser.expires_at.desc(), KnownBrowser.token_hash)
        .limit(_MOST_BROWSERS)
    )
    session.execute(
        delete(KnownBrowser).where(
            KnownBrowser.user_id == user.id, KnownBrowser.token_hash.not_in(list(session.scalars(kept)))
        )
    )
    return Login(token, now + lifetime, browser_token, now + _BROWSER_KEPT)


def _is_known(session: Session, browser_token: str, user_id: int, now: datetime) -> bool:
    row = session.get(KnownBrowser, (_token_hash(browser_token), user_id))
    return row is not None and row.expires_at > now


def session_of(store: Store, token: str, now: datetime) -> tuple[User, str] | None:
    """The user behind a cookie's token, with today's roles, and the session's CSRF token; None where it has ended."""
    with store.read() as session:
        row = session.get(DeskSession, _token_hash(token))
        if row is None or row.expires_at < now or row.user.disabled_at is not None:
            return None
        return row.user, row.csrf


def log_out(store: Store, token: str, origin: Origin, now: datetime) -> None:
    """End a session."""
    with store.write() as session:
        row = session.get(DeskSession, _token_hash(token))
        if row is not None:
            note_event(session, PersonEventKind.LOGOUT, row.user.name, now, origin=origin)
            session.delete(row)


def forget_old_logins(store: Store, now: datetime) -> None:
    """Delete sessions and known browsers past their end, counters after a quiet day, and old events."""
    with store.write() as session:
        session.execute(delete(DeskSession).where(DeskSession.expires_at < now))
        session.execute(delete(KnownBrowser).where(KnownBrowser.expires_at < now))
        session.execute(delete(LoginCounter).where(LoginCounter.last_at < now - _QUIET))
        forget_old_events(session, now)
    _keep_bounded(store)


def _keep_bounded(store: Store) -> None:
    with store.write() as session:
        for kind in (Counted.UNKNOWN, Counted.ADDRESS):
            oldest = session.scalar(
                select(LoginCounter.last_at)
                .where(LoginCounter.kind == kind)
                .order_by(LoginCounter.last_at.desc())
                .offset(_MOST_COUNTERS)
                .limit(1)
            )
            if oldest is not None:
                session.execute(
                    delete(LoginCounter).where(and_(LoginCounter.kind == kind, LoginCounter.last_at <= oldest))
                )
        keep_refusals_bounded(session)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
