"""What becomes of sources, as editors and operators see it: changes, articles that have gone, doubts, health."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.builders import add_document
from tests.desk import world

from ivpipe.desk.changes import ChangeView, change_view
from ivpipe.model import Article, Block, BlockType, Draft, Event, Review, Source, Translation
from ivpipe.steps import review
from ivpipe.steps.documents import gone_articles
from ivpipe.text.difference import document_difference


def revise(magazine, translation_id, **changes):
    """Give a translation's article a version more, in which the heading of its second block is another."""
    with magazine.store.write() as session:
        article = session.get_one(Article, session.get_one(Translation, translation_id).article_id)
        document = article.document.content
        blocks = list(document.blocks)
        blocks[1] = replace(blocks[1], html="Un port presque sans bruit")
        add_document(session, article, replace(document, blocks=tuple(blocks), **changes))
        review.source_changed(session, article, magazine.clock.now)
        return article.id


def go(magazine, translation_id):
    """The article of a translation goes from its site."""
    with magazine.store.write() as session:
        article = session.get_one(Article, session.get_one(Translation, translation_id).article_id)
        article.gone, article.gone_at = True, magazine.clock.now
        return article.id


def approve(magazine, translation_id):
    ana = magazine.claimed("ana", translation_id)
    for row in world.segments_of(magazine.store, translation_id):
        for issue in row.issues:
            ana.post(f"/issues/{issue.id}/dismiss", {"reason": "a test"})
    ana.post(f"/translations/{translation_id}/submit")
    assert magazine.visitor("eva").post(f"/translations/{translation_id}/approve").status_code == 303


def section(page, name):
    """One list of the inbox; "" where it is not there."""
    _, found, rest = page.partition(f'<h2 id="{name}">')
    return rest.partition("</section>")[0] if found else ""


def test_the_difference_between_versions_is_there_to_be_read(magazine, strike):
    article_id = revise(magazine, strike, title="Au Havre, la grève qui tient")
    revise(magazine, strike, title="Au Havre, la grève qui tient bon")
    eva = magazine.visitor("eva")
    last = eva.get(f"/articles/{article_id}/changes").text
    assert "Au Havre, la grève qui tient<ins> bon</ins>" in last
    assert "Part 2" not in last
    whole = eva.get(f"/articles/{article_id}/changes?old=1&new=3").text
    assert "Heading, part 2" in whole
    assert "Un port<ins> presque</ins> sans bruit" in whole
    assert f'href="/articles/{article_id}/changes"' in eva.get(f"/articles/{article_id}").text
    assert "only markup differs" in eva.get(f"/articles/{article_id}/changes?old=2&new=2").text
    for odd in ("old=0", "old=9", "new=99", "old=3&new=4"):
        assert eva.get(f"/articles/{article_id}/changes?{odd}").status_code == 404, odd
    assert eva.get(f"/articles/{article_id}/changes?old=x&new=²").status_code == 200


def test_an_article_of_one_version_has_nothing_to_compare(magazine, strike):
    assert "only one version" in magazine.visitor("eva").get("/articles/1/changes").text
    assert "/articles/1/changes" not in magazine.visitor("eva").get("/articles/1").text


def test_changes_are_named_by_place_and_kind():
    old = world.strike()
    blocks = list(old.blocks)
    blocks[1] = replace(blocks[1], level=3)
    blocks[4] = replace(blocks[4], html="Ce que veut l’intersyndicale")
    blocks.insert(2, Block(BlockType.PARAGRAPH, "Ajouté &amp; neuf."))
    new = replace(old, blocks=tuple(blocks), authors=("Jeanne Morel", "Luc Py"), notes=())
    assert [change_view(one) for one in document_difference(old, new)] == [
        ChangeView("Authors", "changed", "reworded", "Jeanne Morel<ins>, Luc Py</ins>"),
        ChangeView("Heading, part 2", "changed", "another level", "Un port sans bruit"),
        ChangeView("Part 3", "added", "new", "<ins>Ajouté &amp; neuf.</ins>"),
        ChangeView(
            "Heading, part 6", "changed", "reworded", "Ce que<del> demande</del><ins> veut</ins> l’intersyndicale"
        ),
        ChangeView("Note 1", "removed", "taken out", "<del>1. La Vigie, journal du port, paraît depuis 1911.</del>"),
    ]


def test_editor_is_shown_what_changed_after_approval_and_may_leave_it(magazine, strike):
    approve(magazine, strike)
    revise(magazine, strike)
    eva, ana = magazine.visitor("eva"), magazine.visitor("ana")
    assert "source changed" in section(eva.get("/inbox").text, "moved")
    assert section(ana.get("/inbox").text, "moved") == ""
    page = eva.get(f"/translations/{strike}").text
    assert "/articles/1/changes?old=1" in page
    assert "Leave it as it is" in page
    assert "Leave it as it is" not in ana.get(f"/translations/{strike}").text
    assert ana.post(f"/translations/{strike}/keep").status_code == 403

    assert eva.post(f"/translations/{strike}/keep").headers["location"] == f"/translations/{strike}?done=kept"

    assert section(eva.get("/inbox").text, "moved") == ""
    page = eva.get(f"/translations/{strike}").text
    assert "The source has changed" not in page
    assert "Eva Lind left it as it is, whatever became of the source" in page
    revise(magazine, strike, title="Encore un titre")
    assert "source changed" in section(eva.get("/inbox").text, "moved")


def test_editor_is_told_of_an_article_that_has_gone_and_nothing_is_withdrawn(magazine, strike):
    approve(magazine, strike)
    go(magazine, strike)
    eva = magazine.visitor("eva")
    assert "gone from the site" in section(eva.get("/inbox").text, "moved")
    page = eva.get(f"/translations/{strike}").text
    assert "The article has gone from Le Quai’s site, as seen on 10 March 2026" in page
    assert "Nothing has been withdrawn for it" in page
    assert [row.id for row in gone_articles(magazine.store)] == [1]
    magazine.clock.move(minutes=5)

    eva.post(f"/translations/{strike}/keep")

    assert section(eva.get("/inbox").text, "moved") == ""
    page = eva.get(f"/translations/{strike}").text
    assert "The article has gone" not in page
    assert "gone from the site" in page  # the fact stays to be seen
    assert gone_articles(magazine.store) == []
    magazine.clock.move(days=1)
    go(magazine, strike)  # it had come back, and goes again
    assert [row.id for row in gone_articles(magazine.store)] == [1]
    assert "gone from the site" in section(eva.get("/inbox").text, "moved")


@pytest.mark.parametrize("decided", ["reject", "keep"])
def test_what_is_decided_is_asked_no_more(magazine, strike, decided):
    go(magazine, strike)
    eva = magazine.visitor("eva")
    assert "gone from the site" in section(eva.get("/inbox").text, "moved")
    assert eva.post(f"/translations/{strike}/{decided}").status_code == 303
    assert section(eva.get("/inbox").text, "moved") == ""


def test_a_decision_about_the_source_does_not_hide_a_return(magazine, strike):
    ana = magazine.claimed("ana", strike)
    for row in world.segments_of(magazine.store, strike):
        for issue in row.issues:
            ana.post(f"/issues/{issue.id}/dismiss", {"reason": "a test"})
    ana.post(f"/translations/{strike}/submit")
    eva = magazine.visitor("eva")
    eva.post(f"/translations/{strike}/return", {"comment": "see the quote"})
    eva.post(f"/translations/{strike}/keep")
    assert "see the quote" in section(ana.get("/inbox").text, "returned")
    assert "Eva Lind returned it:" in ana.get(f"/translations/{strike}").text
    with magazine.store.read() as session:
        events = session.scalars(select(Review.event).order_by(Review.id)).all()
    assert events == [Event.DRAFT, Event.CLAIM, Event.SUBMIT, Event.RETURN, review.KEPT]


def test_doubts_about_the_document_are_shown_where_people_work(magazine, strike):
    with magazine.store.write() as session:
        session.get_one(Article, 1).warnings = ["the standfirst was found generically"]
    eva = magazine.visitor("eva")
    assert "read with doubts" in eva.get("/inbox").text
    assert "<li>the standfirst was found generically</li>" in eva.get(f"/translations/{strike}").text
    assert "the standfirst was found generically" in eva.get("/articles/1").text
    world.add_article(magazine.store, replace(world.strike(), url="https://quai.example/2"))
    assert "the standfirst was found generically" in eva.get("/triage").text


def test_operator_sees_the_health_of_sources_what_is_gone_and_what_engines_are_worth(magazine, strike):
    with magazine.store.write() as session:
        now = magazine.clock.now
        session.add(Source(slug="quai", last_polled_at=now, last_succeeded_at=now - timedelta(hours=2)))
        session.get_one(Article, 1).warnings = ["no title was found"]
        draft = session.get_one(Draft, 1)
        draft.billed, draft.saved, draft.cached = 1240, 310, 96
    approve(magazine, strike)
    go(magazine, strike)
    page = magazine.visitor("ops").get("/status").text
    assert "Le Quai" in page
    assert '<span class="state doubtful">78 doubtful</span>' in page
    assert "1 of the last 1 articles: no title was found" in page
    assert "Gone from their sites" in page
    assert "<td>1,240</td>" in page
    assert "there is no budget" in page


def test_what_was_looked_at_just_now_is_not_said_to_be_now_ago(magazine):
    with magazine.store.write() as session:
        now = magazine.clock.now
        session.add(Source(slug="quai", last_polled_at=now, last_succeeded_at=now))
    page = magazine.visitor("ops").get("/status").text
    assert ">now</time>" in page
    assert "now</time> ago" not in " ".join(page.split())


@pytest.mark.parametrize(("authors", "line"), [((), "2026-03-01"), (("Léa Martin",), "Léa Martin · 2026-03-01")])
def test_byline_parts_author_and_date_only_where_there_are_both(magazine, strike, authors, line):
    article_id = revise(magazine, strike, authors=authors, published="2026-03-01")
    assert f'<p class="byline">{line}</p>' in magazine.visitor("eva").get(f"/articles/{article_id}").text


def test_operator_has_the_number_of_what_is_stuck_on_every_page(magazine, strike):
    ops = magazine.visitor("ops")
    assert 'hx-get="/status/alarms"' in ops.get("/inbox").text
    assert ops.get("/status/alarms").text.strip() == ""
    with magazine.store.write() as session:
        session.add(Source(slug="quai", last_polled_at=magazine.clock.now, failures=6, last_error="404"))
    assert '<span class="count bad">1<' in ops.get("/status/alarms").text
    eva = magazine.visitor("eva")
    assert "/status/alarms" not in eva.get("/inbox").text
    assert eva.get("/status/alarms").status_code == 403


def test_what_an_article_would_cost_is_known_before_it_is_selected(magazine):
    article_id = world.add_article(magazine.store, world.strike())
    eva = magazine.visitor("eva")
    assert f'hx-get="/articles/{article_id}/estimate"' in eva.get(f"/articles/{article_id}").text
    fragment = eva.get(f"/articles/{article_id}/estimate").text
    assert "English: 843 characters</span><span>3 of them need no engine" in fragment
    assert "dummy, at no cost" in fragment
    assert magazine.visitor("ana").get(f"/articles/{article_id}/estimate").status_code == 403
    eva.post(f"/articles/{article_id}/select")
    assert "/estimate" not in eva.get(f"/articles/{article_id}").text


def test_drafts_tell_what_they_cost(magazine, strike):
    ana = magazine.claimed("ana", strike)
    with magazine.store.write() as session:
        draft = session.get_one(Draft, 1)
        draft.billed, draft.saved, draft.cached = 1240, 310, 96
        draft.hter, draft.chrf, draft.seconds = 0.125, 81.4, 3905
    page = ana.get(f"/translations/{strike}").text
    cells = [f'<td class="figure">{value}</td>' for value in ("1,240", "310", "96", "0.12", "81", "1 h 05 min")]
    assert "".join(cells) in page
