"""``ivpipe segment``: cut a text into what is translated."""

from __future__ import annotations

import json

import click

from ivpipe.cli.fragments import read_fragment
from ivpipe.text.inline import plain_text, untag
from ivpipe.text.segments import split_document
from ivpipe.text.sentences import sentence_starts


@click.command()
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--lang", required=True, help="The language it is in, as fr.")
@click.option("--html", is_flag=True, help="It is HTML. [default: by the file's name]")
def segment(file: str, lang: str, html: bool) -> None:
    """Print the segments of FILE (or the standard input) as JSON lines: index, block, text, html.

    A text's blocks are its paragraphs, which empty lines part.
    """
    fragment = read_fragment(file, lang, html=html)
    blocks: dict[str, int] = {}
    lines: list[str] = []
    for index, found in enumerate(split_document(fragment.document, sentence_starts)):
        entry = {
            "index": index,
            "block": blocks.setdefault(found.part, len(blocks)),
            "text": plain_text(found.source).strip(),
            "html": fragment.addressed(untag(found.source, found.tags)),
        }
        lines.append(json.dumps(entry, ensure_ascii=False) + "\n")
    click.echo("".join(lines), nl=False)
