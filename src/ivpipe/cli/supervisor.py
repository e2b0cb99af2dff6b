"""Keeping a few child processes alive: started together, restarted when they die or do not come up, stopped together.

    with Supervisor([Child("desk", [sys.executable, "-m", "ivpipe.desk"], url="http://127.0.0.1:8000/")], logs) as supervisor:
        supervisor.wait_ready(60)
        supervisor.wait()

Each child leads a process group of its own, so that stopping reaches what it started; on Linux it is also told to end
by the kernel should this process be killed. What children print goes to ``logs/<name>.log`` and, prefixed, to ``echo``;
what the supervisor itself has to say of them goes to ``tell``. No child's failure ends the others.
"""

from __future__ import annotations

import ctypes
import http.client
import logging
import logging.handlers
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ivpipe.errors import IvpipeError
from ivpipe.masking import mask

_LOOK_SECONDS = 0.1
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_STEADY_SECONDS = 30.0
"""A child that lived this long starts again at once, and its waits from the beginning."""
_TRIES_TO_START = 3
"""After so many deaths before it was ready a child counts as broken: its last lines are told, and it is tried on."""
_START_SECONDS = 120.0
"""How long a child may take to be ready at the first try; each further try may take as long again."""
_CLOCK_BACK = 60.0
_LOG_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildFailed(IvpipeError):
    """A child did not come up."""


@dataclass(frozen=True, slots=True)
class Child:
    """What to keep running. ``environment`` is added to ours (a value None takes a name away).

    Ready means: ``url`` answers without a server error, or ``ready_line`` has stood in its output; without either, started.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    url: str = ""
    ready_line: str = ""
    folder: Path | None = None
    restart_when_clock_goes_back: bool = False
    """Whether it waits by the clock on the wall, and so would wait for as long as the clock was set back."""


class _Kept:
    """One child as it is now."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[str] | None = None
        self.started = 0.0
        self.start_at = 0.0
        self.deaths = 0
        self.ready = False
        self.told = False
        self.why = ""
        self.said_ready = False
        self.lines: deque[str] = deque(maxlen=12)
        self.reader: threading.Thread | None = None


class Supervisor:
    """Starts the children at ``__enter__`` and ends them, and all they started, at ``__exit__``."""

    def __init__(
        self,
        children: Sequence[Child],
        logs: Path,
        *,
        echo: Callable[[str], None] = lambda _line: None,
        tell: Callable[[str], None] = lambda _line: None,
        on_change: Callable[[Mapping[str, Mapping[str, Any]]], None] = lambda _parts: None,
        grace: float = 15.0,
        start_seconds: float = _START_SECONDS,
    ) -> None:
        self._kept = {child.name: _Kept(child) for child in children}
        self._logs = logs
        self._echo = echo
        self._tell = tell
        self._on_change = on_change
        self._grace = grace
        self._start_seconds = start_seconds
        # A plain flag, for a signal handler may set it: taking a lock there can find it held by the code it interrupted.
        self._stopping = False
        self._changed = threading.Condition()
        # One thread starts every child and lives as long as they do: the kernel's signal at a parent's death comes
        # when the starting *thread* ends.
        self._keeper = threading.Thread(target=self._keep, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._keeper.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def wait_ready(self, seconds: float) -> None:
        """Return when every child is ready. Raises ChildFailed where one keeps dying, or after ``seconds``; it is tried on."""
        until = time.monotonic() + seconds
        with self._changed:
            while not all(kept.ready for kept in self._kept.values()):
                failed = next((k for k in self._kept.values() if not k.ready and k.deaths >= _TRIES_TO_START), None)
                late = time.monotonic() > until
                if failed is not None or late or self._stopping:
                    kept = failed or next(k for k in self._kept.values() if not k.ready)
                    raise ChildFailed(
                        "it ends as soon as it is started"
                        if failed
                        else f"it did not answer within {seconds:.0f} seconds",
                        subject=kept.child.name,
                        advice=self._last_lines(kept),
                    )
                self._changed.wait(_LOOK_SECONDS)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until ``stop`` is asked for (by a signal, or another thread); False after ``seconds``."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self._stopping:
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def ask_to_stop(self) -> None:
        """Let ``wait`` return; safe in a signal handler."""
        self._stopping = True

    def stop(self) -> None:
        """End every child's process group: SIGTERM, and SIGKILL for what is left after the grace. Returns when all are gone."""
        self._stopping = True
        self._keeper.join()

    def pid(self, name: str) -> int | None:
        """The process id of a child, None while it is not running."""
        process = self._kept[name].process
        return process.pid if process is not None and process.poll() is None else None

    def log_file(self, name: str) -> Path:
        """Where a child's output is kept."""
        return self._logs / f"{name}.log"

    def parts(self) -> dict[str, dict[str, Any]]:
        """How each child is: ``{name: {"state": "ready" | "starting" | "down", "pid": … or None, "why": …}}``."""
        return {
            name: {
                "state": "ready" if kept.ready else "down" if kept.deaths else "starting",
                "pid": self.pid(name),
                "why": "" if kept.ready else kept.why,
            }
            for name, kept in self._kept.items()
        }

    # -- the keeper's thread

    def _keep(self) -> None:
        ahead = time.time() - time.monotonic()
        self._on_change(self.parts())
        while not self.wait(_LOOK_SECONDS):
            ahead, before = time.time() - time.monotonic(), ahead
            for kept in self._kept.values():
                now = time.monotonic()
                if kept.process is None:
                    if now >= kept.start_at:
                        self._start(kept, now)
                elif kept.process.poll() is not None:
                    self._note_death(kept, now, _in_words(kept.process.returncode))
                elif before - ahead > _CLOCK_BACK and kept.child.restart_when_clock_goes_back:
                    self._end(kept)
                    self._note_death(
                        kept, now, f"the clock was set back by {before - ahead:.0f} s: it is started again"
                    )
                elif kept.ready:
                    continue
                elif self._answers(kept):
                    self._note_ready(kept, now)
                elif now - kept.started > self._start_seconds * (kept.deaths + 1):
                    self._end(kept)
                    self._note_death(kept, now, f"it did not answer within {now - kept.started:.0f} s")
        self._end_all()

    def _note_ready(self, kept: _Kept, now: float) -> None:
        with self._changed:
            kept.ready, kept.told = True, False
            self._changed.notify_all()
        self._tell(f"{kept.child.name}: ready ({now - kept.started:.0f} s)")
        self._on_change(self.parts())

    def _start(self, kept: _Kept, now: float) -> None:
        child = kept.child
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        for name, value in child.environment.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        kept.started, kept.said_ready = now, False
        try:
            kept.process = subprocess.Popen(  # noqa: S603  the command is ours
                list(child.command),
                env=environment,
                cwd=child.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        except OSError as error:
            kept.lines.append(f"{child.command[0]}: {error.strerror}")
            self._note_death(kept, now, f"it could not be started: {error.strerror}")
            return
        kept.reader = threading.Thread(target=self._read, args=(kept, kept.process), daemon=True)
        kept.reader.start()

    def _note_death(self, kept: _Kept, now: float, why: str) -> None:
        if kept.process is not None:
            _signal_group(kept.process.pid, signal.SIGKILL)  # what it leaves behind would hold its port
        steady = kept.ready and now - kept.started > _STEADY_SECONDS
        with self._changed:
            kept.deaths = 1 if steady else kept.deaths + 1
            kept.process, kept.ready, kept.why = None, False, why
            wait = min(_FIRST_WAIT * 2 ** (kept.deaths - 1), _LONGEST_WAIT)
            kept.start_at = now + wait * random.uniform(0.9, 1.1)  # noqa: S311  not a secret
            self._changed.notify_all()
        self._tell(f"{kept.child.name}: down ({why}); it is started again in {wait:.1f} s")
        if kept.deaths >= _TRIES_TO_START and not kept.told:
            kept.told = True
            self._tell(f"{kept.child.name}: it does not come up, the other parts go on — {self._last_lines(kept)}")
        self._on_change(self.parts())

    def _last_lines(self, kept: _Kept) -> str:
        return "\n".join([f"see {self.log_file(kept.child.name)}; its last lines:", *kept.lines])

    def _answers(self, kept: _Kept) -> bool:
        child = kept.child
        if child.ready_line:
            return kept.said_ready
        return answers(child.url) if child.url else True

    def _read(self, kept: _Kept, process: subprocess.Popen[str]) -> None:
        log = logging.handlers.RotatingFileHandler(
            self.log_file(kept.child.name), maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8", delay=True
        )
        log.setFormatter(logging.Formatter("%(message)s"))
        assert process.stdout is not None
        with process.stdout:
            for text in process.stdout:
                line = mask(text.rstrip("\n"))  # of children that are not ours too: Prefect's server
                kept.lines.append(line)
                if kept.child.ready_line and kept.child.ready_line in line:
                    kept.said_ready = True
                try:
                    log.emit(logging.makeLogRecord({"msg": line}))
                except (
                    OSError
                ):  # no place for logs is no reason to stop listening: the child would wait for us for ever
                    pass
                self._echo(f"{kept.child.name}: {line}")
        log.close()

    def _end_all(self) -> None:
        """The last started first: what uses a server ends before the server does."""
        for kept in reversed(self._kept.values()):
            self._end(kept)

    def _end(self, kept: _Kept) -> None:
        process = kept.process
        if process is None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        try:
            process.wait(self._grace)
        except subprocess.TimeoutExpired:
            self._tell(f"{kept.child.name}: it does not end, and is killed")
        _signal_group(process.pid, signal.SIGKILL)  # also what outlived its leader
        process.wait()
        if kept.reader is not None:
            kept.reader.join(2.0)


def answers(url: str, timeout: float = 2.0) -> bool:
    """Whether an http address answers without a server error; no proxy is asked."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _in_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
