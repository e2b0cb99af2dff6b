"""The supervisor with children that die, linger, leave children of their own, or never come up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.flows.projects import write_project
from tests.servers.http_site import running_site
from tests.servers.running_up import clean_environment, configure, free_ports

from ivpipe.cli.ports import require_free
from ivpipe.cli.prefect_settings import password
from ivpipe.cli.supervisor import Child, ChildFailed, Supervisor
from ivpipe.cli.up import children_of
from ivpipe.cli.up_state import MARK, AlreadyUp, only_up, read_state, write_state
from ivpipe.errors import IvpipeError
from ivpipe.settings import PrefectSettings
from ivpipe.wiring import App, open_app

STEADY = "import time; print('I am up'); time.sleep(600)"


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", textwrap.dedent(code)]


def until(true: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether a condition comes to hold in time: the machine's speed decides when, never whether."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_child_that_dies_is_started_again(tmp_path: Path) -> None:
    with Supervisor([Child("steady", python(STEADY), ready_line="I am up")], tmp_path) as supervisor:
        supervisor.wait_ready(20)
        first = supervisor.pid("steady")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert until(lambda: supervisor.pid("steady") not in (None, first))
        supervisor.wait_ready(20)


def test_stop_ends_children_and_what_they_started(tmp_path: Path) -> None:
    code = """
        import subprocess, sys, time
        inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("started", inner.pid, flush=True)
        time.sleep(600)
    """
    lines: list[str] = []
    with Supervisor([Child("outer", python(code), ready_line="started")], tmp_path, echo=lines.append) as supervisor:
        supervisor.wait_ready(20)
        outer = supervisor.pid("outer")
    inner = int(lines[0].split()[-1])
    assert lines[0] == f"outer: started {inner}"
    assert outer is not None
    assert until(lambda: not alive(outer) and not alive(inner))
    assert (tmp_path / "outer.log").read_text() == f"started {inner}\n"


def test_stop_kills_a_child_that_does_not_end(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
    with Supervisor([Child("deaf", python(code), ready_line="deaf")], tmp_path, grace=0.2) as supervisor:
        supervisor.wait_ready(20)
        pid = supervisor.pid("deaf")
    assert pid is not None
    assert not alive(pid)


def test_children_end_in_the_reverse_of_their_order(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    code = """
        import pathlib, signal, sys, time
        def end(*_):
            with pathlib.Path(sys.argv[2]).open("a") as file:
                file.write(sys.argv[1] + "\\n")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print("up", flush=True)
        time.sleep(600)
    """
    children = [Child(name, [*python(code), name, str(ended)], ready_line="up") for name in ("server", "user")]
    with Supervisor(children, tmp_path) as supervisor:
        supervisor.wait_ready(20)
    assert ended.read_text().split() == ["user", "server"]


def test_wait_ready_where_a_child_keeps_dying_shows_its_last_lines(tmp_path: Path) -> None:
    with (
        Supervisor(
            [Child("broken", python("raise SystemExit('no such thing')"), ready_line="up")], tmp_path
        ) as supervisor,
        pytest.raises(ChildFailed) as caught,
    ):
        supervisor.wait_ready(30)
    assert str(caught.value).startswith("broken: it ends as soon as it is started — see ")
    assert "no such thing" in str(caught.value)


def test_wait_ready_where_the_program_is_missing_says_so(tmp_path: Path) -> None:
    with (
        Supervisor([Child("absent", ["/no/such/program"])], tmp_path) as supervisor,
        pytest.raises(ChildFailed, match="No such file or directory"),
    ):
        supervisor.wait_ready(30)


def test_ready_waits_until_the_address_answers(tmp_path: Path) -> None:
    code = """
        import http.server, sys
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
        http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = Child("web", [*python(code), str(port)], url=f"http://127.0.0.1:{port}/")
    with Supervisor([child], tmp_path) as supervisor:
        supervisor.wait_ready(20)
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass


def test_environment_adds_and_takes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVPIPE_TEST_GONE", "1")
    code = "import os, time; print('env', os.environ.get('IVPIPE_TEST_GONE'), os.environ['IVPIPE_TEST_NEW']); time.sleep(600)"
    child = Child("env", python(code), {"IVPIPE_TEST_GONE": None, "IVPIPE_TEST_NEW": "new"}, ready_line="env")
    lines: list[str] = []
    with Supervisor([child], tmp_path, echo=lines.append) as supervisor:
        supervisor.wait_ready(20)
    assert lines == ["env: env None new"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's death is Linux's")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
        import pathlib, sys, time
        from ivpipe.cli.supervisor import Child, Supervisor
        child = Child("steady", [sys.executable, "-u", "-c", {STEADY!r}], ready_line="I am up")
        with Supervisor([child], pathlib.Path({str(tmp_path)!r})) as supervisor:
            supervisor.wait_ready(20)
            print(supervisor.pid("steady"), flush=True)
            time.sleep(600)
    """
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert until(lambda: not alive(pid))


def test_two_interrupts_in_a_row_stop_it(tmp_path: Path) -> None:
    code = f"""
        import pathlib, sys
        from ivpipe.cli.supervisor import Child, Supervisor
        from ivpipe.cli.up import stopped_by_signals
        child = Child("steady", [sys.executable, "-u", "-c", {STEADY!r}], ready_line="I am up")
        supervisor = Supervisor([child], pathlib.Path({str(tmp_path)!r}))
        with stopped_by_signals(supervisor):
            supervisor.wait_ready(20)
            print("up", flush=True)
            supervisor.wait()
        print("stopped")
    """
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        for _ in range(5):
            parent.send_signal(signal.SIGINT)
        assert parent.stdout.readline() == "stopped\n"
        assert parent.wait(20) == 0


def test_a_child_that_does_not_come_up_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    told: list[str] = []
    states: list[dict[str, str]] = []
    children = [
        Child("steady", python(STEADY), ready_line="I am up"),
        Child("broken", python("raise SystemExit('no such thing')"), ready_line="up"),
    ]
    with Supervisor(
        children,
        tmp_path,
        tell=told.append,
        on_change=lambda parts: states.append({name: part["state"] for name, part in parts.items()}),
    ) as supervisor:
        assert until(lambda: any("does not come up" in line for line in told))
        steady = supervisor.pid("steady")
        assert until(lambda: sum("broken: down (exit code 1)" in line for line in told) >= 4)
        assert supervisor.pid("steady") == steady
    waits = [float(line.split()[-2]) for line in told if line.startswith("broken: down")]
    assert waits[:4] == sorted(waits[:4])
    assert sum("does not come up" in line for line in told) == 1
    (last_lines,) = (line for line in told if "does not come up" in line)
    assert "no such thing" in last_lines
    assert states[0] == {"steady": "starting", "broken": "starting"}
    assert {"steady": "ready", "broken": "down"} in states


def test_a_child_that_never_answers_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    child = Child("mute", python("import time; print('I say nothing'); time.sleep(600)"), ready_line="I am up")
    with Supervisor([child], tmp_path, tell=told.append, start_seconds=0.5) as supervisor:
        assert until(lambda: supervisor.pid("mute"))
        first = supervisor.pid("mute")
        assert first is not None
        assert until(lambda: supervisor.pid("mute") not in (None, first))
        assert not alive(first)
    assert told[0].startswith("mute: down (it did not answer within ")


def test_children_that_wait_by_the_clock_are_started_again_when_it_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    children = [
        Child("by the clock", python(STEADY), ready_line="I am up", restart_when_clock_goes_back=True),
        Child("steady", python(STEADY), ready_line="I am up"),
    ]
    with Supervisor(children, tmp_path, tell=told.append) as supervisor:
        supervisor.wait_ready(20)
        first, steady = supervisor.pid("by the clock"), supervisor.pid("steady")
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() - 3600)
        assert until(lambda: supervisor.pid("by the clock") not in (None, first))
        supervisor.wait_ready(20)
        assert supervisor.pid("steady") == steady
    assert "by the clock: down (the clock was set back by 3600 s: it is started again)" in told[2]


def test_taken_port_is_told_in_plain_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(IvpipeError) as caught:
            require_free("127.0.0.1", port, "the desk", "choose another")
    told = str(caught.value)
    assert told.startswith(
        f"the desk cannot listen on 127.0.0.1:{port}: Address already in use by process {os.getpid()} ("
    )
    assert told.endswith(" — stop what listens there, or choose another")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A project whose parts are to listen on free ports; the environment says nothing of Prefect."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    with running_site() as site:
        project = write_project(tmp_path / "home", site)
        configure(project.home, *free_ports(2))
        with open_app(project.home) as app:
            yield app


def test_a_given_prefect_server_is_used_with_its_own_password_and_none_is_started(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example:4200/api")
    children, addresses = children_of(app)
    assert [child.name for child in children] == ["desk", "flows"]
    assert addresses.prefect == "https://prefect.example:4200/"
    environment = children[1].environment
    assert "PREFECT_API_URL" not in environment, "it is inherited"
    assert "PREFECT_API_AUTH_STRING" not in environment, "ours must not be sent to a server that is not ours"
    assert not (app.settings.data / "prefect-auth").exists()


def test_the_server_and_its_clients_get_one_password_and_the_desk_gets_none(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVPIPE_HOME", "/some/other/project")
    children, addresses = children_of(app)
    desk, server, flows = (child.environment for child in children)
    secret = (app.settings.data / "prefect-auth").read_text().strip()
    assert secret not in str(desk)
    assert desk["IVPIPE_HOME"] == server["IVPIPE_HOME"] == flows["IVPIPE_HOME"] == str(app.settings.home)
    assert server["PREFECT_SERVER_API_AUTH_STRING"] == secret
    assert flows["PREFECT_API_AUTH_STRING"] == secret
    assert server["PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED"] == "true"
    assert server["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == addresses.prefect.rstrip("/")
    assert not any(secret in word for child in children for word in child.command)


def test_what_the_operators_environment_says_goes_first(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "op:their own secret")
    monkeypatch.setenv("PREFECT_SERVER_EVENTS_RETENTION_PERIOD", "9d")
    _, server, flows = (child.environment for child in children_of(app)[0])
    assert server["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == "9d"
    assert server["PREFECT_SERVER_API_AUTH_STRING"] == flows["PREFECT_API_AUTH_STRING"] == "op:their own secret"
    assert not (app.settings.data / "prefect-auth").exists()


def test_below_a_public_path_everything_lies_below_that_path(app: App) -> None:
    settings = app.settings.model_copy(
        update={"prefect": PrefectSettings(port=free_ports(1)[0], public_url="https://magazine.example/in/prefect/")}
    )
    children, addresses = children_of(App(settings, app.store))
    server = children[1]
    assert addresses.prefect == "https://magazine.example/in/prefect/"
    assert addresses.prefect_api == f"http://127.0.0.1:{settings.prefect.port}/in/prefect/api"
    assert server.url == f"{addresses.prefect_api}/health"
    assert server.environment["PREFECT_SERVER_UI_API_URL"] == "/in/prefect/api"
    assert "https://magazine.example" in str(server.environment["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]).split(",")


@pytest.mark.parametrize(
    "wrong",
    ["magazine.example", "ftp://magazine.example", "https://", "https://a:b@magazine.example", "https://m.example/?x"],
)
def test_a_public_address_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        PrefectSettings(public_url=wrong)


def test_a_password_is_made_once_by_however_many_at_once(tmp_path: Path) -> None:
    code = f"""
        import pathlib
        from ivpipe.cli.prefect_settings import password
        print(password(pathlib.Path({str(tmp_path)!r})))
    """
    together = [
        subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True, env=clean_environment()) for _ in range(4)
    ]
    passwords = {process.communicate()[0] for process in together}
    assert len(passwords) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["prefect-auth"]
    assert (tmp_path / "prefect-auth").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("broken", ["", "short", "ivpipe:short", "ivpipe with spaces:0123456789abcdef"])
def test_a_file_that_holds_no_password_is_named(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    (tmp_path / "prefect-auth").write_text(broken)
    with pytest.raises(IvpipeError, match="remove the file") as caught:
        password(tmp_path)
    assert str(tmp_path / "prefect-auth") in str(caught.value)


def test_only_one_up_at_a_time_and_the_next_after_it(tmp_path: Path) -> None:
    with only_up(tmp_path):
        with pytest.raises(AlreadyUp, match="it is just starting or ending"), only_up(tmp_path):
            pass
        write_state(tmp_path, {}, "http://d/", "http://p/", "http://p/api")
        with (
            pytest.raises(AlreadyUp, match=f"process {os.getpid()}, since .*; the desk at http://d/"),
            only_up(tmp_path),
        ):
            pass
        assert (read_state(tmp_path) or {})["api"] == "http://p/api"
    assert read_state(tmp_path) is None
    with only_up(tmp_path):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only there the processes tell their environment")
def test_what_a_killed_up_left_running_is_ended_by_the_next(tmp_path: Path) -> None:
    left = subprocess.Popen(python(STEADY), env={**os.environ, MARK: f"{tmp_path.resolve()}:1"}, stdout=subprocess.PIPE)
    other = subprocess.Popen(
        python(STEADY), env={**os.environ, MARK: f"{tmp_path.resolve()}x:1"}, stdout=subprocess.PIPE
    )
    try:
        for process in (left, other):
            assert process.stdout is not None
            process.stdout.readline()
        threading.Thread(target=left.wait).start()  # somebody has to take note of its end
        with only_up(tmp_path):
            assert until(lambda: left.poll() is not None)
        assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.wait()
