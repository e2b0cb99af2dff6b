"""Who may read our files: ``data_dir`` and all in it belong to one account; what readers or people are to have does not."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_OTHERS = 0o077
_PUBLIC_FILE = 0o644
_PUBLIC_FOLDER = 0o755

_before = -1
"""The process's own umask, where ``private`` has taken its place."""


def private() -> None:
    """From here on, files that this process makes, and those of the processes it starts, are for its own account."""
    global _before
    old = os.umask(_OTHERS)
    if _before < 0:
        _before = old


@contextmanager
def ordinary() -> Iterator[None]:
    """Files made in this block have the modes they would have without ``private``: what a person asked for, in a place of
    theirs. The umask is the process's: other threads must not write meanwhile."""
    if _before < 0:
        yield
        return
    now = os.umask(_before)
    try:
        yield
    finally:
        os.umask(now)


def write_ordinary(path: Path, content: str | bytes) -> None:
    """Write a whole file, and the folder it needs, as ``ordinary`` has them. Raises OSError."""
    with ordinary():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def public_folder(folder: Path) -> None:
    """Make a folder, and those above that are missing, for everybody to read. One that is there keeps its mode."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        place.chmod(_PUBLIC_FOLDER)


def public_file(file: int) -> None:
    """Let everybody read a file (by its descriptor) that was just made."""
    os.fchmod(file, _PUBLIC_FILE)


@dataclass(frozen=True, slots=True)
class Closed:
    """What ``close_to_others`` changed. ``folder``: the folder itself; ``entries``: how many of those in it; ``shared`` says
    why it was left as it is, "" where it was not."""

    folder: bool = False
    entries: int = 0
    shared: str = ""


def close_to_others(data: Path, public: Collection[Path] = ()) -> Closed:
    """Take ``data`` and what is in it, but for the ``public`` folders, from all accounts but their own. Where one of these is
    in it, others may still go through ``data`` to it, and read nothing on the way.

    No link is followed, and nothing that belongs to another account is touched; where such a thing is in it, the folder is
    shared, and keeps its own mode.
    """
    data = data.resolve()
    open_ones = {path.resolve() for path in public}
    inside = any(path.is_relative_to(data) for path in open_ones)
    about = data.stat()
    mine = os.geteuid()
    with os.scandir(data) as entries:
        foreign = sorted(entry.name for entry in entries if entry.stat(follow_symlinks=False).st_uid != mine)
    shared = ""
    if about.st_uid != mine or about.st_mode & stat.S_ISVTX:
        shared = "it belongs to another account or is open to all"
    elif foreign:
        shared = f"it holds what belongs to other accounts ({', '.join(foreign[:3])})"
    changed = 0
    for place, folders, files, here in os.fwalk(data, follow_symlinks=False):
        folders[:] = [name for name in folders if Path(place, name) not in open_ones]
        for name in (*folders, *files):
            changed += _close_entry(name, here, mine)
    wanted = 0o711 if inside else 0o700
    folder = not shared and bool(stat.S_IMODE(about.st_mode) & ~wanted & _OTHERS)
    if folder:
        data.chmod(wanted)
    return Closed(folder, changed, shared)


def _close_entry(name: str, here: int, mine: int) -> bool:
    """Take a file or folder from all other accounts; whether anything had to be changed."""
    try:
        # Opened without following a link, so that what is changed is what was looked at.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
    except OSError:  # a link, a socket, a file of another account, one that is gone
        return False
    try:
        about = os.fstat(file)
        if about.st_uid != mine or not about.st_mode & _OTHERS:
            return False
        os.fchmod(file, stat.S_IMODE(about.st_mode) & ~_OTHERS)
        return True
    finally:
        os.close(file)
