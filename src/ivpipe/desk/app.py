"""The desk as a Starlette application: its routes, and what stands around all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ivpipe.desk import words
from ivpipe.desk.failure import Fault, answer_failure
from ivpipe.desk.routes import editor, inbox, login, memory, preview, publications, review, status, triage
from ivpipe.desk.security import SecurityHeaders
from ivpipe.desk.visit import Desk, Visit, Work, endpoint
from ivpipe.model import Role
from ivpipe.model.languages import direction, primary
from ivpipe.steps.login import load_login_key
from ivpipe.text.html_writer import inline_html, inline_plain, safe_address
from ivpipe.wiring import App

_HERE = Path(__file__).parent
_MISSING = {404: ("there is no such page", "it may have been a mistyped address"), 405: ("not in this way", "")}


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(app: App, *, clock: Callable[[], datetime] = _now) -> Starlette:
    """The desk over an opened pipeline. ``clock`` tells the time."""
    desk = Starlette(
        routes=_routes(),
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _http_failure, Exception: _any_failure},
    )
    desk.state.desk = Desk(app, clock, _templates(app), load_login_key(app.settings.data / "login.key"))
    return desk


def _get(path: str, work: Work, *, role: Role | None = None, public: bool = False) -> Route:
    return Route(path, endpoint(work, role=role, public=public), methods=["GET"])


def _post(path: str, work: Work, *, role: Role | None = None, public: bool = False) -> Route:
    return Route(path, endpoint(work, role=role, public=public), methods=["POST"])


def _routes() -> list[Route | Mount]:
    one, live = "/translations/{id:int}", "/publications/{id:int}"
    return [
        _get("/", inbox.home),
        _get("/login", login.form, public=True),
        _post("/login", login.submit, public=True),
        _post("/logout", login.leave),
        _get("/session", login.session),
        _get("/health", inbox.health, public=True),
        _get("/inbox", inbox.inbox),
        _get("/help", inbox.help_page),
        _get("/triage", triage.triage, role=Role.EDITOR),
        _get("/articles/{id:int}", triage.article),
        _get("/articles/{id:int}/changes", triage.changes),
        _get("/articles/{id:int}/estimate", triage.estimate, role=Role.EDITOR),
        _post("/articles/{id:int}/select", triage.select, role=Role.EDITOR),
        _post("/articles/{id:int}/dismiss", triage.dismiss, role=Role.EDITOR),
        _get("/articles/{id:int}/doubtful", triage.doubtful),
        _post("/articles/{id:int}/accept", triage.accept, role=Role.EDITOR),
        _post("/articles/{id:int}/keep", triage.keep, role=Role.EDITOR),
        _get(one, editor.translation),
        _get(f"{one}/preview", preview.preview),
        _get("/pictures/{sha256:str}", preview.picture),
        _get(f"{one}/publications", publications.shown),
        _get(f"{one}/memory", memory.search),
        _post(f"{one}/claim", review.claim),
        _post(f"{one}/release", review.release),
        _post(f"{one}/submit", review.submit),
        _post(f"{one}/return", review.return_),
        _post(f"{one}/approve", review.approve),
        _post(f"{one}/reject", review.reject),
        _post(f"{one}/redraft", review.redraft),
        _post(f"{one}/merge", review.merge),
        _post(f"{one}/keep", review.keep, role=Role.EDITOR),
        _get("/segments/{id:int}", editor.segment),
        _post("/segments/{id:int}", editor.save),
        _get("/segments/{id:int}/history", editor.history),
        _get("/segments/{id:int}/suggestions", memory.suggestions),
        _post("/issues/{id:int}/dismiss", editor.dismiss_issue),
        _post(f"{live}/withdraw", publications.withdraw),
        _post(f"{live}/again", publications.again),
        _post(f"{live}/time", publications.reschedule),
        _post(f"{live}/cancel", publications.cancel),
        _get(f"{live}/conflict", publications.conflict),
        _post(f"{live}/ours", publications.ours),
        _post(f"{live}/theirs", publications.theirs),
        _get("/status", status.show, role=Role.OPERATOR),
        _get("/status/alarms", status.alarms, role=Role.OPERATOR),
        _post("/status/retry", status.retry, role=Role.OPERATOR),
        Mount("/static", StaticFiles(directory=_HERE / "static"), name="static"),
    ]


def _templates(app: App) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "partner_name": lambda slug: _partner_name(app, slug),
        "count": words.count,
        "zone": app.zone.key,
    }
    environment.filters |= {
        "age": words.age,
        "until": words.until,
        "minutes": words.minutes,
        "clock": lambda moment: words.clock(moment, app.zone),
        "input_time": lambda moment: f"{moment.astimezone(app.zone):%Y-%m-%dT%H:%M}",
        "language": words.language,
        "state_word": words.state_word,
        "event_word": words.event_word,
        "direction": direction,
        "primary": primary,
        "plain": inline_plain,
        "inline": inline_html,
        "address": safe_address,
    }
    return environment


def _partner_name(app: App, slug: str) -> str:
    spec = app.settings.sources.get(slug)
    return spec.name if spec else slug


async def _http_failure(request: Request, error: Exception) -> Response:
    status_code = cast("HTTPException", error).status_code
    message, advice = _MISSING.get(status_code, (str(error), ""))
    return await _failure(request, Fault(status_code, message, advice))


async def _any_failure(request: Request, error: Exception) -> Response:
    return await _failure(request, error)


async def _failure(request: Request, error: Exception) -> Response:
    desk: Desk = request.app.state.desk
    return await run_in_threadpool(answer_failure, Visit(desk, request, desk.clock(), {}), error)
