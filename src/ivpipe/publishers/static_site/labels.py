"""The few words a site says itself, and dates, in the reader's language."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from ivpipe.model.languages import primary

_WORDS: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "labels.toml").read_text(encoding="utf-8"))


def labels(lang: str) -> dict[str, str]:
    """Return the site's words in a language by name; in English where we have none for it."""
    return _WORDS.get(primary(lang), _WORDS["en"])


def long_date(day: date, lang: str) -> str:
    """Return a date as people write it: "22 June 2025"."""
    return format_date(day, "long", _locale(lang))


def iso_date(text: str) -> date | None:
    """Read the day of an ISO 8601 date or time; None where there is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def language_name(lang: str) -> str:
    """Return what a language calls itself, "Français"; the tag where nobody knows."""
    locale = _locale(lang)
    name = locale.get_language_name(locale.language) if locale.language == primary(lang) else None
    return name[:1].upper() + name[1:] if name else lang


@cache
def _locale(lang: str) -> Locale:
    for tag in (lang.replace("_", "-"), primary(lang)):
        if tag == "en":
            break
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
