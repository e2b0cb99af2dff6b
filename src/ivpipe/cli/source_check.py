"""``ivpipe source check``: what is found and read of a source now, field by field; or whether its samples still hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ivpipe.cli import table
from ivpipe.cli.samples import check_samples
from ivpipe.errors import IvpipeError, SourceError
from ivpipe.sources.discovery import discover
from ivpipe.sources.explaining import NEEDED, explain
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.reading import FetchedPage, read_pages
from ivpipe.sources.spec import SourceSpec
from ivpipe.wiring import open_app

_READ = 3
_WIDEST = 70


class CheckFailed(IvpipeError):
    """A source cannot be read as its spec says; the message has one line per fault."""


@click.command()
@click.argument("slug", required=False)
@click.option("--samples", is_flag=True, help="Read the saved samples again instead, without network.")
@click.pass_obj
def check(home: Path, slug: str | None, samples: bool) -> None:
    """Find and read articles of the source SLUG (or of all that are switched on), and say what was found by which rule.

    Nothing is stored. The exit code is 1 where a source brings nothing, a page cannot be read, a rule of a spec finds
    nothing on any page, or a sample differs.
    """
    with open_app(home, check=False) as app:
        specs = [app.source(slug)] if slug else list(app.sources)
        faults: list[str] = []
        for spec in specs:
            click.secho(f"{spec.slug}: {spec.name}", bold=True)
            faults += _check_samples(home, spec) if samples else _check_live(app.fetcher, spec)
            click.echo()
    if faults:
        raise CheckFailed("\n".join(faults))


def _check_samples(home: Path, spec: SourceSpec) -> list[str]:
    faults = []
    number = 0
    for path, differences in check_samples(home, spec):
        number += 1
        click.echo(f"  {path.stem}: {'differs' if differences else 'as expected'}")
        for line in differences:
            click.secho(f"    {line}", fg="yellow")
        if differences:
            faults.append(f"{spec.slug}: the sample {path.stem} differs in {len(differences)} places")
    if not number:
        click.echo(f"  no samples yet: `ivpipe source sample {spec.slug} URL` saves one")
    return faults


def _check_live(fetcher: Fetcher, spec: SourceSpec) -> list[str]:
    now = datetime.now(UTC)
    try:
        seen = discover(spec, fetcher, {}, now)
    except SourceError as error:
        click.secho(f"  ! {error}", fg="red")
        return [str(error)]
    refused = f", {seen.passed_over} refused by its filters" if seen.passed_over else ""
    click.echo(
        f"  {spec.discovery.kind}: {len(seen.found)} articles of the last {spec.discovery.max_age_days} days{refused}"
    )
    for warning in seen.warnings:
        click.secho(f"  ! {warning}", fg="yellow")
    if not seen.found:
        return [f"{spec.slug}: nothing is announced that it would take"]
    faults: list[str] = []
    gone: dict[str, int] = {}
    read = 0
    for item in seen.found[:_READ]:
        try:
            answer = fetcher.get(item.url, spec.fetch)
            page = FetchedPage(answer.url, answer.headers, answer.body, now)
            document = read_pages([page], spec)
            reports = explain(page.body, page.url, spec, page.content_type, document)
        except SourceError as error:
            click.secho(f"  ! {error}", fg="red")
            faults.append(str(error))
            continue
        read += 1
        click.echo(f"\n  {answer.url}")
        table(
            ("  field", "found by", "what"),
            [
                (
                    f"  {report.name}{' !' if report.gone or (report.name in NEEDED and not report.value) else ''}",
                    report.how,
                    report.value if len(report.value) <= _WIDEST else f"{report.value[:_WIDEST]}…",
                )
                for report in reports
            ],
        )
        for warning in document.warnings:
            click.secho(f"  ! {warning}", fg="yellow")
        for report in reports:
            gone[report.name] = gone.get(report.name, 0) + report.gone
    faults += [
        f"{spec.slug}: fields.{name} finds nothing on any of {read} pages"
        for name, times in gone.items()
        if read and times == read
    ]
    return faults
