from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from tests.builders import NOW, add_article, add_person
from tests.servers.http_site import HttpSite, Request, running_site

from ivpipe.errors import ExtractionError, FetchError, NotFound, PageGone, Refused, SourceError
from ivpipe.model import Article, Decision, DocumentVersion, FeedState, Snapshot, Source, State, Translation
from ivpipe.model.lifecycle import Actor, Role
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import Discovery, Fetch, SourceSpec
from ivpipe.steps import ingest as step
from ivpipe.steps.triage import dismiss_article, select_article
from ivpipe.store import Store

DAY = timedelta(days=1)
TEXT = "<p>" + "Les dockers ne cèdent pas, et le port reste vide depuis trois semaines. " * 12 + "</p>"


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with running_site() as site:
        site.pages["/robots.txt"] = lambda request: request.reply(404)
        site.pages["/feed"] = feed(site, "un", "deux")
        for name in ("un", "deux"):
            site.pages[f"/{name}"] = page(f"L’article {name}")
        yield site


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher("test@example.org", sleep=lambda _seconds: None) as fetcher:
        yield fetcher


def feed(site: HttpSite, *names: str) -> object:
    items = "".join(
        f"<item><title>L’article {name}</title><link>http://127.0.0.1:{site.port}/{name}</link>"
        f"<pubDate>Tue, 30 Jun 2026 08:00:00 +0200</pubDate></item>"
        for name in names
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>S</title>{items}</channel></rss>'.encode()

    def answer(request: Request) -> None:
        if request.headers.get("If-None-Match") == '"1"':
            request.reply(304)
        else:
            request.reply(200, body, Content_Type="application/rss+xml", ETag='"1"')

    return answer


def page(title: str, text: str = TEXT) -> object:
    html = f"<html lang=fr><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
    return lambda request: request.reply(200, html.encode(), Content_Type="text/html; charset=utf-8")


def spec(site: HttpSite, **more: object) -> SourceSpec:
    return SourceSpec(
        slug="semaine",
        name="La Semaine",
        url=f"http://127.0.0.1:{site.port}/",
        languages=("fr",),
        discovery=Discovery(urls=(f"http://127.0.0.1:{site.port}/feed",)),
        fetch=Fetch(delay=0, allow_private=(f"127.0.0.1:{site.port}",)),
        **more,  # type: ignore[arg-type]
    )


def fetch(store: Store, site: HttpSite, fetcher: Fetcher, article_id: int = 1) -> step.Fetched:
    return step.fetch_article(store, article_id, spec(site), fetcher, ["en"], NOW, "w")


def counts(store: Store) -> tuple[int, int, int]:
    with store.read() as session:
        return tuple(  # type: ignore[return-value]
            session.scalar(select(func.count()).select_from(table)) for table in (Article, Snapshot, DocumentVersion)
        )


def test_poll_remembers_new_articles_undecided_and_once(store: Store, site: HttpSite, fetcher: Fetcher) -> None:
    assert step.poll_source(store, spec(site), fetcher, NOW) == step.Polled(2, 2, False, ())
    with store.read() as session:
        rows = session.scalars(select(Article).order_by(Article.id)).all()
        assert sorted((row.title, row.decision) for row in rows) == [
            ("L’article deux", Decision.UNDECIDED),
            ("L’article un", Decision.UNDECIDED),
        ]
    assert step.poll_source(store, spec(site), fetcher, NOW) == step.Polled(0, 0, True, ())
    assert counts(store) == (2, 0, 0)
    site.pages["/feed"] = lambda request: feed(site, "un", "trois")(fresh(request))  # type: ignore[operator]
    assert step.poll_source(store, spec(site), fetcher, NOW).new == 1


def fresh(request: Request) -> Request:
    del request.headers["If-None-Match"]
    return request


def test_poll_that_fails_is_noted_on_the_source_and_forgotten_at_the_next_success(
    store: Store, site: HttpSite, fetcher: Fetcher
) -> None:
    good = site.pages["/feed"]
    site.pages["/feed"] = lambda request: request.reply(
        200, b"<html><p>Maintenance</p></html>", Content_Type="text/html"
    )
    with pytest.raises(SourceError, match="/feed"):
        step.poll_source(store, spec(site), fetcher, NOW)
    with store.read() as session:
        source = session.get_one(Source, "semaine")
        assert (source.failures, source.last_succeeded_at) == (1, None)
        assert "/feed" in source.last_error
        assert session.scalar(select(func.count(FeedState.url))) == 0
    site.pages["/feed"] = good
    step.poll_source(store, spec(site), fetcher, NOW)
    with store.read() as session:
        source = session.get_one(Source, "semaine")
        assert (source.failures, source.last_error, source.last_succeeded_at) == (0, "", NOW)


def test_fetch_keeps_the_page_and_makes_a_document(store: Store, site: HttpSite, fetcher: Fetcher) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    ids = step.due_articles(store, "semaine", NOW)
    assert len(ids) == 2
    assert fetch(store, site, fetcher).outcome == "new"
    assert step.due_articles(store, "semaine", NOW) == ids[1:]
    with store.read() as session:
        article = session.get_one(Article, 1)
        snapshot = session.scalars(select(Snapshot)).one()
        assert article.document is not None
        assert article.document.content.title == article.title
        assert b"Les dockers" in zlib.decompress(snapshot.body)
        assert session.scalar(select(func.count(Translation.id))) == 0, "nobody has selected it"


def test_fetch_same_page_again_makes_no_new_version(store: Store, site: HttpSite, fetcher: Fetcher) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    fetch(store, site, fetcher)
    assert fetch(store, site, fetcher).outcome == "unchanged"
    assert counts(store) == (2, 1, 1)
    with store.read() as session:
        name = session.get_one(Article, 1).url.rsplit("/", 1)[1]
    site.pages[f"/{name}"] = page(f"L’article {name}", TEXT + "<!-- built in 12 ms -->")
    assert fetch(store, site, fetcher).outcome == "unchanged"
    assert counts(store) == (2, 2, 1)


def test_fetch_changed_page_makes_a_version_and_tells_the_translation(
    store: Store, site: HttpSite, fetcher: Fetcher
) -> None:
    step.poll_source(store, spec(site, select="all"), fetcher, NOW)
    fetch(store, site, fetcher)
    with store.write() as session:
        translation = session.scalars(select(Translation)).one()
        assert translation.state is State.PENDING
        translation.state = State.SUBMITTED
        name = session.get_one(Article, 1).url.rsplit("/", 1)[1]
    site.pages[f"/{name}"] = page(f"L’article {name}", TEXT + "<p>Un paragraphe ajouté ce matin par la rédaction.</p>")
    assert fetch(store, site, fetcher).outcome == "changed"
    with store.read() as session:
        translation = session.scalars(select(Translation)).one()
        assert (translation.state, translation.source_changed) == (State.SUBMITTED, True)
        assert session.get_one(Article, 1).document.number == 2  # type: ignore[union-attr]


def test_fetch_page_that_is_only_read_better_is_no_change_at_the_source(
    store: Store, site: HttpSite, fetcher: Fetcher
) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    fetch(store, site, fetcher)
    with store.write() as session:
        session.execute(update(DocumentVersion).values(content_hash="as an earlier release read it"))
        name = session.get_one(Article, 1).url.rsplit("/", 1)[1]
    for extra, outcome in (
        ("<!-- built in 12 ms -->", "unchanged"),
        ("<p>Un paragraphe ajouté ce matin.</p>", "changed"),
    ):
        site.pages[f"/{name}"] = page(f"L’article {name}", TEXT + extra)
        assert fetch(store, site, fetcher).outcome == outcome
    assert counts(store) == (2, 3, 2)


def test_fetch_page_that_has_gone_says_so_and_is_not_asked_for_again(
    store: Store, site: HttpSite, fetcher: Fetcher
) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    for name in ("un", "deux"):
        site.pages[f"/{name}"] = lambda request: request.reply(410)
    with pytest.raises(PageGone):
        fetch(store, site, fetcher)
    assert step.due_articles(store, "semaine", NOW + 30 * DAY) == [2]


def test_fetch_that_fails_is_tried_again_later(store: Store, site: HttpSite, fetcher: Fetcher) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    good = dict(site.pages)
    for name in ("un", "deux"):
        site.pages[f"/{name}"] = lambda request: request.reply(500)
    with pytest.raises(FetchError) as caught:
        fetch(store, site, fetcher)
    assert caught.value.retryable
    assert step.due_articles(store, "semaine", NOW) == [2]
    assert step.due_articles(store, "semaine", NOW + DAY) == [1, 2]
    site.pages.update(good)
    assert fetch(store, site, fetcher).outcome == "new"


def test_fetch_page_without_an_article_keeps_the_snapshot_for_a_mended_spec(
    store: Store, site: HttpSite, fetcher: Fetcher
) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    for name in ("un", "deux"):
        site.pages[f"/{name}"] = lambda request: request.reply(200, b"\x89PNG\r\n\x1a\n" * 30, Content_Type="text/html")
    with pytest.raises(ExtractionError, match=f"127.0.0.1:{site.port}"):
        fetch(store, site, fetcher)
    assert counts(store) == (2, 1, 0)


def test_select_and_dismiss_are_for_editors(store: Store) -> None:
    add_article(store, selected=False)
    editor, translator = add_person(store, "ed", Role.EDITOR), add_person(store, "tess", Role.TRANSLATOR)
    with pytest.raises(Refused, match="only an editor"):
        select_article(store, 1, ["en"], translator, NOW)
    with pytest.raises(NotFound, match="no article 7"):
        select_article(store, 7, ["en"], editor, NOW)
    select_article(store, 1, ["en", "fr"], editor, NOW)
    select_article(store, 1, ["en", "fr"], editor, NOW)
    with store.read() as session:
        assert [t.lang for t in session.scalars(select(Translation))] == ["en"], "not into its own language"
    dismiss_article(store, 1, editor, "too late", NOW)
    with store.read() as session:
        assert session.scalar(select(func.count(Translation.id))) == 0
        assert session.get_one(Article, 1).decision_reason == "too late"


def test_dismiss_is_refused_once_there_is_a_draft(sqlite_store: Store) -> None:
    add_article(sqlite_store)
    with sqlite_store.write() as session:
        row = session.get_one(Translation, 1)
        row.state, row.revision = State.DRAFTED, 1
    editor = Actor(None, "Ed", frozenset({Role.EDITOR}))
    with pytest.raises(Refused, match="reject the translation instead"):
        dismiss_article(sqlite_store, 1, editor, "", NOW)


def note(store: Store, article_id: int = 1) -> tuple[int, str]:
    with store.read() as session:
        article = session.get_one(Article, article_id)
        return article.unfinished, article.last_error


def killed_while_reading(*_pages: object) -> None:
    raise KeyboardInterrupt  # nothing of the step runs after it that would note an end, as after a kill


def test_that_a_page_is_about_to_be_read_is_noted_before_and_the_note_ends_with_the_attempt(
    store: Store, site: HttpSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    noted = []
    read = step.read_pages

    def looking(pages: list[step.FetchedPage], source: SourceSpec) -> object:
        noted.append(note(store)[0])
        return read(pages, source)

    monkeypatch.setattr(step, "read_pages", looking)
    site.pages["/un"] = page("L’article un", "")
    with pytest.raises(ExtractionError):
        fetch(store, site, fetcher)
    assert (noted, note(store)[0]) == ([1], 0)
    site.pages["/un"] = page("L’article un")
    assert fetch(store, site, fetcher).outcome == "new"
    assert (noted, note(store)) == ([1, 1], (0, ""))


def test_a_page_whose_reading_never_ended_twice_is_not_asked_for_again_for_a_day(
    store: Store, site: HttpSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(step, "read_pages", killed_while_reading)
        for _ in range(2):
            assert set(step.due_articles(store, "semaine", NOW + timedelta(hours=1))) == {1, 2}
            with pytest.raises(KeyboardInterrupt):
                fetch(store, site, fetcher)
            assert step.due_articles(store, "semaine", NOW + timedelta(hours=1)) == [2, 1]
    assert note(store) == (2, "")
    asked = len(site.requests)
    with pytest.raises(ExtractionError, match="was begun twice, and both times the process ended"):
        fetch(store, site, fetcher)
    assert len(site.requests) == asked
    assert "was begun twice" in note(store)[1]
    assert step.due_articles(store, "semaine", NOW + timedelta(hours=18)) == [2]
    later = NOW + timedelta(hours=30)
    assert step.due_articles(store, "semaine", later) == [1, 2]
    assert step.fetch_article(store, 1, spec(site), fetcher, ["en"], later, "w").outcome == "new"
    assert note(store) == (0, "")


def test_of_a_page_that_is_never_read_the_newest_look_is_kept(store: Store, site: HttpSite, fetcher: Fetcher) -> None:
    step.poll_source(store, spec(site), fetcher, NOW)
    for number in range(3):
        site.pages["/un"] = page(f"L’article {number}", "")
        with pytest.raises(ExtractionError):
            fetch(store, site, fetcher)
    with store.read() as session:
        bodies = session.scalars(select(Snapshot.body)).all()
    assert [b"L\xe2\x80\x99article 2" in zlib.decompress(body) for body in bodies] == [True]
