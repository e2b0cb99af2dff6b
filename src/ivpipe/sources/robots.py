"""robots.txt: whether we may fetch an address, and how slowly (RFC 9309, read by protego)."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

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
_FAILURE_KEPT = 60.0


@dataclass(slots=True)
class _Entry:
    until: float
    rules: Protego | None
    failure: FetchError | None = None


class Robots:
    """The robots.txt of every site met, kept for an hour (a failure to read it: a minute). Thread-safe.

    ``read(url, policy)`` fetches one: its bytes, b"" where the site has none (a 4xx). ``agent`` is our product token.
    """

    def __init__(self, read: Callable[[httpx.URL, Fetch], bytes], agent: str, clock: Callable[[], float]) -> None:
        self._read = read
        self._agent = agent
        self._clock = clock
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
        try:
            body = self._read(url.copy_with(path="/robots.txt", query=None), policy)
        except FetchRefused:
            raise
        except FetchError as error:
            return _Entry(self._clock() + _FAILURE_KEPT, None, error)
        text = body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")
        return _Entry(self._clock() + _KEPT, Protego.parse(text) if text.strip() else None)
