"""The process in which bounded functions run: started by ``bounded`` as a program. Only the standard library until it is asked.

    → pickled (search path, module, name, processor seconds, clock seconds, bytes of memory, arguments, named arguments)
    ← two letters and JSON: ``r`` the result, ``e`` an error of ours, ``f`` an unforeseen one, ``m`` out of memory; then
      ``k`` (ask on) or ``l`` (that was the last; start another)

Requests come from ourselves, so they may be pickled. Answers may be made by whatever a hostile page has made of this
process, so they are not. The limits are kept by the kernel: no code that loops, sleeps or swallows exceptions in here
gets around them. End of input ends it, as when the parent has died.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!Q")
_UNNOTICED = 64_000_000
"""libxml2 ends a tree early where a piece of memory is refused, and says nothing. So what came as near to the limit as a
large piece counts as having gone over it: better no article than half of one."""
_GROWN = 100_000_000
"""Once so much was used, a fresh process is better: what stays behind the next page would have less of, and the highest mark
ever reached, which the kernel does not take back, would be held against it."""
_LIMITED = sys.platform == "linux"
"""macOS has RLIMIT_AS and does not keep it."""


def main() -> None:
    """Serve until the input ends."""
    os.dup2(2, 1)  # what a library prints
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGPROF, signal.SIGALRM))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    idle = 0
    with socket.socket(fileno=int(sys.argv[1])) as connection, connection.makefile("rwb") as stream:
        _send(stream, b"")
        while head := stream.read(_LENGTH.size):
            request = stream.read(*_LENGTH.unpack(head))
            path, module, name, processor, clock, memory, arguments, named = pickle.loads(request)  # noqa: S301  ours
            del request
            sys.path[:] = path
            import_module("ivpipe.bounded").inside = True  # type: ignore[attr-defined]
            function = getattr(import_module(module), name)
            idle, peak = idle or _memory("VmSize"), _memory("VmPeak")
            _limit_memory(idle + memory)
            signal.setitimer(signal.ITIMER_PROF, processor)
            signal.setitimer(signal.ITIMER_REAL, clock)
            kind, answer = _answer(function, pickle.loads(arguments), pickle.loads(named))  # noqa: S301
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            before, peak = peak, _memory("VmPeak")
            if peak > max(before, idle + memory - _UNNOTICED):
                kind, answer = b"m", b""
            last = kind == b"m" or peak > idle + _GROWN
            _send(stream, kind + (b"l" if last else b"k") + answer)
            del answer, arguments, named


def _answer(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[bytes, bytes]:
    from ivpipe.bounded import adapter
    from ivpipe.errors import SourceError

    try:
        return b"r", adapter(function).dump_json((function(*arguments, **named),), exclude_defaults=True)
    except SourceError as error:
        said = {name: getattr(error, name) for name in ("message", "subject", "advice", "retryable", "retry_after")}
        return b"e", json.dumps({"kind": type(error).__name__, **said}).encode()
    except MemoryError:
        return b"m", b""
    except Exception as error:
        said = {"what": f"{type(error).__name__}: {error}", "where": traceback.format_exc()[-10_000:]}
        return b"f", json.dumps(said).encode()


def _send(stream: Any, data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _limit_memory(size: int) -> None:
    if _LIMITED:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        size = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def _memory(name: str) -> int:
    """A size of this process in bytes, as the kernel calls it; 0 where it does not say."""
    if not _LIMITED:
        return 0
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split(maxsplit=1)[0]) * 1024


if __name__ == "__main__":
    main()
