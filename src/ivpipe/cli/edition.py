"""``ivpipe edition``: the magazine's numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from ivpipe.cli import table
from ivpipe.model import Edition
from ivpipe.steps import editions as steps
from ivpipe.wiring import App, open_app


@click.group()
def edition() -> None:
    """The magazine's numbers: "IVP605 – June 2025"."""


@edition.command("list")
def list_() -> None:
    """Show all numbers, newest first."""
    with open_app() as app:
        found = steps.editions(app.store)
        now = datetime.now(UTC)
        if not found:
            click.echo(f"there is no number yet; editions.kind is {app.settings.editions.kind!r}")
            return
        rows = [
            (
                str(one.number),
                _label(app, one),
                f"{one.opened_at:%Y-%m-%d}",
                "open" if one.open_at(now) else f"{one.closed_at:%Y-%m-%d}",
            )
            for one in found
        ]
        table(("number", "label", "opened", "closed"), rows)


@edition.command("open")
@click.argument("number", type=click.IntRange(min=0), required=False)
@click.option("--title", default="", help="Its own name, in the place of its label.")
@click.option(
    "--month", metavar="YYYY-MM", help="The month it is dated. [default: this one, or the one after the last]"
)
def open_(number: int | None, title: str, month: str | None) -> None:
    """Open the next number, or NUMBER, and close the one that is open.

    What is published from now on belongs to it.
    """
    with open_app() as app:
        opened = steps.open_edition(
            app.store, app.imprint(), datetime.now(UTC), number=number, title=title, month=_month(month)
        )
        click.echo(f"{_label(app, opened)} is open")


@edition.command()
def close() -> None:
    """Close the number that is open."""
    with open_app() as app:
        click.echo(f"{_label(app, steps.close_edition(app.store, datetime.now(UTC)))} is closed")


@edition.command()
@click.argument("translation", type=int)
@click.argument("number", type=click.IntRange(min=0), required=False)
def move(translation: int, number: int | None) -> None:
    """Have a translation belong to NUMBER; without it, to the one open when it is next published."""
    with open_app() as app:
        steps.move_to_edition(app.store, translation, number)
    click.echo("pages that are live show it when they are sent the next time")


def _label(app: App, one: Edition) -> str:
    return steps.edition_label(app.imprint(), one, app.settings.magazine.languages[0])


def _month(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise click.BadParameter(f"{text!r} is no month; write it as 2025-06", param_hint="--month") from None
