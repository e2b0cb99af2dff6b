"""Document → SPIP's markup → SPIP's own rendering: what readers get is what was meant."""

from __future__ import annotations

import os
from dataclasses import replace
from html import escape

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.properties.documents import documents
from tests.properties.documents import inline_html as inline_htmls
from tests.servers.spip import Spip
from tests.servers.spip_reading import RENDER, meant, plain_title, shown
from tests.servers.torture_page import torture_page

from ivpipe.model import Block, BlockType, Document
from ivpipe.publishers.spip.markup import mark_up
from ivpipe.text.html_writer import inline_html

EXAMPLES = int(os.environ.get("IVPIPE_SPIP_EXAMPLES", "200"))

PITFALLS = [
    "{a}", "{{b}}", "{{{c}}}", "{a,b}", "{{}}", "[t->https://exemple.org/x]", "[?mot]", "[[note]]", "[[<1>]]", "[EU|Union]",
    "- tiret", "-* puce", "-# un", "-- aparté", "---", "----", "____", "_ ligne", "|a|b|", "| {{x}} |", "~", "\\{", "\\~",
    "`code`", "```bloc```", "<doc1>", "<img1|left>", "<emb2>", "<article3|x=y>", "<quote>", "</quote>", "<poesie>", "<cadre>",
    "<html>", "</html>", "<code>", "</code>", "<script>alert(1)</script>", "<multi>[fr]x[en]y</multi>", "<:titre:>", "<math>",
    "https://exemple.org/a_b--c", "www.exemple.org", "HTTPS://EXEMPLE.ORG/", "a->b", "<-", "#TITRE", "(#ENV{x})", "[(#TEXTE)]",
    "<!-- x -->", "<?php echo 1 ?>", "l'eau", "« Oui »", "Vraiment?!", "12 %", "a:b", "M. Roux", "n° 5", "a—b", "— dit-il",
    "—-", "-—", "1. Un", "&nbsp;", "&eacute;", "&#123;", "😀", "\u200f", "?", "*gras*", "@", "a;b", "http://", "<p>",
    "<br>", "(c)",
]  # fmt: skip
_pitfalls = st.lists(st.sampled_from(PITFALLS), min_size=1, max_size=3).map(" ".join)
_texts = st.one_of(_pitfalls.map(lambda text: escape(text, quote=False)), inline_htmls)
_wrapped = st.sampled_from(
    ["{}", "<em>{}</em>", "<strong>{}</strong>", "<strong><em>{}</em></strong>", "<em>a</em>{}<em>b</em>"]
)


@st.composite
def treacherous(draw: st.DrawFn) -> Document:
    """A document full of text that SPIP would take for markup; lists of any depth, in and out of quotes."""
    blocks = []
    for block in draw(documents()).blocks:
        if block.type not in (BlockType.TABLE, BlockType.RULE, BlockType.CODE):
            # `format` would trip over braces of the text.
            before, after = draw(_wrapped).split("{}")
            block = replace(block, html=before + draw(_texts) + after + block.html + draw(_texts))
        blocks.append(block)
    for _ in range(draw(st.integers(0, 6))):
        level, quoted = draw(st.integers(1, 4)), draw(st.booleans())
        blocks.append(
            Block(BlockType.LIST_ITEM, draw(_texts), level, draw(st.booleans()), draw(st.booleans()), quoted=quoted)
        )
    return Document(
        url="https://exemple.org/",
        title=draw(_texts),
        lang=draw(st.sampled_from(["fr", "en", "ar"])),
        blocks=tuple(blocks),
    )


def come_out_as_meant(site: Spip, made: list[Document]) -> None:
    marked = [mark_up(document) for document in made]
    answers = site.php(
        RENDER, [[one.lang, text.title, text.standfirst, text.body] for one, text in zip(made, marked, strict=True)]
    )
    for document, text, (title, body, notes) in zip(made, marked, answers, strict=True):
        assert shown(body, notes, document.lang) == meant(document), text.body
        whole = inline_html(document.title).replace("<br>", " ")
        assert plain_title(title, document.lang) == plain_title(whole, document.lang), text.title


@pytest.mark.parametrize("lang", ["fr", "en", "ar"])
def test_the_torture_page_comes_out_as_it_was_meant(installed_spip: Spip, lang: str) -> None:
    come_out_as_meant(installed_spip, [replace(torture_page(pictures=False), lang=lang)])


def test_any_document_comes_out_as_it_was_meant(installed_spip: Spip) -> None:
    made: list[Document] = []

    @settings(max_examples=EXAMPLES // 2, phases=[Phase.generate], database=None)
    @given(st.one_of(documents()), treacherous())
    def collect(one: Document, other: Document) -> None:
        made.extend([replace(one, lang=one.lang or "fr"), other])

    collect()
    come_out_as_meant(installed_spip, made)
