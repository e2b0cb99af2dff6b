"""Functions that misbehave, each in its way, to be run apart: a module, so that another process can import it."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from ivpipe.bounded import Budget, bounded
from ivpipe.errors import ExtractionError, PictureRefused

SMALL = Budget(processor=0.3, clock=1.5, memory=120_000_000, result=1_000_000)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    colour: Colour
    when: datetime | None = None
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Whole:
    parts: tuple[Part, ...] = ()
    names: tuple[str, ...] = ()


WHOLE = Whole((Part(Colour.RED, datetime(2026, 7, 1, tzinfo=UTC), bytes(range(256))), Part(Colour.RED)), ("é", '"<\n'))


@bounded("doing much", ExtractionError, subject="{size}", budget=Budget(memory=1_000_000_000))
def fill(size: int) -> int:
    """Use so many bytes of memory, and give them back."""
    return len(bytearray(size))


@bounded("doing this", ExtractionError, subject="{what}", advice="do that", budget=SMALL)
def do(what: str, where: str = "") -> Whole | None:
    match what:
        case "answer":
            return WHOLE
        case "nothing":
            return None
        case "pid":
            return Whole(names=(str(os.getpid()),))
        case "environment":
            return Whole(names=tuple(f"{name}={value}" for name, value in os.environ.items()))
        case "loop":
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    continue
        case "sleep":
            time.sleep(600)
        case "eat":
            return Whole(names=tuple(str(len(bytearray(20_000_000 * 20))) for _ in range(1)))
        case "nearly":
            bytearray(100_000_000)
        case "crash":
            ctypes.string_at(0)
        case "exit":
            os._exit(3)
        case "killed":
            if not Path(where).exists():
                Path(where).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return WHOLE
        case "much":
            return Whole(names=("x" * 2_000_000,))
        case "refuse":
            raise PictureRefused("no", subject="s", advice="a", retry_after=3.0)
        case "fault":
            raise ZeroDivisionError("ours")
    return None
