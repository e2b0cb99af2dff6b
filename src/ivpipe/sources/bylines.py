"""Authors' names out of what bylines and metadata say: "Par Léa Martin et Tom Roux (avec AFP)"."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BY = re.compile(
    r"^(?:(?:un\s+)?(?:article|texte|entretien|propos\s+recueillis|reportage|interview|text|texto|story)\s+(?:de"
    r"|par|von|by|per|por|di)"
    r"|propos\s+recueillis\s+par|publi[eé]\s+par|[eé]crit\s+par|written\s+by|posted\s+by|reported\s+by"
    r"|escrito\s+por|a\s+cura\s+di"
    r"|ein(?:e)?\s+\w+\s+von|par|by|von|por|di|de|da|door|auteurs?|authors?|autor(?:es|en|in)?)\s*:?\s+",
    re.I,
)
_PAPER = re.compile(r"^[a-z]\w*\s+(?=(?:von|by|par|por)\s+[^\W\d_a-z])")  # "capital von Jemima Kelly"
_SPLIT = re.compile(r"\s*(?:,|;|\||·|•|/|\n|\s(?:et|and|und|y|e|ed|en|avec|with|mit|con)\s|\s&\s|\sund\s)\s*", re.I)
_TAIL = re.compile(
    r"\s*(?:\(.*\)|,.*|\bpubli[eé]\b.*|\ble\s+\d.*|\b(?:on|am|el|il)\s+\d.*|[-–—|]\s.*"
    r"|\d{1,2}[./ ]\s?\w+\.?[./ ]\s?\d{2,4}.*"
    r"|\b(?:updated|mis à jour|aktualisiert)\b.*|@\S+.*)$",
    re.I,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|^(?:admin|administrator|administrateur|webmaster|redaktion|redaction|r[eé]daction"
    r"|la r[eé]daction|redacci[oó]n|editor"
    r"|staff|root|user|unknown|null|none|anonymous|autor|author|auteur|guest|online|news|web|follow|suivre|folgen"
    r"|share|read more)$",
    re.I,
)
PERSON = re.compile(r"[^\W\d_a-zß-ÿ][\w'’.-]*(?:\s+[\w'’.-]+){1,4}$")
_SIGNED = re.compile(r"(?i:par|by|von|por|di)\s+(?=[^\W\d_a-zß-ÿ])")
_NO_PARTICLE = re.compile(r"\s(?!(?:d[aeio]s?|d[eu]l?|della|dalla|von|van|der|den|zu|la|le|y|e|ben|bin|al)\s)[a-zß-ÿ]")


def clean_authors(values: Iterable[str], site_names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names in the values, in order, each once, without "by", functions, dates and the site's own name."""
    sites = {re.sub(r"\W+", "", name).lower() for name in site_names}
    names: list[str] = []
    for value in values:
        value = " ".join(value.split())
        if len(value) > 400 or value.startswith(("http:", "https:", "//")):
            continue
        value = _BY.sub("", _PAPER.sub("", value))
        pieces = _SPLIT.split(value)
        if len(pieces) == 2 and "," in value and " " not in pieces[0] and " " not in pieces[1]:
            pieces = [f"{pieces[1]} {pieces[0]}"]  # "Martin, Léa"
        for piece in pieces:
            name = _BY.sub("", _TAIL.sub("", piece.strip(" \u00a0.,:;-–—|*")).strip(" \u00a0.,:;-–—|*"))
            if not _plausible(name) or re.sub(r"\W+", "", name).lower() in sites:
                continue
            names.append(name)
    return tuple(dict.fromkeys(names))[:20]


def signing(text: str, site_names: Iterable[str] = (), *, alone: bool = False) -> tuple[str, ...]:
    """The people who sign in a line that says no more, "Par Léa Martin, à Brive"; ``alone``: though it has no "par"."""
    if len(text) > 120 or not (alone or _SIGNED.match(text)):
        return ()
    names = clean_authors([text], site_names)
    people = tuple(name for name in names if PERSON.match(name) and not _NO_PARTICLE.search(name))
    return people if people[:1] == names[:1] else ()


def _plausible(name: str) -> bool:
    words = name.split()
    return (
        2 <= len(name) <= 60
        and len(words) <= 6
        and not _NOT_A_NAME.search(name)
        and any(char.isalpha() for char in name)
        and (name[0].isupper() or len(words) == 1 or words[-1][0].isupper() or not name[0].isascii())
    )
