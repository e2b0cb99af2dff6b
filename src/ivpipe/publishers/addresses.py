"""Addresses in the settings of targets."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from ivpipe.sections import Address


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing sent to it can be listened to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _safe(value: str) -> str:
    parts = urlsplit(value)
    if parts.fragment:
        raise ValueError("give the whole address, as https://magazine.example/")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("secrets would travel in clear: use https")
    return value


def _whole(value: str) -> str:
    parts = urlsplit(value)
    if parts.query or parts.fragment:
        raise ValueError("give the whole address, as https://magazine.example/")
    return value.rstrip("/") + "/"


SafeAddress = Annotated[Address, AfterValidator(_safe)]
"""Where we send what is secret: a whole address, with https unless it is this machine's."""
SiteAddress = Annotated[Address, AfterValidator(_whole)]
"""Where readers find a site: a whole address; as it is kept it ends in a slash."""
LoginAddress = Annotated[Address, AfterValidator(_whole), AfterValidator(_safe)]
"""A site that we log in to: both."""
