from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivpipe.errors import SourceError
from ivpipe.sources.listings import MAX_LINKS, parse_listing

URL = "https://partner.example/articles/"
PAGE = """<!doctype html><html lang=fr><head><base href="https://partner.example/"></head><body><nav><a href="/">Accueil</a></nav>
<main>
 <article><a href="un?utm_source=x"><img src=1.jpg alt=""></a><h2>Au port, la <em>grève</em></h2>
  <time datetime="2024-05-03T10:00:00+02:00">vendredi</time></article>
 <article><h2><a href="/deux">Deuxième</a></h2><p class="date-pub">publié le 2 mai 2024</p></article>
 <article><h2><a href="/deux#comments">Deuxième, encore</a></h2></article>
 <article><h2><a href="mailto:x@y">Écrire</a></h2></article>
 <article><p><a href="/trois" title="Troisième"></a></p></article>
</main><a rel="next" href="?page=2">Suite</a></body></html>"""


def listed(body: str, *links: str) -> list[tuple[str, str, datetime | None]]:
    return [
        (one.url, one.title, one.published)
        for one in parse_listing(body.encode(), URL, "text/html; charset=utf-8", links, ("fr",)).found
    ]


@pytest.mark.parametrize("rule", ["css:main article", "xpath://main/article"])
def test_boxes_give_link_title_and_date(rule: str) -> None:
    assert listed(PAGE, rule) == [
        ("https://partner.example/un", "Au port, la grève", datetime(2024, 5, 3, 8, tzinfo=UTC)),
        ("https://partner.example/deux", "Deuxième", datetime(2024, 5, 2, tzinfo=UTC)),
        ("https://partner.example/trois", "Troisième", None),
    ]


def test_links_take_title_and_date_from_around_them() -> None:
    assert listed(PAGE, "css:main h2 a") == [
        ("https://partner.example/deux", "Deuxième", datetime(2024, 5, 2, tzinfo=UTC)),
    ]


def test_next_page_is_named() -> None:
    feed = parse_listing(PAGE.encode(), URL, "text/html", ("css:main article",), ("fr",))
    assert feed.next == "https://partner.example/?page=2"


def test_rule_that_finds_nothing_says_which() -> None:
    with pytest.raises(SourceError, match=r"no articles where they are looked for \(css:\.gone\).*discovery\.links"):
        listed(PAGE, "css:.gone")


def test_page_that_is_no_html_is_an_error() -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        listed("%PDF-1.4 …", "css:a")


def test_very_long_listing_is_cut() -> None:
    feed = parse_listing(
        "".join(f"<p><a href=/{n}>Titre {n}</a></p>" for n in range(MAX_LINKS + 5)).encode(), URL, "", ("css:a",)
    )
    assert len(feed.found) == MAX_LINKS
    assert feed.warnings == [f"{URL}: the listing is very long; only its first {MAX_LINKS} links were read"]
