"""Addresses in the settings of targets."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _whole(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("give the whole address, as https://magazine.example/")
    return value.rstrip("/") + "/"


SiteAddress = Annotated[str, AfterValidator(_whole)]
"""Where readers find a site: a whole address; as it is kept it ends in a slash."""
