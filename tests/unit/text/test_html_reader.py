import pytest
from lxml.html import HTMLParser, document_fromstring, fragment_fromstring

from ivpipe.model.document import Block, BlockType, Image
from ivpipe.text.html_reader import BlockReader
from ivpipe.text.inline import inline_text, inline_tokens
from ivpipe.text.inline_reader import read_inline, read_text

URL = "https://revue.example/a/b"


def inline(html: str) -> str:
    result = read_inline(fragment_fromstring(html, create_parent="div"), URL, lang="fr")
    inline_tokens(result)
    return result


def blocks(html: str) -> list[Block]:
    reader = BlockReader(URL, "fr")
    reader.read(fragment_fromstring(html, create_parent="div"))
    for block in reader.blocks:
        if block.type is not BlockType.TABLE:
            inline_tokens(block.html)
    return reader.blocks


def test_links_from_the_sites_root_are_made_whole() -> None:
    for href, url in {
        "/n/3?vue=1": "https://revue.example/n/3?vue=1",
        "/": "https://revue.example/",
        "/n/../m/./4": "https://revue.example/m/4",
        "/a//b": "https://revue.example/a//b",
        "//cdn.example/x": "https://cdn.example/x",
    }.items():
        assert inline(f'<a href="{href}">x</a>') == f'<a href="{url}">x</a>'


def test_white_space_is_folded_and_a_no_break_space_outlives_the_others() -> None:
    assert inline("\n Un\u00a0: \u202f deux  mots<b> \u00a0</b>\u00a0;\n<i>\n\u00ad </i>fin\u200b. ") == (
        "Un\u00a0:\u202fdeux mots\u00a0; fin."
    )
    assert read_text(fragment_fromstring("<p>\u00a0 Un \u00a0: deux\n mots\u00a0 </p>")) == "Un\u00a0: deux mots"


def test_inline_markup_becomes_canonical() -> None:
    assert inline("<i>a</i> <b>b</b> <kbd>c</kbd> H<sub>2</sub>O") == (
        "<em>a</em> <strong>b</strong> <code>c</code> H<sub>2</sub>O"
    )


def test_space_at_the_edge_of_an_element_moves_outside() -> None:
    assert inline("un<i> mot </i>là \n\t puis") == "un <em>mot</em> là puis"


def test_empty_elements_vanish_and_touching_twins_become_one() -> None:
    assert inline("<i>a</i><i></i><i>b</i><b> </b>c") == "<em>ab</em> c"
    assert inline(
        '<a href="/x">a </a><a href="/x" target="_blank">b</a> <a href="/x"><i>c</i></a> <a href="/y">d</a>'
    ) == ('<a href="https://revue.example/x">a b <em>c</em></a> <a href="https://revue.example/y">d</a>')


def test_no_break_spaces_are_kept_and_doubled_ones_folded() -> None:
    assert inline("«\u00a0\u00a0mot\u202f\u00a0! \u00a0») ") == "«\u00a0mot\u202f!\u00a0»)"


def test_soft_hyphens_zero_width_and_control_characters_go() -> None:
    assert inline("a\u00adb\u200bc\ufeffd\u2060e\u200cf\x85g") == "abcdefg"


def test_joiners_of_persian_and_emoji_stay() -> None:
    assert inline("می\u200cخواهم 👩\u200d🚒") == "می\u200cخواهم 👩\u200d🚒"


def test_links_are_absolute_and_only_http_and_mail_survive() -> None:
    assert inline(
        '<a href="../c?x=1&amp;y=2">c</a> <a href="javascript:x()">j</a> <a href="#n">n</a> <a href="mailto:a@b.fr">m</a>'
    ) == ('<a href="https://revue.example/c?x=1&amp;y=2">c</a> j n <a href="mailto:a@b.fr">m</a>')


def test_link_that_is_no_address_keeps_its_text() -> None:
    assert inline('<a href="http://[nope/">texte</a> <a href="ftp://x/">y</a>') == "texte y"


def test_language_and_small_caps_become_spans() -> None:
    assert inline('<i lang="en">no future</i> <span class="caps">CGT</span> <span lang="fr">ici</span>') == (
        '<em><span lang="en">no future</span></em> <span class="small-caps">CGT</span> ici'
    )


def test_style_of_pasted_text_is_read() -> None:
    assert inline('<span style="font-style: italic">a</span> <b style="font-weight:normal">b</b>') == "<em>a</em> b"


def test_text_is_escaped() -> None:
    assert inline("a &lt;b&gt; &amp; c") == "a &lt;b&gt; &amp; c"


def test_markup_over_several_paragraphs_is_closed_and_taken_up_again() -> None:
    assert blocks('<a href="/x"><div>un</div><div>deux</div></a>') == [
        Block(BlockType.PARAGRAPH, '<a href="https://revue.example/x">un</a>'),
        Block(BlockType.PARAGRAPH, '<a href="https://revue.example/x">deux</a>'),
    ]


def test_two_line_breaks_are_a_new_paragraph_and_one_is_a_line() -> None:
    assert blocks("un<br>deux<br><br>trois") == [
        Block(BlockType.PARAGRAPH, "un<br>deux"),
        Block(BlockType.PARAGRAPH, "trois"),
    ]


def test_headings_keep_their_levels_from_two_on() -> None:
    assert blocks("<h1>a</h1><h3>b</h3><h6>c</h6>") == [
        Block(BlockType.HEADING, "a", level=2),
        Block(BlockType.HEADING, "b", level=3),
        Block(BlockType.HEADING, "c", level=6),
    ]


def test_nested_lists_become_flat_items_with_depth() -> None:
    assert blocks(
        "<ol><li>un<ul><li>un a</li></ul></li><li><p>deux</p><p>encore</p></li></ol><ul><li>autre</li></ul>"
    ) == [
        Block(BlockType.LIST_ITEM, "un", 1, ordered=True),
        Block(BlockType.LIST_ITEM, "un a", 2, joined=True),
        Block(BlockType.LIST_ITEM, "deux<br>encore", 1, ordered=True, joined=True),
        Block(BlockType.LIST_ITEM, "autre", 1),
    ]


def test_paragraphs_of_one_quotation_are_joined_and_its_source_told() -> None:
    assert blocks("<blockquote><p>a</p><p>b</p><footer>X</footer></blockquote><blockquote>c</blockquote>") == [
        Block(BlockType.QUOTE, "a", quoted=True),
        Block(BlockType.QUOTE, "b", quoted=True, joined=True),
        Block(BlockType.QUOTE, "X", quoted=True, joined=True, role="attribution"),
        Block(BlockType.QUOTE, "c", quoted=True),
    ]


def test_figure_with_lazy_picture_caption_and_credit() -> None:
    reader = BlockReader(URL)
    reader.read(
        fragment_fromstring(
            '<figure><img src="data:image/gif;base64,x" data-src="/i.jpg" alt="une rue"><figcaption>Une <i>rue</i>'
            '<span class="credit">© Ana</span></figcaption></figure>',
            create_parent="div",
        )
    )
    assert reader.blocks == [Block(BlockType.FIGURE, "Une <em>rue</em>", image=0)]
    assert reader.images == [Image("https://revue.example/i.jpg", "une rue", "Une <em>rue</em>", "© Ana")]


def test_largest_candidate_of_a_srcset_is_taken() -> None:
    reader = BlockReader(URL)
    reader.read(fragment_fromstring('<img srcset="/s.jpg 300w, /l.jpg 1200w, /m.jpg 600w">', create_parent="div"))
    assert [image.src for image in reader.images] == ["https://revue.example/l.jpg"]


def test_picture_in_a_paragraph_stands_after_it() -> None:
    assert [block.type for block in blocks('<p>un <img src="/i.jpg"> deux</p><p>trois</p>')] == [
        BlockType.PARAGRAPH, BlockType.FIGURE, BlockType.PARAGRAPH,
    ]  # fmt: skip


def test_table_of_data_is_one_block_and_layout_is_not() -> None:
    assert blocks(
        '<table><caption>C</caption><tr><th colspan="2" class="x">A</th></tr><tr><td>1</td><td><i>2</i></td></tr></table>'
    ) == [
        Block(
            BlockType.TABLE,
            '<table><caption>C</caption><tr><th colspan="2">A</th></tr><tr><td>1</td><td><em>2</em></td></tr></table>',
        )
    ]
    assert blocks("<table><tr><td><p>un</p><p>deux</p></td></tr></table>") == [
        Block(BlockType.PARAGRAPH, "un"),
        Block(BlockType.PARAGRAPH, "deux"),
    ]


def test_pictures_in_a_table_of_data_stand_after_it() -> None:
    rows = '<tr><th>A</th><td>1 <img src="/i.jpg"></td></tr><tr><th>B</th><td><img src="/j.jpg" width="16"></td></tr>'
    reader = BlockReader(URL)
    reader.read(fragment_fromstring(f"<table>{rows}</table>", create_parent="div"))
    assert [block.type for block in reader.blocks] == [BlockType.TABLE, BlockType.FIGURE]
    assert [image.src for image in reader.images] == ["https://revue.example/i.jpg"]


def test_code_keeps_its_lines_and_verse_its_breaks() -> None:
    assert blocks("<pre>a &lt; b\n  c</pre>") == [Block(BlockType.CODE, "a &lt; b\n  c")]
    assert blocks('<pre class="wp-block-verse">un\ndeux</pre>') == [Block(BlockType.VERSE, "un<br>deux")]
    for name in ("poema", "poesia", "gedicht"):
        assert blocks(f'<div class="{name}"><p>un<br>deux</p></div>') == [Block(BlockType.VERSE, "un<br>deux")]
    for stanzas in (
        "<p>un<br>deux</p><p>trois<br>quatre</p>",
        "<div>un</div><div>deux</div><div>&nbsp;</div><div>trois<br>quatre</div>",
    ):
        assert blocks(f'<div class="poem">{stanzas}</div>') == [
            Block(BlockType.VERSE, "un<br>deux<br><br>trois<br>quatre")
        ]
    assert blocks('<div class="spip_poesie"><div>un</div><div>deux</div></div>') == [
        Block(BlockType.VERSE, "un<br>deux")
    ]


def test_film_becomes_a_titled_link() -> None:
    assert blocks('<iframe src="https://www.youtube.com/embed/abc123def45" title="Un film"></iframe>') == [
        Block(
            BlockType.PARAGRAPH,
            '<a href="https://www.youtube.com/watch?v=abc123def45">Un film (YouTube)</a>',
            role="embed",
        )
    ]


def test_note_reference_stands_at_its_word() -> None:
    assert inline('mot <x-note-ref label="1"></x-note-ref> suite') == (
        'mot<sup class="note-ref" data-note="1">1</sup> suite'
    )


def test_plain_text_of_blocks_is_parted_by_spaces() -> None:
    assert (
        read_text(fragment_fromstring("<div><p>un</p><p>deux<br>trois</p><script>x</script></div>")) == "un deux trois"
    )


@pytest.mark.parametrize("tag", ["div", "span", "em", "blockquote", "a", "section"])
def test_thousands_of_nested_elements_are_read(tag: str) -> None:
    root = document_fromstring(f"<{tag}>" * 1500 + "texte", parser=HTMLParser(huge_tree=True))
    reader = BlockReader(URL)
    reader.read(root)
    assert [inline_text(block.html) for block in reader.blocks] == ["texte"]
