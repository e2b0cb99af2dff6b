"""A published SPIP page before a reader's browser: hostile text is text there, and all of the article stands in order."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser
from tests.builders import PAGE
from tests.contracts.test_publishers import MAGAZINE
from tests.servers.example_page import EXAMPLE, places
from tests.servers.spip import LOGIN, PASSWORD, TOKEN, Spip

from ivpipe.model import Block, BlockType, Image, Note
from ivpipe.model.page import Picture
from ivpipe.publishers.spip import Spip as Publisher
from ivpipe.publishers.spip import SpipSettings

HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>',
    "<svg onload=window.pwned=1>",
    '[ici->javascript:window.pwned=1]',
    '"[ici|x\\" onclick=\\"window.pwned=1->https://x.example/]',
    '" onmouseover="window.pwned=1" x="',
    "' onfocus='window.pwned=1' autofocus x='",
    "<form action=https://x.example/><input name=q></form>",
    "<formulaire|login>",
    "<doc1>",
    "<doc1|left|lien=javascript:window.pwned=1>",
    "<modeles|article_traductions>",
    "<article1|lien>",
    "#ENV{x} [(#PASS)] (#SESSION{login}) <BOUCLE_a(AUTEURS)>#LOGIN</BOUCLE_a>",
    "<INCLURE{fond=login}>",
    "<?php echo 'pwned'; ?>",
    "<cadre>x</cadre>",
    "<code><script>window.pwned = 1</script></code>",
    "</code><script>window.pwned = 1</script>",
    "</html><script>window.pwned = 1</script>",
    "<html><script>window.pwned = 1</script></html>",
    "</textarea><script>window.pwned = 1</script>",
    "<!-- --><script>window.pwned = 1</script>",
    "<multi>[fr]<script>window.pwned = 1</script></multi>",
    "&lt;script&gt;window.pwned = 1&lt;/script&gt;",
]  # fmt: skip


def note_ref(label: str) -> str:
    return f'<sup class="note-ref" data-note="{escape(label)}">{escape(label, quote=False)}</sup>'


_ARTICLE = ".article, .surtitre, h1, .soustitre, .chapo, .texte, .ps, .notes"


@pytest.mark.parametrize(("lang", "driver"), [("fr", "forms"), ("en", "forms"), ("fr", "file")])
def test_hostile_text_is_text_to_readers_of_a_spip(
    spip: Spip, chromium: Browser, monkeypatch: pytest.MonkeyPatch, lang: str, driver: Literal["forms", "file"]
) -> None:
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", PASSWORD)
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", TOKEN)
    everything = " ".join(HOSTILE)
    text = escape(everything, quote=False)
    mark = note_ref("1")
    link = '<a href="javascript:window.pwned=1">lien</a><a href="https://x.example/&quot;onclick=&quot;window.pwned=1">l</a>'
    table = f"<table><caption>{text}</caption><tr><th>{text}</th><th>b</th></tr><tr><td>{text}</td><td>{link}</td></tr></table>"
    picture = Picture(
        "https://x.example/c.jpg", Path("src/ivpipe/demo/sites/pictures/canal.jpg"), "image/jpeg", 960, 600, "ab" * 32,
        everything, text, text,
    )  # fmt: skip
    kinds = [kind for kind in BlockType if kind not in (BlockType.TABLE, BlockType.FIGURE, BlockType.RULE)]
    document = replace(
        PAGE.document,
        title=text,
        kicker=text,
        standfirst=text,
        lang=lang,
        blocks=(
            *(Block(kind, text if kind is BlockType.CODE else f"{text}{mark}{link}", level=2) for kind in kinds),
            Block(BlockType.PARAGRAPH, f"<code>{text}</code> <em>{text}</em> <strong>{text}</strong>"),
            Block(BlockType.TABLE, table),
            Block(BlockType.FIGURE, text, image=0),
            Block(BlockType.PARAGRAPH, f"x{note_ref(everything)}"),
        ),
        notes=(Note("1", text), Note(everything, text)),
        images=(Image(picture.src, everything, text, text),),
    )
    page = replace(
        PAGE, document=document, lang=lang, country=text, byline=(everything,), attribution_html=text, postscript_html=text,
        correction_html=text, partner=everything, original_url="javascript:window.pwned=1", pictures=(picture,),
        keywords=("<script>window.pwned = 1</script>",),
    )  # fmt: skip
    settings = SpipSettings(url=spip.url, driver=driver, login=LOGIN, section=1, status="publie", keywords="create")
    site = Publisher(settings, slug="spip", magazine=MAGAZINE, data_dir=Path())
    ref = site.upsert(page.key, page)
    site.close()

    tab = chromium.new_page()
    tab.goto(ref.url, wait_until="load")
    for element in tab.query_selector_all(f":is({_ARTICLE}) *"):
        for event in ("mouseover", "focus"):
            element.dispatch_event(event)
    assert tab.evaluate("window.pwned") is None
    found = tab.evaluate(
        """article => [...document.querySelectorAll(article)].flatMap(part => [...part.querySelectorAll('*')]).flatMap(node => [
            ...['SCRIPT', 'IFRAME', 'FORM', 'OBJECT', 'EMBED', 'INPUT', 'TEXTAREA', 'svg'].filter(name => node.nodeName === name),
            ...[...node.attributes].filter(one => one.name.startsWith('on') || /^javascript:/i.test(one.value))
                .map(one => one.name + '=' + one.value)])""",
        _ARTICLE,
    )
    assert found == []
    shown = tab.inner_text("body").replace("\u00a0", " ").replace("’", "'")
    for piece in (
        "<script>window.pwned",
        "<doc1>",
        "<modeles|article_traductions>",
        "[(#PASS)]",
        "<?php",
        "<cadre>x</cadre>",
    ):
        assert "".join(piece.split()) in "".join(shown.split())
    assert tab.title().count("<script>") >= 1
    tab.close()


def test_an_article_stands_as_the_magazine_prints_it(
    spip: Spip, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", PASSWORD)
    spip.rows(
        "INSERT INTO spip_rubriques (id_rubrique, titre, statut, lang) VALUES (2, ?, 'publie', 'en')", EXAMPLE.edition
    )
    settings = SpipSettings(
        url=spip.url, login=LOGIN, section=1, status="publie", keywords="create", ps=("postscript", "copyright")
    )
    site = Publisher(settings, slug="spip", magazine=MAGAZINE, data_dir=Path())
    ref = site.upsert(EXAMPLE.key, EXAMPLE)
    site.close()

    tab = chromium.new_page()
    tab.goto(ref.url)
    text = tab.inner_text("body")
    found = places(text)
    assert -1 not in found, found
    assert found == sorted(found), found
    lines = [line.strip() for line in text.splitlines()]
    for line in ("Kaldavia", "Ilse Marant", "https://vergers.example/eau-et-tribunaux", "water", "farming"):
        assert line in lines
    assert f"{EXAMPLE.edition} > {EXAMPLE.document.title}" in text
    assert "Sunday 22 June 2025" in text
    assert tab.locator("a[href='https://ferry.example/give']").inner_text() == "Donate"
    tab.close()
