"""The translation memory: import, look-up on SQLite and PostgreSQL beside brute force, and the methods of Weblate and Pontoon.

Sizes come from the environment: IVPIPE_BENCH_UNITS (1,000,000), IVPIPE_BENCH_QUERIES (300) and IVPIPE_BENCH_PEER_UNITS
(100,000, for the peers' methods, which would take minutes a query on more). The units are ``memory_units``' invention.
The peers' methods are done anew from what their documentation and schemas say, not their code:

    Weblate   PostgreSQL's trigram index (``source % query``, pg_trgm), then similarity in Python
    Pontoon   PostgreSQL's Levenshtein ratio (fuzzystrmatch) on every entry whose length can reach the threshold
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psycopg
import pytest
from rapidfuzz import fuzz, process
from tests.benchmarks.memory_units import Units
from tests.servers.postgres import Postgres

from ivpipe.exchange.tmx import write_tmx
from ivpipe.memory import lookup
from ivpipe.model import LanguagePair, MemoryUnit
from ivpipe.steps.memory import import_tmx
from ivpipe.store import Store
from ivpipe.text.inline import escape_text, plain_text

UNITS = int(os.environ.get("IVPIPE_BENCH_UNITS", "1000000"))
QUERIES = int(os.environ.get("IVPIPE_BENCH_QUERIES", "300"))
PEER_UNITS = int(os.environ.get("IVPIPE_BENCH_PEER_UNITS", "100000"))
PEER_QUERIES = 25
WARM_UP = 50
PAIR = LanguagePair("fr", "en")
NOW = datetime(2026, 7, 1, tzinfo=UTC)
Best = tuple[str, float] | None


def brute_force(queries: Sequence[str], texts: Sequence[str]) -> list[Best]:
    found = [process.extractOne(query, texts, scorer=fuzz.ratio, score_cutoff=75) for query in queries]
    return [(one[0], one[1]) if one else None for one in found]


def timed(method: Callable[[str], Best], queries: Sequence[str]) -> tuple[list[Best], list[float]]:
    """Answers and milliseconds."""
    answers, times = [], []
    for query in queries:
        started = time.perf_counter()
        answers.append(method(query))
        times.append((time.perf_counter() - started) * 1000)
    return answers, times


def tell(name: str, queries: Sequence[str], best: list[Best], answers: list[Best], times: list[float]) -> float:
    """Print a line of the table; return the share of best matches found."""
    found = [
        answer is not None and fuzz.ratio(query, answer[0]) >= one[1] - 1e-6
        for query, one, answer in zip(queries, best, answers, strict=True)
        if one is not None
    ]
    share = sum(found) / max(1, len(found))
    ordered = sorted(times)
    print(
        f"  {name:<34} p50 {median(ordered):8.1f} ms   p95 {ordered[int(len(ordered) * 0.95)]:8.1f} ms   "
        f"best match found {share:6.1%} of {len(found)}"
    )
    return share


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


@pytest.mark.timeout(3600)
def test_memory_import_and_look_up(tmp_path: Path) -> None:
    units = Units(1)
    made = list(units.make(UNITS))
    file = tmp_path / "memory.tmx"
    with file.open("wb") as stream:
        write_tmx(stream, (MemoryUnit("fr", "en", *one, "Ada", NOW) for one in made), "fr", "1")
    texts = [plain_text(one.source) for one in made]
    del made
    draw = random.Random(7)
    queries = [units.edited(text) for text in draw.sample(texts, QUERIES)]
    warm_up = [units.edited(text) for text in draw.sample(texts, WARM_UP)]
    best, brute_times = timed(lambda query: brute_force([query], texts)[0], queries)
    print(f"\nTranslation memory of {UNITS:,} units, {QUERIES} edited sentences; {load()}")
    tell("brute force (rapidfuzz, all units)", queries, best, best, brute_times)
    with Postgres() as server:
        for name, url in (("SQLite", f"sqlite:///{tmp_path / 'm.db'}"), ("PostgreSQL", server.new_database())):
            store = Store(url)
            store.migrate()
            started, spent = time.perf_counter(), time.process_time()
            done = import_tmx(store, file, NOW)
            seconds = time.perf_counter() - started
            print(
                f"  {name}: import {done.read / seconds:,.0f} units/s "
                f"({seconds:.0f} s; {time.process_time() - spent:.0f} s of them ours on a processor); {load()}"
            )
            with store.read() as session:

                def ours(query: str) -> Best:
                    matches = lookup(session, PAIR, escape_text(query))
                    return (plain_text(matches[0].source), matches[0].score) if matches else None

                _, cold = timed(ours, warm_up)
                print(f"  {name}: the first {WARM_UP} look-ups of a process, median {median(cold):.1f} ms")
                answers, times = timed(ours, queries)
            share = tell(f"ivpipe on {name}", queries, best, answers, times)
            store.close()
            assert share >= 0.99


@pytest.mark.timeout(3600)
def test_memory_beside_the_methods_of_weblate_and_pontoon(tmp_path: Path) -> None:
    units = Units(2)
    texts = [plain_text(one.source) for one in units.make(PEER_UNITS)]
    queries = [units.edited(text) for text in random.Random(8).sample(texts, PEER_QUERIES)]
    file = tmp_path / "memory.tmx"
    with file.open("wb") as stream:
        write_tmx(stream, (MemoryUnit("fr", "en", escape_text(text), "x", "", NOW) for text in texts), "fr", "1")
    best, brute_times = timed(lambda query: brute_force([query], texts)[0], queries)
    print(f"\nMethods side by side, {PEER_UNITS:,} units, {PEER_QUERIES} edited sentences; {load()}")
    tell("brute force (rapidfuzz, all units)", queries, best, best, brute_times)
    with Postgres() as server:
        store = Store(server.new_database())
        store.migrate()
        import_tmx(store, file, NOW)
        with store.read() as session:

            def ours(query: str) -> Best:
                matches = lookup(session, PAIR, escape_text(query))
                return (plain_text(matches[0].source), matches[0].score) if matches else None

            tell("ivpipe on PostgreSQL", queries, best, *timed(ours, queries))
        store.close()
        with psycopg.connect(server.new_database(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            connection.execute("CREATE EXTENSION fuzzystrmatch")
            connection.execute("CREATE TABLE memory (source text)")
            with connection.cursor() as cursor, cursor.copy("COPY memory FROM STDIN") as copy:
                for text in texts:
                    copy.write_row((text,))
            connection.execute("CREATE INDEX ON memory USING gin (source gin_trgm_ops)")
            connection.execute("ANALYZE memory")
            connection.execute("SET pg_trgm.similarity_threshold = 0.5")

            def weblate(query: str) -> Best:
                rows = connection.execute("SELECT source FROM memory WHERE source %% %s", (query,)).fetchall()
                return brute_force([query], [source for (source,) in rows])[0]

            def pontoon(query: str) -> Best:
                rows = connection.execute(
                    "SELECT source FROM (SELECT source, (length(source) + length(%(q)s) - levenshtein(%(q)s, source, 1, 1, 2))"
                    " * 100.0 / (length(source) + length(%(q)s)) AS ratio FROM memory"
                    " WHERE length(source) BETWEEN length(%(q)s) * 0.6 AND length(%(q)s) / 0.6"
                    " AND octet_length(source) <= 255) scored WHERE ratio >= 70 ORDER BY ratio DESC LIMIT 5",
                    {"q": query[:200]},
                ).fetchall()
                return brute_force([query], [source for (source,) in rows])[0]

            tell("Weblate's method (trigrams)", queries, best, *timed(weblate, queries))
            tell("Pontoon's method (Levenshtein)", queries, best, *timed(pontoon, queries))
