"""``ivpipe engines``: which engine can translate what, why not, and what it has cost."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ivpipe.engines import Engine
from ivpipe.errors import IvpipeError, StoreError
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.steps.cost import Terms, billed_this_month, budget_state, month_start
from ivpipe.steps.effort import EngineRecord, engine_records
from ivpipe.wiring import App, open_app


@click.command()
def engines() -> None:
    """Show each configured engine with each pair of languages: usable, or why not; and what it has cost this month."""
    with open_app(check=False) as app:
        wanted = _pairs(app)
        terms = app.terms
        if not wanted:
            click.echo("no source is switched on, so there is no pair of languages to ask the engines about")
        billed, records = _record(app)
        for engine in app.engines:
            note = engine.capabilities().note
            click.echo(f"{engine.name}{f' ({note})' if note else ''}")
            for pair in wanted:
                place = [candidate.name for candidate in terms.engines_for(app.engines, pair)]
                if engine.name not in place:
                    click.echo(f"  {pair}: not in the order for this pair")
                else:
                    click.echo(f"  {pair}: {engine.problem(pair) or 'usable'}")
            for line in (_usage(engine, wanted), _cost(terms, engine.name, billed)):
                if line:
                    click.echo(f"  {line}")
        for record in records:
            click.echo(_told(record))
        if terms.monthly:
            click.echo(budget_state(terms, billed).text)


def _pairs(app: App) -> list[LanguagePair]:
    """The pairs that the configured sources and the magazine's languages make."""
    sources = dict.fromkeys(lang for spec in app.sources for lang in spec.languages)
    targets = app.settings.magazine.languages
    return [
        LanguagePair(source, target) for source in sources for target in targets if primary(source) != primary(target)
    ]


def _record(app: App) -> tuple[dict[str, int], list[EngineRecord]]:
    """Characters billed this month by engine, and what became of the drafts; nothing where there is no database yet."""
    now = datetime.now(UTC)
    try:
        app.store.check()
    except StoreError:
        return {}, []
    with app.store.read() as session:
        return billed_this_month(session, now), engine_records(session, month_start(now))


def _cost(terms: Terms, engine: str, billed: dict[str, int]) -> str:
    if not billed.get(engine):
        return ""
    price = f" ({terms.price(engine, billed[engine]):,.2f} {terms.currency})" if engine in terms.prices else ""
    return f"this month: {billed[engine]:,} characters billed by our own count{price}"


def _told(record: EngineRecord) -> str:
    quality = "" if record.hter is None or record.chrf is None else f"HTER {record.hter:.2f}, chrF {record.chrf:.0f}, "
    return (
        f"approved of this month's drafts by {record.engine or 'no engine'}: {record.drafts}; {quality}"
        f"{record.seconds / 60:.0f} min in the editor each; {record.saved:,} characters saved by the memory"
    )


def _usage(engine: Engine, wanted: list[LanguagePair]) -> str:
    """What has been billed; nothing where the engine bills nothing or could not be asked for lack of a key."""
    if wanted and all(engine.problem(pair) for pair in wanted):
        return ""
    try:
        usage = engine.usage()
    except IvpipeError as error:
        return f"usage unknown: {error}"
    if usage is None:
        return ""
    limit = f" of {usage.limit:,}" if usage.limit is not None else ""
    return f"{usage.billed:,}{limit} characters in this period"
