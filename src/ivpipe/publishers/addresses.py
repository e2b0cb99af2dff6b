"""Addresses in the settings of targets."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing sent to it can be listened to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _safe(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise ValueError("give the whole address, as https://magazine.example/")
    if parts.username or parts.password:
        raise ValueError("leave user and password out of it: secrets stand in the environment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("secrets would travel in clear: use https")
    return value


def _whole(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("give the whole address, as https://magazine.example/")
    return value.rstrip("/") + "/"


SafeAddress = Annotated[str, AfterValidator(_safe)]
"""Where we send what is secret: a whole address, with https unless it is this machine's."""
SiteAddress = Annotated[str, AfterValidator(_whole)]
"""Where readers find a site: a whole address; as it is kept it ends in a slash."""
LoginAddress = Annotated[str, AfterValidator(_whole), AfterValidator(_safe)]
"""A site that we log in to: both."""
