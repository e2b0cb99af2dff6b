"""A page put together as one Document, for targets that take a text and know nothing of the parts of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.model.page import Page
from ivpipe.publishers.static_site.labels import labels
from ivpipe.text.dates import iso_date, long_date
from ivpipe.text.html_writer import inline_plain, safe_address
from ivpipe.text.inline import escape_text


def assembled(page: Page) -> Document:
    """The whole of a page below its title: correction, standfirst, byline, text, date, credits; the notes stay notes."""
    document = page.document
    return replace(
        document,
        kicker="",
        standfirst="",
        blocks=(*_paragraphs(_head(page)), *document.blocks, *_paragraphs(_foot(page))),
    )


def _head(page: Page) -> Iterator[str]:
    words = labels(page.lang)
    if page.correction_html:
        yield f"<strong>{words['correction']}</strong>: {page.correction_html}"
    if page.document.standfirst:
        yield f"<strong>{page.document.standfirst}</strong>"
    if page.byline:
        yield f"{words['by']} {escape_text(', '.join(page.byline))}"


def _foot(page: Page) -> Iterator[str]:
    words = labels(page.lang)
    first = iso_date(page.original_published)
    signed = any(block.role == "signature" for block in page.document.blocks)
    if first is not None and not signed:
        yield f"<em>{escape_text(long_date(first, page.lang))}</em>"
    if page.attribution_html:
        yield page.attribution_html
    if source := safe_address(page.original_url):
        address = escape_text(source).replace('"', "&quot;")
        yield f'{words["original"]}: <a href="{address}">{escape_text(source)}</a>'
    if page.postscript_html:
        yield f"{words['postscript']} {page.postscript_html}"
    if page.copyright:
        yield escape_text(page.copyright)
    if page.licence:
        yield f"{words['licence']}: {escape_text(inline_plain(page.licence))}"


def _paragraphs(texts: Iterator[str]) -> Iterator[Block]:
    return (Block(BlockType.PARAGRAPH, " ".join(text.split())) for text in texts)
