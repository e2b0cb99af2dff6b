"""An article as extracted, shown briefly on a terminal."""

from __future__ import annotations

import re

import click
from rich.console import Console
from rich.text import Text

from ivpipe.model.document import BlockType, Document
from ivpipe.sources.pages import next_page
from ivpipe.text.inline import inline_text
from ivpipe.text.plain import count_words

_REFERENCE = re.compile(r'<sup class="note-ref" data-note="[^"]*">([^<]*)</sup>')
_PARAGRAPHS = 3
_LONGEST = 300
_LINES, _LINE = 12, 100


def preview(document: Document) -> None:
    """Print the head of a document, its first paragraphs, what else is in it line by line, and the doubts about it."""
    console = Console(highlight=False)
    console.print(Text(document.url, style="dim"))
    if document.kicker:
        console.print(Text(inline_text(document.kicker), style="dim"))
    console.print(Text(inline_text(document.title) or "(no title)", style="bold"))
    facts = [", ".join(document.authors) or "(no author)", document.published or "(no date)", document.section]
    console.print(Text(" · ".join(filter(None, facts)), style="dim"))
    if document.standfirst:
        console.print(Text(_short(inline_text(document.standfirst)), style="italic"))
    texts = [block for block in document.blocks if block.type is BlockType.PARAGRAPH and not block.role]
    for block in texts[:_PARAGRAPHS]:
        console.print(Text(f"  {_short(inline_text(with_marks(block.html)))}"))
    for name, lines in _outline(document).items():
        for line in lines[:_LINES]:
            console.print(Text(f"  {name:8} {_short(line, _LINE)}", style="cyan"))
        if len(lines) > _LINES:
            console.print(Text(f"  {name:8} … and {len(lines) - _LINES} more", style="cyan"))
    counts = [
        f"{count_words(document)} words",
        f"{len(texts)} paragraphs",
        f"{sum(block.type is BlockType.HEADING for block in document.blocks)} headings",
        f"{len(document.notes)} notes",
        f"{len(document.images)} pictures",
    ]
    console.print(Text(f"{', '.join(counts)}; read by {document.extractor}", style="dim"))
    for warning in document.warnings:
        console.print(Text(f"! {warning}", style="yellow"))


def tell_of_next_page(body: bytes, url: str, content_type: str) -> None:
    """Say where the article of this page goes on, if it does: only one page of it was read."""
    if following := next_page(body, url, content_type):
        click.secho(f"this is its first page; it goes on at {following}, and `ivpipe ingest` joins them", fg="cyan")


def with_marks(html: str) -> str:
    """The HTML with the marks of its notes as text, "[1]": a reader of plain text sees that they are there, and where."""
    return _REFERENCE.sub(r"[\1]", html)


def _outline(document: Document) -> dict[str, list[str]]:
    """What an editor looks for first: headings, pictures, notes, and what stands below the text."""
    return {
        "heading": [
            f"{'#' * block.level} {inline_text(block.html)}"
            for block in document.blocks
            if block.type is BlockType.HEADING
        ],
        "picture": [inline_text(image.caption) or f"(no caption) {image.src}" for image in document.images],
        "note": [f"{note.label}. {inline_text(note.html)}" for note in document.notes],
        "below": [
            f"{block.role.replace('_', ' ')}: {inline_text(block.html)}"
            for block in document.blocks
            if block.role in ("author_note", "translator_note", "postscript", "signature")
        ],
    }


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest].rsplit(' ', 1)[0]} …"
