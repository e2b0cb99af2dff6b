"""A program of ours in a process of its own that is asked one thing at a time, over a socket: length, then bytes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Sequence

from ivpipe.environment import bare_environment

_LENGTH = struct.Struct("!Q")
_START_SECONDS = 60.0
_PIECE = 1 << 20


class WorkerProcess:
    """Starts ``command`` with the number of its socket added as the last argument, and waits until it says that it is there.

    It should end when the socket does: that is how it learns that this process has ended. Not for several threads at
    once. Raises OSError where it cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  the command is ours
                    [*command, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env=bare_environment(),  # it reads what strangers wrote
                    start_new_session=True,  # Ctrl-C is for us; and what it starts can be ended with it
                )
        except OSError:
            self._socket.close()
            raise
        try:
            self._receive(time.monotonic() + _START_SECONDS, 0)
        except (TimeoutError, EOFError, OverflowError) as error:
            raise OSError(f"the process ended as soon as it was started, or hung ({in_words(self.end())})") from error
        except BaseException:
            self.end()
            raise

    def ask(self, request: bytes, seconds: float, most: int) -> bytes:
        """Send a request, return the answer. Raises TimeoutError after ``seconds``, EOFError where the process has
        ended, OverflowError where the answer is of more than ``most`` bytes. After any exception only ``end`` may follow."""
        until = time.monotonic() + seconds
        self._socket.settimeout(seconds)
        try:
            self._socket.sendall(_LENGTH.pack(len(request)) + request)
        except (BrokenPipeError, ConnectionResetError):
            raise EOFError from None
        return self._receive(until, most)

    def _receive(self, until: float, most: int) -> bytes:
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, until))
        if length > most:
            raise OverflowError(length)
        return self._exactly(length, until)

    def _exactly(self, length: int, until: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                piece = self._socket.recv(min(_PIECE, length - len(data)))
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def end(self) -> int:
        """End the process and all that it started; returns its exit code, which is that of its own end if it had ended."""
        self._socket.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()


def in_words(code: int) -> str:
    """An exit code: "exit code 3", "SIGSEGV"."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
