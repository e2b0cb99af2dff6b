"""Document → SPIP's markup, as an editor sees it. What SPIP makes of it is tried in tests/properties/test_spip_markup.py."""

from __future__ import annotations

import pytest

from ivpipe.model import Block, BlockType, Document, Note
from ivpipe.publishers.spip.markup import Marked, inline_markup, mark_up, title_markup


@pytest.mark.parametrize(
    ("html", "markup"),
    [
        ("Le port <em>ferme</em>, <strong>enfin</strong>.", "Le port {ferme}, {{enfin}}."),
        ("<strong>un <em>deux</em></strong>", "{{un <i>deux</i>}}"),
        ("<em>a</em><strong>b</strong>", "<i>a</i><strong>b</strong>"),
        ('<a href="https://x.org/a?b=1&amp;c=2">là</a>', "[là->https://x.org/a?b=1&c=2]"),
        ('<a href="https://x.org/a]b">là</a>', '<a href="https://x.org/a&#93;b">là</a>'),
        ('<a href="https://x.org/"><em>là</em></a>', '<a href="https://x.org/"><i>là</i></a>'),
        ('<a href="https://x.org/" hreflang="fr">là</a>', '<a href="https://x.org/" hreflang="fr">là</a>'),
        ('<a href="javascript:alert(1)">là</a>', "là"),
        ("un<br>deux", "un\n_ deux"),
        ("- un", "&#45; un"),
        ("un -- deux", "un -&#45; deux"),
        ("{a} [b->c] |d| ~e", "&#123;a&#125; &#91;b-&gt;c&#93; &#124;d&#124; &#126;e"),
        ("&lt;doc1&gt; &lt;script&gt;", "&lt;doc1&gt; &lt;script&gt;"),
        ("www.x.org, https://x.org", "ww&#119;.x.org, http&#115;://x.org"),
        ("<code>a*b</code> <code>a&lt;b</code>", "<code>a*b</code> <html><code>a&lt;b</code></html>"),
        ("H<sub>2</sub>O 😀", "H<sub>2</sub>O &#x1f600;"),
    ],
)
def test_inline_markup_is_spips_own_where_it_says_the_same(html: str, markup: str) -> None:
    assert inline_markup(html) == markup


@pytest.mark.parametrize(
    ("html", "markup"),
    [
        ("Le <em>Prestige</em>, <a href='https://x.org'>là</a>", "Le <i>Prestige</i>, là"),
        ("1. Premier", "1&#46; Premier"),
        ("Un<br>deux", "Un deux"),
        ("{Un} &lt;doc1&gt;", "&#123;Un&#125; &lt;doc1&gt;"),
    ],
)
def test_titles_have_no_shortcuts(html: str, markup: str) -> None:
    assert title_markup(html) == markup


def test_blocks_stand_a_blank_line_apart_and_notes_at_their_first_mark() -> None:
    item, mark = BlockType.LIST_ITEM, '<sup class="note-ref" data-note="1">1</sup>'
    document = Document(
        url="https://revue.example/",
        title="Le port",
        kicker="Ports",
        standfirst="Trois semaines.",
        lang="fr",
        blocks=(
            Block(BlockType.HEADING, "Un titre", level=2),
            Block(BlockType.HEADING, "Un autre", level=3),
            Block(BlockType.PARAGRAPH, f"Il pleut.{mark}"),
            Block(item, "un", 1),
            Block(item, "deux", 2, joined=True),
            Block(item, "trois", 1, joined=True),
            Block(BlockType.QUOTE, "Dit-il.", quoted=True),
            Block(BlockType.QUOTE, "Encore.", quoted=True, joined=True),
            Block(BlockType.VERSE, "un vers<br>un autre"),
            Block(BlockType.RULE),
            Block(BlockType.TABLE, "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"),
            Block(BlockType.TABLE, '<table><tr><td colspan="2">1</td></tr><tr><td>2</td><td>3</td></tr></table>'),
            Block(BlockType.CODE, "a &lt; b"),
            Block(BlockType.PARAGRAPH, "إنه", lang="ar"),
        ),
        notes=(Note("1", "Le <em>comité</em>."),),
    )
    body = """{{{Un titre}}}

<h3 class="spip">Un autre</h3>

Il pleut.[[Le {comité}.]]

-* un
-** deux
-* trois

<quote>
Dit-il.

Encore.
</quote>

<poesie>
un vers
un autre
</poesie>

----

|{{a}}|{{b}}|
|1|2|

<table class="table spip"><tr><td colspan="2">1</td></tr><tr><td>2</td><td>3</td></tr></table>

<html><pre><code>a &lt; b</code></pre></html>

<p lang="ar" dir="rtl">إنه</p>"""
    assert mark_up(document) == Marked("Ports", "Le port", "Trois semaines.", body)


def test_notes_are_named_where_their_labels_are_not_their_numbers() -> None:
    mark = '<sup class="note-ref" data-note="{0}">{0}</sup>'.format
    document = Document(
        url="https://revue.example/",
        title="",
        blocks=(Block(BlockType.PARAGRAPH, f"Un{mark('*')} deux{mark('b')} trois{mark('*')}"),),
        notes=(Note("*", "Astre"), Note("b", "Bé"), Note("7", "Seule")),
    )
    assert mark_up(document).body == "Un[[<*>Astre]] deux[[<b>Bé]] trois[[<*>]]\n\n[[<>7 Seule]]"
