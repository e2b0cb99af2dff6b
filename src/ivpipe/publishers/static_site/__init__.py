"""Publishing into a folder of plain files that any web server can serve.

On disk, relative to the folder: ``<lang>/<slug>.html`` articles, ``index.html`` and ``feed.xml``, the same in each
language's folder, ``archive/<year>.html``, ``sitemap.xml``, ``404.html``, ``static/site.css``.
``_ivpipe/<key>.json`` is the entry of a page, ``_ivpipe/pages/<key>.json`` its whole content; everything else is
made from them. An entry goes down first as not done and last as done, so a publisher killed between the two leaves
a page that ``find`` reports with an unknown revision, and the next upsert or withdrawal finishes the work.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ivpipe.errors import PublishError
from ivpipe.model import Magazine
from ivpipe.model.page import Page
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.static_site.folder import Entry, SiteFolder, page_json
from ivpipe.publishers.static_site.rendering import STYLESHEET, Renderer, summary
from ivpipe.text.inline import escape_text

_LANG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_SLUG_BYTES = 120


class StaticSiteSettings(BaseModel):
    """``type = "static_site"`` in ``config/targets/<slug>.toml``.

    ``path``: the folder, relative to the data directory or absolute. ``base_url``: where readers find it.
    ``title``, ``description``: of the site; empty: the magazine's name and tagline. ``feed_items``, ``index_items``:
    how many articles the feeds and the front pages hold. ``pictures``: show pictures from the partner's server;
    off, figures keep their caption and credit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Path("site")
    base_url: str
    title: str = ""
    description: str = ""
    feed_items: int = Field(default=20, ge=1, le=200)
    index_items: int = Field(default=30, ge=1, le=500)
    pictures: bool = False

    @field_validator("base_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("give the site's whole address, as https://magazine.example/")
        return value.rstrip("/") + "/"


class StaticSite:
    """A site of plain files: index, articles, feeds. Keeps the seam's contract across crashes and between processes.

    A page keeps its first address for ever; one that would take another page's gets its key added. The language
    links of a page are those of the article's translations that are live here, so ``Page.siblings`` is not read.
    Its files are nobody's but ours: people's changes to them are no conflict, and are written over.
    """

    Settings: ClassVar[type[BaseModel]] = StaticSiteSettings

    def __init__(self, settings: StaticSiteSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        self.slug = slug
        self.settings = settings
        self.langs = [lang.lower() for lang in magazine.languages]
        self.folder = SiteFolder(data_dir / settings.path, slug)
        self.renderer = Renderer(
            magazine,
            base_url=settings.base_url,
            title=settings.title or magazine.name,
            description=settings.description or magazine.tagline,
            pictures=settings.pictures,
        )

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The page with this key. The revision is None where a publisher was stopped, or the file is gone."""
        entry = self.folder.entry(key)
        if entry is None:
            return None
        whole = entry.done and not entry.withdrawn and self.folder.holds(entry.path)
        return RemoteRef(key, self.renderer.url(entry.path), entry.revision if whole else None)

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Write the page and what lists it. The same page again changes no file. Raises PublishError."""
        if page.key != self.folder.checked(key):
            raise PublishError(f"the page's own key is {page.key!r}", subject=f"target {self.slug}, page {key}")
        with self.folder.locked():
            entries = self.folder.entries()
            old = entries.get(key)
            entry = self._entry(page, entries)
            if entry != old:
                self.folder.save_entry(replace(entry, done=False))
            self.folder.save_page(page)
            self.folder.write(STYLESHEET, self.renderer.css)
            self._write_article(page, entry, entries)
            entries[key] = entry
            self._write_around(entry, entries)
            self.folder.save_entry(entry)
        return RemoteRef(key, self.renderer.url(entry.path), page.revision)

    def withdraw(self, ref: RemoteRef) -> None:
        """Take the page out of the listings, then away; no error where it is gone. Raises PublishError."""
        self.folder.checked(ref.id)
        if not self.folder.root.exists():
            return
        with self.folder.locked():
            entries = self.folder.entries()
            entry = entries.pop(ref.id, None)
            if entry is None:
                return
            self.folder.save_entry(replace(entry, done=False, withdrawn=True))
            self._write_around(entry, entries)
            self.folder.remove(entry.path)
            self.folder.forget(ref.id)

    def check(self) -> list[Finding]:
        """Whether the folder can be written to."""
        try:
            with self.folder.locked():
                number = len(self.folder.entries())
        except PublishError as error:
            return [Finding("error", error.message, error.advice)]
        return [Finding("ok", f"{self.folder.root} can be written to; it holds {number} pages")]

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """The article's file as it is against the one that would be written."""
        self.folder.checked(key)
        entries = self.folder.entries()
        entry = self._entry(page, entries)
        siblings = [other for other in self._siblings(entry, entries) if self.folder.holds(other.path)]
        return text_difference(self.folder.text(entry.path), self.renderer.article(page, entry, siblings))

    def rebuild(self) -> int:
        """Write every file again, after a change of settings or templates; return the number of articles."""
        with self.folder.locked():
            entries = self.folder.entries()
            live = self._live(entries)
            self.folder.write(STYLESHEET, self.renderer.css)
            for entry in live:
                page = self.folder.page(entry.key)
                if page is not None:
                    self._write_article(page, entry, entries)
            self._write_listings(live, set())
            return len(live)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _entry(self, page: Page, entries: Mapping[str, Entry]) -> Entry:
        lang = page.lang.lower()
        if not _LANG.fullmatch(lang):
            raise PublishError(f"{page.lang!r} is no language tag", subject=f"target {self.slug}, page {page.key}")
        old = entries.get(page.key)
        return Entry(
            key=page.key,
            article=page.key.lower().removesuffix(f"-{lang}"),
            lang=lang,
            path=old.path if old is not None else _free_path(lang, page, entries),
            revision=page.revision,
            fingerprint=hashlib.sha256(page_json(page).encode()).hexdigest(),
            kicker=page.document.kicker,
            title=page.document.title,
            standfirst=page.document.standfirst or escape_text(summary(page)),
            byline=page.byline,
            partner=page.partner,
            published_at=page.published_at.astimezone(UTC).isoformat(),
            updated_at=page.updated_at.astimezone(UTC).isoformat(),
        )

    def _live(self, entries: Mapping[str, Entry]) -> list[Entry]:
        """Entries of pages that readers can open, newest first."""
        found = [entry for entry in entries.values() if not entry.withdrawn and self.folder.holds(entry.path)]
        return sorted(found, key=lambda entry: (entry.published_at, entry.key), reverse=True)

    def _write_article(self, page: Page, entry: Entry, entries: Mapping[str, Entry]) -> None:
        siblings = [other for other in self._siblings(entry, entries) if self.folder.holds(other.path)]
        self.folder.write(entry.path, self.renderer.article(page, entry, siblings))

    def _siblings(self, entry: Entry, entries: Mapping[str, Entry]) -> list[Entry]:
        found = (other for other in entries.values() if other.article == entry.article and other.key != entry.key)
        return sorted((other for other in found if not other.withdrawn), key=lambda other: other.lang)

    def _write_around(self, entry: Entry, entries: Mapping[str, Entry]) -> None:
        """Write what shows that ``entry`` has come, changed or gone: the article's other languages, and listings."""
        for other in self._siblings(entry, entries):
            page = self.folder.page(other.key)
            if page is not None and self.folder.holds(other.path):
                self._write_article(page, other, entries)
        self._write_listings(self._live(entries), {entry.lang})

    def _write_listings(self, live: Sequence[Entry], gone: set[str]) -> None:
        """Write the lists, in an order that never shows a link to nothing: new files first, removals last."""
        render, write, count = self.renderer, self.folder.write, self.settings.index_items
        known = {lang: place for place, lang in enumerate(self.langs)}
        langs = sorted({entry.lang for entry in live}, key=lambda lang: (known.get(lang, len(known)), lang))
        by_year: dict[int, list[Entry]] = {}
        for entry in live:
            by_year.setdefault(int(entry.published_at[:4]), []).append(entry)
        years = list(by_year)
        archive = {f"archive/{year}.html": year for year in years}
        for path, year in sorted(archive.items(), key=lambda item: self.folder.holds(item[0])):
            write(path, render.archive(by_year[year], year, years, self.langs[0]))
        for lang in sorted(langs, key=lambda lang: self.folder.holds(f"{lang}/index.html")):
            own = [entry for entry in live if entry.lang == lang]
            self._write_feed(f"{lang}/feed.xml", own, lang)
            write(f"{lang}/index.html", render.index(own[:count], langs, years, lang, lang))
        self._write_feed("feed.xml", live, self.langs[0])
        write("index.html", render.index(live[:count], langs, years, self.langs[0], ""))
        write("sitemap.xml", render.sitemap(live))
        write("404.html", render.not_found(self.langs[0]))
        for path in self.folder.names("archive/[0-9]*.html"):
            if path not in archive:
                self.folder.remove(path)
        for lang in gone - set(langs):
            self.folder.remove(f"{lang}/index.html")
            self.folder.remove(f"{lang}/feed.xml")

    def _write_feed(self, path: str, entries: Sequence[Entry], lang: str) -> None:
        newest = entries[: self.settings.feed_items]
        pages = [(page, entry) for entry in newest if (page := self.folder.page(entry.key)) is not None]
        updated = max((entry.updated_at for entry in entries), default="1970-01-01T00:00:00+00:00")
        self.folder.write(path, self.renderer.feed(pages, path, lang, updated))


def _free_path(lang: str, page: Page, entries: Mapping[str, Entry]) -> str:
    taken = {entry.path for entry in entries.values()} | {f"{lang}/index.html"}
    name = _file_name(page.slug) or page.key.lower()
    path = f"{lang}/{name}.html"
    return path if path not in taken else f"{lang}/{name}-{page.key.lower()}.html"


def _file_name(slug: str) -> str:
    """A slug as a file name: lower-case letters and digits of any script, hyphens between; short enough for any disk."""
    name = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", slug).lower()).strip("-")
    return name.encode()[:_SLUG_BYTES].decode(errors="ignore").strip("-")
