"""Addresses in a page: links, pictures however lazily loaded, films and sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import quote, urljoin, urlsplit

import httpx
from lxml.html import HtmlElement

from ivpipe.text.hosts import is_public_host, is_public_port
from ivpipe.text.inline import escape_text
from ivpipe.text.inline_writer import opening, plain_line

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u00a0\u2028\u2029]+")
# Addresses as they should be, whole or from the site's root: nothing in them that joining them with another would change.
_WHOLE = re.compile(r"https?://[a-z0-9.-]+/[A-Za-z0-9/._~%+@!$&,=:-]*(?:\?[A-Za-z0-9/._~%+@!$&,=:-]+)?")
_ROOTED = re.compile(r"(?:/[A-Za-z0-9_~%-][A-Za-z0-9._~%+@!$&,=:-]*)+/?(?:\?[A-Za-z0-9/._~%+@!$&,=:-]+)?")
_SITE = re.compile(r"https?://[a-z0-9.-]+(?=/)")
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url", "data-full-src", "data-hi-res-src")
_LAZY_SETS = ("data-srcset", "srcset", "data-lazy-srcset")
_LAZY_NAME = re.compile(
    r"data-[a-z-]*(?:src|lazy)[a-z-]*$"
)  # every script that loads pictures late has names of its own
_PLACEHOLDER = re.compile(
    r"^data:|(?:^|[/_.-])(?:blank|placeholder|spacer|pixel|transparent|1x1|lazy|loading)[./_-]", re.I
)
_DECORATION = re.compile(
    r"emoji|smiley|avatar|gravatar|(?:^|[/_.-])(?:icons?|icone|pictos?|sprite|logo-?small|badge)[/_.-]"
)
_PLAYERS = {
    "youtube.com": "YouTube", "youtube-nocookie.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo",
    "dailymotion.com": "Dailymotion", "dai.ly": "Dailymotion", "soundcloud.com": "SoundCloud", "spotify.com": "Spotify",
    "mixcloud.com": "Mixcloud", "ausha.co": "Ausha", "acast.com": "Acast", "archive.org": "Internet Archive",
    "arte.tv": "Arte", "ina.fr": "INA", "bandcamp.com": "Bandcamp", "radiofrance.fr": "Radio France",
    "datawrapper.de": "Datawrapper", "flourish.studio": "Flourish", "ivoox.com": "iVoox", "podbean.com": "Podbean",
    "deezer.com": "Deezer", "libsyn.com": "Libsyn", "megaphone.fm": "Megaphone", "ted.com": "TED",
}  # fmt: skip


def absolute_url(href: str, base: str, schemes: tuple[str, ...] = ("http", "https", "mailto")) -> str:
    """Return ``href`` made absolute, its host in ASCII; "" where it leads nowhere a reader could go: another scheme, only
    a fragment, not a URL, a user's name in it, or a host that is not public (unless it is ``base``'s own)."""
    href = href.strip()
    if len(href) <= 4000 and "http" in schemes:
        if _WHOLE.fullmatch(href):
            return href if _is_open(href.split("/", 3)[2], None, base) else ""
        if _ROOTED.fullmatch(href) and (site := _SITE.match(base)):
            return site[0] + href
    if not href or href.startswith("#") or len(href) > 4000:
        return ""
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
        if parts.scheme in ("http", "https"):
            if not parts.hostname or "@" in parts.netloc:
                return ""
            host = (
                parts.hostname if parts.hostname.isascii() else httpx.URL(f"http://{parts.hostname}/").raw_host.decode()
            )
            if host != parts.hostname:
                url = parts._replace(netloc=parts.netloc.lower().replace(parts.hostname, host)).geturl()
            if not _is_open(host, parts.port, base):
                return ""
    except (ValueError, httpx.InvalidURL):
        return ""
    if parts.scheme not in schemes:
        return ""
    return (
        quote(_CONTROL.sub("%20", url), safe="%/:=&?~#+!$,;'@()*[]|", encoding="utf-8", errors="replace")
        if not (url.isascii() and not _CONTROL.search(url))
        else url
    )


def _is_open(host: str, port: int | None, base: str) -> bool:
    """Whether readers can be sent to a host: a public one, or where the page itself comes from."""
    return (is_public_host(host) and is_public_port(port)) or host == _host(base)


@lru_cache(maxsize=1000)
def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def picture_url(img: HtmlElement, scope: HtmlElement, base: str) -> str:
    """Return the address of the real picture behind an ``img``; ``scope`` may hold ``source`` elements for it."""
    for value in _addresses(img, scope):
        if value and not _PLACEHOLDER.search(value[:2000]):
            url = absolute_url(value, base, ("http", "https"))
            if url:
                return url
    return ""


def _addresses(img: HtmlElement, scope: HtmlElement) -> Iterator[str]:
    """Where the picture may be, likeliest first."""
    for name in _LAZY:
        yield img.get(name) or ""
    yield _largest(img.get(_LAZY_SETS[0]) or "")
    yield img.get("src") or ""
    for name in _LAZY_SETS[1:]:
        yield _largest(img.get(name) or "")
    parent = img.getparent()
    if parent is not None and parent.tag == "picture":
        scope = parent
    if scope is not img:
        for source in scope.iter("source"):
            for name in _LAZY_SETS:
                yield _largest(source.get(name) or "")
    for name, value in img.attrib.items():
        if _LAZY_NAME.match(name) and name not in _LAZY:
            yield _largest(value) if name.endswith("set") else value.strip()


def _largest(srcset: str) -> str:
    """The candidate of a ``srcset`` with the largest width or density."""
    best, best_size = "", -1.0
    for url, size in re.findall(r"(?:^|,)\s*([^\s,]\S*[^\s,]|\S)(?:\s+([0-9.]{1,8})[wx])?\s*(?=,|$)", srcset[:20_000]):
        try:
            value = float(size or 1)
        except ValueError:
            value = 0.0
        if value > best_size:
            best, best_size = url, value
    return best


def is_decoration(img: HtmlElement, src: str) -> bool:
    """Whether a picture is an icon, a counter or a smiley rather than part of the article."""
    framed = any(up.tag == "figure" for up in islice(img.iterancestors(), 5))  # there the numbers may be a ratio
    for name in () if framed else ("width", "height"):
        size = re.match(r"\s*(\d{1,5})", img.get(name) or "")
        if size and int(size[1]) < 40:
            return True
    path = src.rsplit("?", 1)[0]
    return any(_DECORATION.search(name.lower()) for name in (img.get("class") or "", path[-200:]))


def embed_link(node: HtmlElement, base: str) -> str:
    """Return a titled link, as canonical inline HTML, for an embedded film or sound; "" where it is none."""
    src = node.get("src") or node.get("data-src") or node.get("data-lazy-src") or node.get("data-cmp-src") or ""
    if not src or src.startswith(("about:", "javascript:")):
        src = next((one.get("src") for one in node.iter("source") if one.get("src")), "") or node.get("data-src") or ""
    url = absolute_url(src, base, ("http", "https"))
    if not url:
        return ""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("player.").removeprefix("open.")
    labels = host.split(".")
    player = next((_PLAYERS[one] for at in range(len(labels)) if (one := ".".join(labels[at:])) in _PLAYERS), "")
    if not player and "/videos/embed/" in parts.path:
        player = "PeerTube"
    title = plain_line(node.get("title") or node.get("aria-label") or "")
    if node.tag in ("iframe", "embed") and not player:
        return ""
    if player == "YouTube" and (match := re.match(r"/(?:embed|v)/([\w-]{6,20})$", parts.path)):
        url = f"https://www.youtube.com/watch?v={match[1]}"
    elif player == "Vimeo" and (match := re.match(r"/video/(\d+)", parts.path)):
        url = f"https://vimeo.com/{match[1]}"
    elif player == "Dailymotion" and (match := re.match(r"/embed/video/(\w+)", parts.path)):
        url = f"https://www.dailymotion.com/video/{match[1]}"
    elif player == "PeerTube":
        url = url.split("?")[0].replace("/videos/embed/", "/videos/watch/")
    if player and player not in title:
        title = f"{title} ({player})" if title else player
    label = title or parts.path.rsplit("/", 1)[-1] or host
    return f"{opening('a', href=url)}{escape_text(label)}</a>"
