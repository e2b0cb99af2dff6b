"""The site's folder on disk: whole files or none, one writer at a time, and what is in it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivpipe.errors import PublishError, PublishTransient
from ivpipe.model.page import Page

_STATE = "_ivpipe"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,120}")
_LOCK_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What listings need to know of one page. ``path`` is relative to the site, ``article`` the same for all
    translations of an article; titles are inline HTML, times ISO 8601 in UTC.

    ``done`` false: the page is on its way in or (``withdrawn``) out; whoever wrote it was stopped before the end.
    """

    key: str
    article: str
    lang: str
    path: str
    revision: int
    fingerprint: str
    kicker: str
    title: str
    standfirst: str
    byline: tuple[str, ...]
    partner: str
    published_at: str
    updated_at: str
    done: bool = True
    withdrawn: bool = False


class SiteFolder:
    """Reads and writes the folder. Every method raises PublishError naming the path and what to do."""

    def __init__(self, root: Path, target: str) -> None:
        self.root = root
        self.target = target
        self._state = root / _STATE

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder: other publishers, in whatever process, wait. Released when the process ends, however."""
        path = self._state / "lock"
        with self._explained(path):
            (self._state / "pages").mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            deadline = time.monotonic() + _LOCK_PATIENCE
            while True:
                with self._explained(path):
                    try:
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        pass
                if time.monotonic() > deadline:
                    raise PublishTransient(
                        f"another publisher has held {path} for more than {_LOCK_PATIENCE:.0f} seconds",
                        subject=f"target {self.target}",
                        advice="look for a publishing process that hangs, and end it",
                    )
                time.sleep(0.02)
            yield
        finally:
            os.close(handle)

    def write(self, path: str, text: str) -> None:
        """Make a file hold ``text``: readers see the old or the new, never a part. The same text touches nothing."""
        data = text.encode()
        place = self.root / path
        with self._explained(place):
            try:
                if place.read_bytes() == data:
                    return
            except (FileNotFoundError, NotADirectoryError):
                pass
            place.parent.mkdir(parents=True, exist_ok=True)
            # One name is enough, as we hold the lock; what a killed writer leaves there, the next one overwrites.
            draft = self._state / "writing"
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, place)  # noqa: PTH105  (tests stop a publisher here)

    def remove(self, path: str) -> None:
        """Take a file away; no error where there is none."""
        place = self.root / path
        with self._explained(place):
            try:
                os.unlink(place)  # noqa: PTH108
            except (FileNotFoundError, NotADirectoryError):
                pass

    def holds(self, path: str) -> bool:
        """Whether the file is there."""
        return (self.root / path).is_file()

    def text(self, path: str) -> str:
        """What a file holds, "" where there is none."""
        place = self.root / path
        with self._explained(place):
            return place.read_text(encoding="utf-8") if place.is_file() else ""

    def names(self, pattern: str) -> list[str]:
        """Paths of the files that match, relative to the site, sorted."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(pattern))

    def entry(self, key: str) -> Entry | None:
        """The entry of a page, None where there is none."""
        return self._read_entry(self._state / f"{self.checked(key)}.json")

    def entries(self) -> dict[str, Entry]:
        """All entries by key."""
        with self._explained(self._state):
            paths = sorted(self._state.glob("*.json"))
        found = (self._read_entry(path) for path in paths)
        return {entry.key: entry for entry in found if entry is not None}

    def save_entry(self, entry: Entry) -> None:
        """Write an entry."""
        self.write(f"{_STATE}/{entry.key}.json", _json(asdict(entry)))

    def page(self, key: str) -> Page | None:
        """The whole page behind an entry, to render it again; None where there is none."""
        values = self._read(self._state / "pages" / f"{self.checked(key)}.json")
        return None if values is None else Page.from_dict(values)

    def save_page(self, page: Page) -> None:
        """Write a page's content."""
        self.write(f"{_STATE}/pages/{page.key}.json", page_json(page))

    def forget(self, key: str) -> None:
        """Take away what we remember of a page, the entry last."""
        self.remove(f"{_STATE}/pages/{self.checked(key)}.json")
        self.remove(f"{_STATE}/{key}.json")

    def checked(self, key: str) -> str:
        """Return a key that is safe as a file name. Raises PublishError."""
        if not _KEY.fullmatch(key):
            raise PublishError(
                f"{key!r} cannot be a page's key",
                subject=f"target {self.target}",
                advice="use letters, digits, - and _",
            )
        return key

    def _read_entry(self, path: Path) -> Entry | None:
        values = self._read(path)
        try:
            return None if values is None else Entry(**{**values, "byline": tuple(values["byline"])})
        except (TypeError, KeyError) as error:
            raise self._damaged(path) from error

    def _read(self, path: Path) -> dict[str, Any] | None:
        with self._explained(path):
            try:
                values = json.loads(path.read_bytes())
            except (FileNotFoundError, NotADirectoryError):
                return None
            except ValueError as error:
                raise self._damaged(path) from error
        if not isinstance(values, dict):
            raise self._damaged(path)
        return values

    def _damaged(self, path: Path) -> PublishError:
        return PublishError(
            f"{path} is damaged",
            subject=f"target {self.target}",
            advice="delete it and publish the article again; that writes it anew",
        )

    @contextmanager
    def _explained(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            raise PublishError(
                f"cannot use {path}: {error.strerror}",
                subject=f"target {self.target}",
                advice="make room on the disk; it will be tried again"
                if full
                else f"see that {self.root} is a folder this process may write to",
                retryable=full,
            ) from error


def page_json(page: Page) -> str:
    """Return a page as JSON text, the same for the same page."""
    return _json(page.to_dict())


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, sort_keys=True) + "\n"
