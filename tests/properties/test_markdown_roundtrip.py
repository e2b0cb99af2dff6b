"""Whatever a document holds, the Markdown written of it reads back as the HTML that was meant."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from tests.properties.documents import documents, inline_html

from ivpipe.model import Block, BlockType, Document, Note
from ivpipe.publishers.markdown.reading import shape
from ivpipe.publishers.markdown.writing import write_markdown
from ivpipe.text.html_writer import Shown, write_document
from ivpipe.text.html_writer import inline_html as safe_inline

PICTURES = {"https://exemple.org/i.jpg": Shown("/pictures/i.jpg", 40, 30)}
READER = MarkdownIt("commonmark").use(footnote_plugin)

_OURS = re.compile(r'<sup class="note-ref"><a [^<>]*href="#note-([0-9]+)"[^<>]*>[^<>]*</a></sup>')
_THEIRS = re.compile(r'<sup class="footnote-ref"><a href="#fn([0-9]+)"[^<>]*>[^<>]*</a></sup>')


def check_reads_back(document: Document) -> None:
    markdown = write_markdown(document, pictures=PICTURES, notes_heading="Notes", back_label="Back")
    wanted = write_document(
        replace(document, kicker="", title="", standfirst=""),
        pictures=PICTURES,
        notes_heading="Notes",
        back_label="Back",
    )
    assert "{" not in markdown
    read = READER.render(markdown)
    if not _THEIRS.search(read):
        assert shape(read) == shape(wanted.lead + wanted.body + wanted.notes)
        return
    body, _, notes = read.partition('<hr class="footnotes-sep" />')
    assert shape(_THEIRS.sub(r"⁅\1⁆", body)) == shape(_OURS.sub(r"⁅\1⁆", wanted.lead + wanted.body))
    texts = []
    for item in lxml_html.fragment_fromstring(notes).iter("p"):
        for back in item.find_class("footnote-backref"):
            back.getparent().remove(back)
        texts.append(shape(lxml_html.tostring(item, encoding="unicode").replace("\xa0</p>", "</p>")))
    expected = [shape(f"<p>{safe_inline(note.html)}</p>".replace("\xa0</p>", "</p>")) for note in document.notes]
    assert texts == expected


@given(documents())
def test_any_document_reads_back(document: Document) -> None:
    check_reads_back(document)


@given(st.lists(inline_html, min_size=1, max_size=3), st.booleans())
@example(["\n\r"], False)
def test_paragraphs_with_notes_in_order_read_back(texts: list[str], quoted: bool) -> None:
    """Documents as they are mostly: paragraphs that refer to each note once, in order."""
    plain = [re.sub(r'<sup class="note-ref".*?</sup>', "", text) for text in texts]
    reference = '<sup class="note-ref" data-note="{0}">{0}</sup>'
    check_reads_back(
        Document(
            url="https://exemple.org/a",
            title="T",
            blocks=tuple(
                Block(BlockType.PARAGRAPH, text + reference.format(number), quoted=quoted)
                for number, text in enumerate(plain, 1)
            ),
            notes=tuple(Note(str(number), text) for number, text in enumerate(plain, 1)),
        )
    )


@given(st.text())
@example("Code, puis\n\n")
def test_any_text_reads_back(text: str) -> None:
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    blocks = [Block(kind, html, level=level) for kind, level in ((BlockType.PARAGRAPH, 0), (BlockType.HEADING, 3))]
    blocks += [Block(BlockType.LIST_ITEM, html, level=1, joined=True), Block(BlockType.CODE, html)]
    check_reads_back(Document(url="https://exemple.org/a", title="T", blocks=tuple(blocks)))
