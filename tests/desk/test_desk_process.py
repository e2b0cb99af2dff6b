"""The desk as a process, and its trigger of flows."""

from __future__ import annotations

import json
import logging
import socket

import httpx
import pytest
from tests.desk import world

from ivpipe.desk.__main__ import main
from ivpipe.desk.nudge import nothing, prefect_nudge
from ivpipe.store import Store


class PrefectStandIn(httpx.BaseTransport):
    """Prefect's two endpoints as documented: a deployment by name, and a flow run that is made once for each key."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.runs: dict[str, tuple[str, str]] = {}
        self.keys: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("connection refused", request=request)
        self.keys.append(request.headers.get("authorization"))
        if request.method == "GET" and request.url.path == "/api/deployments/name/publish/publish":
            return httpx.Response(200, json={"id": "d-1", "name": "publish"})
        if request.method == "POST" and request.url.path == "/api/deployments/d-1/create_flow_run":
            body = json.loads(request.read())
            self.runs.setdefault(body["idempotency_key"], ("d-1", body["state"]["type"]))
            return httpx.Response(201, json={"id": "r-1"})
        return httpx.Response(404, json={"detail": "Not Found"})


ENVIRONMENT = {"PREFECT_API_URL": "http://127.0.0.1:4200/api/", "PREFECT_API_KEY": "k"}


def test_nudge_makes_a_scheduled_run_of_the_deployment():
    prefect = PrefectStandIn()
    prefect_nudge(ENVIRONMENT, transport=prefect)("publish")
    assert list(prefect.runs.values()) == [("d-1", "SCHEDULED")]
    assert prefect.keys == ["Bearer k", "Bearer k"]


@pytest.mark.parametrize(("flow", "down"), [("publish", True), ("no-such-flow", False)])
def test_nudge_that_fails_only_logs(flow, down, caplog):
    with caplog.at_level(logging.WARNING):
        prefect_nudge(ENVIRONMENT, transport=PrefectStandIn(down=down))(flow)
    assert "the schedule will run it" in caplog.text


def test_nudge_without_prefect_does_nothing():
    assert prefect_nudge({}) is nothing


@pytest.fixture
def home(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = world.CONFIG["ivpipe.toml"].replace("port = 20999", f"port = {port}")
        yield world.make_home(tmp_path, ivpipe=text)


def test_desk_without_a_database_says_what_to_do(home, capsys):
    assert main(["--home", str(home)]) == 2
    assert "there is no database yet" in capsys.readouterr().err


def test_desk_without_a_configuration_says_where_it_looked(tmp_path, capsys):
    assert main(["--home", str(tmp_path)]) == 2
    assert "ivpipe.toml: there is no such file" in capsys.readouterr().err


def test_desk_on_a_taken_port_says_so(home, capsys):
    store = Store(f"sqlite:///{home / 'var' / 'ivpipe.db'}")
    store.migrate()
    store.close()
    assert main(["--home", str(home)]) == 2
    message = capsys.readouterr().err
    assert "Address already in use" in message
    assert "change desk.port" in message
