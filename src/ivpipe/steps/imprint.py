"""The imprint: the lines around an article, filled from the configuration, and our names for what partners call theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from html import escape, unescape
from pathlib import Path

from ivpipe.model import Document, Image, Magazine, SourceCredit
from ivpipe.model.magazine import LINE_FIELDS, Editions, Labels, Words, in_language
from ivpipe.sources.filters import fold
from ivpipe.text.dates import iso_date, long_date
from ivpipe.text.html_writer import clean_text, inline_html, inline_plain
from ivpipe.text.inline import escape_text, inline_tokens

CreditOf = Callable[[str], SourceCredit]
"""source slug → what a page says of that partner."""

_TAG = re.compile(r"(</?[a-z][^<>]*>)")
_BARE_AMPERSAND = re.compile(r"&(?!#?\w+;)")
_BOLD = ("magazine", "translator", "partner")


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the configuration says for the pages of one target (``target`` "" for a preview that is for none).

    ``target_labels`` go before those of the source, and those before the magazine's (``labels``).
    """

    magazine: Magazine
    credit_of: CreditOf
    target: str = ""
    labels: Labels = field(default_factory=Labels)
    target_labels: Labels = field(default_factory=Labels)
    editions: Editions = field(default_factory=Editions)
    timezone: tzinfo = UTC
    """By which months and years are told."""
    pictures: Path | None = None
    """The folder of pictures that were taken; None: pages go without."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one page. The first two are canonical inline HTML, the others text."""

    attribution_html: str
    postscript_html: str
    copyright: str
    licence: str


def fill_lines(
    imprint: Imprint, credit: SourceCredit, original: Document, lang: str, translator: str, year: int
) -> Lines:
    """Fill the lines of a page in its language: the source's own where it has them, else the magazine's. Names stand in
    bold in the attribution; without a translator's name the magazine's takes its place."""
    magazine = imprint.magazine
    first = iso_date(original.published)
    values = {
        "magazine": magazine.name,
        "translator": translator or magazine.name,
        "partner": credit.name,
        "partner_url": credit.url,
        "source_url": original.canonical_url or original.url,
        "original_title": inline_plain(original.title),
        "original_date": long_date(first, lang) if first else "",
        "year": str(year),
    }
    safe = {name: escape(clean_text(value)) for name, value in values.items()}
    bold = {**safe, **{name: f"<strong>{safe[name]}</strong>" for name in _BOLD}}

    def line(name: str, fields: Mapping[str, str]) -> str:
        return _own(getattr(credit, name), getattr(magazine, name), lang).format(**fields).strip()

    return Lines(
        attribution_html=written_html(line("attribution", bold)),
        postscript_html=written_html(line("postscript", safe)),
        copyright=clean_text(line("copyright", values)),
        licence=clean_text(line("licence", values)),
    )


def picture_credit(imprint: Imprint, credit: SourceCredit, image: Image, lang: str) -> str:
    """The line under a picture, canonical inline HTML; "" where the partner says nothing of it and the line needs that."""
    template = _own(credit.picture_credit, imprint.magazine.picture_credit, lang)
    if not image.credit and "{credit}" in template:
        return ""
    names = {"magazine": imprint.magazine.name, "partner": credit.name}
    safe = {name: escape(clean_text(value)) for name, value in names.items()}
    return written_html(template.format(credit=inline_html(image.credit), **safe).strip())


def written_html(html: str) -> str:
    """What a person wrote as inline HTML, made canonical; where there is other markup in it, all of it shows as text."""
    escaped = _escaped(html)
    try:
        inline_tokens(escaped, any_attributes=True)
    except ValueError:
        return escape_text(clean_text(html))
    return inline_html(escaped)


def markup_fault(words: Words) -> str:
    """Why a line's markup would show as text, "" where it would not."""
    for text in [words] if isinstance(words, str) else words.values():
        try:
            inline_tokens(_escaped(text.format_map(dict.fromkeys(LINE_FIELDS, "x"))))
        except ValueError as error:
            return (
                f'{error} — it may hold text, <em>, <strong>, and links as <a href="https://…">…</a>, and what '
                "stands in braces"
            )
    return ""


def _escaped(html: str) -> str:
    """With each character escaped as canonical HTML has it: people write bare ampersands, &nbsp; and &quot;."""
    pieces = _TAG.split(html)
    return "".join(
        _BARE_AMPERSAND.sub("&amp;", piece) if number % 2 else escape_text(unescape(piece))
        for number, piece in enumerate(pieces)
    )


def section_of(imprint: Imprint, credit: SourceCredit, original: Document, lang: str) -> str:
    """Our name for the partner's section; the partner's own where we have none."""
    tables = [labels.sections for labels in _labels(imprint, credit)]
    found = _named(original.section, tables, lang)
    if found is None:
        found = _named("*", tables, lang)
    return original.section if found is None else found


def keywords_of(imprint: Imprint, credit: SourceCredit, original: Document, lang: str) -> tuple[str, ...]:
    """Our names for the partner's tags and section, in their order, each once; only those that we have a name for."""
    tables = [labels.keywords for labels in _labels(imprint, credit)]
    found = (_named(tag, tables, lang) for tag in (*original.tags, original.section))
    return tuple(dict.fromkeys(name for name in found if name))


def country_of(imprint: Imprint, credit: SourceCredit, original: Document, translated: Document, lang: str) -> str:
    """The line above the title, inline HTML: the country that the partner's kicker, section or tags name, else the kicker."""
    tables = [labels.countries for labels in _labels(imprint, credit)]
    for name in (inline_plain(original.kicker), original.section, *original.tags):
        if (found := _named(name, tables, lang)) is not None:
            return escape(clean_text(found), quote=False)
    return translated.kicker


def _labels(imprint: Imprint, credit: SourceCredit) -> tuple[Labels, ...]:
    return imprint.target_labels, credit.labels, imprint.labels


def _named(name: str, tables: Iterable[Mapping[str, Words]], lang: str) -> str | None:
    """What the first table that has the name calls it in a language; None where none has it."""
    wanted = fold(name)
    for table in tables if wanted else ():
        for one, words in table.items():
            if fold(one) == wanted and (found := in_language(words, lang)) is not None:
                return found
    return None


def _own(own: Words, magazines: Words, lang: str) -> str:
    found = None if own == "" else in_language(own, lang)
    return found if found is not None else in_language(magazines, lang) or ""
