"""Logging in and out. The login form has no session yet, so its CSRF token is a cookie that must match a field."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from starlette.responses import Response

from ivpipe.desk.failure import Fault
from ivpipe.desk.visit import Visit
from ivpipe.errors import Refused
from ivpipe.steps.people import log_in, log_out, session_of

_FORM_COOKIE = "ivpipe-login"


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
    token = visit.request.cookies.get(_FORM_COOKIE, "") or secrets.token_urlsafe(24)
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
    response.set_cookie(_FORM_COOKIE, token, httponly=True, samesite="strict", secure=visit.desk.secure, path="/login")
    return response


def submit(visit: Visit) -> Response:
    """Check name and password; open the session. A script gets JSON with the new session's CSRF token."""
    expected = visit.request.cookies.get(_FORM_COOKIE, "")
    if not expected or not hmac.compare_digest(expected.encode(), visit.text("token").encode()):
        raise Fault(
            403, "the login form has grown old", "load the login page again; cookies must be allowed", code="csrf"
        )
    lifetime = timedelta(days=visit.desk.app.settings.desk.session_days)
    try:
        login = log_in(visit.store, visit.text("name"), visit.text("password"), lifetime, visit.now)
    except Refused as error:
        if visit.wants_json:
            raise
        return _show(
            visit,
            after=visit.text("next"),
            name=visit.text("name"),
            problem=error.message,
            advice=error.advice,
            status=401,
        )
    if visit.wants_json:
        found = session_of(visit.store, login.token, visit.now)
        user_id, csrf = (found[0].id, found[1]) if found else (0, "")
        response = visit.json({"csrf": csrf, "user": user_id})
    else:
        response = visit.redirect(safe_next(visit.text("next")))
    response.set_cookie(
        visit.desk.cookie,
        login.token,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=visit.desk.secure,
        path="/",
    )
    return response


def leave(visit: Visit) -> Response:
    """End the session."""
    log_out(visit.store, visit.request.cookies.get(visit.desk.cookie, ""))
    response = visit.redirect("/login")
    response.delete_cookie(visit.desk.cookie, path="/", httponly=True, samesite="lax", secure=visit.desk.secure)
    return response


def session(visit: Visit) -> Response:
    """Who is logged in, and the CSRF token: for a page that outlived its session."""
    return visit.json({"csrf": visit.csrf, "user": visit.user.id if visit.user else 0})
