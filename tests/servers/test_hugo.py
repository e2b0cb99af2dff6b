"""A real Hugo makes a site of what the target ``markdown`` pushes."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from lxml import html as lxml_html
from tests.conftest import missing_server
from tests.unit.publishers.sites import words
from tests.unit.publishers.test_markdown import LABELLED, Remote, with_picture

from ivpipe.model import Block, BlockType

CONFIG = 'baseURL = "https://ferry.example/read/"\n[markup.goldmark.renderer]\nunsafe = true\n'
LAYOUT = """<html><body><h1>{{ .Title }}</h1><p class="facts">{{ .Date.Format "2006-01-02" }} {{ .Lastmod.Format "2006-01-02" }}
{{ delimit .Params.authors "; " }} | {{ delimit .Params.tags "; " }}
| {{ delimit .Params.categories "; " }} | {{ .Description }}</p>
<div class="text">{{ .Content }}</div></body></html>"""
ODD = "{{ .Site }} {{&lt; figure &gt;}} a_b_c *x* $1 :smile: [x](y) ~~no~~ &lt;b&gt; 1 &lt; 2 &amp;amp; #x ==y=="


def test_hugo_makes_of_a_page_what_was_meant(tmp_path: Path) -> None:
    hugo = shutil.which("hugo")
    if hugo is None:
        missing_server("Hugo", "apt-get install hugo")
    remote = Remote(tmp_path)
    blocks = (
        *LABELLED.document.blocks,
        Block(BlockType.PARAGRAPH, ODD),
        Block(BlockType.PARAGRAPH, "12. Bonjour", lang="fr"),
    )
    page = with_picture(tmp_path, replace(LABELLED, document=replace(LABELLED.document, blocks=blocks)))
    ref = remote.target().upsert(page.key, page)
    remote.someone_commits("config.toml", CONFIG)
    remote.someone_commits("layouts/_default/single.html", LAYOUT)

    made = subprocess.run([str(hugo), "--source", remote.clone], capture_output=True, text=True, check=False)

    assert made.returncode == 0, made.stderr
    place = remote.clone / "public" / ref.url.removeprefix("https://ferry.example/read/") / "index.html"
    tree = lxml_html.fromstring(place.read_text(encoding="utf-8"))
    (text,) = tree.find_class("text")
    (facts,) = tree.find_class("facts")
    assert words(facts) == (
        "2026-06-22 2026-06-23 Claire Morvan; Yann Le Goff | docks; no; 12:30 | Work | "
        "After nine years of wage cuts, the dockers have had enough."
    )
    assert [words(heading) for heading in tree.iter("h1", "h2")] == [
        "The cranes stand still",
        "A fund that does not say its name",
        "What comes after",
    ]
    paragraphs = [words(paragraph) for paragraph in text.iter("p")]
    assert "{{ .Site }} {{< figure >}} a_b_c *x* $1 :smile: [x](y) ~~no~~ <b> 1 < 2 &amp; #x ==y==" in paragraphs
    assert [(one.get("lang"), words(one)) for one in text.iter("p") if one.get("lang")] == [("fr", "12. Bonjour")]
    (picture,) = text.iter("img")
    shown = remote.clone / "public" / str(picture.get("src")).removeprefix("/")
    assert shown.read_bytes() == b"picture"
    notes = [words(note) for note in text.xpath('.//div[@class="footnotes"]//li/p')]
    assert [note.rstrip("\xa0 ↩︎") for note in notes] == ["Figures of the union.", "Accounts of 11 June."]
