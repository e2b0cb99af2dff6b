"""Logging in, staying, and being turned away."""

from __future__ import annotations

import re

import pytest
from tests.desk import world
from tests.desk.conftest import TestClient, Visitor
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ivpipe.desk.app import create_app
from ivpipe.desk.routes.login import safe_next
from ivpipe.model import PersonEvent, Role
from ivpipe.steps.audit import list_events
from ivpipe.steps.people import change_roles, set_disabled, set_password
from ivpipe.wiring import open_app


def test_page_without_login_goes_to_the_login_form_and_back(magazine):
    stranger = magazine.stranger()
    answer = stranger.get("/translations/7?done=claimed")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=/translations/7%3Fdone%3Dclaimed",
    )
    logged_in = stranger.log_in("ana", after="/translations/7")
    assert (logged_in.status_code, logged_in.headers["location"]) == (303, "/translations/7")


def test_login_cookie_is_http_only_and_same_site(magazine):
    session, browser = magazine.stranger().log_in("ana").headers.get_list("set-cookie")
    assert re.fullmatch(r"ivpipe=[\w-]{43}; HttpOnly; Max-Age=1209600; Path=/; SameSite=lax", session)
    assert re.fullmatch(r"ivpipe-browser=[\w-]{43}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax", browser)


def test_login_cookie_is_secure_where_configured(tmp_path):
    text = world.CONFIG["ivpipe.toml"].replace("secure_cookies = false", "secure_cookies = true")
    with open_app(world.make_home(tmp_path, ivpipe=text), check=False) as app:
        app.store.migrate()
        world.add_people(app.store)
        visitor = Visitor(TestClient(create_app(app), base_url="https://desk.example"))
        answer = visitor.log_in("ana")
        cookies = answer.headers.get_list("set-cookie")
        assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-ivpipe", "__Host-ivpipe-browser"]
        assert all("; Secure" in cookie for cookie in cookies)
        assert visitor.get("/inbox").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("ana", "a wrong password"), ("nobody", world.PASSWORD)])
def test_wrong_login_does_not_tell_which_was_wrong(magazine, name, password):
    answer = magazine.stranger().log_in(name, password)
    assert answer.status_code == 401
    assert "The name or the password is wrong" in answer.text
    assert f'name="name" value="{name}"' in answer.text
    assert "ivpipe=" not in answer.headers["set-cookie"]


def test_wrong_passwords_make_strangers_wait_longer_each_time(magazine):
    stranger = magazine.stranger()
    for _ in range(5):
        assert stranger.log_in("ana", "a wrong password").status_code == 401
    for minutes, shown in ((1, "wait 1 minute and"), (2, "wait 2 minutes and"), (4, "wait 4 minutes and")):
        waits = stranger.log_in("ana")
        assert (waits.status_code, waits.headers["retry-after"]) == (429, str(minutes * 60))
        assert f"Too many attempts to log in, by this name or from this place: {shown} try again" in waits.text
        magazine.clock.move(minutes=minutes)
        assert stranger.log_in("ana", "a wrong password").status_code == 401
    magazine.clock.move(minutes=8)
    assert stranger.log_in("ana").status_code == 303


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_names_of_nobody_wait_as_those_of_users(magazine, name):
    stranger = magazine.stranger()

    def answered() -> tuple[int, str, str]:
        answer = stranger.log_in(name, "a wrong password")
        problem = re.search(r'role="alert">([^<]*)<', answer.text)
        return answer.status_code, problem[1], answer.headers.get("retry-after", "")

    wrong = (401, "The name or the password is wrong", "")
    assert [answered() for _ in range(7)] == [wrong] * 5 + [answered()] * 2
    assert answered()[::2] == (429, "60")


def test_strangers_guesses_do_not_keep_anybody_out_of_a_browser_of_theirs(magazine):
    ana = magazine.visitor("ana")
    assert ana.post("/logout").status_code == 303
    stranger = magazine.stranger()
    for _ in range(6):
        stranger.log_in("ana", "a wrong password")
    assert stranger.log_in("ana").status_code == 429
    assert ana.log_in("ana", "a wrong password").status_code == 401
    assert ana.log_in("ana").status_code == 303
    assert stranger.log_in("ana").status_code == 429, "the others go on waiting"


def test_browser_cookie_that_was_stolen_gives_no_more_attempts_than_others_have(magazine):
    ana = magazine.visitor("ana")
    thief = magazine.stranger()
    thief.client.cookies.set("ivpipe-browser", ana.client.cookies["ivpipe-browser"])
    for _ in range(5):
        assert thief.log_in("ana", "a wrong password").status_code == 401
    assert thief.log_in("ana").status_code == 429
    thief.client.cookies.delete("ivpipe-browser")
    assert thief.log_in("tom", "a wrong password").status_code == 401


def test_browser_is_known_to_those_only_who_logged_in_there(magazine):
    ana = magazine.visitor("ana")
    ana.post("/logout")
    for _ in range(5):
        ana.log_in("tom", "a wrong password")
    assert ana.log_in("tom").status_code == 429
    assert ana.log_in("ana").status_code == 303
    ana.post("/logout")
    magazine.clock.move(minutes=2)
    token = ana.client.cookies["ivpipe-browser"]
    assert ana.log_in("tom").status_code == 303
    assert ana.client.cookies["ivpipe-browser"] == token, "one cookie for all who use this browser"


def test_new_password_ends_sessions_and_forgets_browsers(magazine):
    ana = magazine.visitor("ana")
    set_password(magazine.store, "ana", "quite another password", magazine.clock())
    assert ana.get("/inbox").status_code == 303
    for _ in range(5):
        magazine.stranger().log_in("ana", "a wrong password")
    assert ana.log_in("ana", "quite another password").status_code == 429
    set_password(magazine.store, "ana", "quite another password", magazine.clock())
    assert ana.log_in("ana", "quite another password").status_code == 303, "an operator lets them in at once"


def test_role_given_and_taken_holds_for_the_open_session(magazine):
    ana = magazine.visitor("ana")
    assert ana.get("/triage").status_code == 403
    change_roles(magazine.store, "ana", [Role.EDITOR], [], magazine.clock())
    assert ana.get("/triage").status_code == 200
    change_roles(magazine.store, "ana", [], [Role.EDITOR], magazine.clock())
    assert ana.get("/triage").status_code == 403


def test_proxy_that_is_trusted_says_who_asks(magazine):
    desk = ProxyHeadersMiddleware(
        magazine.new_client().app, trusted_hosts=list(magazine.app.settings.desk.trusted_proxies)
    )

    def told(peer: str, forwarded: str) -> str:
        visitor = Visitor(TestClient(desk, base_url="http://127.0.0.1", client=(peer, 5000)))
        visitor.client.headers["X-Forwarded-For"] = forwarded
        visitor.log_in("ana", "a wrong password")
        return list_events(magazine.store)[0].address

    assert told("127.0.0.1", "198.51.100.9, 203.0.113.7") == "203.0.113.7"
    assert told("203.0.113.8", "198.51.100.9") == "203.0.113.8", "anybody else is not believed"


def test_address_of_the_proxy_itself_is_not_counted(magazine):
    """It did not say for whom it asks: one guesser would keep all others out."""
    for number in range(25):
        visitor = Visitor(TestClient(magazine.new_client().app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)))
        assert visitor.log_in(f"nobody-{number}", "a wrong password").status_code == 401


def test_logins_and_refusals_are_noted_without_what_was_typed(magazine):
    stranger = magazine.stranger()
    stranger.client.headers["User-Agent"] = "Firefox \x1b[31m" + "x" * 500
    stranger.log_in("my secret password", "a wrong password")
    stranger.log_in("ana", "a wrong password")
    set_disabled(magazine.store, "tom", True, magazine.clock(), by="shell: root")
    stranger.log_in("tom")
    stranger.log_in("ana")
    stranger.post("/logout")
    events = list_events(magazine.store)[::-1][len(magazine.people) :]
    assert [(event.kind, event.user_name, event.by) for event in events] == [
        ("wrong", "", ""),
        ("wrong", "ana", ""),
        ("disabled", "tom", "shell: root"),
        ("barred", "tom", ""),
        ("login", "ana", ""),
        ("logout", "ana", ""),
    ]
    kept = str([[getattr(event, column) for column in PersonEvent.__table__.columns.keys()] for event in events])  # noqa: SIM118
    assert "password" not in kept
    assert "\x1b" not in kept
    assert re.fullmatch(r"unknown name [0-9a-f]{8}", events[0].detail)
    assert (events[0].address, len(events[0].browser)) == ("testclient", 200)


def test_login_form_without_its_cookie_is_refused(magazine):
    answer = magazine.stranger().client.post("/login", data={"token": "x", "name": "ana", "password": world.PASSWORD})
    assert answer.status_code == 403
    assert "the login form has grown old" in answer.text.lower()


def test_session_ends_after_its_days(magazine):
    ana = magazine.visitor("ana")
    assert ana.get("/inbox").status_code == 200
    magazine.clock.move(days=15)
    assert ana.get("/inbox").headers["location"] == "/login?next=/inbox"


def test_disabled_user_is_out_at_once(magazine):
    ana = magazine.visitor("ana")
    set_disabled(magazine.store, "ana", True, magazine.clock())
    assert ana.get("/inbox").status_code == 303


def test_logout_ends_the_session_on_the_server(magazine):
    ana = magazine.visitor("ana")
    token = ana.client.cookies["ivpipe"]
    assert ana.post("/logout").headers["location"] == "/login"
    ana.client.cookies.set("ivpipe", token)
    assert ana.get("/inbox").status_code == 303


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "", "/login", "/a\nb"],
)
def test_next_of_another_site_leads_to_the_inbox(path):
    assert safe_next(path) == "/inbox"


def test_login_in_place_gives_a_script_the_new_token(magazine):
    stranger = magazine.stranger()
    fragment = stranger.get("/login?in_place=1").text
    assert "<html" not in fragment
    token = re.search(r'name="token" value="([^"]+)"', fragment)[1]
    answer = stranger.client.post(
        "/login",
        data={"token": token, "next": "", "name": "ana", "password": world.PASSWORD},
        headers={"Accept": "application/json"},
    )
    assert answer.json() == stranger.client.get("/session", headers={"Accept": "application/json"}).json()
    assert answer.json()["user"] == magazine.people["ana"]


def test_login_in_place_is_told_how_long_to_wait(magazine):
    stranger = magazine.stranger()
    token = re.search(r'name="token" value="([^"]+)"', stranger.get("/login?in_place=1").text)[1]

    def answered() -> tuple[int, str, str]:
        answer = stranger.client.post(
            "/login",
            data={"token": token, "next": "", "name": "ana", "password": "a wrong password"},
            headers={"Accept": "application/json"},
        )
        return answer.status_code, answer.json()["error"], answer.json()["advice"]

    assert [answered() for _ in range(5)][-1] == (401, "the name or the password is wrong", "")
    status, error, advice = answered()
    assert (status, error) == (429, "too many attempts to log in, by this name or from this place")
    assert advice.startswith("wait 1 minute and try again")
