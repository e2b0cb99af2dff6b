"""``ivpipe articles``, ``select``, ``dismiss``, ``retry``: triage and second tries from the shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ivpipe.cli import table
from ivpipe.errors import IvpipeError, NotFound

if TYPE_CHECKING:
    from ivpipe.model import Actor, Article, Translation
    from ivpipe.text.difference import Difference
    from ivpipe.wiring import App

_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(min=1))
_WHAT = ("article", "translation", "publication", "picture")


@click.group(invoke_without_command=True)
@click.pass_context
def articles(ctx: click.Context) -> None:
    """The articles found so far."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_all)


@articles.command("list")
@click.option("--source", help="Of this source only (its slug).")
@click.option("--decision", type=click.Choice(("undecided", "selected", "dismissed")), help="Only those.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
@click.pass_obj
def list_all(
    home: Path, source: str | None = None, decision: str | None = None, limit: int = 50, as_json: bool = False
) -> None:
    """List articles, the newest first, with where their translations stand."""
    from sqlalchemy import select as select_rows

    from ivpipe.model import Article, Decision, Translation
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        query = select_rows(Article).order_by(Article.id.desc()).limit(limit)
        if source:
            query = query.where(Article.source_slug == app.source(source).slug)
        if decision:
            query = query.where(Article.decision == Decision(decision))
        with app.store.read() as session:
            rows = session.scalars(query).all()
            translations: dict[int, list[Translation]] = {}
            for translation in session.scalars(
                select_rows(Translation).where(Translation.article_id.in_([row.id for row in rows]))
            ):
                translations.setdefault(translation.article_id, []).append(translation)
            described = [_describe(row, translations.get(row.id, [])) for row in rows]
    if as_json:
        for entry in described:
            click.echo(json.dumps(entry, ensure_ascii=False))
        return
    table(
        ("id", "source", "found", "decision", "translations", "title"),
        [
            (
                str(entry["id"]),
                str(entry["source"]),
                str(entry["found"])[:10],
                str(entry["decision"]),
                ", ".join(f"{lang}: {state}" for lang, state in entry["translations"].items()),
                str(entry["title"] or entry["url"]),
            )
            for entry in described
        ],
    )


@articles.command()
@click.argument("article", metavar="ID", type=click.IntRange(min=1))
@click.option("--from", "old", type=click.IntRange(min=1), help="This version.  [default: the one before]")
@click.option("--to", "new", type=click.IntRange(min=1), help="And this one.  [default: the newest]")
@click.pass_obj
def changes(home: Path, article: int, old: int | None, new: int | None) -> None:
    """Show what has changed in the article ID between two versions of it."""
    from ivpipe.steps.documents import version_difference
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        found = version_difference(app.store, article, old, new)
    for change in found:
        click.echo(change_line(change))
    if not found:
        click.echo("a reader would notice nothing: only markup differs")


@articles.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
@click.pass_obj
def doubtful(home: Path, as_json: bool) -> None:
    """List the articles whose page may not be the article (any more), with the evidence."""
    from ivpipe.steps.operations import status
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        found = status(app.store, [], datetime.now(UTC))["doubtful"]
    if as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    table(("article", "since", "title", "why", "what the page says"), doubtful_rows(found))
    if found:
        click.echo("`ivpipe articles accept ID` makes such a page the new version, `keep ID` keeps what there is.")


def doubtful_rows(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The doubtful articles of ``operations.status`` as rows of a table."""
    return [
        (
            str(row["id"]),
            row["since"][:16].replace("T", " "),
            row["title"],
            row["why"]
            + ("" if row["common"] is None else f" ({100 * row['common']:.0f} % of the text is still there)"),
            f"{row['address']}: “{row['quote'][:80]}”",
        )
        for row in found
    ]


@articles.command()
@_ids
@click.pass_obj
def accept(home: Path, ids: tuple[int, ...]) -> None:
    """Make the doubtful pages of the articles ID... their next versions after all."""
    from ivpipe.model import Article
    from ivpipe.steps.doubts import accept_page

    def take(app: App, article_id: int, actor: Actor) -> str:
        with app.store.read() as session:
            article = session.get(Article, article_id)
        if article is None:
            raise NotFound(f"there is no article {article_id}")
        languages = app.settings.magazine.languages
        return accept_page(app.store, article_id, app.source(article.source_slug), languages, actor, datetime.now(UTC))

    for_each(home, ids, take)


@articles.command()
@_ids
@click.option("--gone", is_flag=True, help="Say as well that they have gone from their sites.")
@click.pass_obj
def keep(home: Path, ids: tuple[int, ...], gone: bool) -> None:
    """Keep the texts that the articles ID... have: their doubtful pages are not them."""
    from ivpipe.steps.doubts import keep_text

    def leave(app: App, article_id: int, actor: Actor) -> str:
        keep_text(app.store, article_id, actor, datetime.now(UTC), gone=gone)
        return "gone" if gone else "kept"

    for_each(home, ids, leave)


def change_line(change: Difference) -> str:
    """A change of a document: "text 3: the [-dockers-] {+harbour workers+} hold out", shortened where much stays the same."""
    pieces = []
    for kind, text in change.words:
        if kind == "removed":
            pieces.append(click.style(f"[-{text.strip()}-]", fg="red"))
        elif kind == "added":
            pieces.append(click.style(f"{{+{text.strip()}+}}", fg="green"))
        else:
            pieces.append(text.strip() if len(text) < 80 else f"{text[:30].strip()} … {text[-30:].strip()}")
    place = f"{change.part} {change.position}" if change.position else change.part
    return f"{place}: {' '.join(pieces)}"


def _describe(article: Article, translations: list[Translation]) -> dict[str, Any]:
    return {
        "id": article.id,
        "source": article.source_slug,
        "url": article.url,
        "title": article.title,
        "lang": article.lang,
        "found": article.discovered_at.isoformat(timespec="seconds"),
        "read": article.document_id is not None,
        "decision": str(article.decision),
        "translations": {translation.lang: str(translation.state) for translation in translations},
        "problem": article.last_error,
    }


@click.command()
@_ids
@click.pass_obj
def select(home: Path, ids: tuple[int, ...]) -> None:
    """Have the articles ID... translated into the magazine's languages."""
    from ivpipe.steps.triage import select_article

    def choose(app: App, article_id: int, actor: Actor) -> str:
        select_article(app.store, article_id, app.settings.magazine.languages, actor, datetime.now(UTC))
        return "selected"

    for_each(home, ids, choose)


@click.command()
@_ids
@click.option("--reason", default="", help="Why, for those who wonder later.")
@click.pass_obj
def dismiss(home: Path, ids: tuple[int, ...], reason: str) -> None:
    """Put the articles ID... aside."""
    from ivpipe.steps.triage import dismiss_article

    def put_aside(app: App, article_id: int, actor: Actor) -> str:
        dismiss_article(app.store, article_id, actor, reason, datetime.now(UTC))
        return "dismissed"

    for_each(home, ids, put_aside)


def for_each(home: Path, ids: tuple[int, ...], step: Callable[[App, int, Actor], str]) -> None:
    """Do it for each article; what cannot be done is said, and the others are done all the same. Raises IvpipeError."""
    from ivpipe.model import Actor, Role
    from ivpipe.wiring import open_app

    # Whoever has a shell here is the operator, and may do what an editor may.
    actor = Actor(None, "the shell", frozenset({Role.EDITOR, Role.OPERATOR}))
    problems = []
    with open_app(home) as app:
        for article_id in dict.fromkeys(ids):
            try:
                click.echo(f"article {article_id}: {step(app, article_id, actor)}")
            except IvpipeError as error:
                problems.append(str(error))
    if problems:
        raise IvpipeError("\n".join(problems))


@click.command()
@click.argument("what", type=click.Choice(_WHAT), required=False)
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(min=1))
@click.option(
    "--all", "everything", is_flag=True, help="Everything that failed (see `ivpipe status`), of one kind or any."
)
@click.pass_obj
def retry(home: Path, what: str | None, ids: tuple[int, ...], everything: bool) -> None:
    """Try again, without waiting, what failed: `retry article 12 13`, `retry translation --all`, `retry --all`.

    It is done by the next run of the flow, which `ivpipe up` starts by itself.
    """
    from ivpipe.steps.operations import retry_now, status
    from ivpipe.wiring import open_app

    if everything == bool(ids) or (ids and not what):
        raise click.UsageError("name the kind and the ids, or use --all")
    missing = []
    with open_app(home) as app:
        if everything:
            stuck = status(app.store, [], datetime.now(UTC))["stuck"]
            chosen = [
                (row["what"], row["id"]) for row in stuck if row["what"] == what or (not what and row["what"] in _WHAT)
            ]
        else:
            chosen = [(what, row_id) for row_id in dict.fromkeys(ids)]
        for kind, row_id in chosen:
            if not retry_now(app.store, kind, row_id):
                missing.append(f"there is no {kind} {row_id}")
    click.echo(f"{len(chosen) - len(missing)} to be tried again")
    if missing:
        raise NotFound("\n".join(missing))
