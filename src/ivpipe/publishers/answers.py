"""What comes back from a web server that may be anybody's."""

from __future__ import annotations

import httpx


def body_of(answer: httpx.Response, most: int) -> bytes:
    """The body of a streamed answer; of one that is larger than ``most`` bytes only the beginning, a little over ``most``.

    Raises httpx.HTTPError.
    """
    raw = b""
    for piece in answer.iter_bytes():
        raw += piece
        if len(raw) > most:
            break
    return raw
