"""How long until an approved page is live on a real WordPress: 20 first publications, 20 updates, new connections each.

make bench, or: pytest tests/benchmarks/test_wordpress_speed.py --override-ini addopts="--import-mode=importlib" -s
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.contracts.test_publishers import MAGAZINE
from tests.servers.example_page import EXAMPLE
from tests.servers.wordpress import WordPress as Server

from ivpipe.publishers.wordpress import WordPress

PAGES = 20


def test_time_from_upsert_to_live(wordpress: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDPRESS_APP_PASSWORD", wordpress.editor.password)
    settings = WordPress.Settings(url=wordpress.url, user="editor")
    refs = {}
    for what in ("published", "updated"):
        seconds = []
        for number in range(PAGES):
            key = f"ivpipe-{number}-en"
            title = f"{what} {number}"
            page = replace(
                EXAMPLE,
                key=key,
                slug=f"orchards-{number}",
                revision=2 if key in refs else 1,
                document=replace(EXAMPLE.document, title=title),
            )
            start = time.perf_counter()
            publisher = WordPress(settings, slug="wp", magazine=MAGAZINE, data_dir=Path("unused"))
            refs[key] = publisher.upsert(key, page, refs.get(key))
            shown = httpx.get(refs[key].url).text
            seconds.append(time.perf_counter() - start)
            publisher.close()
            assert title in shown
        seconds.sort()
        print(
            f"\n{what}, to the page as read: p50 {seconds[9]:.2f} s, p95 {seconds[18]:.2f} s, max {seconds[19]:.2f} s"
        )
