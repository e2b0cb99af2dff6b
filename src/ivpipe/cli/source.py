"""``ivpipe source``: the partner sites: add one, check what is read of it, list them, import many."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click
from pydantic import ValidationError

from ivpipe.cli import table
from ivpipe.cli.samples import save_sample
from ivpipe.cli.source_check import check
from ivpipe.cli.source_preview import preview, tell_of_next_page
from ivpipe.errors import ConfigError, IvpipeError, NotFound, SourceError
from ivpipe.modes import write_ordinary
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.reading import FetchedPage, read_pages
from ivpipe.sources.spec import Fetch, SourceSpec
from ivpipe.sources.spec_files import read_opml, slug_of, spec_text
from ivpipe.sources.survey import survey
from ivpipe.wiring import open_app

_SHOWN = 3


@click.group()
def source() -> None:
    """The partner sites articles are taken from."""


source.add_command(check)


@source.command()
@click.argument("url")
@click.option("--slug", default="", help="Its short name in files and pages. [default: made of its address]")
@click.option("--language", "languages", multiple=True, help="The language it writes in (fr); may be given again.")
@click.option(
    "--allow-private", multiple=True, metavar="HOST:PORT", help="Let it be reached on this machine or local network."
)
@click.option("--yes", is_flag=True, help="Write without asking; never over a spec there is.")
@click.pass_obj
def add(home: Path, url: str, slug: str, languages: tuple[str, ...], allow_private: tuple[str, ...], yes: bool) -> None:
    """Look at the site at URL, show three of its articles, and write its spec and a sample page."""
    with open_app(home, check=False) as app:
        fetcher, known = app.fetcher, app.settings.sources
        policy = Fetch(delay=1.0, allow_private=allow_private)
        seen = survey(url, fetcher, policy, datetime.now(UTC), languages)
        languages = languages or seen.languages
        if not languages:
            raise SourceError(
                "its pages do not say which language they are in", subject=url, advice="say so: --language fr"
            )
        slug = slug or slug_of(seen.url)
        file = home / "config" / "sources" / f"{slug}.toml"
        there = slug in known or file.exists()
        if there and yes:
            raise SourceError(
                "there is a spec for it already",
                subject=str(file),
                advice="give the new one another name with --slug; without --yes it asks whether to write over it",
            )
        text = spec_text(
            name=seen.name,
            url=seen.url,
            languages=languages,
            platform=seen.platform,
            kind=seen.kind,
            urls=[seen.feed],
            allow_private=allow_private,
        )
        spec = _spec(slug, text)
        click.echo(f"{click.style(seen.name, bold=True)}: {seen.platform}, {', '.join(languages)}")
        click.echo(f"{seen.kind} {seen.feed} ({seen.why}): {len(seen.found)} articles announced")
        for line in seen.tried:
            click.echo(click.style(f"  tried: {line}", dim=True))
        first = None
        read = 0
        for item in seen.found[:_SHOWN]:
            click.echo()
            try:
                page = fetch_page(fetcher, spec, item.url)
                document = read_pages([page], spec)
            except SourceError as error:
                click.secho(f"! {error}", fg="yellow")
                continue
            read += 1
            preview(document)
            tell_of_next_page(page.body, page.url, page.content_type)
            first = first or (page, document)
        click.echo()
        if first is None:
            raise SourceError(
                "none of its articles can be read",
                subject=url,
                advice="write the spec by hand (docs/configuration.md) and try `ivpipe source check`",
            )
        question = f"{file} is there already. Write over it?" if there else f"Write {file}?"
        if not yes and not click.confirm(question, default=not there):
            raise click.Abort
        write_ordinary(file, text)
        sample_file = save_sample(home, slug, *first)
        click.echo(f"Written: {file} and the sample {sample_file}")
        click.echo(
            "Now say in the spec under which licence it publishes and who agreed, and see `ivpipe source check`."
        )


def _spec(slug: str, text: str) -> SourceSpec:
    """The spec as it will be read from its file. Raises ConfigError."""
    try:
        return SourceSpec(slug=slug, **tomllib.loads(text))
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise ConfigError(
            [f"{fault}; name another one with --slug" if "slug" in fault else fault for fault in faults]
        ) from error


@source.command()
@click.argument("slug")
@click.argument("url")
@click.option("--yes", is_flag=True, help="Write over a sample there is without asking.")
@click.pass_obj
def sample(home: Path, slug: str, url: str, yes: bool) -> None:
    """Save the page at URL, and what is read from it, as a test: `ivpipe source check --samples SLUG` compares.

    Correct samples/SLUG/NAME.json by hand where it is wrong: it says what should be read.
    """
    with open_app(home, check=False) as app:
        spec = app.source(slug)
        page = fetch_page(app.fetcher, spec, url)
        document = read_pages([page], spec)
        preview(document)
        tell_of_next_page(page.body, page.url, page.content_type)
        written = save_sample(
            home,
            slug,
            page,
            document,
            overwrite=lambda path: yes or click.confirm(f"{path} is there already. Write over it?", default=False),
        )
    click.echo(f"\nWritten: {written}")


def fetch_page(fetcher: Fetcher, spec: SourceSpec, url: str) -> FetchedPage:
    """Fetch one page of a source. Raises FetchError."""
    answer = fetcher.get(url, spec.fetch)
    return FetchedPage(answer.url, answer.headers, answer.body, datetime.now(UTC))


@source.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
@click.pass_obj
def list_all(home: Path, as_json: bool) -> None:
    """List the sources with their last success, articles and health."""
    from ivpipe.steps.health import source_states

    with open_app(home) as app:
        specs = app.settings.sources
        states = source_states(app.store, list(specs), datetime.now(UTC))
    if as_json:
        for slug, state in states.items():
            entry = {**state.to_dict(), "name": specs[slug].name, "enabled": specs[slug].enabled}
            click.echo(json.dumps(entry, ensure_ascii=False))
        return
    table(
        ("source", "name", "last success", "articles", "selected", "health", "why"),
        [
            (
                slug,
                specs[slug].name,
                state.last_success.strftime("%Y-%m-%d %H:%M") if state.last_success else "never",
                str(state.articles),
                str(state.selected),
                f"{state.health.score} {state.health.grade}" if specs[slug].enabled else "off",
                "; ".join(state.health.reasons) if specs[slug].enabled else "",
            )
            for slug, state in states.items()
        ],
    )


@source.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", default="", help="Of the entries that do not say theirs (fr).")
@click.option("--enable", is_flag=True, help="Switch them on at once; without it each waits for `enabled = true`.")
@click.pass_obj
def import_opml(home: Path, file: Path, language: str, enable: bool) -> None:
    """Write a spec for each feed of an OPML FILE, as feed readers export it. Specs there are stay as they are."""
    with open_app(home, check=False) as app:
        known = dict(app.settings.sources)
    polled = {url for spec in known.values() for url in spec.discovery.urls}
    try:
        data = file.read_bytes()
    except OSError as error:
        raise IvpipeError(f"cannot be read: {error.strerror}", subject=str(file)) from error
    partners, problems = read_opml(data, file.name)
    written = skipped = 0
    for partner in partners:
        target = home / "config" / "sources" / f"{partner.slug}.toml"
        if partner.feed in polled or target.exists():
            click.echo(f"{partner.slug}: there is a spec for it already")
            skipped += 1
            continue
        lang = partner.lang or language
        if not lang:
            problems.append(f"{partner.name}: the file does not say its language; give --language")
            continue
        write_ordinary(
            target,
            spec_text(
                name=partner.name,
                url=partner.url,
                languages=[lang],
                platform="generic",
                kind="feed",
                urls=[partner.feed],
                enabled=enable,
            ),
        )
        click.echo(f"{partner.slug}: written ({partner.feed})")
        written += 1
    click.echo(f"{written} written, {skipped} there already")
    if problems:
        raise NotFound("\n".join(problems))
