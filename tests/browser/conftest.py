"""A real Chromium before a real desk: the server is a thread that a test can stop and start again on the same port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from tests.conftest import missing_server
from tests.desk import world

from ivpipe.desk.app import create_app
from ivpipe.wiring import App

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong; what is right is seen at once


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing_server("Chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A tab that reaches this machine only; ``window.ran`` tells what hostile code ran."""
    context = chromium.new_context(viewport={"width": 1000, "height": 1400})
    context.route("**/*", lambda route: route.continue_() if is_ours(route.request.url) else route.abort())
    tab = context.new_page()
    tab.add_init_script("window.ran = []; window.pwned = (n) => window.ran.push(n);")
    tab.set_default_timeout(20_000)
    yield tab
    context.close()


def is_ours(url: str) -> bool:
    return urlsplit(url).hostname == "127.0.0.1"


def provoke(tab: Page, part: str) -> None:
    """Call every handler there may be in a part of the page (a selector); links that lead elsewhere are not followed."""
    tab.evaluate(
        """part => {
            document.addEventListener('click', event => event.preventDefault());
            for (const element of document.querySelectorAll(`${part} *`))
                for (const name of ['mouseover', 'click', 'focus', 'error', 'load'])
                    element.dispatchEvent(new Event(name, {bubbles: true, cancelable: true}));
        }""",
        part,
    )


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds fault with on a page, and where: by all its rules, and in dark colours by that of contrast."""
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    page.emulate_media(color_scheme="light")
    return [f"{one['id']}: {one['help']}: {', '.join(str(node['target']) for node in one['nodes'])}" for one in found]


class Server:
    """The desk in a thread. ``start`` after ``stop`` listens on the same port."""

    def __init__(self, app: App, clock: Callable[[], datetime]) -> None:
        self.desk = create_app(app, clock=clock)
        self.port = 0
        self.start()

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(self.desk, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        self.uvicorn = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Room:
    """A desk, and people before it."""

    app: App
    server: Server
    browser: Browser
    people: dict[str, int]
    contexts: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, name: str, path: str = "/inbox") -> Page:
        """Log somebody in, in a browser of their own."""
        context = self.browser.new_context(viewport={"width": 1366, "height": 768}, base_url=self.server.address)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.goto(path)
        log_in(page, name)
        page.wait_for_url(f"**{path}")
        return page


def log_in(page: Page, name: str) -> None:
    page.fill("[name=name]", name)
    page.fill("[name=password]", world.PASSWORD)
    page.get_by_role("button", name="Log in").click()


def claim(page: Page) -> Page:
    """Take the translation that is open, and wait for the editor."""
    page.get_by_role("button", name="Claim").click()
    page.wait_for_url("**done=claimed")
    expect(page.locator(".text[contenteditable]").last).to_be_attached()
    return page


class Editor:
    """The editor's page, by what a person does on it."""

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        self.row = page.locator(".row").nth(number - 1)
        self.segment = self.row.locator("ivp-segment")
        self.field = self.row.locator(".target .text")
        self.mark = self.row.locator(".save-mark")

    @property
    def value(self) -> str:
        return self.segment.evaluate("segment => segment.value")

    def focus(self, start: int, end: int | None = None) -> Locator:
        """Put the cursor at an offset in atoms (characters and chips), or select to another."""
        self.segment.evaluate(
            "(segment, [start, end]) => { segment.field.focus(); segment.select(start, end); }",
            [start, start if end is None else end],
        )
        return self.field

    def press(self, *keys: str) -> str:
        """Press keys one after the other; the value after them."""
        for key in keys:
            self.page.keyboard.press(key)
        return self.value

    def expect_saved(self) -> None:
        expect(self.mark).to_have_text("saved")


@pytest.fixture
def room(chromium: Browser, tmp_path: Path, opening: Path) -> Iterator[Room]:
    with world.open_copy(opening, tmp_path) as app:
        people = world.people_of(app.store)
        server = Server(app, lambda: datetime.now(UTC))
        room = Room(app, server, chromium, people)
        yield room
        for context in room.contexts:
            context.close()
        server.stop()
        assert room.problems == []


@pytest.fixture
def strike(room: Room) -> int:
    return world.add_draft(room.app.store, world.strike(), world.ENGLISH, now=datetime.now(UTC))


@pytest.fixture
def ana(room: Room, strike: int) -> Page:
    """Ana, with the strike claimed and open before her."""
    return claim(room.open("ana", f"/translations/{strike}"))
