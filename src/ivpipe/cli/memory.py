"""``ivpipe memory``: the translation memory, in and out of TMX files, looked up, searched, counted."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any

import click

from ivpipe.cli import table
from ivpipe.memory import concordance as search
from ivpipe.memory import counts, lookup
from ivpipe.model import LanguagePair
from ivpipe.model.languages import primary
from ivpipe.steps.memory import Imported, export_tmx, import_tmx
from ivpipe.text.inline import plain_text
from ivpipe.wiring import open_app


@click.group()
def memory() -> None:
    """The translation memory: what people approved, and what was imported."""


def _pair_options(required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def add(command: Callable[..., None]) -> Callable[..., None]:
        @click.option("--from", "source", required=required, metavar="LANG", help="Source language.")
        @click.option("--to", "target", required=required, metavar="LANG", help="Target language.")
        @wraps(command)
        def with_pair(source: str | None, target: str | None, **values: Any) -> None:
            if (source is None) != (target is None):
                raise click.UsageError("give both --from and --to, or neither")
            command(pair=LanguagePair(primary(source), primary(target)) if source and target else None, **values)

        return with_pair

    return add


@memory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_pair_options(required=False)
@click.option(
    "--origin",
    default="",
    metavar="NAME",
    help="The magazine whose memory it is. Its matches are then suggestions, a few points lower. [default: our own]",
)
def import_(file: Path, pair: LanguagePair | None, origin: str) -> None:
    """Import a TMX file; what is known already is not entered twice.

    Without --from and --to each unit's source language is taken with all its others.
    """
    if len(origin) > 64:
        raise click.UsageError("--origin is longer than 64 characters")
    started = time.monotonic()

    def tell(done: Imported) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done.read:,} units read", nl=False, err=True)

    with open_app() as app:
        done = import_tmx(app.store, file, datetime.now(UTC), pair=pair, origin=origin.strip(), progress=tell)
    seconds = time.monotonic() - started
    click.echo(
        f"{done.read:,} units read in {seconds:.1f} s: {done.added:,} pairs added, {done.known:,} known already, "
        f"{done.skipped:,} units without both languages or without text, {done.untagged:,} pairs without their tags"
    )


@memory.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_pair_options(required=False)
@click.option("--origin", default="", metavar="NAME", help="Another magazine's memory instead of our own.")
def export(file: Path, pair: LanguagePair | None, origin: str) -> None:
    """Write the memory to a TMX file."""
    with open_app() as app:
        count = export_tmx(app.store, file, pair=pair, origin=origin)
    click.echo(f"{count:,} pairs written to {file}")


@memory.command("lookup")
@click.argument("text", required=False)
@_pair_options(required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--tagged", is_flag=True, help="The texts are tagged (<1>…</1>, &amp;), not plain.")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--threshold", default=70, show_default=True, type=click.IntRange(30, 101))
def look_up(text: str | None, pair: LanguagePair, as_json: bool, tagged: bool, limit: int, threshold: int) -> None:
    """Look TEXT up, or each line of the standard input."""
    with open_app() as app, app.store.read() as session:
        for query in [text] if text is not None else (line.rstrip("\r\n") for line in sys.stdin):
            started = time.perf_counter()
            asked = query if tagged else escape(query, quote=False)
            matches = lookup(session, pair, asked, limit=limit, threshold=threshold)
            ms = (time.perf_counter() - started) * 1000
            shown = [
                {
                    "source": match.source if tagged else plain_text(match.source),
                    "target": match.target if tagged else plain_text(match.target),
                    "score": match.score,
                    "kind": match.kind,
                    "translator": match.translator,
                    "changed_at": match.changed_at.isoformat(),
                    "origin": match.origin,
                    "adapted": match.adapted,
                    "tags_dropped": match.tags_dropped,
                }
                for match in matches
            ]
            if as_json:
                answer = {"query": query, "matches": shown, "ms": round(ms, 3)}
                click.echo(json.dumps(answer, ensure_ascii=False))
                continue
            click.echo(query)
            for one in shown:
                note = ", adapted" if one["adapted"] else ""
                click.echo(f"  {one['score']:>3} {one['kind']}{note}: {one['target']}\n      for: {one['source']}")
            if not shown:
                click.echo("  nothing like it")


@memory.command()
@click.argument("phrase")
@_pair_options(required=True)
@click.option("--side", type=click.Choice(["source", "target"]), default="source", show_default=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def concordance(phrase: str, pair: LanguagePair, side: str, limit: int, as_json: bool) -> None:
    """Show how PHRASE was translated, newest first."""
    with open_app() as app, app.store.read() as session:
        found = search(session, pair, phrase, side=side, limit=limit)
    for one in found:
        source, target = plain_text(one.source), plain_text(one.target)
        if as_json:
            facts = {"source": source, "target": target, "translator": one.translator, "origin": one.origin}
            click.echo(json.dumps(facts | {"changed_at": one.changed_at.isoformat()}, ensure_ascii=False))
        else:
            click.echo(f"{source}\n  {target}")
    if not found and not as_json:
        click.echo("nothing found")


@memory.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def stats(as_json: bool) -> None:
    """Count the entries by pair of languages and origin."""
    with open_app() as app, app.store.read() as session:
        counted = counts(session)
    if as_json:
        for one in counted:
            facts = {"from": one.pair.source, "to": one.pair.target, "origin": one.origin, "entries": one.entries}
            click.echo(json.dumps(facts | {"newest": one.newest.isoformat()}, ensure_ascii=False))
        return
    rows = [(str(one.pair), one.origin or "our own", f"{one.entries:,}", f"{one.newest:%Y-%m-%d}") for one in counted]
    if rows:
        table(["pair", "origin", "entries", "newest"], rows)
    else:
        click.echo("the memory is empty; approving a translation fills it, or `ivpipe memory import FILE.tmx`")
