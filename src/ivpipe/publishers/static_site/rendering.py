"""From pages and entries to the site's files, as text. Pure: the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ivpipe.model import Magazine
from ivpipe.model.document import BlockType
from ivpipe.model.languages import direction
from ivpipe.model.page import Page
from ivpipe.publishers.static_site.folder import Entry
from ivpipe.publishers.static_site.labels import labels, language_name
from ivpipe.text.dates import iso_date, long_date
from ivpipe.text.html_writer import clean_text, inline_html, inline_plain, safe_address, write_document

_HERE = Path(__file__).parent
STYLESHEET = "static/site.css"


class Renderer:
    """Renders for one site. ``base_url`` ends in "/"; links inside the site are relative, so a copy works anywhere."""

    def __init__(self, magazine: Magazine, *, base_url: str, title: str, description: str, pictures: bool) -> None:
        self.magazine = magazine
        self.base_url = base_url
        self.title = title
        self.description = description
        self.pictures = pictures
        self.css = (_HERE / STYLESHEET).read_text(encoding="utf-8")
        self._env = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._env.filters.update(
            inline=lambda html: Markup(inline_html(html)),  # noqa: S704
            inline_text=lambda html: Markup(inline_html(html, links=False)),  # noqa: S704
            plain=inline_plain,
            address=safe_address,
            long_date=long_date,
            day=lambda moment: _moment(moment).date(),
            direction=direction,
            language_name=language_name,
            url=self.url,
            quote=quote,
        )
        self._env.globals.update(
            site={
                "title": title,
                "description": description,
                "magazine": magazine,
                "base_url": base_url,
                "version": hashlib.sha256(self.css.encode()).hexdigest()[:8],
                "pictures": pictures,
            },
            stylesheet=STYLESHEET,
        )

    def url(self, path: str) -> str:
        """The public address of a file of the site."""
        return urljoin(self.base_url, quote(path))

    def article(self, page: Page, entry: Entry, siblings: Sequence[Entry]) -> str:
        """The page of an article; ``siblings`` are its live translations into other languages."""
        words = labels(page.lang)
        written = write_document(
            page.document, pictures=self.pictures, notes_heading=words["notes"], back_label=words["back"]
        )
        url = self.url(entry.path)
        first = iso_date(page.original_published)
        return self._render(
            "article.html",
            lang=page.lang,
            words=words,
            root="../",
            page=page,
            url=url,
            written={name: Markup(getattr(written, name)) for name in written.__slots__},  # noqa: S704
            siblings=siblings,
            summary=summary(page),
            original_date=None if first is None or _signed_with(page, first) else first,
            linked_data=Markup(_script_json(self.linked_data(page, url))),  # noqa: S704
        )

    def linked_data(self, page: Page, url: str) -> dict[str, Any]:
        """The page as schema.org NewsArticle."""
        house = {
            "@type": "Organization",
            "name": page.magazine,
            "url": safe_address(self.magazine.url) or self.base_url,
        }
        authors = [{"@type": "Person", "name": name} for name in page.byline]
        original: dict[str, Any] = {"@type": "NewsArticle", "headline": inline_plain(page.original_title)}
        source = safe_address(page.original_url)
        first = iso_date(page.original_published)
        partner: dict[str, Any] = {"@type": "Organization", "name": page.partner}
        if safe_address(page.partner_url):
            partner["url"] = safe_address(page.partner_url)
        original |= {
            **({"@id": source, "url": source} if source else {}),
            "inLanguage": page.original_lang,
            **({"datePublished": first.isoformat()} if first else {}),
            **({"author": authors} if authors else {}),
            "publisher": partner,
        }
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": url,
            "url": url,
            "mainEntityOfPage": url,
            "headline": inline_plain(page.document.title),
            "description": summary(page),
            "inLanguage": page.lang,
            "datePublished": _moment(page.published_at).isoformat(),
            "dateModified": _moment(page.updated_at).isoformat(),
            **({"author": authors} if authors else {}),
            "translator": {"@type": "Person", "name": page.translator} if page.translator else house,
            "publisher": house,
            "translationOfWork": original,
            "isBasedOn": source or inline_plain(page.original_title),
        }
        if page.copyright:
            data["copyrightNotice"] = page.copyright
        if page.licence:
            data["license"] = page.licence
        return data

    def index(self, entries: Sequence[Entry], langs: Sequence[str], years: Sequence[int], lang: str, home: str) -> str:
        """A front page: ``entries`` newest first; ``home`` is "" for the site's, else the language's folder."""
        return self._render(
            "index.html",
            lang=lang,
            words=labels(lang),
            root="../" if home else "",
            url=self.url(f"{home}/") if home else self.base_url,
            feed=self.url(f"{home}/feed.xml" if home else "feed.xml"),
            home=home,
            entries=entries,
            langs=langs,
            years=years,
        )

    def archive(self, entries: Sequence[Entry], year: int, years: Sequence[int], lang: str) -> str:
        """All articles of a year, newest first."""
        return self._render(
            "archive.html",
            lang=lang,
            words=labels(lang),
            root="../",
            url=self.url(f"archive/{year}.html"),
            entries=entries,
            year=year,
            years=years,
        )

    def feed(self, pages: Sequence[tuple[Page, Entry]], path: str, lang: str, updated: str) -> str:
        """An Atom feed with whole articles, newest first."""
        items = []
        for page, entry in pages:
            words = labels(page.lang)
            written = write_document(page.document, pictures=self.pictures, notes_heading=words["notes"])
            content = self._render(
                "feed_content.html",
                page=page,
                words=words,
                written={name: Markup(getattr(written, name)) for name in written.__slots__},  # noqa: S704
            )
            items.append({"page": page, "url": self.url(entry.path), "summary": summary(page), "content": content})
        home = path.removesuffix("feed.xml")
        return self._render(
            "feed.xml", lang=lang, url=self.url(path), home=self.url(home), items=items, updated=updated
        )

    def sitemap(self, entries: Sequence[Entry]) -> str:
        """A sitemap of the front page and all articles."""
        return self._render("sitemap.xml", entries=entries)

    def not_found(self, lang: str) -> str:
        """What the web server should answer where there is no page, at whatever depth: its links start at the root."""
        return self._render("not_found.html", lang=lang, words=labels(lang), root=urlsplit(self.base_url).path)

    def _render(self, template: str, **values: Any) -> str:
        return clean_text(self._env.get_template(template).render(**values))


def summary(page: Page) -> str:
    """What the article is about, as plain text of at most some 300 characters: its standfirst, else its beginning."""
    text = inline_plain(page.document.standfirst)
    if not text:
        paragraphs = (block.html for block in page.document.blocks if block.type is BlockType.PARAGRAPH)
        text = next((plain for plain in map(inline_plain, paragraphs) if plain), "")
    if len(text) <= 300:
        return text
    return text[:300].rsplit(" ", 1)[0].rstrip(" ,;:–—") + " …"


def _signed_with(page: Page, day: date) -> bool:
    """Whether the text itself ends with this date, as many do; then we need not say it again."""
    signatures = (block.html for block in page.document.blocks if block.role == "signature")
    return any(long_date(day, page.lang) in inline_plain(html) for html in signatures)


def _moment(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def _script_json(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
