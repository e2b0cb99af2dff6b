"""Asking a WordPress over its REST interface: one request, its JSON, and whatever goes wrong as one of our errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from typing import Any

import httpx

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.masking import mask
from ivpipe.publishers.answers import body_of

_LARGEST = 20_000_000
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_NO_LOGIN = frozenset({"rest_not_logged_in", "incorrect_password", "invalid_username", "invalid_email"})


class Site:
    """A WordPress at one address, as one of its users. ``subject`` is the target, for errors."""

    def __init__(self, url: str, user: str, password: str, *, timeout: float, subject: str, password_env: str) -> None:
        self.url = url
        self.subject = subject
        self._user = user
        self._password = password
        self._password_env = password_env
        self._timeout = timeout
        self._client = httpx.Client(
            auth=(user, password), timeout=timeout, headers={"User-Agent": "ivpipe"}, follow_redirects=False
        )

    def get(self, route: str, **params: object) -> Any:
        """GET a route under ``/wp/v2/``; returns the JSON. Raises PublishError."""
        return self.ask("GET", route, params)

    def get_if_there(self, route: str, **params: object) -> Any:
        """The same; None where there is no such thing, or no longer."""
        return self.ask("GET", route, params, missing_ok=True)

    def post(self, route: str, values: Mapping[str, object]) -> Any:
        """POST JSON to a route. Raises PublishError."""
        return self.ask("POST", route, {}, body=json.dumps(values).encode(), media_type="application/json")

    def ask(
        self,
        method: str,
        route: str,
        params: Mapping[str, object],
        *,
        body: bytes | None = None,
        media_type: str = "",
        file_name: str = "",
        missing_ok: bool = False,
    ) -> Any:
        """One request. ``missing_ok``: 404 and 410 are None. A term that is there already is as good as made.

        Raises PublishAuth, PublishTransient, PublishError.
        """
        if not self._user or not self._password:
            raise PublishAuth(
                "there is no application password",
                subject=self.subject,
                advice=f"make one in the user's profile there, and put it into {self._password_env}",
            )
        headers = {"Content-Type": media_type} if media_type else {}
        if file_name:
            headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        # The one form of the address that works with every setting of a site's permalinks.
        query = {"rest_route": f"/wp/v2/{route}", **{name: str(value) for name, value in params.items()}}
        status, raw, answer = self._send(method, self.url, query, body, headers)
        if missing_ok and status in (404, 410):
            return None
        if status == 400 and (there := _existing_term(raw)) is not None:
            return {"id": there}
        if not 200 <= status < 300:
            raise self._fault(route, status, raw, answer)
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise PublishError(
                f"{self.url} answers with something else than WordPress's REST interface: “{_plain(raw)[:80]}”",
                subject=self.subject,
                advice="is url the site's address, and does no plug-in close the REST interface?",
            ) from error

    @contextmanager
    def read_as(self, what: str) -> Iterator[None]:
        """Around code that takes an answer apart. Raises PublishError where it is no ``what`` ("a post")."""
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise PublishError(
                f"its answer is not {what} as we know it",
                subject=self.subject,
                advice="is url the site's address, and does no plug-in change what the REST interface says?",
            ) from error

    def page(self) -> str:
        """The site's front page as anybody gets it, "" where it is none."""
        status, raw, _ = self._send("GET", self.url, {}, None, {})
        return raw.decode(errors="replace") if status == 200 else ""

    def me(self) -> dict[str, Any]:
        """Who we are there, with ``roles`` and ``capabilities``. Raises PublishAuth, with the reason."""
        me: dict[str, Any] = self.get("users/me", context="edit")
        return me

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(
        self, method: str, url: str, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes, httpx.Response]:
        try:
            with self._client.stream(method, url, params=query or None, content=body, headers=headers) as answer:
                raw = body_of(answer, _LARGEST)
        except httpx.TimeoutException as error:
            raise PublishTransient(f"no answer within {self._timeout:g} seconds", subject=self.subject) from error
        except httpx.HTTPError as error:
            raise PublishTransient(
                f"{self.url} does not answer as it should: {str(error) or type(error).__name__}", subject=self.subject
            ) from error
        if len(raw) > _LARGEST:
            raise PublishError("its answer is larger than any post", subject=self.subject)
        return answer.status_code, raw, answer

    def _fault(self, route: str, status: int, raw: bytes, answer: httpx.Response) -> PublishError:
        """What a status other than success means."""
        code, said = _message(raw)
        said = said[:300] or answer.reason_phrase
        if status in _TRANSIENT:
            wait = answer.headers.get("Retry-After", "")
            return PublishTransient(
                f"HTTP {status}: {said}", subject=self.subject, retry_after=float(wait) if wait.isdigit() else None
            )
        if 300 <= status < 400:
            return PublishError(
                f"{self.url} sends us on to {answer.headers.get('Location', 'nowhere')}",
                subject=self.subject,
                advice="write the address under which the site answers itself as url",
            )
        if status == 401 and code in _NO_LOGIN and route == "users/me":
            return self._no_login()
        if route == "users/me" and status in (401, 403, 404, 405, 406):
            return PublishAuth(
                f"the site refuses its REST interface: HTTP {status}: {said}",
                subject=self.subject,
                advice="a security plug-in or the web server closes it; let it pass for this user",
            )
        if status in (400, 401, 403):
            # A login that is no longer good shows as all kinds of refusals; only this route says so plainly.
            self.me()
            kind = PublishAuth if status != 400 else PublishError
            return kind(
                f"{route.split('?')[0]}: {said} ({code or status})",
                subject=self.subject,
                advice=f"does the user {self._user} have the right?" if kind is PublishAuth else "",
            )
        return PublishError(f"{route.split('?')[0]}: HTTP {status}: {said} ({code or status})", subject=self.subject)

    def _no_login(self) -> PublishAuth:
        """Why the site takes us for nobody. A wrong password looks like a header lost on the way; but the index of the
        interface says whether there are application passwords at all."""
        _, raw, _ = self._send("GET", self.url, {"rest_route": "/"}, None, {})
        if b'"application-passwords"' not in raw:
            return PublishAuth(
                "application passwords are switched off there",
                subject=self.subject,
                advice="they need https; a security plug-in may switch them off, too",
            )
        return PublishAuth(
            f"the login of the user {self._user} is refused",
            subject=self.subject,
            advice=f"make an application password in the user's profile there, and put it into {self._password_env}; if it "
            "is right, the web server drops the header Authorization before WordPress sees it",
        )


def _message(raw: bytes) -> tuple[str, str]:
    """Code and message of an error: ``{"code": "rest_…", "message": "…"}``, or the text of a page."""
    try:
        found = json.loads(raw)
    except ValueError:
        return "", _plain(raw)
    if not isinstance(found, dict):
        return "", ""
    return str(found.get("code", "")), _plain(str(found.get("message", "")).encode())


def _existing_term(raw: bytes) -> int | None:
    try:
        found = json.loads(raw)
        return int(found["data"]["term_id"]) if found["code"] == "term_exists" else None
    except (ValueError, TypeError, KeyError):
        return None


def _plain(raw: bytes) -> str:
    """On one line, without markup or a secret; masked before anything is cut out of it."""
    text = mask(raw[:20_000].decode(errors="replace"))
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.S | re.I)
    return " ".join(unescape(text).split())
