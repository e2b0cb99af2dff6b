from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import NOW
from tests.servers.http_site import status
from tests.servers.magazine_site import TEXT, MagazineSite

from ivpipe.errors import SourceError
from ivpipe.sources.fetching import Fetcher
from ivpipe.steps.health import Facts, Health, judge, source_states
from ivpipe.steps.ingest import due_articles, fetch_article, poll_source
from ivpipe.steps.operations import status as operations_status
from ivpipe.store import Store

TODAY = NOW.date()
DAY = timedelta(days=1)
GONE = "semaine: fields.body finds nothing any more (css:.texte); found generically instead"
SHORT = "the article is very short (120 characters): is it whole?"
NOTES = "no mark in the text refers to note 3"


def daily(days: int, until: int = 0) -> list:  # type: ignore[type-arg]
    return [TODAY - DAY * back for back in range(until, until + days)]


def test_a_source_nobody_has_looked_at_is_new() -> None:
    assert judge(Facts(polled=False), TODAY) == Health(100, "new", ("it has not been looked at yet",))


def test_a_source_without_doubts_is_good() -> None:
    assert judge(Facts(True, doubts=[[]] * 20, days=daily(20)), TODAY) == Health(100, "good")


@pytest.mark.parametrize(
    ("facts", "score", "grade", "reason"),
    [
        (Facts(True, doubts=[[GONE]] * 20), 10, "bad", "20 of the last 20 articles: a rule of the spec finds nothing any more"),
        (Facts(True, doubts=[[GONE, NOTES]] * 5 + [[]] * 15), 78, "doubtful",
         "5 of the last 20 articles: a rule of the spec finds nothing any more"),
        (Facts(True, doubts=[[SHORT]] + [[]] * 19), 96, "good", "1 of the last 20 articles: very short"),
        (Facts(True, doubts=[[NOTES]] * 20), 60, "doubtful", "20 of the last 20 articles: notes and their marks do not match"),
        (Facts(True, doubts=[[SHORT]]), 82, "good", "1 of the last 1 articles: very short"),
        (Facts(True, unread=10, doubts=[[]] * 10), 55, "doubtful", "10 of the last 20 cannot be read"),
        (Facts(True, failures=1, error="the site is busy"), 85, "good", "it could not be looked at, once: the site is busy"),
        (Facts(True, failures=9, error="404"), 25, "bad", "it could not be looked at, 9 times in a row: 404"),
        (Facts(True, days=daily(20, until=5)), 60, "doubtful", "silent for 5 days; it used to be 1 at most"),
        (Facts(True, days=[TODAY - DAY * 60]), 60, "doubtful", "silent for 60 days"),
    ],
)  # fmt: skip
def test_health_falls_with_doubts_failures_and_silence(facts: Facts, score: int, grade: str, reason: str) -> None:
    assert judge(facts, TODAY) == Health(score, grade, (reason,))


@pytest.mark.parametrize(
    "days",
    [daily(20, until=4), [TODAY - DAY * back for back in (20, 27, 34, 41)], [TODAY - DAY * 40], daily(4, until=14), []],
    ids=["a pause of four days", "a weekly in its third week", "one article ever", "four, a day apart", "none"],
)
def test_silence_that_is_not_unusual_is_no_loss(days: list) -> None:  # type: ignore[type-arg]
    assert judge(Facts(True, days=days), TODAY) == Health(100, "good")


def test_reasons_come_gravest_first() -> None:
    facts = Facts(True, failures=1, error="x", doubts=[[GONE]] * 20)
    assert [reason[:2] for reason in judge(facts, TODAY).reasons] == ["20", "it"]


def test_selectors_that_find_nothing_any_more_alarm_the_operator(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = magazine.spec(fields={"body": ["css:.texte"], "standfirst": ["css:.chapo"]})
    for number in range(5):
        magazine.write(f"/{number}", f"Titre {number}")
    poll_source(store, spec, fetcher, NOW)
    for article_id in due_articles(store, "semaine", NOW):
        fetch_article(store, article_id, spec, fetcher, ["en"], NOW, "w")
    state = source_states(store, ["semaine", "autre"], NOW)
    assert {slug: (one.health.grade, one.articles) for slug, one in state.items()} == {
        "semaine": ("bad", 5), "autre": ("new", 0),
    }  # fmt: skip
    found = operations_status(store, ["semaine"], NOW)
    assert [(row["what"], row["id"], row["why"]) for row in found["stuck"]] == [
        ("source", "semaine",
         "its health is 10 of 100: 5 of the last 5 articles: a rule of the spec finds nothing any more"),
    ]  # fmt: skip
    assert [(row["slug"], row["health"], row["grade"]) for row in found["sources"]] == [("semaine", 10, "bad")]


def test_a_source_that_fails_is_stuck_and_its_health_falls(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    magazine.write("/un", "La grève")
    poll_source(sqlite_store, magazine.spec(), fetcher, NOW)
    magazine.site.pages["/feed"] = status(404)
    scores = []
    for _ in range(4):
        with pytest.raises(SourceError):
            poll_source(sqlite_store, magazine.spec(), fetcher, NOW)
        scores.append(source_states(sqlite_store, ["semaine"], NOW)["semaine"].health.score)
    assert scores == [85, 70, 55, 40]
    (row,) = operations_status(sqlite_store, ["semaine"], NOW)["stuck"]
    assert "404" in row["why"]
    assert source_states(sqlite_store, ["semaine"], NOW)["semaine"].last_success == NOW


def test_articles_that_can_no_longer_be_read_make_health_fall(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    for path in ("/un", "/deux", "/trois"):
        magazine.write(path, f"Titre {path}", TEXT.replace("dockers", path))
    spec = magazine.spec()
    poll_source(sqlite_store, spec, fetcher, NOW)
    for article_id in (1, 2, 3):
        fetch_article(sqlite_store, article_id, spec, fetcher, ["en"], NOW, "w")
    assert source_states(sqlite_store, ["semaine"], NOW)["semaine"].health.score == 100
    for path in ("/un", "/deux", "/trois"):
        magazine.write(path, f"Titre {path}", '<div id="app"></div>')
    for article_id in (1, 2, 3):
        with pytest.raises(SourceError):
            fetch_article(sqlite_store, article_id, spec, fetcher, ["en"], NOW, "w")
    health = source_states(sqlite_store, ["semaine"], NOW)["semaine"].health
    assert (health.grade, health.reasons) == ("bad", ("3 of the last 3 cannot be read",))
