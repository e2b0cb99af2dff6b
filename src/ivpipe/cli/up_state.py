"""One ``ivpipe up`` per project: the lock it holds, what it says about itself, and what a killed one left running.

``up.lock`` is a lock of the kernel's, which ends with its process; ``up.json`` beside it says, for people and for the other
commands, who holds it, where the parts answer and how they are.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ivpipe.errors import IvpipeError
from ivpipe.steps.workers import has_died, only_one, worker_name

MARK = "IVPIPE_UP"
"""Stands in the environment of everything that an ``up`` starts: the folder's path and the ``up``'s process id."""

_LOCK = "up"
_GRACE = 5.0


class AlreadyUp(IvpipeError):
    """Another ``ivpipe up`` (or ``demo``) runs in this project."""


@contextmanager
def only_up(data: Path) -> Iterator[None]:
    """Hold the project for the block, and end what a killed ``up`` left running. Raises AlreadyUp, saying who holds it."""
    with only_one(data / "locks", _LOCK) as mine:
        if not mine:
            raise AlreadyUp(_holder(data), subject=str(data), advice="stop that one first, or look at what it says")
        state = data / "up.json"
        end_leftovers(data)
        state.unlink(missing_ok=True)
        try:
            yield
        finally:
            state.unlink(missing_ok=True)


def write_state(data: Path, parts: Mapping[str, Mapping[str, Any]], desk: str, prefect: str, api: str) -> None:
    """Say how the parts are; whoever reads sees the old words or the new ones, whole. ``api``: Prefect's, if it wants the
    password that ivpipe made; else "".
    """
    state = {
        "pid": os.getpid(),
        "worker": _WORKER,
        "since": _STARTED,
        "desk": desk,
        "prefect": prefect,
        "api": api,
        "parts": parts,
    }
    draft = data / "up.json.tmp"
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(data / "up.json")


def read_state(data: Path) -> dict[str, Any] | None:
    """What the ``up`` that runs in this project says of itself; None where none runs, or it has said nothing yet."""
    try:
        state = json.loads((data / "up.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    # Not by the lock: to try it would be to hold it, and an `up` that starts just then would find it taken.
    return state if isinstance(state, dict) and not has_died(str(state.get("worker"))) else None


def mark(data: Path) -> str:
    """The value of ``MARK`` for what this process starts."""
    return f"{data.resolve()}:{os.getpid()}"


def end_leftovers(data: Path) -> int:
    """End what an ``up`` of this project that is no more has started and the kernel did not end with it; how many there were.

    Whatever they were doing is done again: all work may be cut off at any point.
    """
    left = _marked(data)
    for number, seconds in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, _GRACE)):
        for pid in _marked(data):
            try:
                os.kill(pid, number)
            except OSError:
                pass
        until = time.monotonic() + seconds
        while _marked(data) and time.monotonic() < until:
            time.sleep(0.05)
    return len(left)


def _marked(data: Path) -> list[int]:
    """The processes whose environment has the mark of this project's ``up``, this one left out."""
    wanted = f"{MARK}={data.resolve()}:".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environment = (place / "environ").read_bytes()
        except OSError:  # another user's, or it has ended meanwhile
            continue
        if int(place.name) != os.getpid() and any(entry.startswith(wanted) for entry in environment.split(b"\0")):
            found.append(int(place.name))
    return found


def _holder(data: Path) -> str:
    state = read_state(data)
    if state is None:
        return "another `ivpipe up` runs in this folder; it is just starting or ending"
    since = datetime.fromisoformat(state["since"]).astimezone()
    return (
        f"another `ivpipe up` runs in this folder: process {state['pid']}, since {since:%d %B %Y %H:%M}; "
        f"the desk at {state['desk']}, Prefect at {state['prefect']}"
    )


_WORKER = worker_name()
_STARTED = datetime.now(UTC).isoformat(timespec="seconds")
