"""The desk as people with other eyes and hands meet it: axe-core finds nothing on any page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.browser.conftest import Room, axe_violations, claim
from tests.desk import world


def test_axe_finds_nothing_on_any_page(room: Room, strike: int) -> None:
    other = replace(world.strike(), url="https://quai.example/other")
    undecided = world.add_article(room.app.store, other, now=datetime.now(UTC))
    found = {}
    rooms = {
        "eva": ["/inbox", "/triage", f"/articles/{undecided}", f"/translations/{strike}/preview", "/help"],
        "ops": ["/status"],
        "ana": [f"/translations/{strike}"],
    }
    for name, paths in rooms.items():
        page = room.open(name)
        for path in paths:
            page.goto(path)
            found[path] = axe_violations(page)
    claim(page)
    found["the editor"] = axe_violations(page)
    page.context.clear_cookies()
    page.goto("/login")
    found["/login"] = axe_violations(page)
    assert {path: violations for path, violations in found.items() if violations} == {}
