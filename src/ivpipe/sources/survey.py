"""Finding out about a site: its platform, its language, and where it announces its articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.bounded import bounded
from ivpipe.errors import ExtractionError, SourceError
from ivpipe.model.languages import primary
from ivpipe.sources.addresses import clean_link, parse_url
from ivpipe.sources.discovery import Discovered, backend_url, discover
from ivpipe.sources.feeds import parse_feed
from ivpipe.sources.fetching import Fetched, Fetcher
from ivpipe.sources.found import Found, plain_text
from ivpipe.sources.kinds import looks_like
from ivpipe.sources.metadata import PageMetadata
from ivpipe.sources.parsing import parse_elements
from ivpipe.sources.platforms import detect_platform
from ivpipe.sources.spec import Discovery, Fetch, SourceSpec
from ivpipe.text.inline_reader import short_text

_FEEDS = re.compile(r"application/(?:rss|atom|rdf)\+xml", re.I)
_NOT_ARTICLES = re.compile(r"comment|forum|podcast", re.I)
_USUAL_FEEDS = ("feed/", "rss.xml", "rss", "feed.xml", "atom.xml", "index.xml", "feed.rss", "spip.php?page=backend")
_USUAL_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemap.xml")
_MOST_NAMED = 5
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z]{2,8})?")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look at a site showed. ``platform`` as in specs; ``languages`` [] where the page names none.

    ``kind`` and ``feed`` are as ``discovery.kind`` and an entry of ``discovery.urls``; ``why`` says how it was found.
    ``found``: what it announces, newest first. ``tried``: what was asked before, and why it would not do.
    """

    url: str
    name: str
    languages: tuple[str, ...]
    platform: str
    kind: str
    feed: str
    why: str
    found: tuple[Found, ...]
    tried: tuple[str, ...]


def survey(url: str, fetcher: Fetcher, policy: Fetch, now: datetime, languages: tuple[str, ...] = ()) -> Survey:
    """Look at a site, or at its feed. ``languages``: what its articles are in, where that is known better.

    Raises SourceError where the site does not answer, or nothing on it announces articles; it says what was tried.
    """
    answer = fetcher.get(url, policy)
    own_feed = ""
    if _is_feed(answer):
        own_feed = url
        site = str(parse_url(answer.url).copy_with(path="/", query=None))
        answer = fetcher.get(site, policy)
    page = _look_at(answer)
    languages = languages or page.languages
    places = [("feed", own_feed, "it was named")] if own_feed else page.places
    tried: list[str] = []
    chosen: tuple[str, str, str, Discovered] | None = None
    for kind, place, why in _with_sitemaps(places, answer.url, fetcher, policy, given=bool(own_feed)):
        try:
            seen = _try(kind, place, fetcher, policy, languages, now)
        except SourceError as error:
            tried.append(f"{place}: {error.message}")
            continue
        newest = (seen.found[0].published or seen.found[0].changed) if seen.found else None
        if seen.found and (newest is None or newest >= now - _AWAKE):
            chosen = kind, place, why, seen
            break
        tried.append(f"{place}: it announces nothing new" if seen.found else f"{place}: it announces nothing")
        chosen = chosen or ((kind, place, why, seen) if seen.found else None)
    if chosen is not None:
        kind, place, why, seen = chosen
        return Survey(
            answer.url, page.name or _host_name(answer.url), languages, page.platform, kind, place, why, tuple(seen.found),
            tuple(tried),
        )  # fmt: skip
    raise SourceError(
        "nothing was found that announces its articles:\n  " + "\n  ".join(tried),
        subject=url,
        advice='name its feed if it has one; or write a spec with kind = "listing" and the page that links to its articles',
    )


_DAYS = 36500
_AWAKE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class _FrontPage:
    """What a site's page says: its name, languages and platform, and (kind, address, why) of where to look, likely ones first."""

    name: str
    languages: tuple[str, ...]
    platform: str
    places: list[tuple[str, str, str]]


@bounded("reading this page", SourceError, subject="{answer.url}")
def _look_at(answer: Fetched) -> _FrontPage:
    try:
        elements = parse_elements(answer.body, answer.url, answer.headers.get("content-type", ""))
    except ExtractionError as error:
        raise SourceError(
            f"this is neither a site's page nor a feed but {looks_like(answer.body)}",
            subject=answer.url,
            advice="name the address of the site's front page, or of its feed",
        ) from error
    page = PageMetadata(elements, answer.url)
    said = page.root.get("lang") or page.root.get("xml:lang") or ""
    platform = detect_platform(page).name
    return _FrontPage(
        plain_text(page.first("og:site_name"), 200) or _title(page.root),
        (primary(said),) if _TAG.fullmatch(said) else (),
        platform,
        _places(page.root, answer.url, platform),
    )


@bounded("reading this page", SourceError, subject="{answer.url}")
def _is_feed(answer: Fetched) -> bool:
    try:
        parse_feed(answer.body, answer.url, answer.headers.get("content-type", ""))
    except SourceError:
        return False
    return True


def _try(
    kind: str, place: str, fetcher: Fetcher, policy: Fetch, languages: tuple[str, ...], now: datetime
) -> Discovered:
    spec = SourceSpec(
        slug="survey",
        name="survey",
        url=place,
        languages=languages or ("en",),
        discovery=Discovery.model_validate({"kind": kind, "urls": (place,), "max_age_days": _DAYS}),
        fetch=policy,
    )
    return discover(spec, fetcher, {}, now)


def _places(root: HtmlElement, url: str, platform: str) -> list[tuple[str, str, str]]:
    site = str(parse_url(url).copy_with(path="/", query=None))
    places: list[tuple[str, str, str]] = []
    named: list[tuple[str, str, str]] = []
    for node in islice(root.iter("link"), 2000):
        rel, kind = (node.get("rel") or "").lower().split(), node.get("type") or ""
        href = clean_link(node.get("href") or "", url)
        if href is None:
            continue
        if "https://api.w.org/" in rel:
            places.append(("wp-json", href, "the page names WordPress's REST interface"))
        elif (
            "alternate" in rel
            and _FEEDS.match(kind)
            and not _NOT_ARTICLES.search(f"{href} {node.get('title') or ''}")
            and len(named) < _MOST_NAMED
        ):
            named.append(("feed", href, "the page links to it"))
    if platform == "wordpress" and not places:
        places.append(("wp-json", site, "the site runs on WordPress"))
    if platform == "spip":
        places.append(("spip", backend_url(site), "the site runs on SPIP"))
    folder = str(parse_url(url).copy_with(query=None)).rsplit("/", 1)[0] + "/"
    bases = dict.fromkeys((folder, site) if folder.count("/") > 2 else (site,))
    usual = [("feed", base + path, "feeds often stand there") for base in bases for path in _USUAL_FEEDS]
    return [*places, *named, *usual]


def _with_sitemaps(
    places: list[tuple[str, str, str]], url: str, fetcher: Fetcher, policy: Fetch, *, given: bool
) -> Iterator[tuple[str, str, str]]:
    """The places, each once, then the sitemaps: those robots.txt names, news first, and the usual ones."""
    seen: set[str] = set()
    for place in places:
        if place[1] not in seen:
            seen.add(place[1])
            yield place
    if given:
        return
    site = str(parse_url(url).copy_with(path="/", query=None))
    named: list[str] = []
    try:
        text = fetcher.get(f"{site}robots.txt", policy).body[:200_000].decode("utf-8", "replace")
        for line in re.findall(r"(?im)^\s*sitemap:\s*(\S{1,2000})", text)[:50]:
            if (link := clean_link(line, url)) is not None and link not in named:
                named.append(link)
    except SourceError:
        pass
    named.sort(key=lambda link: "news" not in link.lower())
    for link in named[:_MOST_NAMED]:
        yield "sitemap", link, "robots.txt names it"
    for path in _USUAL_SITEMAPS:
        if site + path not in named[:_MOST_NAMED]:
            yield "sitemap", site + path, "sitemaps often stand there"


def _title(root: HtmlElement) -> str:
    """What the page's title says before a dash or bar: on a front page, the site's name."""
    node = next(islice(root.iter("title"), 1), None)
    title = plain_text(short_text(node, 300), 300) if node is not None else ""
    return re.split(r"\s+[|–—·•:-]\s+", title)[0][:80].strip()


def _host_name(url: str) -> str:
    host = parse_url(url).host
    return re.sub(r"^www\d?\.", "", host)
