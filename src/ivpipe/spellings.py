"""How a secret may be written in a text: what to look for, and the text with its escapes undone. Only ``masking`` needs it.

``readings`` undoes what is written character by character (URL quoting, backslashes, entities, quoted-printable);
``plain_spellings`` and ``base64_spellings`` are what a whole secret becomes; ``squeezed`` is for what was put between its
characters: the line breaks of MIME and of folded headers, the zeros of UTF-16, characters that nobody sees.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes

SHORTEST = 6
"""A secret of fewer characters is not looked for: it would cross out parts of words everywhere."""

_ROUNDS = 6
"""So many escapes, one inside another, are undone: a JSON string in a query in an attribute of HTML, and some more."""
_BETWEEN = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u034f\u061c\u180e\u2000-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
"""Blanks, controls and invisible characters."""


def _utf8(before: str) -> str:
    """A pattern for one character's bytes in hexadecimal, each after ``before``; or for one byte."""
    more = rf"{before}[89ABab][0-9A-Fa-f]"
    return (
        rf"{before}[CDcd][0-9A-Fa-f]{more}|{before}[Ee][0-9A-Fa-f](?:{more}){{2}}|{before}[Ff][0-7](?:{more}){{3}}"
        rf"|{before}[0-9A-Fa-f]{{2}}"
    )


_ESCAPE = re.compile(
    r"(?P<percent>" + _utf8("%") + ")"
    r"|\\u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|\\(?:[uU](?P<unicode>[0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})|u\{(?P<braced>[0-9A-Fa-f]{1,8})\})"
    r"|(?P<bytes>" + _utf8(r"\\x") + ")"
    r"|(?P<octal>(?:\\[0-3][0-7]{2})+)"
    r"|\\(?P<backslash>[\"'\\/])"
    r"|\\(?P<blank>[abfnrtv])"
    r"|(?P<entity>&(?:#[0-9]{1,20};?|#[xX][0-9A-Fa-f]{1,20};?|[A-Za-z][A-Za-z0-9]{1,30};))"
    r"|(?P<soft>=\r?\n)"
    r"|(?P<quoted>" + _utf8("=") + ")"
)


def readings(text: str) -> Iterator[tuple[str, range | list[int]]]:
    """The text as it is, and with its escapes undone, once, twice …; with each, where every character of it began in the
    text (and, last, where the text ends)."""
    places: range | list[int] = range(len(text) + 1)
    yield text, places
    for _ in range(_ROUNDS):
        undone = _undo(text, places)
        if undone is None:
            return
        text, places = undone
        yield text, places


def _undo(text: str, places: range | list[int]) -> tuple[str, list[int]] | None:
    """One round of escapes undone; None where there is none."""
    pieces: list[str] = []
    origins: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        plain = _meant(match)
        if plain == match[0]:
            continue
        start, end = match.span()
        pieces += [text[at:start], plain]
        origins += places[at:start]
        origins += [places[start]] * len(plain)  # one character, but for octal and a few entities
        at = end
    if not at:
        return None
    pieces.append(text[at:])
    origins += places[at:]
    return "".join(pieces), origins


def _meant(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "percent":
        return _character(unquote_to_bytes(match[0]))
    if kind == "low":
        return chr(0x10000 + ((int(match["high"], 16) - 0xD800) << 10) + int(match["low"], 16) - 0xDC00)
    if kind in ("unicode", "braced"):
        code = int(match[kind], 16)
        return chr(code) if code < 0x110000 else match[0]
    if kind == "bytes":
        return _character(bytes.fromhex(match[0].replace("\\x", "")))
    if kind == "quoted":
        return _character(bytes.fromhex(match[0].replace("=", "")))
    if kind == "octal":
        return _character(bytes(int(code, 8) for code in match[0].split("\\")[1:]))
    if kind == "backslash":
        return match["backslash"]
    if kind == "blank":
        return " "
    return "" if kind == "soft" else html.unescape(match[0])


def _character(raw: bytes) -> str:
    """Bytes as UTF-8, else as Latin-1: a byte that is no whole character, as Python's repr writes Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def squeezed(text: str) -> str:
    """The text without what may stand between the characters of a secret."""
    return _BETWEEN.sub("", text)


def squeezed_places(text: str) -> list[int]:
    """Where each character of ``squeezed(text)`` is in the text."""
    places: list[int] = []
    at = 0
    for match in _BETWEEN.finditer(text):
        places += range(at, match.start())
        at = match.end()
    return [*places, *range(at, len(text))]


def plain_spellings(secret: str) -> set[str]:
    """The ways in which a secret is written without any escape, or in hexadecimal."""
    forms = {secret, " ".join(secret.split())}
    for raw in _encoded(secret):
        coded = (raw.hex(), raw.hex(":"), raw.hex("-"))
        forms |= {*coded, *map(str.upper, coded)}
        # What is left of one encoding where the text is read as another; and in what cannot say all of it.
        forms |= {raw.decode("latin-1"), raw.decode(errors="replace"), raw.decode(errors="ignore")}
    forms |= {
        secret.encode("ascii", "replace").decode(),
        *(unicodedata.normalize(form, secret) for form in ("NFC", "NFD")),
    }
    # A secret in which something looks like an escape is undone together with what is one.
    forms |= {plain for plain, _ in readings(secret)}
    if " " in secret:  # a WordPress password is shown in groups, and taken without their spaces; forms write + for them
        forms |= {secret.replace(" ", "+"), secret.replace(" ", "")}
        forms.add(quote(secret, safe="").replace("%20", "+"))
    # Nothing but marks for what was lost is no trace of a secret, and would be found in honest texts.
    return {form for form in forms if len(squeezed(form).strip("?\N{REPLACEMENT CHARACTER}")) >= SHORTEST}


def base64_spellings(secret: str) -> set[str]:
    """What base64 of any text with the secret in it contains; also of the secret in base64, quoted or as JSON."""
    once = {form for raw in _encoded(secret) for form in _base64_of(raw)}
    inner = {*_base64_of(secret.encode(errors="surrogateescape")), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    return once | {form for text in inner for form in _base64_of(text.encode(errors="surrogateescape"))}


def _encoded(secret: str) -> set[bytes]:
    encoded = {secret.encode(errors="surrogateescape")}
    for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
        try:
            encoded.add(secret.encode(encoding))
        except UnicodeEncodeError:
            pass
    return encoded


def _base64_of(raw: bytes) -> set[str]:
    """Base64 of these bytes at each offset, in both alphabets: it depends on the offset modulo 3; of the first and last
    characters some bits are the neighbours'."""
    forms = set()
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + raw).decode().rstrip("=")
        core = coded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
        forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms
