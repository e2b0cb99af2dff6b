"""The static site: what stands in its files, and that they are whole whatever happens."""

from __future__ import annotations

import json
import re
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest
from pydantic import ValidationError
from tests.unit.publishers.sites import (
    BASE,
    STRIKE,
    another,
    check_whole,
    ended_at,
    files,
    site_in,
    tree_of,
    words,
)

from ivpipe.errors import PublishError
from ivpipe.model import Block, BlockType, Page, Picture
from ivpipe.publishers import Finding, RemoteRef
from ivpipe.publishers.static_site import StaticSite, StaticSiteSettings
from ivpipe.publishers.static_site.labels import _WORDS, labels, language_name
from ivpipe.text.dates import long_date


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def site(tmp_path: Path) -> StaticSite:
    return site_in(tmp_path)


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
        ("li", "Figures of the union. ↩\ufe0e"),
        ("li", "Accounts of 11 June. ↩\ufe0e"),
        ("credit-line", "Translated by The Ferry from La Semaine."),
        ("source", "Original article https://semaine.example/port?a=1&b=2"),
        ("postscript", "P.S. If you like this article, please donate."),
        ("copyright", "Copyright © The Ferry – All rights reserved"),
        ("li", "La Semaine"),
    ]
    assert [words(strong) for strong in article.find_class("credit-line")[0].iter("strong")] == [
        "The Ferry",
        "La Semaine",
    ]
    assert article.find_class("source")[0].find("a").get("href") == "https://semaine.example/port?a=1&b=2"
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    assert page.findtext(".//title") == "The cranes stand still – The Ferry"
    assert list(page.iter("img")) == []
    assert [(words(link), link.get("href")) for link in article.find_class("keywords")[0].iter("a")] == [
        ("La Semaine", "partner/la-semaine/index.html")
    ]
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


def a_picture(folder: Path, src: str = "https://semaine.example/quay.jpg", **changes: object) -> Picture:
    file = folder / "fetched.jpg"
    file.write_bytes(b"a picture")
    values = {"media_type": "image/jpeg", "width": 1200, "height": 800, "sha256": "ab12" * 16, **changes}
    return Picture(src=src, file=file, **values)  # type: ignore[arg-type]


def test_pictures_are_copied_and_shown_with_their_size(site: StaticSite, folder: Path, tmp_path: Path) -> None:
    picture = a_picture(tmp_path, alt="Empty quay")
    ref = site.upsert(STRIKE.key, replace(STRIKE, pictures=(picture,)))
    page = tree_of(folder / "en/the-cranes-stand-still.html")
    place = "pictures/ab/12ab12ab12ab12ab12.jpg"
    assert [dict(img.attrib) for img in page.iter("img")] == [
        {
            "src": f"../{place}",
            "alt": "Empty quay",
            "width": "1200",
            "height": "800",
            "loading": "lazy",
            "decoding": "async",
        }
    ]
    assert words(page.find(".//figcaption")) == "The quay on Monday. Photo: A. Le Goff"
    metas = {meta.get("property"): meta.get("content") for meta in page.iter("meta")}
    assert [metas[f"og:image{part}"] for part in ("", ":width", ":height", ":alt")] == [
        BASE + place,
        "1200",
        "800",
        "Empty quay",
    ]
    assert (folder / place).read_bytes() == b"a picture"
    assert f"{BASE}{place}" in (folder / "feed.xml").read_text()
    check_whole(folder)
    site.withdraw(ref)
    assert not (folder / "pictures").exists()


def test_a_picture_that_two_pages_show_stays_while_one_does(site: StaticSite, folder: Path, tmp_path: Path) -> None:
    picture = a_picture(tmp_path)
    pages = [replace(another(number), pictures=(picture,)) for number in (1, 2)]
    refs = [site.upsert(page.key, page) for page in pages]
    picture.file.unlink()
    site.upsert(pages[0].key, replace(pages[0], pictures=()))
    site.rebuild()
    check_whole(folder)
    assert len(list(folder.glob("pictures/*/*"))) == 2  # as it is, and small
    site.withdraw(refs[1])
    assert list(folder.glob("pictures/*/*")) == []


def test_a_leading_picture_opens_the_article_at_once(site: StaticSite, folder: Path, tmp_path: Path) -> None:
    document = replace(STRIKE.document, blocks=STRIKE.document.blocks[:-1], lead_image=0)
    site.upsert(STRIKE.key, replace(STRIKE, document=document, pictures=(a_picture(tmp_path, lead=True),)))
    lead = tree_of(folder / "en/the-cranes-stand-still.html").find_class("lead")[0]
    assert (lead.tag, lead.find("img").get("loading")) == ("figure", None)


def test_lists_show_a_pages_first_picture_in_small(site: StaticSite, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "quay.png"
    drawing = PIL.Image.new("P", (1200, 900))
    drawing.putpalette([0, 0, 0, 200, 30, 30])
    drawing.save(file)
    picture = replace(a_picture(tmp_path), file=file, media_type="image/png", height=900)
    ref = site.upsert(STRIKE.key, replace(STRIKE, pictures=(picture,)))
    (shown,) = tree_of(folder / "en/index.html").iter("img")
    place = "pictures/ab/12ab12ab12ab12ab12-small.png"
    assert dict(shown.attrib) == {
        "src": f"../{place}",
        "width": "800",
        "height": "600",
        "alt": "",
        "loading": "lazy",
    }
    with PIL.Image.open(folder / place) as small:
        assert (small.size, small.format) == ((800, 600), "PNG")
    site.withdraw(ref)
    assert not (folder / "pictures").exists()


def test_a_picture_that_cannot_be_read_is_named(site: StaticSite, tmp_path: Path) -> None:
    picture = a_picture(tmp_path)
    picture.file.unlink()
    with pytest.raises(PublishError, match=r"cannot use .*fetched\.jpg: No such file"):
        site.upsert(STRIKE.key, replace(STRIKE, pictures=(picture,)))


def test_a_correction_stands_above_the_text_and_in_the_feeds(site: StaticSite, folder: Path) -> None:
    note = 'An earlier version named the <em>wrong</em> port. See <a href="https://ferry.example/c">here</a>.'
    site.upsert(STRIKE.key, replace(STRIKE, correction_html=note))
    shown = tree_of(folder / "en/the-cranes-stand-still.html").find_class("correction")[0]
    assert words(shown) == "Correction An earlier version named the wrong port. See here."
    for name in ("feed.xml", "rss.xml", "feed.json"):
        assert (
            "named the &lt;em&gt;wrong" in (folder / name).read_text()
            or "named the <em>wrong" in (folder / name).read_text()
        )


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


def test_same_page_again_touches_no_file(site: StaticSite, folder: Path) -> None:
    def stamps() -> dict[str, int]:
        return {name: (folder / name).stat().st_mtime_ns for name in files(folder)}

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
        "_ivpipe/pages/ivpipe-2-en.json",
        "en/archive/2026/index.html",
        "en/article-2.html",
        "en/author/claire-morvan/index.html",
        "en/author/yann-le-goff/index.html",
        "en/country/brittany/index.html",
        "en/feed.json",
        "en/feed.xml",
        "en/index.html",
        "en/partner/la-semaine/index.html",
        "en/rss.xml",
        "en/search/latest.json",
        "feed.json",
        "feed.xml",
        "index.html",
        "rss.xml",
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


@pytest.mark.slow
def test_killed_at_any_moment_readers_have_whole_files(tmp_path: Path) -> None:
    """A real end of the process: no handler runs, the lock is let go by the kernel."""
    french = another(1, "fr", slug="les-grues", byline=("Else",))
    second = replace(STRIKE, revision=4, document=replace(STRIKE.document, title="Again"), country="Ports")
    steps = 0
    wanted = None
    while True:
        data = tmp_path / str(steps)
        site = site_in(data)
        site.upsert(STRIKE.key, STRIKE)
        killed = []
        for act in (
            lambda site=site: site.upsert(french.key, french),
            lambda site=site: site.upsert(STRIKE.key, second),
            lambda site=site: site.withdraw(RemoteRef(french.key, BASE + "fr/les-grues.html", 3)),
        ):
            killed.append(ended_at(steps, act))
            check_whole(site.folder.root)
            act()
            check_whole(site.folder.root)
        if wanted is None:
            clean = site_in(tmp_path / "clean")
            clean.upsert(STRIKE.key, second)
            wanted = files(clean.folder.root)
        assert files(site.folder.root) == wanted
        if not any(killed):
            break
        steps += 7
    assert steps > 30


@pytest.mark.slow
def test_what_a_killed_publisher_left_in_lists_the_next_page_mends(tmp_path: Path) -> None:
    """Whoever comes next, with whatever page, leaves lists that lead somewhere."""
    for number in range(0, 80, 9):
        site = site_in(tmp_path / str(number))
        site.upsert(another(2).key, another(2))
        coming = another(1, byline=("Else",), country="Ports")
        killed = ended_at(number, lambda site=site, page=coming: site.upsert(page.key, page))
        site.upsert(another(3).key, another(3))
        check_whole(site.folder.root)
        site.upsert(coming.key, coming)
        gone = ended_at(number, lambda site=site, key=coming.key: site.withdraw(RemoteRef(key, "")))
        site.upsert(another(4).key, another(4))
        check_whole(site.folder.root)
        site.upsert(coming.key, coming)
        check_whole(site.folder.root)
        assert site.find(coming.key) == RemoteRef(coming.key, BASE + "en/article-1.html", 3)
        if not (killed or gone):
            break


def test_killed_while_publishing_it_can_be_withdrawn_without_a_trace(tmp_path: Path) -> None:
    wanted = None
    for number in range(0, 100, 6):
        site = site_in(tmp_path / str(number))
        site.upsert(another(2).key, another(2))
        wanted = wanted or files(site.folder.root)
        killed = ended_at(number, lambda site=site: site.upsert(STRIKE.key, STRIKE))
        found = site.find(STRIKE.key)
        if found is not None:
            assert found.revision is None if killed else found.revision == 3
            site.withdraw(found)
        else:  # it was stopped before it had begun
            site.upsert(another(2).key, another(2))
        assert files(site.folder.root) == wanted
        if not killed:
            break
    assert number > 5


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
    monkeypatch.setattr("ivpipe.publishers.folders._LOCK_PATIENCE", 0.0)
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


@contextmanager
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond 1,500 bytes. For a moment only: the test runner's own output may be a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_page_and_is_tried_again(site: StaticSite, folder: Path) -> None:
    site.upsert(STRIKE.key, STRIKE)
    before = (folder / "en/the-cranes-stand-still.html").read_bytes()
    with small_disk(), pytest.raises(PublishError, match="takes no more.*a limit on the size of files") as caught:
        site.upsert(STRIKE.key, replace(STRIKE, revision=4, byline=("Else",)))
    assert caught.value.retryable
    assert (folder / "en/the-cranes-stand-still.html").read_bytes() == before
    check_whole(folder)


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b"\xff"])
def test_a_damaged_page_is_named(site: StaticSite, folder: Path, content: bytes) -> None:
    site.upsert(STRIKE.key, STRIKE)
    (folder / "_ivpipe/pages/ivpipe-1-en.json").write_bytes(content)
    with pytest.raises(PublishError, match=r"ivpipe-1-en\.json is damaged — delete it"):
        site.rebuild()


@pytest.mark.parametrize("content", [None, b"", b"no database at all", b"SQLite format 3\0" + b"x" * 5000])
def test_an_index_that_is_lost_is_made_again(site: StaticSite, folder: Path, content: bytes | None) -> None:
    for number in (1, 2):
        ref = site.upsert(another(number).key, another(number))
    before = files(folder)
    index = folder / "_ivpipe/index.sqlite"
    index.unlink() if content is None else index.write_bytes(content)
    assert site.find(ref.id) == replace(ref, revision=None)
    assert site.upsert(ref.id, another(2)) == ref == site.find(ref.id)
    assert files(folder) == before


def test_difference_shows_what_would_change(site: StaticSite) -> None:
    assert "+<h1>The cranes stand <em>still</em></h1>" in site.difference(STRIKE.key, STRIKE).splitlines()
    site.upsert(STRIKE.key, STRIKE)
    assert site.difference(STRIKE.key, STRIKE) == ""
    changed = replace(STRIKE, copyright="© Else")
    lines = [
        line for line in site.difference(STRIKE.key, changed).splitlines() if line[:1] in "+-" and "opyright" in line
    ]
    assert lines == [
        '- "copyrightNotice": "Copyright © The Ferry – All rights reserved"',
        '+ "copyrightNotice": "© Else"',
        '-<p class="copyright" dir="auto">Copyright © The Ferry – All rights reserved</p>',
        '+<p class="copyright" dir="auto">© Else</p>',
    ]


def test_check_says_whether_the_folder_can_be_written_to(site: StaticSite, folder: Path) -> None:
    assert site.check() == [Finding("ok", f"the folder {folder} can be written to")]
    folder.joinpath("_ivpipe/lock").unlink()
    folder.joinpath("_ivpipe").rmdir()
    folder.rmdir()
    folder.write_text("a file")
    assert [finding.severity for finding in site.check()] == ["error"]


def test_a_key_of_another_page_is_refused(site: StaticSite) -> None:
    with pytest.raises(PublishError, match="the page's own key is 'ivpipe-1-en'"):
        site.upsert("ivpipe-2-en", STRIKE)


def test_a_language_that_is_none_is_refused(site: StaticSite) -> None:
    with pytest.raises(PublishError, match="is no language tag"):
        site.upsert(STRIKE.key, replace(STRIKE, lang="../x"))


@pytest.mark.parametrize("address", ["", "ferry.example", "ftp://ferry.example/", "https://", "https://x.example/?a=1"])
def test_settings_base_url_must_be_whole(address: str) -> None:
    with pytest.raises(ValidationError, match="address"):
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
