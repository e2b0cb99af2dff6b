"""Memory: translation memories in from files and out to them."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

from ivpipe import __version__
from ivpipe.errors import ExchangeError
from ivpipe.exchange.tmx import TmxReader, write_tmx
from ivpipe.memory import Batch, add_batch, batches, stored_units
from ivpipe.model import LanguagePair, MemoryUnit
from ivpipe.modes import ordinary
from ivpipe.store import Store

_CHUNK = 1 << 17
"""Units of one transaction, which takes a few seconds: each makes a piece of the index of words, and few large pieces are
quicker to make and to read. Making one takes some 400 MB in each of the two processes."""
_SMALL = 4 << 20
"""Bytes of a file that is not worth a process of its own."""
_Read = tuple[tuple[int, int, int], list[Batch]]
"""Units read, skipped and untagged so far, and what they give."""


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
    """Enter a TMX file into the memory, in transactions of 131,072 units; what is there already is left as it is.

    ``origin``: the magazine whose memory it is; "" makes it our own, as good as approved here. Raises ExchangeError where
    the file cannot be read to its end; the pairs before that are in the memory then.
    """
    done = Imported()
    try:
        for (done.read, done.skipped, done.untagged), ready in _read_ahead(path, pair):
            with store.write() as session:
                added = [add_batch(session, batch, origin, now) for batch in ready]
            ready.clear()  # before the next come, for they are large
            done.added += sum(one.added for one in added)
            done.known += sum(one.known for one in added)
            progress(done)
    except ExchangeError as error:
        error.advice = f"{done.added:,} pairs before that are in the memory; {error.advice}"
        raise
    except OSError as error:
        raise ExchangeError(f"it cannot be read: {error.strerror}", subject=str(path)) from error
    return done


def _read(path: Path, pair: LanguagePair | None) -> Iterator[_Read]:
    """The units of a file, made ready; what comes before a fault is given out before it is raised."""
    with path.open("rb") as file:
        reader = TmxReader(file, path.name, pair)
        units = iter(reader)
        fault: ExchangeError | None = None
        more = True
        while more and fault is None:
            chunk: list[MemoryUnit] = []
            try:
                chunk.extend(islice(units, _CHUNK))
            except ExchangeError as error:
                fault = error
            more = bool(chunk)
            yield (reader.units, reader.skipped, reader.untagged), list(batches(chunk))
    if fault is not None:
        raise fault


def _read_ahead(path: Path, pair: LanguagePair | None) -> Iterator[_Read]:
    """The same from a process of its own, which reads on while we write: the two take about as long."""
    if path.stat().st_size < _SMALL:
        yield from _read(path, pair)
        return
    context = multiprocessing.get_context("spawn")  # not a fork: that would let go of the locks on our database
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(path, pair, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while (one := receiver.recv()) is not None:
            if isinstance(one, Exception):
                raise one
            yield one
    except EOFError as error:
        raise ExchangeError(
            "the process that read it has died", subject=str(path), advice="import it again; nothing is entered twice"
        ) from error
    finally:
        process.terminate()
        process.join()
        receiver.close()


def _send(path: Path, pair: LanguagePair | None, into: Connection) -> None:
    gc.disable()  # there are no cycles in what is made here, only very much of it
    try:
        for one in _read(path, pair):
            into.send(one)
            del one
        into.send(None)
    except BrokenPipeError:
        return  # whom we read for is gone
    except (ExchangeError, OSError) as error:
        into.send(error)


def export_tmx(store: Store, path: Path, *, pair: LanguagePair | None = None, origin: str = "") -> int:
    """Write the memory, or one pair of it, to a TMX file; the file appears whole or not at all. Returns the count."""
    part = path.with_name(path.name + ".part")
    try:
        with ordinary():  # the file is for whoever asked for it
            opened = part.open("wb")
        with store.read() as session, opened as file:
            count = write_tmx(file, stored_units(session, pair, origin), pair.source if pair else "", __version__)
        part.replace(path)
    except OSError as error:
        raise ExchangeError(f"it cannot be written: {error.strerror}", subject=str(path)) from error
    finally:
        part.unlink(missing_ok=True)
    return count
