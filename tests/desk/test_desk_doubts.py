"""Doubtful pages, as editors and translators see them."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from tests.desk import world
from tests.desk.test_desk_sources import section

from ivpipe.model import Article, ArticleDoubt, DocumentVersion, Doubt, DoubtKind, Snapshot, Translation
from ivpipe.steps.judge import note_doubt

QUOTE = "Page non trouvée <script>alert(1)</script>"


def doubt(magazine, article_id=1, kind=DoubtKind.ANOTHER, readable=True):
    """The page of an article becomes doubtful."""
    with magazine.store.write() as session:
        article = session.get_one(Article, article_id)
        document = None
        if article.document is not None and readable:
            document = replace(article.document.content, title="Un tout autre titre")
        snapshot = Snapshot(
            article_id=article_id, url=article.url, status=200, headers={}, body=zlib.compress(b"<html>"), sha256="1" * 64,
            fetched_at=magazine.clock.now, doubtful=True,
        )  # fmt: skip
        session.add(snapshot)
        session.flush()
        found = Doubt(kind, "https://quai.example/ailleurs", QUOTE, 0.04)
        note_doubt(session, article, found, snapshot.id, document, magazine.clock.now)


def versions(magazine):
    with magazine.store.read() as session:
        return session.scalar(select(func.count(DocumentVersion.id)))


def test_doubt_stands_where_people_look_and_touches_nothing(magazine, strike):
    doubt(magazine)
    eva, ana = magazine.visitor("eva"), magazine.visitor("ana")
    page = eva.get("/articles/1").text
    assert "May be another article" in page
    assert "4 % of the text is still there" in page
    assert "Page non trouvée &lt;script&gt;" in page
    assert "https://quai.example/ailleurs" in page
    assert "Accept it as the new version" in page
    assert "Accept it as the new version" not in ana.get("/articles/1").text
    assert "may be another article" in section(eva.get("/inbox").text, "moved")
    assert "may be another article" in eva.get(f"/translations/{strike}").text
    assert "Un tout autre titre" in eva.get("/articles/1/doubtful").text.replace("<ins>", "").replace("</ins>", "")
    assert "Pages in doubt" in magazine.visitor("ops").get("/status").text
    with magazine.store.read() as session:
        translation = session.get_one(Translation, strike)
        assert (translation.state, translation.source_changed) == ("drafted", False)


@pytest.mark.parametrize("path", ["accept", "keep"])
def test_only_editors_decide_and_only_with_the_sessions_token(magazine, strike, path):
    doubt(magazine)
    ana, eva = magazine.visitor("ana"), magazine.visitor("eva")
    ana.get("/articles/1")
    assert ana.post(f"/articles/1/{path}").status_code == 403
    assert eva.client.post(f"/articles/1/{path}", data={}).status_code == 403
    assert versions(magazine) == 1
    with magazine.store.read() as session:
        assert session.scalars(select(ArticleDoubt.decision)).all() == [None]


def test_editor_accepts_it(magazine, strike):
    doubt(magazine)
    eva = magazine.visitor("eva")
    eva.get("/articles/1")
    assert eva.post("/articles/1/accept").headers["location"] == "/articles/1?done=accepted"
    page = eva.get("/articles/1").text
    assert "Un tout autre titre" in page
    assert "May be another article" not in page
    assert versions(magazine) == 2
    assert eva.get("/articles/1/doubtful").status_code == 404
    assert eva.post("/articles/1/accept").status_code == 404


def test_editor_keeps_what_there_is(magazine, strike):
    doubt(magazine)
    eva = magazine.visitor("eva")
    eva.get("/articles/1")
    assert eva.post("/articles/1/keep").status_code == 303
    page = eva.get("/articles/1").text
    assert "An editor has decided to keep the text there is" in page
    assert "Accept it as the new version" not in page
    assert section(eva.get("/inbox").text, "moved") == ""


def test_editor_says_that_it_is_gone(magazine, strike):
    doubt(magazine)
    eva = magazine.visitor("eva")
    eva.get("/articles/1")
    eva.post("/articles/1/keep", {"gone": "1"})
    assert "gone from the site" in section(eva.get("/inbox").text, "moved")
    assert "An editor has decided that it is gone" in eva.get("/articles/1").text


def test_page_from_which_nothing_was_read_cannot_be_accepted(magazine, strike):
    doubt(magazine, kind=DoubtKind.SHELL, readable=False)
    eva = magazine.visitor("eva")
    assert "No article could be read from the page" in eva.get("/articles/1/doubtful").text
    answer = eva.post("/articles/1/accept")
    assert answer.status_code == 409
    assert "no article could be read" in answer.text.lower()


def test_triage_names_the_doubt(magazine):
    article_id = world.add_article(magazine.store, replace(world.strike(), url="https://quai.example/y"))
    doubt(magazine, article_id)
    assert "May be another article" in magazine.visitor("eva").get("/triage").text
