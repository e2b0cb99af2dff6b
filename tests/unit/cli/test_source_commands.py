"""``ivpipe source …``, ``ivpipe ingest --since``, ``ivpipe reextract`` on a partner's site on this machine."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from tests.blank import place_blank
from tests.servers.http_site import page, status
from tests.servers.magazine_site import TEXT, MagazineSite, running_magazine

from ivpipe.cli import main
from ivpipe.cli.source_preview import preview
from ivpipe.model import Article, DocumentVersion
from ivpipe.settings import load_settings
from ivpipe.sources.extraction import extract
from ivpipe.sources.pace import Pace
from ivpipe.store import Store

DAY = datetime.now(UTC) - timedelta(days=9)
RECENT = format_datetime(DAY, usegmt=True)
CONFIG = '[magazine]\nname = "M"\nlanguages = ["en"]\n[engines]\norder = ["dummy"]\n'


@pytest.fixture
def magazine(monkeypatch: pytest.MonkeyPatch) -> Iterator[MagazineSite]:
    monkeypatch.setattr(Pace, "wait", lambda *_: None)  # nobody is to be spared here
    with running_magazine() as magazine:
        yield magazine


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("IVPIPE_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "config" / "sources").mkdir(parents=True)
    (tmp_path / "config" / "ivpipe.toml").write_text(CONFIG)
    place_blank(tmp_path / "var" / "ivpipe.db")
    return tmp_path


def run(home: Path, *words: str, answer: str = "") -> Result:
    result = CliRunner().invoke(main, ["--home", str(home), *words], input=answer)
    assert result.exit_code in (0, 1, 2), result.output
    return result


def front_page(
    magazine: MagazineSite, links: str = '<link rel="alternate" type="application/rss+xml" href="/feed">'
) -> None:
    name = '<title>La Semaine</title><meta property="og:site_name" content="La Semaine">'
    html = f'<html lang="fr-FR"><head>{name}{links}</head><body>'
    magazine.site.pages["/"] = page(html.encode(), Content_Type="text/html; charset=utf-8")


def allow(magazine: MagazineSite) -> str:
    return f"127.0.0.1:{magazine.site.port}"


@pytest.fixture
def added(home: Path, magazine: MagazineSite) -> Path:
    """A project with the magazine as its source "semaine"."""
    front_page(magazine)
    magazine.write("/un", "La grève", date=RECENT)
    magazine.write("/deux", "Le marché", TEXT.replace("dockers", "maraîchers"), date=RECENT)
    result = run(
        home, "source", "add", magazine.address, "--slug", "semaine", "--allow-private", allow(magazine), "--yes"
    )
    assert result.exit_code == 0, result.output
    return home


def test_add_shows_articles_and_writes_spec_and_sample(added: Path, magazine: MagazineSite) -> None:
    written = tomllib.loads((added / "config/sources/semaine.toml").read_text())
    assert written == {
        "name": "La Semaine",
        "url": magazine.address,
        "languages": ["fr"],
        "platform": "generic",
        "licence": "",
        "permission": "",
        "discovery": {"kind": "feed", "urls": [f"{magazine.address}/feed"]},
        "fetch": {"allow_private": [allow(magazine)]},
    }
    assert len((added / "config/sources/semaine.toml").read_text().splitlines()) <= 15
    assert load_settings(added).sources["semaine"].name == "La Semaine"
    (sample,) = (added / "samples/semaine").glob("*.json")
    assert json.loads(sample.read_text())["document"]["title"] in ("La grève", "Le marché")
    assert sample.with_suffix(".html").is_file()


def test_add_shows_what_it_read_and_asks_before_it_writes(home: Path, magazine: MagazineSite) -> None:
    front_page(magazine)
    magazine.write("/un", "La [bold]grève[/bold]", date=RECENT)
    words = ("source", "add", magazine.address, "--slug", "semaine", "--allow-private", allow(magazine))
    result = run(home, *words, answer="n\n")
    assert result.exit_code == 1
    assert "La [bold]grève[/bold]" in result.output
    assert "1. Les dockers ne cèdent pas" in result.output
    assert f"feed {magazine.address}/feed (the page links to it): 1 articles announced" in result.output
    assert not (home / "config/sources/semaine.toml").exists()
    assert run(home, *words, answer="y\n").exit_code == 0
    (home / "config/sources/semaine.toml").write_text((home / "config/sources/semaine.toml").read_text() + "# mine\n")
    result = run(home, *words, answer="\n")
    assert (result.exit_code, "is there already" in result.output) == (1, True)
    result = run(home, *words, "--yes")
    assert (result.exit_code, "there is a spec for it already" in result.output) == (1, True)
    assert "# mine" in (home / "config/sources/semaine.toml").read_text()


def test_sample_says_where_an_article_of_several_pages_goes_on(added: Path, magazine: MagazineSite) -> None:
    magazine.write("/long", "Le marathon", head='<link rel="next" href="/long/2">', announce=False)
    result = run(added, "source", "sample", "semaine", f"{magazine.address}/long")
    assert f"it goes on at {magazine.address}/long/2, and `ivpipe ingest` joins them" in result.output
    magazine.write("/court", "Le sprint", announce=False)
    assert "goes on at" not in run(added, "source", "sample", "semaine", f"{magazine.address}/court").output


def test_preview_names_headings_notes_pictures_and_what_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    words = "Les dockers ne cèdent pas, et la nuit tombe sur le quai. " * 4
    headings = "".join(f"<h2>Partie {n}</h2><p>{words}</p>" for n in range(14))
    below = "<p><em>Léa Martin est historienne du travail à Lyon.</em></p>"
    page = (
        f'<meta name="author" content="Léa Martin"><article><h1>Le quai</h1><p>{words}<a href="#nb1" id="nh1">[1]</a></p>'
        f'<figure><img src="/a.jpg"><figcaption>Le quai en 1911</figcaption></figure>{headings}{below}</article>'
        '<div class="notes"><p>[<a href="#nh1" id="nb1">1</a>] Archives du port.</p></div>'
    )
    preview(extract(page, "https://revue.example/a"))
    out = capsys.readouterr().out
    for line in (
        "heading  ## Partie 0",
        "heading  … and 2 more",
        "picture  Le quai en 1911",
        "note     1. Archives du port.",
        "quai.[1]",
    ):
        assert line in out
    assert "below    author note: Léa Martin est historienne" in out


def test_add_a_private_address_is_refused_unless_it_is_named(home: Path, magazine: MagazineSite) -> None:
    front_page(magazine)
    result = run(home, "source", "add", magazine.address, "--yes")
    assert (result.exit_code, "allow_private" in result.output) == (1, True)
    assert magazine.site.requests == []


def wordpress(magazine: MagazineSite) -> str:
    front_page(
        magazine, '<meta name="generator" content="WordPress 6.5"><link rel="https://api.w.org/" href="/wp-json/">'
    )
    posts = [{"id": 1, "link": "/un", "title": {"rendered": "La grève"}, "date_gmt": f"{DAY:%Y-%m-%dT08:00:00}"}]
    path = "/wp-json/wp/v2/posts?per_page=50&_fields=id%2Clink%2Cguid%2Ctitle%2Cexcerpt%2Cdate_gmt"
    magazine.site.pages[path] = page(json.dumps(posts).encode(), Content_Type="application/json")
    return f"{magazine.address}/wp-json/"


def spip(magazine: MagazineSite) -> str:
    front_page(magazine, '<meta name="generator" content="SPIP 4.2">')
    magazine.feed("/spip.php?page=backend")
    return f"{magazine.address}/spip.php?page=backend"


def usual_place(magazine: MagazineSite) -> str:
    front_page(magazine, "<link rel=alternate type=application/rss+xml href=/comments/feed title=Comments>")
    magazine.feed("/rss.xml")
    del magazine.site.pages["/feed"]
    return f"{magazine.address}/rss.xml"


def sitemap(magazine: MagazineSite) -> str:
    front_page(magazine, "")
    del magazine.site.pages["/feed"]
    magazine.site.pages["/robots.txt"] = page(b"User-agent: *\nSitemap: /plan.xml\nSitemap: /plan-news.xml\n")
    body = f"<urlset><url><loc>/un</loc><lastmod>{DAY:%Y-%m-%d}</lastmod></url></urlset>".encode()
    magazine.site.pages["/plan-news.xml"] = page(body)
    return f"{magazine.address}/plan-news.xml"


@pytest.mark.parametrize(
    ("site", "platform", "kind"),
    [(wordpress, "wordpress", "wp-json"), (spip, "spip", "spip"), (usual_place, "generic", "feed"),
     (sitemap, "generic", "sitemap")],
)  # fmt: skip
def test_add_finds_where_articles_are_announced(
    home: Path, magazine: MagazineSite, site: object, platform: str, kind: str
) -> None:
    magazine.write("/un", "La grève", date=RECENT)
    place = site(magazine)  # type: ignore[operator]
    result = run(home, "source", "add", magazine.address, "--slug", "s", "--allow-private", allow(magazine), "--yes")
    assert result.exit_code == 0, result.output
    written = tomllib.loads((home / "config/sources/s.toml").read_text())
    assert (written["platform"], written["discovery"]) == (platform, {"kind": kind, "urls": [place]})


def test_add_a_feed_by_its_address(home: Path, magazine: MagazineSite) -> None:
    front_page(magazine, "")
    magazine.write("/un", "La grève", date=RECENT)
    magazine.feed("/secret/feed")
    result = run(
        home,
        "source",
        "add",
        f"{magazine.address}/secret/feed",
        "--slug",
        "s",
        "--allow-private",
        allow(magazine),
        "--yes",
    )
    assert result.exit_code == 0, result.output
    written = tomllib.loads((home / "config/sources/s.toml").read_text())
    assert (written["url"], written["discovery"]["urls"]) == (
        f"{magazine.address}/",
        [f"{magazine.address}/secret/feed"],
    )


def test_add_a_site_that_announces_nothing_says_what_was_tried(home: Path, magazine: MagazineSite) -> None:
    front_page(magazine, "")
    result = run(home, "source", "add", magazine.address, "--slug", "s", "--allow-private", allow(magazine), "--yes")
    assert result.exit_code == 1
    assert f"{magazine.address}/rss.xml: the site answers 404" in result.output
    assert 'kind = "listing"' in result.output


def test_check_says_field_by_field_what_was_found_by_which_rule(added: Path, magazine: MagazineSite) -> None:
    file = added / "config/sources/semaine.toml"
    file.write_text(file.read_text() + '[fields]\ntitle = ["css:.gone", "css:h1"]\nstandfirst = ["css:.chapo"]\n')
    result = run(added, "source", "check", "semaine")
    assert result.exit_code == 1
    assert "feed: 2 articles of the last 30 days" in result.output
    rows = {line.split()[0]: line for line in result.output.splitlines() if line.startswith("  ") and line.split()}
    assert "css:h1" in rows["title"]
    assert "missing; no rule of the spec finds it" in rows["standfirst"]
    assert "generic" in rows["body"]
    assert "semaine: fields.standfirst finds nothing on any of 2 pages" in result.output
    file.write_text(file.read_text().replace("standfirst", "# standfirst"))
    assert run(added, "source", "check").exit_code == 0


def test_check_of_a_source_that_does_not_answer_fails(added: Path, magazine: MagazineSite) -> None:
    magazine.site.pages["/feed"] = status(404)
    result = run(added, "source", "check", "semaine")
    assert (result.exit_code, "404" in result.output) == (1, True)


def test_samples_hold_until_the_reading_changes(added: Path, magazine: MagazineSite) -> None:
    assert run(added, "source", "sample", "semaine", f"{magazine.address}/deux").exit_code == 0
    assert {path.stem for path in (added / "samples/semaine").glob("*.json")} == {"un", "deux"}
    asked = len(magazine.site.requests)
    result = run(added, "source", "check", "--samples", "semaine")
    assert (result.exit_code, result.output.count("as expected")) == (0, 2)
    file = added / "config/sources/semaine.toml"
    file.write_text(file.read_text() + '[fields.replace]\ntitle = [["Le ", "Un "]]\n')
    result = run(added, "source", "check", "--samples", "semaine")
    assert result.exit_code == 1
    assert 'title: expected "Le marché", found "Un marché"' in result.output
    assert "semaine: the sample deux differs in 1 places" in result.output
    (added / "samples/semaine/deux.json").write_text("{}")
    assert "the sample cannot be read: KeyError" in run(added, "source", "check", "--samples").output
    assert len(magazine.site.requests) == asked


def test_own_extractor_lies_in_the_project(added: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (added / "own_readers_of_la_semaine.py").write_text(
        "from ivpipe.model.document import Block, BlockType, Document\n"
        "def read(page, url, *, spec, content_type):\n"
        "    return Document(url=url, title='Lu à la main', blocks=(Block(BlockType.PARAGRAPH, 'Les grues.'),))\n"
    )
    file = added / "config/sources/semaine.toml"
    file.write_text(f'extractor = "own_readers_of_la_semaine:read"\n{file.read_text()}')
    result = run(added, "source", "check", "semaine")
    assert (result.exit_code, "Lu à la main" in result.output) == (0, True)


def test_sample_there_is_not_written_over_without_asking(added: Path, magazine: MagazineSite) -> None:
    (name,) = (path.stem for path in (added / "samples/semaine").glob("*.json"))
    words = ("source", "sample", "semaine", f"{magazine.address}/{name}")
    assert run(added, *words, answer="n\n").exit_code == 1
    assert run(added, *words, "--yes").exit_code == 0


def test_list_shows_health(added: Path) -> None:
    result = run(added, "source", "list")
    assert (result.exit_code, "never" in result.output, "100 new" in result.output) == (0, True, True)
    (entry,) = [json.loads(line) for line in run(added, "source", "list", "--json").output.splitlines()]
    assert (entry["slug"], entry["health"], entry["grade"], entry["enabled"]) == ("semaine", 100, "new", True)


OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Partenaires</title></head><body><outline text="Presse">
<outline type="rss" text="La Revue &amp; co" xmlUrl="https://revue.example/feed?a=1&amp;b=2"
 htmlUrl="https://revue.example/" language="fr-FR"/>
<outline text="La Revue &amp; co" xmlUrl="https://autre.example/feed" language="es"/></outline>
<outline text="Doppelt" xmlUrl="https://revue.example/feed?a=1&amp;b=2"/>
<outline text="Böse" xmlUrl="file:///etc/passwd"/><outline text="Ohne Sprache" xmlUrl="https://ohne.example/feed"/></body></opml>"""


def test_import_writes_a_spec_for_each_feed_switched_off(home: Path) -> None:
    file = home / "partners.opml"
    file.write_text(OPML)
    result = run(home, "source", "import", str(file))
    assert result.exit_code == 1
    assert "2 written, 0 there already" in result.output
    assert "Böse: 'file:///etc/passwd' is no web address" in result.output
    assert "Ohne Sprache: the file does not say its language" in result.output
    sources = load_settings(home).sources
    assert {slug: (one.name, one.languages, one.enabled, one.discovery.urls) for slug, one in sources.items()} == {
        "la-revue-co": ("La Revue & co", ("fr",), False, ("https://revue.example/feed?a=1&b=2",)),
        "la-revue-co-2": ("La Revue & co", ("es",), False, ("https://autre.example/feed",)),
    }
    result = run(home, "source", "import", str(file), "--language", "de", "--enable")
    assert "1 written, 2 there already" in result.output
    assert load_settings(home).sources["ohne-sprache"].enabled


def test_import_of_a_list_with_bare_ampersands(home: Path) -> None:
    file = home / "partners.opml"
    file.write_text(OPML.replace("&amp;", "&"))
    assert "2 written" in run(home, "source", "import", str(file)).output
    found = {(one.name, one.discovery.urls) for one in load_settings(home).sources.values()}
    assert ("La Revue & co", ("https://revue.example/feed?a=1&b=2",)) in found


def test_import_of_what_is_no_opml_is_refused(home: Path) -> None:
    file = home / "x.opml"
    file.write_text("<rss/>")
    result = run(home, "source", "import", str(file))
    assert (result.exit_code, "is not OPML" in result.output) == (1, True)


@pytest.mark.slow
def test_ingest_since_remembers_and_reads_what_is_old(added: Path, magazine: MagazineSite) -> None:
    magazine.write(
        "/vieux", "Une vieille grève", TEXT.replace("dockers", "mineurs"), date="Mon, 02 Mar 2020 10:00:00 GMT"
    )
    result = run(added, "ingest", "--since", "2020-01-01", "--source", "semaine", "--no-prefect")
    assert result.exit_code == 0, result.output
    assert "semaine: 3 announced since 01 January 2020, 3 new" in result.output
    store = Store(f"sqlite:///{added / 'var' / 'ivpipe.db'}")
    with store.read() as session:
        assert sorted(session.scalars(select(Article.title))) == ["La grève", "Le marché", "Une vieille grève"]
        assert len(session.scalars(select(DocumentVersion.id)).all()) == 3
    store.close()
    assert run(added, "ingest", "--since", "2999-01-01").exit_code == 2

    file = added / "config/sources/semaine.toml"
    file.write_text(file.read_text() + '[fields.replace]\ntitle = [["^Une vieille ", "La vieille "]]\n')
    asked = len(magazine.site.requests)
    result = run(added, "reextract", "semaine", "--dry-run")
    assert "Une vieille grève: changed" in result.output
    assert "title: [-Une-] {+La+} vieille grève" in result.output
    assert "semaine: 1 changed, 2 unchanged (nothing was written)" in result.output
    assert "semaine: 1 changed, 2 unchanged\n" in run(added, "reextract", "semaine").output
    assert "semaine: 3 unchanged\n" in run(added, "reextract", "semaine").output
    assert len(magazine.site.requests) == asked
