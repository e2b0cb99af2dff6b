"""The static site: what stands in its files, and that they are whole whatever happens."""

from __future__ import annotations

import json
import os
import re
import resource
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from lxml import etree
from lxml import html as lxml_html
from pydantic import ValidationError

from ivpipe.errors import PublishError
from ivpipe.model import Block, BlockType, Document, Image, Magazine, Note, Page
from ivpipe.publishers import RemoteRef
from ivpipe.publishers.static_site import StaticSite, StaticSiteSettings
from ivpipe.publishers.static_site.labels import _WORDS, labels, language_name
from ivpipe.text.dates import long_date

BASE = "https://ferry.example/read/"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAGAZINE = Magazine(
    name="The Ferry",
    url="https://ferry.example/",
    languages=("en", "fr"),
    tagline="Carried across",
    copyright="© The Ferry",
)
REF = '<sup class="note-ref" data-note="{0}">{0}</sup>'

STRIKE = Page(
    key="ivpipe-1-en",
    slug="the-cranes-stand-still",
    lang="en",
    revision=3,
    document=Document(
        url="https://semaine.example/port",
        title="The cranes stand <em>still</em>",
        lang="en",
        kicker="Brittany",
        standfirst=f"After nine years of wage cuts, the dockers have had enough.{REF.format(1)}",
        blocks=(
            Block(BlockType.PARAGRAPH, "Nobody has crossed the gate since Monday, and nobody means to."),
            Block(BlockType.HEADING, "A fund that does not say its name", level=2),
            Block(
                BlockType.PARAGRAPH,
                f'The <a href="https://semaine.example/fund">fund</a> pays for bread.{REF.format(2)}',
            ),
            Block(BlockType.HEADING, "What comes after", level=2),
            Block(BlockType.QUOTE, "We shall see.", quoted=True),
            Block(BlockType.FIGURE, "The quay on Monday.", image=0),
        ),
        notes=(Note("1", "Figures of the union."), Note("2", "Accounts of 11 June.")),
        images=(Image("https://semaine.example/quay.jpg", "Empty quay", "", "Photo: A. Le Goff"),),
    ),
    byline=("Claire Morvan", "Yann Le Goff"),
    translator="",
    attribution_html="Translated by <strong>The Ferry</strong> from <strong>La Semaine</strong>.",
    postscript_html='If you like this article, please <a href="https://ferry.example/donate">donate</a>.',
    copyright="Copyright © The Ferry – All rights reserved",
    licence="",
    magazine="The Ferry",
    partner="La Semaine",
    partner_url="https://semaine.example/",
    original_url="https://semaine.example/port?a=1&b=2",
    original_lang="fr",
    original_title="Les grues ne bougent plus",
    original_published="2026-06-12T08:00:00+02:00",
    published_at=datetime(2026, 6, 22, 9, 30, tzinfo=UTC),
    updated_at=datetime(2026, 6, 23, 7, 0, tzinfo=UTC),
)


def another(number: int, lang: str = "en", **changes: Any) -> Page:
    day = STRIKE.published_at - timedelta(days=number)
    document = replace(STRIKE.document, lang=lang, title=f"Article {number} {lang}")
    values = {"published_at": day, "updated_at": day, "slug": f"article-{number}", "document": document, **changes}
    return replace(STRIKE, key=f"ivpipe-{number}-{lang}", lang=lang, **values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "site"


def site_in(data: Path, magazine: Magazine = MAGAZINE, **settings: Any) -> StaticSite:
    return StaticSite(StaticSiteSettings(base_url=BASE, **settings), slug="web", magazine=magazine, data_dir=data)


@pytest.fixture
def site(tmp_path: Path) -> StaticSite:
    return site_in(tmp_path)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tree_of(path: Path) -> Any:
    return lxml_html.fromstring(path.read_text(encoding="utf-8"))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def check_whole(folder: Path) -> None:
    """Every file a reader can get is whole, and every link inside the site leads somewhere."""
    for path in folder.rglob("*"):
        if "_ivpipe" in path.parts or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".xml":
            etree.fromstring(text.encode())
        if path.suffix != ".html":
            continue
        assert text.endswith("</html>\n")
        page = lxml_html.fromstring(text)
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        address = BASE + path.relative_to(folder).as_posix()
        for link in page.xpath("//a/@href | //link[@rel='stylesheet']/@href"):
            whole = urlsplit(urljoin(address, link))
            if whole.netloc == "ferry.example" and whole.path.startswith("/read/"):
                target = folder / unquote(whole.path.removeprefix("/read/"))
                assert target.is_file(), f"{path}: {link}"
                assert not whole.fragment or target != path or whole.fragment in ids


def test_article_page_stands_as_a_magazine_prints_it(site: StaticSite, folder: Path) -> None:
    ref = site.upsert(STRIKE.key, STRIKE)
    assert ref.url == BASE + "en/the-cranes-stand-still.html"
    page = tree_of(folder / "en/the-cranes-stand-still.html")
    article = page.find(".//article")
    parts = [
        (element.get("class") or element.tag, words(element))
        for element in article.iter("p", "h1", "h2", "li", "figcaption")
    ]
    assert parts == [
        ("kicker", "Brittany"),
        ("h1", "The cranes stand still"),
        ("standfirst", "After nine years of wage cuts, the dockers have had enough.1"),
        ("byline", "By Claire Morvan, Yann Le Goff"),
        ("dates", "Published 22 June 2026 · Updated 23 June 2026"),
        ("p", "Nobody has crossed the gate since Monday, and nobody means to."),
        ("h2", "A fund that does not say its name"),
        ("p", "The fund pays for bread.2"),
        ("h2", "What comes after"),
        ("p", "We shall see."),
        ("figcaption", "The quay on Monday. Photo: A. Le Goff"),
        ("original-date", "12 June 2026"),
        ("h2", "Notes"),
        ("li", "Figures of the union. ↩"),
        ("li", "Accounts of 11 June. ↩"),
        ("credit-line", "Translated by The Ferry from La Semaine."),
        ("source", "Original article https://semaine.example/port?a=1&b=2"),
        ("postscript", "P.S. If you like this article, please donate."),
        ("copyright", "Copyright © The Ferry – All rights reserved"),
    ]
    assert [words(strong) for strong in article.find_class("credit-line")[0].iter("strong")] == [
        "The Ferry",
        "La Semaine",
    ]
    assert article.find_class("source")[0].find("a").get("href") == "https://semaine.example/port?a=1&b=2"
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    assert page.findtext(".//title") == "The cranes stand still – The Ferry"
    assert list(page.iter("img")) == []
    check_whole(folder)


def test_article_page_tells_machines_what_it_is(site: StaticSite, folder: Path) -> None:
    site.upsert(STRIKE.key, STRIKE)
    page = tree_of(folder / "en/the-cranes-stand-still.html")
    url = BASE + "en/the-cranes-stand-still.html"
    source = "https://semaine.example/port?a=1&b=2"
    people = [{"@type": "Person", "name": "Claire Morvan"}, {"@type": "Person", "name": "Yann Le Goff"}]
    house = {"@type": "Organization", "name": "The Ferry", "url": "https://ferry.example/"}
    assert json.loads(page.findtext(".//script")) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": "The cranes stand still",
        "description": "After nine years of wage cuts, the dockers have had enough.",
        "inLanguage": "en",
        "datePublished": "2026-06-22T09:30:00+00:00",
        "dateModified": "2026-06-23T07:00:00+00:00",
        "author": people,
        "translator": house,
        "publisher": house,
        "isBasedOn": source,
        "translationOfWork": {
            "@type": "NewsArticle",
            "@id": source,
            "url": source,
            "headline": "Les grues ne bougent plus",
            "inLanguage": "fr",
            "datePublished": "2026-06-12",
            "author": people,
            "publisher": {"@type": "Organization", "name": "La Semaine", "url": "https://semaine.example/"},
        },
        "copyrightNotice": "Copyright © The Ferry – All rights reserved",
    }
    links = [(link.get("rel"), link.get("hreflang"), link.get("href")) for link in page.iter("link")]
    assert links[:3] == [("canonical", None, url), ("alternate", "en", url), ("alternate", "fr", source)]
    assert {meta.get("property"): meta.get("content") for meta in page.iter("meta") if meta.get("property")} == {
        "og:type": "article",
        "og:site_name": "The Ferry",
        "og:title": "The cranes stand still",
        "og:description": "After nine years of wage cuts, the dockers have had enough.",
        "og:url": url,
        "article:published_time": "2026-06-22T09:30:00+00:00",
        "article:modified_time": "2026-06-23T07:00:00+00:00",
    }
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"]
    assert page.xpath("//*[@style] | //style") == []


def test_linked_data_cannot_end_its_script(site: StaticSite, folder: Path) -> None:
    title = "&lt;/script&gt;&lt;!--&lt;script&gt;\u2028"
    site.upsert(STRIKE.key, replace(STRIKE, document=replace(STRIKE.document, title=title), translator="</script>"))
    text = (folder / "en/the-cranes-stand-still.html").read_text(encoding="utf-8")
    script = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert len(script) == 1
    assert "<" not in script[0]
    assert json.loads(script[0])["translator"] == {"@type": "Person", "name": "</script>"}
    assert json.loads(script[0])["headline"] == "</script><!--<script>"


def test_original_date_is_not_said_twice_where_the_text_is_signed_with_it(site: StaticSite, folder: Path) -> None:
    signed = replace(STRIKE.document, blocks=(Block(BlockType.PARAGRAPH, "Brest, 12 June 2026", role="signature"),))
    site.upsert(STRIKE.key, replace(STRIKE, document=signed))
    assert tree_of(folder / "en/the-cranes-stand-still.html").find_class("original-date") == []


@pytest.mark.parametrize("date", ["", "June", "2026", "0000-00-00"])
def test_an_original_date_that_is_none_is_left_out(site: StaticSite, folder: Path, date: str) -> None:
    site.upsert(STRIKE.key, replace(STRIKE, original_published=date))
    assert tree_of(folder / "en/the-cranes-stand-still.html").find_class("original-date") == []


def test_pictures_are_shown_only_if_asked_for(tmp_path: Path, folder: Path) -> None:
    site_in(tmp_path, pictures=True).upsert(STRIKE.key, STRIKE)
    page = tree_of(folder / "en/the-cranes-stand-still.html")
    assert [(i.get("src"), i.get("alt")) for i in page.iter("img")] == [
        ("https://semaine.example/quay.jpg", "Empty quay")
    ]
    assert "img-src 'self' data: https: http:" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_licence_address_is_a_link(site: StaticSite, folder: Path) -> None:
    site.upsert(STRIKE.key, replace(STRIKE, licence="https://licences.example/by/4.0/"))
    link = tree_of(folder / "en/the-cranes-stand-still.html").find_class("licence")[0].find("a")
    assert (link.get("rel"), link.get("href")) == ("license", "https://licences.example/by/4.0/")


def test_right_to_left_page(site: StaticSite, folder: Path) -> None:
    ref = site.upsert("ivpipe-5-ar", another(5, "ar", slug="عمال الميناء"))
    assert ref.url == BASE + "ar/%D8%B9%D9%85%D8%A7%D9%84-%D8%A7%D9%84%D9%85%D9%8A%D9%86%D8%A7%D8%A1.html"
    page = tree_of(folder / "ar/عمال-الميناء.html")
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert words(page.find_class("notes")[0].find("h2")) == "الهوامش"
    check_whole(folder)


def test_languages_of_an_article_link_to_each_other_while_both_are_live(site: StaticSite, folder: Path) -> None:
    french = another(1, "fr", slug="les-grues")
    alone = files(folder) if site.upsert(STRIKE.key, STRIKE) else {}
    ref = site.upsert(french.key, french)
    for path, other, name in (
        ("en/the-cranes-stand-still.html", "fr/les-grues.html", "Français"),
        ("fr/les-grues.html", "en/the-cranes-stand-still.html", "English"),
    ):
        page = tree_of(folder / path)
        link = page.find_class("languages")[0].find("a")
        assert (link.get("href"), link.text) == ("../" + other, name)
        assert BASE + other in page.xpath("//link[@rel='alternate']/@href")
    assert (folder / "fr/index.html").is_file()
    assert (folder / "fr/feed.xml").is_file()
    check_whole(folder)
    site.withdraw(ref)
    assert files(folder) == alone


def test_index_and_feed_show_the_newest_first(tmp_path: Path, folder: Path) -> None:
    site = site_in(tmp_path, feed_items=2, index_items=3)
    for number in (3, 1, 4, 2, 400):
        page = another(number)
        site.upsert(page.key, page)
    index = tree_of(folder / "index.html")
    assert [words(h2) for h2 in index.xpath("//article//h2")] == ["Article 1 en", "Article 2 en", "Article 3 en"]
    first = index.find(".//article")
    assert [words(element) for element in first] == [
        "Brittany",
        "Article 1 en",
        "After nine years of wage cuts, the dockers have had enough.",
        "21 June 2026 · Claire Morvan, Yann Le Goff · La Semaine",
    ]
    assert index.xpath("//nav[@class='years']//a/@href") == ["archive/2026.html", "archive/2025.html"]
    rows = tree_of(folder / "archive/2026.html").xpath("//li/a[starts-with(@href, '../en')]")
    assert [words(row) for row in rows] == [f"Article {n} en" for n in (1, 2, 3, 4)]
    feed = etree.fromstring((folder / "feed.xml").read_bytes())
    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == ["Article 1 en", "Article 2 en"]
    assert feed.xpath("a:entry/a:id/text()", namespaces=ATOM) == [BASE + f"en/article-{n}.html" for n in (1, 2)]
    assert feed.xpath("a:updated/text()", namespaces=ATOM) == ["2026-06-21T09:30:00+00:00"]
    assert feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [BASE + "feed.xml"]
    content = lxml_html.fromstring(feed.xpath("a:entry/a:content/text()", namespaces=ATOM)[0])
    assert "Translated by The Ferry from La Semaine." in words(content)
    check_whole(folder)


def test_front_page_of_an_empty_site(site: StaticSite, folder: Path) -> None:
    site.withdraw(site.upsert(STRIKE.key, STRIKE))
    assert sorted(files(folder)) == [
        "404.html",
        "_ivpipe/lock",
        "feed.xml",
        "index.html",
        "sitemap.xml",
        "static/site.css",
    ]
    assert words(tree_of(folder / "index.html").find_class("empty")[0]) == "Nothing has been published yet."
    check_whole(folder)


def test_sitemap_lists_every_article(site: StaticSite, folder: Path) -> None:
    for number in (1, 2):
        site.upsert(another(number).key, another(number))
    locations = etree.fromstring((folder / "sitemap.xml").read_bytes()).xpath("//*[local-name()='loc']/text()")
    assert locations == [BASE, BASE + "en/article-1.html", BASE + "en/article-2.html"]


def test_same_page_again_touches_no_file(site: StaticSite, folder: Path) -> None:
    def stamps() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != "writing"}

    site.upsert(STRIKE.key, STRIKE)
    before, stamped = files(folder), stamps()
    site.upsert(STRIKE.key, STRIKE)
    assert files(folder) == before
    assert {path: stamp for path, stamp in stamps().items() if stamp != stamped[path]} == {}


def test_an_update_touches_its_own_page_and_the_listings_only(site: StaticSite, folder: Path) -> None:
    for number in (1, 2, 3):
        site.upsert(another(number).key, another(number))
    before = files(folder)
    changed = another(2, revision=9, document=replace(STRIKE.document, title="New"))
    site.upsert(changed.key, changed)
    after = files(folder)
    assert sorted(path for path in after if after[path] != before[path]) == [
        "_ivpipe/ivpipe-2-en.json",
        "_ivpipe/pages/ivpipe-2-en.json",
        "archive/2026.html",
        "en/article-2.html",
        "en/feed.xml",
        "en/index.html",
        "feed.xml",
        "index.html",
    ]


def test_rebuild_writes_everything_again(tmp_path: Path, folder: Path, site: StaticSite) -> None:
    site.upsert(STRIKE.key, STRIKE)
    before = files(folder)
    for path in ("index.html", "static/site.css", "feed.xml"):
        (folder / path).unlink()
    (folder / "en/the-cranes-stand-still.html").write_text("spoilt")
    assert site.rebuild() == 1
    assert files(folder) == before
    site_in(tmp_path, title="Renamed").rebuild()
    assert tree_of(folder / "en/the-cranes-stand-still.html").findtext(".//title") == "The cranes stand still – Renamed"


def test_a_page_deleted_by_hand_is_found_without_revision_and_comes_back(site: StaticSite, folder: Path) -> None:
    ref = site.upsert(STRIKE.key, STRIKE)
    (folder / "en/the-cranes-stand-still.html").unlink()
    found = site.find(STRIKE.key)
    assert found is not None
    assert found.revision is None
    assert site.upsert(STRIKE.key, STRIKE) == ref == site.find(STRIKE.key)
    check_whole(folder)


def test_killed_at_any_moment_readers_have_whole_files(tmp_path: Path, folder: Path) -> None:
    """A real end of the process: no handler runs, the lock is let go by the kernel."""
    french = another(1, "fr", slug="les-grues")
    second = replace(STRIKE, revision=4, document=replace(STRIKE.document, title="Again"))
    steps = 0
    while True:
        data = tmp_path / str(steps)
        site = site_in(data)
        site.upsert(STRIKE.key, STRIKE)
        finished = []
        for act in (
            lambda site=site: site.upsert(french.key, french),
            lambda site=site: site.upsert(STRIKE.key, second),
            lambda site=site: site.withdraw(RemoteRef(french.key, BASE + "fr/les-grues.html", 3)),
        ):
            child = os.fork()
            if child == 0:
                os.replace, os.unlink = _dying(steps, os.replace), _dying(steps, os.unlink)
                act()
                os._exit(0)
            finished.append(os.waitpid(child, 0)[1] == 0)
            check_whole(data / "site")
            act()
            check_whole(data / "site")
        if all(finished):
            break
        steps += 1
    assert steps > 10
    clean = site_in(tmp_path / "clean")
    clean.upsert(STRIKE.key, second)
    wanted = files(tmp_path / "clean/site")
    for number in range(steps):
        left = files(tmp_path / str(number) / "site")
        left.pop("_ivpipe/writing", None)
        assert left == wanted


def test_killed_while_publishing_it_can_be_withdrawn_without_a_trace(tmp_path: Path) -> None:
    wanted = None
    for number in range(40):
        site = site_in(tmp_path / str(number))
        site.upsert(another(2).key, another(2))
        wanted = wanted or files(site.folder.root)
        child = os.fork()
        if child == 0:
            os.replace = _dying(number, os.replace)
            site.upsert(STRIKE.key, STRIKE)
            os._exit(0)
        killed = os.waitpid(child, 0)[1] != 0
        found = site.find(STRIKE.key)
        if found is not None:
            assert found.revision is None if killed else found.revision == 3
            site.withdraw(found)
        left = files(site.folder.root)
        left.pop("_ivpipe/writing", None)
        assert left == wanted
        if not killed:
            break
    assert number > 5


_done = [0]


def _dying(number: int, act: Any) -> Any:
    def acts(*arguments: Any, **named: Any) -> None:
        if _done[0] == number:
            os._exit(9)
        _done[0] += 1
        act(*arguments, **named)

    return acts


def test_two_publishers_at_once_lose_nothing(tmp_path: Path, folder: Path) -> None:
    pages = [another(number) for number in range(12)]
    failures: list[BaseException] = []

    def publish(mine: list[Page]) -> None:
        try:
            site = site_in(tmp_path)
            for page in mine:
                site.upsert(page.key, page)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=publish, args=(pages[part::3],)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(tree_of(folder / "index.html").xpath("//article")) == 12
    check_whole(folder)


def test_a_lock_held_for_ever_is_an_error_to_try_again(
    site: StaticSite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivpipe.publishers.static_site.folder._LOCK_PATIENCE", 0.0)
    with site.folder.locked(), pytest.raises(PublishError, match="another publisher has held") as caught:
        site_in(folder.parent).upsert(STRIKE.key, STRIKE)
    assert caught.value.retryable


def test_a_folder_that_is_none_is_named(site: StaticSite, folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(PublishError) as caught:
        site.upsert(STRIKE.key, STRIKE)
    assert str(caught.value) == (
        f"target web: cannot use {folder}/_ivpipe/lock: Not a directory — see that {folder} is a folder this process may write to"
    )
    assert not caught.value.retryable
    assert site.find(STRIKE.key) is None


@pytest.fixture
def small_disk() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_page_and_is_tried_again(
    site: StaticSite, folder: Path, request: pytest.FixtureRequest
) -> None:
    site.upsert(STRIKE.key, STRIKE)
    before = (folder / "en/the-cranes-stand-still.html").read_bytes()
    request.getfixturevalue("small_disk")
    with pytest.raises(PublishError, match="make room on the disk") as caught:
        site.upsert(STRIKE.key, replace(STRIKE, revision=4, byline=("Else",)))
    assert caught.value.retryable
    assert (folder / "en/the-cranes-stand-still.html").read_bytes() == before
    check_whole(folder)


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b"\xff"])
def test_a_damaged_entry_is_named(site: StaticSite, folder: Path, content: bytes) -> None:
    site.upsert(STRIKE.key, STRIKE)
    (folder / "_ivpipe/ivpipe-1-en.json").write_bytes(content)
    with pytest.raises(PublishError, match=r"ivpipe-1-en\.json is damaged — delete it"):
        site.find(STRIKE.key)


def test_a_key_of_another_page_is_refused(site: StaticSite) -> None:
    with pytest.raises(PublishError, match="the page's own key is 'ivpipe-1-en'"):
        site.upsert("ivpipe-2-en", STRIKE)


def test_a_language_that_is_none_is_refused(site: StaticSite) -> None:
    with pytest.raises(PublishError, match="is no language tag"):
        site.upsert(STRIKE.key, replace(STRIKE, lang="../x"))


@pytest.mark.parametrize("address", ["", "ferry.example", "ftp://ferry.example/", "https://", "https://x.example/?a=1"])
def test_settings_base_url_must_be_whole(address: str) -> None:
    with pytest.raises(ValidationError, match="whole address"):
        StaticSiteSettings(base_url=address)


def test_settings_base_url_ends_in_a_slash() -> None:
    assert StaticSiteSettings(base_url="https://x.example/a").base_url == "https://x.example/a/"


def test_labels_every_language_has_the_same_words() -> None:
    assert {lang: set(table) ^ set(_WORDS["en"]) for lang, table in _WORDS.items()} == {lang: set() for lang in _WORDS}
    assert labels("pt-BR") == _WORDS["pt"]
    assert labels("xx") == _WORDS["en"]


def test_dates_and_language_names_by_language() -> None:
    day = STRIKE.published_at.date()
    assert [long_date(day, lang) for lang in ("en", "fr", "es", "pt-BR", "zz", "not a tag")] == [
        "22 June 2026",
        "22 juin 2026",
        "22 de junio de 2026",
        "22 de junho de 2026",
        "22 June 2026",
        "22 June 2026",
    ]
    assert [language_name(lang) for lang in ("fr", "es", "ar", "zz")] == ["Français", "Español", "العربية", "zz"]
