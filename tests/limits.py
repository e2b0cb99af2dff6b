"""Databases that refuse, for real: a pragma on every connection that is opened while the block lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

NO_GROWTH = "max_page_count=1"
"""SQLite takes it as no page more than there are: a disk that is full."""
READ_ONLY = "query_only=ON"


@contextmanager
def every_connection(pragma: str) -> Iterator[None]:
    """Set a pragma on each SQLite connection opened in the block; connections that a pool holds already are as they were."""

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
