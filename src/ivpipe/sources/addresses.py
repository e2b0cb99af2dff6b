"""Which network addresses we may connect to, and in what form a link is kept."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from urllib.parse import unquote_plus

import httpx

from ivpipe.errors import FetchRefused
from ivpipe.text.hosts import is_public_host, is_public_port

MAX_URL_LENGTH = 2000

_TRACKING = re.compile(
    r"(utm|pk|mtm|matomo|piwik|at|hsa)_.*|_hs(enc|mi)|__hs.*|(fb|g|d|y|tw|ttc|ms|srs|dc)cl(id|src)|wbraid|gbraid|"
    r"igsh(id)?|mc_[ce]id|mkt_tok|xtor|xts|xtref|xtcr|s_cid|vero_id|oly_(anon|enc)_id|_ga|_gl|wt_mc|wt_zmc|ns_source|ns_mchannel|"
    r"ns_campaign|ns_linkname|ns_fee|spm|sc_campaign|sc_channel|cmpid|ref_src|ref_url|__twitter_impression"
)


def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a host as the system's resolver gives them, in its order. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def parse_url(url: str | httpx.URL) -> httpx.URL:
    """Parse an address to be fetched, without its fragment. Raises FetchRefused unless it is plain http(s)."""
    try:
        parsed = httpx.URL(url).copy_with(fragment=None)
        host, port = parsed.host, port_of(parsed)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchRefused(f"it is not a web address: {error}", subject=str(url)[:MAX_URL_LENGTH]) from error
    if parsed.scheme not in ("http", "https"):
        raise FetchRefused(
            f"only http and https are fetched, not {parsed.scheme or 'an empty scheme'!r}", subject=str(url)
        )
    if not host or "%" in host or not 0 < port < 65536:
        raise FetchRefused("the address names no host, or one or a port that cannot be", subject=str(url))
    if parsed.userinfo:
        clean = parsed.copy_with(userinfo=b"")
        raise FetchRefused("an address with a user name or password in it is not fetched", subject=str(clean))
    return parsed


def port_of(url: httpx.URL) -> int:
    """The port a URL means, given or by its scheme."""
    return url.port if url.port is not None else 443 if url.scheme == "https" else 80


def host_and_port(url: httpx.URL) -> str:
    """``host:port`` in lower case, the port always given, IPv6 in brackets: the form of ``fetch.allow_private``."""
    host = url.host.lower()
    return f"[{host}]:{port_of(url)}" if ":" in host else f"{host}:{port_of(url)}"


def is_allowed(url: httpx.URL, allow_private: Iterable[str]) -> bool:
    """Whether a spec names exactly this host and port."""
    return host_and_port(url) in {entry.lower() for entry in allow_private}


def may_be_fetched(link: str, allow_private: Iterable[str]) -> bool:
    """Whether a link (from ``clean_link``) leads to a host that can be public, or to one that a spec names."""
    url = parse_url(link)
    return (is_public_host(url.raw_host.decode("ascii")) and is_public_port(url.port)) or is_allowed(url, allow_private)


def clean_link(link: str, base: str = "") -> str | None:
    """The form in which we keep a link to an article: absolute, without fragment and tracking parameters.

    None where it is not an http(s) address that can be fetched. What is left of the query keeps order and spelling.
    """
    text = re.sub(r"[\x00-\x1f\x7f]+", "", link.replace("&amp;", "&")).strip()
    if not text:
        return None
    try:
        url = parse_url(httpx.URL(base).join(text) if base else text)
        if url.query:
            kept = [
                part
                for part in url.query.split(b"&")
                if part and not _TRACKING.fullmatch(unquote_plus(part.split(b"=", 1)[0].decode("ascii")).lower())
            ]
            url = url.copy_with(query=b"&".join(kept) or None)
        result = str(url)
    except (FetchRefused, httpx.InvalidURL, ValueError, TypeError):
        return None
    return result if len(result) <= MAX_URL_LENGTH else None
