"""``ivpipe publish``, ``withdraw``: what is to be live, and what would be changed for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ivpipe.cli.articles import for_each
from ivpipe.errors import IvpipeError, NotFound

if TYPE_CHECKING:
    from ivpipe.model import Actor
    from ivpipe.steps.publish import Rehearsed
    from ivpipe.wiring import App

_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(min=1))
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Show what would be changed on the targets, line by line; change nothing."
)
@click.pass_context
def publish(ctx: click.Context, dry_run: bool) -> None:
    """Make the targets show what was approved, and no longer show what was withdrawn (as `ivpipe run publish` does)."""
    from ivpipe.cli.operate import run

    if dry_run:
        _rehearse(ctx.obj)
    else:
        ctx.invoke(run, flow="publish", source=None, no_prefect=True)


def _rehearse(home: Path) -> None:
    from ivpipe.steps.publish import due_publications, rehearse
    from ivpipe.wiring import open_app

    now = datetime.now(UTC)
    problems = []
    with open_app(home) as app:
        due = due_publications(app.store, [one.slug for one in app.targets], now)
        for publication, slug in due:
            try:
                _tell(slug, rehearse(app.store, publication, app.publisher(slug), app.imprint(slug), now))
            except IvpipeError as error:
                problems.append(f"{slug}: {error}")
    if not due:
        click.echo("nothing is due")
    if problems:
        raise IvpipeError("\n".join(problems))


def _tell(slug: str, found: Rehearsed) -> None:
    from ivpipe.text.html_writer import inline_plain

    revision = f", revision {found.revision}" if found.revision is not None else ""
    what = found.outcome if found.outcome == "withdraw" or found.difference else "is there as it should be"
    if what == "conflict":
        what = "changed there by people, waits for an editor"
    click.secho(f"{slug}: {inline_plain(found.title)} ({found.lang}{revision}): {what} {found.url}".rstrip(), bold=True)
    for line in found.difference.splitlines():
        click.secho(line, fg=_COLOURS.get(line[:1]))


@click.command()
@_ids
@click.option("--to", "lang", default="", metavar="LANG", help="The pages in this language only.")
@click.option("--target", default="", metavar="SLUG", help="The pages on this target only.")
@click.pass_obj
def withdraw(home: Path, ids: tuple[int, ...], lang: str, target: str) -> None:
    """Have the pages of the articles ID... taken away from the targets.

    It is done by the next run of the flow, which `ivpipe up` starts by itself.
    """
    from ivpipe.steps import publications

    def take_away(app: App, article_id: int, actor: Actor) -> str:
        pages = publications.pages_of(app.store, article_id, lang, target)
        if not pages:
            raise NotFound(f"article {article_id} has no such page")
        for publication, _, _ in pages:
            publications.withdraw(app.store, publication, actor, datetime.now(UTC))
        return "to be taken away: " + ", ".join(f"{place} ({of})" for _, of, place in pages)

    for_each(home, ids, take_away)
