"""Publishing into a folder of plain files that any web server can serve.

On disk, relative to the folder: ``<lang>/<slug>.html`` articles; ``index.html``, the feeds ``feed.xml`` (Atom),
``rss.xml`` and ``feed.json``, the same in each language's folder; ``<lang>/<kind>/<name>/index.html`` the lists by
edition, country, section, author, partner, keyword and year, ``<lang>/search/``; ``pictures/``; ``static/``; sitemaps.
``_ivpipe/pages/<key>.json`` is the whole content of a page and its path, all that cannot be made again;
``_ivpipe/index.sqlite`` says what is listed where, and what a publisher that was killed left half done: the next one
finishes it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from typing import ClassVar

import PIL.Image
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from ivpipe.errors import MachineFault, PublishError
from ivpipe.machine import machine_error
from ivpipe.model import Magazine
from ivpipe.model.page import Page
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.addresses import SiteAddress
from ivpipe.publishers.folders import Folder, file_name
from ivpipe.publishers.static_site.entries import Entry, entry_of, first_picture, picture_path, small_path, small_size
from ivpipe.publishers.static_site.index import SiteIndex
from ivpipe.publishers.static_site.listings import WHOLE, Listings, Span
from ivpipe.publishers.static_site.rendering import Renderer
from ivpipe.publishers.static_site.theme import Theme
from ivpipe.sections import OneLine, Section

_LANG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_STATE = "_ivpipe"


class StaticSiteSettings(Section):
    """``type = "static_site"`` in ``config/targets/<slug>.toml``.

    ``path``: the folder, relative to the data directory or absolute. ``base_url``: where readers find it.
    ``title``, ``description``: of the site; empty: the magazine's name and tagline. ``theme``: a folder with templates and
    files that replace ours, relative to the project's folder. ``feed_items``, ``index_items``, ``list_items``: how many
    articles the feeds, the front pages and the pages of lists hold.
    """

    path: Path = Path("site")
    base_url: SiteAddress
    title: OneLine = ""
    description: OneLine = ""
    theme: OneLine = ""
    feed_items: int = Field(default=20, ge=1, le=200)
    index_items: int = Field(default=30, ge=1, le=500)
    list_items: int = Field(default=50, ge=10, le=500)

    @field_validator("theme")
    @classmethod
    def _there(cls, value: str, info: ValidationInfo) -> str:
        """The theme's whole path; the project's folder comes with the context."""
        folder = Path((info.context or {}).get("home", ".")).absolute() / value
        if value and not os.path.isdir(folder):  # noqa: PTH112  (Path's raises for a name that is too long)
            raise ValueError(f"there is no folder {folder}")
        return str(folder) if value else ""


class StaticSite:
    """A site of plain files. Keeps the seam's contract across crashes and between processes.

    A page keeps its first address for ever; one that would take another page's gets its key added. The site is written
    by nobody but us, so there is no fingerprint and no conflict, and the language links of a page are those of the
    article's pages that are live here, so neither ``known`` nor ``Page.siblings`` is read. A change of settings, theme or
    program writes the whole site anew with the next page.
    """

    Settings: ClassVar[type[BaseModel]] = StaticSiteSettings

    def __init__(self, settings: StaticSiteSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        self.slug = slug
        self.settings = settings
        self.folder = Folder(data_dir / settings.path, slug, _STATE, public=True)
        self.theme = Theme(Path(settings.theme) if settings.theme else None, slug)
        self.renderer = Renderer(
            self.theme,
            magazine,
            base_url=settings.base_url,
            title=settings.title or magazine.name,
            description=settings.description or magazine.tagline,
        )
        self.listings = Listings(
            self.renderer,
            magazine.languages,
            items=settings.list_items,
            front_items=settings.index_items,
            feed_items=settings.feed_items,
            page_of=self._stored_page,
        )
        form = [version("ivpipe"), self.theme.fingerprint, settings.model_dump_json(), magazine.model_dump_json()]
        self._form = hashlib.sha256("\n".join(form).encode()).hexdigest()
        self._index = self.folder.state / "index.sqlite"

    def now(self) -> datetime:
        """The time by which news is new."""
        return datetime.now(UTC)

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The page with this key. The revision is None where a publisher was stopped, or the file is gone."""
        found = self._noted(self.folder.checked(key))
        if found is None:
            stored = self._stored(key)
            return None if stored is None else RemoteRef(key, self.renderer.url(stored[0]))
        entry, state = found
        whole = state == "live" and self.folder.holds(entry.path)
        return RemoteRef(key, self.renderer.url(entry.path), entry.revision if whole else None)

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Write the page and what lists it. The same page again changes no file. Raises PublishError."""
        if page.key != self.folder.checked(key):
            raise PublishError(f"the page's own key is {page.key!r}", subject=f"target {self.slug}, page {key}")
        lang = self._lang(page)
        with self._open() as index:
            found = index.page(key)
            old = found[0] if found else None
            entry = entry_of(page, lang, old.path if old else self._free_path(lang, page, index))
            before = index.places(key)
            names = dict(entry.lists)
            spans = dict.fromkeys(index.unfinished(), WHOLE)
            index.begin(entry, "coming", before.keys() | names.keys())
            for folder in names.keys() - before.keys():
                if not index.count(folder):
                    self._write(self.listings.empty(lang, folder, names[folder]), only_new=True)
            self._keep_pictures(page)
            self.folder.write(f"{_STATE}/pages/{key}.json", stored_text(entry.path, page))
            self.folder.write(entry.path, self.renderer.article(page, entry, index.siblings(entry)))
            index.enter([entry])
            self._write_siblings(index, entry)
            self._write_lists(index, _spans(before, index.places(key)) | spans)
            for path in index.dropped(key, entry.pictures):
                self.folder.remove(path)
            index.finish(entry)
        return RemoteRef(key, self.renderer.url(entry.path), page.revision)

    def withdraw(self, ref: RemoteRef) -> None:
        """Take the page out of the listings, then away; no error where it is gone. Raises PublishError."""
        key = self.folder.checked(ref.id)
        if not self.folder.root.exists():
            return
        with self._open() as index:
            found = index.page(key)
            if found is None:
                return
            entry = found[0]
            before = index.places(key)
            spans = dict.fromkeys(index.unfinished(), WHOLE)
            index.begin(entry, "going", before)
            self._write_siblings(index, entry)
            self._write_lists(index, _spans(before, {}) | spans, removing=entry.path)
            for path in index.dropped(key):
                self.folder.remove(path)
            self.folder.remove(f"{_STATE}/pages/{key}.json")
            index.forget(key)

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """The article's own page, as it is and as it would be. Raises PublishError."""
        lang, found = self._lang(page), self._noted(self.folder.checked(key))
        if found is None:
            entry, siblings, there = (
                entry_of(page, lang, f"{lang}/{file_name(page.slug) or key.lower()}.html"),
                [],
                None,
            )
        else:
            entry = entry_of(page, lang, found[0].path)
            with SiteIndex.reading(self._index) as index:
                siblings = index.siblings(entry) if index is not None else []
            there = self.folder.read(entry.path)
        return text_difference((there or b"").decode(), self.renderer.article(page, entry, siblings))

    def check(self) -> list[Finding]:
        """Whether the folder can be written to and the theme's templates can be read."""
        problem = self.folder.problem()
        found = [
            Finding("error", problem, f"see that {self.folder.root} is a folder this process may write to")
            if problem
            else Finding("ok", f"the folder {self.folder.root} can be written to")
        ]
        faults = list(self.theme.problems())
        found += [Finding("error", fault, "mend the template, or take it away to have ours again") for fault in faults]
        found += [
            Finding("warning", f"{name} replaces no template of ours", "see the names in the documentation")
            for name in self.theme.strangers()
        ]
        if self.theme.folder is not None and not faults:
            found.append(Finding("ok", f"the theme {self.theme.folder} can be read"))
        return found

    def rebuild(self) -> int:
        """Write every file again from what is stored of the pages; return the number of articles."""
        with self._open(whole=True) as index:
            return index.count("")

    def close(self) -> None:
        """Nothing is held between calls."""

    @contextmanager
    def _open(self, *, whole: bool = False) -> Iterator[SiteIndex]:
        """Hold the folder, with an index that fits what is there."""
        try:
            with self.folder.locked(), SiteIndex.open(self._index) as index:
                if whole or index.form != self._form:
                    self._write_anew(index)
                yield index
        except sqlite3.Error as error:
            known = machine_error(error, self._index)
            damaged = known is not None and known.fault in (MachineFault.DAMAGED, MachineFault.NOT_A_DATABASE)
            if damaged:
                self._index.unlink(missing_ok=True)
            raise PublishError(
                f"cannot use {self._index}: {known.message if known else error}",
                subject=f"target {self.slug}",
                advice="it is made again with the next try" if known is None or damaged else known.advice,
                retryable=True,
            ) from error

    def _write_anew(self, index: SiteIndex) -> None:
        """Make index and files again from the stored pages."""
        index.begin_anew()
        keys = [Path(name).stem for name in self.folder.names(f"{_STATE}/pages/*.json")]
        entries = []
        for key in keys:
            if (stored := self._stored(key)) is not None:
                path, content = stored
                entries.append(entry_of(content, self._lang(content), path))
        index.enter(entries)
        for name, data in self.theme.static.items():
            self.folder.write(name, data)
        for entry in entries:
            page = self._stored_page(entry.key)
            if page is not None:
                self._keep_pictures(page)
                text = self.renderer.article(page, entry, index.siblings(entry))
                self.folder.write(entry.path, text, durable=False)
        if entries:
            self._write_lists_anew(index, {folder for entry in entries for folder, _ in entry.lists})
        os.sync()
        index.finish_anew(self._form)

    def _write_lists_anew(self, index: SiteIndex, folders: set[str]) -> None:
        """Write all lists, and take away what other settings may have left of them."""
        written = set()
        for path, text in self.listings.files(index, dict.fromkeys(folders, WHOLE), self.now()):
            self.folder.write(path, text, durable=False)
            written.add(path)
        for path in self.folder.names("*/*/*.*") + self.folder.names("*/*/*/*.html"):
            if path not in written and self.listings.ours(path):
                self.folder.remove(path)

    def _lang(self, page: Page) -> str:
        lang = page.lang.lower()
        if not _LANG.fullmatch(lang):
            raise PublishError(f"{page.lang!r} is no language tag", subject=f"target {self.slug}, page {page.key}")
        return lang

    def _free_path(self, lang: str, page: Page, index: SiteIndex) -> str:
        name, key = file_name(page.slug) or page.key.lower(), page.key.lower()
        names = chain((name, f"{name}-{key}"), (f"{name}-{key}-{number}" for number in count(2)))
        paths = (f"{lang}/{name}.html" for name in names if name != "index")
        return next(path for path in paths if index.holder(path) is None)

    def _noted(self, key: str) -> tuple[Entry, str] | None:
        """What the index says of a page, None where it says nothing or cannot be read."""
        try:
            with SiteIndex.reading(self._index) as index:
                return None if index is None else index.page(key)
        except sqlite3.DatabaseError:
            return None

    def _write_siblings(self, index: SiteIndex, entry: Entry) -> None:
        for other in index.siblings(entry):
            page = self._stored_page(other.key)
            if page is not None:
                self.folder.write(other.path, self.renderer.article(page, other, index.siblings(other)))

    def _write_lists(self, index: SiteIndex, spans: dict[str, Span], removing: str = "") -> None:
        """Write what lists an article, in an order that never shows a link to nothing: new files first, removals last."""
        self._write(self.listings.files(index, spans, self.now()))
        if removing:
            self.folder.remove(removing)
        for folder in sorted(spans, reverse=True):
            for path in self.listings.leftovers(index, folder, self.folder.holds):
                self.folder.remove(path)

    def _write(self, files: Iterable[tuple[str, str]], *, only_new: bool = False) -> None:
        for path, text in sorted(files, key=lambda file: self.folder.holds(file[0])):
            if not only_new or not self.folder.holds(path):
                self.folder.write(path, text)

    def _keep_pictures(self, page: Page) -> None:
        """Copy a page's pictures into the site, the first also in small; those that are there stay, and need not be elsewhere
        any more."""
        for picture in page.pictures:
            path = picture_path(picture)
            if not self.folder.holds(path):
                with self.folder.explained(picture.file):
                    self.folder.write(path, picture.file.read_bytes())
        first = first_picture(page)
        if first is not None and not self.folder.holds(small_path(first)):
            self.folder.write(small_path(first), _small(self.folder.read(picture_path(first)) or b""))

    def _stored(self, key: str) -> tuple[str, Page] | None:
        """The path and the whole content of a page; None where there is none. Raises PublishError."""
        name = f"{_STATE}/pages/{self.folder.checked(key)}.json"
        data = self.folder.read(name)
        if data is None:
            return None
        try:
            values = json.loads(data)
            return str(values["path"]), Page.from_dict(values["page"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self.folder.damaged(self.folder.root / name) from error

    def _stored_page(self, key: str) -> Page | None:
        stored = self._stored(key)
        return None if stored is None else stored[1]


def _small(data: bytes) -> bytes:
    """A picture made small for lists; as it is where it is small already, or none that can be decoded."""
    try:
        with PIL.Image.open(io.BytesIO(data)) as image:
            size = small_size(*image.size)
            if size == image.size:
                return data
            made = io.BytesIO()
            full = image.convert("RGBA") if image.mode == "P" else image  # a palette has no colours between two
            full.resize(size, PIL.Image.Resampling.LANCZOS).save(made, image.format, quality=80, optimize=True)
            return made.getvalue()
    except (OSError, ValueError, PIL.Image.DecompressionBombError):
        return data


def stored_text(path: str, page: Page) -> str:
    """What ``_ivpipe/pages/<key>.json`` holds."""
    return json.dumps({"path": path, "page": page.to_dict()}, indent=1, sort_keys=True) + "\n"


def _spans(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> dict[str, Span]:
    """What changed in each list, from where the entry stood (place, time) and where it stands now."""
    spans = {}
    for folder in before.keys() | after.keys():
        places = [there[folder][0] for there in (before, after) if folder in there]
        moved = len(places) < 2 or before[folder] != after[folder]
        spans[folder] = Span(min(places), max(places), moved)
    return spans
