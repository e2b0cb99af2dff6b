"""One machine: how soon `ivpipe up` answers again, what it weighs when idle, and how soon after its approval a page is
there for readers, on a static site, a SPIP (by its forms, by its PHP file) and a WordPress.

make bench, or: pytest tests/benchmarks/test_one_machine.py --override-ini addopts="--import-mode=importlib" -s
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil
import pytest
from tests.browser.test_demo import free_offset
from tests.builders import add_article, add_person
from tests.servers import spip as spip_server
from tests.servers.example_page import EXAMPLE as PAGE
from tests.servers.spip import Spip
from tests.servers.wordpress import WordPress

from ivpipe.model import Policy, Publication
from ivpipe.model.lifecycle import Role
from ivpipe.steps import draft, review
from ivpipe.wiring import open_app

APPROVALS = 20
EXAMPLE = Path(__file__).resolve().parents[2] / "src/ivpipe/demo/example/config"
HOUR = timedelta(hours=1)
AIMS = {"web": 3.0, "spip-forms": 8.0, "spip-file": 8.0, "wordpress": 5.0}
"""Seconds from approval to live, on each target."""


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


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a plain web server on a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def write_targets(folder: Path, web: str, spip: Spip, wordpress: WordPress) -> None:
    (folder / "site.toml").unlink()
    account = f'type = "spip"\nurl = "{spip.url}"\nlogin = "{spip_server.LOGIN}"\nsection = 1\nstatus = "publie"\n'
    texts = {
        "web": f'type = "static_site"\nbase_url = "{web}"\n',
        "spip-forms": f'{account}password_env = "SPIP_PASSWORD"\n',
        "spip-file": f'{account}driver = "file"\ntoken_env = "SPIP_TOKEN"\n',
        "wordpress": f'type = "wordpress"\nurl = "{wordpress.url}"\nuser = "{wordpress.editor.name}"\n',
    }
    for slug, text in texts.items():
        (folder / f"{slug}.toml").write_text(text)


@pytest.mark.timeout(900)
def test_approval_to_live_restart_and_idle_memory(
    tmp_path: Path, spip: Spip, wordpress: WordPress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIP_PASSWORD", spip_server.PASSWORD)
    monkeypatch.setenv("SPIP_TOKEN", spip_server.TOKEN)
    monkeypatch.setenv("WORDPRESS_APP_PASSWORD", wordpress.editor.password)
    offset = free_offset()
    shutil.copytree(EXAMPLE, tmp_path / "config")
    main = tmp_path / "config/ivpipe.toml"
    text = re.sub(r"(?m)^port = 8000", f"port = {8000 + offset}", main.read_text())
    text = re.sub(r"(?ms)^\[engines\].*?(?=^\[review\])", '[engines]\norder = ["dummy"]\n\n', text)
    main.write_text(text)
    for source in (tmp_path / "config/sources").glob("demo-*.toml"):
        source.unlink()
    rows = range(1, APPROVALS * len(AIMS) + 1)
    with served(tmp_path / "var/site") as web:
        write_targets(tmp_path / "config/targets", web, spip, wordpress)
        waits, first, second, idle = measured(tmp_path, rows, 4200 + offset)
    print(
        f"\nivpipe up: first {first:.1f} s, again {second:.1f} s until all three answer\n"
        f"idle: {idle['rss']} MB resident (shared pages counted once: {idle['pss']} MB)\n"
        f"approval to the page as a reader gets it, {APPROVALS} times each"
    )
    for target, aim in AIMS.items():
        seconds = sorted(waits[target])
        p50, p95 = seconds[APPROVALS // 2], seconds[int(APPROVALS * 0.95) - 1]
        print(f"  {target:<11} p50 {p50:.2f} s, p95 {p95:.2f} s, worst {seconds[-1]:.2f} s (aim: p95 {aim:g} s)")


def measured(home: Path, rows: range, prefect_port: int) -> tuple[dict[str, list[float]], float, float, dict[str, int]]:
    """Seconds from each approval to live by target; seconds until `ivpipe up` answers, the first time and again; memory."""
    with open_app(home, check=False) as app:
        app.store.migrate()
        tess, edith = add_person(app.store, "tess", Role.TRANSLATOR), add_person(app.store, "edith", Role.EDITOR)
        for number in rows:
            url, title = f"https://vergers.example/{number}", f"Titre {number}."
            add_article(app.store, replace(PAGE.document, url=url, canonical_url=url, lang="fr", title=title))
        with app.store.write() as session:  # the example's source that is left
            session.connection().exec_driver_sql("UPDATE articles SET source_slug = 'lanticapitaliste'")
        now = datetime.now(UTC)
        for row in rows:
            draft.draft_translation(app.store, row, app.engines, now, "w")
            review.claim(app.store, row, tess, HOUR, now)
            review.submit(app.store, row, tess, "", now)

        process, first = up(home, prefect_port)
        stop(process)
        process, second = up(home, prefect_port)
        try:
            waits: dict[str, list[float]] = {target: [] for target in AIMS}
            for row in rows:
                target = list(AIMS)[row % len(AIMS)]
                started = time.monotonic()
                (publication,) = review.approve(app.store, row, edith, Policy(), [target], "", datetime.now(UTC))
                while True:
                    with app.store.read() as session:
                        found = session.get_one(Publication, publication)
                        if found.live_revision == 1:
                            break
                    assert time.monotonic() - started < 60, found.last_error
                    time.sleep(0.02)
                assert f"Titre {row}." in unescape(httpx.get(found.remote_url).text)
                waits[target].append(time.monotonic() - started)
                time.sleep(0.37)  # people do not approve in step with our own clock
            time.sleep(20)
            return waits, first, second, memory(process)
        finally:
            stop(process)
