"""``python -m tests.upgrades.dying URL MOMENT``: upgrade a database and be killed (SIGKILL, by itself) at a moment of it.

Moments are counted: each statement is one, and each two hundred instructions of SQLite's machine within one. Moment 0 never
comes: then the number of moments there were is printed. "go" is printed when the upgrade begins.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from functools import partial
from typing import Any

from sqlalchemy import Engine, event

from ivpipe.store import Store


class _Moments:
    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def tick(self, *_arguments: object) -> int:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0


def main(url: str, moment: int) -> None:
    """The command line above."""
    moments = _Moments(moment)

    class Watched(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.set_progress_handler(moments.tick, 200)

    sqlite3.connect = sqlite3.dbapi2.connect = partial(sqlite3.connect, factory=Watched)  # type: ignore[assignment]
    event.listen(Engine, "before_cursor_execute", moments.tick)
    event.listen(Engine, "commit", moments.tick)
    store = Store(url)
    print("go", flush=True)
    store.migrate()
    store.close()
    print(moments.count)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
