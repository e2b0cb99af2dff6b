"""Memory: translation memories in from files and out to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from ivpipe import __version__
from ivpipe.errors import ExchangeError
from ivpipe.exchange.tmx import TmxReader, write_tmx
from ivpipe.memory import add_units, finish_import, stored_units
from ivpipe.model import LanguagePair, MemoryUnit
from ivpipe.store import Store

_CHUNK = 50_000
"""Each transaction writes much of the index on keys anew, so few large ones are quicker; this one takes a second or two."""


@dataclass(slots=True)
class Imported:
    """What an import did: units read from the file, pairs added, pairs known already, units without both languages or
    without text, pairs whose tags could not be kept."""

    read: int = 0
    added: int = 0
    known: int = 0
    skipped: int = 0
    untagged: int = 0


def import_tmx(
    store: Store,
    path: Path,
    now: datetime,
    *,
    pair: LanguagePair | None = None,
    origin: str = "",
    progress: Callable[[Imported], None] = lambda _done: None,
) -> Imported:
    """Enter a TMX file into the memory, in transactions of 50,000 pairs; what is there already is left as it is.

    ``origin``: the magazine whose memory it is; "" makes it our own, as good as approved here. Raises ExchangeError where
    the file cannot be read to its end; the pairs before that are in the memory then.
    """
    done = Imported()
    try:
        with path.open("rb") as file:
            reader = TmxReader(file, path.name, pair)
            units = iter(reader)
            failure: ExchangeError | None = None
            while failure is None:
                chunk: list[MemoryUnit] = []
                try:
                    # What comes before a failure stays in the list.
                    chunk.extend(islice(units, _CHUNK))
                except ExchangeError as error:
                    failure = error
                if not chunk:
                    break
                with store.write() as session:
                    added = add_units(session, chunk, origin, now)
                done.read, done.skipped, done.untagged = reader.units, reader.skipped, reader.untagged
                done.added += added.added
                done.known += added.known
                progress(done)
    except OSError as error:
        raise ExchangeError(f"it cannot be read: {error.strerror}", subject=str(path)) from error
    if done.added:
        with store.write() as session:
            finish_import(session)
    if failure is not None:
        failure.advice = f"{done.added:,} pairs before that are in the memory; {failure.advice}"
        raise failure
    done.read, done.skipped, done.untagged = reader.units, reader.skipped, reader.untagged
    return done


def export_tmx(store: Store, path: Path, *, pair: LanguagePair | None = None, origin: str = "") -> int:
    """Write the memory, or one pair of it, to a TMX file; the file appears whole or not at all. Returns the count."""
    part = path.with_name(path.name + ".part")
    try:
        with store.read() as session, part.open("wb") as file:
            count = write_tmx(file, stored_units(session, pair, origin), pair.source if pair else "", __version__)
        part.replace(path)
    except OSError as error:
        raise ExchangeError(f"it cannot be written: {error.strerror}", subject=str(path)) from error
    finally:
        part.unlink(missing_ok=True)
    return count
