"""Functions run apart: what they bring comes back whole, what they cost ends them and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.odd_functions import WHOLE, Whole, do, fill

from ivpipe import bounded
from ivpipe.errors import ExtractionError, PictureRefused


def pid() -> int:
    answer = do("pid")
    assert answer is not None
    return int(answer.names[0])


def test_results_come_back_as_they_were() -> None:
    assert do("answer") == WHOLE == do.__wrapped__("answer")  # type: ignore[attr-defined]
    assert type(do("answer")) is Whole
    assert do("nothing") is None


@pytest.mark.parametrize("size", [90_000_000, 600_000_000])
def test_what_was_used_within_another_budget_is_not_held_against_the_next(size: int) -> None:
    assert fill(size) == size
    assert do("answer") == WHOLE


def test_it_runs_in_one_process_that_is_kept() -> None:
    assert pid() == pid() != os.getpid()


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("loop", "doing this took more than 0.3 seconds of the processor"),
        ("sleep", "doing this took longer than 1.5 seconds"),
        ("eat", "doing this took more than 120 MB of memory"),
        ("nearly", "doing this took more than 120 MB of memory"),
        ("crash", "doing this ended its process twice (SIGSEGV)"),
        ("exit", "doing this ended its process twice (exit code 3)"),
        ("much", "doing this brought more than 1 MB"),
    ],
)
def test_what_is_over_its_budget_or_crashes_is_refused_and_the_next_is_done(what: str, why: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        do(what)
    assert (caught.value.message, caught.value.subject, caught.value.advice) == (why, what, "do that")
    assert not caught.value.retryable
    assert do("answer") == WHOLE


def test_a_process_that_somebody_kills_once_is_replaced(tmp_path: Path) -> None:
    assert do("killed", where=str(tmp_path / "once")) == WHOLE
    assert (tmp_path / "once").exists()


def test_errors_of_the_function_come_as_they_are_and_faults_with_their_traceback() -> None:
    with pytest.raises(PictureRefused) as refused:
        do("refuse")
    error = refused.value
    assert (error.message, error.subject, error.advice, error.retry_after) == ("no", "s", "a", 3.0)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: ours") as fault:
        do("fault")
    assert "odd_functions.py" in fault.value.__notes__[0]


def test_several_threads_are_served_each_with_its_own_answer(tmp_path: Path) -> None:
    def ask(number: int) -> bool:
        if number % 10 == 3:
            with pytest.raises(ExtractionError, match="of the processor"):
                do("loop")
            return True
        return do("answer" if number % 2 else "nothing") == (WHOLE if number % 2 else None)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(40)))


@pytest.mark.parametrize("what", ["answer", "loop"])
def test_it_ends_when_the_process_that_asked_is_killed(what: str) -> None:
    code = (
        "import os, threading, time\nfrom tests.odd_functions import do\n"
        "print(do('pid').names[0], flush=True)\n"
        f"threading.Thread(target=do, args=('{what}',)).start()\ntime.sleep(0.1)\nos.kill(os.getpid(), 9)"
    )
    asking = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert asking.returncode == -9
    process = int(asking.stdout)
    for _ in range(200):
        if not Path(f"/proc/{process}").exists() and not _there(process):
            return
        time.sleep(0.05)
    pytest.fail("it is still there")


def _there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_closed_it_starts_again() -> None:
    before = pid()
    bounded.close()
    assert not _there(before)
    assert pid() != before
