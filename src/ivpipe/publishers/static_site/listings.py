"""Everything of a site that lists articles, as (path, text), written from the index.

The pages of a list are cut from its oldest entry on and numbered in that order, so that a new article changes the last
ones only; the first page shows what is newer than the last whole one, between one page's worth and two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ivpipe.model.page import Page
from ivpipe.publishers.static_site.entries import KINDS
from ivpipe.publishers.static_site.index import ListName, SiteIndex
from ivpipe.publishers.static_site.rendering import FeedItem, Renderer
from ivpipe.publishers.static_site.search import fold

SEARCH_PART = 200
"""Articles in a part of what is searched."""

_NEWS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Span:
    """The places of a list, counted from its oldest entry, between which it changed. ``moved``: its entries do not have the
    places they had, so what comes after has changed as well."""

    first: int
    last: int
    moved: bool


WHOLE = Span(0, 1 << 60, moved=True)


class Listings:
    """Makes lists for one site. ``items``, ``front_items``, ``feed_items``: how many entries a list's page, a front page
    and a feed hold; ``page_of`` brings an entry's whole page."""

    def __init__(
        self,
        renderer: Renderer,
        langs: Sequence[str],
        *,
        items: int,
        front_items: int,
        feed_items: int,
        page_of: Callable[[str], Page | None],
    ) -> None:
        self.renderer = renderer
        self.langs = [lang.lower() for lang in langs]
        self.items = items
        self.front_items = front_items
        self.feed_items = feed_items
        self.page_of = page_of

    def files(self, index: SiteIndex, spans: Mapping[str, Span], now: datetime) -> Iterator[tuple[str, str]]:
        """The files of these lists that may have changed, and of what stands above them."""
        langs = self.live_langs(index)
        items: dict[str, FeedItem] = {}
        overviews: set[tuple[str, str]] = set()
        for folder in spans:
            lang, _, kind = folder.partition("/")
            if not kind:
                continue
            kind = kind.partition("/")[0]
            if index.count(folder):
                yield from self._list(index, folder, spans[folder])
            overviews.add((lang, kind))
        for lang, kind in sorted(overviews):
            if lists := _in_order(kind, index.lists(lang, kind)):
                yield f"{lang}/{kind}/index.html", self.renderer.overview(lang, kind, lists)
        for lang in langs:
            kinds = index.kinds(lang)
            if lang in spans:
                yield from self._search(index, lang, spans[lang])
                yield f"{lang}/search/index.html", self.renderer.search_page(lang, kinds)
                yield from self._feeds(index, lang, lang, spans[lang], items)
            entries = index.newest(lang, self.front_items)  # each names the languages there are
            yield f"{lang}/index.html", self.renderer.front(lang, lang, entries, langs, kinds)
        if "" in spans:
            yield from self._feeds(index, "", self.langs[0], spans[""], items)
        yield from self._site(index, langs, now)

    def empty(self, lang: str, folder: str, name: str) -> Iterator[tuple[str, str]]:
        """The first page of a list that has no entries yet, and what it links to, for an article about to link to it."""
        _, _, kind = folder.partition("/")
        if kind:
            kind = kind.partition("/")[0]
            yield f"{folder}/index.html", self.renderer.list_page(folder, name, [], None, None, None)
            yield f"{lang}/{kind}/index.html", self.renderer.overview(lang, kind, [])
        elif folder:
            yield f"{lang}/search/index.html", self.renderer.search_page(lang, [])
            yield f"{lang}/search/latest.json", self.renderer.search_part([], 0)
            yield from self.renderer.feeds(lang, lang, []).items()
            yield f"{lang}/index.html", self.renderer.front(lang, lang, [], [lang], [])
        else:
            yield from self.renderer.feeds("", self.langs[0], []).items()
            yield "index.html", self.renderer.front("", self.langs[0], [], [], [])

    def leftovers(self, index: SiteIndex, folder: str, holds: Callable[[str], bool]) -> list[str]:
        """Files of a list that it has no entries for any more, in the order to take them away."""
        lang, _, kind = folder.partition("/")
        kind = kind.partition("/")[0]
        if not folder:
            return []
        count = index.count(folder)
        place, size, ending = (folder, self.items, "html") if kind else (f"{lang}/search", SEARCH_PART, "json")
        number = _whole_pages(count, size) + 1
        found: list[str] = []
        while holds(path := f"{place}/{number + len(found)}.{ending}"):
            found.append(path)
        found.reverse()  # so that one who was stopped half-way leaves no gap
        if count:
            return found
        if not kind:
            names = ("index.html", "feed.xml", "rss.xml", "feed.json", "search/index.html", "search/latest.json")
            return [*found, *(f"{lang}/{name}" for name in names)]
        found.append(f"{folder}/index.html")
        if kind == "archive":
            found.append(_sitemap_path(folder))
        if kind not in index.kinds(lang):
            found.append(f"{lang}/{kind}/index.html")
        return found

    def ours(self, path: str) -> bool:
        """Whether a file stands where only lists stand."""
        parts = path.split("/")
        return len(parts) > 2 and parts[1] in (*KINDS, "search")

    def live_langs(self, index: SiteIndex) -> list[str]:
        """The languages the site has articles in, those of the magazine first."""
        known = {lang: place for place, lang in enumerate(self.langs)}
        return sorted(index.langs(), key=lambda lang: (known.get(lang, len(known)), lang))

    def _list(self, index: SiteIndex, folder: str, span: Span) -> Iterator[tuple[str, str]]:
        count = index.count(folder)
        whole = _whole_pages(count, self.items)
        name = index.listed(folder, count - 1, count)[0]
        title = dict(name.lists)[folder]

        def page(number: int | None) -> str:
            start = self.items * ((number or whole + 1) - 1)
            entries = index.listed(folder, start, start + self.items if number else count)
            older = (number or whole + 1) - 1
            newer = None if number is None else number + 1 if number < whole else 0
            return self.renderer.list_page(folder, title, entries, number, older or None, newer)

        first = span.first // self.items + 1
        last = whole if span.moved else min(span.last // self.items + 1, whole)
        if span.moved:
            first = min(first, max(1, whole - 1))  # it links to the last one, which may be new
        for number in range(first, last + 1):
            yield f"{folder}/{number}.html", page(number)
        yield f"{folder}/index.html", page(None)
        if folder.partition("/")[2].startswith("archive/"):
            entries = index.newest(folder, count)
            yield _sitemap_path(folder), self.renderer.sitemap([(entry.path, entry.updated_at) for entry in entries])

    def _search(self, index: SiteIndex, lang: str, span: Span) -> Iterator[tuple[str, str]]:
        count = index.count(lang)
        whole = _whole_pages(count, SEARCH_PART)
        first = span.first // SEARCH_PART + 1
        last = whole if span.moved else min(span.last // SEARCH_PART + 1, whole)
        if span.moved:
            first = min(first, max(1, whole))  # which may be new
        for number in range(first, last + 1):
            start = SEARCH_PART * (number - 1)
            entries = index.listed(lang, start, start + SEARCH_PART)
            yield f"{lang}/search/{number}.json", self.renderer.search_part(entries, number - 1)
        entries = index.listed(lang, SEARCH_PART * whole, count)
        yield f"{lang}/search/latest.json", self.renderer.search_part(entries, whole)

    def _feeds(
        self, index: SiteIndex, home: str, lang: str, span: Span, items: dict[str, FeedItem]
    ) -> Iterator[tuple[str, str]]:
        """Feeds whose articles changed; ``items`` are made once for all of them."""
        if span.last < index.count(home) - self.feed_items:
            return
        for entry in index.newest(home, self.feed_items):
            if entry.key not in items:
                page = self.page_of(entry.key)
                if page is not None:
                    items[entry.key] = self.renderer.feed_item(page, entry)
        found = [items[entry.key] for entry in index.newest(home, self.feed_items) if entry.key in items]
        yield from self.renderer.feeds(home, lang, found).items()

    def _site(self, index: SiteIndex, langs: Sequence[str], now: datetime) -> Iterator[tuple[str, str]]:
        render, first = self.renderer, self.langs[0]
        kinds = index.kinds(first) if langs == [first] else []
        yield "index.html", render.front("", first, index.newest("", self.front_items), langs, kinds)
        yield "404.html", render.not_found(first, langs)
        years = [year.folder for lang in langs for year in index.lists(lang, "archive")]
        yield "sitemaps/fronts.xml", render.sitemap([("", ""), *((f"{lang}/", "") for lang in langs)])
        parts = [("sitemaps/fronts.xml", ""), *((_sitemap_path(year), index.updated(year)) for year in years)]
        yield "sitemap.xml", render.sitemap_index(parts)
        yield "news-sitemap.xml", render.news_sitemap(index.since((now - _NEWS).astimezone(UTC).isoformat()))
        if render.base_url.count("/") == 3:  # crawlers look for it at the root of a host only
            yield "robots.txt", render.robots()


def _in_order(kind: str, lists: list[ListName]) -> list[ListName]:
    """Numbers and years from the newest, others by name."""
    if kind in ("edition", "archive"):
        return sorted(lists, key=lambda found: (found.newest, found.folder), reverse=True)
    return sorted(lists, key=lambda found: (fold(found.name), found.folder))


def _whole_pages(count: int, size: int) -> int:
    """How many numbered pages a list has beside its first one."""
    return max(0, count // size - 1)


def _sitemap_path(folder: str) -> str:
    lang, _, year = folder.split("/")
    return f"sitemaps/{lang}-{year}.xml"
