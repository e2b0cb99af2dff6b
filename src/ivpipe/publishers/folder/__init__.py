"""Publishing into a folder or zip file per article, for hand work: ``page.html``, ``pictures/``, ``metadata.json``.

On disk: ``<lang>/<slug>.<key>/`` or ``<lang>/<slug>.<key>.zip`` below the target's folder; by the key in its name an article is
found again. ``metadata.json`` is written last and taken away last; it holds the hashes of the other files, so what people
changed is known, and what a publisher that was killed left half done.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urljoin

from pydantic import BaseModel

from ivpipe.errors import PublishError, RemoteConflict
from ivpipe.model import Magazine
from ivpipe.model.page import Page
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.addresses import SiteAddress
from ivpipe.publishers.assembling import METADATA, article_files, packed
from ivpipe.publishers.folders import Folder, file_name
from ivpipe.sections import Section

_LANG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class ArticleFolderSettings(Section):
    """``type = "folder"`` in ``config/targets/<slug>.toml``.

    ``path``: the folder, relative to the data directory or absolute. ``zip``: one zip file per article instead of a folder.
    ``base_url``: where people find the folder, if it is shared by a server; empty: its place on this disk.
    """

    path: Path = Path("articles")
    zip: bool = False
    base_url: SiteAddress = ""


class ArticleFolder:
    """Articles as folders or zip files. An article keeps its first name."""

    Settings: ClassVar[type[BaseModel]] = ArticleFolderSettings

    def __init__(self, settings: ArticleFolderSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        self.slug = slug
        self.settings = settings
        self.folder = Folder(data_dir / settings.path, slug, ".ivpipe", public=True)

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The article whose name holds the key. The revision is None where a publisher was stopped half-way."""
        place = self._place(self.folder.checked(key))
        if place is None:
            return None
        files = self._files(place)
        if not {"page.html", METADATA} & set(files) and not self.settings.zip:
            return None  # a folder that people have put something into outlives its article
        revision = _metadata(files).get("revision")
        whole = isinstance(revision, int) and not self._missing(files)
        return RemoteRef(place, self._url(place), revision if whole else None, _fingerprint(files))

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Write the article's files. The same page again touches none. Raises PublishError."""
        if page.key != self.folder.checked(key):
            raise PublishError(f"the page's own key is {page.key!r}", subject=f"target {self.slug}, page {key}")
        lang = page.lang.lower()
        if not _LANG.fullmatch(lang):
            raise PublishError(f"{page.lang!r} is no language tag", subject=f"target {self.slug}, page {key}")
        with self.folder.locked():
            place = self._place(key)
            there = self._files(place) if place is not None else {}
            ours = article_files(page, self.folder)
            if place is None:
                place = f"{lang}/{file_name(page.slug) or 'article'}.{key}" + (".zip" if self.settings.zip else "")
            self._refuse_theirs(there, ours, place, known)
            self._write(place, there, ours)
        return RemoteRef(place, self._url(place), page.revision, _fingerprint(ours))

    def withdraw(self, ref: RemoteRef) -> None:
        """Take the article's files away, those that people added excepted. Raises PublishError."""
        if not self.folder.root.exists() or not re.fullmatch(r"[^/]+/[^/]+\.[A-Za-z0-9_-]+(\.zip)?", ref.id):
            return
        with self.folder.locked():
            if ref.id.endswith(".zip"):
                self.folder.remove(ref.id)
                return
            files = self._files(ref.id)
            for name in sorted(set(_recorded(files)) | ({"page.html"} & set(files))):
                if name in files:
                    self.folder.remove(f"{ref.id}/{name}")
            self.folder.remove(f"{ref.id}/{METADATA}")

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """``page.html`` and ``metadata.json`` as they are and as they would be. Raises PublishError."""
        place = self._place(self.folder.checked(key))
        there = self._files(place) if place is not None else {}
        return text_difference(_text(there), _text(article_files(page, self.folder)))

    def check(self) -> list[Finding]:
        """Whether the folder can be written to."""
        if problem := self.folder.problem():
            return [Finding("error", problem, f"see that {self.folder.root} is a folder this process may write to")]
        return [Finding("ok", f"the folder {self.folder.root} can be written to")]

    def close(self) -> None:
        """Nothing is held between calls."""

    def _place(self, key: str) -> str | None:
        """Where the article with this key is, relative to the folder."""
        for path in sorted(self.folder.root.glob(f"*/*.{key}{'.zip' if self.settings.zip else ''}")):
            if self.settings.zip or path.is_dir():
                return path.relative_to(self.folder.root).as_posix()
        return None

    def _url(self, place: str) -> str:
        name = place if self.settings.zip else f"{place}/page.html"
        if self.settings.base_url:
            return urljoin(self.settings.base_url, quote(name))
        return (self.folder.root.absolute() / name).as_uri()

    def _files(self, place: str) -> dict[str, bytes]:
        """What an article holds, by name: its page, its pictures, its metadata, and what else is there."""
        if self.settings.zip:
            data = self.folder.read(place)
            try:
                with zipfile.ZipFile(io.BytesIO(data or b"")) as archive:
                    return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
                return {}
        names = self.folder.names(f"{_literal(place)}/*") + self.folder.names(f"{_literal(place)}/pictures/*")
        found = {name.removeprefix(f"{place}/"): self.folder.read(name) for name in names}
        return {name: data for name, data in found.items() if data is not None}

    def _write(self, place: str, there: Mapping[str, bytes], ours: Mapping[str, bytes]) -> None:
        if self.settings.zip:
            if there != ours:
                self.folder.write(place, packed(ours))
            return
        for name, data in ours.items():
            self.folder.write(f"{place}/{name}", data)
        for name in sorted(set(_recorded(there)) - set(ours)):
            self.folder.remove(f"{place}/{name}")

    def _missing(self, files: Mapping[str, bytes]) -> bool:
        """Whether files that belong to the article are not there."""
        return any(name not in files for name in ("page.html", *_recorded(files)))

    def _refuse_theirs(
        self, there: Mapping[str, bytes], ours: Mapping[str, bytes], place: str, known: RemoteRef | None
    ) -> None:
        """Raise RemoteConflict where people changed files since we knew them; those they added are theirs anyway."""
        if known is None or not known.fingerprint or _fingerprint(there) == known.fingerprint:
            return
        recorded = _recorded(there)
        changed = [
            name
            for name, data in there.items()
            if name in recorded and hashlib.sha256(data).hexdigest() != recorded[name] and ours.get(name) != data
        ]
        if changed:
            raise RemoteConflict(
                f"{', '.join(changed)} changed since the article was last written",
                theirs=_text(there),
                ours=_text(ours),
                url=self._url(place),
                fingerprint=_fingerprint(there),
                subject=f"target {self.slug}",
            )


def _metadata(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        values = json.loads(files.get(METADATA, b"{}"))
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _recorded(files: Mapping[str, bytes]) -> dict[str, str]:
    """The hashes of an article's files, by name, as its metadata has them."""
    values = _metadata(files).get("files")
    names = values if isinstance(values, dict) else {}
    return {
        name: str(value)
        for name, value in names.items()
        if re.fullmatch(r"page\.html|pictures/[a-z0-9]+\.[a-z0-9]+", name)
    }


def _fingerprint(files: Mapping[str, bytes]) -> str:
    """A hash over the files that are ours."""
    digest = hashlib.sha256()
    for name in sorted({*_recorded(files), "page.html", METADATA} & set(files)):
        digest.update(f"{name}\n{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def _text(files: Mapping[str, bytes]) -> str:
    return "".join(files.get(name, b"").decode(errors="replace") for name in ("page.html", METADATA))


def _literal(place: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", place)
