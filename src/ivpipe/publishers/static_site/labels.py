"""The few words a site says itself, in the reader's language."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ivpipe.model.languages import primary
from ivpipe.text.dates import locale_of

_WORDS: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "labels.toml").read_text(encoding="utf-8"))


def labels(lang: str) -> dict[str, str]:
    """Return the site's words in a language by name; in English where we have none for it."""
    return _WORDS.get(primary(lang), _WORDS["en"])


def language_name(lang: str) -> str:
    """Return what a language calls itself, "Français"; the tag where nobody knows."""
    locale = locale_of(lang)
    name = locale.get_language_name(locale.language) if locale.language == primary(lang) else None
    return name[:1].upper() + name[1:] if name else lang
