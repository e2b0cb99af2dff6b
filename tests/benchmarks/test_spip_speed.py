"""How long until an approved page is live on a real SPIP: 20 first publications, 20 updates, a new login each.

make bench, or: pytest tests/benchmarks/test_spip_speed.py --override-ini addopts="--import-mode=importlib" -s
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.contracts.test_publishers import MAGAZINE
from tests.servers.example_page import EXAMPLE
from tests.servers.spip import LOGIN, PASSWORD, Spip

from ivpipe.publishers.spip import Spip as Publisher
from ivpipe.publishers.spip import SpipSettings

PAGES = 20


def test_time_from_upsert_to_live(spip: Spip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", PASSWORD)
    settings = SpipSettings(url=spip.url, login=LOGIN, section=1, status="publie", keywords="create")
    refs = {}
    for what in ("published", "updated"):
        seconds = []
        for number in range(PAGES):
            key = f"ivpipe-{number}-en"
            title = f"{what} {number}"
            page = replace(
                EXAMPLE,
                key=key,
                revision=2 if key in refs else 1,
                document=replace(EXAMPLE.document, title=title),
            )
            start = time.perf_counter()
            publisher = Publisher(settings, slug="spip", magazine=MAGAZINE, data_dir=Path("unused"))
            refs[key] = publisher.upsert(key, page, refs.get(key))
            shown = httpx.get(refs[key].url).text
            seconds.append(time.perf_counter() - start)
            publisher.close()
            assert title in shown
        seconds.sort()
        print(
            f"\n{what}, to the page as read: p50 {seconds[9]:.2f} s, p95 {seconds[18]:.2f} s, max {seconds[19]:.2f} s"
        )
