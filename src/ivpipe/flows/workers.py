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
    """A name no other worker has, at most 64 characters: host, process namespace, process, random."""
    return f"{_here()}/{os.getpid()}/{secrets.token_hex(4)}"


def has_died(owner: str) -> bool:
    """Whether the lease holder ``owner`` was a process of this machine (or container) that is there no more.

    False for every other, as nothing is known of it: its lease runs out by itself.
    """
    place, _, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if place != _here() or not re.fullmatch(r"[0-9]{1,9}", pid):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


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
