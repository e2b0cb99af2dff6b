"""The lists of a static site: their pages, feeds, sitemaps, and what a search reads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from tests.unit.publishers.sites import ATOM, BASE, STRIKE, another, check_whole, files, site_in, tree_of, words

from ivpipe.model import Block, BlockType
from ivpipe.publishers.static_site import StaticSite, listings
from ivpipe.publishers.static_site.entries import list_links
from ivpipe.publishers.static_site.search import LIMIT, fold, searchable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def site(tmp_path: Path) -> StaticSite:
    return site_in(tmp_path)


def titles(path: Path) -> list[str]:
    return [words(link) for link in tree_of(path).xpath("//ol[@class='rows']//a")]


def test_index_and_feed_show_the_newest_first(tmp_path: Path, folder: Path) -> None:
    site = site_in(tmp_path, feed_items=2, index_items=3)
    for number in (3, 1, 4, 2, 400):
        page = another(number)
        site.upsert(page.key, page)
    index = tree_of(folder / "index.html")
    assert [words(h2) for h2 in index.xpath("//article//h2")] == ["Article 1 en", "Article 2 en", "Article 3 en"]
    first = index.find(".//article/div")
    assert [words(element) for element in first] == [
        "Brittany",
        "Article 1 en",
        "After nine years of wage cuts, the dockers have had enough.",
        "21 June 2026 · Claire Morvan, Yann Le Goff · La Semaine",
    ]
    assert titles(folder / "en/archive/2026/index.html") == [f"Article {n} en" for n in (1, 2, 3, 4)]
    assert titles(folder / "en/archive/2025/index.html") == ["Article 400 en"]
    feed = etree.fromstring((folder / "feed.xml").read_bytes())
    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == ["Article 1 en", "Article 2 en"]
    assert feed.xpath("a:entry/a:id/text()", namespaces=ATOM) == [BASE + f"en/article-{n}.html" for n in (1, 2)]
    assert feed.xpath("a:updated/text()", namespaces=ATOM) == ["2026-06-21T09:30:00+00:00"]
    assert feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [BASE + "feed.xml"]
    content = lxml_html.fromstring(feed.xpath("a:entry/a:content/text()", namespaces=ATOM)[0])
    assert "Translated by The Ferry from La Semaine." in words(content)
    check_whole(folder)


def test_feeds_say_the_same_in_three_formats(site: StaticSite, folder: Path) -> None:
    page = replace(STRIKE, keywords=("strike", "ports"))
    site.upsert(page.key, page)
    url = BASE + "en/the-cranes-stand-still.html"
    rss = etree.fromstring((folder / "en/rss.xml").read_bytes()).find("channel")
    item = rss.find("item")
    assert [item.findtext(name) for name in ("title", "link", "guid", "pubDate", "description")] == [
        "The cranes stand still",
        url,
        url,
        "Mon, 22 Jun 2026 09:30:00 +0000",
        "After nine years of wage cuts, the dockers have had enough.",
    ]
    assert [category.text for category in item.iter("category")] == ["strike", "ports"]
    feed = json.loads((folder / "en/feed.json").read_text())
    atom = etree.fromstring((folder / "en/feed.xml").read_bytes())
    content = feed["items"][0].pop("content_html")
    assert content == atom.findtext("a:entry/a:content", namespaces=ATOM)
    assert content == item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Ferry",
        "description": "Carried across",
        "home_page_url": BASE + "en/",
        "feed_url": BASE + "en/feed.json",
        "language": "en",
        "items": [
            {
                "id": url,
                "url": url,
                "external_url": "https://semaine.example/port?a=1&b=2",
                "title": "The cranes stand still",
                "summary": "After nine years of wage cuts, the dockers have had enough.",
                "date_published": "2026-06-22T09:30:00+00:00",
                "date_modified": "2026-06-23T07:00:00+00:00",
                "authors": [{"name": "Claire Morvan"}, {"name": "Yann Le Goff"}],
                "tags": ["strike", "ports"],
                "language": "en",
            }
        ],
    }


def test_front_page_of_an_empty_site(site: StaticSite, folder: Path) -> None:
    site.withdraw(site.upsert(STRIKE.key, STRIKE))
    assert sorted(files(folder)) == [
        "404.html",
        "feed.json",
        "feed.xml",
        "index.html",
        "news-sitemap.xml",
        "rss.xml",
        "sitemap.xml",
        "sitemaps/fronts.xml",
        "static/search.js",
        "static/site.css",
    ]
    assert words(tree_of(folder / "index.html").find_class("empty")[0]) == "Nothing has been published yet."
    check_whole(folder)


def test_an_article_stands_in_a_list_of_each_kind_and_links_to_it(site: StaticSite, folder: Path) -> None:
    page = replace(
        STRIKE,
        edition="Ferry 12 – June 2026",
        country="Brittany",
        section="Labour",
        keywords=("strike", "Ports & docks"),
    )
    site.upsert(page.key, page)
    article = tree_of(folder / "en/the-cranes-stand-still.html").find(".//article")
    links = {words(link): link.get("href") for link in article.iter("a") if "index.html" in link.get("href")}
    assert links == {
        "Brittany": "country/brittany/index.html",
        "Claire Morvan": "author/claire-morvan/index.html",
        "Yann Le Goff": "author/yann-le-goff/index.html",
        "Ferry 12 – June 2026": "edition/ferry-12-june-2026/index.html",
        "Labour": "section/labour/index.html",
        "strike": "keyword/strike/index.html",
        "Ports & docks": "keyword/ports-docks/index.html",
        "La Semaine": "partner/la-semaine/index.html",
    }
    for name, link in links.items():
        listed = tree_of(folder / "en" / link)
        assert words(listed.find(".//h1")) == name
        assert "../../the-cranes-stand-still.html" in listed.xpath("//main//a/@href") or (
            "../../../en/the-cranes-stand-still.html" in listed.xpath("//main//a/@href")
        )
    overview = tree_of(folder / "en/author/index.html")
    assert [words(item) for item in overview.xpath("//main//li")] == ["Claire Morvan 1", "Yann Le Goff 1"]
    front = tree_of(folder / "en/index.html").find_class("kinds")[0]
    assert [words(link) for link in front.iter("a")] == [
        "Numbers",
        "Countries",
        "Sections",
        "Authors",
        "Sources",
        "Keywords",
        "Archive",
        "Search",
    ]
    check_whole(folder)


def test_an_article_that_leaves_a_list_leaves_nothing_behind(site: StaticSite, folder: Path) -> None:
    site.upsert(STRIKE.key, STRIKE)
    before = files(folder)
    site.upsert(STRIKE.key, replace(STRIKE, country="Quimper", byline=("Else",), keywords=("x",), edition="N 1"))
    assert (folder / "en/edition/n-1/index.html").is_file()
    check_whole(folder)
    site.upsert(STRIKE.key, STRIKE)
    assert files(folder) == before


def test_names_that_differ_in_writing_only_are_one_list() -> None:
    page = replace(STRIKE, byline=("Yann Le Goff", "Yann  le Goff", " ", "***"))
    assert list_links(page, "author") == [("author/yann-le-goff", "Yann Le Goff"), ("author/596f4162a52f", "***")]


@pytest.mark.slow
def test_pages_of_a_list_are_counted_from_the_oldest(tmp_path: Path, folder: Path) -> None:
    site = site_in(tmp_path, list_items=10)
    pages = {number: another(number) for number in range(1, 36)}
    for number in range(35, 1, -1):
        site.upsert(pages[number].key, pages[number])
    author = folder / "en/author/claire-morvan"
    assert titles(author / "index.html") == [f"Article {n} en" for n in range(2, 16)]
    assert titles(author / "2.html") == [f"Article {n} en" for n in range(16, 26)]
    assert titles(author / "1.html") == [f"Article {n} en" for n in range(26, 36)]
    before = files(folder)
    site.upsert(pages[1].key, pages[1])
    after = files(folder)
    changed = {name for name in after if before.get(name) != after[name]}
    assert not [name for name in changed if name.endswith(("/1.html", "/2.html"))]
    links = [tree_of(author / f"{name}.html").xpath("//nav[@class='pages']//a/@href") for name in ("index", "2", "1")]
    assert links == [["2.html"], ["index.html", "1.html"], ["2.html"]]
    check_whole(folder)


@pytest.mark.slow
def test_lists_grow_and_shrink_to_the_same_files_as_written_anew(tmp_path: Path) -> None:
    """What is written step by step is what would be written at once, whatever came and went."""
    site = site_in(tmp_path / "steps", list_items=10, feed_items=3, index_items=3)
    for number in [*range(1, 46, 2), *range(44, 0, -2)]:
        page = another(number, country="Ports" if number % 3 else "Quays")
        site.upsert(page.key, page)
    for number in (1, 44, 20, *range(30, 42)):
        site.withdraw(site.find(f"ivpipe-{number}-en"))  # type: ignore[arg-type]
    moved = another(2, country="Quays", published_at=STRIKE.published_at - timedelta(days=600))
    site.upsert(moved.key, moved)
    check_whole(site.folder.root)
    steps = files(site.folder.root)
    site.rebuild()
    assert files(site.folder.root) == steps


@pytest.mark.slow
def test_a_change_of_settings_writes_the_site_anew_with_the_next_page(tmp_path: Path, folder: Path) -> None:
    for number in range(2, 30):
        page = another(number)
        site_in(tmp_path, list_items=10).upsert(page.key, page)
    assert (folder / "en/author/claire-morvan/1.html").is_file()
    site = site_in(tmp_path, title="Renamed")
    site.upsert(another(1).key, another(1))
    assert not (folder / "en/author/claire-morvan/1.html").exists()
    assert tree_of(folder / "en/article-9.html").findtext(".//title") == "Article 9 en – Renamed"
    check_whole(folder)


def test_sitemaps_list_every_article_by_language_and_year(site: StaticSite, folder: Path) -> None:
    for number in (1, 2, 400):
        site.upsert(another(number).key, another(number))

    def locations(name: str) -> list[str]:
        return etree.fromstring((folder / name).read_bytes()).xpath("//*[local-name()='loc']/text()")

    assert locations("sitemap.xml") == [BASE + f"sitemaps/{name}.xml" for name in ("fronts", "en-2025", "en-2026")]
    assert locations("sitemaps/en-2026.xml") == [BASE + f"en/article-{n}.html" for n in (1, 2)]
    assert locations("sitemaps/fronts.xml") == [BASE, BASE + "en/"]


def test_news_sitemap_holds_the_last_two_days(site: StaticSite, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 6, 22, 12, tzinfo=UTC)
    monkeypatch.setattr(site, "now", lambda: now)
    for number in (1, 2, 3):
        site.upsert(another(number).key, another(number))
    news = etree.fromstring((folder / "news-sitemap.xml").read_bytes())
    assert news.xpath("//*[local-name()='loc']/text()") == [BASE + "en/article-1.html"]
    assert news.xpath("//*[local-name()='title']/text()") == ["Article 1 en"]


def test_robots_where_the_site_has_a_host_of_its_own(tmp_path: Path) -> None:
    site = site_in(tmp_path, base_url="https://ferry.example/")
    site.upsert(STRIKE.key, STRIKE)
    assert (tmp_path / "site/robots.txt").read_text() == (
        "User-agent: *\nDisallow: /_ivpipe/\n\n"
        "Sitemap: https://ferry.example/sitemap.xml\nSitemap: https://ferry.example/news-sitemap.xml\n"
    )


def test_search_reads_parts_of_bounded_size(site: StaticSite, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "SEARCH_PART", 3)
    for number in range(8, 0, -1):
        site.upsert(another(number).key, another(number))
    parts = {path.name: json.loads(path.read_text()) for path in (folder / "en/search").glob("*.json")}
    assert {name: (part["older"], [row[1] for row in part["articles"]]) for name, part in parts.items()} == {
        "latest.json": (1, [f"Article {n} en" for n in (1, 2, 3, 4, 5)]),
        "1.json": (0, [f"Article {n} en" for n in (6, 7, 8)]),
    }
    path, title, about, day, text = parts["1.json"]["articles"][0]
    assert (path, title, about, day) == (
        "../../en/article-6.html",
        "Article 6 en",
        "Brittany · Claire Morvan, Yann Le Goff · La Semaine",
        "16 June 2026",
    )
    assert text.startswith(
        "article 6 en brittany after nine years of wage cuts the dockers have had enough claire morvan"
    )


def test_searchable_text_has_labels_then_the_words_used_most() -> None:
    blocks = (
        Block(BlockType.PARAGRAPH, "Éléphants, éléphants! The <em>gate</em> of the port; the gate."),
        Block(BlockType.TABLE, "<table><tr><td>gate</td><td>wharf</td></tr></table>"),
    )
    page = replace(
        STRIKE, byline=("Zoé",), document=replace(STRIKE.document, blocks=blocks, kicker="", standfirst="So.")
    )
    assert searchable(page) == "the cranes stand still so zoe la semaine gate elephants port wharf"


@given(st.lists(st.text(), max_size=40))
def test_searchable_text_is_bounded_and_folded(paragraphs: list[str]) -> None:
    blocks = tuple(Block(BlockType.PARAGRAPH, text) for text in paragraphs)
    text = searchable(replace(STRIKE, document=replace(STRIKE.document, blocks=blocks)))
    assert len(text) <= LIMIT
    assert text.split() == list(dict.fromkeys(text.split()))
    assert fold(text) == text
