"""Logging in and out. The login form has no session yet, so its CSRF token is a cookie that must match a field."""

from __future__ import annotations

import hmac
import math
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address

from starlette.responses import Response

from ivpipe.desk.failure import Fault
from ivpipe.desk.visit import Visit
from ivpipe.errors import Refused, TooManyAttempts
from ivpipe.steps.audit import Origin
from ivpipe.steps.login import Attempt, log_in, log_out, session_of


def safe_next(path: str) -> str:
    """A path of this desk to go on to, else the inbox: never another site."""
    if path.startswith("/") and not path.startswith(("//", "/\\", "/login")) and path.isprintable():
        return path
    return "/inbox"


def form(visit: Visit) -> Response:
    """The login page; with ``?in_place`` only the form, for an editor whose session has ended under the hands."""
    after = visit.request.query_params.get("next", "")
    if visit.user is not None and "in_place" not in visit.request.query_params:
        return visit.redirect(safe_next(after))
    return _show(visit, after=after)


def _show(
    visit: Visit, *, after: str, name: str = "", problem: str = "", advice: str = "", status: int = 200
) -> Response:
    cookie = visit.desk.cookie_name("login")
    token = visit.request.cookies.get(cookie, "") or secrets.token_urlsafe(24)
    in_place = "in_place" in visit.request.query_params
    response = visit.page(
        "_login.html" if in_place else "login.html",
        status,
        after=after,
        name=name,
        problem=problem,
        advice=advice,
        token=token,
        in_place=in_place,
    )
    response.set_cookie(cookie, token, httponly=True, samesite="strict", secure=visit.desk.secure, path="/")
    return response


def submit(visit: Visit) -> Response:
    """Check name and password; open the session. A script gets JSON with the new session's CSRF token."""
    expected = visit.request.cookies.get(visit.desk.cookie_name("login"), "")
    if not expected or not hmac.compare_digest(expected.encode(), visit.text("token").encode()):
        raise Fault(
            403, "the login form has grown old", "load the login page again; cookies must be allowed", code="csrf"
        )
    lifetime = timedelta(days=visit.desk.app.settings.desk.session_days)
    browser_cookie = visit.desk.cookie_name("browser")
    attempt = Attempt(
        visit.text("name"),
        visit.text("password"),
        visit.request.cookies.get(browser_cookie, ""),
        _origin(visit),
        counts_address=not _is_proxy(visit),
    )
    try:
        login = log_in(visit.store, attempt, visit.desk.login_key, lifetime, visit.now)
    except Refused as error:
        return _refuse(visit, error)
    if visit.wants_json:
        found = session_of(visit.store, login.token, visit.now)
        user_id, csrf = (found[0].id, found[1]) if found else (0, "")
        response = visit.json({"csrf": csrf, "user": user_id})
    else:
        response = visit.redirect(safe_next(visit.text("next")))
    _set_cookie(visit, response, visit.desk.cookie, login.token, login.expires_at)
    _set_cookie(visit, response, browser_cookie, login.browser_token, login.browser_expires_at)
    return response


def _refuse(visit: Visit, error: Refused) -> Response:
    """Say why, and for how long to wait, in the page that was asked for or to its script."""
    status = 429 if isinstance(error, TooManyAttempts) else 401
    if visit.wants_json:
        raise Fault(status, error.message, error.advice, code="refused") from error
    response = _show(
        visit,
        after=visit.text("next"),
        name=visit.text("name"),
        problem=error.message,
        advice=error.advice,
        status=status,
    )
    if error.retry_after:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def _set_cookie(visit: Visit, response: Response, name: str, value: str, until: datetime) -> None:
    response.set_cookie(
        name,
        value,
        max_age=round((until - visit.now).total_seconds()),
        httponly=True,
        samesite="lax",
        secure=visit.desk.secure,
        path="/",
    )


def _origin(visit: Visit) -> Origin:
    client = visit.request.client
    return Origin(client.host if client else "", visit.request.headers.get("user-agent", ""))


def _is_proxy(visit: Visit) -> bool:
    """Whether the address is that of our own proxy, which then did not say whom it asks for (or somebody is at this
    machine): all would share one counter."""
    try:
        address = ip_address(visit.request.client.host if visit.request.client else "")
    except ValueError:
        return False
    return any(address in network for network in visit.desk.app.settings.desk.trusted_networks)


def leave(visit: Visit) -> Response:
    """End the session. The browser stays known."""
    log_out(visit.store, visit.request.cookies.get(visit.desk.cookie, ""), _origin(visit), visit.now)
    response = visit.redirect("/login")
    response.delete_cookie(visit.desk.cookie, path="/", httponly=True, samesite="lax", secure=visit.desk.secure)
    return response


def session(visit: Visit) -> Response:
    """Who is logged in, and the CSRF token: for a page that outlived its session."""
    return visit.json({"csrf": visit.csrf, "user": visit.user.id if visit.user else 0})
