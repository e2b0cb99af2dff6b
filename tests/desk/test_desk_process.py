"""The desk as a process."""

from __future__ import annotations

import socket

import pytest
from tests.desk import world

from ivpipe.desk.__main__ import main
from ivpipe.store import Store


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
