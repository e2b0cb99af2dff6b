"""A SQLite database with our schema and nothing in it, made once in a process: migrations take longer than most tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from ivpipe.store import Store


def migrate(url: str) -> None:
    """Give a database our schema."""
    store = Store(url)
    store.migrate()
    store.close()


def place_blank(path: Path) -> str:
    """Put such a database at ``path``; return its address."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_blank(), path)
    return f"sqlite:///{path}"


@cache
def _blank() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ivpipe-blank-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / 'ivpipe.db'}")
    return folder / "ivpipe.db"
