"""Whatever a site sends as sitemap, listing, feed or OPML, a parser returns clean values or raises SourceError, and soon."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivpipe.errors import SourceError
from ivpipe.sources.addresses import clean_link
from ivpipe.sources.feeds import Feed, parse_feed
from ivpipe.sources.listings import parse_listing
from ivpipe.sources.sitemaps import parse_sitemap
from ivpipe.sources.spec import SourceSpec
from ivpipe.sources.spec_files import read_opml, slug_of, spec_text
from ivpipe.sources.wp_json import parse_posts

URL = "https://partner.example/a/index"
SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://partner.example/un?a=1&amp;b=2</loc>
<lastmod>2024-05-08</lastmod><news:news><news:publication_date>2024-05-08T10:00:00Z</news:publication_date>
<news:title>La gr\xc3\xa8ve</news:title><news:keywords>a, b</news:keywords></news:news></url></urlset>"""
INDEX = b"""<sitemapindex><sitemap><loc>/may.xml</loc><lastmod>2024-05-08</lastmod></sitemap></sitemapindex>"""
LISTING = b"""<!doctype html><html lang=fr><head><base href=/x/></head><body><article><h2><a href=un>Un &eacute;t&eacute;</a></h2>
<time datetime="2024-05-08">8 mai</time></article><article><a href="/deux"><h3>Deux</h3></a></article>
<a rel=next href="?page=2">Suite</a></body></html>"""
OPML = b"""<?xml version="1.0"?><opml version="2.0"><body><outline text="Presse"><outline text="La Revue" type="rss"
 xmlUrl="https://revue.example/feed?a=1&amp;b=2" htmlUrl="https://revue.example/" language="fr"/></outline></body></opml>"""
RSS = b"""<rss version="2.0"><channel><item><title>Un</title><link>https://partner.example/un</link><category>Monde</category>
<author>Rosa</author><pubDate>Wed, 08 May 2024 10:00:00 GMT</pubDate></item></channel></rss>"""
POSTS = json.dumps([{"id": 1, "link": "/un", "title": {"rendered": "Un"}, "date_gmt": "2024-05-08T10:00:00"}]).encode()

PARSERS: dict[str, tuple[bytes, Callable[[bytes], Feed]]] = {
    "sitemap": (SITEMAP, lambda body: parse_sitemap(body, URL, ("fr",))),
    "index": (INDEX, lambda body: parse_sitemap(body, URL, ("fr",))),
    "packed": (gzip.compress(SITEMAP, mtime=0), lambda body: parse_sitemap(body, URL, ("fr",))),
    "listing": (LISTING, lambda body: parse_listing(body, URL, "text/html", ("css:article", "css:a"), ("fr",))),
    "feed": (RSS, lambda body: parse_feed(body, URL, "text/xml", ("fr",))),
    "wp-json": (POSTS, lambda body: parse_posts(body, URL, ("fr",))),
}
PIECES = [
    b"<", b">", b"&", b"&copy=", b"]]>", b"<![CDATA[", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"\x00", b"\xff", b"&#x0;",
    b"</url>", b"<url>", b"<loc>", b"<sitemapindex>", b"<urlset>", b"<article>", b"<a href=", b"http://[", b"javascript:x",
    b"\xed\xa0\x80", b"9999-99-99", b"<outline xmlUrl='//x'/>", b"\"", b"{", b"[", b"null", b"1e999", b"<?xml encoding='utf-7'?>",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        piece = st.sampled_from(PIECES) | st.binary(max_size=8) | st.just(bytes(data[at : at + 200]))
        data[at : at + length] = draw(piece)
    return bytes(data[: draw(st.integers(0, len(data)) | st.just(len(data)))])


def assert_clean(feed: Feed) -> None:
    for one in feed.found:
        assert one.url == clean_link(one.url)
        assert all(when is None or when.tzinfo is not None for when in (one.published, one.changed))
        "".join((one.title, one.summary, one.guid, *one.sections, *one.authors)).encode()
    for part, changed in feed.parts:
        assert part == clean_link(part)
        assert changed is None or changed.tzinfo is not None
    assert feed.next == "" or feed.next.startswith(("http://", "https://"))


@pytest.mark.parametrize("kind", PARSERS)
def test_the_sound_one_is_read(kind: str) -> None:
    body, parse = PARSERS[kind]
    feed = parse(body)
    assert (len(feed.found) + len(feed.parts) > 0, feed.warnings) == (True, [])
    assert_clean(feed)


@pytest.mark.parametrize("kind", PARSERS)
@given(data=st.data())
@settings(max_examples=150)
def test_mutated_announcements_are_read_or_refused(kind: str, data: st.DataObject) -> None:
    body, parse = PARSERS[kind]
    try:
        feed = parse(data.draw(mutated(body)))
    except SourceError:
        return
    assert_clean(feed)


FLOODS = {
    "nesting": b"<urlset>" + b"<url>" * 100_000,
    "html nesting": b"<html>" + b"<div>" * 100_000 + b"<article><a href=/un>Un</a></article>",
    "attributes": b"<urlset><url " + b'a="b" ' * 1_000_000 + b"/></urlset>",
    "one attribute": b"<html><article title='" + b"x" * 10_000_000 + b"'><a href=/un>Un</a>",
    "one text": b"<urlset><url><loc>/" + b"x" * 20_000_000 + b"</loc><lastmod>2024-05-08</lastmod></url></urlset>",
    "text without markup": b"x" * 5_000_000,
    "entities": b"<!DOCTYPE u [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %s '%s'>" % (bytes([98 + n]), b"&%s;" % bytes([97 + n]) * 20) for n in range(12)
    ) + b"]><urlset><url><loc>/&m;</loc><lastmod>2024-05-08</lastmod></url></urlset>",
    "entities in attributes": b"<!DOCTYPE u [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %s '%s'>" % (bytes([98 + n]), b"&%s;" % bytes([97 + n]) * 20) for n in range(12)
    ) + b"]><opml><outline text='&m;' xmlUrl='https://x.example/&m;'/></opml>",
    "many links": b"<html>" + b"<article><a href=/%d>x</a>" * 50_000,
    "ampersands": b"<urlset>" + b"&" * 2_000_000,
    "open tags": b"<" * 2_000_000,
    "empty entries": b"<urlset>" + b"<url/>" * 300_000 + b"</urlset>",
    "json": b"[" * 1_000_000,
}  # fmt: skip


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("kind", ["sitemap", "listing", "opml", "wp-json"])
def test_floods_end_soon(kind: str, flood: str) -> None:
    body = FLOODS[flood]
    try:
        if kind == "opml":
            partners, _ = read_opml(body[:5_000_000], "x.opml")
            assert all(len(one.name) <= 201 and len(one.feed) <= 2000 for one in partners)
        else:
            assert_clean(PARSERS[kind][1](body))
    except SourceError:
        pass


@given(mutated(OPML))
@settings(max_examples=150)
def test_mutated_opml_gives_specs_that_load_or_is_refused(body: bytes) -> None:
    try:
        partners, _ = read_opml(body, "x.opml")
    except SourceError:
        return
    assert len({one.slug for one in partners}) == len(partners)
    for one in partners:
        written(one.name, one.url, one.feed, one.slug)


def written(name: str, url: str, feed: str, slug: str) -> SourceSpec:
    import tomllib

    text = spec_text(name=name, url=url, languages=["fr"], platform="generic", kind="feed", urls=[feed])
    return SourceSpec(slug=slug, **tomllib.loads(text))


@given(st.text(min_size=1, max_size=80))
def test_spec_text_of_any_name_is_read_back(name: str) -> None:
    source = written(name, "https://x.example/", "https://x.example/feed?a='%22", "x")
    assert source.name == re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", name)


@given(st.text(max_size=200))
def test_slug_of_any_text_is_a_slug_or_empty(text: str) -> None:
    slug = slug_of(text)
    assert slug == slug_of(slug)
    assert len(slug) <= 63
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in slug)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("https://www.la-revue.org/fr/", "la-revue"),
        ("https://lanticapitaliste.org", "lanticapitaliste"),
        ("https://blog.partner.co.uk/", "partner"),
        ("L’Été à venir !", "l-ete-a-venir"),
        ("—", ""),
    ],
)
def test_slug_of_addresses_and_names(text: str, slug: str) -> None:
    assert slug_of(text) == slug
