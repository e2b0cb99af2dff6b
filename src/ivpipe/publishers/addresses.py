"""Addresses in the settings of targets."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _whole(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("give the whole address, as https://magazine.example/")
    return value.rstrip("/") + "/"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing sent to it can be listened to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


SiteAddress = Annotated[str, AfterValidator(_whole)]
"""Where readers find a site: a whole address; as it is kept it ends in a slash."""
