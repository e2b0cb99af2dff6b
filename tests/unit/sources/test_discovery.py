from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.servers.http_site import running_site, with_etag

from ivpipe.errors import FetchError, FetchRefused, PageGone, SourceError
from ivpipe.sources.addresses import clean_link
from ivpipe.sources.discovery import Discovered, FeedVisit, Found, discover
from ivpipe.sources.feed_dates import parse_date
from ivpipe.sources.feeds import parse_feed
from ivpipe.sources.fetching import Fetched, Fetcher
from ivpipe.sources.found import plain_text
from ivpipe.sources.kinds import looks_like
from ivpipe.sources.spec import Fetch, SourceSpec
from ivpipe.sources.wp_json import parse_posts, posts_url

NOW = datetime(2024, 5, 10, 12, 0, tzinfo=UTC)
FEED = "https://partner.example/feed"


class FakeSite:
    """Answers like a Fetcher, from a table of bodies; with an etag where one is given, honouring it."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes | SourceError] = {}
        self.types: dict[str, str] = {}
        self.etags: dict[str, str] = {}
        self.asked: list[tuple[str, str, str]] = []

    def get(self, url: str, policy: Fetch, *, etag: str = "", last_modified: str = "") -> Fetched:
        self.asked.append((url, etag, last_modified))
        body = self.bodies.get(url, PageGone("the site answers 404", subject=url))
        if isinstance(body, SourceError):
            raise body
        headers = {"content-type": self.types.get(url, "application/rss+xml")}
        if url in self.etags:
            headers["etag"] = self.etags[url]
            if etag == self.etags[url]:
                return Fetched(url, 304, headers, b"")
        return Fetched(url, 200, headers, body)

    def close(self) -> None:
        pass


def spec(*urls: str, kind: str = "feed", languages: tuple[str, ...] = ("fr",), **discovery: object) -> SourceSpec:
    return SourceSpec.model_validate(
        {
            "slug": "partner",
            "name": "Partner",
            "url": "https://partner.example/",
            "languages": languages,
            "discovery": {"kind": kind, "urls": urls or (FEED,), **discovery},
        }
    )


def found(**changes: object) -> Found:
    values = {"url": "", "guid": "", "title": "", "summary": "", "published": None, "lang": "fr"}
    return Found(**{**values, **changes})  # type: ignore[arg-type]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def rss(items: str, channel: str = "<language>fr-FR</language>") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Partner</title><link>https://partner.example</link>{channel}{items}</channel></rss>"
    )


def item(path: str, date: str = "Fri, 03 May 2024 10:00:00 +0200", title: str = "T", extra: str = "") -> str:
    return f"<item><title>{title}</title><link>{path}</link><pubDate>{date}</pubDate>{extra}</item>"


def read(text: str | bytes, content_type: str = "text/xml", languages: tuple[str, ...] = ("fr",)) -> list[Found]:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(body, FEED, content_type, languages).found


# Feeds of every kind

RSS2 = rss(
    """<item><title><![CDATA[L’usine &amp; <em>la</em> grève]]></title>
    <link>https://partner.example/usine?utm_source=rss&amp;id=7#haut</link>
    <guid isPermaLink="false">partner-7</guid>
    <description>&lt;p&gt;Premier.&lt;/p&gt;&lt;p&gt;Deuxi&amp;egrave;me&amp;nbsp;!&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description>
    <pubDate>Fri, 03 May 2024 10:00:00 +0200</pubDate></item>"""
)

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es" xml:base="https://revista.example/">
<title>Revista</title><id>urn:revista</id><updated>2024-05-03T10:00:00Z</updated>
<entry><title type="html">Huelga &amp;amp; pan</title><id>urn:revista:1</id>
<link rel="self" href="https://revista.example/1.atom"/><link rel="alternate" href="articulos/1"/>
<updated>2024-05-04T08:00:00+02:00</updated><published>2024-05-03T08:00:00+02:00</published>
<summary>Resumen</summary></entry></feed>"""

SPIP = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel xml:lang="fr"><title>Revue</title><link>https://revue.example/</link><language>fr</language>
<generator>SPIP - www.spip.net</generator>
<item xml:lang="fr"><title>Les notes&nbsp;: un art</title><link>https://revue.example/Les-notes-un-art</link>
<guid isPermaLink="true">https://revue.example/Les-notes-un-art</guid>
<dc:date>2024-05-03T10:00:00Z</dc:date><dc:format>text/html</dc:format><dc:language>fr</dc:language>
<dc:creator>Jeanne Exemple</dc:creator><description>&lt;p&gt;Chap&#244;&lt;/p&gt;</description></item></channel></rss>"""

RSS1 = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://partner.example/"><title>P</title><link>https://partner.example/</link></channel>
<item rdf:about="https://partner.example/1"><title>Un</title><link>https://partner.example/1</link>
<dc:date>2024-05-03</dc:date></item></rdf:RDF>"""

RSS091 = """<rss version="0.91"><channel><title>P</title><item><title>Un</title>
<link>https://partner.example/1</link></item></channel></rss>"""


def test_parse_feed_reads_rss_2() -> None:
    assert read(RSS2) == [
        found(
            url="https://partner.example/usine?id=7",
            guid="partner-7",
            title="L’usine & la grève",
            summary="Premier. Deuxième\u00a0!",
            published=utc(2024, 5, 3, 8),
        )
    ]


def test_parse_feed_reads_atom_with_its_base() -> None:
    assert read(ATOM, "application/atom+xml", ("es", "ca")) == [
        found(
            url="https://revista.example/articulos/1",
            guid="urn:revista:1",
            title="Huelga & pan",
            summary="Resumen",
            published=utc(2024, 5, 3, 6),
            lang="es",
        )
    ]


def test_parse_feed_reads_spip_with_html_entities() -> None:
    assert read(SPIP) == [
        found(
            url="https://revue.example/Les-notes-un-art",
            guid="https://revue.example/Les-notes-un-art",
            title="Les notes\u00a0: un art",
            summary="Chapô",
            published=utc(2024, 5, 3, 10),
            authors=("Jeanne Exemple",),
        )
    ]


def test_parse_feed_reads_rss_1_and_0_91() -> None:
    assert read(RSS1) == [
        found(url="https://partner.example/1", guid="https://partner.example/1", title="Un", published=utc(2024, 5, 3))
    ]
    assert read(RSS091) == [found(url="https://partner.example/1", title="Un")]


# Feeds as they come


def test_parse_feed_makes_relative_links_absolute() -> None:
    assert [one.url for one in read(rss(item("/a/1") + item("b/2") + item("//www.partner.example/c")))] == [
        "https://partner.example/a/1",
        "https://partner.example/b/2",
        "https://www.partner.example/c",
    ]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://x.example/?a=1&b=2", "https://x.example/?a=1&b=2"),
        ("https://x.example/?a=1&copy=2&lt=3", "https://x.example/?a=1&copy=2&lt=3"),
        ("https://x.example/?a=1&amp;amp;b=2", "https://x.example/?a=1&b=2"),
        ("<![CDATA[https://x.example/?a=1&b=2]]>", "https://x.example/?a=1&b=2"),
        ("\n  https://x.example/d e  \n", "https://x.example/d%20e"),
    ],
)
def test_parse_feed_keeps_the_query_of_ill_formed_links(link: str, url: str) -> None:
    assert [one.url for one in read(rss(item(link, title="Pain & roses")))] == [url]


@pytest.mark.parametrize(
    ("declared", "content_type", "real"),
    [
        ("UTF-8", "text/xml; charset=iso-8859-1", "utf-8"),
        ("ISO-8859-1", "text/xml", "utf-8"),
        ("UTF-8", "text/xml", "latin-1"),
        ("ISO-8859-1", "text/xml", "latin-1"),
        ("windows-1252", "text/xml", "cp1252"),
        ("UTF-8", "application/rss+xml; charset=nonsense", "utf-8-sig"),
        ("utf-16", "text/xml", "utf-16"),
    ],
)
def test_parse_feed_finds_the_real_encoding(declared: str, content_type: str, real: str) -> None:
    text = rss(item("/1", title="Été à Besançon")).replace('"UTF-8"', f'"{declared}"')
    assert [one.title for one in read(text.encode(real), content_type)] == ["Été à Besançon"]


def test_parse_feed_survives_a_summary_cut_within_a_character() -> None:
    body = rss(item("/1", title="Été, première journée", extra="<description>CUT</description>")).encode()
    (one,) = read(body.replace(b"CUT", "année à Noé".encode()[:-1]))
    assert (one.title, one.summary) == ("Été, première journée", "année à No\ufffd")


def test_parse_feed_survives_control_characters_and_unclosed_ends() -> None:
    cut = rss(item("/1", title="Un\x0b\x00deux") + item("/2")).split("</channel>")[0]
    assert [(one.url, one.title) for one in read(cut.replace("\x00", "\x01"))] == [
        ("https://partner.example/1", "Undeux"),
        ("https://partner.example/2", "T"),
    ]


def test_parse_feed_warns_of_a_feed_that_is_not_well_formed() -> None:
    feed = parse_feed(rss(item("/1", extra="<description>a <b> c</description>")).encode(), FEED, "text/xml", ("fr",))
    assert [one.url for one in feed.found] == ["https://partner.example/1"]
    assert [warning.split(":", 2)[2].split(":")[0] for warning in feed.warnings] == [
        " the feed is not well-formed and was read tolerantly"
    ]


def test_parse_feed_passes_over_entries_without_a_web_address() -> None:
    links = ["", "javascript:alert(1)", "mailto:a@partner.example", "http://[::1", "http://u:p@partner.example/", "/1"]
    feed = parse_feed(rss("".join(map(item, links))).encode(), FEED, "text/xml", ("fr",))
    assert [one.url for one in feed.found][-1:] == ["https://partner.example/1"]
    assert len(feed.found) == 1
    assert feed.warnings == [f"{FEED}: 5 of 6 entries have no web address and were passed over"]


def test_parse_feed_takes_a_guid_that_is_an_address_where_there_is_no_link() -> None:
    one = '<item><title>T</title><guid isPermaLink="false">https://partner.example/7</guid></item>'
    assert [article.url for article in read(rss(one))] == ["https://partner.example/7"]


def test_parse_feed_of_an_empty_feed_says_so() -> None:
    feed = parse_feed(rss("").encode(), FEED, "text/xml", ("fr",))
    assert (feed.found, feed.warnings) == ([], [f"{FEED}: the feed has no entries"])


def test_parse_feed_of_a_very_long_feed_reads_its_beginning() -> None:
    for text in (
        rss("".join(item(f"/{n}") for n in range(1500))),
        ATOM.replace("</entry>", "</entry>" + "<entry>x</entry>" * 1500),
    ):
        feed = parse_feed(text.encode(), FEED, "text/xml", ("fr",))
        assert feed.warnings[0] == f"{FEED}: the feed is very long; only its first 1000 entries were read"
        assert feed.found[0].url in ("https://partner.example/0", "https://revista.example/articulos/1")
        assert len(feed.found) in (1, 1000)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("<a>" * 20_000, "nest without end"),
        ("<a " + "b='c' " * 20_000 + ">", "a tag without end"),
    ],
)
def test_parse_feed_of_a_feed_made_to_keep_us_busy_is_refused(damage: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(rss(damage))


@pytest.mark.parametrize(
    ("channel", "languages", "lang"),
    [
        ("<language>en-US</language>", ("fr",), "fr"),
        ("<language>pt-br</language>", ("es", "pt-BR"), "pt-BR"),
        ("", ("de",), "de"),
    ],
)
def test_parse_feed_believes_the_spec_before_the_feed(channel: str, languages: tuple[str, ...], lang: str) -> None:
    assert [one.lang for one in read(rss(item("/1"), channel), languages=languages)] == [lang]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "an empty answer"),
        (b"\xef\xbb\xbf \n", "an empty answer"),
        (b"<!DOCTYPE html><html><head><title>Acc&eacute;s</title>", "an HTML page titled “Accés”"),
        (b"<!-- c --><html>", "an HTML page"),
        (b'{"a": 1}', "JSON"),
        (b"%PDF-1.7", "a PDF file"),
        (b'<?xml version="1.0"?><urlset/>', "an XML document <urlset>"),
        (b"\x89PNG\r\n\x1a\n\x00", "a binary file"),
        (b"Service unavailable", "text beginning “Service unavailable”"),
    ],
)
def test_parse_feed_of_what_is_no_feed_says_what_it_looks_like(body: bytes, kind: str) -> None:
    assert looks_like(body) == kind
    with pytest.raises(SourceError) as caught:
        parse_feed(body, FEED)
    assert str(caught.value).startswith(f"{FEED}: this is no feed but {kind} — open the address in a browser")


def test_parse_feed_of_a_page_names_the_feeds_it_links_to() -> None:
    body = b"<html><link rel=alternate type='application/rss+xml' href='/rss.xml?a=1&amp;b=2'></html>"
    with pytest.raises(SourceError, match="the page names these feeds: https://partner.example/rss.xml\\?a=1&b=2"):
        parse_feed(body, FEED)


def test_parse_feed_never_opens_a_file_or_an_address(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(rss(item("/secret")))
    with running_site() as site:
        for body in (str(secret), secret.as_uri(), site.url("/x", "127.0.0.1")):
            with pytest.raises(SourceError, match="text beginning"):
                parse_feed(body.encode(), FEED)
        outside = (
            f'<!DOCTYPE rss [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY f SYSTEM "{site.url("/", "127.0.0.1")}">]>'
        )
        (one,) = read(rss(item("/1", title="a&e;&f;")).replace("<rss", outside + "<rss", 1))
        assert site.requests == []
    assert "secret" not in repr(one)


# Dates


@pytest.mark.parametrize(
    ("text", "language", "when"),
    [
        ("lun, 12 fév 2024 10:30:00 +0100", "fr", utc(2024, 2, 12, 9, 30)),
        ("Lundi 5 août 2024 à 14h30", "fr", utc(2024, 8, 5, 14, 30)),
        ("1er mai 2024", "fr", utc(2024, 5, 1)),
        ("Publié le 14 juillet 2023", "fr", utc(2023, 7, 14)),
        ("14/07/2023 18:05", "fr", utc(2023, 7, 14, 18, 5)),
        ("lun, 15 ene 2024 09:00:00 +0000", "es", utc(2024, 1, 15, 9)),
        ("12 de octubre de 2023", "es", utc(2023, 10, 12)),
        ("Mo, 4 Mär 2024 10:00:00 +0100", "de", utc(2024, 3, 4, 9)),
        ("3. März 2024, 12:15 Uhr", "de", utc(2024, 3, 3, 12, 15)),
        ("mar, 12 dic 2023 10:00:00 +0100", "it", utc(2023, 12, 12, 9)),
        ("5 de março de 2024", "pt", utc(2024, 3, 5)),
        ("Seg, 05 Fev 2024 10:00:00 -0300", "pt", utc(2024, 2, 5, 13)),
        ("Fri, 3 May 2024 10:00:00 GMT", "fr", utc(2024, 5, 3, 10)),
        ("2024-05-03T10:00:00+02:00", "fr", utc(2024, 5, 3, 8)),
        ("2024-05-03T10:00:00", "fr", utc(2024, 5, 3, 10)),
        ("hier", "fr", None),
        ("mai 2024", "fr", None),
        ("2024", "fr", None),
        ("0001-01-01T00:00:00+10:00", "fr", None),
        ("99999999999999", "fr", None),
        ("1 " * 500, "fr", None),
        ("", "fr", None),
        (None, "fr", None),
        ("12 février 2024", "xx-nonsense", utc(2024, 2, 12)),
    ],
)
def test_parse_date(text: object, language: str, when: datetime | None) -> None:
    assert parse_date(text, (language,)) == when


def test_parse_feed_reads_a_french_date() -> None:
    assert [one.published for one in read(rss(item("/1", "ven, 03 mai 2024 10:00:00 +0200")))] == [utc(2024, 5, 3, 8)]


@given(st.text(alphabet="0123456789 -/:.,TZ+hjfévraoût", max_size=30))
@settings(max_examples=60)
def test_parse_date_of_any_text_is_a_utc_time_or_none(text: str) -> None:
    when = parse_date(text, ("fr",))
    assert when is None or (when.utcoffset() == UTC.utcoffset(None) and 1900 <= when.year <= 2200)


# Links and texts


@pytest.mark.parametrize(
    ("link", "clean"),
    [
        ("/a?utm_source=x&id=3&fbclid=1&xtor=RSS-3&at_medium=r#top", "https://partner.example/a?id=3"),
        ("?utm_campaign=x", "https://partner.example/feed"),
        ("HTTPS://WWW.Partner.example:443/É?q=a%20b&Q=%2F", "https://www.partner.example/%C3%89?q=a%20b&Q=%2F"),
        ("https://partner.example/?attach=1&source=x&ref=y", "https://partner.example/?attach=1&source=x&ref=y"),
        ("ftp://partner.example/a", None),
        ("data:text/html,x", None),
        ("https://partner.example/" + "a" * 2000, None),
        ("", None),
        ("#", "https://partner.example/feed"),
    ],
)
def test_clean_link(link: str, clean: str | None) -> None:
    assert clean_link(link, FEED) == clean


@given(st.text(max_size=60))
def test_clean_link_is_http_and_clean_the_second_time(link: str) -> None:
    clean = clean_link(link, FEED)
    if clean is not None:
        assert httpx.URL(clean).scheme in ("http", "https")
        assert "#" not in clean
        assert clean_link(clean, FEED) == clean


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a <b>b</b>\n c", "a b c"),
        ("<p>Un</p><p>Deux<br>Trois</p>", "Un Deux Trois"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("AT&amp;T", "AT&T"),
        ("co\u00adopé\u200bra&shy;tive\u00a0!", "coopérative\u00a0!"),
        ("\ud800x&#xD800;&#0;", "x\ufffd\ufffd"),
        ("<style>p{}</style><!-- no -->ok", "ok"),
        (None, ""),
        ("mot " * 1000, ("mot " * 500).strip() + "…"),
    ],
)
def test_plain_text(markup: object, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text(alphabet="<>&;/!-pb \"'=\x00é\ud800", max_size=60))
def test_plain_text_of_anything_can_be_stored(markup: str) -> None:
    text = plain_text(markup)
    assert "\x00" not in text
    text.encode()


# WordPress


@pytest.mark.parametrize(
    "given_url",
    [
        "https://revista.example",
        "https://revista.example/",
        "https://revista.example/wp-json",
        "https://revista.example/wp-json/",
        "https://revista.example/wp-json/wp/v2/posts",
    ],
)
def test_posts_url_completes_the_address(given_url: str) -> None:
    assert posts_url(given_url) == (
        "https://revista.example/wp-json/wp/v2/posts?per_page=50&_fields=id%2Clink%2Cguid%2Ctitle%2Cexcerpt%2Cdate_gmt"
    )


def test_posts_url_keeps_a_query_of_ones_own() -> None:
    url = httpx.URL(posts_url("https://revista.example/?rest_route=/wp/v2/posts&categories=3&per_page=10"))
    assert url.path == "/"
    assert dict(url.params) == {
        "rest_route": "/wp/v2/posts",
        "categories": "3",
        "per_page": "10",
        "_fields": "id,link,guid,title,excerpt,date_gmt",
    }


POSTS = [
    {
        "id": 7,
        "date_gmt": "2024-05-03T10:00:00",
        "guid": {"rendered": "https://revista.example/?p=7"},
        "link": "https://revista.example/huelga/?utm_source=wp",
        "title": {"rendered": "La huelga &#8211; 1919 &#038; hoy"},
        "excerpt": {"rendered": "<p>Un resumen&nbsp;[&hellip;]</p>\n"},
    },
    {"id": 8, "link": "/relativo", "date_gmt": None},
    {"id": 9, "link": "mailto:x@y"},
    "no post",
]


def test_parse_posts_reads_what_it_can() -> None:
    feed = parse_posts(json.dumps(POSTS).encode(), "https://revista.example/wp-json/wp/v2/posts", ("es",))
    assert feed.found == [
        found(
            url="https://revista.example/huelga/",
            guid="https://revista.example/?p=7",
            title="La huelga – 1919 & hoy",
            summary="Un resumen\u00a0[…]",
            published=utc(2024, 5, 3, 10),
            lang="es",
        ),
        found(url="https://revista.example/relativo", guid="8", lang="es"),
    ]
    assert feed.warnings == [
        "https://revista.example/wp-json/wp/v2/posts: 2 of 4 posts have no web address and were passed over"
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"code": "rest_disabled", "message": "REST is <b>off</b>."}', "refuses the list of posts: REST is off."),
        (b'{"routes": {}}', "JSON, but no list of posts"),
        (b'[{"id": 1', "JSON that is damaged"),
        (b"[" * 100_000, "JSON that is damaged"),
        (b"<html><title>Hola</title>", "an HTML page titled “Hola”"),
        (b"\xff\xfe\x00", "a binary file"),
        (b"null", "no list of posts"),
    ],
)
def test_parse_posts_of_anything_else_says_what_came(body: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse_posts(body, "https://revista.example/wp-json/wp/v2/posts")


# All of it


def test_discover_sorts_merges_and_drops_what_is_old() -> None:
    site = FakeSite()
    other = "https://partner.example/autre"
    site.bodies[FEED] = rss(
        item("/old", "Mon, 01 Apr 2024 10:00:00 GMT")
        + item("/1?utm_source=a", "Wed, 01 May 2024 10:00:00 GMT", extra="<guid>same</guid>")
        + item("/3", "Fri, 03 May 2024 10:00:00 GMT", extra="<guid>same</guid>")
        + item("/undated", "")
        + item("/edge", "Wed, 10 Apr 2024 12:00:00 GMT")
    ).encode()
    site.bodies[other] = rss(item("/2", "Thu, 02 May 2024 10:00:00 GMT") + item("/1#x", "")).encode()
    result = discover(spec(FEED, other, max_age_days=30), site, {}, NOW)  # type: ignore[arg-type]
    base = "https://partner.example"
    assert result == Discovered(
        found=[
            found(url=f"{base}/3", title="T", published=utc(2024, 5, 3, 10)),
            found(url=f"{base}/2", title="T", published=utc(2024, 5, 2, 10)),
            found(url=f"{base}/1", title="T", published=utc(2024, 5, 1, 10)),
            found(url=f"{base}/edge", title="T", published=utc(2024, 4, 10, 12)),
            found(url=f"{base}/undated", title="T"),
        ],
        visits=[FeedVisit(FEED, "", ""), FeedVisit(other, "", "")],
        unchanged=False,
        warnings=[],
    )


@pytest.mark.parametrize(("kind", "asked"), [("feed", FEED), ("wp-json", posts_url(FEED))])
def test_discover_sends_validators_back_and_tells_when_nothing_changed(kind: str, asked: str) -> None:
    site = FakeSite()
    site.bodies[asked] = (rss(item("/1")) if kind == "feed" else json.dumps(POSTS)).encode()
    site.etags[asked] = '"v1"'
    first = discover(spec(kind=kind), site, {}, NOW)  # type: ignore[arg-type]
    again = discover(spec(kind=kind), site, {v.url: (v.etag, v.last_modified) for v in first.visits}, NOW)  # type: ignore[arg-type]
    assert (first.visits, first.unchanged, len(first.found) > 0) == ([FeedVisit(FEED, '"v1"', "")], False, True)
    assert again == Discovered([], [FeedVisit(FEED, '"v1"', "")], True, [])
    assert site.asked == [(asked, "", ""), (asked, '"v1"', "")]


def test_discover_with_one_feed_failing_warns_and_is_not_unchanged() -> None:
    site = FakeSite()
    gone = "https://partner.example/gone"
    site.bodies[FEED], site.etags[FEED] = rss(item("/1")).encode(), '"v1"'
    result = discover(spec(gone, FEED), site, {FEED: ('"v1"', "")}, NOW)  # type: ignore[arg-type]
    assert result == Discovered([], [FeedVisit(FEED, '"v1"', "")], False, [f"{gone}: the site answers 404"])


def test_discover_with_all_feeds_failing_raises_the_one_worth_retrying() -> None:
    site = FakeSite()
    busy = "https://partner.example/busy"
    site.bodies[busy] = FetchError("busy", subject=busy, retryable=True)
    with pytest.raises(PageGone):
        discover(spec(), site, {}, NOW)  # type: ignore[arg-type]
    with pytest.raises(FetchError, match="busy"):
        discover(spec(FEED, busy), site, {}, NOW)  # type: ignore[arg-type]


def test_discover_over_the_network_of_a_feed_that_has_not_changed() -> None:
    with running_site() as site, Fetcher("x", resolve=lambda host, port: ["127.0.0.1"]) as fetcher:
        url = site.url("/feed")
        site.pages["/feed"] = with_etag(rss(item("/1")).encode(), '"7"', "Fri, 03 May 2024 10:00:00 GMT")
        allowed = {"fetch": Fetch(delay=0, allow_private=(f"partner.example:{site.port}",))}
        here = spec(url).model_copy(update=allowed)
        first = discover(here, fetcher, {}, NOW)
        visit = FeedVisit(url, '"7"', "Fri, 03 May 2024 10:00:00 GMT")
        assert [(one.url, one.published) for one in first.found] == [(site.url("/1"), utc(2024, 5, 3, 8))]
        assert first.visits == [visit]
        again = discover(here, fetcher, {url: (visit.etag, visit.last_modified)}, NOW)
        assert again == Discovered([], [visit], True, [])
        with pytest.raises(FetchRefused):
            discover(spec(url), fetcher, {}, NOW)


SAMPLES = [text.encode() for text in (RSS2, ATOM, SPIP, RSS1, RSS091)]
PIECES = [b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"\x00", b"\xff", b"<html>"]
PIECES += [b"&#x0;", b"<item>", b"</item>", b"<?xml version='1.0' encoding='utf-7'?>", b'"', b"<!--", b"\xed\xa0\x80"]
PIECES += [b"http://[", b"0000"]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 40))
        body[at : at + length] = draw(
            st.sampled_from(PIECES) | st.binary(max_size=8) | st.just(bytes(body[at : at + 200]))
        )
    return bytes(body[: draw(st.integers(0, len(body)) | st.just(len(body)))])


@pytest.mark.slow
@given(mutated(), st.sampled_from(["text/xml", "application/atom+xml; charset=utf-16", "", "text/html; charset=;"]))
@example(b"<rss version='2.0'><channel>" + b"<a>" * 20_000, "text/xml")
@settings(max_examples=200)
def test_discover_of_a_mutated_feed_finds_clean_articles_or_raises_source_error(body: bytes, content_type: str) -> None:
    site = FakeSite()
    site.bodies[FEED], site.types[FEED] = body, content_type
    try:
        result = discover(spec(), site, {}, NOW)  # type: ignore[arg-type]
    except SourceError:
        return
    for article in result.found:
        assert article.url == clean_link(article.url)
        assert article.published is None or article.published.utcoffset() == timedelta(0)
        json.dumps([article.title, article.summary, article.guid]).encode()
        (article.title + article.summary + article.guid).encode()
