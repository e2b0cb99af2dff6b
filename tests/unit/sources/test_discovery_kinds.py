"""Discovery by sitemap, listing, SPIP's backend; looking into the past; nothing inside the network is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from tests.servers.http_site import HttpSite, page, redirect, running_site, with_etag

from ivpipe.errors import FetchRefused, SourceError
from ivpipe.sources.discovery import FIRST_UNDATED, Discovered, backend_url, discover, pages_since
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import SourceSpec
from ivpipe.sources.wp_json import posts_url

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)
SINCE = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with running_site() as site:
        yield site


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with Fetcher("t", resolve=resolve, sleep=lambda _seconds: None) as fetcher:
        yield fetcher


def spec(site: HttpSite, kind: str, *paths: str, **more: object) -> SourceSpec:
    return SourceSpec.model_validate(
        {
            "slug": "partner",
            "name": "Partner",
            "url": site.url("/"),
            "languages": ["fr"],
            "discovery": {"kind": kind, "urls": [site.url(path) for path in paths], **more},
            "fetch": {"delay": 0, "allow_private": [f"partner.example:{site.port}"]},
        }
    )


def names(found: object) -> list[str]:
    return [one.url.rsplit("/", 1)[1] for one in found]  # type: ignore[attr-defined]


def urlset(*entries: tuple[str, str]) -> bytes:
    rows = "".join(f"<url><loc>{loc}</loc><lastmod>{date}</lastmod></url>" for loc, date in entries)
    return f"<urlset>{rows}</urlset>".encode()


def index(*entries: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>" for loc, date in entries
    )
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def again(spec: SourceSpec, fetcher: Fetcher, before: Discovered) -> Discovered:
    return discover(spec, fetcher, {one.url: (one.etag, one.last_modified) for one in before.visits}, NOW)


def test_index_of_sitemaps_reads_those_that_changed_and_asks_the_same_again(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/index.xml"] = with_etag(
        index(("/old.xml", "2023-01-01"), ("/may.xml", "2024-05-09"), ("/undated.xml", "")), '"i"'
    )
    site.pages["/may.xml"] = with_etag(urlset(("/un", "2024-05-09"), ("/ancien", "2024-01-01")), '"m"')
    site.pages["/undated.xml"] = with_etag(urlset(("/deux", "2024-05-08")), '"u"')
    here = spec(site, "sitemap", "/index.xml")
    first = discover(here, fetcher, {}, NOW)
    assert names(first.found) == ["un", "deux"]
    assert "/old.xml" not in site.paths
    site.requests.clear()
    second = again(here, fetcher, first)
    assert (second.found, second.unchanged) == ([], True)
    assert sorted(site.paths) == ["/index.xml", "/may.xml", "/undated.xml"]
    assert all("if-none-match" in headers for _, headers in site.requests)
    site.pages["/may.xml"] = with_etag(urlset(("/trois", "2024-05-10")), '"m2"')
    third = again(here, fetcher, second)
    assert (names(third.found), third.unchanged) == (["trois"], False)


def test_index_that_names_itself_or_nests_is_read_once(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/index.xml"] = page(index((site.url("/index.xml"), "2024-05-09"), ("/inner.xml", "2024-05-09")))
    site.pages["/inner.xml"] = page(index(("/third.xml", "2024-05-09")))
    result = discover(spec(site, "sitemap", "/index.xml"), fetcher, {}, NOW)
    assert result.found == []
    assert sorted(path for path in site.paths if path != "/robots.txt") == ["/index.xml", "/inner.xml"]


def test_listing_without_dates_takes_its_beginning_the_first_time_only(site: HttpSite, fetcher: Fetcher) -> None:
    body = "".join(f"<p><a href=/{number}>Titre {number}</a></p>" for number in range(50))
    site.pages["/articles"] = page(body.encode(), Content_Type="text/html")
    here = spec(site, "listing", "/articles", links=["css:p a"])
    assert names(discover(here, fetcher, {}, NOW, first=True).found) == [str(n) for n in range(FIRST_UNDATED)]
    assert len(discover(here, fetcher, {}, NOW).found) == 50


def test_listing_needs_links_and_nothing_else_has_them(site: HttpSite) -> None:
    with pytest.raises(ValidationError, match="links: kind = "):
        spec(site, "listing", "/articles")
    with pytest.raises(ValidationError, match="links: kind = "):
        spec(site, "feed", "/articles", links=["css:a"])


@pytest.mark.parametrize(
    ("url", "backend"),
    [
        ("https://revue.example", "https://revue.example/spip.php?page=backend"),
        ("https://revue.example/fr", "https://revue.example/fr/spip.php?page=backend"),
        ("https://revue.example/spip.php?page=backend&id_rubrique=3",
         "https://revue.example/spip.php?page=backend&id_rubrique=3"),
        ("https://revue.example/backend.php3", "https://revue.example/backend.php3"),
    ],
)  # fmt: skip
def test_backend_url_completes_the_address(url: str, backend: str) -> None:
    assert backend_url(url) == backend


def post(number: int, day: str) -> dict[str, object]:
    return {"id": number, "link": f"/p{number}", "title": {"rendered": f"T{number}"}, "date_gmt": f"{day}T10:00:00"}


def test_pages_since_goes_through_wordpress_until_a_page_is_not_full(site: HttpSite, fetcher: Fetcher) -> None:
    start = posts_url(site.url("/wp-json/wp/v2/posts?per_page=2")).removeprefix(site.url(""))
    start += "&after=2024-01-01T00%3A00%3A00"
    listed = (
        [post(5, "2024-05-01"), post(4, "2024-04-01")],
        [post(3, "2024-03-01"), post(2, "2024-02-01")],
        [post(1, "2024-01-15")],
    )
    for number, posts in enumerate(listed, 1):
        site.pages[start + (f"&page={number}" if number > 1 else "")] = page(json.dumps(posts).encode())
    pages = list(pages_since(spec(site, "wp-json", "/wp-json/wp/v2/posts?per_page=2"), fetcher, SINCE))
    assert [names(one.found) for one in pages] == [["p5", "p4"], ["p3", "p2"], ["p1"]]
    assert not any(one.warnings for one in pages)


def rss(*items: tuple[str, str], head: str = "") -> bytes:
    rows = "".join(f"<item><link>{link}</link><pubDate>{date}</pubDate></item>" for link, date in items)
    return f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>{head}{rows}</channel></rss>'.encode()


def test_pages_since_pages_through_wordpress_feeds_and_stops_at_the_day(site: HttpSite, fetcher: Fetcher) -> None:
    head = "<generator>https://wordpress.org/?v=6.5</generator>"
    site.pages["/feed"] = page(rss(("/3", "Wed, 01 May 2024 10:00:00 GMT"), head=head))
    site.pages["/feed?paged=2"] = page(
        rss(("/2", "Wed, 03 Jan 2024 10:00:00 GMT"), ("/1", "Fri, 01 Dec 2023 10:00:00 GMT"), head=head)
    )
    site.pages["/feed?paged=3"] = page(rss(("/0", "Wed, 01 Nov 2023 10:00:00 GMT"), head=head))
    site.pages["/feed?paged=4"] = page(rss(("/00", "Wed, 01 Nov 2023 10:00:00 GMT"), head=head))
    found = [name for one in pages_since(spec(site, "feed", "/feed"), fetcher, SINCE) for name in names(one.found)]
    assert found == ["3", "2"]
    assert "/feed?paged=4" not in site.paths


def test_pages_since_ends_where_the_site_has_no_more_pages(site: HttpSite, fetcher: Fetcher) -> None:
    link = f'<atom:link rel="next" href="{site.url("/feed/2")}"/>'
    site.pages["/feed"] = page(rss(("/3", "Wed, 01 May 2024 10:00:00 GMT"), head=link))
    pages = list(pages_since(spec(site, "feed", "/feed"), fetcher, SINCE))
    assert [(names(one.found), one.warnings) for one in pages] == [(["3"], []), ([], [])]


def test_pages_since_never_turns_in_a_circle(site: HttpSite, fetcher: Fetcher) -> None:
    def listing(*links: str, following: str) -> bytes:
        return (
            "".join(f"<p><a href={link}>T</a></p>" for link in links) + f'<a rel=next href="{following}">…</a>'
        ).encode()

    site.pages["/a"] = page(listing("/1", "/2", following="/a?page=2"), Content_Type="text/html")
    site.pages["/a?page=2"] = page(listing("/2", "/3", following="/a"), Content_Type="text/html")
    pages = list(pages_since(spec(site, "listing", "/a", links=["css:p a"]), fetcher, SINCE))
    assert [names(one.found) for one in pages] == [["1", "2"], ["3"]]


def test_pages_since_reads_all_sitemaps_that_changed_since(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/index.xml"] = page(
        index(*((f"/{month}.xml", f"2024-0{month}-20") for month in range(1, 6)), ("/2023.xml", "2023-12-31"))
    )
    for month in range(1, 6):
        site.pages[f"/{month}.xml"] = page(urlset((f"/a{month}", f"2024-0{month}-20")))
    pages = pages_since(spec(site, "sitemap", "/index.xml"), fetcher, SINCE)
    assert sorted(name for one in pages for name in names(one.found)) == ["a1", "a2", "a3", "a4", "a5"]
    assert "/2023.xml" not in site.paths


def test_pages_since_of_a_site_that_does_not_answer_is_an_error(site: HttpSite, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="404"):
        list(pages_since(spec(site, "feed", "/feed"), fetcher, SINCE))


# Nothing inside the network


@pytest.fixture
def inside() -> Iterator[HttpSite]:
    with running_site() as site:
        site.pages["/"] = page(b"<urlset/>")
        yield site


def test_sitemap_of_an_index_inside_the_network_is_not_asked_for(
    site: HttpSite, fetcher: Fetcher, inside: HttpSite
) -> None:
    targets = [f"http://127.0.0.1:{inside.port}/", f"http://[::1]:{inside.port}/", inside.url("/", "intranet.example")]
    site.pages["/index.xml"] = page(index(*((target, "2024-05-09") for target in targets)))
    result = discover(spec(site, "sitemap", "/index.xml"), fetcher, {}, NOW)
    assert len(result.warnings) == 3
    assert list(pages_since(spec(site, "sitemap", "/index.xml"), fetcher, SINCE))
    assert inside.requests == []


@pytest.mark.parametrize("kind", ["feed", "spip", "sitemap", "listing", "wp-json"])
def test_announcement_that_redirects_into_the_network_is_refused(
    site: HttpSite, fetcher: Fetcher, inside: HttpSite, kind: str
) -> None:
    more = {"links": ["css:a"]} if kind == "listing" else {}
    asked = posts_url(site.url("/backend")) if kind == "wp-json" else site.url("/backend")
    site.pages[asked.removeprefix(site.url(""))] = redirect(f"http://127.0.0.1:{inside.port}/")
    here = spec(site, kind, "/backend", **more)
    with pytest.raises(FetchRefused, match="allow_private"):
        discover(here, fetcher, {}, NOW)
    assert inside.requests == []


def test_next_page_of_a_listing_inside_the_network_is_not_asked_for(
    site: HttpSite, fetcher: Fetcher, inside: HttpSite
) -> None:
    site.pages["/a"] = page(
        f'<p><a href=/1>T</a></p><a rel=next href="http://127.0.0.1:{inside.port}/">…</a>'.encode(),
        Content_Type="text/html",
    )
    pages = list(pages_since(spec(site, "listing", "/a", links=["css:p a"]), fetcher, SINCE))
    assert names(pages[0].found) == ["1"]
    assert "allow_private" in pages[1].warnings[0]
    assert inside.requests == []
