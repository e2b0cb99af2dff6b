"""When the next request to a host may go out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ivpipe.errors import FetchError


class Pace:
    """Keeps requests to one host apart, over all threads. Times are ``clock``'s, in seconds."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None], longest_hold: float) -> None:
        self._clock = clock
        self._sleep = sleep
        self._longest_hold = longest_hold
        self._free: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, delay: float) -> None:
        """Wait for this thread's turn; the next one comes ``delay`` seconds later.

        Raises FetchError, retryable, where the host has asked to be left alone for longer than we wait.
        """
        with self._lock:
            now = self._clock()
            held = self._held.get(host, 0.0)
            if held - now > self._longest_hold:
                raise FetchError(
                    f"the site asked us to wait; we do not ask it again for {held - now:.0f} seconds",
                    subject=host,
                    retryable=True,
                    retry_after=held - now,
                )
            turn = max(now, held, self._free.get(host, 0.0))
            self._free[host] = turn + delay
        if turn > now:
            self._sleep(turn - now)

    def hold(self, host: str, seconds: float) -> None:
        """Let nothing more go to the host for so long."""
        with self._lock:
            self._held[host] = max(self._held.get(host, 0.0), self._clock() + seconds)
