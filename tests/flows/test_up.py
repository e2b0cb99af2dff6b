"""A whole ``ivpipe up``: what it missed, what kills it, and what it does without some of its parts."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.flows.projects import Project, serve_articles, write_project
from tests.servers.http_site import HttpSite, Request, running_site
from tests.servers.running_up import Up, clean_environment, configure, free_ports, marked, running_up, start, until

from ivpipe.model import Run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FLOWS = ("ingest", "translate", "publish", "reconcile")
EVERY = timedelta(minutes=int(os.environ.get("IVPIPE_MISSED_EVERY", "30")))
"""How often each flow was to run in the eight hours that are missed."""


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with running_site() as site:
        serve_articles(site, 0)
        yield site


def pid_of(up: Up, part: str) -> int:
    return int(json.loads((up.home / "var" / "up.json").read_text())["parts"][part]["pid"])


def runs_of(project: Project) -> list[Run]:
    with project.store.read() as session:
        return list(session.scalars(select(Run).order_by(Run.id)))


def miss_eight_hours(up: Up) -> int:
    """Put into Prefect what its scheduler would have made in eight hours, all of it in the past; how many runs."""
    now = datetime.now(UTC)
    made = 0
    with up.client() as client:
        deployments = client.post("/deployments/filter", json={}).raise_for_status().json()
        for deployment in deployments:
            for back in range(1, int(timedelta(hours=8) / EVERY) + 1):
                state = {
                    "type": "SCHEDULED",
                    "state_details": {"scheduled_time": (now - timedelta(minutes=2) - back * EVERY).isoformat()},
                }
                path = f"/deployments/{deployment['id']}/create_flow_run"
                # A server whose database is busy says so with 503; its own clients ask again, as we do.
                assert until(lambda path=path, state=state: client.post(path, json={"state": state}).is_success)
                made += 1
    with sqlite3.connect(up.home / "var" / "prefect" / "prefect.db", timeout=60) as connection:
        connection.execute("UPDATE flow_run SET auto_scheduled = 1 WHERE state_type = 'SCHEDULED'")
    return made


def overdue(up: Up) -> int:
    with up.client() as client:
        wanted = {
            "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}},
            "expected_start_time": {"before_": datetime.now(UTC).isoformat()},
        }
        return int(client.post("/flow_runs/count", json={"flow_runs": wanted}).raise_for_status().json())


def test_of_eight_hours_that_were_missed_one_run_of_each_flow_is_made_up_for(site: HttpSite, tmp_path: Path) -> None:
    project = write_project(tmp_path / "home", site)
    far = (datetime.now(UTC) + timedelta(minutes=30)).minute
    with running_up(project.home, schedule=f"{far} * * * *") as up:
        # Switched off: the process that serves the flows was not there; it looks before it begins to serve.
        serving = pid_of(up, "flows")
        os.kill(serving, signal.SIGSTOP)
        assert miss_eight_hours(up) >= 64
        os.kill(serving, signal.SIGKILL)
        assert until(lambda: {run.flow for run in runs_of(project) if run.finished_at} == set(FLOWS), 180)
        assert until(lambda: overdue(up) == 0, 120)
        assert Counter(run.flow for run in runs_of(project)) == dict.fromkeys(FLOWS, 1)
        assert site.paths.count("/feed") == 1

        # Asleep: it was there, and goes on; some missed runs may begin before it has looked, but then do nothing.
        with project.store.write() as session:  # what ran just now ran before the night
            for run in session.scalars(select(Run)):
                run.started_at -= timedelta(hours=9)
        assert until(lambda: pid_of(up, "flows") != serving)
        serving = pid_of(up, "flows")
        os.kill(serving, signal.SIGSTOP)
        miss_eight_hours(up)
        os.kill(serving, signal.SIGCONT)
        assert until(lambda: Counter(run.flow for run in runs_of(project)) == dict.fromkeys(FLOWS, 2), 180)
        assert until(lambda: overdue(up) == 0, 180)
        assert Counter(run.flow for run in runs_of(project)) == dict.fromkeys(FLOWS, 2)
        assert site.paths.count("/feed") == 2


def test_a_run_asked_for_by_hand_is_never_dropped_or_skipped(site: HttpSite, tmp_path: Path) -> None:
    project = write_project(tmp_path / "home", site)
    with running_up(project.home) as up:
        serving = pid_of(up, "flows")
        os.kill(serving, signal.SIGSTOP)
        with up.client() as client:
            (ingest,) = (
                client.post("/deployments/filter", json={"deployments": {"name": {"any_": ["ingest"]}}})
                .raise_for_status()
                .json()
            )
            for hours in (3, 2):
                scheduled = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
                state = {"type": "SCHEDULED", "state_details": {"scheduled_time": scheduled}}
                client.post(f"/deployments/{ingest['id']}/create_flow_run", json={"state": state}).raise_for_status()
        os.kill(serving, signal.SIGKILL)
        assert until(lambda: len([run for run in runs_of(project) if run.finished_at]) == 2, 180)
        assert [run.flow for run in runs_of(project)] == ["ingest", "ingest"]


@pytest.mark.parametrize("spared", ["prefect.engine", "nothing"])
def test_a_killed_up_comes_up_again_by_itself_and_closes_what_was_running(
    site: HttpSite, tmp_path: Path, spared: str
) -> None:
    """With the run of the flow itself spared: a grandchild, of which the kernel knows nothing; or with everything killed."""
    project = write_project(tmp_path / "home", site)
    home = project.home
    serve_articles(site, 1)
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Request) -> None:
        asked.set()
        go_on.wait(120)
        request.reply(404)

    page, site.pages["/article-1"] = site.pages["/article-1"], slow
    desk, prefect = free_ports(2)
    configure(home, desk, prefect)
    up = start(home, desk, prefect)
    again = None
    try:
        assert until(lambda: up.ready("flows"), 240), up.said
        with up.client() as client:
            (ingest,) = client.post("/deployments/filter", json={"deployments": {"name": {"any_": ["ingest"]}}}).json()
            client.post(f"/deployments/{ingest['id']}/create_flow_run", json={}).raise_for_status()
        assert asked.wait(120)
        for pid, command in {up.process.pid: "", **marked(home)}.items():
            if spared not in command:
                os.kill(pid, signal.SIGKILL)
        up.process.wait()
        orphans = marked(home)
        assert [run.finished_at for run in runs_of(project)] == [None]

        site.pages["/article-1"] = page
        again = start(home, desk, prefect)
        assert until(lambda: again.ready("flows"), 240), again.said
        assert not set(orphans) & set(marked(home))
        with again.client() as client:
            client.post(f"/deployments/{ingest['id']}/create_flow_run", json={}).raise_for_status()
        # A run that is begun next closes what the dead one left, and does its work.
        assert until(lambda: len(runs_of(project)) == 2, 120)
        first = runs_of(project)[0]
        assert first.finished_at
        if spared == "nothing":
            assert first.error == "it did not finish: its process ended"
        assert until(lambda: any(run.counts.get("new") == 1 for run in runs_of(project)), 120)
    finally:
        go_on.set()
        up.stop()
        if again is not None:
            again.stop()
    assert until(lambda: not marked(home), 20)


def test_a_second_up_in_the_folder_says_who_runs_and_ends(site: HttpSite, tmp_path: Path) -> None:
    project = write_project(tmp_path / "home", site)
    with running_up(project.home) as up:
        other = free_ports(1)[0]
        command = [sys.executable, "-m", "ivpipe.cli", "--home", str(project.home)]
        second = subprocess.run(
            [*command, "up", "--prefect-port", str(other)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert second.returncode == 1
        assert f"another `ivpipe up` runs in this folder: process {up.process.pid}, since " in second.stderr
        assert up.desk in second.stderr
        assert up.page in second.stderr
        status = subprocess.run(
            [*command, "status"], env=clean_environment(), capture_output=True, text=True, timeout=60
        )
        assert status.stdout.startswith(f"`ivpipe up` runs (process {up.process.pid}): the desk at {up.desk}")
        # A run by hand is told to the server that is there, with its password; none is started for it.
        run = subprocess.run(
            [*command, "run", "reconcile"], env=clean_environment(), capture_output=True, text=True, timeout=120
        )
        assert (run.returncode, run.stdout) == (0, "reconcile: nothing to do\n"), run.stderr
        with up.client() as client:
            by_hand = {"flow_runs": {"tags": {"all_": ["by hand"]}}}
            assert client.post("/flow_runs/count", json=by_hand).json() == 1
        assert up.process.poll() is None


def test_a_run_by_hand_without_an_up_has_a_server_of_its_own_that_lets_nobody_in(
    site: HttpSite, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "home", site)
    serve_articles(site, 1)
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Request) -> None:
        asked.set()
        go_on.wait(60)
        request.reply(404)

    site.pages["/article-1"] = slow
    command = [sys.executable, "-m", "ivpipe.cli", "--home", str(project.home), "run", "ingest"]
    mark = f"IVPIPE_HOME={project.home}".encode()
    with subprocess.Popen(command, env=clean_environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        try:
            assert asked.wait(120)
            ports = [port for port in range(8000, 9000) if server_at(port, mark)]
            assert len(ports) == 1
            api = f"http://127.0.0.1:{ports[0]}/api"
            answers = [
                httpx.post(f"{api}/flow_runs/filter", json={}, trust_env=False).status_code,
                httpx.get(f"{api}/admin/version", trust_env=False).status_code,
            ]
            assert answers == [403, 401]
        finally:
            go_on.set()
        assert run.wait(120) == 1  # the only page it asked for was not there


def server_at(port: int, mark: bytes) -> bool:
    from ivpipe.cli.ports import listener

    holder = listener(port)
    return bool(holder) and mark in Path(f"/proc/{holder.split()[1]}/environ").read_bytes()


def test_the_desk_stays_up_where_prefect_does_not_come_up(site: HttpSite, tmp_path: Path) -> None:
    project = write_project(tmp_path / "home", site)
    desk, prefect = free_ports(2)
    configure(project.home, desk, prefect)
    broken: Any = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////no/such/folder/prefect.db"}
    up = start(project.home, desk, prefect, **broken)
    try:
        assert until(
            lambda: any("prefect: it does not come up, the other parts go on" in line for line in up.said), 240
        )
        assert up.ready("desk")
        assert httpx.get(f"{up.desk}login", trust_env=False).status_code == 200
        assert up.process.poll() is None
        status = subprocess.run(
            [sys.executable, "-m", "ivpipe.cli", "--home", str(project.home), "status"],
            env=clean_environment(), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert "! prefect: down (exit code " in status.stdout, status.stdout
        assert "! flows: " in status.stdout
        time.sleep(1)
        assert up.process.poll() is None
    finally:
        up.stop()
    assert up.process.returncode == 0
