"""What goes into which field of a SPIP article: settings, and a Page as the values of SPIP's fields."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Annotated, Literal

from pydantic import Field

from ivpipe.model.page import Page
from ivpipe.publishers.addresses import LoginAddress
from ivpipe.publishers.spip.markup import inline_markup, mark_up, plain_markup, title_markup
from ivpipe.publishers.static_site.entries import original_day
from ivpipe.publishers.static_site.labels import labels
from ivpipe.sections import Name, Seconds, SecretName, Section, TimeZone
from ivpipe.text.dates import long_date
from ivpipe.text.html_writer import inline_html, safe_address
from ivpipe.text.inline import escape_text

Part = Literal[
    "country", "edition", "byline", "standfirst", "correction", "body", "original_date", "attribution", "source",
    "postscript", "translator", "copyright", "licence",
]  # fmt: skip
_MARK = re.compile(r"<!-- ([A-Za-z0-9][A-Za-z0-9_.-]*?) r([0-9]+) -->")
KEY = re.compile(r"(?!.*--)[A-Za-z0-9][A-Za-z0-9_.-]{0,120}(?<!-)")
FIELDS = ("surtitre", "titre", "soustitre", "descriptif", "chapo", "texte", "ps", "nom_site", "url_site")
"""The fields of an article that are ours."""
_SPIP_LANGS = {"pt-br": "pt_br", "zh-tw": "zh_tw"}


class SpipSettings(Section):
    """``type = "spip"`` in ``config/targets/<slug>.toml``.

    ``url``: the site's address, https except on this machine. ``driver``: "forms" of its private area, or the PHP "file"
    put there. ``login``: the account; its password, for the forms, stands in the environment variable ``password_env``,
    the token for the file in ``token_env``. ``section``: number of the section for new articles; ``sections`` maps
    sections and editions of pages to others; one that is not in it is looked for in SPIP by its title. ``status``:
    "prop" proposes, "publie" publishes; ``withdrawn``: what a withdrawn article becomes. ``keywords``, ``authors``:
    "existing" links those SPIP has, "create" makes keywords in ``keyword_group``. ``signed``: the account stays among
    the authors. ``logo``: the leading picture. ``timezone``: of the site. ``surtitre`` … ``ps``: what stands in each of
    SPIP's fields, in order; ``nom_site`` and ``url_site`` are the partner's name and the original's address.
    """

    url: LoginAddress
    driver: Literal["forms", "file"] = "forms"
    login: Name
    password_env: SecretName = "IVPIPE_SPIP_PASSWORD"  # noqa: S105 -- a variable's name
    token_env: SecretName = "IVPIPE_SPIP_TOKEN"  # noqa: S105
    section: int = Field(ge=1, le=1_000_000_000)
    sections: dict[str, Annotated[int, Field(ge=1, le=1_000_000_000)]] = Field(default_factory=dict)
    status: Literal["prop", "publie"] = "prop"
    withdrawn: Literal["prepa", "refuse", "poubelle"] = "prepa"
    keywords: Literal["none", "existing", "create"] = "existing"
    keyword_group: int = Field(default=1, ge=1, le=1_000_000_000)
    authors: Literal["none", "existing"] = "existing"
    signed: bool = True
    logo: bool = True
    earlier_date: bool = True
    timezone: TimeZone = "UTC"
    timeout_seconds: Seconds = 30
    surtitre: tuple[Part, ...] = ("country",)
    soustitre: tuple[Part, ...] = ("byline",)
    descriptif: tuple[Part, ...] = ()
    chapo: tuple[Part, ...] = ("standfirst",)
    texte: tuple[Part, ...] = ("correction", "body", "original_date", "attribution", "source")
    ps: tuple[Part, ...] = ("postscript", "copyright", "licence")


def article_fields(page: Page, settings: SpipSettings, documents: Mapping[str, str]) -> dict[str, str]:
    """The values of ``FIELDS`` for a page. ``documents`` maps addresses of pictures to SPIP's documents."""
    marked = mark_up(page.document, documents)
    day = original_day(page)
    lines = {
        "country": page.country or page.document.kicker,
        "edition": escape_text(page.edition),
        "byline": escape_text(", ".join(page.byline)),
        "translator": escape_text(page.translator),
        "copyright": escape_text(page.copyright),
        "licence": _licence(page),
        "attribution": page.attribution_html,
        "postscript": page.postscript_html,
        "correction": _correction(page),
        "original_date": escape_text(long_date(day, page.lang)) if day else "",
        "source": _source(page),
    }
    texts = {
        "standfirst": marked.standfirst,
        "body": marked.body,
        **{part: inline_markup(html) for part, html in lines.items()},
    }
    return {
        "surtitre": _line(settings.surtitre, lines),
        "titre": marked.title,
        "soustitre": _line(settings.soustitre, lines),
        "descriptif": _text(settings.descriptif, texts),
        "chapo": _text(settings.chapo, texts),
        "texte": f"{_text(settings.texte, texts)} <!-- {page.key} r{page.revision} -->".lstrip(),
        "ps": _text(settings.ps, texts),
        "nom_site": plain_markup(page.partner),
        "url_site": safe_address(page.original_url),
    }


def _correction(page: Page) -> str:
    """The note after the word for it: nothing beside the text says in SPIP what it is."""
    word = escape_text(labels(page.lang)["correction"])
    return f"<strong>{word}</strong>: {page.correction_html}" if page.correction_html else ""


def _licence(page: Page) -> str:
    """The licence, a link where it is an address, after the word for it."""
    if not page.licence:
        return ""
    address = safe_address(page.licence)
    return f"{escape_text(labels(page.lang)['licence'])}: {_link(address) if address else escape_text(page.licence)}"


def _source(page: Page) -> str:
    """The address of the original as a link, unless the attribution has it."""
    address = safe_address(page.original_url)
    return "" if not address or escape_text(address) in unescape(page.attribution_html) else _link(address)


def _link(address: str) -> str:
    shown = escape_text(address)
    return f'<a href="{shown.replace(chr(34), "&quot;")}">{shown}</a>'


def _line(parts: tuple[Part, ...], lines: Mapping[str, str]) -> str:
    """Parts in a field of one line, in which SPIP knows no shortcuts."""
    found = (title_markup(inline_html(lines[part])) for part in parts if part in lines)
    return " – ".join(text for text in found if text)


def _text(parts: tuple[Part, ...], texts: Mapping[str, str]) -> str:
    return "\n\n".join(texts[part] for part in parts if texts[part])


def marked_key(text: str) -> tuple[str, int] | None:
    """(key, revision) in an article's text; None where it is none of ours."""
    match = _MARK.search(text)
    return (match[1], int(match[2])) if match else None


def fingerprint(fields: Mapping[str, str]) -> str:
    """A hash over the values of ``FIELDS``, and the status where it is given."""
    text = json.dumps([fields.get(name, "") for name in (*FIELDS, "statut")], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plain_lines(fields: Mapping[str, str]) -> str:
    """An article's fields, and its status where it is given, as text for people: each field's name above its lines, without
    our own mark."""
    out = []
    for name in (*FIELDS, "statut"):
        value = _MARK.sub("", unescape(fields.get(name, ""))).strip()
        if value:
            out += [f"[{name}]", *value.splitlines()]
    return "\n".join(out) + "\n" if out else ""


def spip_lang(lang: str) -> str:
    """SPIP's code for a language: ``pt-BR`` is ``pt_br`` there; a region it does not know is left out."""
    return _SPIP_LANGS.get(lang.lower(), lang.lower().partition("-")[0])
