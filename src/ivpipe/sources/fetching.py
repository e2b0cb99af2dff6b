"""Polite fetching: paced, within robots.txt, to public addresses only, and with a cap on size and time."""

from __future__ import annotations

import http.cookiejar
import random
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from ivpipe import __version__
from ivpipe.errors import FetchError, FetchRefused, PageGone
from ivpipe.sources.addresses import host_and_port, is_allowed, parse_url, resolve_host
from ivpipe.sources.bodies import ACCEPT_ENCODING, read_body
from ivpipe.sources.pace import Pace
from ivpipe.sources.robots import MAX_ROBOTS_BYTES, Robots, RobotsFile, robots_text
from ivpipe.sources.spec import Fetch
from ivpipe.sources.transport import GuardedTransport, Resolve

AGENT = "ivpipe"
ATTEMPTS = 3
MAX_REDIRECTS = 10
LONGEST_WAIT = 60.0
"""Seconds we wait at a host's request (Retry-After) before we give the error up to the caller instead."""

_ROBOTS_REDIRECTS = 5
_FIRST_BACKOFF = 1.0
_LONGEST_RETRY_AFTER = 7 * 86400.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOSTLESS = re.compile(r"(?:https?:)?//(?:[/?#]|$)", re.I)
_BUSY = frozenset({408, 425, 429})
_NOT_OF_THE_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``url`` is where it came from, after redirects; ``status`` 200, or 304 with an empty body.

    ``headers`` have lower-case names (cookies, and what described the transfer only, are left out); ``body`` is
    decompressed.
    """

    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def not_modified(self) -> bool:
        """Whether the validators we sent still hold."""
        return self.status == 304


class Fetcher:
    """One polite client for all sources and threads; close it at the end.

    ``contact`` tells partners whom to write to (an address or a name; it goes into the User-Agent). ``resolve(host,
    port)`` returns IP addresses, ``clock`` counts seconds, ``sleep`` waits: real ones unless a test brings its own.
    In ``robots_folder`` the sites' robots.txt are kept between runs; ``wall`` tells their age (seconds since 1970).
    """

    def __init__(
        self,
        contact: str,
        *,
        resolve: Resolve | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        robots_folder: Path | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._pace = Pace(clock, sleep, LONGEST_WAIT)
        self._robots = Robots(self._read_robots, AGENT, clock, robots_folder, wall)
        self._client = httpx.Client(
            transport=GuardedTransport(resolve or resolve_host, clock),
            headers={
                "User-Agent": user_agent(contact),
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Encoding": ACCEPT_ENCODING,
            },
            cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,  # a proxy, or a .netrc, would go around the check of addresses
        )

    def get(self, url: str, policy: Fetch, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Fetch ``url``; with validators from an earlier answer, only if it has changed since.

        Follows up to 10 redirects, each checked like the first address. Tries up to 3 times where trying again may
        help. Raises FetchRefused (robots.txt, private address, not http(s), too many redirects), PageGone (404, 410),
        FetchError (``retryable`` for 429, 5xx, time-outs and broken connections; ``retry_after`` in seconds where the
        site named it). Looking up a host's name has no time limit but the system's.
        """
        headers = _conditions(etag, last_modified)
        current = parse_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            delay = max(policy.delay, self._robots.check(current, policy))
            answer = self._ask(current, policy, delay, headers)
            if answer.status not in _REDIRECTS:
                return _judged(answer, conditional=bool(headers))
            current = _redirected(current, answer)
        raise FetchRefused(f"it redirects more than {MAX_REDIRECTS} times", subject=url)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _read_robots(self, url: httpx.URL, policy: Fetch, stored: RobotsFile | None) -> RobotsFile:
        headers = _conditions(stored.etag, stored.last_modified) if stored else {}
        current = url
        for _ in range(_ROBOTS_REDIRECTS + 1):
            answer = self._ask(current, policy, policy.delay, headers, robots=True)
            if answer.status not in _REDIRECTS or not answer.headers.get("location"):
                if stored and headers and answer.status == 304:
                    return stored
                text = robots_text(answer.body) if answer.status == 200 else ""
                return RobotsFile(text, answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
            current = _redirected(current, answer)
        return RobotsFile("")

    def _ask(
        self, url: httpx.URL, policy: Fetch, delay: float, headers: dict[str, str], *, robots: bool = False
    ) -> Fetched:
        """One hop, tried again where that may help. The answer's status is any but those that mean "later"."""
        host = host_and_port(url)
        for attempt in range(1, ATTEMPTS + 1):
            self._pace.wait(host, delay)
            deadline = self._clock() + policy.max_seconds
            try:
                return self._try(url, policy, deadline, headers, robots)
            except FetchError as error:
                if not error.retryable:
                    raise
                wait = error.retry_after
                if wait is None:
                    wait = _FIRST_BACKOFF * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)
                last = attempt == ATTEMPTS or wait > LONGEST_WAIT or self._clock() >= deadline
                if error.retry_after is not None or not last:
                    self._pace.hold(host, wait)
                if last:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _try(self, url: httpx.URL, policy: Fetch, deadline: float, headers: dict[str, str], robots: bool) -> Fetched:
        request = self._client.build_request(
            "GET",
            url,
            headers=headers,
            timeout=policy.timeout,
            extensions={"allow_private": is_allowed(url, policy.allow_private), "deadline": deadline},
        )
        try:
            response = self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise FetchError(f"its answer makes no sense: {error}", subject=str(url)) from error
        except (httpx.InvalidURL, ValueError) as error:
            # The client looks at where a redirect leads though it does not follow, and stumbles over "data:…".
            raise FetchRefused(f"it redirects to what is not a web address: {error}", subject=str(url)) from error
        try:
            status = response.status_code
            if status in _BUSY or status >= 500:
                raise _later(response)
            body = b""
            if status == 200:
                body = read_body(response, MAX_ROBOTS_BYTES if robots else policy.max_bytes, cut=robots)
            return Fetched(str(response.url), status, _headers(response), body)
        finally:
            response.close()


def _conditions(etag: str, last_modified: str) -> dict[str, str]:
    """Headers that ask for an answer only where it differs; validators that no header can hold are left out."""
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in conditions.items() if re.fullmatch(r"[\x20-\x7e]+", value)}


def user_agent(contact: str) -> str:
    """Our name and version, and whom to write to, in the characters a header may hold."""
    plain = unicodedata.normalize("NFKD", contact).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\x20-\x7e]+|[()\\]", " ", plain).strip()
    return f"{AGENT}/{__version__} (+{plain})" if plain else f"{AGENT}/{__version__}"


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in _NOT_OF_THE_BODY}


def _redirected(url: httpx.URL, answer: Fetched) -> httpx.URL:
    location = answer.headers.get("location", "").strip()
    if not location:
        raise FetchError(f"it answers {answer.status} without saying where to go", subject=str(url))
    try:
        if _HOSTLESS.match(location):
            raise ValueError("it names no host")
        target = url.join(location)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchRefused(
            f"it redirects to what is not a web address: {location[:200]!r}", subject=str(url)
        ) from error
    return parse_url(target)


def _judged(answer: Fetched, *, conditional: bool) -> Fetched:
    """The answer if it is one we can use, else the error it amounts to."""
    status = answer.status
    if status == 200 or (status == 304 and conditional):
        return answer
    if status in (404, 410):
        raise PageGone(f"the site answers {status}: there is no such page (any more)", subject=answer.url)
    if status in (401, 402, 403, 451):
        raise FetchError(
            f"the site refuses us ({status})",
            subject=answer.url,
            advice=f'ask the partner to let the user agent "{AGENT}" in',
        )
    raise FetchError(f"the site answers {status}, which is no page", subject=answer.url)


def _later(response: httpx.Response) -> FetchError:
    status = response.status_code
    reason = "asks us to come back later" if status == 429 else "has a fault of its own" if status >= 500 else "is busy"
    return FetchError(
        f"the site {reason} ({status})",
        subject=str(response.url),
        retryable=True,
        retry_after=parse_retry_after(response.headers.get("retry-after", ""), datetime.now(UTC)),
    )


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait from a Retry-After header (seconds or a date), between 0 and a week; None if it says nothing."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        seconds = float(value)
    else:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        seconds = ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)
