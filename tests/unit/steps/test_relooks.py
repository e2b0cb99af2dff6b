from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from tests.builders import NOW, add_person
from tests.servers.http_site import status
from tests.servers.magazine_site import TEXT, MagazineSite

from ivpipe.errors import FetchError, NotFound
from ivpipe.model import Article, Decision, DocumentVersion, FeedState, Role, Run, Snapshot, State, Translation
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.documents import gone_articles, next_look, reextract_source, version_difference
from ivpipe.steps.ingest import due_articles, fetch_article, poll_source
from ivpipe.steps.operations import retry_now
from ivpipe.steps.operations import status as operations_status
from ivpipe.steps.triage import select_article
from ivpipe.store import Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def looks(days: int) -> list[float]:
    """The hours after discovery at which a page is looked at."""
    found, now = [], NOW
    while (following := next_look(NOW, now, days)) is not None:
        found.append((following - NOW) / HOUR)
        now = following
    return found


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        (30, [1, 6, 24, 72, 168, 336, 672, 720]),
        (7, [1, 6, 24, 72, 168]),
        (1, [1, 6, 24]),
        (0, []),
    ],
)
def test_looks_thin_out_and_end(days: int, hours: list[float]) -> None:
    assert looks(days) == hours


def ingest(store: Store, spec: SourceSpec, fetcher: Fetcher, now=NOW) -> list[str]:  # type: ignore[no-untyped-def]
    """Poll, then read all that is due; the outcomes by article."""
    poll_source(store, spec, fetcher, now)
    outcomes = []
    for article_id in due_articles(store, spec.slug, now):
        try:
            outcomes.append(fetch_article(store, article_id, spec, fetcher, ["en"], now, "w").outcome)
        except FetchError as error:
            outcomes.append(type(error).__name__)
    return outcomes


def test_a_page_is_looked_at_again_when_its_time_has_come(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    spec = magazine.spec()
    assert ingest(store, spec, fetcher) == ["new"]
    assert ingest(store, spec, fetcher, NOW + HOUR / 2) == []
    assert ingest(store, spec, fetcher, NOW + HOUR) == ["unchanged"]
    assert magazine.site.requests[-1][0] == "/un"
    assert "if-none-match" in magazine.site.requests[-1][1]
    assert ingest(store, spec, fetcher, NOW + 2 * HOUR) == []
    magazine.write("/un", "La grève", TEXT + "<p>Un dernier paragraphe, ajouté le soir par la rédaction.</p>")
    assert ingest(store, spec, fetcher, NOW + 6 * HOUR) == ["changed"]
    assert [(one.part, one.kind, one.after) for one in version_difference(store, 1)] == [
        ("text", "added", "Un dernier paragraphe, ajouté le soir par la rédaction.")
    ]
    assert ingest(store, spec, fetcher, NOW + 40 * DAY) == ["unchanged"]
    assert ingest(store, spec, fetcher, NOW + 80 * DAY) == []


def test_a_source_may_forbid_second_looks(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    magazine.write("/un", "La grève")
    spec = magazine.spec(relook_days=0)
    assert ingest(store, spec, fetcher) == ["new"]
    assert ingest(store, spec, fetcher, NOW + 10 * DAY) == []


def test_a_page_that_has_gone_is_told_and_nothing_withdrawn(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    spec = magazine.spec(select="all")
    ingest(store, spec, fetcher)
    with store.write() as session:
        session.scalars(select(Translation)).one().state = State.APPROVED
    good = magazine.site.pages["/un"]
    magazine.site.pages["/un"] = status(410)
    assert ingest(store, spec, fetcher, NOW + HOUR) == ["PageGone"]
    assert [(row.id, row.gone_at) for row in gone_articles(store)] == [(1, NOW + HOUR)]
    told = operations_status(store, ["semaine"], NOW)
    assert told["gone"] == [
        {"id": 1, "title": "La grève", "url": f"{magazine.address}/un", "since": (NOW + HOUR).isoformat()}
    ]
    assert told["stuck"] == []
    with store.read() as session:
        assert session.scalars(select(Translation.state)).all() == [State.APPROVED]
        assert session.get_one(Article, 1).document_id is not None
    magazine.site.pages["/un"] = good
    assert retry_now(store, "article", 1)
    assert ingest(store, spec, fetcher, NOW + 2 * HOUR) == ["unchanged"]
    assert gone_articles(store) == []


def test_a_look_that_fails_at_the_end_of_its_time_is_not_repeated_for_ever(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    spec = magazine.spec()
    ingest(sqlite_store, spec, fetcher)
    magazine.site.pages["/un"] = status(500)
    assert ingest(sqlite_store, spec, fetcher, NOW + HOUR) == ["FetchError"]
    assert ingest(sqlite_store, spec, fetcher, NOW + 2 * HOUR) == ["FetchError"], (
        "a fault of the site is tried again soon"
    )
    assert ingest(sqlite_store, spec, fetcher, NOW + 31 * DAY) == ["FetchError"]
    assert due_articles(sqlite_store, "semaine", NOW + 99 * DAY) == []
    with sqlite_store.read() as session:
        assert session.get_one(Article, 1).last_error == ""


def test_version_difference_of_versions_there_are_not_is_refused(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    ingest(sqlite_store, magazine.spec(), fetcher)
    with pytest.raises(NotFound, match="article 1 has not changed since it was found: it has 1 version"):
        version_difference(sqlite_store, 1)


def test_reextract_reads_stored_pages_by_the_mended_spec_without_network(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    box = "<div class='promo'><p>Notre dossier spécial sur les ports du monde entier est en kiosque.</p></div>"
    magazine.write("/un", "La grève | La Semaine", TEXT.replace("<p>5.", f"{box}<p>5."))
    magazine.write("/deux", "Le marché | La Semaine")
    spec = magazine.spec(select="all")
    assert ingest(store, spec, fetcher) == ["new", "new"]
    with store.write() as session:
        for translation in session.scalars(select(Translation)):
            translation.state = State.SUBMITTED
    asked = len(magazine.site.requests)
    mended = magazine.spec(select="all", fields={"strip": ["css:.promo"], "replace": {"title": [[r"\s*\|.*$", ""]]}})

    tried = {done.title: done for done in reextract_source(store, mended, ["en"], NOW + DAY, dry_run=True)}
    assert {done.outcome for done in tried.values()} == {"changed"}
    with store.read() as session:
        assert session.scalar(select(func.count(DocumentVersion.id))) == 2, "a dry run writes nothing"
    done = {one.article_id: one for one in reextract_source(store, mended, ["en"], NOW + DAY)}
    assert {one.outcome for one in done.values()} == {"changed"}
    parts = sorted((change.part, change.kind) for one in done.values() for change in one.changes)
    assert ("title", "changed") in parts
    assert [one.outcome for one in reextract_source(store, mended, ["en"], NOW + DAY)] == ["unchanged", "unchanged"]
    with store.read() as session:
        assert sorted(session.scalars(select(Article.title))) == ["La grève", "Le marché"]
        assert session.scalars(select(Translation.source_changed)).all() == [True, True]
        assert session.scalar(select(func.count(Snapshot.id))) == 2
    assert len(magazine.site.requests) == asked


def test_reextract_reads_a_page_that_could_not_be_read_before(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    broken = magazine.spec(select="all", fields={"replace": {"title": [[".*", ""]]}})
    poll_source(sqlite_store, broken, fetcher, NOW)
    with pytest.raises(Exception, match="leaves nothing of the title"):
        fetch_article(sqlite_store, 1, broken, fetcher, ["en"], NOW, "w")
    (done,) = reextract_source(sqlite_store, magazine.spec(select="all"), ["en"], NOW)
    assert (done.outcome, done.changes) == ("new", ())
    with sqlite_store.read() as session:
        assert session.get_one(Article, 1).last_error == ""
        assert session.scalar(select(func.count(Translation.id))) == 1


def test_reextract_reads_old_snapshots_by_the_fields_of_their_day(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève", "<p class='chapo-old'>Le chapô.</p>" + TEXT)
    old = {"standfirst": ["css:.chapo-old"]}
    ingest(sqlite_store, magazine.spec(fields=old), fetcher)
    redesigned = magazine.spec(
        fields={"standfirst": ["css:.chapo-new"]}, fields_before=[{"until": (NOW + DAY).date(), **old}]
    )
    (done,) = reextract_source(sqlite_store, redesigned, ["en"], NOW + 2 * DAY)
    assert (done.outcome, done.warnings) == ("unchanged", ())
    late = magazine.spec(fields={"standfirst": ["css:.chapo-new"]}, fields_before=[{"until": NOW.date(), **old}])
    (done,) = reextract_source(sqlite_store, late, ["en"], NOW + 2 * DAY, dry_run=True)
    assert any("fields.standfirst finds nothing" in warning for warning in done.warnings)


PAYWALL = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"T","isAccessibleForFree":false}</script>'
)
TEASER = "<p>Les dockers ne cèdent pas, et le port reste vide depuis trois semaines. Rien n’entre, rien ne sort…</p>"


def test_a_teaser_waits_until_an_editor_selects_it_again(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    from ivpipe.steps.draft import due_translations

    magazine.write("/un", "La grève", TEASER, head=PAYWALL)
    ingest(store, magazine.spec(), fetcher)
    editor = add_person(store, "ed", Role.EDITOR)
    select_article(store, 1, ["en"], editor, NOW)
    assert due_translations(store, NOW + DAY) == []
    assert [row["why"] for row in operations_status(store, [], NOW)["stuck"]] == [
        "the page shows only the beginning of the article; the rest is behind a paywall — "
        "select the article again to translate what there is, or dismiss it"
    ]
    select_article(store, 1, ["en"], editor, NOW)
    assert due_translations(store, NOW + DAY) == [1]
    assert operations_status(store, [], NOW)["stuck"] == []
    magazine.write("/un", "La grève", TEASER.replace("trois", "quatre"), head=PAYWALL)
    assert ingest(store, magazine.spec(), fetcher, NOW + HOUR) == ["changed"]
    assert due_translations(store, NOW + DAY) == [1], "what an editor let pass stays let pass"


def test_a_teaser_that_becomes_whole_goes_on_by_itself(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    from ivpipe.steps.draft import due_translations

    magazine.write("/un", "La grève", TEASER, head=PAYWALL)
    spec = magazine.spec(select="all")
    ingest(sqlite_store, spec, fetcher)
    assert due_translations(sqlite_store, NOW + DAY) == []
    magazine.write("/un", "La grève", TEXT)
    assert ingest(sqlite_store, spec, fetcher, NOW + HOUR) == ["changed"]
    assert due_translations(sqlite_store, NOW + DAY) == [1]
    with sqlite_store.read() as session:
        assert (session.get_one(Article, 1).waits, session.get_one(Translation, 1).last_error) == ("", "")


def rows(store: Store) -> dict[str, int]:
    tables = (Article, Snapshot, DocumentVersion, FeedState, Translation, Run)
    with store.read() as session:
        return {table.__name__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.mark.slow
def test_two_hundred_sources_with_nothing_new_cost_a_conditional_request_each_and_no_row(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    specs = []
    for number in range(200):
        magazine.feed(f"/feed-{number}")
        specs.append(magazine.spec(f"source-{number}", discovery={"urls": [f"{magazine.address}/feed-{number}"]}))
    for spec in specs:
        poll_source(sqlite_store, spec, fetcher, NOW)
    before, asked = rows(sqlite_store), len(magazine.site.requests)
    assert (before["Article"], before["FeedState"]) == (1, 200)
    polled = [poll_source(sqlite_store, spec, fetcher, NOW + HOUR) for spec in specs]
    assert {(one.found, one.new, one.unchanged) for one in polled} == {(0, 0, True)}
    assert rows(sqlite_store) == before
    requests = magazine.site.requests[asked:]
    assert [path for path, _ in requests] == [f"/feed-{number}" for number in range(200)]
    assert all("if-none-match" in headers for _, headers in requests)


def test_decision_is_not_undone_by_a_look(sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    magazine.write("/un", "La grève")
    ingest(sqlite_store, magazine.spec(), fetcher)
    with sqlite_store.write() as session:
        session.get_one(Article, 1).decision = Decision.DISMISSED
    assert ingest(sqlite_store, magazine.spec(), fetcher, NOW + DAY) == [], "what was dismissed is not looked at"
