"""A quiet hour: 200 sources looked at, none of which has anything new.

    pytest tests/benchmarks/test_polling.py -s

All stand on one site of this machine, asked without a delay between requests. Each is asked one question, on the condition
that its feed has changed, and the record has nothing more than that it was asked.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, inspect, select, table
from tests.flows.projects import project_of, serve_articles

from ivpipe.flows.run import run_plain

SOURCES = 200


@pytest.mark.timeout(900)
def test_sources_with_nothing_new_cost_one_conditional_request_each(tmp_path: Path) -> None:
    with project_of(tmp_path, 1) as project:
        for number in range(1, SOURCES):
            feed = f"/feed-{number}"
            project.add_source(f"source-{number}", feed)
            serve_articles(project.site, 1, feed, 1 + number)
        run_plain("ingest")
        before = _rows(project.store.engine)
        project.site.requests.clear()
        start, processor = time.perf_counter(), time.process_time()
        message = run_plain("ingest")
        took, processor = time.perf_counter() - start, time.process_time() - processor
        after = _rows(project.store.engine)
        asked = project.site.requests
    assert message == f"sources: {SOURCES} read"
    feeds = [headers for path, headers in asked if path.startswith("/feed")]
    assert len(feeds) == SOURCES
    assert all("if-none-match" in headers for headers in feeds)
    assert {path for path, _ in asked if not path.startswith("/feed")} <= {"/robots.txt"}
    new = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    print(
        f"\n{SOURCES} sources with nothing new: {len(asked)} requests, {took:.1f} s ({processor:.1f} s of the processor, "
        f"the site's share included); new rows: {new}"
    )
    assert new == {"runs": 1}


def _rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
