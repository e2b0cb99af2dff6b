"""A site on a stand: pages to publish, what its folder holds, what readers can reach in it, and ends of processes."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from ivpipe.model import Block, BlockType, Document, Image, Magazine, Note, Page
from ivpipe.publishers.static_site import StaticSite, StaticSiteSettings

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


def site_in(data: Path, magazine: Magazine = MAGAZINE, **settings: Any) -> StaticSite:
    return StaticSite(
        StaticSiteSettings(**{"base_url": BASE, **settings}), slug="web", magazine=magazine, data_dir=data
    )


def files(folder: Path) -> dict[str, bytes]:
    """All that is in the folder but what a publisher keeps for its own use and can make again."""
    own = {"lock", "writing", "index.sqlite", "index.sqlite-journal"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not (path.parent.name == "_ivpipe" and path.name in own)
    }


def tree_of(path: Path) -> Any:
    return lxml_html.fromstring(path.read_text(encoding="utf-8"))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def check_whole(folder: Path) -> None:
    """Every file a reader can reach from the front page, the feeds or the sitemap is there, and whole."""
    seen: set[str] = set()
    waiting = ["index.html", "sitemap.xml", "feed.xml", "404.html"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = folder / name
        assert path.is_file(), f"a link to {name} leads nowhere"
        data = path.read_bytes()
        if path.suffix == ".xml":
            links = etree.fromstring(data).xpath("//*[local-name()='loc']/text() | //*[local-name()='link']/@href")
        elif path.suffix == ".html":
            assert data.endswith(b"</html>\n")
            page = lxml_html.fromstring(data.decode())
            ids = page.xpath("//@id")
            assert len(ids) == len(set(ids))
            links = page.xpath("//a/@href | //link/@href | //script/@src | //img/@src")
            for link in links:
                if link.startswith("#"):
                    assert link[1:] in ids
        else:
            continue
        for link in links:
            whole = urlsplit(urljoin(BASE + name, link))
            if whole.netloc == "ferry.example" and whole.path.startswith("/read/"):
                inside = unquote(whole.path.removeprefix("/read/"))
                waiting.append(f"{inside}index.html" if not inside or inside.endswith("/") else inside)


def ended_at(number: int, act: Callable[[], object]) -> bool:
    """Run ``act`` in a child process that ends, with no handler run, at its nth change of the disk, from 0; say whether it
    ended there. The child never runs on into the tests, whatever happens in it. Raises AssertionError where it failed.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            left = [number]
            for name in ("replace", "unlink"):
                setattr(os, name, _dying(left, getattr(os, name)))
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, _KILLED), "the child failed"
    return status == _KILLED


_KILLED = 9


def _dying(left: list[int], act: Callable[..., None]) -> Callable[..., None]:
    def acts(*arguments: object, **named: object) -> None:
        if left[0] == 0:
            os._exit(_KILLED)
        left[0] -= 1
        act(*arguments, **named)

    return acts
