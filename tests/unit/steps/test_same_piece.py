from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from tests.builders import NOW, add_person
from tests.servers.magazine_site import TEXT, MagazineSite

from ivpipe.model import Article, Decision, Role, Translation
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.ingest import backfill_source, due_articles, fetch_article, poll_source
from ivpipe.steps.triage import select_article
from ivpipe.store import Store


def ingest(store: Store, spec: SourceSpec, fetcher: Fetcher) -> list[str]:
    poll_source(store, spec, fetcher, NOW)
    return [
        fetch_article(store, article_id, spec, fetcher, ["en"], NOW, "w").outcome
        for article_id in due_articles(store, spec.slug, NOW)
    ]


def articles(store: Store) -> list[tuple[str, int | None, Decision, str]]:
    """(path, duplicate of, decision, reason) by id."""
    with store.read() as session:
        return [
            (row.url.split("/", 3)[3], row.duplicate_of_id, row.decision, row.decision_reason)
            for row in session.scalars(select(Article).order_by(Article.id))
        ]


def languages(store: Store) -> list[int]:
    """The articles that have a translation."""
    with store.read() as session:
        return list(session.scalars(select(Translation.article_id).order_by(Translation.id)))


def test_variants_in_one_feed_are_one_article(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    for path in ("/greve/amp/", "/greve", "/greve?amp=1", "/greve/"):
        magazine.write(path, "La grève")
    polled = poll_source(store, magazine.spec(), fetcher, NOW)
    assert (polled.found, polled.new) == (4, 1)
    assert [path for path, *_ in articles(store)] in (["greve"], ["greve/"])
    magazine.write("/greve?utm_source=x&output=amp", "La grève")
    assert poll_source(store, magazine.spec(), fetcher, NOW).new == 0


def test_an_amp_page_gives_way_to_the_article_it_is_of(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    magazine.write("/greve/amp/", "La grève", TEXT[:200], canonical="/greve")
    magazine.write("/greve", "La grève", canonical="/greve", announce=False)
    assert ingest(store, magazine.spec(), fetcher) == ["new"]
    with store.read() as session:
        article = session.get_one(Article, 1)
        assert article.document is not None
        assert (article.url, len(article.document.content.blocks)) == (f"{magazine.address}/greve", 8)


def test_an_amp_page_whose_article_is_not_there_is_read_itself(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/greve/amp/", "La grève", canonical="/greve")
    assert ingest(sqlite_store, magazine.spec(), fetcher) == ["new"]
    assert articles(sqlite_store)[0][0] == "greve/amp/"


def test_the_same_canonical_address_is_one_article(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    magazine.write("/greve", "La grève", canonical="/greve")
    magazine.write(
        "/dossier/greve", "La grève (dossier)", TEXT + "<p>Un mot de plus dans le dossier.</p>", canonical="/greve"
    )
    assert sorted(ingest(store, magazine.spec(select="all"), fetcher)) == ["duplicate", "new"]
    rows = {path: rest for path, *rest in articles(store)}
    doubles = [path for path, rest in rows.items() if rest[0] is not None]
    assert len(doubles) == 1
    assert rows[doubles[0]][1] is Decision.DISMISSED
    assert "the same piece as article" in rows[doubles[0]][2]
    assert len(languages(store)) == 1


def test_the_same_title_and_text_at_one_source_is_one_article(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/2026/greve", "La grève")
    magazine.write("/monde/greve-12", "La Grève\u00a0!")
    magazine.write("/autre", "La grève", TEXT.replace("dockers", "marins"))
    assert sorted(ingest(store, magazine.spec(select="all"), fetcher)) == ["duplicate", "new", "new"]
    assert len(languages(store)) == 2


def test_the_day_on_the_page_counts_where_the_feed_has_none(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève", date="", head='<meta name="date" content="2026-06-29T10:00:00+02:00">')
    assert ingest(sqlite_store, magazine.spec(), fetcher) == ["new"]
    with sqlite_store.read() as session:
        assert session.get_one(Article, 1).published_at == datetime(2026, 6, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize("title", ["Café &amp; société", "Le signe &lt;b&gt; et moi"])
def test_a_title_with_signs_of_markup_is_compared_as_text(
    store: Store, magazine: MagazineSite, fetcher: Fetcher, title: str
) -> None:
    magazine.write("/2026/cafe", title)
    magazine.write("/monde/cafe", title)
    assert sorted(ingest(store, magazine.spec(), fetcher)) == ["duplicate", "new"]


def test_the_same_text_at_another_source_is_another_article(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/2026/greve", "La grève")
    ingest(store, magazine.spec(), fetcher)
    magazine.items.clear()
    magazine.write("/republie", "La grève")
    assert ingest(store, magazine.spec("autre"), fetcher) == ["new"]


def test_one_canonical_address_on_all_pages_does_not_swallow_them(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    for path in ("/un", "/deux", "/trois"):
        magazine.write(path, f"Titre {path}", TEXT.replace("dockers", path), canonical="/accueil/une")
    assert ingest(store, magazine.spec(), fetcher) == ["new"] * 3


def test_whoever_wanted_the_double_gets_the_original(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    magazine.write("/un", "La grève")
    spec = magazine.spec()
    ingest(store, spec, fetcher)
    magazine.write("/deux", "La grève")
    poll_source(store, spec, fetcher, NOW)
    select_article(store, 2, ["en"], add_person(store, "ed", Role.EDITOR), NOW)
    assert fetch_article(store, 2, spec, fetcher, ["en"], NOW, "w").outcome == "duplicate"
    assert [(one, decision) for _, one, decision, _ in articles(store)] == [
        (None, Decision.SELECTED), (1, Decision.DISMISSED),
    ]  # fmt: skip
    assert languages(store) == [1]


def test_the_source_s_own_name_tells_an_article_that_moved(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    guid = "<guid isPermaLink='false'>semaine-7</guid>"
    magazine.write("/brouillon", "La grève", extra=guid)
    spec = magazine.spec()
    assert poll_source(store, spec, fetcher, NOW).new == 1
    magazine.items.clear()
    magazine.write("/la-greve", "La grève", extra=guid)
    assert poll_source(store, spec, fetcher, NOW).new == 0
    magazine.items.clear()
    magazine.write("/autre", "Autre chose", extra=guid)
    assert poll_source(store, spec, fetcher, NOW).new == 1, "a name given to several articles names none"


def test_filters_are_applied_again_when_the_page_is_read(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    section = '<meta property="article:section" content="{}">'
    magazine.write("/un", "La grève", head=section.format("Social"))
    magazine.write("/deux", "Le match", TEXT.replace("dockers", "joueurs"), head=section.format("Sport"))
    magazine.write("/trois", "Le régime", extra="<category>Santé</category>")
    spec = magazine.spec(select="all", filters={"sections": ["social"]})
    polled = poll_source(store, spec, fetcher, NOW)
    assert (polled.new, polled.passed_over) == (2, 1)
    assert sorted(ingest(store, spec, fetcher)) == ["new", "unwanted"]
    reasons = {path: reason for path, _, _, reason in articles(store)}
    assert reasons["deux"] == "La Semaine’s filters: its section is none of “social”"
    assert len(languages(store)) == 1
    assert due_articles(store, "semaine", NOW.replace(year=2027)) != []


def test_an_editor_s_choice_stands_above_the_filters(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/deux", "Le match")
    spec = magazine.spec(filters={"not_keywords": ["dockers"], "keywords": ["grève"]})
    poll_source(sqlite_store, spec, fetcher, NOW)
    select_article(sqlite_store, 1, ["en"], add_person(sqlite_store, "ed", Role.EDITOR), NOW)
    assert fetch_article(sqlite_store, 1, spec, fetcher, ["en"], NOW, "w").outcome == "new"
    assert languages(sqlite_store) == [1]


def test_an_article_announced_without_date_that_is_old_is_not_wanted(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    old = '<meta property="article:published_time" content="2019-03-02T10:00:00+00:00">'
    magazine.write("/vieux", "La grève de 2019", head=old, date="")
    assert ingest(sqlite_store, magazine.spec(), fetcher) == ["unwanted"]
    assert articles(sqlite_store)[0][3] == (
        "La Semaine’s filters: it is of 02 March 2019, and nothing before 01 June 2026 is wanted"
    )


def test_an_article_announced_with_a_date_is_as_old_as_it_was_announced(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    old = '<meta property="article:published_time" content="2019-03-02T10:00:00+00:00">'
    magazine.write("/republie", "La grève de 2019, republiée", head=old)
    assert ingest(sqlite_store, magazine.spec(), fetcher) == ["new"]


def test_widened_filters_read_a_feed_again_that_has_not_changed(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève", extra="<category>Social</category>")
    assert poll_source(sqlite_store, magazine.spec(filters={"sections": ["Monde"]}), fetcher, NOW).new == 0
    assert poll_source(sqlite_store, magazine.spec(filters={"sections": ["Monde"]}), fetcher, NOW).unchanged
    assert poll_source(sqlite_store, magazine.spec(), fetcher, NOW).new == 1


def test_two_sources_may_read_one_feed(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    magazine.write("/un", "La grève", extra="<category>Social</category>")
    magazine.write("/deux", "Le match", extra="<category>Sport</category>")
    social, sport = (magazine.spec(name.lower(), filters={"sections": [name]}) for name in ("Social", "Sport"))
    assert [poll_source(store, spec, fetcher, NOW).new for spec in (social, sport)] == [1, 1]
    assert [poll_source(store, spec, fetcher, NOW).unchanged for spec in (social, sport)] == [True, True]


def test_backfill_remembers_what_is_older_than_a_look_takes(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/neuf", "La grève")
    magazine.write("/vieux", "Le marché", TEXT.replace("dockers", "marins"), date="Mon, 02 Mar 2020 10:00:00 GMT")
    spec = magazine.spec()
    assert ingest(sqlite_store, spec, fetcher) == ["new"]
    since = NOW.replace(year=2020, month=1)
    assert backfill_source(sqlite_store, spec, fetcher, since, NOW).new == 1
    assert ingest(sqlite_store, spec, fetcher) == ["new"], "its age is no reason to dismiss it"


def test_no_page_that_a_feed_names_inside_the_network_is_asked_for(sqlite_store: Store, magazine: MagazineSite) -> None:
    spec = magazine.spec(fetch={"delay": 0, "allow_private": [f"feeds.example:{magazine.site.port}"]},
                         discovery={"urls": [f"http://feeds.example:{magazine.site.port}/feed"]})  # fmt: skip
    magazine.write("/secret", "Interne")
    with Fetcher("t", resolve=lambda host, port: ["127.0.0.1"], sleep=lambda _seconds: None) as fetcher:
        polled = poll_source(sqlite_store, spec, fetcher, NOW)
    assert (polled.new, [("not public" in warning) for warning in polled.warnings]) == (0, [True])
    assert "/secret" not in magazine.site.paths
