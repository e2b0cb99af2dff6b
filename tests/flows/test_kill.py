"""kill -9, again and again: what a dying worker leaves is finished by the next, and nothing is done twice.

The suite kills each flow a few times; IVPIPE_KILLS=30 is the whole trial, of all three together.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.flows.projects import Project, serve_articles, write_project
from tests.servers.deepl_stand_in import KEY, DeepLStandIn
from tests.servers.http_site import running_site

from ivpipe.model import Article, DocumentVersion, Draft, EngineUse, MachineTranslation, Publication, State, Translation

KILLS = int(os.environ.get("IVPIPE_KILLS", "9")) // 3
"""Of each flow."""
ARTICLES = 20 * KILLS
WITH_PREFECT = 1
"""Of each flow's kills, so many hit the real flow on a Prefect server, the others the same steps in a plain loop."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180 + 60 * KILLS)]


def run_and_kill(flow: str, row: str, environment: dict[str, str], dice: random.Random) -> bool:
    """Run a flow, and kill it a moment after it has begun with its rows; whether that came before its end."""
    plain = [] if "PREFECT_API_URL" in environment else ["--no-prefect"]
    with subprocess.Popen(
        [sys.executable, "-m", "ivpipe.flows.run", flow, *plain],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if f"{row}s due: " in line:
                break
        time.sleep(dice.uniform(0.0, 0.4))  # the moment is what is random here
        os.killpg(process.pid, signal.SIGKILL)
        process.stderr.read()
    return process.returncode == -signal.SIGKILL


def finish(flow: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "ivpipe.flows.run", flow, "--no-prefect"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def torment(flow: str, row: str, plain: dict[str, str], with_prefect: dict[str, str], dice: random.Random) -> None:
    """Kill a flow as often as ``KILLS`` says, then let it end."""
    killed = 0
    for attempt in range(3 * KILLS):
        environment = with_prefect if attempt < WITH_PREFECT else plain
        killed += run_and_kill(flow, row, environment, dice)
        if killed == KILLS:
            break
    assert killed == KILLS, "the run was over before it could be killed so often"
    finish(flow, plain)


def test_kills_leave_one_document_one_draft_and_one_page_per_article(
    tmp_path: Path, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.settings import PREFECT_API_URL

    dice = random.Random(30)
    with running_site() as site, DeepLStandIn(limit=50_000_000) as deepl:
        serve_articles(site, ARTICLES)
        monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
        project = write_project(tmp_path / "home", site, engines='"deepl"')
        with (project.home / "config" / "ivpipe.toml").open("a") as config:
            config.write(f'\n[engines.deepl]\nserver_url = "{deepl.url}"\n')
        plain = {**os.environ, "IVPIPE_HOME": str(project.home), "PYTHONUNBUFFERED": "1"}
        plain.pop("PREFECT_API_URL", None)
        with_prefect = {**plain, "PREFECT_API_URL": str(PREFECT_API_URL.value())}

        torment("ingest", "article", plain, with_prefect, dice)
        assert_one_document_each(project)
        torment("translate", "translation", plain, with_prefect, dice)
        assert_one_draft_each(project)
        assert_nothing_was_sent_twice_but_what_was_in_flight(project, deepl)
        assert project.approve_all() == ARTICLES
        torment("publish", "publication", plain, with_prefect, dice)
        assert_one_page_each(project)


def assert_one_document_each(project: Project) -> None:
    with project.store.read() as session:
        assert session.scalar(select(func.count(Article.id))) == ARTICLES
        per_article = session.execute(
            select(Article.id, func.count(DocumentVersion.id)).outerjoin(DocumentVersion).group_by(Article.id)
        ).all()
        unread = session.scalar(select(func.count(Article.id)).where(Article.document_id.is_(None)))
    assert (Counter(count for _, count in per_article), unread) == ({1: ARTICLES}, 0)


def assert_one_draft_each(project: Project) -> None:
    with project.store.read() as session:
        per_translation = session.execute(
            select(Translation.state, Translation.revision, func.count(Draft.id))
            .outerjoin(Draft, Draft.translation_id == Translation.id)
            .group_by(Translation.id)
        ).all()
    assert Counter(tuple(row) for row in per_translation) == {(State.DRAFTED, 1, 1): ARTICLES}


def assert_nothing_was_sent_twice_but_what_was_in_flight(project: Project, deepl: DeepLStandIn) -> None:
    sent = {text for request in deepl.requests for text in request["text"]}
    requests = Counter(tuple(sorted(request["text"])) for request in deepl.requests)
    with project.store.read() as session:
        kept = session.scalar(select(func.count()).select_from(MachineTranslation))
        billed = session.scalar(select(func.sum(EngineUse.billed)))
    assert kept == len(sent)
    assert billed >= deepl.count, "the ledger is never behind the service"
    # No text stands in two different requests: what had been answered and kept is never part of a later one. A request
    # may go out again whole, once for each kill that found it in flight (the same one may be in flight at several).
    assert sum(len(texts) for texts in requests) == len(sent)
    assert requests.total() - len(requests) <= KILLS


def assert_one_page_each(project: Project) -> None:
    with project.store.read() as session:
        rows = session.scalars(select(Publication)).all()
    assert Counter((row.wanted_revision, row.live_revision) for row in rows) == {(1, 1): ARTICLES}
    site = project.home / "var" / "site"
    written = {path.relative_to(site).as_posix() for path in (site / "en").glob("*.html")} - {"en/index.html"}
    assert {row.remote_url.removeprefix("https://review.example/") for row in rows} == written
    assert len(written) == ARTICLES
    assert not list(site.rglob("*.tmp"))
