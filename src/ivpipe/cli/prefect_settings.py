"""What Prefect's processes are told by their environment: our settings, and the password that guards its API.

Whoever reaches Prefect's API can run commands with the rights, and the keys, of the process that serves the flows. So the
API always wants a password, which is made once and kept in the project's data folder; it travels by environment only.
Whatever the operator's own environment says goes before ours.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ivpipe.errors import IvpipeError
from ivpipe.masking import read_secret, remember

if TYPE_CHECKING:
    from ivpipe.wiring import App

COMMON = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "3d",
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_RUNNER_POLL_FREQUENCY": "2",
    # A web page of another origin must not make a browser send what the browser could send by itself.
    "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "",
    # Two or three runs ahead of each schedule instead of an hour's: what a sleep misses is then little to begin with.
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT20S",  # a plain 20 ends the server
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "10",
    # Fewer writers at SQLite's one lock: what looks after work pools, concurrency limits and paused runs, of which we
    # have none; and what calls runs late, one by one: after a sleep that alone locks the database, and we drop them.
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
}
"""For the server, for every process that runs flows, and for the server of its own that one starts where there is none."""

_SERVER_PASSWORD = "PREFECT_SERVER_API_AUTH_STRING"  # noqa: S105  the name of a variable
_CLIENT_PASSWORD = "PREFECT_API_AUTH_STRING"  # noqa: S105
_FILE = "prefect-auth"


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """The server of ``ivpipe up``: where it listens, and where a browser finds its page.

    ``prefix`` is the path below which everything lies ("" or "/path"), as the public address has it.
    """

    host: str
    port: int
    public_url: str = ""

    @property
    def prefix(self) -> str:
        return urlsplit(self.public_url).path

    @property
    def local(self) -> str:
        """Its address on this machine, with ``prefix``, without a last slash."""
        return address(self.host, self.port).rstrip("/") + self.prefix

    @property
    def api(self) -> str:
        """What ``PREFECT_API_URL`` is for the processes here."""
        return f"{self.local}/api"

    @property
    def page(self) -> str:
        """Where people look at it."""
        return (self.public_url or self.local) + "/"

    def environment(self, data: Path) -> dict[str, str]:
        """What the server itself is told beside ``client_environment``.

        The page asks for the API at a path, not at a full address: it works on whatever port, through whatever proxy or
        tunnel it was opened.
        """
        origins = [address(self.host, self.port).rstrip("/")]
        if self.public_url:
            parts = urlsplit(self.public_url)
            origins.append(f"{parts.scheme}://{parts.netloc}")
        ours = {
            "PREFECT_SERVER_UI_API_URL": f"{self.prefix}/api",
            "PREFECT_SERVER_API_BASE_PATH": f"{self.prefix}/api",
            "PREFECT_SERVER_UI_SERVE_BASE": self.prefix or "/",
            # By default the page's files, with that path written into them, lie in the installed package for all servers.
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(data / "prefect" / "ui"),
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(origins),
        }
        return _unless_given(ours)


def given_api() -> str:
    """The operator's own Prefect server (``PREFECT_API_URL``); "" where ``ivpipe up`` is to start one."""
    return os.environ.get("PREFECT_API_URL", "").rstrip("/")


def client_environment(app: App, api: str = "") -> dict[str, str]:
    """What a process that imports Prefect needs: our settings, a folder for Prefect's files beside our data, the password.

    ``api`` is the address of our own server. Without one, a server given by the environment is used, with the password
    that the environment gives (ours is not sent there), else one that the process starts for itself.
    """
    data = app.settings.data
    ours = {**COMMON, "PREFECT_HOME": str(data / "prefect")}
    if not given_api():
        ours |= dict.fromkeys((_SERVER_PASSWORD, _CLIENT_PASSWORD), password(data))
        ours |= {"PREFECT_API_URL": api} if api else {}
        if api and app.settings.prefect.public_url:
            ours["PREFECT_UI_URL"] = app.settings.prefect.public_url
    return {**_unless_given(ours), "IVPIPE_HOME": str(app.settings.home)}


def is_ours() -> bool:
    """Whether server and password are those that ivpipe makes: another command can then find both by itself."""
    return not given_api() and not _given_password()


def password_file(data: Path) -> Path:
    """Where the password of Prefect's API and page is."""
    return data / _FILE


def password(data: Path) -> str:
    """The password ("user:secret") for the API: the environment's, else the one kept, which is made on first use.

    Raises IvpipeError where the file cannot be read or written, or holds something else.
    """
    if given := _given_password():
        return given
    file = password_file(data)
    try:
        if not file.exists():
            _make_password(file)
        kept = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise IvpipeError(
            f"the password for Prefect cannot be read or made: {reason}",
            subject=str(file),
            advice="let ivpipe write there, or set PREFECT_SERVER_API_AUTH_STRING",
        ) from error
    if not re.fullmatch(r"[^:\s]+:\S{16,}", kept):
        raise IvpipeError(
            "this is no password for Prefect (user:secret, 16 characters at least)",
            subject=str(file),
            advice="remove the file: a new one is made at the next start",
        )
    remember(kept)
    return kept


def _given_password() -> str:
    return read_secret(_SERVER_PASSWORD) or read_secret(_CLIENT_PASSWORD)


def _make_password(file: Path) -> None:
    """Write a new password, all at once: of two processes that do so side by side one wins, and both read the winner's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(f"ivpipe:{secrets.token_urlsafe(32)}\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
    finally:
        draft.unlink(missing_ok=True)


def address(host: str, port: int) -> str:
    """The address at which something that listens on ``host`` is reached from this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def _unless_given(ours: Mapping[str, str]) -> dict[str, str]:
    """``ours``, but what the operator's environment sets to something goes before it."""
    return {name: os.environ.get(name) or value for name, value in ours.items()}
