"""Entries: what the lists of a site need to know of a page, and which lists it stands in. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date

from ivpipe.model.document import BlockType
from ivpipe.model.page import Page, Picture
from ivpipe.publishers.folders import file_name
from ivpipe.publishers.static_site.search import searchable
from ivpipe.text.dates import iso_date, long_date
from ivpipe.text.html_writer import inline_plain
from ivpipe.text.inline import escape_text

KINDS = ("edition", "country", "section", "author", "partner", "keyword", "archive")
"""The kinds of lists a language has, each a folder below its own; the order is that of the navigation."""
SMALL = 800
"""Pixels of the longer side of a picture in a list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as lists show it. ``path`` is relative to the site, ``article`` the same for all translations of an article;
    ``title`` and ``standfirst`` are inline HTML, times ISO 8601 in UTC, ``search`` what a search looks at (``search.py``).

    ``lists`` are (list, its name): the list is the folder its pages stand in, "en/author/claire-morvan"; "en" is all of
    a language and "" all of the site. ``pictures`` are the paths of the picture files it uses; ``teaser``, if it has any,
    is (path, width, height) of the small one that stands beside it in lists.
    """

    key: str
    article: str
    lang: str
    path: str
    revision: int
    country: str
    title: str
    standfirst: str
    byline: tuple[str, ...]
    partner: str
    published_at: str
    updated_at: str
    search: str = ""
    lists: tuple[tuple[str, str], ...] = ()
    pictures: tuple[str, ...] = ()
    teaser: tuple[str, int, int] | None = None


def entry_of(page: Page, lang: str, path: str) -> Entry:
    """The entry of a page that has this path; ``lang`` is its language in lower case."""
    first = first_picture(page)
    teaser = (small_path(first), *small_size(first.width, first.height)) if first else None
    return Entry(
        key=page.key,
        article=page.key.lower().removesuffix(f"-{lang}"),
        lang=lang,
        path=path,
        revision=page.revision,
        country=country(page),
        title=page.document.title,
        standfirst=page.document.standfirst or escape_text(summary(page)),
        byline=page.byline,
        partner=page.partner,
        published_at=page.published_at.astimezone(UTC).isoformat(),
        updated_at=page.updated_at.astimezone(UTC).isoformat(),
        search=searchable(page),
        lists=tuple(_lists(page, lang)),
        pictures=tuple(sorted({*map(picture_path, page.pictures), *((teaser[0],) if teaser else ())})),
        teaser=teaser,
    )


def list_links(page: Page, kind: str) -> list[tuple[str, str]]:
    """(list's folder below the language's, name) of the lists of one kind that a page stands in, each list once."""
    values = {
        "edition": (page.edition,),
        "country": (country(page),),
        "section": (page.section,),
        "author": page.byline,
        "partner": (page.partner,),
        "keyword": page.keywords,
        "archive": (str(page.published_at.astimezone(UTC).year),),
    }[kind]
    found: dict[str, str] = {}
    for value in values:
        name = " ".join(value.split())
        if name:
            found.setdefault(f"{kind}/{_list_name(name)}", name)
    return list(found.items())


def country(page: Page) -> str:
    """The line above the title, as plain text."""
    return inline_plain(page.country or page.document.kicker)


def original_day(page: Page) -> date | None:
    """The day of the original; None where it is not known, or the text itself ends with it, as many do: then we need not
    say it again."""
    day = iso_date(page.original_published)
    signatures = (inline_plain(block.html) for block in page.document.blocks if block.role == "signature")
    return None if day is None or any(long_date(day, page.lang) in text for text in signatures) else day


def summary(page: Page) -> str:
    """What the article is about, as plain text of at most some 300 characters: its standfirst, else its beginning."""
    text = inline_plain(page.document.standfirst)
    if not text:
        paragraphs = (block.html for block in page.document.blocks if block.type is BlockType.PARAGRAPH)
        text = next((plain for plain in map(inline_plain, paragraphs) if plain), "")
    if len(text) <= 300:
        return text
    return text[:300].rsplit(" ", 1)[0].rstrip(" ,;:–—") + " …"


def first_picture(page: Page) -> Picture | None:
    """The picture that stands for a page: the one that opens it, else its first."""
    return page.lead or next(iter(page.pictures), None)


def picture_path(picture: Picture) -> str:
    """Where a picture's file stands in the site: by its content, so one file serves all pages that show it."""
    kind = {"image/jpeg": "jpg", "image/svg+xml": "svg"}.get(picture.media_type, picture.media_type.rpartition("/")[2])
    return f"pictures/{picture.sha256[:2]}/{picture.sha256[2:20]}.{file_name(kind) or 'bin'}"


def small_path(picture: Picture) -> str:
    """Where the small form of a picture stands, which lists show."""
    name, _, kind = picture_path(picture).rpartition(".")
    return f"{name}-small.{kind}"


def small_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the small form."""
    scale = min(1.0, SMALL / max(width, height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _lists(page: Page, lang: str) -> Iterator[tuple[str, str]]:
    yield "", ""
    yield lang, ""
    for kind in KINDS:
        for folder, name in list_links(page, kind):
            yield f"{lang}/{folder}", name


def _list_name(name: str) -> str:
    return file_name(name) or hashlib.sha256(name.encode()).hexdigest()[:12]
