"""Authors' names out of what bylines and metadata say: "Par Léa Martin et Tom Roux (avec AFP)"."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BY = re.compile(
    r"^(?:(?:un\s+)?(?:article|texte|entretien|propos\s+recueillis|reportage|interview|text|texto|testo|story"
    r"|entrevista|intervista|reportagem|reportaje|artigo|art[ií]culo|articolo|cr[oó]nica|pressemitteilung|recipe)"
    r"\s+(?:de|par|von|by|per|por|di)"
    r"|propos\s+recueillis\s+par|(?:publi[eé]|[eé]crit|post[eé])\s+par|(?:written|posted|reported|published)\s+by"
    r"|(?:post\s+)?author\s+by|(?:ver[oö]ffentlicht|erstellt|eingestellt|geschrieben|verfasst)\s+von"
    r"|(?:escrito|publicado|redactado)\s+por|a\s+cura\s+di|(?:scritto|pubblicato)\s+da"
    r"|(?:interview|texte?|texto|testo|entretien|entrevista|intervista)\s?:"
    r"|ein(?:e)?\s+\w+\s+von|par|by|von|por|di|de|da|door|auteurs?|authors?|autor(?:es|en|in)?)\s*:?\s+",
    re.I,
)
# What themes write on the link to an author's page: "Zeige alle Beiträge von Léa Martin".
_ALL_OF = re.compile(
    r"^(?i:(?:view|see|show|read|more|zeige|alle|mehr|voir|tous|toutes|ver|todos|todas|mostra|vedi|tutti|leggi)\b.{0,40}?"
    r"\b(?:by|of|from|von|vom|de|di|por|par)\s+)(?=[^\W\d_a-z])"
)
_GLUED = re.compile(r"^(\w+\s+(?:von|par|by|por|da))(?=[^\W\d_a-zß-ÿ])")  # "Veröffentlicht vonLéa Martin"
_PAPER = re.compile(r"^[a-z]\w*\s+(?=(?:von|by|par|por)\s+[^\W\d_a-z])")  # "capital von Jemima Kelly"
_SPLIT = re.compile(r"\s*(?:,|;|\||·|•|/|\n|\s(?:et|and|und|y|e|ed|en|avec|with|mit|con)\s|\s&\s|\sund\s)\s*", re.I)
_TAIL = re.compile(
    r"\s*(?:\(.*\)|,.*|\bpubli[eé]\b.*|\ble\s+\d.*|\b(?:on|am|el|il)\s+\d.*|[-–—|]\s.*"
    r"|\d{1,2}[./ ]\s?\w+\.?[./ ]\s?\d{2,4}.*"
    r"|\b(?:updated|mis à jour|aktualisiert|veröffentlicht|publicado|pubblicato|stand|shares|mitglied|abteilung)\b.*"
    r"|\b(?:fotos?|photos?|bild(?:er)?)\s?:.*|\bim\s+gespräch\b.*|\bam\s+\w+tag\b.*|@\S+.*)$",
    re.I,
)
_NOBODY = (
    r"^(?:admin|administrator|administrateur|webmaster|root|user|unknown|null|none|anonymous|guest|no author|unbenannt"
    r"|publisher|editor|autor|author|auteur)$"
)
_NOT_A_NAME = re.compile(
    rf"https?:|www\.|@|\d{{2,}}|{_NOBODY}|^(?:redaktion|redaction|(?:la )?r[eé]daction|redacci[oó]n|staff|online|news|web"
    r"|follow|suivre|folgen|share|read more|posted|texte?|interview|ph\.?\s?d|m\.?d|m\.?a|m\.?sc|b\.?a|b\.?sc)$"
    r"|^(?:fotos?|photos?|bild(?:er)?|images?|in|(?:ph|f)otogra(?:ph|f)\w+|ill?ustra\w+)\b|\b(?:uncategorized|kommentare?|comments?|commentaires?|comentarios?"
    r"|profil|profile|perfil|anzeigen|newsletter|twitter|facebook|instagram)\b",
    re.I,
)
_COMPANY = re.compile(r"\b(?:GmbH|AG|KG|Ltd|Inc|LLC|S\.?A\.?R\.?L|S\.?p\.?A|S\.?r\.?l)\b")
PERSON = re.compile(r"[^\W\d_a-zß-ÿ][\w'’.-]*(?:\s+[\w'’.-]+){1,4}$")
SIGNED = re.compile(
    r"(?<!\w)(?i:par|by|von|por|di|text[eo]?|testo|autor(?:in|e)?|auteure?|autrice|author)\s*:?\s+(?=[^\W\d_a-zß-ÿ])"
)
_NO_PARTICLE = re.compile(r"\s(?!(?:d[aeio]s?|d[eu]l?|della|dalla|von|van|der|den|zu|la|le|y|e|ben|bin|al)\s)[a-zß-ÿ]")


def names_nobody(name: str) -> bool:
    """Whether a name says only that there is an author ("admin"), or is the company's that runs the site or built it."""
    return bool(_COMPANY.search(name) or re.match(_NOBODY, name.strip(), re.I))


def clean_authors(values: Iterable[str], site_names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names in the values, in order, each once, without "by", functions, dates and the site's own name."""
    sites = {re.sub(r"\W+", "", name).lower() for name in site_names}
    names: list[str] = []
    for value in values:
        value = " ".join(value.split())
        if len(value) > 400 or value.startswith(("http:", "https:", "//")) or names_nobody(value):
            continue
        value = _BY.sub("", _GLUED.sub(r"\1 ", _PAPER.sub("", _ALL_OF.sub("", value))))
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
    if len(text) > 120 or not (alone or SIGNED.match(text)):
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
