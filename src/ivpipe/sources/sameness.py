"""Recognising one piece on two addresses: AMP and mobile variants, canonical links, the same text under the same title."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

import httpx

from ivpipe.model.document import Document
from ivpipe.sources.addresses import clean_link, port_of
from ivpipe.sources.filters import fold
from ivpipe.text.inline import inline_text
from ivpipe.text.plain import block_text

_VARIANT_HOST = re.compile(r"(?:m|mobile|amp|touch)\.(?=[^.]+\.)")
_WWW = re.compile(r"www\d?\.(?=[^.]+\.)")
_AMP_CACHE = re.compile(r"/(?:c|v|wp)/(?:s/)?([^/]+)(/.*)?")
_AMP_VIEWER = re.compile(r"/amp/(?:s/)?([^/]+\.[^/]+)(/.*)?")
_AMP_PATH = re.compile(r"/amp/?$|^/amp(?=/.)|\.amp(?=\.html?$|/?$)", re.I)
_INDEX = re.compile(r"/index\.(?:html?|php)$", re.I)
_VARIANT_QUERY = re.compile(
    r"amp(=(1|true|yes))?|m=[01]|mobile=(1|true)|outputtype=amp(-type)?|output=amp|view=(amp|mobile)|noamp=\w*"
    r"|share=\w*|replytocom=\d*|fbclid=.*|print=\w*",
    re.I,
)


def address_key(link: str) -> str:
    """What two addresses of the same page have in common: not to be fetched, only compared.

    Without scheme, ``www.``, ``m.``, ``amp.``; without AMP's and mobile sites' endings and parameters, tracking,
    ``index.html``, a last slash; the query's parameters in order. "" for what is no web address.
    """
    clean = clean_link(link)
    if clean is None:
        return ""
    url = httpx.URL(clean)
    host, path = url.host.lower(), unquote(url.path)
    if host.endswith(".cdn.ampproject.org") and (cached := _AMP_CACHE.fullmatch(path)):
        host, path = cached[1].lower(), cached[2] or "/"
    elif re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", host) and (viewed := _AMP_VIEWER.fullmatch(path)):
        host, path = viewed[1].lower(), viewed[2] or "/"
    host = _WWW.sub("", _VARIANT_HOST.sub("", _WWW.sub("", host, count=1), count=1), count=1)
    path = _INDEX.sub("/", _AMP_PATH.sub("", path)).rstrip("/")
    parts = sorted(part for part in url.query.decode("ascii").split("&") if part and not _VARIANT_QUERY.fullmatch(part))
    port = "" if port_of(url) in (80, 443) else f":{port_of(url)}"
    return f"{host}{port}{path}" + (f"?{'&'.join(parts)}" if parts else "")


def is_variant(link: str) -> bool:
    """Whether an address looks like the AMP or mobile variant of another."""
    clean = clean_link(link)
    if clean is None:
        return False
    url = httpx.URL(clean)
    return bool(
        _VARIANT_HOST.match(url.host.lower())
        or url.host.lower().endswith(".cdn.ampproject.org")
        or _AMP_PATH.search(url.path)
        or re.search(r"(?:^|&)(?:amp|amp=1|outputtype=amp)(?:&|$)", url.query.decode("ascii"), re.I)
    )


def canonical_key(document: Document) -> str:
    """The key of the page's canonical address; "" where it names a site rather than an article."""
    key = address_key(document.canonical_url)
    return key if "/" in key or "?" in key else ""


def title_key(title: str) -> str:
    """A title as comparisons see it. ``title`` is plain text, as feeds and Article have it."""
    return re.sub(r"\W+", " ", fold(title)).strip()


def fingerprint(document: Document) -> str:
    """SHA-256 of title and text, whatever their address and markup; "" where there is next to no text."""
    text = re.sub(r"\W+", " ", fold(" ".join(block_text(block) for block in document.blocks))).strip()
    if len(text) < _LEAST_TEXT:
        return ""
    return hashlib.sha256(f"{title_key(inline_text(document.title))}\n{text}".encode("utf-8", "replace")).hexdigest()


_LEAST_TEXT = 200
