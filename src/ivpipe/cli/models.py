"""``ivpipe models``: the translation models of the Firefox engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from ivpipe.engines.firefox import Firefox
from ivpipe.engines.models import Model, fetch_models, import_models, installed_models, read_model
from ivpipe.engines.models import Progress as Report
from ivpipe.model.languages import LanguagePair
from ivpipe.wiring import App, open_app


@click.group()
def models() -> None:
    """Fetch, import and list the models of the Firefox engine."""


@models.command()
@click.argument("source")
@click.argument("target")
@click.option("--from-url", default="", help="A web folder with models as ours lie in data/models; else as configured.")
def fetch(source: str, target: str, from_url: str) -> None:
    """Download the model from SOURCE to TARGET, as in `ivpipe models fetch fr en`."""
    with open_app(check=False) as app, progress_bars() as report:
        settings = _settings(app)
        folders = fetch_models(
            LanguagePair(source, target),
            app.settings.data,
            from_url or settings.models_url,
            pins=settings.pins,
            progress=report,
        )
    for folder in folders:
        click.echo(_described(read_model(folder)))


@models.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("source")
@click.argument("target")
def import_(folder: Path, source: str, target: str) -> None:
    """Take the model from SOURCE to TARGET out of FOLDER: one of ours, or files as Mozilla offers them."""
    with open_app(check=False) as app:
        place = import_models(folder, LanguagePair(source, target), app.settings.data, pins=_settings(app).pins)
    click.echo(_described(read_model(place)))


@models.command("list")
def list_() -> None:
    """List the models there are."""
    with open_app(check=False) as app:
        found = installed_models(app.settings.data)
    for name, model in found:
        click.echo(_described(model) if isinstance(model, Model) else f"{name}: {model}")
    if not found:
        click.echo("there are no models; fetch one as in `ivpipe models fetch fr en`")


def _settings(app: App) -> Firefox.Settings:
    """As configured; the engine need not be in the order to have models."""
    settings = app.settings.engine_options.get(Firefox.name)
    return settings if isinstance(settings, Firefox.Settings) else Firefox.Settings()


def _described(model: Model) -> str:
    size = sum(file.size for file in model.files) / 1e6
    lines = [
        f"{model.pair}  {f'version {model.version}' if model.version else 'no version'}  {size:.1f} MB  from {model.origin}"
    ]
    lines += [f"  {file.sha256}  {file.name}" for file in model.files]
    return "\n".join(lines)


@contextmanager
def progress_bars() -> Iterator[Report]:
    """A bar per file on a terminal; nothing where the output goes elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done)

        yield report
