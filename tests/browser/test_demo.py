"""``ivpipe demo`` as a newcomer runs it, and a person's way through it: from login to the published page."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import claim
from tests.conftest import missing_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SENTENCE = "The clock of the station still tells the time to nobody."


@dataclass
class Demo:
    """A demo that is up."""

    folder: Path
    offset: int
    process: subprocess.Popen[str]
    said: str

    @property
    def desk(self) -> str:
        return f"http://127.0.0.1:{8000 + self.offset}"

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{8110 + self.offset}"

    def password(self, name: str) -> str:
        return dict(line.split() for line in (self.folder / "logins.txt").read_text().splitlines())[name]


def free_offset() -> int:
    """An offset at which every port of the demo is free."""
    for offset in range(20_000, 50_000, 1_111):
        sockets = []
        try:
            for port in (8000, 8100, 8101, 8102, 8110, 4200):
                probe = socket.socket()
                sockets.append(probe)
                probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        else:
            return offset
        finally:
            for probe in sockets:
                probe.close()
    raise AssertionError("no free ports")


def command(folder: Path, offset: int, *more: str) -> list[str]:
    return [sys.executable, "-m", "ivpipe.cli", "demo", "--folder", str(folder), "--port-offset", str(offset), *more]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if not shutil.which("apertium"):
        missing_server("Apertium", "apt-get install apertium apertium-fra-cat apertium-eng-cat apertium-eng-spa")
    folder, offset = tmp_path_factory.mktemp("demo"), free_offset()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "IVPIPE_", "DEEPL_"))
    }
    process = subprocess.Popen(
        command(folder, offset), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "stays up until Ctrl-C" in line:
            break
    try:
        assert "The demo is ready" in "".join(said), "".join(said)
        yield Demo(folder, offset, process, "".join(said))
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    assert process.returncode == 0, rest
    # A second showing, without staying up: nothing is fetched, drafted or published again, and it says so.
    again = subprocess.run(
        command(folder, 0, "--once"), env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert "sources: 3 read" in again.stdout
    assert "new" not in again.stdout.split("flow  ingest")[1].splitlines()[1]


def log_in(chromium: Browser, demo: Demo, name: str) -> Page:
    page = chromium.new_context(viewport={"width": 1366, "height": 900}, base_url=demo.desk).new_page()
    page.goto("/")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", demo.password(name))
    page.press("input[name=password]", "Enter")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return page


def test_demo_publishes_two_articles_that_readers_can_read(demo: Demo) -> None:
    index = httpx.get(f"{demo.site}/index.html")
    assert index.status_code == 200
    urls = [line.split()[-1] for line in demo.said.splitlines() if line.strip().startswith("live")]
    assert len(urls) == 2
    for url in urls:
        page = httpx.get(url)
        assert page.status_code == 200
        assert (
            "Translated by <strong>International Viewpoint</strong> from <strong>Tierra y Andén</strong>" in page.text
        )
        assert '"@type":"NewsArticle"' in page.text.replace(" ", "")


def test_demo_partners_articles_are_chosen_drafted_and_left_for_people(chromium: Browser, demo: Demo) -> None:
    page = log_in(chromium, demo, "editor")
    expect(page.get_by_text("Unclaimed drafts")).to_be_visible()
    expect(page.get_by_text("2 articles to choose from")).to_be_visible()


def test_from_login_to_the_published_page(chromium: Browser, demo: Demo) -> None:
    translator = log_in(chromium, demo, "translator")
    translator.get_by_role("link", name="El tren que no volvió").click()
    claim(translator)
    field = translator.get_by_role("textbox", name="Segment 12", exact=True)
    field.click()
    translator.keyboard.press("Control+a")
    translator.keyboard.type(SENTENCE)
    translator.keyboard.press("Control+Enter")
    expect(translator.locator("#progress-text")).to_contain_text("1 of")
    translator.reload()
    expect(translator.get_by_role("textbox", name="Segment 12", exact=True)).to_have_text(SENTENCE)
    translator.get_by_role("button", name="Submit…").click()
    translator.get_by_role("dialog").get_by_role("button", name="Submit").click()
    expect(translator.get_by_text("submitted").first).to_be_visible()

    editor = log_in(chromium, demo, "editor")
    editor.get_by_role("link", name="El tren que no volvió").click()
    editor.get_by_role("link", name="Preview").click()
    expect(editor.locator("body")).to_contain_text(SENTENCE)
    editor.go_back()
    editor.get_by_role("button", name="Approve…").click()
    editor.get_by_role("dialog").get_by_role("button", name="Approve").click()
    live = editor.locator(f'a[href^="{demo.site}/en/"]').first
    expect(live).to_be_visible(timeout=30_000)

    reader = chromium.new_context().new_page()
    reader.goto(live.get_attribute("href") or "")
    expect(reader.locator("body")).to_contain_text(SENTENCE)
    assert reader.locator("h1").count() == 1
    assert reader.locator("script:not([type='application/ld+json'])").count() == 0


def test_operator_sees_the_flows_and_that_nothing_is_stuck(chromium: Browser, demo: Demo) -> None:
    page = log_in(chromium, demo, "operator")
    page.get_by_role("link", name="Status").click()
    expect(page.locator("main")).to_contain_text("ingest")
    expect(page.locator("main")).to_contain_text("Nothing is stuck")
