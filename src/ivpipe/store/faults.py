"""What a database reports, as a StoreError that says which fault it is, where, and what to do."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ivpipe.errors import MachineFault, StoreError
from ivpipe.machine import explain, fault_of


def store_error(error: SQLAlchemyError, url: URL) -> StoreError | None:
    """The fault of the machine or the server that an error stands for; None for any other error, which is ours."""
    subject = url.render_as_string(hide_password=True)
    if isinstance(error, PoolTimeout):
        fault = MachineFault.TOO_MANY
    elif isinstance(error, DBAPIError):
        path = sqlite_path(url)
        found = fault_of(error.orig, path)
        if found is MachineFault.FORBIDDEN and path is not None:
            found = _why_not_opened(path)
        if found is None and url.drivername.startswith("postgresql") and _is_lost(error):
            found = MachineFault.UNREACHABLE
        if found is None:
            return None
        fault = found
        if path is not None:
            return _of_file(fault, path, subject)
    else:
        return None
    message, advice = _SERVER[fault]
    said = str(getattr(error, "orig", "") or "").strip().partition("\n")[0]
    return StoreError(f"{message}: {said}" if said else message, fault=fault, subject=subject, advice=advice)


def sqlite_path(url: URL) -> Path | None:
    """The file of an SQLite database; None where it is in memory, or no SQLite."""
    if not url.drivername.startswith("sqlite") or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _is_lost(error: DBAPIError) -> bool:
    """Whether a server could not be reached, or ended the connection: such errors have no SQLSTATE of the server's."""
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) is None
    )


def _why_not_opened(path: Path) -> MachineFault:
    """Why SQLite could not open a file: its code says only that it could not."""
    if path.is_dir():
        return MachineFault.NOT_A_DATABASE
    try:
        if os.statvfs(path.parent).f_flag & os.ST_RDONLY:
            return MachineFault.READ_ONLY
    except OSError:
        pass
    return MachineFault.FORBIDDEN


def _of_file(fault: MachineFault, path: Path, subject: str) -> StoreError:
    message, advice = explain(fault, path)
    if fault is MachineFault.READ_ONLY:
        message = "the database can only be read"
        advice = f"give this account the right to write {path} and its folder, or mount that disk for writing"
    elif fault is MachineFault.FORBIDDEN:
        message = "the database cannot be opened: this account may not use the file, or its folder is not there"
    elif fault is MachineFault.BUSY:
        message = "the database is locked: another process has been writing for too long"
        advice = "try again; if it goes on, look for a process of ivpipe that hangs, and end it"
    elif fault is MachineFault.DAMAGED:
        message = "the database is damaged"
        advice = "stop ivpipe, keep the file, and restore your last copy of it (`sqlite3 FILE .recover` saves what can be read)"
    elif fault is MachineFault.NOT_A_DATABASE:
        message = "this is not an SQLite database"
        advice = "check IVPIPE_DATABASE_URL; if it was a database once, restore your last copy of it"
    return StoreError(message, fault=fault, subject=subject, advice=advice)


_SERVER = {
    MachineFault.FULL: ("the disk of the database server is full", "make room there; what failed will be tried again"),
    MachineFault.READ_ONLY: (
        "the database server takes no writes",
        "it may be a standby, or its disk may be full; set IVPIPE_DATABASE_URL to the primary server",
    ),
    MachineFault.FORBIDDEN: (
        "the database server does not allow it",
        "give the account of IVPIPE_DATABASE_URL the rights of the owner of ivpipe's tables",
    ),
    MachineFault.BUSY: (
        "the database is busy",
        "try again; if it goes on, look in pg_stat_activity for a session that holds locks",
    ),
    MachineFault.BROKEN_DISK: (
        "the database server cannot read or write its disk",
        "look at its log and test the disk",
    ),
    MachineFault.DAMAGED: ("the database is damaged", "stop ivpipe and restore your last dump of it"),
    MachineFault.TOO_MANY: (
        "the database has no connection free",
        "raise the server's max_connections, or end other programs that use it",
    ),
    MachineFault.NO_MEMORY: ("the database server has no memory left", "end other programs on its machine"),
    MachineFault.UNREACHABLE: (
        "the database does not answer",
        "check that it runs and that IVPIPE_DATABASE_URL is right",
    ),
}
