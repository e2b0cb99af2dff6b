"""What the sections of the configuration share; the ``Settings`` of plug-ins are made of the same.

What a section lets through must work: what would only fail at night, in a run, is refused here, with a reason.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ivpipe.masking import read_secret


class Section(BaseModel):
    """A table of the configuration: no key but those named, no number that is none."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1 or text.endswith(("\n", "\r")):
        raise ValueError("it has to be one line")
    return text


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*|", name):
        # Without the value: it may well be the key itself.
        raise ValueError("give the name of an environment variable; a key or password never stands in a file")
    read_secret(name)
    return name


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


def _cron(expression: str) -> str:
    try:
        if len(expression.split()) != 5:
            raise CronSimError("it has not five fields")
        comes = next(CronSim(expression, datetime.now(UTC)), None)
    except (CronSimError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"{expression[:60]!r} is not a cron expression (five fields: minute hour day month weekday)"
        ) from None
    if comes is None:
        raise ValueError(f"{expression!r} never comes")
    return expression


def _address(value: str) -> str:
    """An address that a client of HTTP can be given. The parser of the standard library is lenient: what it lets through is
    looked at again."""
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        known = parts.username is not None or parts.password is not None
    except ValueError:
        raise ValueError("it is no web address; give the whole of it, as https://magazine.example/") from None
    if known:
        raise ValueError("leave user and password out of it: secrets come from the environment")
    if not whole or re.search(r"[\s\\<>\"{}|^`]", value) or not re.fullmatch(r"[^\x00-\x20]+", value):
        raise ValueError("it is no web address; give the whole of it, as https://magazine.example/")
    try:
        httpx.URL(value)
        (parts.hostname or "").encode("idna")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"it is no web address: {error}") from None
    return value


OneLine = Annotated[str, AfterValidator(_one_line)]
"""A text that goes into a header, a title, a path."""
Name = Annotated[OneLine, Field(min_length=1)]
"""One that is not empty."""
SecretName = Annotated[str, AfterValidator(_variable), Field(validate_default=True)]
"""The name of the environment variable that holds a secret. As soon as the configuration is read, the secret is masked."""
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
Address = Annotated[str, AfterValidator(_address)]
"""A whole web address without user and password."""
OptionalAddress = Annotated[str, AfterValidator(lambda value: value and _address(value))]
Lang = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")]
"""A language tag: "fr", "pt-BR"."""
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A name in addresses, file names and rows."""
Seconds = Annotated[float, Field(gt=0, le=86_400)]
"""A wait of a day at most."""
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HostName = Annotated[str, Field(pattern=rf"^({_LABEL}\.)*{_LABEL}\.?$|^[0-9A-Fa-f:.]+$", max_length=253)]
"""The name of a host, or its IP address."""
Port = Annotated[int, Field(ge=1, le=65_535)]
