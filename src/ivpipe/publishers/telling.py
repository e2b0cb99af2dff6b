"""Targets that are told of a page and cannot be asked what became of it: what they were told is noted on our disk.

A publisher that was killed between telling and noting tells the same again, in a message that says it is the same.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ivpipe.errors import PublishError
from ivpipe.model.page import Page
from ivpipe.publishers import RemoteRef, text_difference
from ivpipe.publishers.assembling import article_html, page_values, picture_names
from ivpipe.publishers.folders import Folder
from ivpipe.text.html_writer import inline_plain


@dataclass(frozen=True, slots=True)
class Told:
    """The last that a target was told of a page: its address, if it has one, the revision (None: it was withdrawn), its
    plain title, ``digest`` of all of it, and the article's HTML."""

    key: str
    url: str
    title: str
    revision: int | None
    digest: str
    html: str


class Teller(ABC):
    """What such publishers share; ``tell`` and ``take_back`` are their own. Notes stand in ``told/<target>/``."""

    def __init__(self, slug: str, data_dir: Path) -> None:
        self.slug = slug
        self._notes = Folder(data_dir / "told" / slug, slug, ".")

    @abstractmethod
    def tell(self, page: Page, digest: str, before: Told | None) -> str:
        """Send a page; return its address, "" where there is none. Raises PublishError."""

    @abstractmethod
    def take_back(self, key: str, ref: RemoteRef, before: Told | None) -> None:
        """Say that a page is to be taken away. Raises PublishError."""

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The page as we told it last."""
        told = self._told(self._notes.checked(key))
        return None if told is None or told.revision is None else RemoteRef(key, told.url, told.revision)

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Tell of the page, unless the last that was told is the same. Raises PublishError."""
        if page.key != self._notes.checked(key):
            raise PublishError(f"the page's own key is {page.key!r}", subject=f"target {self.slug}, page {key}")
        digest = _digest(page)
        with self._notes.locked():
            before = self._told(key)
            if before is None or (before.revision, before.digest) != (page.revision, digest):
                url, title = self.tell(page, digest, before), inline_plain(page.document.title)
                self._note(Told(key, url, title, page.revision, digest, _html(page)))
            else:
                url = before.url
        return RemoteRef(key, url, page.revision)

    def withdraw(self, ref: RemoteRef) -> None:
        """Say that the page is to be taken away, once. Raises PublishError."""
        key = self._notes.checked(ref.id)
        with self._notes.locked():
            before = self._told(key)
            if before is None or before.revision is not None:
                self.take_back(key, ref, before)
                last = before or Told(key, ref.url, "", None, "", "")
                self._note(replace(last, revision=None, digest="", html=""))

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """The article's HTML as it was told last and as it would be. Raises PublishError."""
        told = self._told(self._notes.checked(key))
        return text_difference(told.html if told else "", _html(page))

    def _told(self, key: str) -> Told | None:
        data = self._notes.read(f"{key}.json")
        if data is None:
            return None
        try:
            return Told(**json.loads(data))
        except (ValueError, TypeError) as error:
            raise self._notes.damaged(self._notes.root / f"{key}.json") from error

    def _note(self, told: Told) -> None:
        self._notes.write(f"{told.key}.json", json.dumps(asdict(told), indent=1) + "\n")


def _html(page: Page) -> str:
    return article_html(page, picture_names(page))


def _digest(page: Page) -> str:
    values = json.dumps(page_values(page, picture_names(page)), sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()
