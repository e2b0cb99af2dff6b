"""What no visitor can do to the desk, and what a person sees when something fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.desk import world
from tests.limits import NO_GROWTH, READ_ONLY, every_connection

from ivpipe.desk import queries
from ivpipe.desk.security import POLICY
from ivpipe.errors import StoreError
from ivpipe.model import Block, BlockType, Image, Translation

SCRIPT = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


def hostile():
    """A document from a partner that wants to run code in the desk (html_reader would never let it through)."""
    return replace(
        world.strike(),
        url="https://quai.example/x?<script>",
        title=f"Titre {SCRIPT} \"' onmouseover=alert(1)",
        kicker=SCRIPT,
        standfirst=f"Chapeau {SCRIPT}",
        authors=(SCRIPT,),
        blocks=(
            Block(BlockType.PARAGRAPH, '<a href="javascript:alert(1)">lien</a> texte'),
            Block(BlockType.CODE, "&lt;script&gt;alert(1)&lt;/script&gt;"),
            Block(BlockType.FIGURE, "légende", image=0),
        ),
        images=(Image("javascript:alert(1)", '"><script>alert(1)</script>', "", "crédit"),),
        notes=(),
        warnings=(SCRIPT,),
        lead_image=None,
    )


def draft_of_hostile(magazine):
    # What extraction stores is canonical; the title's markup comes as text.
    clean = replace(
        hostile(),
        title=hostile().title.replace("<", "&lt;").replace(">", "&gt;"),
        kicker=ESCAPED,
        standfirst=f"Chapeau {ESCAPED}",
    )
    return world.add_draft(magazine.store, clean)


def test_every_answer_carries_the_headers(magazine, strike):
    ana = magazine.visitor("ana")
    for path in ("/login", "/inbox", f"/translations/{strike}", "/nowhere", "/static/desk.css", "/translations/999"):
        headers = ana.get(path).headers
        assert {
            name: headers[name]
            for name in ("content-security-policy", "x-frame-options", "x-content-type-options", "referrer-policy")
        } == {
            "content-security-policy": POLICY,
            "x-frame-options": "DENY",
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
        }
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_pages_hold_no_inline_script_or_style(magazine, strike):
    magazine.claimed("max", strike)
    person = magazine.visitor("max")
    for path in (
        "/inbox",
        "/triage",
        "/help",
        f"/translations/{strike}",
        f"/translations/{strike}/preview",
        "/articles/1",
    ):
        page = person.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count('<script src="/static/')


@pytest.mark.parametrize(
    "path",
    [
        "/translations/1/claim",
        "/translations/1/approve",
        "/segments/1",
        "/issues/1/dismiss",
        "/articles/1/select",
        "/articles/1/accept",
        "/articles/1/keep",
        "/publications/1/withdraw",
        "/status/retry",
        "/logout",
    ],
)
def test_post_without_the_sessions_token_is_refused(magazine, strike, path):
    person = magazine.visitor("max")
    answers = [
        person.client.post(path, data={}),
        person.client.post(path, data={"csrf": "x" * 43}),
        person.client.post(path, json={"csrf": person.csrf + "x"}),
        person.client.post(path, data={"csrf": magazine.visitor("eva").csrf}),
        person.client.post(path, headers={"X-CSRF-Token": "é".encode("latin-1")}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    with magazine.store.read() as session:
        assert session.get_one(Translation, strike).state == "drafted"


def test_hostile_text_is_escaped_everywhere(magazine):
    translation_id = draft_of_hostile(magazine)
    world.add_article(magazine.store, replace(hostile(), url="https://quai.example/y"))
    person = magazine.claimed("max", translation_id)
    for segment in world.segments_of(magazine.store, translation_id):
        person.save(segment.id, f"{SCRIPT}\"' onfocus=alert(1) &lt;b&gt;", 0)
    person.post(f"/translations/{translation_id}/submit", {"comment": SCRIPT})
    magazine.visitor("eva").post(f"/translations/{translation_id}/return", {"comment": f"{SCRIPT}'\""})
    segment = world.segments_of(magazine.store, translation_id)[0]
    for path in (
        "/inbox",
        "/triage",
        "/articles/1",
        "/articles/2",
        f"/translations/{translation_id}",
        f"/translations/{translation_id}/preview",
        f"/segments/{segment.id}/history",
    ):
        answer = person.get(path)
        assert answer.status_code == 200, path
        assert SCRIPT not in answer.text, path
        assert 'href="javascript' not in answer.text, path
        assert " onmouseover=alert(1)>" not in answer.text, path


def test_body_beyond_the_limit_is_refused(magazine, strike):
    ana = magazine.claimed("ana", strike)
    answer = ana.save(1, "x" * 300_000, 0)
    assert (answer.status_code, answer.json()["advice"]) == (413, "save a shorter text")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[1]", "application/json", 415),
        (b"a=%FF\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 500, "application/x-www-form-urlencoded", 400),
        (b"hello", "text/plain", 415),
    ],
)
def test_forms_that_cannot_be_read_get_a_page(magazine, content, kind, status):
    ana = magazine.visitor("ana")
    answer = ana.client.post("/segments/1", content=content, headers={"Content-Type": kind, "X-CSRF-Token": ana.csrf})
    assert answer.status_code == status
    assert "This request cannot be understood" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "There is nothing here"),
        ("/translations/999", 404, "There is no translation 999"),
        ("/translations/99999999999999999999", 404, "There is nothing with the number 99999999999999999999"),
        ("/articles/999", 404, "There is no article 999"),
        ("/segments/999/history", 404, "There is no segment 999"),
        ("/translations/abc", 404, "There is nothing here"),
        ("/issues/1/dismiss", 405, "This cannot be done here"),
        ("/triage?page=²&show=x&source=%00", 403, "This is not open to you"),
    ],
)
def test_failures_are_pages_with_words(magazine, path, status, words):
    answer = magazine.visitor("ana").get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert "Traceback" not in answer.text


def test_odd_triage_questions_are_answered(magazine):
    eva = magazine.visitor("eva")
    for query in ("page=²", "page=-1", "page=99999999999", "show=x", "source=%00", "source=nobody", "page=1"):
        assert eva.get(f"/triage?{query}").status_code == 200, query


def test_error_nobody_foresaw_is_a_page_with_a_reference(magazine, monkeypatch, caplog):
    ana = magazine.visitor("ana")

    def broken(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "inbox", broken)
    answer = ana.get("/inbox")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "secret detail" not in answer.text
    reference = caplog.records[-1].getMessage().removeprefix("failure ")
    assert f"reference {reference}" in answer.text


def test_database_that_does_not_answer_is_said_plainly(magazine, monkeypatch):
    ana = magazine.visitor("ana")

    def gone(*_args):
        raise StoreError(
            "the database does not answer: connection refused", advice="check that it runs", retryable=True
        )

    monkeypatch.setattr(queries, "inbox", gone)
    answer = ana.get("/inbox")
    assert answer.status_code == 503
    assert "The database does not answer: connection refused" in answer.text
    assert "Check that it runs" in answer.text


def test_database_file_lost_under_a_running_desk_is_a_503(magazine, tmp_path):
    ana = magazine.visitor("ana")
    magazine.store.close()
    (tmp_path / "var" / "ivpipe.db").rename(tmp_path / "var" / "away.db")
    (tmp_path / "var" / "ivpipe.db").mkdir()
    answer = ana.get("/inbox")
    assert answer.status_code == 503
    assert "The database cannot be opened" in answer.text


@pytest.mark.parametrize(
    ("limit", "title"),
    [
        (NO_GROWTH, "The disk is full, and nothing can be saved"),
        (READ_ONLY, "Nothing can be saved: the database can only be read"),
    ],
)
def test_save_that_the_disk_does_not_take_is_refused_by_name(magazine, strike, limit, title):
    ana = magazine.claimed("ana", strike)
    segment = world.segments_of(magazine.store, strike)[0]
    magazine.store.close()
    with every_connection(limit):
        for number in range(20):  # there may be room in pages that are there already
            answer = ana.save(segment.id, "A long sentence. " * 300, number)
            if answer.status_code != 200:
                break
    assert (answer.status_code, answer.json()["code"], answer.json()["title"]) == (503, "store", title)
    magazine.store.close()


def test_status_page_says_that_nothing_can_be_saved(magazine):
    ops = magazine.visitor("ops")
    assert "Nothing can be saved" not in ops.get("/status").text
    magazine.store.close()
    with every_connection(READ_ONLY):
        assert "Nothing can be saved: the database can only be read" in ops.get("/status").text
    magazine.store.close()


def test_health_answers_without_login(magazine):
    answer = magazine.stranger().get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_static_files_do_not_lead_out(magazine):
    assert magazine.stranger().get("/static/../app.py").status_code in (303, 404)
    assert magazine.stranger().get("/static/%2e%2e/app.py").status_code == 404
