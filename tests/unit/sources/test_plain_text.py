"""Text that a page shows as it was typed, in ``<pre>``."""

import pytest

from ivpipe.model.document import BlockType
from ivpipe.sources.extraction import extract

LETTER = """Dear all,

   the weavers of the valley have answered <a href="https://weavers.example/letter">our letter of
   May</a>, and they would like the archive to stay where it has been for the
   last hundred years: in the mill.

   They ask three things of us:

   * that the roof be mended before the winter comes, which should not cost
     more than we have;
   * that the <b>looms

   and the ledgers</b> be listed by somebody who knows what they are for.

   What we have so far, by year of acquisition:

   looms      1911     12
   ledgers    1924     48

The mill
3, rue du Canal
"""
CODE = "".join(
    f"def weave_{n}(loom, thread):\n    # The loom, then.\n    return loom.weave(thread, {n})\n\n" for n in range(9)
)


def blocks(body: str) -> list[tuple[BlockType, str]]:
    page = f"<html><title>The mill</title><body><h1>The mill</h1>{body}</body></html>"
    return [(block.type, block.html) for block in extract(page, "https://list.example/1911/05").blocks]


def test_letter_is_read_as_paragraphs_and_what_is_set_out_in_it_stays() -> None:
    link = '<a href="https://weavers.example/letter">our letter of May</a>'
    assert blocks(f"<pre>{LETTER}</pre>") == [
        (BlockType.PARAGRAPH, "Dear all,"),
        (
            BlockType.PARAGRAPH,
            f"the weavers of the valley have answered {link}, and they would like the archive to stay where it has been "
            "for the last hundred years: in the mill.",
        ),
        (BlockType.PARAGRAPH, "They ask three things of us:"),
        (
            BlockType.PARAGRAPH,
            "* that the roof be mended before the winter comes, which should not cost more than we have;",
        ),
        (BlockType.PARAGRAPH, "* that the looms"),
        (BlockType.PARAGRAPH, "and the ledgers be listed by somebody who knows what they are for."),
        (BlockType.PARAGRAPH, "What we have so far, by year of acquisition:"),
        (BlockType.CODE, "looms      1911     12\n   ledgers    1924     48"),
        (BlockType.PARAGRAPH, "The mill<br>3, rue du Canal"),
    ]


def test_letter_that_a_letter_answers_is_quoted() -> None:
    answered = "> They say that <b>the ledgers</b>\n> were sold\n> > long ago; do <i>you</i>\n> know to whom?"
    found = blocks(f"<pre>{LETTER}\n\n{answered}\n\n{LETTER}</pre>")
    quoted = "They say that <strong>the ledgers</strong> were sold long ago; do <em>you</em> know to whom?"
    assert [block for block in found if block[0] is BlockType.QUOTE] == [(BlockType.QUOTE, quoted)]


def test_pages_of_one_text_are_read_alike() -> None:
    table = "looms      1911     12\n" * 12
    end = (
        "And that is all that there is to be said of the mill, of its roof and of what it holds, <i>for the moment</i>."
    )
    found = blocks(f"<pre>{LETTER}{LETTER}</pre><pre>{table}\n\n{end}</pre>")
    assert found[-1] == (BlockType.PARAGRAPH, end.replace("i>", "em>"))


@pytest.mark.parametrize("pre", [CODE, f"<code>{LETTER}</code>"])
def test_code_stays_code(pre: str) -> None:
    prose = "A paragraph of the article, which says what the program does, and why it was written at all."
    assert [kind for kind, _ in blocks(f"<p>{prose}</p><pre>{pre}</pre><p>{prose}</p>")] == [
        BlockType.PARAGRAPH, BlockType.CODE, BlockType.PARAGRAPH,
    ]  # fmt: skip


@pytest.mark.processor_seconds(5)
def test_text_in_hundreds_of_elements_inside_each_other_is_read_in_time() -> None:
    deep = ("<font>" * 200 + LETTER + "</font>" * 200) * 100
    assert len(blocks(f"<pre>{LETTER * 3}{deep}</pre>")) > 20
    blocks(f"<p>{LETTER}</p>" + "<pre>" * 200 + LETTER)
