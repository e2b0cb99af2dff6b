"""Names of workers, and the locks that keep two runs of a kind apart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ivpipe.flows.work import chunks
from ivpipe.steps.workers import has_died, only_one, worker_name

NAME = "from ivpipe.steps.workers import worker_name; print(worker_name())"


def test_a_worker_that_runs_has_not_died() -> None:
    assert not has_died(worker_name())


def test_a_worker_whose_process_has_ended_has_died() -> None:
    done = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True)
    assert has_died(done.stdout.strip())


def test_of_other_machines_and_foreign_names_nothing_is_known() -> None:
    done = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True)
    place, pid, rest = done.stdout.strip().split("/")
    for owner in (f"elsewhere:1/{pid}/{rest}", f"{place}/x/{rest}", "worker-1", "", f"{place}//{rest}"):
        assert not has_died(owner)


def test_names_differ_and_fit_the_column() -> None:
    names = {worker_name() for _ in range(100)}
    assert len(names) == 100
    assert max(map(len, names)) <= 64
    assert all(f"/{os.getpid()}/" in name for name in names)


def test_only_one_holds_a_lock_and_it_comes_back(tmp_path: Path) -> None:
    with only_one(tmp_path, "translate") as first, only_one(tmp_path, "translate") as second:
        assert (first, second) == (True, False)
        with only_one(tmp_path, "publish-site") as other:
            assert other
    with only_one(tmp_path, "translate") as again:
        assert again


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time\nfrom ivpipe.steps.workers import only_one\n"
        "with only_one(pathlib.Path(sys.argv[1]), 'translate') as held:\n    print(held, flush=True)\n    time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        with only_one(tmp_path, "translate") as mine:
            assert not mine
        process.kill()
    with only_one(tmp_path, "translate") as mine:
        assert mine


def test_chunks_are_single_rows_when_few_and_at_most_fifty_when_many() -> None:
    for number, sizes in ((0, []), (3, [1] * 3), (25, [3] * 8 + [1]), (500, [50] * 10), (1234, [50] * 24 + [34])):
        cut = list(chunks(range(number)))
        assert [len(chunk) for chunk in cut] == sizes
        assert [row for chunk in cut for row in chunk] == list(range(number))


def test_a_process_that_was_given_the_number_of_a_dead_worker_is_not_that_worker() -> None:
    place, pid, rest = worker_name().split("/")
    start, _, chance = rest.partition(".")
    assert has_died(f"{place}/{pid}/{int(start, 16) + 1:x}.{chance}")
    # Where the start is not known (names of earlier versions, machines without /proc) the number has to do.
    assert not has_died(f"{place}/{pid}/{chance}")
    assert not has_died(f"{place}/{pid}/0.{chance}")
