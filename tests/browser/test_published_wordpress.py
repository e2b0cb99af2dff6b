"""A published WordPress page before a reader's browser: nothing hostile runs, and all of the article stands there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page as Tab
from tests.browser.conftest import is_ours, provoke
from tests.contracts.test_publishers import MAGAZINE
from tests.servers.example_page import EXAMPLE, places
from tests.servers.hostile_page import hostile_page
from tests.servers.wordpress import WordPress as Server

from ivpipe.publishers.wordpress import WordPress

PWN = """
add_shortcode('pwn', fn() => '<script>pwned(20)</script>');
add_action('init', fn() => register_block_type('pwn/pwn', ['render_callback' => fn() => '<script>pwned(21)</script>']));
"""


@pytest.mark.parametrize("markup", ["blocks", "classic"])
def test_nothing_hostile_reaches_a_reader(
    tab: Tab, wordpress: Server, monkeypatch: pytest.MonkeyPatch, markup: str
) -> None:
    wordpress.plugin("pwn", PWN)
    monkeypatch.setenv("WORDPRESS_APP_PASSWORD", wordpress.editor.password)
    settings = WordPress.Settings(url=wordpress.url, user="editor", markup=markup)
    page = hostile_page()
    abroad: list[str] = []
    tab.on("request", lambda request: abroad.append(request.url) if not is_ours(request.url) else None)
    tab.on("dialog", lambda dialog: dialog.dismiss())
    ref = WordPress(settings, slug="wp", magazine=MAGAZINE, data_dir=Path("unused")).upsert(page.key, page)

    for url in (ref.url, wordpress.url):
        tab.goto(url)
        provoke(tab, "main")
        assert tab.url == url
        assert tab.evaluate("window.ran") == []
        assert [one for one in abroad if not urlsplit(one).hostname.endswith((".w.org", "gravatar.com"))] == []
        assert tab.locator("main script, main iframe, main svg, main form, main object, main [onerror]").count() == 0
        assert tab.locator("main a[href^='javascript' i], main a[href^='data' i]").count() == 0
    tab.goto(ref.url)
    text = tab.locator("main").inner_text()
    assert "<script>pwned(1)</script><img src=x onerror=pwned(2)>" in text
    assert "[pwn]x[/pwn] [embed]https://evil.example/[/embed]" in text


def test_an_article_stands_as_the_magazine_prints_it(
    tab: Tab, wordpress: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORDPRESS_APP_PASSWORD", wordpress.editor.password)
    settings = WordPress.Settings(url=wordpress.url, user="editor", edition="category")
    ref = WordPress(settings, slug="wp", magazine=MAGAZINE, data_dir=Path("unused")).upsert(EXAMPLE.key, EXAMPLE)
    tab.goto(ref.url)
    tab.screenshot(path=tmp_path / "page.png", full_page=True)
    text = tab.locator("main").inner_text()
    found = places(text)
    assert -1 not in found, found
    assert found == sorted(found), found
    for line in (
        "Kaldavia",
        "By Ilse Marant",
        "Original article https://vergers.example/eau-et-tribunaux",
        "IVF12 – July 2025",
    ):
        assert line in text
    assert tab.locator("main a[href='https://ferry.example/give']").inner_text() == "Donate"
