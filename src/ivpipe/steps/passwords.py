"""Passwords: which are good enough, hashing them, and comparing one with a hash."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivpipe.errors import Refused

SHORTEST = 10
LONGEST = 1024
"""Characters. Longer ones are refused unseen: hashing takes memory, and nobody types more."""

_GOOD = 3
"""Of zxcvbn's scores 0 to 4: 3 takes about 10^8 guesses or more. Ours are hashed slowly and guesses at the desk are few."""
_JUDGED = 72
"""Characters that zxcvbn looks at: its time grows with the square, and a password is strong long before."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 64 MB and a processor for a twentieth of a second."""
_HASHER = PasswordHasher()


def judge_password(password: str, about: Iterable[str] = ()) -> None:
    """Raise Refused, saying why and how to do better, unless a password is hard to guess. ``about``: names that say
    something of its user; words taken from them count for nothing."""
    from zxcvbn import zxcvbn

    if len(password) < SHORTEST:
        raise Refused(
            f"a password needs at least {SHORTEST} characters", advice="three or four unrelated words are good"
        )
    if len(password) > LONGEST:
        raise Refused(f"a password has at most {LONGEST:,} characters", advice="choose a shorter one")
    words = [word for text in about for word in (text, *text.split()) if word]
    judged = zxcvbn(password[:_JUDGED], user_inputs=words)
    if judged["score"] >= _GOOD:
        return
    said = judged["feedback"]
    why = said["warning"].strip().rstrip(".")
    how = " ".join(said["suggestions"]).strip().rstrip(".")
    raise Refused(
        f"this password is too easy to guess{f': {_lowered(why)}' if why else ''}",
        advice=_lowered(how) if how else "add another word or two, uncommon ones",
    )


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters (argon2id)."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash. Without a hash the answer is no, after as much work: the time taken does not
    tell whether there is one."""
    if len(password) > LONGEST:
        return False
    compared = password_hash or hash_of_nobody()
    with _AT_ONCE:
        try:
            _HASHER.verify(compared, password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def hash_of_nobody() -> str:
    """The hash of a password that nobody has; made once, for it takes as long as any."""
    return hash_password(secrets.token_hex())


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
