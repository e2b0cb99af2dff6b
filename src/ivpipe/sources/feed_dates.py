"""Dates as feeds write them, in the languages our partners write (of pages: ``dates``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ivpipe.model.languages import primary

LANGUAGES = ("fr", "es", "de", "it", "pt", "en")

_LONGEST = 100
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")
_CLOCK = re.compile(r"(\d{1,2})\s*h\s*(\d{2})\b")
_SETTINGS = {
    "TIMEZONE": "UTC",
    "TO_TIMEZONE": "UTC",
    "RETURN_AS_TIMEZONE_AWARE": True,
    "DATE_ORDER": "DMY",
    "PARSERS": ["absolute-time"],
    "REQUIRE_PARTS": ["day", "month", "year"],
}


def parse_date(text: object, languages: Iterable[str] = ()) -> datetime | None:
    """Read an absolute date as an aware UTC time; None where there is none, or no day in it.

    Knows ISO 8601, RFC 822, and dates written out in ``languages`` (tags, tried first) and six others. A time without
    zone is taken as UTC; numbers as day, month, year. Years outside 1900–2200 are no dates.
    """
    if not isinstance(text, str) or not (text := text.strip()) or len(text) > _LONGEST:
        return None
    for read in (_iso, _rfc822):
        try:
            if (found := read(text)) is not None:
                return as_utc(found)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    first = re.search(r"\d", text)
    return as_utc(_written_out(text, first.start(), languages)) if first else None


def as_utc(when: datetime | None) -> datetime | None:
    """The same moment in UTC; None where it is out of any reasonable range."""
    if when is None:
        return None
    try:
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return when if 1900 <= when.year <= 2200 else None


def _iso(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if re.match(r"\d{4}-\d\d-\d\d", text) else None


def _rfc822(text: str) -> datetime | None:
    # The parser of e-mails takes much for a date that is none; month names keep it honest.
    if not re.search(r"\d\s*(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s+\d{2,4}\s+\d", text, re.I):
        return None
    return parsedate_to_datetime(text)


def _written_out(text: str, first_figure: int, languages: Iterable[str]) -> datetime | None:
    import dateparser  # takes half a second to import, and most feeds do without it

    wanted = [code for tag in languages if _LANGUAGE_CODE.fullmatch(code := primary(tag))]
    others = [code for code in LANGUAGES if code not in wanted]
    # "Publié le 14 juillet 2023" is read from its first figure on.
    readings = [_CLOCK.sub(r"\1:\2", reading) for reading in dict.fromkeys((text, text[first_figure:]))]
    for chosen in filter(None, (wanted, others)):
        for reading in readings:
            try:
                found = dateparser.parse(reading, languages=chosen, settings=_SETTINGS)
            except Exception:  # noqa: S112 (a language it does not know, or a fault of its own on odd text)
                continue
            if isinstance(found, datetime):
                return found
    return None
