"""The flows on a real Prefect server, over a real store, a partner's site and a site of files."""

from __future__ import annotations

import io
import logging
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from prefect.runner import Runner
from sqlalchemy import func, select, update
from tests.flows.projects import Project, article_page
from tests.limits import NO_GROWTH, every_connection

from ivpipe.errors import StoreError
from ivpipe.flows import deployments as served
from ivpipe.flows.work import RunFailed, Work, chunks
from ivpipe.model import Article, ArticlePicture, Draft, MachineTranslation, Publication, Run, State, Translation
from ivpipe.store import Store
from ivpipe.wiring import open_app

pytestmark = pytest.mark.usefixtures("prefect_server")


def run(flow: str, **parameters: Any) -> tuple[str, str]:
    """Run a flow; its state's type and message."""
    from importlib import import_module

    state = getattr(import_module(f"ivpipe.flows.{flow}"), flow)(**parameters, return_state=True)
    return state.type.value, state.message or ""


def test_flows_take_articles_from_the_feed_to_live_pages(project: Project) -> None:
    assert run("ingest") == ("COMPLETED", "sources: 1 read; articles: 3 new")
    assert run("translate") == ("COMPLETED", "translations: 3 drafted")
    assert project.approve_all() == 3
    assert run("publish") == ("COMPLETED", "publications: 3 published")
    assert run("reconcile") == ("COMPLETED", "nothing to do")

    pages = sorted(path.name for path in (project.home / "var" / "site" / "en").glob("*article*.html"))
    assert len(pages) == 3
    with project.store.read() as session:
        runs = session.scalars(select(Run).order_by(Run.id)).all()
    assert [(row.flow, row.ok, row.counts) for row in runs] == [
        ("ingest", True, {"new": 3, "read": 1}),
        ("translate", True, {"drafted": 3}),
        ("publish", True, {"published": 3}),
        ("reconcile", True, {"holds released": 0, "leases freed": 0, "dead runs": 0, "requests without an answer": 0}),
    ]


def test_pictures_are_taken_where_the_partner_lets_us_and_shown_from_our_own_site(project: Project) -> None:
    file = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    figure = '<figure><img src="/quai.jpg" alt="Un quai"><figcaption>Le quai au matin</figcaption></figure></article>'
    page = article_page(1).decode().replace("</article>", figure).encode()
    project.site.pages["/article-1"] = lambda request: request.reply(200, page, Content_Type="text/html")
    project.site.pages["/quai.jpg"] = lambda request: request.reply(503)
    spec = project.home / "config" / "sources" / "semaine.toml"
    spec.write_text('pictures = "all"\n' + spec.read_text())
    assert run("ingest") == ("COMPLETED", "sources: 1 read; articles: 3 new; pictures: 1 failed")
    assert run("translate") == ("COMPLETED", "translations: 3 drafted")
    project.approve_all()

    project.site.pages["/quai.jpg"] = lambda request: request.reply(200, file.getvalue())
    with project.store.write() as session:  # the wait after the failure is over
        session.execute(update(ArticlePicture).values(retry_at=None))
    state, message = run("publish")
    assert (state, sorted(message.split("; "))) == ("COMPLETED", ["pictures: 1 taken", "publications: 3 published"])
    site = project.home / "var" / "site"
    (shown,) = [path for path in (site / "en").glob("*.html") if "<figure" in path.read_text()]
    (place,) = re.findall(
        r'<img src="\.\./(pictures/[^"]+\.jpg)" alt="[^"]+" width="40" height="30"', shown.read_text()
    )
    assert PIL.Image.open(site / place).size == (40, 30)
    assert "quai.jpg" not in shown.read_text()


def test_ingest_with_a_failing_article_reads_the_others(project: Project) -> None:
    project.site.pages["/article-2"] = lambda request: request.reply(404, b"gone")
    assert run("ingest") == ("COMPLETED", "sources: 1 read; articles: 2 new, 1 failed")
    with project.store.read() as session:
        rows = session.execute(
            select(Article.url, Article.gone, Article.document_id.is_not(None)).order_by(Article.url)
        )
        assert [(url.rsplit("/", 1)[1], gone, read) for url, gone, read in rows] == [
            ("article-1", False, True),
            ("article-2", True, False),
            ("article-3", False, True),
        ]
        assert [(row.ok, row.counts) for row in session.scalars(select(Run))] == [
            (False, {"failed": 1, "new": 2, "read": 1})
        ]


def test_ingest_with_a_failing_feed_reads_the_other_source_and_fails_with_the_reason(project: Project) -> None:
    project.add_source("absente", "/no-such-feed")
    kind, message = run("ingest")
    assert kind == "FAILED"
    assert message.splitlines()[0] in (
        "sources: 1 failed, 1 read; articles: 3 new",
        "sources: 1 read, 1 failed; articles: 3 new",
    )
    assert message.splitlines()[1].startswith("absente: ")
    assert "404" in message
    assert "Traceback" not in message


def test_a_source_that_falls_ill_fails_the_run_once(project: Project) -> None:
    run("ingest")
    with project.store.write() as session:
        for article in session.scalars(select(Article)):
            article.warnings = ["no title was found"]
    kind, message = run("ingest")
    assert (kind, message.splitlines()[1]) == (
        "FAILED",
        "semaine: its health has fallen to 32 of 100: 3 of the last 3 articles: no title was found",
    )
    assert run("ingest")[0] == "COMPLETED"
    with project.store.read() as session:
        runs = session.scalars(select(Run).order_by(Run.id)).all()
        assert [(row.ok, row.counts.get("in bad health")) for row in runs] == [
            (True, None), (False, "semaine"), (True, "semaine"),
        ]  # fmt: skip


def test_ingest_of_an_unknown_source_fails_naming_those_there_are(project: Project) -> None:
    assert run("ingest", source="semain") == ("FAILED", "there is no source 'semain'; there are: semaine")


def test_ingest_survives_an_error_nobody_foresaw(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from ivpipe.flows import work

    real = work.fetch_article

    def fetch(store: Store, article_id: int, *arguments: Any) -> Any:
        with store.read() as session:
            url = session.get_one(Article, article_id).url
        if url.endswith("article-2"):
            raise RecursionError("too deep")
        return real(store, article_id, *arguments)

    monkeypatch.setattr(work, "fetch_article", fetch)
    assert run("ingest") == ("COMPLETED", "sources: 1 read; articles: 2 new, 1 failed")
    with project.store.read() as session:
        row = session.scalars(select(Article).where(Article.last_error != "")).one()
    assert row.last_error == "unforeseen: RecursionError: too deep — the run's log has the details; please report it"
    assert (row.lease_owner, row.attempts, row.retry_at is not None) == ("", 1, True)


def test_disk_that_is_full_where_nobody_expects_it_is_named_on_the_row(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ivpipe.flows import work

    def fetch(*_arguments: Any) -> Any:
        Path("/dev/full").write_bytes(b"a page")

    monkeypatch.setattr(work, "fetch_article", fetch)
    state, told = run("ingest")
    assert state == "FAILED"
    assert "unforeseen" not in told
    with project.store.read() as session:
        rows = session.scalars(select(Article)).all()
    assert all("a quota, or a limit" in row.last_error or "is full" in row.last_error for row in rows)
    assert all(row.retry_at is not None and row.retry_at - datetime.now(UTC) < timedelta(minutes=5) for row in rows)


def test_database_that_is_full_fails_the_run_by_its_name(project: Project) -> None:
    page = article_page(2, 400)  # more than an empty database has room for
    project.site.pages["/article-2"] = lambda request: request.reply(200, page, Content_Type="text/html")
    log = logging.getLogger("test")
    with open_app(project.home) as app, Work(app) as work:
        work.poll("semaine", log)
        app.store.close()
        with every_connection(NO_GROWTH):
            for ids in chunks(work.articles("semaine")):
                with suppress(StoreError):  # as a task does, whose failure does not stop the others
                    work.fetch("semaine", ids, log)
        with pytest.raises(RunFailed, match=r"articles: [12] new.*\n.*ivpipe.db: the disk of"):
            work.verdict()
        app.store.close()
        with app.store.read() as session:
            unread = session.scalars(select(Article.id).where(Article.document_id.is_(None))).all()
        work.fetch("semaine", unread, log)  # there is room again, and the lease is our own
        assert work.verdict() == "sources: 1 read; articles: 3 new"


def test_a_changed_source_is_translated_ahead_of_the_merge_once(project: Project) -> None:
    run("ingest")
    run("translate")
    assert project.approve_all() == 3
    page = article_page(1).decode().replace("</article>", "<p>Une phrase toute neuve.</p></article>").encode()
    project.site.pages["/article-1"] = lambda request: request.reply(200, page, Content_Type="text/html")
    with project.store.write() as session:
        session.execute(update(Article).values(look_at=Article.discovered_at))
    run("ingest")
    assert run("translate") == ("COMPLETED", "translations: 1 prepared")
    with project.store.read() as session:
        assert session.scalars(select(MachineTranslation.target)).all().count("[en] Une phrase toute neuve.") == 1
    assert run("translate") == ("COMPLETED", "nothing to do")


def test_translate_without_a_usable_engine_waits_and_says_why(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ivpipe.engines.dummy import Dummy

    run("ingest")
    monkeypatch.setattr(Dummy, "problem", lambda self, pair: f"it knows no {pair}; ask somebody")
    kind, message = run("translate")
    assert kind == "FAILED"
    assert message.splitlines()[0] == "translations: 3 waits"
    assert message.splitlines()[1].startswith("3 wait: ")
    assert "it knows no fr→en; ask somebody" in message
    with project.store.read() as session:
        rows = session.scalars(select(Translation)).all()
        assert [row.state for row in rows] == [State.PENDING] * 3
        assert all("ask somebody" in row.last_error and row.retry_at is not None for row in rows)
        assert session.scalar(select(func.count(Draft.id))) == 0


def test_a_run_beside_another_of_its_kind_does_nothing(project: Project) -> None:
    from ivpipe.steps.workers import only_one

    with only_one(project.home / "var" / "locks", "ingest-semaine") as held:
        assert held
        assert run("ingest") == ("COMPLETED", "sources: 1 busy")
        assert run("reconcile") == ("COMPLETED", "nothing to do")
    assert run("ingest") == ("COMPLETED", "sources: 1 read; articles: 3 new")


def test_prefect_losing_its_database_loses_and_repeats_nothing(project: Project) -> None:
    from prefect.testing.utilities import prefect_test_harness

    run("ingest")
    with project.store.write() as session:
        first = session.scalars(select(Translation.id).order_by(Translation.id)).first()
        for row in session.scalars(select(Translation).where(Translation.id != first)):
            row.lease_until, row.lease_owner = row.created_at.replace(year=2999), "another machine:1/2/x"
    run("translate")
    with prefect_test_harness(server_startup_timeout=90):  # another, empty database
        with project.store.write() as session:
            for row in session.scalars(select(Translation)):
                row.lease_until = None
        assert run("ingest") == ("COMPLETED", "sources: 1 read")
        assert run("translate") == ("COMPLETED", "translations: 2 drafted")
        assert project.approve_all() == 3
        assert run("publish") == ("COMPLETED", "publications: 3 published")
    assert run("publish") == ("COMPLETED", "nothing to do")
    with project.store.read() as session:
        assert session.scalar(select(func.count(Draft.id))) == 3
        assert session.scalar(select(func.count(Publication.id))) == 3
        keys = session.scalars(select(MachineTranslation.key)).all()
    assert len(keys) == len(set(keys))
    assert sorted(project.site.paths).count("/article-1") == 1


def test_deployments_keep_their_files_in_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    monkeypatch.setattr(served, "serve", lambda *_, **__: folders.append(Runner()._tmp_dir))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert served.main() == 0
    assert folders[0].is_relative_to(project.home / "var"), (
        "another user's, below the machine's temporary folder, would end it"
    )


def test_a_run_shows_one_table_and_one_summary(project: Project) -> None:
    from prefect.artifacts import Artifact

    project.site.pages["/article-2"] = lambda request: request.reply(404, b"gone")
    run("ingest")
    # In a thread of its own: where a browser test has left an event loop in this one, Prefect would answer with coroutines.
    with ThreadPoolExecutor(1) as pool:
        found = {key: pool.submit(Artifact.get, key).result().data for key in ("ingest-rows", "ingest-summary")}
    assert '"outcome": "failed"' in str(found["ingest-rows"]).split("}")[0]
    assert str(found["ingest-summary"]).startswith("**sources: 1 read; articles: 2 new, 1 failed**")


def test_a_run_has_tags_and_its_tasks_have_none(project: Project) -> None:
    """A task run with tags waits for the server to look for their limits."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags

    from ivpipe.flows.run import run_prefect

    def tags() -> tuple[list[list[str]], list[list[str]]]:
        with get_client(sync_client=True) as client:
            named = FlowRunFilter(tags=FlowRunFilterTags(all_=["by hand"]))
            return (
                [sorted(found.tags) for found in client.read_flow_runs(flow_run_filter=named)],
                [found.tags for found in client.read_task_runs(flow_run_filter=named)],
            )

    for flow in ("ingest", "translate"):
        run_prefect(flow)
    with ThreadPoolExecutor(1) as pool:  # in a thread of its own, as above
        runs, tasks = pool.submit(tags).result()
    assert sorted(runs) == [["by hand", "ingest", "ivpipe"], ["by hand", "ivpipe", "translate"]]
    assert tasks
    assert not any(tasks)
