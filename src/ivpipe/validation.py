"""What pydantic finds wrong with a table, in words for whoever wrote it: key, what is expected, what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_LONGEST = 60
_EXPECTED = {
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list in brackets",
    "list_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date, as 2026-01-31",
    "date_parsing": "a date, as 2026-01-31",
    "date_from_datetime_parsing": "a date, as 2026-01-31",
    "date_from_datetime_inexact": "a date, as 2026-01-31",
    "path_type": "a path in quotes",
}
"""Pydantic's kinds of faults that are about the kind of a value, and what we expect there."""
_TYPE_OF_KEY = "[key]"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\ud800-\udfff]")


def explain(error: ValidationError, values: Mapping[str, Any], prefix: str = "") -> list[str]:
    """One line per key ("discovery.urls.0: …"), in the order of the model. ``values`` is the table that was read; ``prefix``
    what stands before its keys, with its dot."""
    reasons: dict[str, list[str]] = {}
    for fault in error.errors(include_url=False):
        key = _key(fault, values) or prefix.rstrip(".")
        told = reasons.setdefault(f"{prefix}{key}" if key != prefix.rstrip(".") else key, [])
        if (reason := _reason(fault)) not in told:
            told.append(reason)
    return [f"{_shown_key(key)}: {_joined(told)}" for key, told in reasons.items()]


def control_characters(values: Mapping[str, Any]) -> list[str]:
    """One line per key or text with a character in it that stands for no letter: no path, name or address has one."""
    return [
        f"{_shown_key(key)}: it holds the control character U+{ord(match[0]):04X}"
        for key, text in _texts(values, "")
        if (match := _CONTROL.search(text))
    ]


def shown(value: Any) -> str:
    """A value as TOML names it, cut short."""
    if isinstance(value, str):
        return f"“{value[:_LONGEST]}{'…' if len(value) > _LONGEST else ''}”" if value else "an empty text"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return "a number of very many digits" if value.bit_length() > 200 else str(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, datetime | date | time):
        return f"the {'time' if isinstance(value, time) else 'date'} {value.isoformat()}"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return "a table" if isinstance(value, dict) else type(value).__name__


def _key(fault: ErrorDetails, table: Any) -> str:
    """Where a fault is, in the words of the file: pydantic's own have parts for the branches of a union."""
    parts: list[str] = []
    inner = table
    for part in fault["loc"]:
        there = isinstance(inner, dict) and part in inner
        if there or (isinstance(inner, list) and isinstance(part, int) and part < len(inner)):
            inner = inner[part]
        elif fault["type"] != "missing" or part != fault["loc"][-1]:
            continue
        parts.append(str(part))
    return ".".join(parts)


def _reason(fault: ErrorDetails) -> str:
    kind, found = fault["type"], fault["input"]
    context = fault.get("ctx", {})
    if kind == "extra_forbidden":
        return "there is no such key"
    if kind == "missing":
        return "it is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("string_too_short", "too_short") and not found:
        return "it is empty"
    if kind == "literal_error":
        expected = f"one of {context['expected']}"
    elif kind == "string_pattern_mismatch":
        where = "the key" if _TYPE_OF_KEY in fault["loc"] else "it"
        return f"{where} is not written as it has to be (it is {shown(found)}; the pattern is {context['pattern']})"
    elif kind in _EXPECTED:
        expected = _EXPECTED[kind]
    else:
        message = fault["msg"].removeprefix("Input should be ")
        return f"it should be {message}, and is {shown(found)}" if message != fault["msg"] else message
    return f"expected {expected}, found {shown(found)}"


def _joined(reasons: list[str]) -> str:
    """Of a value that may be of several kinds, what each expects, the value named once."""
    expected = [re.match(r"expected (.*), found (.*)", reason, re.S) for reason in reasons]
    if len(reasons) > 1 and all(expected):
        kinds = [match[1] for match in expected if match]
        last = expected[-1]
        return f"expected {' or '.join(dict.fromkeys(kinds))}, found {last[2] if last else ''}"
    return "; ".join(reasons)


def _shown_key(key: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", " ".join(key.split()) or key)[:200]


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """(key, text) of every text in a table, and of every key."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield (f"{key}.{name}" if key else name), name
            yield from _texts(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{key}.{number}")
