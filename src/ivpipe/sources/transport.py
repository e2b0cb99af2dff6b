"""The connection itself: it goes to the address that was checked, and no answer takes longer than its deadline.

An address check before the request would leave a gap in which the name may be given another address. Here the check
is part of connecting: the backend resolves the name, and connects to the addresses that pass, never to the name.
Connections that a spec's ``allow_private`` permits live in a pool of their own, so no other request can reuse one.
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any, TypeAlias

import httpcore
import httpx

from ivpipe.errors import FetchError, FetchRefused
from ivpipe.text.hosts import is_public

Resolve: TypeAlias = Callable[[str, int], list[str]]

_TRIED_ADDRESSES = 4


class GuardedTransport(httpx.BaseTransport):
    """HTTP/1.1 and HTTP/2 for ``httpx.Client``, to public addresses only. Thread-safe.

    Two request extensions steer it: ``allow_private`` (bool) lets the request reach any address; ``deadline`` (in
    ``clock``'s time) is when the answer must be complete. Raises FetchRefused, or FetchError that is retryable.
    """

    def __init__(self, resolve: Resolve, clock: Callable[[], float]) -> None:
        context = httpx.create_ssl_context()
        self._deadline = _Deadline(clock)
        self._pools = {
            private: httpcore.ConnectionPool(
                ssl_context=context,
                http1=True,
                http2=True,
                keepalive_expiry=30.0,
                network_backend=_Backend(resolve, self._deadline, private),
            )
            for private in (False, True)
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body streams. See the class."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = request.url
        self._deadline.at = request.extensions.get("deadline", inf)
        core_request = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        pool = self._pools[bool(request.extensions.get("allow_private"))]
        with _translated(str(url), self._deadline):
            answer = pool.handle_request(core_request)
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream, str(url), self._deadline),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes], url: str, deadline: _Deadline) -> None:
        self._stream = stream
        self._url = url
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self._url, self._deadline):
            yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            with _translated(self._url, self._deadline):
                close()


@contextmanager
def _translated(url: str, deadline: _Deadline) -> Iterator[None]:
    try:
        yield
    except FetchError as error:
        error.subject = error.subject or url
        raise
    except httpcore.TimeoutException as error:
        what = (
            "its answer was not complete within fetch.max_seconds" if deadline.passed else "it did not answer in time"
        )
        raise FetchError(what, subject=url, retryable=True) from error
    except httpcore.ConnectError as error:
        reason = error.args[0] if error.args else None
        if isinstance(reason, ssl.SSLCertVerificationError):
            message = f"the site's certificate is not valid: {reason.verify_message}"
            raise FetchError(message, subject=url, advice="tell the partner") from error
        raise FetchError(f"cannot connect: {error}", subject=url, retryable=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchError(f"the connection broke off: {error}", subject=url, retryable=True) from error


class _Deadline(threading.local):
    """When the answer that this thread waits for must be complete."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.at = inf

    @property
    def passed(self) -> bool:
        return self._clock() >= self.at

    def limit(self, timeout: float | None) -> float:
        """What is left of ``timeout`` seconds. Raises httpcore.ReadTimeout when nothing is."""
        left = self.at - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout
        # A socket timeout has an upper bound of its own, hence never infinite.
        return min(left, timeout if timeout is not None else 3600.0, 3600.0)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, resolve: Resolve, deadline: _Deadline, private: bool) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._private = private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        options = list(socket_options) if socket_options is not None else None
        share = self._deadline.limit(timeout) / len(addresses)
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, timeout=share, local_address=local_address, socket_options=options
                )
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            try:
                found = self._resolve(host, port)
            except UnicodeError as error:
                raise FetchRefused(f"{host!r} cannot be the name of a host") from error
            except OSError as error:
                raise FetchError(f"the name {host} cannot be resolved: {error.strerror}", retryable=True) from error
        if not found:
            raise FetchError(f"the name {host} has no address", retryable=True)
        usable = found if self._private else [address for address in found if is_public(address)]
        if not usable:
            raise FetchRefused(
                f"{host} is at {', '.join(found[:3])}, which is not a public address",
                advice=f'if it is meant, write "{host}:{port}" into fetch.allow_private of the source\'s spec'
                " (new ones are told by --allow-private)",
            )
        return usable[:_TRIED_ADDRESSES]


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait is cut at the deadline: a byte now and then does not hold us for hours."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.limit(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, self._deadline.limit(timeout)), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
