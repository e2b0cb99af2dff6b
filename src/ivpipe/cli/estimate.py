"""``ivpipe estimate``: what drafting would bill, before anything is sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from ivpipe.cli import table


@click.command()
@click.argument("articles", metavar="[ARTICLE]...", nargs=-1, type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_obj
def estimate(home: Path | None, articles: tuple[int, ...], as_json: bool) -> None:
    """Say what engines would bill for drafting the articles ARTICLE... (by id), or all that wait.

    What people have translated, what the memory has and what engines were asked before costs nothing. Nothing is sent.
    """
    from ivpipe.steps.cost import billed_this_month, budget_state
    from ivpipe.steps.estimate import estimate_articles
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        terms = app.terms
        rows = estimate_articles(app.store, articles, app.settings.magazine.languages, app.engines, terms)
        with app.store.read() as session:
            state = budget_state(terms, billed_this_month(session, datetime.now(UTC)))
    wanted = sum(terms.weight(row.engine, row.billed) for row in rows)
    over = bool(terms.monthly) and state.used + wanted > terms.monthly
    total = {"billed": sum(row.billed for row in rows), "price": sum(row.price for row in rows)}
    if as_json:
        budget = {"unit": terms.unit, "used": state.used, "monthly": terms.monthly, "left": state.left, "over": over}
        found = {"translations": [asdict(row) for row in rows], "total": total, "budget": budget}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo("nothing waits to be drafted")
        return
    priced = bool(terms.prices)
    table(
        ("article", "to", "characters", "from memory", "had before", "billed", "by", "title"),
        [
            (
                str(row.article_id),
                row.lang,
                f"{row.characters:,}",
                f"{row.saved:,}",
                f"{row.cached:,}",
                f"{row.billed:,}" + (f" ({row.price:,.2f} {terms.currency})" if priced and row.price else ""),
                row.engine or "—",
                row.title + (f" — {row.problem}" if row.problem else ""),
            )
            for row in rows
        ],
    )
    money = f", {total['price']:,.2f} {terms.currency}" if priced else ""
    click.echo(f"\n{total['billed']:,} characters would be billed{money}; {state.text}")
    if over:
        click.secho(f"! that is more than the {terms.amount(state.left or 0)} left: not all would be sent", fg="yellow")
