"""The supervisor with children that die, linger, leave children of their own, or never come up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ivpipe.cli.supervisor import Child, ChildFailed, Supervisor
from ivpipe.cli.up import children_of, require_free
from ivpipe.errors import IvpipeError

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
        from ivpipe.cli.up import run_until_stopped
        child = Child("steady", [sys.executable, "-u", "-c", {STEADY!r}], ready_line="I am up")
        run_until_stopped(Supervisor([child], pathlib.Path({str(tmp_path)!r})), lambda: print("up", flush=True))
        print("stopped")
    """
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        for _ in range(5):
            parent.send_signal(signal.SIGINT)
        assert parent.stdout.readline() == "stopped\n"
        assert parent.wait(20) == 0


def test_taken_port_is_told_in_plain_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(IvpipeError) as caught:
            require_free("127.0.0.1", port, "the desk", "choose another")
    assert str(caught.value) == (
        f"the desk cannot listen on 127.0.0.1:{port}: Address already in use — stop what listens there "
        "(is ivpipe up already?), or choose another"
    )


def test_given_prefect_server_is_used_and_none_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.example:4200/api")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    children, addresses = children_of(tmp_path, tmp_path / "var", ("127.0.0.1", port), 4200)
    assert [child.name for child in children] == ["desk", "flows"]
    assert children[1].environment["PREFECT_API_URL"] == "http://prefect.example:4200/api"
    assert addresses.prefect == "http://prefect.example:4200/"
