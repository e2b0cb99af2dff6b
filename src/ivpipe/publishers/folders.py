"""A folder we write into: whole files or none, one writer at a time, and nothing touched that stays the same."""

from __future__ import annotations

import fcntl
import os
import re
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivpipe.errors import PublishError
from ivpipe.machine import machine_error
from ivpipe.modes import public_file, public_folder

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,120}")
_LOCK_PATIENCE = 60.0
_NAME_BYTES = 120


class Folder:
    """Reads and writes below ``root``; paths are relative to it. ``state`` (relative too) is where the lock and the file
    being written stand. ``public``: everybody may read what is written (a web server runs under an account of its own), but
    the state. Every method raises PublishError naming the path and what to do.
    """

    def __init__(self, root: Path, target: str, state: str = "_ivpipe", *, public: bool = False) -> None:
        self.root = root
        self.public = public
        self.target = target
        self.state = root / state

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder: other publishers, in whatever process, wait. Released when the process ends, however."""
        path = self.state / "lock"
        with self.explained(path):
            self._make(self.root)
            self.state.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + _LOCK_PATIENCE
            while True:
                with self.explained(path):
                    try:
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        pass
                if time.monotonic() > deadline:
                    raise PublishError(
                        f"another publisher has held {path} for more than {_LOCK_PATIENCE:.0f} seconds",
                        subject=f"target {self.target}",
                        advice="look for a publishing process that hangs, and end it",
                        retryable=True,
                    )
                time.sleep(0.02)
            yield
        finally:
            os.close(handle)

    def write(self, path: str, content: str | bytes, *, durable: bool = True) -> None:
        """Make a file hold ``content``: readers see the old or the new, never a part. The same content touches nothing.

        ``durable`` false leaves it to the system when the disk has it; who writes a great many says ``os.sync()`` after.
        """
        data = content.encode() if isinstance(content, str) else content
        place = self.root / path
        with self.explained(place):
            try:
                if place.read_bytes() == data:
                    return
            except (FileNotFoundError, NotADirectoryError):
                pass
            self._make(place.parent)
            # One name is enough, as we hold the lock; what a killed writer leaves there, the next one overwrites.
            draft = self.state / "writing"
            with draft.open("wb") as file:
                file.write(data)
                if self.public:
                    public_file(file.fileno())
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(draft, place)  # noqa: PTH105  (tests stop a publisher here)

    def _make(self, folder: Path) -> None:
        if self.public and not folder.is_relative_to(self.state):
            public_folder(folder)
        else:
            folder.mkdir(parents=True, exist_ok=True)

    def read(self, path: str) -> bytes | None:
        """What a file holds; None where there is none."""
        place = self.root / path
        with self.explained(place):
            try:
                return place.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def remove(self, path: str) -> None:
        """Take a file away, and the folders that are empty then; no error where there is none."""
        place = self.root / path
        with self.explained(place):
            try:
                os.unlink(place)  # noqa: PTH108
            except (FileNotFoundError, NotADirectoryError):
                return
        for folder in place.parents:
            if folder in (self.root, self.state):
                return
            try:
                folder.rmdir()
            except OSError:  # it holds something
                return

    def holds(self, path: str) -> bool:
        """Whether the file is there."""
        return (self.root / path).is_file()

    def names(self, pattern: str) -> list[str]:
        """Paths of the files that match, sorted."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(pattern) if path.is_file())

    def checked(self, key: str) -> str:
        """Return a key that is safe as a file name. Raises PublishError."""
        if not _KEY.fullmatch(key):
            raise PublishError(
                f"{key!r} cannot be a page's key",
                subject=f"target {self.target}",
                advice="use letters, digits, - and _",
            )
        return key

    def problem(self) -> str:
        """Why the folder cannot be written to, "" where it can."""
        try:
            with self.locked():
                self.write(f"{self.state.relative_to(self.root)}/try", "")
                self.remove(f"{self.state.relative_to(self.root)}/try")
        except PublishError as error:
            return error.message
        return ""

    def damaged(self, path: Path) -> PublishError:
        """The error for a file of ours that cannot be read."""
        return PublishError(
            f"{path} is damaged",
            subject=f"target {self.target}",
            advice="delete it and publish the article again; that writes it anew",
        )

    @contextmanager
    def explained(self, path: Path) -> Iterator[None]:
        """Turn what the operating system says into our own error."""
        try:
            yield
        except OSError as error:
            known = machine_error(error, path)
            raise PublishError(
                f"cannot use {path}: {known.message if known else error.strerror}",
                subject=f"target {self.target}",
                advice=known.advice if known else f"see that {self.root} is a folder this process may write to",
                retryable=known is not None and known.retryable,
            ) from error


def file_name(text: str) -> str:
    """A text as a file name: lower-case letters and digits of any script, hyphens between; short enough for any disk.
    "" where nothing is left of it."""
    name = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", text).lower()).strip("-")
    return name.encode()[:_NAME_BYTES].decode(errors="ignore").strip("-")
