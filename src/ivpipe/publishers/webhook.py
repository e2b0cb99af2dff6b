"""Publishing by webhook: each page is sent as signed JSON to an address that makes of it what it wants.

Messages are signed as Standard Webhooks 1.0 has it: ``webhook-signature: v1,<base64>`` is HMAC-SHA256 with the secret over
``<webhook-id>.<webhook-timestamp>.<body>``. The same page sent again has the same ``webhook-id``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.masking import mask, read_secret
from ivpipe.model import Magazine
from ivpipe.model.page import Page
from ivpipe.publishers import Finding, RemoteRef
from ivpipe.publishers.addresses import SafeAddress
from ivpipe.publishers.answers import body_of
from ivpipe.publishers.assembling import article_html, page_values, picture_names
from ivpipe.publishers.telling import Teller, Told
from ivpipe.sections import Seconds, SecretName, Section
from ivpipe.text.html_writer import clean_text, inline_plain, safe_address

_LARGEST = 100_000
"""Bytes of an answer that are read; it has to say an address at most."""
_LATER = frozenset({408, 425, 429})


class WebhookSettings(Section):
    """``type = "webhook"`` in ``config/targets/<slug>.toml``.

    ``url``: where messages go. ``secret_env``: the environment variable that holds the secret they are signed with, as
    "whsec_" and base64, or any text. ``timeout_seconds``: for one message.
    """

    url: SafeAddress
    secret_env: SecretName = "WEBHOOK_SECRET"  # noqa: S105
    timeout_seconds: Seconds = 30


class Webhook(Teller):
    """An address that is told of pages: ``page.published`` for a new or changed one, ``page.withdrawn``."""

    Settings: ClassVar[type[BaseModel]] = WebhookSettings

    def __init__(self, settings: WebhookSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        super().__init__(slug, data_dir)
        self.settings = settings
        self._secret = read_secret(settings.secret_env).strip()
        self._client = httpx.Client(
            timeout=settings.timeout_seconds, headers={"User-Agent": "ivpipe"}, follow_redirects=False
        )

    def tell(self, page: Page, digest: str, before: Told | None) -> str:
        """Send the page; its address is what the answer says (``{"url": …}``), else what it said before."""
        shown = picture_names(page)
        values = page_values(page, shown)
        for picture, value in zip(page.pictures, values["pictures"], strict=True):
            with self._notes.explained(picture.file):
                value["data"] = base64.b64encode(picture.file.read_bytes()).decode()
        data = {
            "key": page.key,
            "revision": page.revision,
            "lang": page.lang,
            "title": inline_plain(page.document.title),
            "html": article_html(page, shown),
            "page": values,
        }
        answer = self._send("page.published", f"{page.key}.{page.revision}.{digest[:16]}", data)
        return answer or (before.url if before else "")

    def take_back(self, key: str, ref: RemoteRef, before: Told | None) -> None:
        """Send that the page is withdrawn; a receiver that does not have it has nothing to do."""
        last = f"{before.revision}.{before.digest[:16]}" if before else "unknown"
        self._send("page.withdrawn", f"{key}.withdrawn.{last}", {"key": key, "url": ref.url}, gone_ok=True)

    def check(self) -> list[Finding]:
        """Whether there is a secret, and whether the address takes a message of type ``check`` that is signed with it."""
        try:
            self._send("check", f"check.{time.time_ns()}", {})
        except PublishError as error:
            return [Finding("error", error.message, error.advice)]
        return [Finding("ok", f"{self._shown} takes our messages")]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def _shown(self) -> str:
        """The address without its query, which may be a secret."""
        return self.settings.url.partition("?")[0]

    def _send(self, kind: str, identity: str, data: Mapping[str, Any], *, gone_ok: bool = False) -> str:
        """Send a message; return the address its answer says, or "". Raises PublishError."""
        key = self._key()
        now = int(time.time())
        message = {"type": kind, "timestamp": datetime.fromtimestamp(now, UTC).isoformat(), "data": data}
        body = clean_text(json.dumps(message, ensure_ascii=False)).encode()
        signature = hmac.new(key, f"{identity}.{now}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
        }
        try:
            with self._client.stream("POST", self.settings.url, content=body, headers=headers) as answer:
                raw = body_of(answer, _LARGEST)
        except httpx.TimeoutException as error:
            reason = f"no answer within {self.settings.timeout_seconds:g} seconds"
            raise PublishTransient(reason, subject=f"target {self.slug}") from error
        except httpx.HTTPError as error:
            reason = f"{self._shown} does not answer as it should: {str(error) or type(error).__name__}"
            raise PublishTransient(reason, subject=f"target {self.slug}") from error
        if 200 <= answer.status_code < 300:
            return _address(raw)
        if gone_ok and answer.status_code in (404, 410):
            return ""
        raise self._fault(answer, raw)

    def _key(self) -> bytes:
        """The secret as bytes. Raises PublishAuth."""
        if not self._secret:
            raise PublishAuth(
                "there is no secret to sign messages with",
                subject=f"target {self.slug}",
                advice=f"put the one the receiver knows into {self.settings.secret_env}",
            )
        if not self._secret.startswith("whsec_"):
            return self._secret.encode()
        try:
            return base64.b64decode(self._secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise PublishAuth(
                "the secret begins with whsec_, but what follows is not base64",
                subject=f"target {self.slug}",
                advice=f"copy the whole of it into {self.settings.secret_env}",
            ) from error

    def _fault(self, answer: httpx.Response, raw: bytes) -> PublishError:
        """What a status other than success means."""
        status, subject = answer.status_code, f"target {self.slug}"
        said = f"HTTP {status}: {' '.join(mask(clean_text(raw.decode(errors='replace'))).split())[:200]}".rstrip(": ")
        if status in _LATER or status >= 500:
            wait = answer.headers.get("Retry-After", "")
            return PublishTransient(said, subject=subject, retry_after=float(wait) if wait.isdigit() else None)
        if status in (401, 403):
            return PublishAuth(
                said, subject=subject, advice=f"does the receiver know the secret in {self.settings.secret_env}?"
            )
        if 300 <= status < 400:
            there = answer.headers.get("Location", "nowhere")
            return PublishError(
                f"{self._shown} sends us on to {there}", subject=subject, advice="write the last address as url"
            )
        return PublishError(said, subject=subject, advice="the receiver does not take the message; ask who runs it")


def _address(raw: bytes) -> str:
    """The address in an answer ``{"url": …}``, "" where it says none that a link may have."""
    try:
        found = json.loads(raw)
    except ValueError:
        return ""
    url = found.get("url") if isinstance(found, dict) else None
    return safe_address(url) if isinstance(url, str) else ""
