"""Reading HTML from Documents: structure, notes and their links, and nothing hostile."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.model.document import Block, BlockType, Document, Image, Note
from ivpipe.text.html_writer import (
    document_body,
    document_notes,
    inline_html,
    inline_plain,
    safe_address,
    write_document,
)

B = BlockType
REF = '<sup class="note-ref" data-note="{0}">{0}</sup>'


def made(*blocks: Block, notes: tuple[Note, ...] = (), images: tuple[Image, ...] = (), **more: object) -> Document:
    values: dict[str, object] = {"lang": "en", **more}
    return Document(url="https://partner.example/a", title="T", blocks=blocks, notes=notes, images=images, **values)  # type: ignore[arg-type]


def lines(html: str) -> str:
    return html.replace("\n", "")


def test_document_body_every_block_kind() -> None:
    document = made(
        Block(B.HEADING, "Work", level=2),
        Block(B.HEADING, "Pay", level=3),
        Block(B.PARAGRAPH, "One <em>two</em><br>three &amp; four"),
        Block(B.RULE),
        Block(B.CODE, "if a &lt; b:\n    pass"),
        Block(B.VERSE, "Arise<br>ye"),
        Block(B.PARAGRAPH, "Who?", role="question"),
        Block(B.PARAGRAPH, "Qui ?", lang="fr"),
        Block(B.PARAGRAPH, "سلام", lang="ar"),
    )
    assert document_body(document) == (
        "<h2>Work</h2>\n<h3>Pay</h3>\n<p>One <em>two</em><br>three &amp; four</p>\n<hr>\n"
        "<pre><code>if a &lt; b:\n    pass</code></pre>\n"
        '<p class="verse">Arise<br>ye</p>\n<p class="question">Who?</p>\n<p lang="fr">Qui ?</p>\n'
        '<p lang="ar" dir="rtl">سلام</p>\n'
    )


@pytest.mark.parametrize(
    ("base", "level", "element"), [(2, 2, "h2"), (2, 1, "h2"), (3, 2, "h3"), (3, 6, "h6"), (2, 0, "h2"), (1, 2, "h1")]
)
def test_document_body_heading_level_follows_base(base: int, level: int, element: str) -> None:
    assert document_body(made(Block(B.HEADING, "x", level=level)), heading_base=base) == f"<{element}>x</{element}>\n"


def item(html: str, level: int = 1, *, ordered: bool = False, joined: bool = True, quoted: bool = False) -> Block:
    return Block(B.LIST_ITEM, html, level=level, ordered=ordered, joined=joined, quoted=quoted)


def test_document_body_lists_nest_as_their_levels_say() -> None:
    html = document_body(
        made(
            item("a", joined=False),
            item("b"),
            item("b1", 2, ordered=True, joined=False),
            item("b2", 2, ordered=True),
            item("c"),
            item("new", joined=False),
            Block(B.PARAGRAPH, "p"),
            item("deep", 3, joined=False),
        )
    )
    assert lines(html) == (
        "<ul><li>a</li><li>b<ol><li>b1</li><li>b2</li></ol></li><li>c</li></ul><ul><li>new</li></ul>"
        "<p>p</p><ul><li>deep</li></ul>"
    )


def test_document_body_list_of_other_kind_at_same_level_is_new() -> None:
    html = document_body(made(item("a"), item("1", ordered=True), item("2", ordered=True)))
    assert lines(html) == "<ul><li>a</li></ul><ol><li>1</li><li>2</li></ol>"


def test_document_body_quotes_join_and_hold_other_blocks() -> None:
    html = document_body(
        made(
            Block(B.QUOTE, "one", quoted=True),
            Block(B.QUOTE, "two", quoted=True, joined=True),
            item("in", quoted=True, joined=False),
            Block(B.QUOTE, "other", quoted=True),
            Block(B.PARAGRAPH, "out"),
            item("out", joined=False),
        )
    )
    assert lines(html) == (
        "<blockquote><p>one</p><p>two</p><ul><li>in</li></ul></blockquote><blockquote><p>other</p></blockquote>"
        "<p>out</p><ul><li>out</li></ul>"
    )


def test_document_body_list_leaves_the_quote_it_began_in() -> None:
    html = document_body(made(item("in", quoted=True, joined=False), item("out")))
    assert lines(html) == "<blockquote><ul><li>in</li></ul></blockquote><ul><li>out</li></ul>"


def test_figure_keeps_caption_and_credit_and_shows_picture_only_if_asked() -> None:
    image = Image("https://p.example/a.jpg?x=1&y=2", 'A "banner"', "From image", "Photo: <em>Ana</em>")
    document = made(Block(B.FIGURE, "In Lima", image=0), images=(image,))
    caption = '<figcaption>In Lima <span class="credit">Photo: <em>Ana</em></span></figcaption>'
    assert document_body(document) == f"<figure>{caption}</figure>\n"
    assert document_body(document, pictures=True) == (
        '<figure><img src="https://p.example/a.jpg?x=1&amp;y=2" alt="A &quot;banner&quot;" loading="lazy" '
        f'decoding="async" referrerpolicy="no-referrer">{caption}</figure>\n'
    )


@pytest.mark.parametrize("index", [None, 5, -1])
def test_figure_without_its_image_is_left_out(index: int | None) -> None:
    assert document_body(made(Block(B.FIGURE, image=index)), pictures=True) == ""


def test_lead_picture_stands_once() -> None:
    image = Image("https://p.example/a.jpg", "Alt", "Caption")
    alone = made(images=(image,), lead_image=0)
    assert write_document(alone).lead == ""
    assert write_document(alone, pictures=True).lead.startswith(
        '<figure class="lead"><img src="https://p.example/a.jpg"'
    )
    again = made(Block(B.FIGURE, image=0), images=(image,), lead_image=0)
    assert write_document(again, pictures=True).lead == ""


def test_table_keeps_spans_and_gains_scopes() -> None:
    table = (
        '<table><caption>Pay</caption><tr><th>Year</th><th colspan="2">Sum</th></tr>\n'
        '<tr><th rowspan="1" onclick="x()">2025</th><td><em>3</em></td><td colspan="many">4</td></tr></table>'
    )
    assert lines(document_body(made(Block(B.TABLE, table)))) == (
        '<div class="table" tabindex="0"><table><caption>Pay</caption>'
        '<tr><th scope="col">Year</th><th colspan="2" scope="col">Sum</th></tr>'
        '<tr><th rowspan="1" scope="row">2025</th><td><em>3</em></td><td>4</td></tr></table></div>'
    )


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td>open</tr></table>",
        "<table>text</table>",
        "<table></table>",
        "<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>",
        "<script>x</script>",
        "<table>" + "<tr><td>x</td></tr>" * 5_000 + "<tr>",
    ],
)
def test_table_out_of_form_is_shown_as_text(table: str) -> None:
    html = document_body(made(Block(B.TABLE, table)))
    assert re.findall("<[^>]*>", html) == ["<p>", "</p>"]


def test_notes_and_references_point_at_each_other() -> None:
    document = made(
        Block(B.PARAGRAPH, f"a{REF.format(1)} b{REF.format('*')} c{REF.format(1)} d{REF.format(9)}"),
        notes=(Note("1", "First"), Note("*", f"Star, see{REF.format(1)}")),
        standfirst=f"s{REF.format(1)}",
    )
    written = write_document(document, notes_heading="Notes", back_label="Back")
    link = '<sup class="note-ref"><a id="{}" href="#{}" role="doc-noteref">{}</a></sup>'
    assert written.standfirst == "s" + link.format("noteref-1", "note-1", 1)
    assert written.body == (
        f"<p>a{link.format('noteref-1-2', 'note-1', 1)} b{link.format('noteref-2', 'note-2', '*')} "
        f"c{link.format('noteref-1-3', 'note-1', 1)} " + 'd<sup class="note-ref">9</sup></p>\n'
    )
    back = ' <a class="back" href="#{}" role="doc-backlink" aria-label="Back{}">↩\ufe0e{}</a>'
    backs = [back.format("noteref-1", "", "")]
    backs += [back.format(f"noteref-1-{n}", f" {n}", f"<sup>{n}</sup>") for n in (2, 3, 4)]
    assert written.notes == (
        '<section class="notes" role="doc-endnotes" aria-label="Notes">\n<h2>Notes</h2>\n<ol>\n'
        f'<li id="note-1">First{"".join(backs)}</li>\n'
        '<li id="note-2" class="labelled"><span class="note-label">*</span> Star, see'
        + link.format("noteref-1-4", "note-1", 1)
        + back.format("noteref-2", "", "")
        + "</li>\n</ol>\n</section>\n"
    )


def test_document_notes_without_notes_is_empty() -> None:
    assert document_notes(made(Block(B.PARAGRAPH, "x"))) == ""


def test_note_reference_inside_a_link_stands_beside_it() -> None:
    html = f'<a href="https://x.example/"><em>Book{REF.format(1)}</em></a> and on'
    assert document_body(made(Block(B.PARAGRAPH, html), notes=(Note("1", "n"),))) == (
        '<p><a href="https://x.example/"><em>Book</em></a>'
        '<sup class="note-ref"><a id="noteref-1" href="#note-1" role="doc-noteref">1</a></sup> and on</p>\n'
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//x.example/",
        "/a",
        "",
        "http://",
        "https://a b",
        "file:///etc",
    ],
)
def test_safe_address_other_schemes_are_no_links(address: str) -> None:
    assert safe_address(address) == ""
    assert inline_html(f'<a href="{address}">text</a>') == "text"


def test_inline_html_keeps_what_is_canonical_and_drops_the_rest() -> None:
    html = (
        '<a href="mailto:a@b.example" onclick="x" title="&quot;q&quot;" hreflang="fr">m</a>'
        '<span class="small-caps">XIX</span><span lang="de" class="evil">Wort</span><em style="x">e</em><q>q</q>'
        "<code>a <em>b</em></code>" + REF.format(1)
    )
    assert inline_html(html) == (
        '<a href="mailto:a@b.example" title="&quot;q&quot;" hreflang="fr">m</a>'
        '<span class="small-caps">XIX</span><span lang="de">Wort</span><em>e</em><q>q</q><code>a b</code>'
    )
    assert inline_html('<a href="https://x.example/">x <em>y</em></a>', links=False) == "x <em>y</em>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<SCRIPT>x</SCRIPT>",
        "<iframe src='https://x.example'></iframe>",
        "<em>open",
        "</p></article><script>",
        '<a href="https://x.example/" x="<script>">',
        "<!-- --><svg/onload=alert(1)>",
    ],
)
def test_hostile_markup_comes_out_as_text(hostile: str) -> None:
    assert "<" not in inline_html(hostile)
    kinds = [kind for kind in B if kind not in (B.RULE, B.FIGURE)]
    html = document_body(made(*(Block(kind, hostile, level=2) for kind in kinds)))
    assert {name for name, _ in parse(html)} <= {"h2", "p", "ul", "li", "blockquote", "pre", "code"}


def test_inline_plain_is_one_line_of_text() -> None:
    assert inline_plain(f"One<br>two &amp; <em>three</em>{REF.format(1)}\x00") == "One two & three"
    assert inline_plain("<script>x") == "<script>x"


# --- properties: whatever the Document, the HTML is whole ------------------------------------------------------------

VOID = {"br", "hr", "img"}
ELEMENTS = set(
    re.findall(
        r"\S+", "h2 h3 h4 h5 h6 p ul ol li blockquote figure figcaption img div table caption tr th td pre code hr br"
    )
)
ELEMENTS |= set(re.findall(r"\S+", "em strong a sup sub q cite span section"))
ATTRIBUTES = set(
    re.findall(r"\S+", "id href role class lang dir title hreflang src alt loading decoding referrerpolicy")
)
ATTRIBUTES |= {"tabindex", "colspan", "rowspan", "scope", "aria-label"}


class Strict(HTMLParser):
    """Fails where a tag is unbalanced or misplaced, or an element or attribute unexpected."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        assert len(dict(attrs)) == len(attrs)
        parent = self.stack[-1] if self.stack else ""
        assert tag != "li" or parent in ("ul", "ol")
        assert parent not in ("ul", "ol") or tag == "li"
        assert tag not in ("ul", "ol") or parent in ("", "blockquote", "li", "section")
        assert tag != "a" or "a" not in self.stack
        assert tag != "blockquote" or "blockquote" not in self.stack
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def parse(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.stack == []
    return parser.seen


labels = st.sampled_from(["1", "2", "*", 'x"<&'])
words = st.text("ab<&>\"'\x00\x85 \n", max_size=6)
escaped = words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
references = labels.map(
    lambda label: (
        f'<sup class="note-ref" data-note="{label.replace("&", "&amp;").replace("<", "&lt;").replace(chr(34), "&quot;")}">n</sup>'
    )
)


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    openings = [
        "<em>",
        "<strong>",
        '<a href="https://x.example/?a=1&amp;b">',
        '<a href="javascript:x">',
        '<span lang="ar">',
    ]
    openings += ["<q>", "<sup>", "<cite>", "<code>", '<em onclick="x">']
    return st.builds(
        lambda opening, parts: opening + "".join(parts) + f"</{opening[1:].split()[0].rstrip('>')}>",
        st.sampled_from(openings),
        st.lists(inner, max_size=3),
    )


canonical = st.lists(st.recursive(escaped | references | st.just("<br>"), wrapped, max_leaves=6), max_size=4).map(
    "".join
)
inline = canonical | st.text(max_size=20) | words
tables = st.lists(st.lists(inline, min_size=1, max_size=3), min_size=1, max_size=3).map(
    lambda rows: (
        "<table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows) + "</table>"
    )
)
blocks = st.builds(
    Block,
    st.sampled_from(list(B)),
    inline | tables,
    level=st.integers(-1, 7),
    ordered=st.booleans(),
    joined=st.booleans(),
    quoted=st.booleans(),
    image=st.none() | st.integers(-1, 2),
    lang=st.sampled_from(["", "en", "ar", '"><script>']),
    role=st.sampled_from(["", "question", 'x" onload="']),
)
images = st.builds(Image, st.sampled_from(["https://p.example/a", "javascript:x", ""]), words, inline, inline)
documents = st.builds(
    Document,
    url=st.just("https://p.example/"),
    title=inline,
    lang=st.just("en"),
    standfirst=inline,
    blocks=st.lists(st.just(Block(B.LIST_ITEM, "x", level=1)) | blocks, max_size=8).map(tuple),
    notes=st.lists(st.builds(Note, labels, inline), max_size=4).map(tuple),
    images=st.lists(images, max_size=2).map(tuple),
    lead_image=st.none() | st.integers(0, 2),
)


@given(documents, st.booleans())
def test_write_document_is_always_whole(document: Document, pictures: bool) -> None:
    written = write_document(document, pictures=pictures, notes_heading="Notes", back_label="Back")
    seen: list[tuple[str, dict[str, str | None]]] = []
    for part in (written.kicker, written.title, written.standfirst, written.lead, written.body, written.notes):
        seen.extend(parse(part))
        assert not re.search("[\x00-\x08\x7f-\x9f]", part)
    ids = [attributes["id"] for _, attributes in seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [i for i in ids if i and i.startswith("note-")] == [f"note-{n}" for n in range(1, len(document.notes) + 1)]
    for _, attributes in seen:
        target = attributes.get("href")
        if target is not None:
            assert (
                target[1:] in ids if target.startswith("#") else target.startswith(("https://", "http://", "mailto:"))
            )
        assert (attributes.get("src") or "https:").startswith("https:")
    assert document_body(document, pictures=pictures) == written.body
