"""Guesses side by side, waits that grow and end, and tables that stay small."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from ivpipe.errors import Refused, TooManyAttempts
from ivpipe.model import Counted, DeskSession, KnownBrowser, LoginCounter, PersonEvent, PersonEventKind, Role
from ivpipe.steps import audit, login, passwords
from ivpipe.steps.audit import Origin, list_events
from ivpipe.steps.login import Attempt, forget_old_logins, load_login_key, log_in, session_of
from ivpipe.steps.people import add_user, set_disabled
from ivpipe.store import Store

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY = b"key"
MONTH = timedelta(days=30)
RIGHT, WRONG = "a long password", "a wrong password"


class CountingHasher(PasswordHasher):
    """Quick, and counts the passwords it looks at."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.looked_at = 0
        self._adding = threading.Lock()

    def verify(self, *arguments: object) -> bool:  # type: ignore[override]
        with self._adding:
            self.looked_at += 1
        return super().verify(*arguments)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "_HASHER", counting)
    passwords.hash_of_nobody.cache_clear()
    return counting


@pytest.fixture
def ana(store: Store) -> Store:
    add_user(store, "ana", "Ana Ruiz", RIGHT, [Role.EDITOR], NOW)
    return store


def attempt(
    store: Store, name: str = "ana", password: str = WRONG, *, at: datetime = NOW, address: str = "", token: str = ""
) -> str:
    """What came of it: "in", "wrong", or for how many seconds to wait."""
    try:
        log_in(store, Attempt(name, password, token, Origin(address)), KEY, MONTH, at)
    except TooManyAttempts as error:
        return f"{error.retry_after:.0f}"
    except Refused:
        return "wrong"
    return "in"


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_two_hundred_guesses_side_by_side_are_five_looked_at(
    ana: Store, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(login, "_AT_ONCE", threading.BoundedSemaphore(200))
    start = threading.Barrier(40)

    def guess(number: int) -> str:
        if number < 40:
            start.wait()
        return attempt(ana, name, f"guess {number}")

    with ThreadPoolExecutor(40) as pool:
        answers = Counter(pool.map(guess, range(200)))
    assert hasher.looked_at == 5
    assert answers == {"wrong": 5, "60": 195}
    refused = Counter(event.kind for event in list_events(ana) if event.kind != PersonEventKind.ADDED)
    assert refused == {PersonEventKind.WRONG: 5, PersonEventKind.THROTTLED: 1}, "one refusal a wait is noted"


def test_more_attempts_at_once_than_can_be_served_are_sent_away_uncounted(
    ana: Store, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "_AT_ONCE", threading.BoundedSemaphore(1))
    with login._AT_ONCE:
        assert attempt(ana, password=RIGHT) == "5"
    with ana.read() as session:
        assert session.scalar(select(func.count()).select_from(LoginCounter)) == 0
    assert (hasher.looked_at, attempt(ana, password=RIGHT)) == (0, "in")


def test_flood_of_strangers_keeps_nobody_out_of_a_known_browser(ana: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    token = log_in(ana, Attempt("ana", RIGHT), KEY, MONTH, NOW).browser_token
    monkeypatch.setattr(login, "_AT_ONCE", threading.BoundedSemaphore(1))
    with login._AT_ONCE:  # as the guesses of a flood would
        assert attempt(ana, password=RIGHT) == "5"
        assert attempt(ana, password=RIGHT, token="not ours") == "5"
        assert attempt(ana, password=RIGHT, token=token) == "in"


def test_waits_double_up_to_an_hour_and_end_after_a_quiet_day(ana: Store) -> None:
    at = NOW
    for _ in range(5):
        assert attempt(ana, at=at) == "wrong"
    waits = []
    for _ in range(9):
        waits.append(int(attempt(ana, at=at)) // 60)
        at += timedelta(minutes=waits[-1])
        assert attempt(ana, at=at - timedelta(seconds=1)) == "1"
        assert attempt(ana, at=at) == "wrong"
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    at += timedelta(days=1, minutes=1)
    assert [attempt(ana, at=at) for _ in range(6)] == ["wrong"] * 5 + ["60"]


def test_right_password_starts_the_count_anew(ana: Store) -> None:
    for _ in range(3):
        assert [attempt(ana) for _ in range(4)] == ["wrong"] * 4
        assert attempt(ana, password=RIGHT) == "in"


def test_address_waits_whatever_names_it_tries_and_its_own_success_buys_it_nothing(ana: Store) -> None:
    for number in range(19):
        assert attempt(ana, f"nobody-{number}", address="203.0.113.7") == "wrong"
        assert attempt(ana, password=RIGHT, address="203.0.113.7") == "in"
    assert attempt(ana, "somebody", address="203.0.113.7") == "wrong"
    assert attempt(ana, password=RIGHT, address="203.0.113.7") == "60"
    assert attempt(ana, password=RIGHT, address="203.0.113.8") == "in"


def test_address_of_ipv6_is_its_network(ana: Store) -> None:
    for number in range(20):
        attempt(ana, f"nobody-{number}", address=f"2001:db8:1:2:{number:x}::1")
    assert attempt(ana, "somebody", address="2001:db8:1:2::ffff") == "60"
    assert attempt(ana, "somebody", address="2001:db8:1:3::1") == "wrong"
    assert attempt(ana, "somebody", address="::ffff:203.0.113.7") == "wrong"
    with ana.read() as session:
        addresses = session.scalars(select(LoginCounter.key).where(LoginCounter.kind == Counted.ADDRESS))
        assert set(addresses) == {"address 2001:db8:1:2::/64", "address 2001:db8:1:3::/64", "address 203.0.113.7"}


def test_disabled_user_is_answered_as_anybody(ana: Store, hasher: CountingHasher) -> None:
    set_disabled(ana, "ana", True, NOW)
    assert [attempt(ana, password=RIGHT) for _ in range(6)] == ["wrong"] * 5 + ["60"]
    assert hasher.looked_at == 5


def test_password_changed_while_it_was_compared_opens_nothing(ana: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from ivpipe.steps.people import set_password

    def matches(password_hash: str | None, password: str) -> bool:
        set_password(ana, "ana", "quite another password", NOW)
        return True

    monkeypatch.setattr(login, "password_matches", matches)
    assert attempt(ana, password=RIGHT) == "wrong"
    with ana.read() as session:
        assert session.scalar(select(func.count()).select_from(DeskSession)) == 0


def test_password_of_a_megabyte_is_not_hashed(ana: Store, hasher: CountingHasher) -> None:
    assert (attempt(ana, password="x" * 1_000_000), hasher.looked_at) == ("wrong", 0)


def test_session_follows_its_user(ana: Store) -> None:
    opened = log_in(ana, Attempt("Ana ", RIGHT), KEY, MONTH, NOW)
    assert session_of(ana, opened.token, NOW) is not None
    assert session_of(ana, opened.token, NOW + timedelta(days=31)) is None
    set_disabled(ana, "ana", True, NOW)
    assert session_of(ana, opened.token, NOW) is None


def test_invented_names_and_addresses_do_not_fill_the_tables(ana: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_MOST_COUNTERS", 20)
    monkeypatch.setattr(login, "_PRUNED_ONE_IN", 1)
    monkeypatch.setattr(audit, "_MOST_REFUSALS", 30)
    attempt(ana, address="198.51.100.1")
    for number in range(60):
        attempt(ana, f"nobody-{number}", address=f"203.0.113.{number}", at=NOW + timedelta(seconds=number + 1))
    with ana.read() as session:
        kinds = dict(session.execute(select(LoginCounter.kind, func.count()).group_by(LoginCounter.kind)).all())
        refusals = session.scalar(select(func.count()).where(PersonEvent.kind == PersonEventKind.WRONG))
    assert kinds == {Counted.USER: 1, Counted.UNKNOWN: 20, Counted.ADDRESS: 20}, "a user's is never pushed out"
    assert refusals == 30


def test_browsers_of_one_user_are_bounded(ana: Store) -> None:
    tokens = [
        log_in(ana, Attempt("ana", RIGHT), KEY, MONTH, NOW + timedelta(days=day)).browser_token for day in range(25)
    ]
    with ana.read() as session:
        assert session.scalar(select(func.count()).select_from(KnownBrowser)) == 20
    later = NOW + timedelta(days=25)
    for _ in range(6):
        attempt(ana, at=later)
    assert attempt(ana, password=RIGHT, at=later, token=tokens[0]) == "60"
    assert attempt(ana, password=RIGHT, at=later, token=tokens[-1]) == "in"


def test_old_rows_are_forgotten(ana: Store) -> None:
    attempt(ana)
    attempt(ana, password=RIGHT)
    attempt(ana, "nobody")

    def left() -> list[int | None]:
        tables = (DeskSession, KnownBrowser, LoginCounter, PersonEvent)
        with ana.read() as session:
            return [session.scalar(select(func.count()).select_from(table)) for table in tables]

    counts = []
    for days in (0, 2, 31, 366, 401):
        forget_old_logins(ana, NOW + timedelta(days=days))
        counts.append(left())
    assert counts == [[1, 1, 1, 4], [1, 1, 0, 4], [0, 1, 0, 2], [0, 0, 0, 2], [0, 0, 0, 0]]


def test_login_key_is_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "var" / "login.key"
    key = load_login_key(path)
    assert (len(key), load_login_key(path), path.stat().st_mode & 0o777) == (64, key, 0o600)
    assert [file.name for file in path.parent.iterdir()] == ["login.key"]
