"""A desk over a small magazine, and visitors that behave like browsers."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.desk import world

from ivpipe.desk.app import create_app
from ivpipe.store import Store
from ivpipe.wiring import App

with warnings.catch_warnings():
    # Starlette 1 would rather drive its test client with httpx2; the httpx we have serves.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = world.NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Visitor:
    """One browser: its cookies, and the CSRF token of the page it last loaded."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.csrf = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        answer = self.client.get(path, headers=headers, follow_redirects=False)
        token = re.search(r'<meta name="csrf" content="([^"]*)">', answer.text)
        if token:
            self.csrf = token[1]
        return answer

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        return self.client.post(
            path, data={"csrf": self.csrf, **(fields or {})}, headers=headers, follow_redirects=False
        )

    def save(self, segment_id: int, target: object, version: object) -> httpx.Response:
        return self.json(f"/segments/{segment_id}", {"target": target, "version": version})

    def json(self, path: str, values: object) -> httpx.Response:
        return self.client.post(
            path,
            json=values,
            headers={"Accept": "application/json", "X-CSRF-Token": self.csrf},
            follow_redirects=False,
        )

    def log_in(self, name: str, password: str = world.PASSWORD, *, after: str = "") -> httpx.Response:
        form = self.get("/login").text
        token = re.search(r'name="token" value="([^"]+)"', form)
        assert token is not None
        answer = self.client.post(
            "/login",
            data={"token": token[1], "next": after, "name": name, "password": password},
            follow_redirects=False,
        )
        if answer.status_code == 303:
            self.get("/inbox")
        return answer


@dataclass
class World:
    """All that a test needs at hand."""

    app: App
    clock: Clock
    people: dict[str, int]
    new_client: Callable[[], TestClient]
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.app.store

    def stranger(self) -> Visitor:
        return Visitor(self.new_client())

    def visitor(self, name: str) -> Visitor:
        """Somebody logged in; the same browser each time."""
        if name not in self.visitors:
            self.visitors[name] = self.stranger()
            assert self.visitors[name].log_in(name).status_code == 303
        return self.visitors[name]

    def claimed(self, name: str, translation_id: int) -> Visitor:
        visitor = self.visitor(name)
        assert visitor.post(f"/translations/{translation_id}/claim").status_code == 303
        return visitor


@pytest.fixture
def magazine(tmp_path: Path, opening: Path) -> Iterator[World]:
    """The magazine of ``world`` with its people, and a desk over it."""
    with world.open_copy(opening, tmp_path) as app:
        people = world.people_of(app.store)
        clock = Clock()
        desk = create_app(app, clock=clock)
        yield World(app, clock, people, lambda: TestClient(desk, base_url="http://127.0.0.1"))


@pytest.fixture
def strike(magazine: World) -> int:
    """A drafted translation: see ``world.strike``."""
    return world.add_draft(magazine.store, world.strike(), world.ENGLISH)
