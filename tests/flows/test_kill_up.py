"""kill -9 of all that `ivpipe up` runs, while five people write in the desk: nothing is lost, nothing is done twice.

The suite kills a few times; IVPIPE_KILLS=60 is the whole trial (about twenty minutes).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from tests.flows.projects import Project, serve_articles, write_project
from tests.servers.deepl_stand_in import KEY, DeepLStandIn
from tests.servers.http_site import running_site
from tests.servers.running_up import Up, configure, free_ports, marked, start, until

from ivpipe.model import (
    Article,
    DocumentVersion,
    Draft,
    DraftSegment,
    EngineUse,
    MachineTranslation,
    Publication,
    Role,
    SegmentEdit,
    State,
    Translation,
    User,
)
from ivpipe.steps.people import add_user
from ivpipe.steps.review import claim
from ivpipe.wiring import open_app

KILLS = int(os.environ.get("IVPIPE_KILLS", "3"))
WRITERS = ("ana", "ben", "cloe", "dora", "emil")
PASSWORD = "harbour lantern 7 violets"
MINUTE = "* * * * *"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 60 * KILLS)]


class Visitor(threading.Thread):
    """A person at the desk, who tries again when it does not answer. ``faults``: what they should never have seen."""

    def __init__(self, name: str, desk: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.client = httpx.Client(base_url=desk, timeout=20, headers={"Accept": "application/json"}, trust_env=False)
        self.stop = stop
        self.csrf = ""
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                if not self.csrf:
                    self.log_in()
                self.act()
            except httpx.TransportError:
                self.stop.wait(0.2)

    def log_in(self) -> None:
        page = self.client.get("/login")
        form = {"token": self.client.cookies["ivpipe-login"], "name": self.name, "password": PASSWORD}
        answer = self.client.post("/login", data=form)
        assert page.status_code == 200
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        else:
            self.faults.append(f"login: {answer.status_code} {answer.text[:300]}")
            self.stop.wait(1)

    def post(
        self, path: str, *, json: dict[str, object] | None = None, data: dict[str, str] | None = None
    ) -> httpx.Response:
        return self.client.post(path, json=json, data=data, headers={"X-CSRF-Token": self.csrf})

    def act(self) -> None:
        raise NotImplementedError


class Writer(Visitor):
    """Saves one segment after the other, as the editor in the browser does."""

    def __init__(self, name: str, desk: str, stop: threading.Event, segments: dict[int, int]) -> None:
        super().__init__(name, desk, stop)
        self.versions = segments
        self.acknowledged: list[tuple[int, int, str]] = []
        self.doubtful = 0
        self.dice = random.Random(name)

    def act(self) -> None:
        segment = self.dice.choice(list(self.versions))
        text = f"{self.name} writes sentence {len(self.acknowledged)}."
        try:
            self.save(segment, text)
        except httpx.TransportError:
            # Whether it arrived is not known: ask, and send it again where it did not.
            self.doubtful += 1
            while not self.stop.is_set():
                with suppress(httpx.TransportError):
                    found = self.client.get(f"/segments/{segment}").json()
                    if (found["version"], found["target"]) == (self.versions[segment] + 1, text):
                        self.versions[segment] += 1
                        self.acknowledged.append((segment, self.versions[segment], text))
                    else:
                        self.save(segment, text)
                    break
                self.stop.wait(0.2)
        self.stop.wait(self.dice.uniform(0.02, 0.2))

    def save(self, segment: int, text: str) -> None:
        answer = self.post(f"/segments/{segment}", json={"target": text, "version": self.versions[segment]})
        if answer.status_code != 200:
            self.faults.append(f"save: {answer.status_code} {answer.text[:300]}")
            return
        self.versions[segment] = answer.json()["version"]
        self.acknowledged.append((segment, self.versions[segment], text))


class Editor(Visitor):
    """Takes, submits and approves whatever else is drafted."""

    def __init__(self, name: str, desk: str, stop: threading.Event, project: Project) -> None:
        super().__init__(name, desk, stop)
        self.store = project.store

    def act(self) -> None:
        with self.store.read() as session:
            rows = session.execute(
                select(Translation.id, Translation.state)
                .where(Translation.article_id > len(WRITERS))
                .where(Translation.state.in_((State.DRAFTED, State.IN_REVIEW, State.SUBMITTED)))
                .limit(3)
            ).all()
        verb = {State.DRAFTED: "claim", State.IN_REVIEW: "submit", State.SUBMITTED: "approve"}
        for translation, state in rows:
            answer = self.post(f"/translations/{translation}/{verb[state]}", data={"comment": "", "targets[]": "site"})
            if answer.status_code >= 500:
                self.faults.append(f"{verb[state]}: {answer.status_code} {answer.text[:300]}")
        self.stop.wait(0.5)


@dataclass
class Machine:
    """A project whose `ivpipe up` is killed with all that it started, and started again. ``seconds`` until the desk was back."""

    home: Path
    desk: int
    prefect: int
    up: Up | None = None
    seconds: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.up = start(self.home, self.desk, self.prefect)

    def kill(self) -> None:
        """In any order: what is left looks on for a moment, as on a machine that is short of memory."""
        assert self.up is not None
        family = {self.up.process.pid, *marked(self.home)}
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.up.process.wait()

    def wait_for_desk(self) -> None:
        started = time.monotonic()
        assert until(self.answers, 120), "the desk does not come up: " + self.said()
        self.seconds.append(time.monotonic() - started)

    def answers(self) -> bool:
        assert self.up is not None
        assert self.up.process.poll() is None, self.said()
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.up.desk}health", trust_env=False).status_code == 200
        return False

    def said(self) -> str:
        assert self.up is not None
        return "\n".join(self.up.said)[-3000:]

    def ingest(self) -> None:
        """Ask for what the schedule would start within the minute."""
        assert self.up is not None
        assert until(lambda: self.up.ready("flows"), 240), self.said()
        self.up.run("ingest")


def begin(project: Project) -> dict[str, dict[int, int]]:
    """Read and draft the first articles, one for each writer; the segments each of them holds, with their versions."""
    plain = {**os.environ, "IVPIPE_HOME": str(project.home)}
    plain.pop("PREFECT_API_URL", None)
    for flow in ("ingest", "translate"):
        command = [sys.executable, "-m", "ivpipe.flows.run", flow, "--no-prefect"]
        subprocess.run(command, env=plain, check=True, capture_output=True)
    held = {}
    with open_app(project.home) as app:
        now = datetime.now(UTC)
        add_user(app.store, "vera", "Vera", PASSWORD, [Role.TRANSLATOR, Role.EDITOR], now)
        for number, name in enumerate(WRITERS, start=1):
            user = add_user(app.store, name, name.title(), PASSWORD, [Role.TRANSLATOR], now)
            with app.store.read() as session:
                actor = session.get_one(User, user).actor
                translation = session.scalars(select(Translation).where(Translation.article_id == number)).one()
            claim(app.store, translation.id, actor, timedelta(days=1), now)
            with app.store.read() as session:
                rows = session.execute(
                    select(DraftSegment.id, DraftSegment.version)
                    .join(Draft)
                    .where(Draft.translation_id == translation.id)
                ).all()
            held[name] = {row.id: row.version for row in rows}
    return held


def test_everything_killed_while_people_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(60)
    stop = threading.Event()
    with running_site() as site, DeepLStandIn(limit=50_000_000) as deepl:
        serve_articles(site, len(WRITERS))
        monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
        project = write_project(tmp_path / "home", site, engines='"deepl"')
        with (project.home / "config" / "ivpipe.toml").open("a") as main:
            main.write(f'\n[engines.deepl]\nserver_url = "{deepl.url}"\n')
        held = begin(project)
        machine = Machine(project.home, *free_ports(2))
        configure(project.home, machine.desk, machine.prefect, schedule=MINUTE)
        desk = f"http://127.0.0.1:{machine.desk}"
        people: list[Visitor] = [Writer(name, desk, stop, held[name]) for name in WRITERS]
        people.append(Editor("vera", desk, stop, project))
        machine.start()
        articles = len(WRITERS)
        try:
            machine.wait_for_desk()
            for person in people:
                person.start()
            for kill in range(1, KILLS + 1):
                articles += 2
                serve_articles(site, articles)
                if kill % 3 == 0:
                    time.sleep(dice.uniform(0, 6))  # while it comes up
                else:
                    machine.wait_for_desk()
                    time.sleep(dice.uniform(0, 12))
                machine.kill()
                if kill % 10 == 0:
                    for file in (project.home / "var" / "prefect").glob("prefect.db*"):
                        file.unlink()
                machine.start()
            machine.wait_for_desk()
            machine.ingest()
            wait_until_all_is_live(project, articles, machine)
        finally:
            stop.set()
            for person in people:
                person.join(30)
            if machine.up is not None:
                machine.up.stop()
        writers = [person for person in people if isinstance(person, Writer)]
        print(
            f"\n{KILLS} kills; {articles} articles; {sum(len(one.acknowledged) for one in writers)} saves acknowledged, "
            f"{sum(one.doubtful for one in writers)} in doubt at a kill; desk back after "
            f"{max(machine.seconds):.1f} s at most"
        )
        assert [fault for person in people for fault in person.faults] == []
        assert_every_acknowledged_save_is_there(project, writers)
        assert_once_each(project, articles, deepl)


def wait_until_all_is_live(project: Project, articles: int, machine: Machine) -> None:
    def live() -> int:
        with project.store.read() as session:
            return session.scalar(
                select(func.count(Publication.id)).where(Publication.live_revision == Publication.wanted_revision)
            )

    if until(lambda: live() == articles - len(WRITERS), 300):
        return
    with project.store.read() as session:
        states = Counter(session.scalars(select(Translation.state)))
        errors = [error for error in session.scalars(select(Article.last_error)) if error]
    told = f"{live()} of {articles - len(WRITERS)} are live; {states}; {errors}\n{machine.said()}"
    raise AssertionError(told)


def assert_every_acknowledged_save_is_there(project: Project, writers: list[Writer]) -> None:
    with project.store.read() as session:
        edits = {
            (row.segment_id, row.version): row.target
            for row in session.scalars(select(SegmentEdit).where(SegmentEdit.accepted))
        }
        segments = {row.id: (row.version, row.target) for row in session.scalars(select(DraftSegment))}
    missing = [save for writer in writers for save in writer.acknowledged if edits.get((save[0], save[1])) != save[2]]
    assert missing == []
    for writer in writers:
        for segment, version, text in {save[0]: save for save in writer.acknowledged}.values():
            # The last save is what stands there, or one more that was under way when the trial ended.
            assert segments[segment] == (version, text) or segments[segment][0] == version + 1
    assert sum(len(writer.acknowledged) for writer in writers) > 5 * KILLS


def assert_once_each(project: Project, articles: int, deepl: DeepLStandIn) -> None:
    with project.store.read() as session:
        versions = session.execute(
            select(Article.id, func.count(DocumentVersion.id)).outerjoin(DocumentVersion).group_by(Article.id)
        ).all()
        drafts = session.execute(
            select(Translation.id, func.count(Draft.id)).outerjoin(Draft).group_by(Translation.id)
        ).all()
        pages = session.scalars(select(Publication)).all()
        kept = session.scalar(select(func.count()).select_from(MachineTranslation))
        billed = session.scalar(select(func.sum(EngineUse.billed))) or 0
    assert Counter(count for _, count in versions) == {1: articles}
    assert Counter(count for _, count in drafts) == {1: articles}
    assert Counter((row.wanted_revision, row.live_revision) for row in pages) == {(1, 1): articles - len(WRITERS)}
    written = {path.name for path in (project.home / "var" / "site" / "en").glob("*.html")} - {"index.html"}
    assert written == {row.remote_url.rpartition("/")[2] for row in pages}
    texts = {text for request in deepl.requests for text in request["text"]}
    assert kept == len(texts)
    requests = Counter(tuple(sorted(request["text"])) for request in deepl.requests)
    assert requests.total() - len(requests) <= KILLS  # only what was in flight at a kill went out again
    assert billed >= deepl.count  # what was sent is counted, also where the answer never came
