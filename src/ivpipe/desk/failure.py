"""Failures as a person sees them: what happened, what to do, never a traceback and never a blank page."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ivpipe.errors import IvpipeError, MachineError, MachineFault, NotFound, Refused, StaleEdit, StoreError
from ivpipe.machine import machine_error

if TYPE_CHECKING:
    from ivpipe.desk.visit import Visit

_log = logging.getLogger(__name__)

_TITLES = {
    400: "This request cannot be understood",
    401: "Please log in again",
    403: "This is not open to you",
    404: "There is nothing here",
    405: "This cannot be done here",
    409: "That cannot be done now",
    413: "Too much at once",
    415: "This request cannot be understood",
    500: "Something broke on our side",
    503: "The database cannot be used",
}
_MACHINE_TITLES = {
    MachineFault.FULL: "The disk is full, and nothing can be saved",
    MachineFault.READ_ONLY: "Nothing can be saved: the database can only be read",
    MachineFault.FORBIDDEN: "The database cannot be opened",
    MachineFault.BUSY: "The database is busy",
    MachineFault.BROKEN_DISK: "The disk does not work as it should",
    MachineFault.DAMAGED: "The database is damaged",
    MachineFault.NOT_A_DATABASE: "The database cannot be opened",
    MachineFault.TOO_MANY: "Too much is going on at once",
    MachineFault.NO_MEMORY: "The server has no memory left",
    MachineFault.UNREACHABLE: "The database does not answer",
}


class Fault(Exception):
    """A refusal of the desk itself, with its HTTP status. ``code`` is for scripts, ``title`` heads the page."""

    def __init__(self, status: int, message: str, advice: str = "", *, code: str = "", title: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.advice = advice
        self.code = code
        self.title = title or _TITLES.get(status, "That did not work")


class NotLoggedIn(Fault):
    """There is no session, or it has ended."""

    def __init__(self) -> None:
        super().__init__(401, "your login has ended", "log in and do it again", code="login")


def as_fault(error: Exception) -> Fault:
    """Any exception as what to say. What nobody foresaw is logged under a short reference that the page shows."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, NotFound):
        return Fault(404, _sentence(error), error.advice)
    if isinstance(error, StaleEdit):
        return Fault(409, _sentence(error), error.advice, code="stale")
    if isinstance(error, Refused):
        return Fault(409, _sentence(error), error.advice, code="refused")
    reference = secrets.token_hex(4)
    _log.error("failure %s", reference, exc_info=error)
    known = error if isinstance(error, StoreError | MachineError) else machine_error(error)
    if known is not None:
        title = _MACHINE_TITLES[known.fault] if known.fault is not None else ""
        advice = f"{known.advice} (reference {reference})" if known.advice else f"reference {reference}"
        return Fault(503, _sentence(known), advice, code="store", title=title)
    if isinstance(error, IvpipeError):
        return Fault(500, _sentence(error), error.advice)
    return Fault(
        500, "an error nobody foresaw", f"tell the operator the reference {reference}: it is in the log", code="bug"
    )


def _sentence(error: IvpipeError) -> str:
    return f"{error.subject}: {error.message}" if error.subject else error.message


def answer_failure(visit: Visit, error: Exception) -> Response:
    """Answer a request that failed, in the form it asked for: JSON, a fragment, or a page that keeps what was typed."""
    fault = as_fault(error)
    title = fault.title
    if visit.wants_json:
        values: dict[str, object] = {
            "error": fault.message, "advice": fault.advice, "code": fault.code, "title": title,
        }  # fmt: skip
        if isinstance(error, StaleEdit):
            values |= {"current": error.current, "version": error.version}
        return JSONResponse(values, fault.status)
    if isinstance(error, NotLoggedIn):
        path = visit.request.url.path
        if visit.is_htmx:
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        if visit.request.method == "GET":
            query = f"?{visit.request.url.query}" if visit.request.url.query else ""
            return RedirectResponse("/login" if path == "/" else f"/login?next={quote(path + query)}", 303)
    typed = visit.text("comment") or visit.text("reason")
    template = "_fault.html" if visit.is_htmx else "fault.html"
    return HTMLResponse(visit.render(template, fault=fault, title=title, typed=typed), fault.status)
