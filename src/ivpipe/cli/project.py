"""``ivpipe init`` and ``ivpipe config check``: a project's folder, its database, its configuration."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import click

from ivpipe.errors import ConfigError, IvpipeError
from ivpipe.masking import too_short

if TYPE_CHECKING:
    from ivpipe.model import Magazine
    from ivpipe.sources.spec import SourceSpec
    from ivpipe.store import Upgraded
    from ivpipe.wiring import App


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.pass_obj
def init(home: Path, folder: Path | None) -> None:
    """Make FOLDER a project: an example configuration where there is none, and the database.

    In a project that is there already, brings the database up to this version of ivpipe; stop `ivpipe up` before. That
    happens in one transaction: whatever goes wrong, the database is as it was. Before it, an SQLite database is copied to
    a file beside it, which is named at the end; of PostgreSQL, make a dump yourself. Nothing is ever overwritten.
    """
    from ivpipe.wiring import open_app

    place = (folder or home).resolve()
    if not (place / "config" / "ivpipe.toml").exists():
        copy_example(place)
    with open_app(place, check=False) as app:
        _close(app)
        _tell_upgrade(app.store.migrate(), app.store.name)
    click.echo("next: `ivpipe config check`, `ivpipe user add`, `ivpipe up`")


def _tell_upgrade(done: Upgraded, name: str) -> None:
    if done.before in ("", done.after):
        click.echo(f"{name}: the database is {'up to date' if done.before else 'made'} (schema {done.after})")
        return
    click.echo(f"{name}: the database was upgraded from schema {done.before} to {done.after}")
    if done.copy:
        click.echo(
            f"{done.copy}: a copy of it as it was. To go back, stop ivpipe, delete the database and the files beside it that "
            f"end in -wal and -shm, give the copy its name, and install the ivpipe you had. Delete the copy when all is well."
        )


def _close(app: App) -> None:
    """Make the data directory for this account only, and say what of an older one was not."""
    from ivpipe.modes import close_to_others

    data = app.settings.data
    try:
        data.mkdir(parents=True, exist_ok=True)
        closed = close_to_others(data, app.public_folders)
    except OSError as error:
        raise IvpipeError(
            f"it cannot be made or closed to others: {error.strerror}",
            subject=str(data),
            advice="see that this account may write there, or set data_dir in config/ivpipe.toml",
        ) from error
    if closed.folder or closed.entries:
        what = "it" if closed.folder and not closed.entries else f"{closed.entries} files and folders in it"
        click.echo(f"{data}: other accounts of this machine could read {what}; now only this one can")
    if closed.shared:
        click.echo(
            f"warning: {data}: {closed.shared}, so that it stays open; set data_dir to a folder of its own", err=True
        )


def copy_example(place: Path) -> None:
    """Write the example configuration into a folder that has none. Raises IvpipeError."""
    example = files("ivpipe.demo") / "example" / "config"
    if not example.is_dir():
        raise IvpipeError(
            "this installation has no example configuration",
            subject=str(place),
            advice="write config/ivpipe.toml yourself, or install ivpipe again",
        )
    if (place / "config").exists() and any((place / "config").iterdir()):
        raise IvpipeError(
            "there is a config folder without ivpipe.toml in it",
            subject=str(place / "config"),
            advice="write config/ivpipe.toml, or move the folder away to get an example",
        )
    try:
        with as_file(example) as folder:
            copytree(folder, place / "config", dirs_exist_ok=True)
    except OSError as error:
        raise IvpipeError(f"the example cannot be written: {error.strerror}", subject=str(place / "config")) from error
    click.echo(f"{place / 'config'}: an example magazine, to be changed to yours")


@click.group()
def config() -> None:
    """The configuration."""


@config.command()
@click.pass_obj
def check(home: Path) -> None:
    """Read the whole configuration and name every fault: file, key, reason. Exit code 1 where there is one."""
    from ivpipe.wiring import open_app

    with open_app(home, check=False) as app:
        faults = [*_page_faults(app), *_target_faults(app)]
        if faults:
            raise ConfigError(faults)
        for warning in _warnings(app):
            click.echo(f"warning: {warning}", err=True)
        settings = app.settings
        click.echo(
            f"{settings.magazine.name}: {len(settings.sources)} sources, {len(settings.targets)} targets, "
            f"engines: {', '.join(settings.engine_order)}; no faults"
        )


def _page_faults(app: App) -> list[str]:
    """What every published page would stumble on: the markup of lines, and lines that a language lacks."""
    from ivpipe.model.magazine import in_language
    from ivpipe.steps.imprint import markup_fault

    settings = app.settings
    places: dict[str, Magazine | SourceSpec] = {"ivpipe.toml: magazine.": settings.magazine}
    places |= {f"sources/{slug}.toml: ": spec for slug, spec in settings.sources.items()}
    faults = [
        f"{place}{name}: {fault}"
        for place, owner in places.items()
        for name in ("attribution", "postscript")
        if (fault := markup_fault(getattr(owner, name)))
    ]
    faults += [
        f"ivpipe.toml: magazine.attribution: there is none for {lang!r}"
        for lang in settings.magazine.languages
        if in_language(settings.magazine.attribution, lang) is None
    ]
    return faults


def _target_faults(app: App) -> list[str]:
    faults = []
    for slug in app.settings.targets:
        try:
            app.publisher(slug)
        except IvpipeError as error:
            faults.append(f"targets/{slug}.toml: {error}")
    return faults


def _open_doors(app: App) -> list[str]:
    """What other machines reach, and what travels there unencrypted."""
    from ivpipe.publishers.addresses import is_loopback

    found, desk, prefect = [], app.settings.desk, app.settings.prefect
    if not is_loopback(desk.host) and not desk.secure_cookies:
        found.append(
            f"desk.host: other machines reach the desk at {desk.host}, and with secure_cookies = false passwords travel in the "
            "clear; put a web server with https in front of it"
        )
    if not is_loopback(prefect.host):
        found.append(
            f"prefect.host: other machines reach Prefect at {prefect.host}: its password travels in the clear, and whoever has "
            "it can run commands with every key of ivpipe"
        )
    return found


def _warnings(app: App) -> list[str]:
    """What is no fault of the files, but will keep work waiting."""
    from ivpipe.model import LanguagePair
    from ivpipe.model.languages import primary

    magazine = app.settings.magazine
    found = [f"{name}: its value is too short to be masked in messages; use a longer one" for name in too_short()]
    found += _open_doors(app)
    if not app.sources:
        found.append("sources: none is switched on; nothing will be ingested")
    found += [
        f"targets: none takes {lang!r}; what is approved in it goes nowhere"
        for lang in magazine.languages
        if not app.targets_for(lang)
    ]
    pairs = {
        LanguagePair(primary(source), primary(target))
        for spec in app.sources
        for source in spec.languages
        for target in magazine.languages
        if primary(source) != primary(target)
    }
    for pair in sorted(pairs, key=str):
        problems = {engine.name: engine.problem(pair) for engine in app.engines}
        found += [f"engines.{name}: {pair}: {problem}" for name, problem in problems.items() if problem]
        if all(problems.values()):
            found.append(f"engines: none is usable for {pair}; translations will wait")
    return found
