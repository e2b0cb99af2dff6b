"""``ivpipe status``: what is where, what is stuck and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from ivpipe.cli import table
from ivpipe.cli.articles import doubtful_rows
from ivpipe.cli.up_state import read_state


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say what is where, what is stuck and why, when each flow last succeeded, and what engines billed this month.

    Exit code 1 where the database or the project's folder cannot be written: then nothing is being done.
    """
    from ivpipe.steps import operations
    from ivpipe.wiring import open_app

    with open_app(ctx.obj) as app:
        trouble = operations.write_trouble(app.store, app.settings.data)
        found = operations.status(app.store, [spec.slug for spec in app.sources], datetime.now(UTC), app.terms)
        found["up"] = read_state(app.settings.data)
    if as_json:
        click.echo(json.dumps({"cannot_write": str(trouble or "")} | found, ensure_ascii=False, indent=2))
    else:
        if trouble:
            click.secho(f"! Nothing can be written: {trouble}", fg="red", bold=True)
        _show(found, nothing_stuck=trouble is None)
    if trouble:
        ctx.exit(1)


def _show(found: Mapping[str, Any], *, nothing_stuck: bool) -> None:
    _say_up(found["up"])
    if found["clock"]:
        click.secho(_clock(found["clock"], found["at"]), fg="yellow")
    _say("Articles", {**found["articles"], "not read yet": found["unread_articles"]})
    _say("Translations", {state.replace("_", " "): number for state, number in found["translations"].items()})
    _say("Pages", found["publications"])
    _say("Characters billed this month", found["billed_this_month"])
    if any(found["unsettled"].values()):
        _say("Counted among them, though no engine has said so", unsettled_words(found["unsettled"]))
    if found["budget"]["stop"]:
        warning = {"soft": "", "hard": "; engines that cost are asked for nothing more"}[found["budget"]["stop"]]
        click.secho(f"! {found['budget']['text']}{warning}", fg="yellow")
    click.echo()
    table(
        ("flow", "last success", "last run", "brought"),
        [
            (flow, _ago(run["last_success"], found["at"]), _last(run, found["at"]), _brought(run))
            for flow, run in found["flows"].items()
        ],
    )
    click.echo()
    doubtful = [row for row in found["sources"] if row["grade"] == "doubtful"]
    if doubtful:
        click.secho("Sources to look at (`ivpipe source check`):", bold=True)
        table(
            ("source", "health", "why"),
            [(row["slug"], str(row["health"]), "; ".join(row["reasons"])) for row in doubtful],
        )
        click.echo()
    if found["gone"]:
        click.secho("Gone from their sites, and nothing was withdrawn for it; an editor decides:", bold=True)
        table(
            ("article", "since", "title", "address"),
            [(str(row["id"]), _ago(row["since"], found["at"]), row["title"], row["url"]) for row in found["gone"]],
        )
        click.echo()
    if found["doubtful"]:
        click.secho("Pages in doubt, which became no version (`ivpipe articles accept` or `keep`):", bold=True)
        table(("article", "since", "title", "why", "what the page says"), doubtful_rows(found["doubtful"]))
        click.echo()
    if not found["stuck"]:
        if nothing_stuck:
            click.echo("Nothing is stuck.")
        return
    click.secho(f"{len(found['stuck'])} stuck (`ivpipe retry` tries again without waiting):", bold=True)
    table(
        ("what", "id", "tries", "next try", "why"),
        [
            (
                row["what"],
                str(row["id"]),
                str(row["attempts"]),
                _ago(row["next_try"], found["at"]),
                f"{row['title']}: {row['why']}",
            )
            for row in found["stuck"]
        ],
    )


def unsettled_words(unsettled: Mapping[str, int]) -> dict[str, int]:
    """What ``unsettled_this_month`` counts, for people."""
    words = {"in flight": "being sent", "lost": "sent by a worker that died, or whose answer did not come"}
    return {words[what]: characters for what, characters in unsettled.items()}


def _say_up(up: Mapping[str, Any] | None) -> None:
    """Whether `ivpipe up` runs in this folder, and which of its parts do not."""
    if up is None:
        click.echo("`ivpipe up` does not run in this folder.")
        return
    down = {name: part for name, part in up["parts"].items() if part["state"] != "ready"}
    running = f"`ivpipe up` runs (process {up['pid']}): the desk at {up['desk']}, Prefect at {up['prefect']}"
    click.echo(running if not down else f"{running}; but not all of it:")
    for name, part in down.items():
        click.secho(f"! {name}: {part['state']}" + (f" ({part['why']})" if part["why"] else ""), fg="yellow")


def _clock(found: Mapping[str, Any], now: str) -> str:
    """That the clock was set back, and what becomes of it."""
    texts = []
    if found["noted_until"]:
        texts.append(f"the last run noted began {_ago(found['noted_until'], now)}")
    if found["rows"]:
        texts.append(
            f"{found['rows']} rows wait for a time far ahead, and are freed by the next `ivpipe run reconcile`"
        )
    return f"! This machine's clock was set back: {'; '.join(texts)}."


def _say(title: str, counts: Mapping[str, int | None]) -> None:
    shown = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    click.echo(f"{click.style(title, bold=True)}: {shown or 'none'}")


def _last(run: Mapping[str, Any], now: str) -> str:
    return f"{_ago(run['last_run'], now)}{', running' if run['running'] else ''}"


def _brought(run: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{number} {word}" for word, number in run["counts"].items() if number)
    return "; ".join(text for text in (counts, run["error"].splitlines()[0] if run["error"] else "") if text)


def _ago(time: str | None, now: str) -> str:
    """ "3 min ago", "in 2 h", "never": a time of the record relative to the report's."""
    if time is None:
        return "never"
    seconds = int((datetime.fromisoformat(now) - datetime.fromisoformat(time)).total_seconds())
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if size >= length:
            words = f"{size // length} {unit}"
            break
    else:
        words = f"{size} s"
    return f"in {words}" if seconds < 0 else f"{words} ago"
