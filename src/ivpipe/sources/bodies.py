"""Reading an answer's body with a cap on its size as it comes and as it expands."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

from ivpipe.errors import FetchError

ACCEPT_ENCODING = "gzip, deflate"
"""What ``read_body`` can undo in bounded steps. Of others a few bytes can become gigabytes in a single call."""

_GZIP = b"\x1f\x8b"


def read_body(response: httpx.Response, max_bytes: int, *, cut: bool = False) -> bytes:
    """The body, decompressed, of at most ``max_bytes`` bytes. Memory stays within about twice that.

    A longer one is an error, or with ``cut`` ends there. Raises FetchError: too large; a compression we did not ask
    for; a compressed body that is damaged, or (retryable) breaks off.
    """
    url = str(response.url)
    announced = response.headers.get("content-length", "")
    if not cut and announced.isascii() and announced.isdigit() and len(announced) < 20 and int(announced) > max_bytes:
        raise _too_large(url, max_bytes)
    body = bytearray()
    for piece in _pieces(response, max_bytes, url, cut):
        body += piece
        if len(body) > max_bytes:
            if cut:
                break
            raise _too_large(url, max_bytes)
    return bytes(body[:max_bytes])


def _too_large(url: str, max_bytes: int) -> FetchError:
    return FetchError(
        f"the answer is larger than {max_bytes:,} bytes".replace(",", " "),
        subject=url,
        advice="if it should be read all the same, raise fetch.max_bytes in the source's spec",
    )


def _pieces(response: httpx.Response, max_bytes: int, url: str, cut: bool) -> Iterator[bytes]:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    raw = response.iter_raw()
    if encoding in ("", "identity", "none", "utf-8"):  # the last two stand for "no compression" on careless servers
        yield from raw
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _inflated(_counted(raw, max_bytes, url, cut), max_bytes + 1, url)
        except zlib.error as error:
            raise FetchError(f"its compressed body is damaged: {error}", subject=url, retryable=True) from error
    else:
        raise FetchError(f"the answer is compressed as {encoding[:40]!r}, which we did not ask for", subject=url)


def _counted(raw: Iterable[bytes], max_bytes: int, url: str, cut: bool) -> Iterator[bytes]:
    """Pass chunks on until more has come than the body may be long: a bomb may also expand to nothing."""
    size = 0
    for chunk in raw:
        size += len(chunk)
        if size > max_bytes and not cut:
            raise _too_large(url, max_bytes)
        yield chunk


def _inflated(chunks: Iterable[bytes], limit: int, url: str) -> Iterator[bytes]:
    """Expand gzip (several members too), zlib or bare deflate; ends after ``limit`` bytes."""
    engine = zlib.decompressobj(47)  # 32 + 15: the header tells gzip from zlib
    first, begun = True, False
    for chunk in chunks:
        data = chunk
        while data:
            begun = True
            if engine.eof:
                if not data.startswith(_GZIP[: len(data)]):
                    return  # padding after the end
                engine = zlib.decompressobj(47)
            try:
                piece = engine.decompress(data, limit)
            except zlib.error:
                if not first:
                    raise
                engine = zlib.decompressobj(-15)
                piece = engine.decompress(data, limit)
            first = False
            yield piece
            limit -= len(piece)
            if limit <= 0:
                return
            data = engine.unconsumed_tail or engine.unused_data
    if begun and not engine.eof:
        raise FetchError("its compressed body breaks off before the end", subject=url, retryable=True)
