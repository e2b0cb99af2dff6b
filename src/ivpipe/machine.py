"""Faults of the machine by name: a full disk, one that cannot be written, a lock that is not given, a damaged database.

Which fault it is, numbers say: ``errno`` of the system, SQLite's extended result codes, PostgreSQL's SQLSTATE. The words of
a message are shown to people and decide nothing: they differ by version and by language.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import tempfile
from pathlib import Path

from ivpipe.errors import MachineError, MachineFault

_BY_ERRNO = {
    errno.ENOSPC: MachineFault.FULL,
    errno.EDQUOT: MachineFault.FULL,
    errno.EFBIG: MachineFault.FULL,  # the limit that the account has for a file
    errno.EROFS: MachineFault.READ_ONLY,
    errno.EACCES: MachineFault.FORBIDDEN,
    errno.EPERM: MachineFault.FORBIDDEN,
    errno.EIO: MachineFault.BROKEN_DISK,
    errno.EMFILE: MachineFault.TOO_MANY,
    errno.ENFILE: MachineFault.TOO_MANY,
    errno.ENOMEM: MachineFault.NO_MEMORY,
}

_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: MachineFault.FULL,
    sqlite3.SQLITE_READONLY: MachineFault.READ_ONLY,
    sqlite3.SQLITE_PERM: MachineFault.FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: MachineFault.FORBIDDEN,
    sqlite3.SQLITE_BUSY: MachineFault.BUSY,
    sqlite3.SQLITE_LOCKED: MachineFault.BUSY,
    sqlite3.SQLITE_PROTOCOL: MachineFault.BUSY,
    sqlite3.SQLITE_IOERR: MachineFault.BROKEN_DISK,
    sqlite3.SQLITE_CORRUPT: MachineFault.DAMAGED,
    sqlite3.SQLITE_NOTADB: MachineFault.NOT_A_DATABASE,
    sqlite3.SQLITE_NOMEM: MachineFault.NO_MEMORY,
}
"""By the primary code, which is the low byte of the extended one."""

_BY_SQLSTATE = {
    "53100": MachineFault.FULL,
    "53200": MachineFault.NO_MEMORY,
    "53300": MachineFault.TOO_MANY,
    "53400": MachineFault.TOO_MANY,
    "25006": MachineFault.READ_ONLY,
    "42501": MachineFault.FORBIDDEN,
    "55P03": MachineFault.BUSY,
    "40P01": MachineFault.BUSY,
    "40001": MachineFault.BUSY,
    "57014": MachineFault.BUSY,  # a statement that took longer than the server's limit
    "58030": MachineFault.BROKEN_DISK,
    "XX001": MachineFault.DAMAGED,
    "XX002": MachineFault.DAMAGED,
    "57P01": MachineFault.UNREACHABLE,
    "57P02": MachineFault.UNREACHABLE,
    "57P03": MachineFault.UNREACHABLE,
}

_NOTHING_LEFT = 64 * 1024
"""Bytes. With less free, a disk is full: SQLite's write-ahead log and its index grow by 32 kB at a time."""
_SURELY_ROOM = 1 << 20
"""Bytes. With more free, it is not the disk that has no room."""


def fault_of(error: BaseException | None, place: Path | None = None) -> MachineFault | None:
    """The fault that an error of the system or of a database stands for; None where it is another kind of error.

    ``place``, the file concerned, tells a full disk from a broken one: SQLite reports some writes that found no room as
    failed input and output.
    """
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        fault = None if code is None else _BY_SQLITE_CODE.get(code & 0xFF)
        return MachineFault.FULL if fault is MachineFault.BROKEN_DISK and place and _no_room(place) else fault
    if isinstance(error, OSError):
        return _BY_ERRNO.get(error.errno) if error.errno is not None else None
    sqlstate = getattr(error, "sqlstate", None)
    if not isinstance(sqlstate, str):
        return None
    return _BY_SQLSTATE.get(sqlstate) or (MachineFault.UNREACHABLE if sqlstate.startswith("08") else None)


def machine_error(error: BaseException, place: Path | None = None) -> MachineError | None:
    """An error of the system, or of an SQLite file, as one of ours; None where it tells of no fault of the machine.

    For the borders (a run's row, the command line, the desk): code in between need not foresee a full disk. ``place`` is
    the file meant where the error does not name one.
    """
    if not isinstance(error, OSError | sqlite3.Error):
        return None
    named = getattr(error, "filename", None)
    if named is None and place is None and fault_of(error) is not MachineFault.FULL:
        return None  # of a network, or of nothing that we could name
    path = Path(str(named)) if isinstance(named, str) and named else place
    fault = fault_of(error, path)
    if fault is None:
        return None
    message, advice = explain(fault, path)
    return MachineError(message, fault, subject=str(path) if path else "", advice=advice)


def folder_trouble(folder: Path) -> MachineError | None:
    """Why no file can be written into a folder, None where one can: tried with a file that is gone again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return machine_error(error, folder) or MachineError(
            f"no file can be written here: {error.strerror or error}",
            MachineFault.FORBIDDEN,
            subject=str(folder),
            advice="see that it is a folder this account may write to",
        )
    return None


def explain(fault: MachineFault, path: Path | None = None) -> tuple[str, str]:
    """What a fault of files means in words, and what to do; ``path`` is the file or folder concerned."""
    where = "the disk" if path is None else f"the disk of {_existing(path)}"
    if fault is MachineFault.FULL:
        free = 0 if path is None else free_bytes(path)
        if free > _SURELY_ROOM:
            return (
                f"{where} takes no more, though {size(free)} are free: a quota, or a limit on the size of files",
                "raise the limit of the account that runs ivpipe; what failed will be tried again",
            )
        return (
            f"{where} is full{f': {size(free)} free' if path else ''}",
            "make room there; what failed will be tried again",
        )
    return {
        MachineFault.READ_ONLY: (f"{where} can only be read", "mount it for writing, or move the project"),
        MachineFault.FORBIDDEN: (
            "this account may not write here",
            "see whose the file and its folder are, and run ivpipe as that account or give it the right to write",
        ),
        MachineFault.BUSY: ("another process holds it", "try again in a moment"),
        MachineFault.BROKEN_DISK: (f"{where} fails to read or write", "look at the system's log and test the disk"),
        MachineFault.TOO_MANY: ("this machine has too many files open", "end other programs, or raise the limit"),
        MachineFault.NO_MEMORY: ("there is no memory left", "end other programs, and try again"),
    }.get(fault, ("it is damaged", "restore it from your last copy"))


def free_bytes(path: Path) -> int:
    """Room that this account has on the disk of a file or folder, which need not exist yet."""
    try:
        return shutil.disk_usage(_existing(path)).free
    except OSError:
        return 1 << 62  # a place we cannot even look at is not known to be full


def _no_room(file: Path) -> bool:
    """Whether a file cannot grow: by the disk's room, or by the limit that this process has for a file."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    files = (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-journal"))
    largest = max((one.stat().st_size for one in files if one.is_file()), default=0)
    return free_bytes(file) < _NOTHING_LEFT or (limit != resource.RLIM_INFINITY and largest + _NOTHING_LEFT > limit)


def size(number: int) -> str:
    """A number of bytes as people read it: "512 bytes", "3.4 MB"."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"


def _existing(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
