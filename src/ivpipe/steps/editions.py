"""Editions: opening and closing the magazine's numbers, and which one an article belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Edition, Translation
from ivpipe.model.languages import primary
from ivpipe.model.magazine import in_language
from ivpipe.steps.imprint import Imprint
from ivpipe.store import Store
from ivpipe.store.rows import insert_missing
from ivpipe.text.dates import month_name

_COLUMNS = ("number", "month", "title", "opened_at", "closed_at")


def edition_label(imprint: Imprint, edition: Edition, lang: str) -> str:
    """How an edition is called in a language: "IVP605 – June 2025"."""
    template = edition.title or in_language(imprint.editions.label, lang) or ""
    fields = {"number": edition.number, "month": month_name(edition.month, lang), "year": edition.month.year}
    return template if edition.title else template.format(**fields).strip()


def edition_for(session: Session, translation: Translation, imprint: Imprint, now: datetime) -> Edition | None:
    """The edition that a translation belongs to, or would if it were published now; None: it belongs to none.

    Writes nothing; one that the calendar is about to open has no id yet.
    """
    if translation.edition is not None:
        return translation.edition
    languages = {primary(lang) for lang in imprint.editions.languages}
    if imprint.editions.kind == "none" or (languages and primary(translation.lang) not in languages):
        return None
    return _current(session, imprint, now)


def settle_edition(session: Session, translation: Translation, imprint: Imprint, now: datetime) -> None:
    """Write down which edition a translation belongs to, for good, opening it where the calendar says so."""
    edition = edition_for(session, translation, imprint, now)
    if edition is not None and edition.id is None:
        # Another worker may be opening the same one.
        insert_missing(session, Edition, [{name: getattr(edition, name) for name in _COLUMNS}])
        edition = session.scalar(select(Edition).where(Edition.number == edition.number))
    translation.edition = edition


def editions(store: Store) -> list[Edition]:
    """All editions, newest first."""
    with store.read() as session:
        return _all(session)


def open_edition(
    store: Store,
    imprint: Imprint,
    now: datetime,
    *,
    number: int | None = None,
    title: str = "",
    month: date | None = None,
) -> Edition:
    """Open the next number (or ``number``, also one that was closed), and close the one that is open.

    By the calendar a new one stays open until its month is over; one that is opened again, until somebody closes it.
    Raises Refused where that one is open already.
    """
    with store.write() as session:
        known = _all(session)
        number = number if number is not None else _next_number(known, imprint)
        edition = next((one for one in known if one.number == number), None)
        if edition is not None and edition.open_at(now):
            raise Refused(f"number {number} is open already")
        _close(known, now)
        if edition is None:
            edition = _new(known, imprint, now, number, month)
            session.add(edition)
        else:
            edition.opened_at, edition.closed_at = now, None
        edition.title = title or edition.title or ""
        return edition


def close_edition(store: Store, now: datetime) -> Edition:
    """Close the number that is open; by the calendar the next one opens with the next article. Raises NotFound."""
    with store.write() as session:
        closed = _close(_all(session), now)
        if closed is None:
            raise NotFound("no number is open")
        return closed


def move_to_edition(store: Store, translation_id: int, number: int | None) -> None:
    """Have a translation belong to another number, or (None) to the one open when it is published. Raises NotFound.

    What is live shows it when the page is sent the next time.
    """
    with store.write() as session:
        translation = session.get(Translation, translation_id, with_for_update={"of": Translation})
        if translation is None:
            raise NotFound(f"there is no translation {translation_id}")
        edition = session.scalar(select(Edition).where(Edition.number == number)) if number is not None else None
        if number is not None and edition is None:
            raise NotFound(f"there is no number {number}", advice="see `ivpipe edition list`")
        translation.edition = edition


def _current(session: Session, imprint: Imprint, now: datetime) -> Edition | None:
    known = _all(session)
    found = next((edition for edition in known if edition.open_at(now)), None)
    if found is None and imprint.editions.kind == "calendar":
        return _new(known, imprint, now, _next_number(known, imprint), None)
    return found


def _new(known: Sequence[Edition], imprint: Imprint, now: datetime, number: int, month: date | None) -> Edition:
    """A number dated this month, or the month after the last one's where that is later."""
    local = now.astimezone(imprint.timezone)
    if month is None:
        month = local.date().replace(day=1)
        if known and imprint.editions.kind == "calendar":
            month = max(month, _month_after(max(edition.month for edition in known)))
    ends = None
    if imprint.editions.kind == "calendar":
        after = _month_after(month)
        ends = datetime(after.year, after.month, 1, tzinfo=imprint.timezone).astimezone(UTC)
    return Edition(number=number, month=month, title="", opened_at=now, closed_at=ends)


def _close(known: Sequence[Edition], now: datetime) -> Edition | None:
    closed = None
    for edition in known:
        if edition.open_at(now):
            edition.closed_at = now
            closed = edition
    return closed


def _next_number(known: Sequence[Edition], imprint: Imprint) -> int:
    return max((edition.number for edition in known), default=imprint.editions.first - 1) + 1


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _all(session: Session) -> list[Edition]:
    return list(session.scalars(select(Edition).order_by(Edition.number.desc())))
