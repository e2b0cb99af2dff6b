"""One visit to the desk: who asks, with what form, and the answers a route may give.

A route is a plain function ``(Visit) -> Response`` run in a worker thread; ``endpoint`` puts the login, the CSRF check, the
role and the errors around it, so that no route can forget them.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ivpipe.desk.failure import Fault, NotLoggedIn, answer_failure
from ivpipe.errors import NotFound
from ivpipe.model import Actor, Policy, Role, User
from ivpipe.steps.login import session_of
from ivpipe.store import Store
from ivpipe.wiring import App

LARGEST_BODY = 256 * 1024
"""Bytes of one request. A segment is a few hundred; the longest comment fits many times."""

SLOWEST_BODY = 60.0
"""Seconds a request may take to arrive. Whoever sends a byte a minute would else hold a connection for ever."""

_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Desk:
    """What all visits share."""

    app: App
    clock: Callable[[], datetime]
    templates: Environment
    login_key: bytes

    @property
    def store(self) -> Store:
        """The database of record."""
        return self.app.store

    @property
    def policy(self) -> Policy:
        """How the magazine reviews."""
        return self.app.settings.review.policy

    @property
    def hold(self) -> timedelta:
        """How long a claim lasts without a save."""
        return timedelta(minutes=self.app.settings.review.hold_minutes)

    @property
    def secure(self) -> bool:
        """Whether cookies are for https only."""
        return self.app.settings.desk.secure_cookies

    @property
    def cookie(self) -> str:
        """The session cookie's name; the prefix makes browsers refuse one set from a sibling domain."""
        return "__Host-ivpipe" if self.secure else "ivpipe"

    def cookie_name(self, purpose: str) -> str:
        """The name of another cookie of ours, likewise."""
        return f"{self.cookie}-{purpose}"

    def source_name(self, slug: str) -> str:
        """A partner's name as configured, or its slug where it is configured no more."""
        try:
            return self.app.source(slug).name
        except NotFound:
            return slug


@dataclass(slots=True)
class Visit:
    """One request, after its login and its form have been read. ``user`` is None only on public pages."""

    desk: Desk
    request: Request
    now: datetime
    form: Mapping[str, Any]
    user: User | None = None
    csrf: str = ""

    @property
    def store(self) -> Store:
        """The database of record."""
        return self.desk.store

    @property
    def actor(self) -> Actor:
        """The visitor as the life cycle sees them."""
        return self.user.actor if self.user else Actor()

    @property
    def is_htmx(self) -> bool:
        """Whether a part of a page is asked for."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def wants_json(self) -> bool:
        """Whether a script asks."""
        return "application/json" in self.request.headers.get("accept", "")

    def number(self, name: str = "id") -> int:
        """A row's id from the address. Raises NotFound for one no row can have."""
        value = int(self.request.path_params[name])
        if value > _LARGEST_ID:
            raise NotFound(f"there is nothing with the number {value}")
        return value

    def text(self, name: str) -> str:
        """A form field, "" where it is missing. Characters that no database takes are left out."""
        value = self.form.get(name, "")
        return value.encode("utf-8", "ignore").decode().replace("\x00", "") if isinstance(value, str) else ""

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Answer with a template."""
        return HTMLResponse(self.render(template, **values), status)

    def render(self, template: str, **values: Any) -> str:
        """Fill a template; it sees the visit as ``visit`` and the roles as ``is_editor`` and the like."""
        roles = self.actor.roles
        return self.desk.templates.get_template(template).render(
            visit=self,
            user=self.user,
            csrf=self.csrf,
            now=self.now,
            magazine=self.desk.app.settings.magazine,
            is_translator=Role.TRANSLATOR in roles,
            is_editor=Role.EDITOR in roles,
            is_operator=Role.OPERATOR in roles,
            **values,
        )

    def json(self, values: Any, status: int = 200) -> Response:
        """Answer a script."""
        return JSONResponse(values, status)

    def redirect(self, path: str) -> Response:
        """Send the browser on after a form, so that loading again posts nothing twice."""
        return RedirectResponse(path, 303)


Work = Callable[[Visit], Response]


def endpoint(work: Work, *, role: Role | None = None, public: bool = False) -> Callable[[Request], Any]:
    """Make a Starlette endpoint of a route. ``role``: who may come here; ``public``: no login needed (and no session's
    CSRF token: such a route guards its own form)."""

    async def handle(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        visit = Visit(desk, request, desk.clock(), {})
        try:
            body = await _read_body(request)
            response = await run_in_threadpool(_serve, visit, body, work, role, public)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            return await run_in_threadpool(answer_failure, visit, error)
        return response

    return handle


async def _read_body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise Fault(413, f"this is more than {LARGEST_BODY // 1024} KB at once", "save a shorter text")
                chunks.append(chunk)
    except TimeoutError:
        raise Fault(
            408, f"this did not arrive within {SLOWEST_BODY:g} seconds", "save again when the connection is better"
        ) from None
    return b"".join(chunks)


def _serve(visit: Visit, body: bytes, work: Work, role: Role | None, public: bool) -> Response:
    visit.form = _read_form(visit.request, body)
    token = visit.request.cookies.get(visit.desk.cookie, "")
    found = session_of(visit.store, token, visit.now) if token else None
    if found is not None:
        visit.user, visit.csrf = found
    if not public:
        if found is None:
            raise NotLoggedIn
        if visit.request.method not in ("GET", "HEAD"):
            given = visit.request.headers.get("x-csrf-token", "") or visit.text("csrf")
            if not hmac.compare_digest(given.encode(), visit.csrf.encode()):
                raise Fault(
                    403,
                    "the form is not from this login",
                    "load the page again and repeat the action; what you typed is below or kept in the editor",
                    code="csrf",
                )
        if role is not None and role not in visit.actor.roles:
            raise Fault(403, f"this page is for the role “{role}”", "ask the operator to give you that role")
    return work(visit)


def _read_form(request: Request, body: bytes) -> Mapping[str, Any]:
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            values = json.loads(body)
            if isinstance(values, dict):
                return values
        elif kind == "application/x-www-form-urlencoded":
            fields: dict[str, Any] = {}
            for name, value in parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200):
                fields[name] = value
                fields.setdefault(f"{name}[]", []).append(value)
            return fields
    except (ValueError, RecursionError) as error:
        raise Fault(400, f"the form cannot be read: {error}", "load the page again") from error
    raise Fault(415, "only forms and JSON objects are understood here")
