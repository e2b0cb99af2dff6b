"""The demo's partner sites over HTTP: feeds, pages with each CMS's habits, wp-json, conditional requests."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
from lxml import html

from ivpipe.demo.partners import Partners, main, serve_partners
from ivpipe.demo.sites.texts import french, load_articles
from ivpipe.errors import IvpipeError
from ivpipe.model.document import BlockType
from ivpipe.settings import load_settings
from ivpipe.sources.discovery import discover
from ivpipe.sources.extraction import extract
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import SourceSpec

TODAY = date(2026, 3, 10)


@pytest.fixture(scope="module")
def partners() -> Iterator[Partners]:
    with serve_partners((0, 0, 0), TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


def get(web: httpx.Client, partners: Partners, site: str, path: str, **headers: str) -> httpx.Response:
    return web.get(partners.addresses[site] + path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def page(web: httpx.Client, url: str) -> html.HtmlElement:
    answer = web.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8"), url
    return html.document_fromstring(answer.content)


FEEDS = {"faubourgs": "/rss.xml", "etiage": "/spip.php?page=backend", "anden": "/feed/"}


@pytest.mark.parametrize("site", FEEDS)
def test_feed_lists_the_articles_with_working_links(web, partners, site):
    answer = get(web, partners, site, FEEDS[site])
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    shown = next(s for s in partners.sites if s.slug == site)

    assert [(e.title, e.link, e.author) for e in feed.entries] == [
        (a.title, shown.url(a), ", ".join(a.authors)) for a in shown.listed
    ]
    assert len(feed.entries) >= 3
    for entry, article in zip(feed.entries, shown.listed, strict=True):
        moment = datetime(*(entry.updated_parsed if site == "etiage" else entry.published_parsed)[:6], tzinfo=UTC)
        assert moment == article.published
        assert 1 <= (TODAY - article.published.date()).days <= 9
        assert page(web, entry.link).findtext(".//title").startswith(article.title)


def test_articles_are_of_real_length(partners):
    for site in partners.sites:
        for article in site.listed:
            words = len(re.sub(r"<[^>]+>", " ", article.body).split())
            assert 700 <= words <= 1400, (article.slug, words)


@pytest.mark.parametrize("site", FEEDS)
def test_every_link_and_picture_on_the_site_works(web, partners, site):
    start = partners.addresses[site] + "/"
    seen, waiting = set(), [start]
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = web.get(url, follow_redirects=True)
        assert answer.status_code == 200, url
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        root = html.document_fromstring(answer.content, base_url=str(answer.url))
        root.make_links_absolute()
        for _, attribute, link, _ in root.iterlinks():
            link = link.partition("#")[0]
            if link.startswith(start) and attribute in ("href", "src"):
                waiting.append(link)
    assert len(seen) >= 12


def test_drupal_page_has_its_habits(web, partners):
    url = partners.addresses["faubourgs"] + "/actualite/international/kaldavie-second-tour"
    root = page(web, url)
    assert root.xpath("//article[contains(@class,'node--type-article')]/@data-history-node-id")[0] == "409"
    body = root.xpath("//div[contains(@class,'field--name-body')]//div | //div[contains(@class,'field--name-body')]")
    assert [one for one in body if "a-lire-aussi" in one.get("class", "")]
    assert root.xpath("//div[contains(@class,'field--name-field-chapo')]/p")[0].text.startswith(
        "Dans ce pays imaginaire"
    )
    assert root.xpath("//a[@class='see-footnote']/@href") == ["#footnote1_409", "#footnote2_409"]
    assert root.xpath("//li[@class='footnote']/@id") == ["footnote1_409", "footnote2_409"]
    data = json.loads(root.xpath("//script[@type='application/ld+json']")[0].text)["@graph"][0]
    assert (data["@type"], data["datePublished"], [a["name"] for a in data["author"]]) == (
        "NewsArticle",
        "2026-03-02T18:20:00+01:00",
        ["Étienne Rouvillois"],
    )
    moved = get(web, partners, "faubourgs", "/node/409")
    assert (moved.status_code, moved.headers["Location"]) == (301, url)


@pytest.mark.parametrize(("slug", "count"), [("article12", 6), ("article15", 5), ("article17", 4)])
def test_spip_note_references_and_notes_match(web, partners, slug, count):
    root = page(web, f"{partners.addresses['etiage']}/spip.php?{slug}")
    references = root.xpath("//div[contains(@class,'texte')]//span[@class='spip_note_ref']/a")
    notes = root.xpath("//div[contains(@class,'notes')]/div")
    numbers = [str(n) for n in range(1, count + 1)]
    assert [(a.get("href"), a.get("id"), a.text) for a in references] == [(f"#nb{n}", f"nh{n}", n) for n in numbers]
    assert [(d.get("id"), d.xpath(".//a[@rev='appendix']/@href")) for d in notes] == [
        (f"nb{n}", [f"#nh{n}"]) for n in numbers
    ]
    assert all(len(note.text_content()) > 30 for note in notes)


def test_spip_page_has_its_habits(web, partners):
    answer = get(web, partners, "etiage", "/spip.php?article12")
    assert "«&nbsp;Ce n’est pas la fatigue" in answer.text
    root = html.document_fromstring(answer.content)
    assert root.xpath("//h1[contains(@class,'article-titre-12')]")[0].text == "L’été des lavandières"
    assert root.xpath("//p[contains(@class,'surtitre')]")[0].text == "Une grève oubliée de la vallée de l’Aubrielle"
    assert len(root.xpath("//blockquote[@class='spip_poesie']/div")) == 9
    assert root.xpath("//ul[@class='traductions']//a/@hreflang") == ["es"]
    assert root.xpath("//div[contains(@class,'article-texte-12')]/p")[-1].text == "12 juin 2026"
    assert len(root.xpath("//div[contains(@class,'spip_document')]//figcaption//div[contains(@class,'credits')]")) == 1
    assert root.xpath("//div[contains(@class,'ps')]//h2")[0].text == "P.-S."


def test_wordpress_page_has_its_habits(web, partners):
    root = page(web, partners.addresses["anden"] + "/semillas-sin-dueno/")
    content = root.xpath("//div[contains(@class,'entry-content')]")[0]
    references = content.xpath(".//sup[@class='fn']")
    notes = content.xpath(".//ol[@class='wp-block-footnotes']/li")
    assert len(notes) == 4
    assert [sup.get("data-fn") for sup in references] == [li.get("id") for li in notes]
    assert [sup.xpath("./a/@href")[0] for sup in references] == ["#" + li.get("id") for li in notes]
    assert len(content.xpath(".//figure[contains(@class,'wp-block-table')]/table/tbody/tr")) == 3
    festival = page(web, partners.addresses["anden"] + "/el-festival-del-mercado/")
    assert len(festival.xpath("//figure[@class='wp-block-pullquote']/blockquote/p")) == 1


def test_wp_json_lists_posts_newest_first_with_totals(web, partners):
    answer = get(web, partners, "anden", "/wp-json/wp/v2/posts?per_page=2")
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("3", "2")
    assert answer.headers["Link"].endswith('page=2>; rel="next"')
    first = answer.json()[0]
    assert (first["id"], first["slug"], first["date"], first["date_gmt"]) == (
        231,
        "semillas-sin-dueno",
        "2026-03-08T08:10:00",
        "2026-03-08T07:10:00",
    )
    assert "wp-block-footnotes" in first["content"]["rendered"]
    assert "sharedaddy" not in first["content"]["rendered"]
    assert "_embedded" not in first
    second = get(web, partners, "anden", "/wp-json/wp/v2/posts?per_page=2&page=2").json()
    assert [post["slug"] for post in second] == ["el-tren-que-no-volvio"]


def test_wp_json_fields_keeps_only_what_was_asked(web, partners):
    answer = get(
        web, partners, "anden", "/wp-json/wp/v2/posts?_fields=id,title.rendered,nonsense&slug=el-festival-del-mercado"
    )
    assert answer.json() == [{"id": 236, "title": {"rendered": "El festival que cabe en un mercado"}}]


def test_wp_json_embeds_author_and_picture_on_demand(web, partners):
    post = get(web, partners, "anden", "/wp-json/wp/v2/posts/228?_embed").json()
    assert [one["name"] for one in post["_embedded"]["author"]] == ["Ramiro Castañal"]
    assert web.get(post["_embedded"]["wp:featuredmedia"][0]["source_url"]).headers["Content-Type"] == "image/jpeg"
    author = get(web, partners, "anden", f"/wp-json/wp/v2/users/{post['author']}").json()
    assert author["name"] == "Ramiro Castañal"


def test_wp_json_selects_by_date(web, partners):
    found = get(web, partners, "anden", "/wp-json/wp/v2/posts?after=2026-03-06T00:00:00&_fields=id").json()
    assert found == [{"id": 231}, {"id": 236}]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/wp-json/wp/v2/posts?per_page=101", 400, "rest_invalid_param"),
        ("/wp-json/wp/v2/posts?per_page=many", 400, "rest_invalid_param"),
        ("/wp-json/wp/v2/posts?page=9", 400, "rest_post_invalid_page_number"),
        ("/wp-json/wp/v2/posts/999", 404, "rest_post_invalid_id"),
        ("/wp-json/wp/v2/elsewhere", 404, "rest_no_route"),
    ],
)
def test_wp_json_faults_are_wordpress_own(web, partners, path, status, code):
    answer = get(web, partners, "anden", path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


PAGES = [
    *FEEDS.items(),
    ("faubourgs", "/actualite/societe/saint-aurele-locataires"),
    ("etiage", "/spip.php?article15"),
    ("anden", "/wp-json/wp/v2/posts"),
    ("anden", "/wp-content/uploads/tren.jpg"),
]


@pytest.mark.parametrize(("site", "path"), PAGES)
def test_unchanged_page_is_answered_with_304(web, partners, site, path):
    whole = get(web, partners, site, path)
    for condition in (
        {"If_None_Match": whole.headers["ETag"]},
        {"If_None_Match": 'W/"other", W/' + whole.headers["ETag"]},
        {"If_Modified_Since": whole.headers["Last-Modified"]},
    ):
        again = get(web, partners, site, path, **condition)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", whole.headers["ETag"])
    changed = {"If_None_Match": '"other"', "If_Modified_Since": whole.headers["Last-Modified"]}
    assert get(web, partners, site, path, **changed).content == whole.content


@pytest.mark.parametrize("since", ["Sun, 01 Jan 2017 00:00:00 GMT", "yesterday", "Sun, 01 Jan 2090 00:00:00"])
def test_older_or_senseless_date_gets_the_whole_page(web, partners, since):
    assert get(web, partners, "etiage", "/spip.php?article15", If_Modified_Since=since).status_code == 200


def test_head_has_the_headers_and_no_body(web, partners):
    url = partners.addresses["etiage"] + "/spip.php?article15"
    whole, head = web.get(url), web.head(url)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


@pytest.mark.parametrize(
    ("site", "path"),
    [
        ("faubourgs", "/nowhere"),
        ("faubourgs", "/node/1"),
        ("faubourgs", "/auteur/nobody"),
        ("etiage", "/spip.php?article999"),
        ("etiage", "/spip.php?rubrique0"),
        ("etiage", "/ecrire/"),
        ("anden", "/nowhere/"),
        ("anden", "/nowhere"),
        ("anden", "/wp-content/uploads/../style.css"),
        ("anden", "/wp-content/uploads/%2e%2e/anden/style.css"),
        ("etiage", "/IMG/jpg/..%2f..%2ftexts.py"),
    ],
)
def test_what_is_not_there_is_404_in_the_sites_own_clothes(web, partners, site, path):
    answer = web.get(httpx.URL(partners.addresses[site], raw_path=path.encode()))
    assert answer.status_code == 404
    name = next(s.name for s in partners.sites if s.slug == site)
    assert name in answer.text


@pytest.mark.parametrize("site", FEEDS)
def test_robots_allows_articles_and_asks_for_no_delay(web, partners, site):
    answer = get(web, partners, site, "/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "User-agent: *" in answer.text
    assert "crawl-delay" not in answer.text.lower()


def test_absolute_links_have_the_real_port(web, partners):
    for site, address in partners.addresses.items():
        text = get(web, partners, site, FEEDS[site]).text
        assert set(re.findall(r"http://127\.0\.0\.1:\d+", text)) == {address}
    ports = {urlsplit(address).port for address in partners.addresses.values()}
    assert len(ports) == 3
    assert 0 not in ports


def test_same_day_gives_the_same_bytes(web, partners):
    with serve_partners((0, 0, 0), TODAY) as other:
        for mine, theirs in zip(partners.sites, other.sites, strict=True):
            for one, two in zip(mine.articles, theirs.articles, strict=True):
                first = mine.article_page(one).body.decode().replace(mine.base_url, "")
                assert first == theirs.article_page(two).body.decode().replace(theirs.base_url, "")


def test_taken_port_is_an_error_that_says_which(partners):
    port = urlsplit(partners.addresses["anden"]).port
    with pytest.raises(IvpipeError, match=rf"demo site etiage: port {port} cannot be used"):
        serve_partners((0, port, 0), TODAY)


def test_program_reports_a_taken_port(partners, capsys):
    port = str(urlsplit(partners.addresses["anden"]).port)
    assert main(["--ports", "0", "0", port]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err


def test_closed_sites_give_their_ports_back():
    running = serve_partners((0, 0, 0), TODAY)
    ports = [urlsplit(address).port for address in running.addresses.values()]
    running.close()
    running.close()
    serve_partners(ports, TODAY).close()


def test_french_spaces_do_not_break():
    assert french("« Oui ! » : 9 400 l'an, 4 % ; 12 juin 2026") == (
        "«\u00a0Oui\u202f!\u00a0»\u00a0: 9\u202f400 l’an, 4\u00a0%\u202f; 12 juin 2026"
    )


def test_typography_leaves_tags_alone():
    articles = load_articles("etiage", TODAY, "fr", str.upper)
    body = articles[0].body
    assert "<P>" not in body
    assert body.startswith("<p>")


EXAMPLE = Path(__file__).parents[3] / "src/ivpipe/demo/example"


def configured(site: str, address: str) -> SourceSpec:
    """The example's spec of the site, moved to where the site runs in this test."""
    spec = load_settings(EXAMPLE).sources[f"demo-{site}"]
    port = urlsplit(address).port
    moved = json.loads(spec.model_dump_json().replace(f":{urlsplit(spec.url).port}", f":{port}"))
    moved["fetch"]["delay"] = 0
    return SourceSpec(**moved)


@pytest.mark.parametrize("site", FEEDS)
def test_pipeline_discovers_every_article_once_and_then_nothing_new(partners, site):
    shown = next(s for s in partners.sites if s.slug == site)
    spec = configured(site, shown.base_url)
    now = datetime(2026, 3, 10, 20, tzinfo=UTC)
    fetcher = Fetcher(contact="tests")
    try:
        first = discover(spec, fetcher, {}, now)
        assert [(f.url, f.title, f.published) for f in first.found] == [
            (shown.url(a), a.title, a.published) for a in shown.listed
        ]
        assert (first.unchanged, first.warnings) == (False, [])
        again = discover(spec, fetcher, {v.url: (v.etag, v.last_modified) for v in first.visits}, now)
        assert (again.found, again.unchanged) == ([], True)
    finally:
        fetcher.close()


SLUGS = {
    "faubourgs": ("port-de-valmare", "saint-aurele-locataires", "kaldavie-second-tour"),
    "etiage": ("article12", "article15", "article17"),
    "anden": ("semillas-sin-dueno", "el-festival-del-mercado", "el-tren-que-no-volvio"),
}
JUNK = (
    "À lire aussi",
    "La lettre du samedi",
    "Partager",
    "Répondre à cet article",
    "Imprimer",
    "Comparte esto",
    "Te puede",
)


def plain(markup: str) -> str:
    """The text without note references, spaces made one."""
    root = html.fragment_fromstring(markup.replace("<br>", "<br>\n"), create_parent="div")
    for gone in root.xpath(".//note | .//sup[@class='note-ref']"):
        gone.text, gone[:] = "", []
        gone.drop_tree()
    return re.sub(r"\s+", " ", root.text_content()).strip()


def written(body: str, path: str) -> list[str]:
    root = html.fragment_fromstring(body, create_parent="div")
    found = root.xpath(path)
    for one in found:
        one.tag = "div"  # or a note would be taken out of itself
    return [plain(html.tostring(one, encoding="unicode", with_tail=False)) for one in found]


@pytest.mark.parametrize("with_spec", [True, False], ids=["as configured", "generically"])
@pytest.mark.parametrize(("site", "slug"), [(site, slug) for site, slugs in SLUGS.items() for slug in slugs])
def test_article_is_extracted_whole(partners, site, slug, with_spec):
    shown = next(s for s in partners.sites if s.slug == site)
    article = next(a for a in shown.listed if a.slug == slug)
    spec = configured(site, shown.base_url)
    answer = shown.article_page(article)

    document = extract(
        answer.body, shown.url(article), spec=spec if with_spec else None, content_type=answer.content_type
    )

    def texts(kind: BlockType) -> list[str]:
        return [plain(block.html) for block in document.blocks if block.type is kind]

    assert plain(document.title) == plain(article.title)
    assert plain(document.kicker) == plain(article.kicker)
    assert plain(document.standfirst) == plain(article.standfirst)
    assert document.authors == article.authors
    assert document.published[:10] == article.published.date().isoformat()
    assert document.lang.partition("-")[0] == shown.lang
    assert texts(BlockType.HEADING) == written(article.body, "./h2")
    paragraphs = written(article.body, "./p")
    around = {plain(article.author_note), plain(article.postscript), article.signature}
    around |= set(written(article.body, "./table/caption"))
    assert [text for text in texts(BlockType.PARAGRAPH) if text not in around] == paragraphs
    assert texts(BlockType.LIST_ITEM) == written(article.body, "./*/li")
    quotes = " ".join(texts(BlockType.QUOTE))
    assert [text for text in written(article.body, "./blockquote/* | ./aside/*") if text not in quotes] == []
    assert texts(BlockType.VERSE) == written(article.body, "./div")
    assert texts(BlockType.FIGURE)[0].endswith(tuple(written(article.body, "./figure/*")))
    assert [plain(note.html) for note in document.notes] == written(article.body, ".//note")
    labels = re.findall(r'<sup class="note-ref" data-note="([^"]*)">', "".join(b.html for b in document.blocks))
    assert labels == [note.label for note in document.notes]
    whole = " ".join(plain(block.html) for block in document.blocks)
    assert [junk for junk in JUNK if junk in whole] == []
