"""The desk as a process."""

from __future__ import annotations

import asyncio
import re
import resource
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import pytest
from tests.desk import world

from ivpipe.desk import visit
from ivpipe.desk.__main__ import _allow_many_connections, main
from ivpipe.desk.failure import Fault
from ivpipe.steps.audit import list_events
from ivpipe.store import Store
from ivpipe.wiring import open_app


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


def test_two_hundred_guesses_side_by_side_at_the_real_desk_are_five_looked_at(tmp_path):
    """``wrong`` is noted after a password was looked at, ``throttled`` before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = world.CONFIG["ivpipe.toml"].replace("port = 20999", f"port = {port}")
    home = world.make_home(tmp_path, ivpipe=text)
    with open_app(home, check=False) as app:
        app.store.migrate()
        world.add_people(app.store)
    command = [sys.executable, "-m", "ivpipe.desk", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as desk:
        try:
            assert desk.stdout is not None
            assert "the desk listens" in desk.stdout.readline()
            transport = httpx.HTTPTransport(retries=8)  # it is bound when it says so, and answers a moment later
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, transport=transport) as client:
                token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)[1]

                def guess(number: int) -> int:
                    fields = {"token": token, "name": "ana", "password": f"guess number {number}"}
                    return client.post("/login", data=fields).status_code

                with ThreadPoolExecutor(40) as pool:
                    answers = Counter(pool.map(guess, range(200)))
        finally:
            desk.terminate()
    assert answers == {401: 5, 429: 195}
    with open_app(home) as app:
        noted = Counter(event.kind for event in list_events(app.store, "ana", 1000))
    assert noted["wrong"] == 5


def test_a_body_that_trickles_in_is_not_waited_for(monkeypatch):
    async def trickle():
        yield b"name=a"
        await asyncio.sleep(60)

    monkeypatch.setattr(visit, "SLOWEST_BODY", 0.05)
    reading = visit._read_body(SimpleNamespace(stream=trickle))
    # In a thread of its own: a browser test of this process may have left its event loop running.
    with ThreadPoolExecutor(1) as aside, pytest.raises(Fault) as caught:
        aside.submit(asyncio.run, reading).result()
    assert caught.value.status == 408


def test_the_desk_takes_as_many_connections_as_the_account_may(monkeypatch):
    limits = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, wanted: limits.append(wanted))
    _allow_many_connections()
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1024, resource.RLIM_INFINITY))
    _allow_many_connections()
    assert limits == [(4096, 4096), (65_536, resource.RLIM_INFINITY)]
