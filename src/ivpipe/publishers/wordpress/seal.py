"""The seal: how a post says whose it is, and whether people have changed it since we saved it. Pure.

The paragraph that names the source has our key as its id, and a class ``ivpipe-seal-…`` that holds the revision, the
featured picture and the terms we gave the post, and a hash over its text. A post whose text no longer makes that hash
was changed by people; this holds without our ledger, and so after a crash between a save and the ledger's entry.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

BLANK = "ivpipe-seal-0"
"""Stands where the seal will be."""
_SEAL = re.compile(r'(?<="ivpipe-source )ivpipe-seal-(?:(\d+)-(\d+)-([\d.]+)-([0-9a-f]{16})|0)(?=")')
"""In an attribute: quotes in a page's text are written as references, so no text can hold one."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, slots=True)
class Seal:
    """What we last gave the post: ``terms`` are ids of categories and tags, ``featured`` that of a picture, 0 for none."""

    revision: int
    featured: int
    terms: frozenset[int]
    digest: str


def is_key(key: str) -> bool:
    """Whether a key can be an element's id, and be searched for."""
    return _KEY.fullmatch(key) is not None


def digest(*texts: str) -> str:
    """The hash over a post's texts (title, excerpt, content, footnotes), whatever the seal in them."""
    plain = "\x00".join(_SEAL.sub(BLANK, text) for text in texts)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def seal(content: str, made: Seal) -> str:
    """Return the content with this seal in it."""
    terms = ".".join(str(term) for term in sorted(made.terms)) or "0"
    return _SEAL.sub(f"ivpipe-seal-{made.revision}-{made.featured}-{terms}-{made.digest}", content)


def unsealed(content: str) -> str:
    """The content without a seal."""
    return _SEAL.sub("", content)


def read_seal(content: str) -> Seal | None:
    """The seal in a post's content; None where there is none, or a broken one."""
    for match in _SEAL.finditer(content):
        if match[4]:
            terms = frozenset(int(term) for term in match[3].split(".") if term.isdigit())
            return Seal(int(match[1]), int(match[2]), terms - {0}, match[4])
    return None


def carries(content: str, key: str) -> bool:
    """Whether a post's content is that of the page with this key."""
    return f'id="{key}"' in content
