"""Whether a port is free, and who has it."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from ivpipe.errors import IvpipeError

_LISTENS = "0A"


class PortTaken(IvpipeError):
    """Something listens already where one of our parts is to listen."""


def require_free(host: str, port: int, what: str, advice: str) -> None:
    """Raise PortTaken where ``what`` cannot listen: by whom the port is taken, if that can be known, and ``advice``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            holder = listener(port)
            raise PortTaken(
                f"{what} cannot listen on {host}:{port}: {error.strerror}{f' by {holder}' if holder else ''}",
                advice=f"stop what listens there, or {advice}",
            ) from error


def listener(port: int) -> str:
    """The process that listens on a TCP port, as "process 12 (python3 -m http.server)"; "" where that cannot be known."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    for place in Path("/proc").glob("[0-9]*") if sockets else ():
        try:
            if any(str(file.readlink()) in sockets for file in (place / "fd").iterdir()):
                command = (place / "cmdline").read_bytes().decode(errors="replace")
                # Its first words only: what follows may hold what is not ours to show.
                words = re.sub(r"[^ -~]+", " ", command).split()[:3]
                return f"process {place.name} ({' '.join(words)})"
        except OSError:  # another user's, or it has ended meanwhile
            continue
    return ""
