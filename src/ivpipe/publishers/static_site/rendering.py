"""From pages and entries to the site's files, as text. Pure: the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from markupsafe import Markup

from ivpipe.model import Magazine
from ivpipe.model.languages import direction
from ivpipe.model.page import Page
from ivpipe.publishers.static_site.entries import (
    KINDS,
    Entry,
    country,
    first_picture,
    list_links,
    original_day,
    picture_path,
    summary,
)
from ivpipe.publishers.static_site.index import ListName
from ivpipe.publishers.static_site.labels import labels, language_name
from ivpipe.publishers.static_site.theme import Theme
from ivpipe.text.dates import iso_date, long_date
from ivpipe.text.html_writer import Shown, clean_text, inline_html, inline_plain, safe_address, write_document

STYLESHEET = "static/site.css"
SEARCH_SCRIPT = "static/search.js"


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article as feeds carry it: whole. ``content`` is HTML whose addresses are absolute."""

    page: Page
    url: str
    summary: str
    content: str


class Renderer:
    """Renders for one site. ``base_url`` ends in "/"; links inside the site are relative, so a copy works anywhere."""

    def __init__(self, theme: Theme, magazine: Magazine, *, base_url: str, title: str, description: str) -> None:
        self.theme = theme
        self.magazine = magazine
        self.base_url = base_url
        self.title = title
        self.description = description
        theme.extend(
            {
                "inline": lambda html: Markup(inline_html(html)),  # noqa: S704
                "inline_text": lambda html: Markup(inline_html(html, links=False)),  # noqa: S704
                "plain": inline_plain,
                "address": safe_address,
                "long_date": long_date,
                "day": lambda moment: _moment(moment).date(),
                "direction": direction,
                "language_name": language_name,
                "url": self.url,
                "quote": quote,
                "mail_date": lambda moment: format_datetime(_moment(moment)),
            },
            {
                "site": {
                    "title": title,
                    "description": description,
                    "magazine": magazine,
                    "base_url": base_url,
                },
                "stylesheet": self._versioned(STYLESHEET),
                "search_script": self._versioned(SEARCH_SCRIPT),
            },
        )

    def url(self, path: str) -> str:
        """The public address of a file of the site."""
        return urljoin(self.base_url, quote(path))

    def article(self, page: Page, entry: Entry, siblings: Sequence[Entry]) -> str:
        """The page of an article; ``siblings`` are its live translations into other languages."""
        words = labels(page.lang)
        written = write_document(
            page.document, pictures=self._pictures(page, "../"), notes_heading=words["notes"], back_label=words["back"]
        )
        url = self.url(entry.path)
        return self._page(
            "article.html",
            entry.path,
            page.lang,
            entry.lang,
            page=page,
            country=country(page),
            lists={kind: list_links(page, kind) for kind in KINDS},
            written={name: Markup(getattr(written, name)) for name in written.__slots__},  # noqa: S704
            siblings=siblings,
            summary=summary(page),
            picture=self._open_graph_picture(page),
            original_date=original_day(page),
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
        optional = {
            "articleSection": page.section,
            "keywords": list(page.keywords),
            "image": [self.url(picture_path(picture)) for picture in page.pictures],
            "correction": inline_plain(page.correction_html),
            "copyrightNotice": page.copyright,
            "license": page.licence,
        }
        return data | {name: value for name, value in optional.items() if value}

    def front(self, home: str, lang: str, entries: Sequence[Entry], langs: Sequence[str], kinds: Sequence[str]) -> str:
        """A front page: ``entries`` newest first; ``home`` is "" for the site's, else the language's folder."""
        path = f"{home}/index.html" if home else "index.html"
        here = lang if lang in langs else ""
        return self._page("index.html", path, lang, here, entries=entries, langs=langs, kinds=kinds, home=home)

    def list_page(
        self, folder: str, name: str, entries: Sequence[Entry], number: int | None, older: int | None, newer: int | None
    ) -> str:
        """A page of a list. ``number`` is the page's own, None for the first one; so are those of its neighbours: ``older``
        None where there is none, ``newer`` 0 for the first."""
        lang, kind, _ = folder.split("/", 2)
        path = f"{folder}/{number or 'index'}.html"
        return self._page(
            "list.html",
            path,
            lang,
            lang,
            kind=kind,
            name=name,
            entries=entries,
            number=number,
            older=older,
            newer=newer,
        )

    def overview(self, lang: str, kind: str, lists: Sequence[ListName]) -> str:
        """All lists of one kind, in the order given."""
        return self._page("lists.html", f"{lang}/{kind}/index.html", lang, lang, kind=kind, lists=lists)

    def search_page(self, lang: str, kinds: Sequence[str]) -> str:
        """The page that searches; without a script it shows the way to the lists."""
        return self._page("search.html", f"{lang}/search/index.html", lang, lang, kinds=kinds)

    def search_part(self, entries: Sequence[Entry], older: int) -> str:
        """A part of what is searched, newest first, as JSON; ``older`` counts the parts before it."""
        rows = [
            [
                f"../../{quote(entry.path)}",
                inline_plain(entry.title),
                " · ".join(filter(None, (entry.country, ", ".join(entry.byline), entry.partner))),
                long_date(_moment(entry.published_at).date(), entry.lang),
                entry.search,
            ]
            for entry in entries
        ]
        part = {"older": older, "articles": rows}
        return clean_text(json.dumps(part, ensure_ascii=False, separators=(",", ":"))) + "\n"

    def feed_item(self, page: Page, entry: Entry) -> FeedItem:
        """An article for the feeds."""
        words = labels(page.lang)
        url = self.url(entry.path)
        written = write_document(
            page.document, pictures=self._pictures(page, self.base_url), notes_heading=words["notes"]
        )
        content = self.theme.render(
            "feed_content.html",
            page=page,
            words=words,
            written={name: Markup(getattr(written, name)) for name in written.__slots__},  # noqa: S704
        )
        return FeedItem(page, url, summary(page), content)

    def feeds(self, home: str, lang: str, items: Sequence[FeedItem]) -> dict[str, str]:
        """The feeds of the site (``home`` "") or of a language, by path: Atom, RSS and JSON; newest first."""
        folder = f"{home}/" if home else ""
        updated = max((item.page.updated_at for item in items), default=datetime.fromisoformat("1970-01-01T00:00:00Z"))
        values = {"lang": lang, "home": self.url(folder), "items": items, "updated": updated.isoformat()}
        return {
            f"{folder}feed.xml": self.theme.render("feed.xml", url=self.url(f"{folder}feed.xml"), **values),
            f"{folder}rss.xml": self.theme.render("rss.xml", url=self.url(f"{folder}rss.xml"), **values),
            f"{folder}feed.json": self._json_feed(f"{folder}feed.json", lang, self.url(folder), items),
        }

    def _json_feed(self, path: str, lang: str, home: str, items: Sequence[FeedItem]) -> str:
        """JSON Feed 1.1."""
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            **({"description": self.description} if self.description else {}),
            "home_page_url": home,
            "feed_url": self.url(path),
            "language": lang,
            "items": [
                {
                    "id": item.url,
                    "url": item.url,
                    **({"external_url": source} if (source := safe_address(item.page.original_url)) else {}),
                    "title": inline_plain(item.page.document.title),
                    "content_html": item.content,
                    "summary": item.summary,
                    **({"image": self.url(picture_path(item.page.lead))} if item.page.lead else {}),
                    "date_published": item.page.published_at.isoformat(),
                    "date_modified": item.page.updated_at.isoformat(),
                    "authors": [{"name": name} for name in item.page.byline],
                    "tags": list(item.page.keywords),
                    "language": item.page.lang,
                }
                for item in items
            ],
        }
        return clean_text(json.dumps(feed, ensure_ascii=False, indent=1)) + "\n"

    def sitemap(self, places: Sequence[tuple[str, str]]) -> str:
        """A sitemap: (path, time of the last change or "") of each page."""
        return self.theme.render("sitemap.xml", places=places)

    def sitemap_index(self, parts: Sequence[tuple[str, str]]) -> str:
        """The sitemap that names the others: (path, time of the last change or "")."""
        return self.theme.render("sitemap_index.xml", parts=parts)

    def news_sitemap(self, entries: Sequence[Entry]) -> str:
        """A sitemap of the newest articles, as news search wants it."""
        return self.theme.render("news_sitemap.xml", entries=entries)

    def robots(self) -> str:
        """What a crawler may read, and where the sitemaps are."""
        root = urlsplit(self.base_url).path
        maps = "".join(f"Sitemap: {self.url(name)}\n" for name in ("sitemap.xml", "news-sitemap.xml"))
        return f"User-agent: *\nDisallow: {root}_ivpipe/\n\n{maps}"

    def not_found(self, lang: str, langs: Sequence[str]) -> str:
        """What the web server should answer where there is no page, at whatever depth: its links start at the root."""
        here = lang if lang in langs else ""
        return self._page("not_found.html", "404.html", lang, here, root=urlsplit(self.base_url).path)

    def _page(self, template: str, path: str, lang: str, here: str, **values: Any) -> str:
        """``here`` is the language's folder whose lists and search the page points to, "" where it has none."""
        given = {"root": "../" * path.count("/"), "url": self.url(path.removesuffix("index.html")), **values}
        return self.theme.render(template, lang=lang, words=labels(lang), here=here, **given)

    def _pictures(self, page: Page, root: str) -> dict[str, Shown]:
        return {
            picture.src: Shown(root + picture_path(picture), picture.width, picture.height, picture.credit_html)
            for picture in page.pictures
        }

    def _open_graph_picture(self, page: Page) -> dict[str, Any] | None:
        picture = first_picture(page)
        if picture is None:
            return None
        alt = picture.alt or next((image.alt for image in page.document.images if image.src == picture.src), "")
        return {"url": self.url(picture_path(picture)), "width": picture.width, "height": picture.height, "alt": alt}

    def _versioned(self, path: str) -> str:
        return f"{path}?v={hashlib.sha256(self.theme.static[path]).hexdigest()[:8]}"


def _moment(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def _script_json(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
