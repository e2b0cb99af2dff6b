from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from ivpipe.errors import SourceError
from ivpipe.sources import sitemaps
from ivpipe.sources.found import Found
from ivpipe.sources.sitemaps import MAX_ENTRIES, parse_sitemap

URL = "https://partner.example/sitemap.xml"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)
NEWS = f"""{HEAD}<url><loc>https://partner.example/greve?utm_source=x&copy=1</loc><lastmod>2024-05-09</lastmod>
<image:image><image:loc>https://partner.example/photo.jpg</image:loc><image:title>Photo</image:title></image:image>
<news:news><news:publication><news:name>Partner</news:name><news:language>fr</news:language></news:publication>
<news:publication_date>2024-05-03T10:00:00+02:00</news:publication_date><news:title>La grève &amp; le port</news:title>
<news:keywords>Social, Ports, Social</news:keywords></news:news></url></urlset>"""


def test_news_sitemap_tells_title_date_and_keywords() -> None:
    feed = parse_sitemap(NEWS.encode(), URL, ("fr", "en"))
    assert feed.found == [
        Found(
            url="https://partner.example/greve?copy=1",
            guid="",
            title="La grève & le port",
            summary="",
            published=datetime(2024, 5, 3, 8, tzinfo=UTC),
            lang="fr",
            sections=("Social", "Ports"),
        )
    ]
    assert (feed.warnings, feed.parts) == ([], ())


def test_ordinary_sitemap_tells_when_pages_changed_and_passes_over_what_has_no_date() -> None:
    body = f"""{HEAD}<url><loc>https://partner.example/</loc><lastmod>2024-05-09</lastmod></url>
    <url><loc>/un</loc><lastmod>2024-05-08</lastmod></url><url><loc>/deux</loc></url>
    <url><lastmod>2024-05-08</lastmod></url>
    </urlset>"""
    feed = parse_sitemap(body.encode(), URL, ("fr",))
    assert [(one.url, one.published, one.changed) for one in feed.found] == [
        ("https://partner.example/un", None, datetime(2024, 5, 8, tzinfo=UTC))
    ]
    assert feed.warnings == [
        f"{URL}: 1 of 4 addresses have no date and were passed over",
        f"{URL}: 1 of 4 entries have no web address and were passed over",
    ]


def test_what_is_too_old_is_left_out() -> None:
    rows = "".join(f"<url><loc>/{day}</loc><lastmod>2024-05-{day:02}</lastmod></url>" for day in range(1, 11))
    feed = parse_sitemap(f"{HEAD}{rows}</urlset>".encode(), URL, (), datetime(2024, 5, 9, tzinfo=UTC))
    assert [one.url for one in feed.found] == ["https://partner.example/9", "https://partner.example/10"]


def test_index_names_its_parts() -> None:
    body = """<sitemapindex><sitemap><loc>https://partner.example/2024-05.xml.gz</loc><lastmod>2024-05-09T10:00:00Z</lastmod>
    </sitemap><sitemap><loc>https://partner.example/pages.xml</loc></sitemap></sitemapindex>"""
    feed = parse_sitemap(body.encode(), URL)
    assert feed.found == []
    assert feed.parts == (
        ("https://partner.example/2024-05.xml.gz", datetime(2024, 5, 9, 10, tzinfo=UTC)),
        ("https://partner.example/pages.xml", None),
    )


def test_packed_sitemap_is_unpacked_and_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_EXPANDED", 100_000)
    assert len(parse_sitemap(gzip.compress(NEWS.encode()), URL, ("fr",)).found) == 1
    with pytest.raises(SourceError, match="expands to more than"):
        parse_sitemap(gzip.compress(b" " * (100_001)), URL)
    with pytest.raises(SourceError, match="damaged"):
        parse_sitemap(b"\x1f\x8b" + b"nonsense", URL)


@pytest.mark.parametrize(
    ("body", "what"),
    [(b"<html><title>Accueil</title></html>", "an HTML page"), (b"", "an empty answer"), (b"{}", "JSON"),
     (b"<rss><channel/></rss>", "an XML document <rss>")],
)  # fmt: skip
def test_what_is_no_sitemap_is_named(body: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=f"no sitemap but {what}"):
        parse_sitemap(body, URL)


def test_truncated_sitemap_is_read_as_far_as_it_goes() -> None:
    whole = HEAD + "".join(f"<url><loc>/{n}</loc><lastmod>2024-05-08</lastmod></url>" for n in range(10))
    assert len(parse_sitemap(whole[:-30].encode(), URL).found) == 9


def test_endless_sitemap_is_cut() -> None:
    body = HEAD + "<url><loc>/a</loc></url>" * (MAX_ENTRIES + 5)
    assert parse_sitemap(body.encode(), URL).warnings[-1] == (
        f"{URL}: the sitemap is too long; only its first {MAX_ENTRIES} entries were read"
    )


def test_entities_are_not_expanded_and_files_not_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret"
    secret.write_text("https://partner.example/secret")
    body = f"""<!DOCTYPE urlset [<!ENTITY file SYSTEM "{secret.as_uri()}"><!ENTITY aa "aaaaaaaaaa"><!ENTITY bb "{"&aa;" * 50}">
    <!ENTITY cc "{"&bb;" * 50}"><!ENTITY dd "{"&cc;" * 50}"><!ENTITY ee "{"&dd;" * 50}">]>
    <urlset><url><loc>&file;</loc><lastmod>2024-05-08</lastmod></url><url><loc>/&ee;</loc><lastmod>2024-05-08</lastmod></url>
    </urlset>"""
    found = parse_sitemap(body.encode(), URL).found
    assert all("secret" not in one.url and len(one.url) < 200 for one in found)
