"""The one place that knows this process's secrets, and crosses them out of whatever is shown, logged or stored.

    key = read_secret("DEEPL_AUTH_KEY")     # the only way to read one: from then on it is known
    mask("… Authorization: Basic dTpz …")   # "… Authorization: ***  …"

``mask`` is called at few borders, through which all text for people passes: every ``IvpipeError`` as it is made, every log
record as it is made (``install``), every outcome of a run, every line a child process prints. Code in between need not
think of it.

How a secret is found: the text is read with its escapes undone (URL quoting, JSON's and Python's backslashes, HTML's
entities, also one inside another), and looked through for each secret as it is, in hexadecimal, and in base64 at any offset,
so also after ``user:`` in a Basic header; then again without blanks and invisible characters, for what was broken into
lines or written in UTF-16. What is crossed out is the place in the text as it was. Credentials that we do not know are
crossed out by their shape: headers of HTTP, passwords in addresses, ``token=…``.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from functools import cached_property
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

from ivpipe.spellings import SHORTEST, base64_spellings, plain_spellings, readings, squeezed, squeezed_places

MARK = "***"
"""What stands for a secret."""
OURS = ("IVPIPE_DATABASE_URL", "IVPIPE_PASSWORD")
"""Variables of ours that always hold a secret; the names of all others come from the configuration."""
PREFECTS = (
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_SERVER_API_AUTH_STRING",
    "PREFECT_API_DATABASE_CONNECTION_URL",
    "PREFECT_API_DATABASE_PASSWORD",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_DATABASE_PASSWORD",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
)
"""Variables of Prefect's that hold secrets, in all its versions that we work with."""

_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-")
_NAMES = (
    r"(?:[\w.-]{0,40}(?:token|secret|password|passwd|passphrase|api_?key|auth_?key|access_?key|credentials?|signature|sessid"
    r"|session_?id)|(?:[\w.-]{0,40}[_.-])?(?:key|pwd|pass|sig|auth))"
)
_FIELD = re.compile(rf"(?<![\w.-]){_NAMES}=(?P<secret>[^\s&#\"'<>;,)]+)", re.I)
"""A field of a query or a form."""
_SHAPES = (
    _FIELD,
    *(re.compile(pattern, re.I) for pattern in (
        # A header, whose value ends with its line, its quotes or, squeezed on one line, with the scheme and one more word.
        r"\b(?:proxy-)?authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<secret>(?:[a-z][\w-]{0,40}[ \t]+)?[^\s\"'<>,;]+)",
        r"\b(?:set-)?cookie[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<secret>[^\s\"'<>=;]+=[^\s\"'<>;]*(?:;\s{0,3}[\w.-]+=[^\s\"'<>;]*)*)",
        r"\bx-(?:api-key|auth-token|access-token|csrf-token|wp-nonce)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<secret>[^\s\"'<>,;]+)",
        r"\b(?:basic|bearer|deepl-auth-key)[ \t]+(?P<secret>(?=[a-z+/_.~:-]*[0-9])[a-z0-9+/_.~:-]{12,}=*)",
        # An address: what stands between the user's name and the last @ before its path.
        r"\b[a-z][a-z0-9+.-]{1,30}://[^\s/@:\"'<>]*:(?P<secret>[^\s/@\"'<>]+)@",
        # A field of JSON; one that is called "key" and nothing more is seldom a secret there.
        rf"[\"'](?!key[\"']){_NAMES}[\"']\s{{0,3}}[:=]\s{{0,3}}[\"'](?P<secret>[^\"'\n]+)",
    )),
)  # fmt: skip


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of these texts, the longest that is there; of none, one that is found nowhere."""
    return re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))) or "(?!)")


class _Needles:
    """What to look for: ``plain`` spellings, those that can be no word (``odd``), those in base64 (``coded``); their
    patterns are made when the first one is needed, for it takes longer than all else that reading a secret does."""

    def __init__(self, plain: Iterable[str] = (), odd: Iterable[str] = (), coded: Iterable[str] = ()) -> None:
        self._plain, self._odd, self._coded = set(plain), set(odd), set(coded)
        self._all = (*self._plain, *self._coded)

    def are_in(self, text: str) -> bool:
        """Whether any is there: much quicker than the patterns are."""
        return any(needle in text for needle in self._all)

    @cached_property
    def plain(self) -> re.Pattern[str]:
        return _any_of(self._plain)

    @cached_property
    def odd(self) -> re.Pattern[str]:
        return _any_of(self._odd)

    @cached_property
    def coded(self) -> re.Pattern[str]:
        return _any_of(self._coded)


class _Known:
    """The secrets of this process, and what to look for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.secrets: set[str] = set()
        self.short: dict[str, int] = {}
        self.needles = self.squeezed = _Needles()

    def add(self, values: Iterable[str]) -> None:
        with self.lock:
            new = {value for value in values if len(value) >= SHORTEST} - self.secrets
            if not new:
                return
            self.secrets |= new
            plain = {form for secret in self.secrets for form in plain_spellings(secret)}
            odd = {form for secret in self.secrets if _is_odd(secret) for form in plain_spellings(secret)}
            coded = {form for secret in self.secrets for form in base64_spellings(secret)}
            self.needles = _Needles(plain, odd, coded)
            self.squeezed = _Needles(map(squeezed, plain), map(squeezed, odd), coded)


_KNOWN = _Known()


def read_secret(name: str) -> str:
    """The value of an environment variable that holds a secret, "" where there is none; ``mask`` knows it from then on."""
    value = os.environ.get(name, "") if name else ""
    remember(value, name)
    return value


def remember(value: str, name: str = "") -> None:
    """Let ``mask`` cross out a secret. Of an address its password is one, of ``user:secret`` what stands after the colon.

    ``name`` is what ``too_short`` says where the value is one that cannot be looked for.
    """
    value = value.strip()
    if not value:
        return
    parts = _parts(value)
    _KNOWN.add(parts)
    if name and all(len(part) < SHORTEST for part in parts):
        _KNOWN.short[name] = len(value)


def too_short() -> list[str]:
    """Names of variables whose secret is too short to be crossed out anywhere."""
    return sorted(_KNOWN.short)


def mask(text: str) -> str:
    """The text with every secret, known or of a secret's shape, crossed out. The same text again is left as it is."""
    return _crossed_out(text, content=False)


def mask_content(text: str) -> str:
    """What a service answered (a translation, an address, a page's text) without the secrets that it may echo.

    Shapes mean nothing there, and a password that could be a word is only looked for in base64: nobody's text may be
    spoilt because a password stands in it.
    """
    return _crossed_out(text, content=True)


def _crossed_out(text: str, *, content: bool) -> str:
    spans: list[tuple[int, int]] = []
    for plain, places in readings(text):
        spans += [(places[start], places[end]) for start, end in _found(plain, content=content)]
    if not spans:
        return text
    out, at = [], 0
    for start, end in sorted(spans):
        if end <= at or text[start:end] == MARK:
            continue
        if start >= at:
            out += [text[at:start], MARK]
        at = end
    return "".join([*out, text[at:]])


def _found(text: str, *, content: bool) -> Iterator[tuple[int, int]]:
    """(start, end) of each secret in a text without escapes."""
    known = _KNOWN.needles
    if known.are_in(text):
        for match in (known.odd if content else known.plain).finditer(text):
            yield match.span()
        yield from _base64_runs(text, (match.span() for match in known.coded.finditer(text)))
    yield from _found_apart(text, content=content)
    if not content:
        for shape in _SHAPES:
            for match in shape.finditer(text):
                yield match.span("secret")


def _found_apart(text: str, *, content: bool) -> Iterator[tuple[int, int]]:
    """The same, where something stands between the characters of a secret."""
    known, together = _KNOWN.squeezed, squeezed(text)
    if len(together) == len(text) or not known.are_in(together):
        return
    places = squeezed_places(text)
    for match in (known.odd if content else known.plain).finditer(together):
        yield places[match.start()], places[match.end() - 1] + 1
    coded = known.coded.finditer(together)
    yield from _base64_runs(text, ((places[match.start()], places[match.end() - 1] + 1) for match in coded))


def _base64_runs(text: str, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where there is a secret in base64: all of it, so that the user's name before it goes too."""
    before = 0
    for start, end in found:
        if start < before:
            continue
        while start and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        before = end
        yield start, end


def _parts(value: str) -> set[str]:
    """What of a variable's value is secret, and the ways in which it is written without any escape."""
    scheme, separator, rest = value.partition("://")
    if separator and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        fields = {match["secret"] for match in _FIELD.finditer(rest)}
        if "@" not in rest:
            return fields
        # By hand, for what cannot be parsed is told as well: a password with @ / # in it. Its query may hold more.
        password = rest.rpartition("@")[0].partition(":")[2]
        until_path = rest.partition("/")[0].rpartition("@")[0].partition(":")[2]
        plain = {unquote_to_bytes(one).decode(errors="replace") for one in (password, until_path)}
        return {password, until_path, *plain, *fields} - {""}
    if value.startswith("{"):  # headers of HTTP by name, as JSON
        try:
            return {one for one in json.loads(value).values() if isinstance(one, str)}
        except (ValueError, RecursionError):
            return {value}
    if "@" in value and ":" in value:  # an address without its scheme
        return {value, value.rpartition("@")[0].rpartition(":")[2]} - {""}
    parts = {value}
    _, colon, after = value.partition(":")
    if colon and len(after) >= SHORTEST:
        parts.add(after)
    if value.startswith(
        "whsec_"
    ):  # a webhook's, of which the part behind is sent to nobody but may be echoed by itself
        parts.add(value.removeprefix("whsec_"))
    return parts


def _is_odd(secret: str) -> bool:
    """Whether a secret can be no word of any text."""
    return len(secret) >= 20 or (len(secret) >= 10 and any(map(str.isdigit, secret)) and any(map(str.isalpha, secret)))


# -- borders of the process


def install() -> None:
    """Mask every log record and every traceback that this process writes from here on; again, it does nothing.

    Log records are masked where they are made, not in a handler: handlers come and go (Prefect and uvicorn configure
    their own), and one of Prefect's sends to its server.
    """
    for name in (*OURS, *PREFECTS):
        read_secret(name)
    if getattr(logging.getLogRecordFactory(), "masks", False):
        return
    make = logging.getLogRecordFactory()

    def masked(*args: Any, **values: Any) -> logging.LogRecord:
        return _masked_record(make(*args, **values))

    masked.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(masked)
    sys.excepthook = _tell
    threading.excepthook = _tell_of_thread


def traceback_text(error: BaseException) -> str:
    """A traceback as Python prints it, masked."""
    return mask("".join(traceback.format_exception(error)))


def _masked_record(record: logging.LogRecord) -> logging.LogRecord:
    if isinstance(record.msg, str):
        record.msg = mask(record.msg)
    if isinstance(record.args, tuple):
        record.args = tuple(mask(value) if isinstance(value, str) else value for value in record.args)
    try:
        text = record.getMessage()
    except Exception:  # the arguments do not fit the message: logging tells of that itself, when the record is written
        return record
    if (masked := mask(text)) != text:
        record.msg, record.args = masked, ()
    if record.exc_info and isinstance(record.exc_info[1], BaseException):
        # Written out here, so that whatever a handler does with it, it is this text.
        record.exc_text = traceback_text(record.exc_info[1]).rstrip("\n")
        record.exc_info = None
    return record


def _tell(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    sys.stderr.write(traceback_text(error))


def _tell_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else "?"
        sys.stderr.write(f"Exception in thread {name}:\n{traceback_text(args.exc_value)}")
