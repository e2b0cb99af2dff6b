"""Who works here: a name for this process in leases, and a lock per kind of run on this machine.

Row leases are what protects the data, on one machine or several. The locks only keep two runs on one machine from
doing the same thing side by side (asking a partner's site twice as fast, loading an engine's model twice). They are
the kernel's, so they end with their process: nothing here can be left locked.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def worker_name() -> str:
    """A name no other worker has, at most 64 characters: host, process namespace, process, its start, random."""
    return f"{_here()}/{os.getpid()}/{_start_of(os.getpid())}.{secrets.token_hex(4)}"


def has_died(owner: str) -> bool:
    """Whether the lease holder ``owner`` was a process of this machine (or container) that is there no more.

    False for every other, as nothing is known of it: its lease runs out by itself.
    """
    match = re.fullmatch(r"([^/]*)/([0-9]{1,9})/(?:([0-9a-f]+)\.)?[^/.]*", owner)
    if match is None or match[1] != _here():
        return False
    try:
        os.kill(int(match[2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    # Another process may have been given the number since, above all after the machine was switched off.
    started = _start_of(int(match[2]))
    return "0" not in (match[3] or "0", started) and match[3] != started


def _start_of(pid: int) -> str:
    """When a process started, in the kernel's ticks since boot, as hexadecimal digits; "0" where nobody tells."""
    try:
        return f"{int(Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[19]):x}"
    except (OSError, ValueError, IndexError):
        return "0"


def _here() -> str:
    try:
        namespace = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        namespace = "0"
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:24] + ":" + namespace


@contextmanager
def only_one(folder: Path, name: str) -> Iterator[bool]:
    """Hold the lock ``name`` for the block; yields False, at once, where another run on this machine holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
