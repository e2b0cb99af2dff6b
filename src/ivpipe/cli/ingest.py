"""``ivpipe ingest`` and ``ivpipe reextract``: articles of the past, and stored pages read again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ivpipe.cli.articles import change_line
from ivpipe.cli.operate import run
from ivpipe.errors import IvpipeError
from ivpipe.wiring import open_app


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First look back to this day, as far as sites go.")
@click.option("--source", "slug", help="This source only (its slug).")
@click.option("--no-prefect", is_flag=True, help="Run in a plain loop, without Prefect.")
@click.pass_context
def ingest(ctx: click.Context, since: datetime | None, slug: str | None, no_prefect: bool) -> None:
    """Look at the partners' sites and read what is new; with --since, what is old too.

    An ordinary look takes what a feed shows now, and no older than the spec's max_age_days. --since pages back through
    WordPress's REST, feeds, sitemaps and listings.
    """
    if since is not None:
        _backfill(ctx.obj, since.replace(tzinfo=UTC), slug)
    ctx.invoke(run, flow="ingest", source=slug, no_prefect=no_prefect)


def _backfill(home: Path, since: datetime, slug: str | None) -> None:
    from ivpipe.steps.ingest import backfill_source
    from ivpipe.steps.operations import recorded_run

    def clock() -> datetime:
        return datetime.now(UTC)

    if since > clock():
        raise click.UsageError("--since is a day of the past")
    failures = []
    with open_app(home) as app:
        for spec in [app.source(slug)] if slug else app.sources:
            subject = f"{spec.slug} since {since:%Y-%m-%d}"
            try:
                with recorded_run(app.store, "backfill", subject, clock) as counts:
                    brought = backfill_source(app.store, spec, app.fetcher, since, clock())
                    counts.update(found=brought.found, new=brought.new)
            except IvpipeError as error:
                failures.append(str(error))
                click.secho(f"{spec.slug}: {error}", fg="red", err=True)
                continue
            for warning in brought.warnings:
                click.secho(f"{spec.slug}: {warning}", fg="yellow", err=True)
            click.echo(f"{spec.slug}: {brought.found} announced since {since:%d %B %Y}, {brought.new} new")
    if failures and slug:
        raise IvpipeError(failures[0])


@click.command()
@click.argument("slug")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.pass_obj
def reextract(home: Path, slug: str, dry_run: bool) -> None:
    """Read the stored pages of the source SLUG again, after its spec was mended; nothing is fetched.

    Where the content differs, the article gets a new version and its translations are told that the source changed.
    """
    from ivpipe.steps.documents import reextract_source

    counts: dict[str, int] = {}
    with open_app(home) as app:
        spec = app.source(slug)
        for done in reextract_source(
            app.store, spec, app.settings.magazine.languages, datetime.now(UTC), dry_run=dry_run
        ):
            counts[done.outcome] = counts.get(done.outcome, 0) + 1
            if done.outcome == "unchanged":
                continue
            click.echo(f"{done.article_id} {click.style(done.title, bold=True)}: {done.outcome}")
            if done.problem:
                click.secho(f"  {done.problem}", fg="yellow")
            for change in done.changes:
                click.echo(f"  {change_line(change)}")
    told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items())) or "it has no stored pages"
    click.echo(f"{slug}: {told}" + (" (nothing was written)" if dry_run else ""))
