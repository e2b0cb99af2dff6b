"""Dates as readers of each language write them."""

from __future__ import annotations

from datetime import date
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from ivpipe.model.languages import primary


def long_date(day: date, lang: str) -> str:
    """Return a date as people write it: "22 June 2025"."""
    return format_date(day, "long", locale_of(lang))


def month_name(day: date, lang: str) -> str:
    """Return the month's name as it stands by itself: "June", "juin"."""
    return format_date(day, "LLLL", locale_of(lang))


def iso_date(text: str) -> date | None:
    """Read the day of an ISO 8601 date or time; None where there is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@cache
def locale_of(lang: str) -> Locale:
    """Return what babel knows of a language; British English where it knows nothing."""
    for tag in (lang.replace("_", "-"), primary(lang)):
        if tag == "en":
            break
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
