"""``ivpipe demo``: the whole pipeline on this machine, with three partner sites, in a folder of its own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import httpx
from sqlalchemy import func, select

from ivpipe.cli.models import progress_bars
from ivpipe.cli.ports import require_free
from ivpipe.cli.prefect_settings import client_environment, is_ours, password_file
from ivpipe.cli.project import copy_example
from ivpipe.cli.supervisor import Child, Supervisor
from ivpipe.cli.up import Addresses, children_of, state_writer, stopped_by_signals
from ivpipe.cli.up_state import MARK, mark, only_up
from ivpipe.demo.partners import HOST, PORTS
from ivpipe.engines.models import fetch_models
from ivpipe.errors import IvpipeError
from ivpipe.model import Actor, Article, Decision, Draft, LanguagePair, Publication, Role, State, Translation, User
from ivpipe.steps import people, review, triage
from ivpipe.steps.operations import status
from ivpipe.wiring import App, open_app

DESK_PORT = 8000
PREFECT_PORT = 4200
SITE_PORT = 8110
PUBLISHED = 2
"""So many drafts are taken to published, that there is a site to look at; the others wait in the inbox."""

_UNDECIDED = 2
_LOGINS = {"translator": Role.TRANSLATOR, "editor": Role.EDITOR, "operator": Role.OPERATOR}
_PAIRS = (LanguagePair("fr", "en"), LanguagePair("es", "en"))
_APERTIUM = ("apertium", "apertium-fra-cat", "apertium-eng-cat", "apertium-eng-spa")
_READY_SECONDS = 120.0
_DRAFT_SECONDS = 600.0
_PUBLISH_SECONDS = 60.0


@click.command()
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="[default: demo, in the project's folder]"
)
@click.option("--once", is_flag=True, help="Do it all, end everything, and say how it went.")
@click.option(
    "--port-offset",
    type=click.IntRange(0, 50000),
    default=0,
    help="Add this to every port, where the usual ones are taken. Fixed for a folder by its first showing.",
)
@click.pass_obj
def demo(home: Path, folder: Path | None, once: bool, port_offset: int) -> None:
    """Show the whole pipeline: partner articles are fetched, translated, reviewed and published on this machine.

    Everything it makes lies in its own folder, and running it again goes on where it was. With --once the exit code is 0
    only if articles were really published.
    """
    place = (folder or home / "demo").resolve()
    started = time.monotonic()
    with Demo(place, port_offset) as show:
        show.prepare()
        with only_up(show.app.settings.data):
            supervisor, addresses = show.supervisor()
            with stopped_by_signals(supervisor):
                try:
                    supervisor.wait_ready(_READY_SECONDS)
                    show.play(addresses.prefect_api)
                except IvpipeError:
                    if not supervisor.wait(0):
                        raise
                else:
                    show.tell(addresses, time.monotonic() - started)
                    if not once:
                        click.secho("Everything stays up until Ctrl-C.", bold=True)
                        supervisor.wait()
    click.echo("stopped")


@dataclass
class Demo:
    """One showing, in a folder."""

    home: Path
    offset: int
    _app: App | None = None

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._app is not None:
            self._app.close()

    @property
    def app(self) -> App:
        """The demo magazine's pipeline; there after ``prepare``."""
        assert self._app is not None
        return self._app

    def prepare(self) -> None:
        """The folder, its configuration and database, the logins, and an engine. Raises IvpipeError."""
        _say("folder", str(self.home))
        if not (self.home / "config" / "ivpipe.toml").exists():
            copy_example(self.home)
            self._move_ports()
        self._app = open_app(self.home, check=False)
        self.offset = self.app.settings.desk.port - DESK_PORT
        self.app.store.migrate()
        self._make_logins()
        self._make_engine_usable()

    def supervisor(self) -> tuple[Supervisor, Addresses]:
        """What keeps all of it running: as ``ivpipe up``, with the partners' sites and ours. Raises where a port is taken."""
        settings = self.app.settings
        for port in (*self.partner_ports, SITE_PORT + self.offset):
            require_free(HOST, port, "the demo's web sites", "choose others with --folder and --port-offset")
        children, addresses = children_of(self.app)
        site = settings.data / "site"
        site.mkdir(parents=True, exist_ok=True)
        # The partners' articles are dated back from the first day, else every day would look like a change of them all.
        first_day = self.home / "first-day.txt"
        if not first_day.exists():
            first_day.write_text(date.today().isoformat())
        partners = [sys.executable, "-m", "ivpipe.demo.partners", "--today", first_day.read_text().strip()]
        partners += ["--ports", *map(str, self.partner_ports)]
        ours = [
            sys.executable,
            "-m",
            "http.server",
            str(SITE_PORT + self.offset),
            "--bind",
            HOST,
            "--directory",
            str(site),
        ]
        marked = {MARK: mark(settings.data)}
        extra = [
            Child("partners", partners, marked, url=f"http://{HOST}:{self.partner_ports[0]}/"),
            Child("site", ours, marked, url=self.site_address),
        ]
        _say("starting", "Prefect's server, the flows, the desk, three partner sites, and our own")
        supervisor = Supervisor(
            [*children, *extra], settings.data / "logs", on_change=state_writer(settings.data, addresses)
        )
        return supervisor, addresses

    def play(self, prefect_api: str) -> None:
        """Run the flows once, and take two drafts to published. Raises IvpipeError where that does not come about."""
        self._run_flow("ingest", prefect_api)
        self._choose_articles()
        self._run_flow("translate", prefect_api)
        self._wait("drafts", self._undrafted, _DRAFT_SECONDS)
        with self.app.store.read() as session:
            made = session.execute(select(Draft.engine, func.count()).group_by(Draft.engine)).all()
        _say("drafts", ", ".join(f"{count} by {engine or 'memory'}" for engine, count in made))
        self._publish_two()
        self._run_flow("publish", prefect_api)
        self._wait("published pages", self._unpublished, _PUBLISH_SECONDS)
        for url in self._live():
            _look_at(url)

    @property
    def partner_ports(self) -> tuple[int, ...]:
        """Where the partners' sites answer."""
        return tuple(port + self.offset for port in PORTS)

    @property
    def site_address(self) -> str:
        """Where the published site answers."""
        return f"http://{HOST}:{SITE_PORT + self.offset}/"

    # -- preparing

    def _move_ports(self) -> None:
        ports = (DESK_PORT, PREFECT_PORT, SITE_PORT, *PORTS)
        for file in (self.home / "config").rglob("*.toml"):
            text = file.read_text(encoding="utf-8")
            moved = re.sub(rf"\b({'|'.join(map(str, ports))})\b", lambda match: str(int(match[1]) + self.offset), text)
            if moved != text:
                file.write_text(moved, encoding="utf-8")

    def _make_logins(self) -> None:
        file = self.home / "logins.txt"
        if not file.exists():
            known = {user.name for user in people.list_users(self.app.store)}
            lines = []
            for name, role in _LOGINS.items():
                password = secrets.token_urlsafe(9)
                if name in known:
                    people.set_password(self.app.store, name, password, _now(), by="the demo")
                else:
                    people.add_user(
                        self.app.store, name, f"Demo {name.title()}", password, [role], _now(), by="the demo"
                    )
                lines.append(f"{name} {password}\n")
            file.touch(mode=0o600)
            file.write_text("".join(lines))

    def _make_engine_usable(self) -> None:
        """DeepL where there is a key, else Firefox's models, else Apertium: the first that can be had, saying why."""
        if self._ready("deepl", "firefox"):
            return
        self._why_not("deepl")
        if any(
            engine.name == "firefox" and "pip install" not in (engine.problem(_PAIRS[0]) or "")
            for engine in self.app.engines
        ):
            settings = self.app.settings.engine_options["firefox"]
            try:
                with progress_bars() as report:
                    for pair in _PAIRS:
                        fetch_models(
                            pair, self.app.settings.data, settings.models_url, pins=settings.pins, progress=report
                        )
            except IvpipeError as error:
                _say("engine", f"not firefox: {error.message}")
        if self._ready("firefox", "apertium"):
            return
        if os.geteuid() == 0 and shutil.which("apt-get"):
            _say("engine", "installing apertium with apt-get")
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *_APERTIUM]):
                subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603, S607
            if self._ready("apertium"):
                return
        self._why_not("firefox", "apertium")
        raise IvpipeError(
            "no translation engine is usable on this machine",
            subject="demo",
            advice="set DEEPL_AUTH_KEY, or let the demo reach Firefox's models, or: sudo apt-get install "
            + " ".join(_APERTIUM),
        )

    def _ready(self, *names: str) -> bool:
        """Whether one of these engines can translate all the demo needs; says which."""
        for engine in self.app.engines:
            if engine.name in names and not any(engine.problem(pair) for pair in _PAIRS):
                note = engine.capabilities().note
                _say("engine", f"{engine.name}{f' ({note})' if note else ''}")
                return True
        return False

    def _why_not(self, *names: str) -> None:
        for engine in self.app.engines:
            if engine.name in names:
                problem = next(filter(None, (engine.problem(pair) for pair in _PAIRS)), None)
                _say("engine", f"not {engine.name}: {problem}")

    # -- playing

    def _run_flow(self, flow: str, prefect_api: str) -> None:
        _say("flow", flow)
        environment = {
            **os.environ,
            **client_environment(self.app, prefect_api),
            "PREFECT_LOGGING_LEVEL": "ERROR",
            MARK: mark(self.app.settings.data),
        }
        done = subprocess.run(  # noqa: S603  the command is ours
            [sys.executable, "-m", "ivpipe.flows.run", flow],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for line in (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()[-3:]:
            click.echo(f"           {line}")

    def _choose_articles(self) -> None:
        """The demo's editor selects all but two articles: those are left for you to decide on."""
        with self.app.store.read() as session:
            decided = session.scalar(select(func.count(Article.id)).where(Article.decided_by_id.is_not(None)))
            undecided = session.scalars(
                select(Article.id)
                .where(Article.decision == Decision.UNDECIDED, Article.document_id.is_not(None))
                .order_by(Article.id)
            ).all()
        if not decided:
            for article_id in undecided[:-_UNDECIDED]:
                triage.select_article(
                    self.app.store, article_id, self.app.settings.magazine.languages, self._person("editor"), _now()
                )

    def _publish_two(self) -> None:
        """Take two drafts from the inbox to approved, as a translator and an editor would, but unread."""
        translator, editor = self._person("translator"), self._person("editor")
        settings = self.app.settings
        with self.app.store.read() as session:
            there = session.scalar(select(func.count(Publication.id))) or 0
            drafted = session.execute(
                select(Translation.id, Translation.lang, Article.title)
                .join(Article, Article.id == Translation.article_id)
                .where(Translation.state == State.DRAFTED)
                .order_by(Translation.id)
            ).all()
        for translation_id, lang, title in drafted:
            if there >= PUBLISHED:
                return
            review.claim(self.app.store, translation_id, translator, timedelta(minutes=5), _now())
            try:
                review.submit(self.app.store, translation_id, translator, "", _now())
                review.approve(
                    self.app.store,
                    translation_id,
                    editor,
                    settings.review.policy,
                    self.app.targets_for(lang),
                    "Approved unread, for the demo.",
                    _now(),
                )
            except IvpipeError as error:  # a blocking issue: left for a person
                _say("review", str(error))
                continue
            there += 1
            _say("review", f"“{title}” submitted and approved")

    def _undrafted(self) -> int:
        with self.app.store.read() as session:
            waiting = session.scalars(select(Translation).where(Translation.state == State.PENDING)).all()
        return sum(not row.last_error for row in waiting)

    def _unpublished(self) -> int:
        with self.app.store.read() as session:
            rows = session.scalars(select(Publication)).all()
        return sum(row.due for row in rows) if rows else PUBLISHED

    def _live(self) -> list[str]:
        with self.app.store.read() as session:
            urls = session.scalars(
                select(Publication.remote_url).where(Publication.live_revision.is_not(None)).order_by(Publication.id)
            ).all()
        if not urls:
            raise IvpipeError(
                "nothing was published", subject="demo", advice=f"see the logs in {self.app.settings.data / 'logs'}"
            )
        return list(urls)

    def _wait(self, what: str, left: Callable[[], int], seconds: float) -> None:
        """Wait until nothing is left to do: the schedules may be at the same work as we are."""
        until = time.monotonic() + seconds
        while left():
            if time.monotonic() > until:
                raise IvpipeError(
                    f"{left()} {what} did not come within {seconds:.0f} seconds",
                    subject="demo",
                    advice=f"see `ivpipe --home {self.home} status` and the logs in {self.app.settings.data / 'logs'}",
                )
            time.sleep(0.5)

    def _person(self, name: str) -> Actor:
        with self.app.store.read() as session:
            return session.scalars(select(User).where(User.name == name)).one().actor

    # -- telling

    def tell(self, addresses: Addresses, seconds: float) -> None:
        """Say what there is to look at, and how to log in."""
        now = status(self.app.store, [spec.slug for spec in self.app.sources], _now())
        click.secho(f"\nThe demo is ready ({seconds:.0f} s).", bold=True)
        articles, translations = now["articles"], now["translations"]
        click.echo(f"  articles      {_counted(articles)}")
        click.echo(f"  translations  {_counted(translations)}")
        click.echo(f"  published     {now['publications']['live']}")
        for url in self._live():
            click.echo(f"                {url}")
        click.secho("\nLook at", bold=True)
        click.echo(f"  the desk          {addresses.desk}")
        click.echo(f"  the published site {self.site_address}")
        click.echo(f"  the flows         {addresses.prefect}")
        if is_ours():
            click.echo(f"                    its password: {password_file(self.app.settings.data)}")
        click.echo(f"  the partners      {'  '.join(f'http://{HOST}:{port}/' for port in self.partner_ports)}")
        click.secho(f"\nLogins (also in {self.home / 'logins.txt'})", bold=True)
        for line in (self.home / "logins.txt").read_text().splitlines():
            click.echo(f"  {line}")
        click.echo()


def _look_at(url: str) -> None:
    """Read a published page as a reader would. Raises IvpipeError where it is not there."""
    try:
        answer = httpx.get(url, follow_redirects=True, timeout=10, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise IvpipeError(f"the page is said to be live but does not answer: {error}", subject=url) from error
    _say("live", url)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in sorted(counts.items())) or "none"


def _say(what: str, text: str) -> None:
    click.echo(f"{click.style(f'{what:>9}', fg='cyan')}  {text}")


def _now() -> datetime:
    return datetime.now(UTC)
