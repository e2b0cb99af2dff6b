"""``ivpipe extract``: read one page as an article and show what was found."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from ivpipe.cli.source_preview import with_marks
from ivpipe.errors import ExtractionError
from ivpipe.model.document import Block, BlockType, Document
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.reading import FetchedPage, read_pages
from ivpipe.sources.spec import Fetch, SourceSpec
from ivpipe.text.inline import inline_text
from ivpipe.text.inline_writer import plain_line
from ivpipe.wiring import open_app

_MAX_BYTES = 60_000_000


@click.command()
@click.argument("file_or_url")
@click.option(
    "--url", default="", help="Where the page in the file came from; relative links are made absolute with it."
)
@click.option("--source", "slug", default="", help="Read it by the spec of this source (config/sources/SLUG.toml).")
@click.option("--json", "as_json", is_flag=True, help="Print the document as JSON.")
def extract(file_or_url: str, url: str, slug: str, as_json: bool) -> None:
    """Show the article in FILE_OR_URL: an .html or .html.gz file, or a page on the web."""
    spec: SourceSpec | None = None
    contact = "https://example.org/ (ivpipe extract)"
    if slug:
        with open_app(check=False) as app:
            spec = app.source(slug)
            contact = app.settings.magazine.url or app.settings.magazine.name
    if re.match(r"https?://", file_or_url):
        fetcher = Fetcher(contact=contact)
        try:
            fetched = fetcher.get(file_or_url, spec.fetch if spec else Fetch())
        finally:
            fetcher.close()
        page = FetchedPage(url or fetched.url, fetched.headers, fetched.body, datetime.now(UTC))
    else:
        path = Path(file_or_url)
        address = url or (spec.url if spec else "") or _file_url(path)
        page = FetchedPage(address, {}, _read(path), datetime.now(UTC))
    document = read_pages([page], spec)
    if as_json:
        click.echo(json.dumps(public_document(document), ensure_ascii=False, indent=2))
    else:
        _show(document)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            page = file.read(_MAX_BYTES + 1)
        if page[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                page = packed.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ExtractionError(
            f"cannot be read: {reason}", subject=str(path), advice="name an HTML file or a URL"
        ) from error
    if len(page) > _MAX_BYTES:
        raise ExtractionError(f"is larger than {_MAX_BYTES // 1_000_000} MB", subject=str(path))
    return page


def _file_url(path: Path) -> str:
    return path.resolve().as_uri()


def public_document(document: Document) -> dict[str, Any]:
    """The document as ``--json`` prints it: texts beside their HTML, and no inner matters."""
    return {
        "url": document.url,
        "canonical_url": document.canonical_url,
        "lang": document.lang,
        "title": inline_text(document.title),
        "kicker": inline_text(document.kicker),
        "standfirst": document.standfirst,
        "authors": list(document.authors),
        "published": document.published,
        "modified": document.modified,
        "section": document.section,
        "tags": list(document.tags),
        "blocks": [
            {"type": str(block.type), "level": block.level or None, "html": block.html, "text": block_text(block)}
            for block in document.blocks
        ],
        "notes": [{"label": note.label, "html": note.html, "text": inline_text(note.html)} for note in document.notes],
        "images": [
            {
                "src": image.src,
                "alt": image.alt,
                "caption": inline_text(image.caption),
                "credit": inline_text(image.credit),
            }
            for image in document.images
        ],
        "extractor": document.extractor,
        "warnings": list(document.warnings),
    }


def block_text(block: Block) -> str:
    """A block's plain text; the cells of a table are parted by tabs, its rows by new lines."""
    if block.type is not BlockType.TABLE:
        return inline_text(block.html)
    rows = re.findall(r"<(?:tr|caption)>(.*?)</(?:tr|caption)>", block.html, re.S)
    return "\n".join(
        "\t".join(
            plain_line(inline_text(cell)) for cell in re.split(r"</t[hd]>", re.sub(r"<t[hd][^>]*>", "", row)) if cell
        )
        for row in rows
    )


def _show(document: Document) -> None:
    console = Console()
    if document.kicker:
        console.print(f"[dim]{escape(inline_text(document.kicker))}[/dim]")
    console.print(f"[bold]{escape(inline_text(document.title))}[/bold]")
    facts = [", ".join(document.authors), document.published, document.lang, document.section]
    console.print(escape(" · ".join(fact for fact in facts if fact)), style="dim")
    if document.standfirst:
        console.print(Panel(Text(inline_text(document.standfirst))))
    for block in document.blocks:
        text = escape(block_text(replace(block, html=with_marks(block.html))))
        if block.type is BlockType.HEADING:
            console.print(f"\n[bold]{'#' * block.level} {text}[/bold]")
        elif block.type is BlockType.LIST_ITEM:
            console.print(f"{'  ' * block.level}{'1.' if block.ordered else '•'} {text}")
        elif block.type is BlockType.RULE:
            console.rule()
        elif block.type is BlockType.FIGURE and block.image is not None:
            console.print(f"[cyan]\\[picture][/cyan] {text} [dim]{escape(document.images[block.image].src)}[/dim]")
        else:
            mark = "│ " if block.quoted else ""
            role = f" [dim]({block.role})[/dim]" if block.role else ""
            console.print(f"{mark}{text}{role}\n")
    for note in document.notes:
        console.print(f"[cyan]{escape(note.label)}[/cyan] {escape(inline_text(note.html))}")
    counts = (("blocks", document.blocks), ("notes", document.notes), ("pictures", document.images))
    console.print("\n" + ", ".join(f"{name}: {len(things)}" for name, things in counts), style="dim")
    console.print(f"read by {escape(document.extractor)}", style="dim")
    for warning in document.warnings:
        console.print(f"[yellow]! {escape(warning)}[/yellow]")
