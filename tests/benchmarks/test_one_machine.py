"""One machine: how soon `ivpipe up` answers again, what it weighs when idle, and how soon an approved page is live."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from tests.browser.test_demo import free_offset
from tests.builders import HARBOUR, add_article, add_person

from ivpipe.model import Policy, Publication
from ivpipe.model.lifecycle import Role
from ivpipe.steps import draft, review
from ivpipe.wiring import open_app

APPROVALS = 20
EXAMPLE = Path(__file__).resolve().parents[2] / "src/ivpipe/demo/example/config"
HOUR = timedelta(hours=1)


def up(home: Path, prefect_port: int) -> tuple[subprocess.Popen[str], float]:
    """Start `ivpipe up`; return it, and the seconds until all three answered."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "ivpipe.cli", "--home", str(home), "up", "--quiet", "--prefect-port", str(prefect_port)],
        stdout=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "IVPIPE_"))},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C" in line:
            return process, time.monotonic() - started
    raise AssertionError("ivpipe up ended")


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def memory(process: subprocess.Popen[str]) -> dict[str, int]:
    """Resident and proportional megabytes of the process and all it started."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    sizes = [one.memory_full_info() for one in family]
    return {"rss": sum(size.rss for size in sizes) >> 20, "pss": sum(size.pss for size in sizes) >> 20}


def test_approval_to_live_restart_and_idle_memory(tmp_path: Path) -> None:
    offset = free_offset()
    shutil.copytree(EXAMPLE, tmp_path / "config")
    main = tmp_path / "config/ivpipe.toml"
    text = re.sub(r"(?m)^port = 8000", f"port = {8000 + offset}", main.read_text())
    text = re.sub(r"(?ms)^\[engines\].*?(?=^\[review\])", '[engines]\norder = ["dummy"]\n\n', text)
    main.write_text(text)
    for source in (tmp_path / "config/sources").glob("demo-*.toml"):
        source.unlink()
    with open_app(tmp_path, check=False) as app:
        app.store.migrate()
        tess, edith = add_person(app.store, "tess", Role.TRANSLATOR), add_person(app.store, "edith", Role.EDITOR)
        for number in range(1, APPROVALS + 1):
            add_article(app.store, replace(HARBOUR, url=f"https://semaine.example/{number}", title=f"Titre {number}"))
        with app.store.write() as session:  # the example's source that is left
            session.connection().exec_driver_sql("UPDATE articles SET source_slug = 'lanticapitaliste'")
        now = datetime.now(UTC)
        for row in range(1, APPROVALS + 1):
            draft.draft_translation(app.store, row, app.engines, now, "w")
            review.claim(app.store, row, tess, HOUR, now)
            review.submit(app.store, row, tess, "", now)

        process, first = up(tmp_path, 4200 + offset)
        stop(process)
        process, second = up(tmp_path, 4200 + offset)
        try:
            waits = []
            for row in range(1, APPROVALS + 1):
                started = time.monotonic()
                (publication,) = review.approve(app.store, row, edith, Policy(), ["site"], "", datetime.now(UTC))
                while True:
                    with app.store.read() as session:
                        if session.get_one(Publication, publication).live_revision == 1:
                            break
                    assert time.monotonic() - started < 60
                    time.sleep(0.02)
                waits.append(time.monotonic() - started)
                time.sleep(0.37)  # people do not approve in step with our own clock
            time.sleep(20)
            idle = memory(process)
        finally:
            stop(process)
    waits.sort()
    print(
        f"\nivpipe up: first {first:.1f} s, again {second:.1f} s until all three answer\n"
        f"approval to live, {APPROVALS} times: p50 {waits[APPROVALS // 2]:.2f} s, "
        f"p95 {waits[int(APPROVALS * 0.95) - 1]:.2f} s, worst {waits[-1]:.2f} s\n"
        f"idle: {idle['rss']} MB resident (shared pages counted once: {idle['pss']} MB)"
    )
