"""Publishing as Markdown with front matter, for Hugo, Zola or Eleventy, into a git repository.

Each page is a file that carries our mark: the page's key, its revision, and a hash over the file. By the key it is found
again, by the hash it is known whether people changed it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from string import Formatter
from typing import ClassVar
from urllib.parse import quote, urljoin, urlsplit

from pydantic import BaseModel, field_validator

from ivpipe.errors import PublishError, PublishTransient, RemoteConflict
from ivpipe.model import Magazine
from ivpipe.model.page import Page, Picture
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.addresses import SiteAddress
from ivpipe.publishers.assembling import assembled
from ivpipe.publishers.folders import Folder, file_name
from ivpipe.publishers.markdown.front_matter import Generator, Mark, key_text, mark_of, written
from ivpipe.publishers.markdown.repository import Changes, PushRefused, Repository
from ivpipe.publishers.markdown.writing import write_markdown
from ivpipe.publishers.static_site.entries import picture_path
from ivpipe.publishers.static_site.labels import labels
from ivpipe.sections import Name, OneLine, Section
from ivpipe.text.html_writer import Shown, inline_plain

_FIELDS = frozenset({"lang", "slug", "year", "month", "key"})
_TRIES = 5
_PICTURE = re.compile(r"\b[0-9a-f]{2}/[0-9a-f]{18}\.[a-z0-9]+")


class MarkdownSettings(Section):
    """``type = "markdown"`` in ``config/targets/<slug>.toml``.

    ``remote``: where git pushes to, as git takes it (an address, or the path of a bare repository); ``branch``: which one.
    ``generator``: what builds the site of it. ``file``: a page's path in the repository, ``address``: its address below
    ``base_url``; both may use {lang} {slug} {year} {month} {key}. ``pictures``: the folder of picture files in the repository,
    ``pictures_url``: the same as readers reach it. ``identity``: "Name <address>" that signs commits; empty: git's own.
    """

    remote: Name
    branch: str = "main"
    base_url: SiteAddress
    generator: Generator = "hugo"
    file: OneLine = "content/{lang}/{slug}.md"
    address: OneLine = "{lang}/{slug}/"
    pictures: OneLine = "static/pictures"
    pictures_url: OneLine = "/pictures"
    identity: OneLine = ""

    @field_validator("remote")
    @classmethod
    def _without_password(cls, value: str) -> str:
        if value.startswith("-") or "::" in value or not value.strip():
            raise ValueError("give an address that git can push to")
        parts = urlsplit(value)
        if "://" in value and (parts.password or (parts.username and parts.scheme in ("http", "https"))):
            # A token often stands where the user's name does; and whatever stands there is in the list of processes.
            raise ValueError("leave user and password out of it: git has credential helpers and keys for that")
        return value

    @field_validator("branch")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", value) or ".." in value:
            raise ValueError("give the branch's plain name")
        return value

    @field_validator("file", "address")
    @classmethod
    def _known_fields(cls, value: str) -> str:
        named = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
        if named - _FIELDS or not named & {"slug", "key"}:
            raise ValueError(f"use {' '.join(sorted(f'{{{name}}}' for name in _FIELDS))}, at least {{slug}} or {{key}}")
        if value.startswith("/") or ".." in value.split("/"):
            raise ValueError("give a path inside the repository")
        return value

    @field_validator("identity")
    @classmethod
    def _name_and_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^<>\n]+ <[^<>\s]+@[^<>\s]+>", value):
            raise ValueError('write it as "Name <name@magazine.example>"')
        return value


class Markdown:
    """Pages as Markdown files on a branch. A page keeps its first path and address."""

    Settings: ClassVar[type[BaseModel]] = MarkdownSettings

    def __init__(self, settings: MarkdownSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        self.slug = slug
        self.settings = settings
        remote = settings.remote
        if "://" not in remote and not re.match(r"[^/]+:", remote):
            remote = str((data_dir / Path(remote).expanduser()).absolute())
        self._lock = Folder(data_dir / "repositories" / slug, slug, ".")
        self.repository = Repository(
            data_dir / "repositories" / slug / "git",
            remote=remote,
            branch=settings.branch,
            identity=settings.identity,
            target=slug,
        )

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The file that carries this key."""
        self._lock.checked(key)
        with self._lock.locked():
            commit = self.repository.fetch()
            found = self._marked(commit, key, known)
            if found is None:
                return None
            path, mark = found
            return RemoteRef(path, self._url(mark.address), mark.revision, _fingerprint(self._text(commit, path)))

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Commit the page and its pictures; no commit where that changes nothing. Raises PublishError."""
        if page.key != self._lock.checked(key):
            raise PublishError(f"the page's own key is {page.key!r}", subject=f"target {self.slug}, page {key}")
        result: list[RemoteRef] = []

        def changes(commit: str) -> tuple[Changes, str]:
            path, address, there, text = self._files(commit, page, known)
            if there and there != text:
                self._refuse_theirs(there, text, self._url(address), known)
            result[:] = [RemoteRef(path, self._url(address), page.revision, _fingerprint(text))]
            made: dict[str, bytes | None] = dict.fromkeys(self._unused(commit, there, text, path))
            for picture in page.pictures:
                with self._lock.explained(picture.file):
                    made[f"{self.settings.pictures}/{_place(picture)}"] = picture.file.read_bytes()
            made[path] = text.encode()
            return made, f"{'Update' if there else 'Publish'}: {inline_plain(page.document.title)}\n"

        self._commit(changes)
        return result[0]

    def withdraw(self, ref: RemoteRef) -> None:
        """Commit that the page and pictures no other page shows are gone; no error where it is gone. Raises PublishError."""

        def changes(commit: str) -> tuple[Changes, str]:
            there = self._text(commit, ref.id) if ref.id else ""
            if mark_of(there) is None:
                return {}, ""
            return {ref.id: None, **dict.fromkeys(self._unused(commit, there, "", ref.id))}, f"Withdraw: {ref.id}\n"

        self._commit(changes)

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """The file as it is and as it would be. Raises PublishError."""
        self._lock.checked(key)
        with self._lock.locked():
            commit = self.repository.fetch()
            return text_difference(*self._files(commit, page, known)[2:])

    def check(self) -> list[Finding]:
        """Whether there is a git, who signs, and whether the branch can be read."""
        found = []
        for act in (self.repository.version, self._looked, self.repository.signer):
            try:
                found.append(Finding("ok", act()))
            except PublishError as error:
                found.append(Finding("error", error.message, error.advice))
        return found

    def close(self) -> None:
        """Nothing is held between calls."""

    def _looked(self) -> str:
        with self._lock.locked():
            there = self.repository.fetch()
        return (
            f"the branch {self.settings.branch} can be read"
            if there
            else "the repository is empty; the first page begins it"
        )

    def _commit(self, changes: Callable[[str], tuple[Changes, str]]) -> None:
        """Make the changes on top of the branch as it is, however often it moves meanwhile."""
        for _ in range(_TRIES):
            with self._lock.locked():
                commit = self.repository.fetch()
                made, message = changes(commit)
                if not made:
                    return None
                try:
                    return self.repository.push(commit, made, message)
                except PushRefused as error:
                    said = str(error)
        raise PublishTransient(
            f"others push to {self.settings.branch} faster than we can: {said}",
            subject=f"target {self.slug}",
            advice="it will be tried again",
        )

    def _marked(self, commit: str, key: str, known: RemoteRef | None) -> tuple[str, Mark] | None:
        """The file that carries a key, looked for where the ledger has it first: path and mark."""
        places = [known.id] if known is not None and known.id else []
        for path in chain(places, self.repository.paths_with(commit, key_text(key))):
            mark = mark_of(self._text(commit, path))
            if mark is not None and mark.key == key:
                return path, mark
        return None

    def _text(self, commit: str, path: str) -> str:
        return (self.repository.read(commit, path) or b"").decode(errors="replace")

    def _url(self, address: str) -> str:
        return urljoin(self.settings.base_url, quote(address))

    def _files(self, commit: str, page: Page, known: RemoteRef | None) -> tuple[str, str, str, str]:
        """Path and address of a page's file, what stands there, and what shall."""
        found = self._marked(commit, page.key, known)
        if found is not None:
            path, mark = found
            return path, mark.address, self._text(commit, path), self._written(page, mark.address)
        name = file_name(page.slug) or page.key.lower()
        path, address = self._place(page, name)
        if name in ("index", "_index") or self.repository.read(commit, path) is not None:
            path, address = self._place(page, f"{name}-{page.key.lower()}")
        return path, address, "", self._written(page, address)

    def _place(self, page: Page, name: str) -> tuple[str, str]:
        names = {
            "lang": file_name(page.lang),
            "slug": name,
            "year": f"{page.published_at:%Y}",
            "month": f"{page.published_at:%m}",
            "key": page.key.lower(),
        }
        return self.settings.file.format(**names), self.settings.address.format(**names)

    def _written(self, page: Page, address: str) -> str:
        words, root = labels(page.lang), self.settings.pictures_url.rstrip("/")
        shown = {
            picture.src: Shown(f"{root}/{_place(picture)}", picture.width, picture.height, picture.credit_html)
            for picture in page.pictures
        }
        lead = shown[page.lead.src] if page.lead else None
        body = write_markdown(assembled(page), pictures=shown, notes_heading=words["notes"], back_label=words["back"])
        return written(page, self.settings.generator, address, lead, body)

    def _refuse_theirs(self, there: str, ours: str, url: str, known: RemoteRef | None) -> None:
        """Raise RemoteConflict where people changed the file since we knew it."""
        mark = mark_of(there)
        if known is None or not known.fingerprint or (mark is not None and mark.untouched):
            return
        if _fingerprint(there) != known.fingerprint:
            raise RemoteConflict(
                "the file was changed in the repository since it was last published",
                theirs=there,
                ours=ours,
                url=url,
                fingerprint=_fingerprint(there),
                subject=f"target {self.slug}",
            )

    def _unused(self, commit: str, there: str, text: str, path: str) -> list[str]:
        """Files of pictures that a page showed, does not show any more, and no other page shows."""
        dropped = sorted(set(_PICTURE.findall(there)) - set(_PICTURE.findall(text)))
        return [
            f"{self.settings.pictures}/{name}"
            for name in dropped
            if set(self.repository.paths_with(commit, name)) <= {path}
            and self.repository.read(commit, f"{self.settings.pictures}/{name}") is not None
        ]


def _place(picture: Picture) -> str:
    return picture_path(picture).removeprefix("pictures/")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
