"""Dates as pages write them, in the languages of our partners, as ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from ivpipe.model.languages import primary

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]\s*(\d{1,2})[:h](\d{2})(?::?(\d{2}))?(?:[.,]\d+)?\s*(Z|UTC|GMT"
    r"|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?"
)
_NUMERIC = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b(?:\D{0,12}?\b(\d{1,2})[:h.](\d{2})\b)?")
_SHORT = re.compile(r"(?<![\w.])([0-3]?\d)\.([01]?\d)\.(\d{2})(?![\w.]\w|\w)")  # 31.10.23
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:er|\.|º|°|st|nd|rd|th)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?\s+(?:de\s+|del\s+)?(\d{4})\b"
    r"(?:\D{0,12}?\b(\d{1,2})\s?[:h.]\s?(\d{2})\b)?"
)
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_MONTHS = {
    1: "january jan janvier janv januar jänner enero ene gennaio gen janeiro",
    2: "february feb février fevrier févr fevr fév februar febrero febbraio febb fevereiro fev",
    3: "march mar mars märz maerz mrz marzo março marco",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mayo maggio mag maio",
    6: "june jun juin juni junio giugno giu junho",
    7: "july jul juillet juil juli julio luglio lug julho",
    8: "august aug août aout agosto ago",
    9: "september sep sept septembre septiembre setiembre settembre set setembro",
    10: "october oct octobre oktober okt octubre ottobre ott outubro out",
    11: "november nov novembre noviembre novembro",
    12: "december dec décembre decembre déc dezember dez diciembre dic dicembre dezembro",
}
_MONTH_NUMBER = {name: number for number, names in _MONTHS.items() for name in names.split()}


def iso_date(value: str, lang: str = "") -> str:
    """Return the first date in ``value`` as ISO 8601: with time and zone as far as they are known; "" if there is none.

    ``lang`` decides how 3/4/2025 is read; day first unless it is American English.
    """
    value = " ".join(value.split())[:200]
    if match := _ISO.search(value):
        year, month, day, hour, minute, second, zone = match.groups()
        return _iso(int(year), int(month), int(day), hour, minute, second, zone or "")
    if match := _DAY_MONTH.search(value):
        day, name, year, hour, minute = match.groups()
        if re.search(r"\d{2}:\d{2}:\d{2} (?:[+-]\d{4}|GMT|UTC)", value):
            return _rfc(value)
        if number := _MONTH_NUMBER.get(name.lower()):
            return _iso(int(year), number, int(day), hour, minute, None, "")
    if (match := _MONTH_DAY.search(value)) and (number := _MONTH_NUMBER.get(match[1].lower())):
        return _iso(int(match[3]), number, int(match[2]), None, None, None, "")
    if match := _NUMERIC.search(value):
        first, second_, year, hour, minute = match.groups()
        day, month = int(first), int(second_)
        if (primary(lang) == "en" and lang.upper().endswith("US")) or month > 12:
            day, month = month, day
        return _iso(int(year), month, day, hour, minute, None, "")
    if match := _SHORT.search(value):
        year = 2000 + int(match[3])
        return _iso(
            year if year <= date.today().year + 1 else year - 100, int(match[2]), int(match[1]), None, None, None, ""
        )
    if re.fullmatch(r"\d{10}(?:\d{3})?", value):
        return datetime.fromtimestamp(int(value[:10]), UTC).isoformat()
    return ""


def _rfc(value: str) -> str:
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError):
        return ""


def _iso(year: int, month: int, day: int, hour: str | None, minute: str | None, second: str | None, zone: str) -> str:
    try:
        text = date(year, month, day).isoformat()
        if not hour or not 1800 <= year <= 2200:
            return text if 1800 <= year <= 2200 else ""
        moment = datetime(year, month, day, int(hour), int(minute or 0), int(second or 0)).isoformat()
    except ValueError:
        return ""
    if zone in ("Z", "UTC", "GMT"):
        return f"{moment}+00:00"
    if zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:] or '00'}"
    return moment + zone
