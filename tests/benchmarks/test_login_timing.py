"""Whether the time of a refusal tells a name that exists from one that does not.

    IVPIPE_LOGIN_TRIES=1000 pytest tests/benchmarks/test_login_timing.py -s

A thousand attempts of each kind by default, in turn and in a random order, with every counter at its first attempt, so that
no wait is on. Once with quick hashes, in whose noise nothing else can hide, and once with real ones (several minutes).
Judged by Welch's t-test (and by Mann and Whitney's, which outliers do not sway).
"""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from math import erfc, sqrt
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete
from tests.blank import place_blank

from ivpipe.errors import Refused
from ivpipe.model import LoginCounter, Role
from ivpipe.steps import passwords
from ivpipe.steps.audit import Origin
from ivpipe.steps.login import Attempt, log_in
from ivpipe.steps.people import add_user, set_disabled
from ivpipe.store import Store

TRIES = int(os.environ.get("IVPIPE_LOGIN_TRIES", "1000"))
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "hasher", [PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), PasswordHasher()], ids=["quick", "real"]
)
def test_known_unknown_and_disabled_names_take_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hasher: PasswordHasher
) -> None:
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    passwords.hash_of_nobody.cache_clear()
    store = Store(place_blank(tmp_path / "ivpipe.db"))
    for name in ("known", "barred"):
        add_user(store, name, name, "a long password", [Role.EDITOR], NOW)
    set_disabled(store, "barred", True, NOW)
    kinds = {"known": "a wrong password", "barred": "a long password", "nobody": "a wrong password"}
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    dice = random.Random(1)
    for number in range(TRIES + 5):
        for kind in dice.sample(list(kinds), len(kinds)):
            with store.write() as session:
                session.execute(delete(LoginCounter))
            name = f"{kind}-{number}" if kind == "nobody" else kind
            attempt = Attempt(name, kinds[kind], origin=Origin(f"203.0.113.{number % 250}"))
            start = time.perf_counter()
            with pytest.raises(Refused, match="the name or the password is wrong"):
                log_in(store, attempt, b"key", timedelta(days=1), NOW)
            if number >= 5:
                took[kind].append(time.perf_counter() - start)
    store.close()
    for kind in ("nobody", "barred"):
        welch, rank = _welch(took["known"], took[kind]), _mann_whitney(took["known"], took[kind])
        means = f"{statistics.mean(took['known']) * 1e3:.2f} ms against {statistics.mean(took[kind]) * 1e3:.2f} ms"
        print(f"\nknown and {kind}: {means}, {TRIES} tries each; t {welch:.2f}, p {_p(welch):.2f}; U: p {_p(rank):.2f}")
        assert _p(welch) > 0.001
        assert _p(rank) > 0.001


def _p(z: float) -> float:
    """Two-sided, by the normal distribution: with so many tries Student's is the same."""
    return erfc(abs(z) / sqrt(2))


def _welch(one: list[float], other: list[float]) -> float:
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.mean(one) - statistics.mean(other)) / sqrt(spread)


def _mann_whitney(one: list[float], other: list[float]) -> float:
    """The normal approximation of U; ties in nanoseconds are rare."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_value, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    return (ranks - n * (n + m + 1) / 2) / sqrt(n * m * (n + m + 1) / 12)
