"""Asking a translation service over HTTP: one request, its JSON, and whatever goes wrong as one of our errors."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from ivpipe.errors import (
    EngineAuth,
    EngineError,
    EnginePermanent,
    EngineQuota,
    EngineRate,
    EngineTransient,
)
from ivpipe.masking import mask

_LARGEST = 20_000_000
_QUOTA = re.compile(r"quota|billing|credit", re.I)
_LONGEST_HOLD = 24 * 3600.0


class Service:
    """A service at one address. ``bearer``: a key that goes along as the authorization. ``advice`` is for who is refused."""

    def __init__(self, name: str, url: str, timeout: float, *, bearer: str = "", advice: str = "") -> None:
        self.name = name
        self.url = url.rstrip("/")
        self._advice = advice
        self._timeout = timeout
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self._client = httpx.Client(timeout=timeout, headers=headers, follow_redirects=False)

    def get(self, path: str) -> Any:
        """GET a path; returns the JSON. Raises EngineError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST JSON to a path; returns the JSON. Raises EngineError."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        began = time.monotonic()
        try:
            with self._client.stream(method, f"{self.url}{path}", json=body) as response:
                raw = b""
                for piece in response.iter_bytes():
                    raw += piece
                    if len(raw) > _LARGEST:
                        raise EngineTransient("its answer is larger than any translation", subject=self.name)
                    if time.monotonic() - began > 2 * self._timeout:  # httpx only looks at each wait for a piece
                        raise httpx.ReadTimeout("it drips")
        except httpx.TimeoutException as error:
            raise EngineTransient(
                f"no answer within {self._timeout:g} seconds", subject=self.name, may_bill=not _never_sent(error)
            ) from error
        except httpx.InvalidURL as error:
            raise EnginePermanent(f"{self.url} is no address: {error}", subject=self.name) from error
        except httpx.HTTPError as error:
            raise EngineTransient(
                f"{self.url} does not answer as it should: {self._plain(str(error)) or type(error).__name__}",
                subject=self.name,
                advice="is it running, and is server_url right? It is tried again",
                may_bill=not _never_sent(error),
            ) from error
        if not response.is_success:
            raise self._error(response, raw)
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise EngineTransient(
                f"its answer is no JSON: “{self._plain(raw.decode(errors='replace'))[:80]}”", subject=self.name
            ) from error

    def _error(self, response: httpx.Response, raw: bytes) -> EngineError:
        """What a status other than success means."""
        status = response.status_code
        said = self._plain(_message(raw)) or response.reason_phrase
        message = f"HTTP {status}: {said[:300]}"
        if status in (401, 403):
            return EngineAuth(message, subject=self.name, advice=self._advice)
        if status in (402, 456) or (status == 429 and _QUOTA.search(said)):
            return EngineQuota(message, subject=self.name, advice="look at the account with the service")
        if status == 429:
            return EngineRate(message, subject=self.name, retry_after=_seconds(response.headers.get("Retry-After")))
        if status >= 500 or status in (408, 409, 425):
            return EngineTransient(
                message,
                subject=self.name,
                retry_after=_seconds(response.headers.get("Retry-After")),
                may_bill=status >= 500 and status != 503,  # 503: it took nothing on; others broke on the way
            )
        return EnginePermanent(message, subject=self.name, advice=f"check the settings in [engines.{self.name}]")

    def _plain(self, text: str) -> str:
        """On one line, without a page of HTML or a secret in it; masked before anything is cut out of it."""
        return " ".join(re.sub(r"<[^>]*>", " ", mask(text)).split())

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _never_sent(error: httpx.HTTPError) -> bool:
    """Whether there was no connection over which the texts could have gone."""
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol)


def _message(raw: bytes) -> str:
    """The message in an error's body: {"error": "…"}, {"error": {"message": "…", "code": "…"}}, or its text."""
    text = raw[:10_000].decode(errors="replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    error = found.get("error", found) if isinstance(found, dict) else found
    if isinstance(error, dict):
        return " ".join(str(error[key]) for key in ("message", "code") if error.get(key)) or text
    return str(error)


def _seconds(header: str | None) -> float | None:
    """A ``Retry-After`` header, as seconds or as a date, in seconds from now; None where there is none to be read."""
    if not header:
        return None
    try:
        wait = float(header)
    except ValueError:
        try:
            date = parsedate_to_datetime(header)
        except ValueError:
            return None
        wait = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, wait), _LONGEST_HOLD) if wait == wait else None
