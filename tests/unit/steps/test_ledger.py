"""The ledger of what engines bill is ahead of the engine at every moment, and equal to it when all went well."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import deepl
import pytest
from sqlalchemy import select
from tests.builders import HARBOUR, NOW, Died, RecordingEngine, add_article
from tests.servers.deepl_stand_in import KEY, DeepLStandIn

from ivpipe.engines import EngineResult, EngineText
from ivpipe.engines.deepl import DeepL
from ivpipe.errors import BudgetSpent, EngineAuth, EngineError, EngineTransient
from ivpipe.model import Block, BlockType, EngineUse, UseState
from ivpipe.steps.cost import Terms, billed_this_month
from ivpipe.steps.draft import draft_translation
from ivpipe.steps.ledger import Ledger, close_old_uses, close_uses_of_the_dead, unsettled_this_month
from ivpipe.store import Store
from ivpipe.text.inline import plain_text

KILLS = int(os.environ.get("IVPIPE_LEDGER_KILLS", "3"))
"""Sixty and more for a long trial."""
LONG = replace(
    HARBOUR, blocks=tuple(Block(BlockType.PARAGRAPH, f"Ceci est la phrase numéro {number}.") for number in range(300))
)
WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ivpipe.engines.deepl import DeepL
from ivpipe.steps.draft import draft_translation
from ivpipe.store import Store

store = Store(sys.argv[1])
engine = DeepL(DeepL.Settings(server_url=sys.argv[2]), data_dir=Path(sys.argv[3]))
draft_translation(store, 1, [engine], datetime.now(UTC), sys.argv[4])
"""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeepLStandIn]:
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    monkeypatch.setattr(deepl.http_client, "max_network_retries", 0)
    with DeepLStandIn() as running:
        yield running


def uses(store: Store) -> list[tuple[UseState, int]]:
    with store.read() as session:
        return [(use.state, use.billed) for use in session.scalars(select(EngineUse).order_by(EngineUse.id))]


def total(store: Store) -> int:
    return sum(billed for _state, billed in uses(store))


@pytest.mark.slow
def test_killed_worker_never_leaves_the_ledger_behind_the_engine(
    store: Store, service: DeepLStandIn, tmp_path: Path
) -> None:
    add_article(store, LONG)
    dice = random.Random(10)
    url = store.url.render_as_string(hide_password=False)

    def worker(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", WORKER, url, service.url, str(tmp_path), name])

    for number in range(KILLS):
        before = len(service.requests)
        with worker("same owner") as process:
            while len(service.requests) == before and process.poll() is None:
                time.sleep(0.001)
            time.sleep(dice.uniform(0.0, 0.03))  # the moment is what is random here
            process.send_signal(signal.SIGKILL)
        time.sleep(0.05)  # what the dead worker had sent is still being answered
        assert total(store) >= service.count > 0, f"after kill {number}"
    close_uses_of_the_dead(store, lambda owner: owner == "same owner")
    assert UseState.OPEN not in dict(uses(store))
    lost = sum(billed for state, billed in uses(store) if state is UseState.PRESUMED)
    with worker("same owner") as process:
        assert process.wait() == 0
    assert total(store) >= service.count
    assert total(store) - service.count <= lost, "what no kill hit is settled to the character"
    with store.read() as session:
        assert unsettled_this_month(session, NOW) == {"in flight": 0, "lost": lost}


def test_request_is_counted_before_it_goes_and_settled_after(store: Store) -> None:
    add_article(store)
    seen = []

    class Looking(RecordingEngine):
        def translate(self, *asked: Any) -> list[EngineResult]:
            seen.append(uses(store)[-1])
            return [replace(result, billed=1) for result in super().translate(*asked)]

    engine = Looking(max_texts=50)
    draft_translation(store, 1, [engine], NOW, "w")
    assert seen == [(UseState.OPEN, sum(len(plain_text(text)) for text in engine.sent))]
    assert uses(store) == [(UseState.SETTLED, len(engine.sent))]


def test_death_in_flight_counts_fully_and_is_shown_until_the_month_ends(store: Store) -> None:
    add_article(store)

    class Dying(RecordingEngine):
        def translate(self, *asked: Any) -> list[EngineResult]:
            super().translate(*asked)
            raise Died

    engine = Dying(max_texts=50)
    with pytest.raises(Died):
        draft_translation(store, 1, [engine], NOW, "w")
    sent = sum(len(plain_text(text)) for text in engine.sent)
    with store.read() as session:
        assert billed_this_month(session, NOW) == {"recording": sent}
        assert unsettled_this_month(session, NOW) == {"in flight": sent, "lost": 0}
    assert close_uses_of_the_dead(store, lambda owner: owner == "another") == 0
    assert close_old_uses(store, NOW + timedelta(minutes=59)) == 0
    assert close_old_uses(store, NOW + timedelta(minutes=61)) == 1
    with store.read() as session:
        assert unsettled_this_month(session, NOW) == {"in flight": 0, "lost": sent}
        assert unsettled_this_month(session, NOW + timedelta(days=40)) == {"in flight": 0, "lost": 0}


@pytest.mark.parametrize(
    ("fault", "kept"),
    [("403", False), ("429", False), ("456", False), ("503", False), ("500", True), ("half", True), ("html", True)],
)
def test_failure_is_taken_back_only_where_nothing_can_have_been_billed(
    store: Store, service: DeepLStandIn, tmp_path: Path, fault: str, kept: bool
) -> None:
    add_article(store)
    engine = DeepL(DeepL.Settings(server_url=service.url), data_dir=tmp_path)
    service.faults.append(fault)
    with pytest.raises(EngineError):
        draft_translation(store, 1, [engine], NOW, "w")
    assert [state for state, _billed in uses(store)] == ([UseState.PRESUMED] if kept else [])
    assert total(store) >= service.count
    engine.close()


def test_service_that_is_not_there_bills_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    monkeypatch.setattr(deepl.http_client, "max_network_retries", 0)
    add_article(store)
    with DeepLStandIn() as gone:
        url = gone.url
    engine = DeepL(DeepL.Settings(server_url=url), data_dir=tmp_path)
    with pytest.raises(EngineTransient):
        draft_translation(store, 1, [engine], NOW, "w")
    assert uses(store) == []
    engine.close()


def test_text_that_is_sent_another_time_is_counted_before_it_goes(
    store: Store, service: DeepLStandIn, tmp_path: Path
) -> None:
    add_article(store)
    engine = DeepL(DeepL.Settings(server_url=service.url), data_dir=tmp_path)
    service.always = "drop"
    ahead = []
    answer = service.translate

    def watched(*arguments: Any) -> tuple[int, dict[str, Any]]:
        answered = answer(*arguments)
        ahead.append(total(store) - service.count)
        return answered

    service.translate = watched  # type: ignore[method-assign]
    draft_translation(store, 1, [engine], NOW, "w")
    assert len(ahead) > 1
    assert min(ahead) >= 0
    assert total(store) == service.count
    engine.close()


def test_two_workers_do_not_both_take_the_last_of_the_budget(store: Store) -> None:
    engine = RecordingEngine()
    add_article(store)
    ledger = Ledger(store, engine, Terms(monthly=100), NOW, None, "w")
    taken: list[int] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        for _ in range(5):
            try:
                taken.append(ledger.reserve([EngineText("x" * 9)]))
            except BudgetSpent:
                return

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), total(store)) == (11, 99)
    ledger.give_up(taken[0], may_bill=False)
    ledger.give_up(taken[1], may_bill=True)
    assert total(store) == 90
    assert EngineAuth("no").may_bill is False
