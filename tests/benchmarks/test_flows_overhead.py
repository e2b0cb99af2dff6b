"""What Prefect costs: 500 articles through ingest and translate as flows, against the same steps in a plain loop.

    pytest tests/benchmarks/test_flows_overhead.py -s

The Prefect server runs beforehand, as it does in production; both ways use SQLite, the same generated site on this
machine with no delay between requests, and the dummy engine. The aim is a ratio of 1.5 at most.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flows.projects import project_of

from ivpipe.cli.prefect_settings import COMMON
from ivpipe.flows.run import run_plain, run_prefect

ARTICLES = int(os.environ.get("IVPIPE_BENCH_ARTICLES", "500"))
FLOWS = ("ingest", "translate")

for _name, _value in COMMON.items():  # read when prefect is imported
    os.environ.setdefault(_name, _value)


@pytest.fixture
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=90):
        yield


@pytest.mark.timeout(900)
def test_flows_cost_little_more_than_a_plain_loop(tmp_path: Path, prefect_server: None) -> None:
    with project_of(tmp_path / "warm", 2):  # imports, and the server's first requests
        for flow in FLOWS:
            run_prefect(flow)
            run_plain(flow)
    seconds: dict[str, list[float]] = {}
    for way in ("plain", "flows"):
        with project_of(tmp_path / way, ARTICLES):
            for flow in FLOWS:
                start = time.perf_counter()
                if way == "plain":
                    message = run_plain(flow)
                else:
                    completed, message = run_prefect(flow)
                    assert completed
                seconds.setdefault(way, []).append(time.perf_counter() - start)
                assert f"{ARTICLES} " in message
    ratio = sum(seconds["flows"]) / sum(seconds["plain"])
    told = "; ".join(f"{way}: ingest {took[0]:.1f} s, translate {took[1]:.1f} s" for way, took in seconds.items())
    print(f"\n{ARTICLES} articles, {told}; ratio {ratio:.2f}")
    assert ratio <= 1.5
