"""``ivpipe engines``: which engine can translate what, and why not."""

from __future__ import annotations

import click

from ivpipe.engines import Engine
from ivpipe.errors import IvpipeError
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.wiring import App, open_app


@click.command()
def engines() -> None:
    """Show each configured engine with each pair of languages: usable, or why not."""
    with open_app(check=False) as app:
        wanted = _pairs(app)
        if not wanted:
            click.echo("no source is switched on, so there is no pair of languages to ask the engines about")
        for engine in app.engines:
            note = engine.capabilities().note
            click.echo(f"{engine.name}{f' ({note})' if note else ''}")
            for pair in wanted:
                click.echo(f"  {pair}: {engine.problem(pair) or 'usable'}")
            if usage := _usage(engine, wanted):
                click.echo(f"  {usage}")


def _pairs(app: App) -> list[LanguagePair]:
    """The pairs that the configured sources and the magazine's languages make."""
    sources = dict.fromkeys(lang for spec in app.sources for lang in spec.languages)
    targets = app.settings.magazine.languages
    return [
        LanguagePair(source, target) for source in sources for target in targets if primary(source) != primary(target)
    ]


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
