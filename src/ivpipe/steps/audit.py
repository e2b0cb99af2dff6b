"""Audit: the record of logins, refusals and changes of users, and how long it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ivpipe.model import PersonEvent, PersonEventKind
from ivpipe.store import Store

REFUSALS = (PersonEventKind.WRONG, PersonEventKind.BARRED, PersonEventKind.THROTTLED)

_REFUSALS_KEPT = timedelta(days=30)
_KEPT = timedelta(days=400)
"""A year, and some time to look back on it."""
_MOST_REFUSALS = 20_000
"""Rows, some 4 MB: a flood of guesses must not fill the disk."""
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the client's address and the browser as it names itself, both as received."""

    address: str = ""
    browser: str = ""


def note_event(
    session: Session,
    kind: PersonEventKind,
    user_name: str,
    now: datetime,
    *,
    origin: Origin = Origin(),
    by: str = "",
    detail: str = "",
) -> None:
    """Add an event in the transaction of what it tells of. What comes from outside is cut and made plain ASCII."""
    session.add(
        PersonEvent(
            at=now,
            kind=kind,
            user_name=user_name,
            by=_plain(by, 64),
            address=_plain(origin.address, 64),
            browser=_plain(origin.browser, 200),
            detail=detail,
        )
    )


def list_events(store: Store, name: str = "", limit: int = 200) -> list[PersonEvent]:
    """The newest events, the newest first; of one user where a name is given."""
    query = select(PersonEvent).order_by(PersonEvent.id.desc()).limit(limit)
    if name:
        query = query.where(PersonEvent.user_name == name)
    with store.read() as session:
        return list(session.scalars(query))


def forget_old_events(session: Session, now: datetime) -> None:
    """Delete refusals after thirty days, all else after some four hundred."""
    session.execute(delete(PersonEvent).where(PersonEvent.at < now - _KEPT))
    session.execute(delete(PersonEvent).where(PersonEvent.kind.in_(REFUSALS), PersonEvent.at < now - _REFUSALS_KEPT))


def keep_refusals_bounded(session: Session) -> None:
    """Delete the oldest refusals beyond ``_MOST_REFUSALS``."""
    newest = (
        select(PersonEvent.id)
        .where(PersonEvent.kind.in_(REFUSALS))
        .order_by(PersonEvent.id.desc())
        .offset(_MOST_REFUSALS)
        .limit(1)
    )
    last = session.scalar(newest)
    if last is not None:
        session.execute(delete(PersonEvent).where(PersonEvent.kind.in_(REFUSALS), PersonEvent.id <= last))


def _plain(text: str, longest: int) -> str:
    return _UNPRINTABLE.sub("?", text)[:longest]
