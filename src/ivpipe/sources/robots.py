"""robots.txt: whether we may fetch an address, and how slowly (RFC 9309, read by protego)."""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
from protego import Protego

from ivpipe.errors import FetchError, FetchRefused
from ivpipe.sources.addresses import host_and_port
from ivpipe.sources.spec import Fetch

MAX_ROBOTS_BYTES = 512_000
"""What stands further down does not count (RFC 9309 asks for at least 500 KiB)."""

MAX_CRAWL_DELAY = 30.0
"""Seconds; a longer Crawl-delay counts as this."""

_KEPT = 3600.0
_STORED = 86400.0
_FAILURE_KEPT = 60.0


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A robots.txt as fetched: ``text`` is "" where the site has none; ``fetched_at`` in seconds since 1970."""

    text: str
    etag: str = ""
    last_modified: str = ""
    fetched_at: float = 0.0


Read = Callable[[httpx.URL, Fetch, RobotsFile | None], RobotsFile]
"""Fetches one. With what was stored of it, asks on the condition that it differs, and returns that where it does not."""


@dataclass(slots=True)
class _Entry:
    until: float
    rules: Protego | None
    failure: FetchError | None = None


class Robots:
    """The robots.txt of every site met, kept for an hour (a failure to read it: a minute). Thread-safe.

    ``agent`` is our product token. With a ``folder`` they are stored there too, and for a day not asked for again by
    any process (RFC 9309 allows as much), after that on the condition that they have changed. ``wall`` tells the time.
    """

    def __init__(
        self,
        read: Read,
        agent: str,
        clock: Callable[[], float],
        folder: Path | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._read = read
        self._agent = agent
        self._clock = clock
        self._folder = folder
        self._wall = wall
        self._entries: dict[str, _Entry] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def check(self, url: httpx.URL, policy: Fetch) -> float:
        """Return the site's Crawl-delay in seconds, 0 if it has none.

        Raises FetchRefused where the rules forbid the address; FetchError, as a rule retryable, where they cannot be
        read: then we do not know, and do not fetch.
        """
        entry = self._entry(url, policy)
        if entry.failure is not None:
            failure = entry.failure
            raise FetchError(
                f"its robots.txt cannot be read, so we do not know whether we may fetch it: {failure.message}",
                subject=str(url),
                advice=failure.advice,
                retryable=failure.retryable,
                retry_after=failure.retry_after,
            )
        if entry.rules is None:
            return 0.0
        if not entry.rules.can_fetch(str(url), self._agent):
            raise FetchRefused(
                "the site's robots.txt forbids it",
                subject=str(url),
                advice=f'ask the partner to allow the user agent "{self._agent}"',
            )
        delay = entry.rules.crawl_delay(self._agent) or 0.0
        return min(max(delay, 0.0), MAX_CRAWL_DELAY) if math.isfinite(delay) else 0.0

    def _entry(self, url: httpx.URL, policy: Fetch) -> _Entry:
        site = f"{url.scheme}://{host_and_port(url)}"
        with self._lock:
            lock = self._locks.setdefault(site, threading.Lock())
        with lock:
            entry = self._entries.get(site)
            if entry is None or entry.until <= self._clock():
                entry = self._entries[site] = self._load(url, policy)
            return entry

    def _load(self, url: httpx.URL, policy: Fetch) -> _Entry:
        place = self._place(url)
        stored = _stored(place)
        # A file from the future is of a clock that was wrong: it counts as old.
        if stored is None or not 0 <= self._wall() - stored.fetched_at < _STORED:
            try:
                read = self._read(url.copy_with(path="/robots.txt", query=None), policy, stored)
            except FetchRefused:
                raise
            except FetchError as error:
                return _Entry(self._clock() + _FAILURE_KEPT, None, error)
            stored = RobotsFile(read.text, read.etag, read.last_modified, self._wall())
            _store(place, stored)
        return _Entry(self._clock() + _KEPT, Protego.parse(stored.text) if stored.text.strip() else None)

    def _place(self, url: httpx.URL) -> Path | None:
        if self._folder is None:
            return None
        site = f"{url.scheme}://{host_and_port(url)}"
        return self._folder / f"{hashlib.sha256(site.encode()).hexdigest()[:32]}.json"


def robots_text(body: bytes) -> str:
    """The file as text, as far as it counts."""
    return body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")


def _stored(place: Path | None) -> RobotsFile | None:
    try:
        values = json.loads(place.read_text(encoding="utf-8")) if place else None
        return RobotsFile(
            str(values["text"]), str(values["etag"]), str(values["last_modified"]), float(values["fetched_at"])
        ) if values else None  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _store(place: Path | None, file: RobotsFile) -> None:
    """Keep it, whole or not at all; a disk that is full only costs another request."""
    if place is None:
        return
    unfinished = place.with_suffix(f".{threading.get_ident()}.tmp")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(file)), encoding="utf-8")
        unfinished.replace(place)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
