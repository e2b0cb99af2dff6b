"""From claim to approval, withdrawal and retry: who may do what, and what it sets going."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from tests.desk import world

from ivpipe.model import Article, Publication, State, Translation


def state_of(store, translation_id):
    with store.read() as session:
        return session.get_one(Translation, translation_id).state


def publications(store):
    with store.read() as session:
        return [
            (row.translation_id, row.target, row.wanted_revision, row.live_revision)
            for row in session.scalars(select(Publication))
        ]


def submitted(magazine, strike, comment=""):
    ana = magazine.claimed("ana", strike)
    assert ana.post(f"/translations/{strike}/submit", {"comment": comment}).status_code == 303
    return ana


def test_claim_submit_approve_wants_the_page_on_every_target(magazine, strike):
    submitted(magazine, strike)
    answer = magazine.visitor("eva").post(f"/translations/{strike}/approve", {"comment": "fine"})
    assert answer.headers["location"] == f"/translations/{strike}/preview?done=approved"
    assert state_of(magazine.store, strike) is State.APPROVED
    assert publications(magazine.store) == [(strike, "site", 1, None)]


def test_submitter_cannot_approve_with_four_eyes(magazine, strike):
    person = magazine.claimed("max", strike)
    person.post(f"/translations/{strike}/submit")
    page = person.get(f"/translations/{strike}").text
    assert "another person than the one who submitted it must approve it (four eyes)" in page
    answer = person.post(f"/translations/{strike}/approve")
    assert answer.status_code == 409
    assert "nother person than the one who submitted it must approve it" in answer.text
    assert state_of(magazine.store, strike) is State.SUBMITTED


def test_open_blocking_issue_forbids_approval_and_says_what_to_do(magazine, strike):
    ana = magazine.claimed("ana", strike)
    ana.save(world.segments_of(magazine.store, strike)[2].id, "no tag", 0)
    ana.post(f"/translations/{strike}/submit")
    eva = magazine.visitor("eva")
    assert "Approve is not possible now: 1 blocking issue is still open" in eva.get(f"/translations/{strike}").text
    assert eva.post(f"/translations/{strike}/approve").status_code == 409
    assert state_of(magazine.store, strike) is State.SUBMITTED


def test_return_with_comment_shows_it_to_the_translator(magazine, strike):
    ana = submitted(magazine, strike)
    eva = magazine.visitor("eva")
    assert eva.post(f"/translations/{strike}/return", {"comment": ""}).status_code == 409
    assert eva.post(f"/translations/{strike}/return", {"comment": "Check <the> note."}).status_code == 303
    inbox = ana.get("/inbox").text
    assert 'id="returned"' in inbox
    assert "Check &lt;the&gt; note." in inbox
    assert "Check &lt;the&gt; note." in ana.get(f"/translations/{strike}").text


def test_comment_of_a_refused_action_is_given_back(magazine, strike):
    answer = magazine.visitor("eva").post(f"/translations/{strike}/return", {"comment": "A long thought."})
    assert answer.status_code == 409
    assert "What you had written" in answer.text
    assert "A long thought.</textarea>" in answer.text


def test_second_person_reads_and_is_told_who_holds_it(magazine, strike):
    magazine.claimed("ana", strike)
    tom = magazine.visitor("tom")
    page = tom.get(f"/translations/{strike}").text
    assert "Ana Ruiz is working on it" in page
    assert "data-editable" not in page
    assert f'action="/translations/{strike}/claim"' not in page
    assert tom.post(f"/translations/{strike}/claim").status_code == 409
    assert "data-editable" in magazine.visitor("ana").get(f"/translations/{strike}").text


def test_hold_that_has_run_out_may_be_taken_over(magazine, strike):
    magazine.claimed("ana", strike)
    magazine.clock.move(minutes=61)
    tom = magazine.visitor("tom")
    assert "Take over" in tom.get(f"/translations/{strike}").text
    assert tom.post(f"/translations/{strike}/claim").status_code == 303
    assert "data-editable" in tom.get(f"/translations/{strike}").text


def test_release_reject_redraft(magazine, strike):
    ana = magazine.claimed("ana", strike)
    ana.post(f"/translations/{strike}/release")
    assert state_of(magazine.store, strike) is State.DRAFTED
    eva = magazine.visitor("eva")
    eva.post(f"/translations/{strike}/reject", {"comment": "not for us"})
    assert state_of(magazine.store, strike) is State.REJECTED
    eva.post(f"/translations/{strike}/redraft")
    assert state_of(magazine.store, strike) is State.PENDING


def test_submit_with_an_empty_segment_is_refused(magazine, strike):
    ana = magazine.claimed("ana", strike)
    ana.save(world.segments_of(magazine.store, strike)[0].id, "", 0)
    answer = ana.post(f"/translations/{strike}/submit")
    assert answer.status_code == 409
    assert "1 segment has no text yet" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("approve", 409), ("return", 409), ("reject", 409), ("redraft", 409)],
)
def test_translator_cannot_do_an_editors_work(magazine, strike, path, status):
    submitted(magazine, strike)
    answer = magazine.visitor("tom").post(f"/translations/{strike}/{path}", {"comment": "x"})
    assert answer.status_code == status
    assert state_of(magazine.store, strike) is State.SUBMITTED


def test_withdraw_and_publish_again(magazine, strike):
    submitted(magazine, strike)
    eva = magazine.visitor("eva")
    eva.post(f"/translations/{strike}/approve")
    with magazine.store.write() as session:
        row = session.scalars(select(Publication)).one()
        row.live_revision, row.remote_url, publication = 1, "https://crossing.example/strike", row.id
    fragment = eva.get(f"/translations/{strike}/publications").text
    assert 'href="https://crossing.example/strike"' in fragment
    assert "hx-trigger" not in fragment
    withdrawn = eva.post(f"/publications/{publication}/withdraw", **{"HX-Request": "true"}).text
    assert "being withdrawn" in withdrawn
    assert 'hx-trigger="every 2s"' in withdrawn
    with magazine.store.write() as session:
        row = session.scalars(select(Publication)).one()
        row.live_revision, row.first_live_at = None, magazine.clock.now
    assert "Publish again" in eva.get(f"/translations/{strike}/publications").text
    eva.post(f"/publications/{publication}/again")
    assert publications(magazine.store) == [(strike, "site", 1, None)]
    assert magazine.visitor("ana").post(f"/publications/{publication}/withdraw").status_code == 409


def test_failed_publication_says_why_and_remote_address_is_no_script(magazine, strike):
    submitted(magazine, strike)
    eva = magazine.visitor("eva")
    eva.post(f"/translations/{strike}/approve")
    with magazine.store.write() as session:
        row = session.scalars(select(Publication)).one()
        row.last_error, row.remote_url = "the site answers 503", "javascript:alert(1)"
    fragment = eva.get(f"/translations/{strike}/publications").text
    assert "the site answers 503" in fragment
    assert "Try again now" in fragment
    with magazine.store.write() as session:
        session.scalars(select(Publication)).one().live_revision = 1
    assert 'href="javascript' not in eva.get(f"/translations/{strike}/publications").text


def test_triage_selects_and_dismisses(magazine):
    first = world.add_article(magazine.store, world.strike())
    second = world.add_article(magazine.store, replace(world.strike(), url="https://quai.example/2", title="Autre"))
    eva = magazine.visitor("eva")
    page = eva.get("/triage").text
    assert "the standfirst was found generically" in page
    assert "107 words" in page  # of the text; not the markup, and a table cell by cell
    swapped = eva.post(f"/articles/{first}/select", **{"HX-Request": "true"}).text
    assert "Selected:" in swapped
    eva.post(f"/articles/{second}/dismiss", {"reason": "too local"})
    with magazine.store.read() as session:
        assert [(row.decision.value, row.decision_reason) for row in session.scalars(select(Article))] == [
            ("selected", ""),
            ("dismissed", "too local"),
        ]
        assert [row.lang for row in session.scalars(select(Translation))] == ["en"]
    assert eva.post(f"/articles/{first}/select", {"lang": "xx"}).status_code == 400


def test_roles_keep_pages_apart(magazine, strike):
    ana, eva, ops = (magazine.visitor(name) for name in ("ana", "eva", "ops"))
    article = world.add_article(magazine.store, replace(world.strike(), url="https://quai.example/2"))
    assert [
        ana.get("/triage").status_code,
        ana.post(f"/articles/{article}/select").status_code,
        ana.get("/status").status_code,
        eva.get("/triage").status_code,
        eva.get("/status").status_code,
        ops.get("/triage").status_code,
        ops.get("/status").status_code,
        ops.post(f"/translations/{strike}/claim").status_code,
    ] == [403, 403, 403, 200, 403, 403, 200, 409]


def test_operator_retries_what_is_stuck(magazine):
    with magazine.store.write() as session:
        article = Article(
            source_slug="quai", url="https://quai.example/9", discovered_at=world.NOW, title="Sans moteur"
        )
        session.add(article)
        session.flush()
        session.add(
            Translation(
                article_id=article.id,
                lang="en",
                state=State.PENDING,
                created_at=world.NOW,
                changed_at=world.NOW,
                last_error="no engine is usable for fr→en",
                retry_at=world.NOW.replace(hour=23),
            )
        )
    ops = magazine.visitor("ops")
    assert "no engine is usable for fr→en" in ops.get("/status").text
    assert ops.post("/status/retry", {"what": "translation", "id": "1"}).status_code == 303
    with magazine.store.read() as session:
        assert session.get_one(Translation, 1).retry_at is None
    assert [
        ops.post("/status/retry", {"what": "translation", "id": "99"}).status_code,
        ops.post("/status/retry", {"what": "users", "id": "1"}).status_code,
        ops.post("/status/retry", {"what": "article", "id": "²"}).status_code,
    ] == [404, 400, 400]
    assert "no engine is usable for fr→en" in magazine.visitor("ana").get("/inbox").text
