"""Logging in, staying, and being turned away."""

from __future__ import annotations

import re

import pytest
from tests.desk import world
from tests.desk.conftest import TestClient, Visitor

from ivpipe.desk.app import create_app
from ivpipe.desk.routes.login import safe_next
from ivpipe.steps.people import set_disabled
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
    cookie = magazine.stranger().log_in("ana").headers["set-cookie"]
    assert re.fullmatch(r"ivpipe=[\w-]{43}; HttpOnly; Max-Age=1209600; Path=/; SameSite=lax", cookie)


def test_login_cookie_is_secure_where_configured(tmp_path):
    text = world.CONFIG["ivpipe.toml"].replace("secure_cookies = false", "secure_cookies = true")
    with open_app(world.make_home(tmp_path, ivpipe=text), check=False) as app:
        app.store.migrate()
        world.add_people(app.store)
        visitor = Visitor(TestClient(create_app(app), base_url="https://desk.example"))
        answer = visitor.log_in("ana")
        assert answer.headers["set-cookie"].startswith("__Host-ivpipe=")
        assert "; Secure" in answer.headers["set-cookie"]
        assert visitor.get("/inbox").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("ana", "a wrong password"), ("nobody", world.PASSWORD)])
def test_wrong_login_does_not_tell_which_was_wrong(magazine, name, password):
    answer = magazine.stranger().log_in(name, password)
    assert answer.status_code == 401
    assert "The name or the password is wrong" in answer.text
    assert f'name="name" value="{name}"' in answer.text
    assert "ivpipe=" not in answer.headers["set-cookie"]


def test_five_wrong_passwords_lock_the_account_for_a_while(magazine):
    stranger = magazine.stranger()
    for _ in range(5):
        assert stranger.log_in("ana", "a wrong password").status_code == 401
    locked = stranger.log_in("ana")
    assert locked.status_code == 401
    assert "Too many wrong passwords: wait five minutes" in locked.text
    magazine.clock.move(minutes=6)
    assert stranger.log_in("ana").status_code == 303


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
