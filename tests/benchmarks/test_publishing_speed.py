"""How long it takes to publish one page on a real site: 20 first publications, 20 updates, a new login each.

make bench, or: pytest tests/benchmarks/test_publishing_speed.py --override-ini addopts="--import-mode=importlib" -s
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.contracts.test_publishers import MAGAZINE
from tests.servers import spip as spip_server
from tests.servers.example_page import EXAMPLE

from ivpipe import publishers
from ivpipe.plugins import load_plugin

PAGES = 20
_SPIP = {"type": "spip", "login": spip_server.LOGIN, "section": 1, "status": "publie", "keywords": "create"}
TARGETS: dict[str, dict[str, Any]] = {
    "spip, by its forms": {**_SPIP, "driver": "forms"},
    "spip, by its file": {**_SPIP, "driver": "file"},
    "wordpress": {"type": "wordpress", "user": "editor"},
}


@pytest.mark.parametrize("target", TARGETS)
def test_time_from_upsert_to_the_page_as_read(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    options = dict(TARGETS[target])
    kind = options.pop("type")
    site = request.getfixturevalue(kind)
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", spip_server.PASSWORD)
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", spip_server.TOKEN)
    if kind == "wordpress":
        monkeypatch.setenv("WORDPRESS_APP_PASSWORD", site.editor.password)
    plugin = load_plugin("publishers", kind, publishers.BUILTIN)
    settings = plugin.Settings(url=site.url, **options)
    refs: dict[str, Any] = {}
    for what in ("published", "updated"):
        seconds = []
        for number in range(PAGES):
            key, title = f"ivpipe-{number}-en", f"{what} {number}"
            document = replace(EXAMPLE.document, title=title)
            page = replace(
                EXAMPLE, key=key, slug=f"orchards-{number}", revision=2 if key in refs else 1, document=document
            )
            start = time.perf_counter()
            publisher = plugin(settings, slug="target", magazine=MAGAZINE, data_dir=None)
            refs[key] = publisher.upsert(key, page, refs.get(key))
            shown = httpx.get(refs[key].url).text
            seconds.append(time.perf_counter() - start)
            publisher.close()
            assert title in shown
        seconds.sort()
        p50, p95, worst = seconds[PAGES // 2], seconds[int(PAGES * 0.95) - 1], seconds[-1]
        print(f"\n{target}, {what}, to the page as read: p50 {p50:.2f} s, p95 {p95:.2f} s, max {worst:.2f} s")
