"""Functions that read what strangers wrote, run in a process of their own under a budget: a page that would take for ever,
fill the memory or crash the parser costs itself, and nothing else.

    @bounded("reading this page", ExtractionError, subject="{pages[0].url}")
    def read_pages(pages, spec) -> Document: ...

Arguments travel pickled, results as JSON that is checked against the function's return annotation (dataclasses, enums,
tuples, times). A few processes serve all threads, start when something is to be done, and end with this one. They bound
what a page costs; they are no wall against one that takes over the parser.
"""

from __future__ import annotations

import atexit
import json
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from inspect import signature
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ivpipe import errors
from ivpipe.bounded import worker
from ivpipe.bounded.process import WorkerProcess, in_words
from ivpipe.errors import SourceError

P = ParamSpec("P")
R = TypeVar("R")

_GRACE: Final = 15.0
"""Seconds after which a process is ended from here that should have been by its own timers (stopped, or stuck in the kernel)."""
_MOST_PROCESSES: Final = 4
_ADVICE: Final = "open it in a browser: is it an article? It is tried again in a day"

inside = False
"""Whether this is such a process: there, bounded functions call each other as if they were not."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may cost: seconds on the processor and on the clock, bytes of memory above the idle process's, bytes of
    the result. Honest pages take some 20 ms and 20 MB; see docs/decisions.md."""

    processor: float = 5.0
    clock: float = 60.0
    memory: int = 300_000_000
    result: int = 8_000_000


def bounded(
    task: str,
    failure: type[SourceError],
    *,
    subject: str,
    advice: str = _ADVICE,
    budget: Budget = Budget(),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a module's function run apart, under ``budget``. The function without it is its ``__wrapped__``.

    Where a call is over its budget, or ends its process twice, ``failure`` is raised, in the words of ``task`` ("reading
    this page"), of the ``subject``: a template, filled with the arguments by their names. SourceErrors of the function
    come as they are; any other exception is a fault of ours, and comes as a RuntimeError with its traceback as a note.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def apart(*args: P.args, **kwargs: P.kwargs) -> R:
            if inside:
                return function(*args, **kwargs)
            place = (sys.path, function.__module__, function.__qualname__)
            limits = (budget.processor, budget.clock, budget.memory)
            # The arguments are unpickled when the search path is set, and classes of a project's own can be found.
            request = pickle.dumps((*place, *limits, pickle.dumps(args), pickle.dumps(kwargs)))
            try:
                kind, answer = _pool.ask(request, budget)
            except _Stopped as stopped:
                raise failed(str(stopped), *args, **kwargs) from None
            try:
                if kind == b"r":
                    (result,) = adapter(function).validate_json(answer)
                    return result  # type: ignore[no-any-return]
                said = json.loads(answer)
                if kind == b"e":
                    raise _error(said)
                fault = RuntimeError(str(said["what"]))
                fault.add_note(str(said["where"]))
                raise fault
            except (ValidationError, ValueError, LookupError, TypeError, RecursionError) as error:
                raise failed("gave an answer that makes no sense", *args, **kwargs) from error

        def failed(what: str, *args: P.args, **kwargs: P.kwargs) -> SourceError:
            of = subject.format(**signature(function).bind(*args, **kwargs).arguments)
            return failure(f"{task} {what}", subject=of, advice=advice)

        return apart

    return decorate


@cache
def adapter(function: Callable[..., Any]) -> TypeAdapter[tuple[Any]]:
    """What turns a function's result, in a tuple, into JSON and back."""
    in_a_tuple: Any = tuple.__class_getitem__(get_type_hints(function)["return"])  # a dataclass alone takes no config
    return TypeAdapter(in_a_tuple, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


def _error(said: dict[str, Any]) -> SourceError:
    kind = getattr(errors, str(said.pop("kind")), SourceError)
    kind = kind if isinstance(kind, type) and issubclass(kind, SourceError) else SourceError
    return kind(said.pop("message"), **said)


class _Stopped(Exception):
    """Why a call was ended, to be put behind the words for what it was."""


class _Pool:
    """A few processes, each asked by one thread at a time; those there are first, more only where all are busy."""

    def __init__(self) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._turns = threading.BoundedSemaphore(min(cores, _MOST_PROCESSES))
        self._idle: list[WorkerProcess] = []

    def ask(self, request: bytes, budget: Budget) -> tuple[bytes, bytes]:
        """The kind and the JSON of the answer. Raises _Stopped; SourceError where no process can be started."""
        with self._turns:
            try:
                return self._ask(request, budget)
            except EOFError:
                # Once may be chance: somebody, or a machine short of memory, killed it. Twice is the page.
                try:
                    return self._ask(request, budget)
                except EOFError as error:
                    raise _Stopped(f"ended its process twice ({error})") from None

    def _ask(self, request: bytes, budget: Budget) -> tuple[bytes, bytes]:
        process = self._take()
        try:
            answer = process.ask(request, budget.clock + _GRACE, budget.result)
        except (TimeoutError, EOFError, OverflowError) as error:
            code = process.end()
            if code == -signal.SIGPROF:
                raise _Stopped(f"took more than {budget.processor:g} seconds of the processor") from None
            if code == -signal.SIGALRM or isinstance(error, TimeoutError):
                raise _Stopped(f"took longer than {budget.clock:g} seconds") from None
            if isinstance(error, OverflowError):
                raise _Stopped(f"brought more than {budget.result // 1_000_000} MB") from None
            raise EOFError(in_words(code)) from None
        except BaseException:
            process.end()  # its answer would pass for that of the next request
            raise
        if answer[1:2] == b"k":
            self._idle.append(process)
        else:
            process.end()
        if answer[:1] == b"m":
            raise _Stopped(f"took more than {budget.memory // 1_000_000} MB of memory")
        return answer[:1], answer[2:]

    def _take(self) -> WorkerProcess:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return WorkerProcess([sys.executable, "-P", str(worker.__file__)])
        except OSError as error:
            raise SourceError(
                f"no process can be started to read what was fetched: {error.strerror or error}",
                advice="this machine is short of memory or processes; it is tried again",
                retryable=True,
            ) from error

    def close(self) -> None:
        """End the processes that are idle; others are started when something is to be done again."""
        while self._idle:
            self._idle.pop().end()


_pool = _Pool()


def close() -> None:
    """End the processes that are idle. It is done at this process's end in any case."""
    _pool.close()


def _anew() -> None:
    """After a fork the processes are the parent's, and so may be the semaphore."""
    global _pool
    _pool = _Pool()


atexit.register(close)
os.register_at_fork(after_in_child=_anew)
