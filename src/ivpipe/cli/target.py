"""``ivpipe target``: the sites that pages are published to."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import click

from ivpipe.cli import table
from ivpipe.errors import IvpipeError
from ivpipe.masking import read_secret
from ivpipe.modes import write_ordinary

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


@click.group()
def target() -> None:
    """The sites that pages are published to."""


@target.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
@click.pass_obj
def list_(home: Path, as_json: bool) -> None:
    """Show all targets: what they are, what they take, how many pages are live there and how many wait."""
    from ivpipe.steps.publications import Standing, standings
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        found = standings(app.store)
        rows = [(one, found.get(one.slug, Standing())) for one in app.settings.targets.values()]
    if as_json:
        for one, standing in rows:
            facts = {"target": one.slug, "type": one.type, "enabled": one.enabled, "languages": list(one.languages)}
            pages = {"live": standing.live, "waiting": standing.waiting, "conflicts": standing.conflicts}
            click.echo(json.dumps(facts | pages))
        return
    table(
        ("target", "type", "languages", "live", "waiting", "conflicts"),
        [
            (
                one.slug if one.enabled else f"{one.slug} (off)",
                one.type,
                ", ".join(one.languages) or "all",
                str(standing.live),
                str(standing.waiting),
                str(standing.conflicts),
            )
            for one, standing in rows
        ],
    )


@target.command()
@click.argument("slugs", metavar="[SLUG]...", nargs=-1)
@click.pass_obj
def check(home: Path, slugs: tuple[str, ...]) -> None:
    """Look whether publishing to the targets SLUG..., or all that are switched on, can work. Nothing there is changed.

    Login, rights, versions, folders: what is missing, and what to do. Exit code 1 where there is an error.
    """
    from ivpipe.wiring import open_app

    broken = []
    with open_app(home) as app:
        for slug in slugs or [one.slug for one in app.targets]:
            findings = app.publisher(slug).check()
            for finding in findings:
                advice = f" — {finding.advice}" if finding.advice else ""
                mark = click.style(f"{finding.severity:<7}", fg=_COLOURS[finding.severity])
                click.echo(f"{slug}: {mark} {finding.what}{advice}")
            if any(finding.severity == "error" for finding in findings):
                broken.append(slug)
    if broken:
        raise IvpipeError(f"nothing can be published to {', '.join(broken)}")


@target.command("file")
@click.argument("slug")
@click.option(
    "--to",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Where to write it.",
)
@click.pass_obj
def file_(home: Path, slug: str, folder: Path) -> None:
    """Write the PHP file through which SLUG, a SPIP with driver = "file", is published to, and say where it goes.

    The token is the one in the environment; where there is none yet, one is made and shown this once.
    """
    from ivpipe.publishers.spip import Spip
    from ivpipe.publishers.spip.file_driver import php_file, php_options, token_of
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        publisher = app.publisher(slug)
    if not isinstance(publisher, Spip):
        raise IvpipeError(f"target {slug} is no SPIP: nothing has to be put there")
    settings = publisher.settings
    made = "" if read_secret(settings.token_env) else secrets.token_urlsafe(32)
    token = made or token_of(settings, subject=f"target {slug}")
    written = folder / "ivpipe.php"
    write_ordinary(written, php_file())
    click.echo(f"{written}: copy it onto the site, as squelettes/action/ivpipe.php")
    if made:
        click.echo(f"here, put into the environment:\n\n{settings.token_env}={made}\n")
    click.echo("there, put into config/mes_options.php, below its first line, which is <?php:\n")
    click.echo(php_options(settings.login, token))
    click.echo(f'with driver = "file" in config/targets/{slug}.toml, then: ivpipe target check {slug}')
