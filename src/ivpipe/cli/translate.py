"""``ivpipe translate``: one text by machine, without the pipeline."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from ivpipe.cli.fragments import read_fragment
from ivpipe.engines import EngineResult, EngineText
from ivpipe.errors import EnginePermanent, StoreError
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.steps.answers import Answers, ask_engines
from ivpipe.steps.cost import Terms
from ivpipe.store import Store
from ivpipe.text.inline import plain_text
from ivpipe.text.segments import Segment, Translated, restore_document, split_document
from ivpipe.text.sentences import sentence_starts
from ivpipe.wiring import App, bare_engine, bare_engines, has_project, home_folder, open_app


@click.command()
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--from", "source", required=True, help="The language it is in, as fr.")
@click.option("--to", "target", required=True, help="The language wanted, as en.")
@click.option("--engine", "name", default="", help="By this engine. [default: the first usable one]")
@click.option("--html", is_flag=True, help="It is HTML, and comes back as HTML. [default: by the file's name]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: segment by segment, and the whole.")
@click.pass_obj
def translate(home: Path | None, file: str, source: str, target: str, name: str, html: bool, as_json: bool) -> None:
    """Translate FILE (or the standard input) by machine and print it.

    In a project's folder its engines are used, on its terms: what was asked before is not paid again, and the budget
    holds. Elsewhere the engines are taken as they come, with their keys from the environment. A sentence that cannot be
    translated stays as it is, and the exit code is 1.
    """
    fragment = read_fragment(file, source, html=html)
    segments = split_document(fragment.document, sentence_starts)
    answers = _ask(home_folder(home), segments, LanguagePair(primary(source), primary(target)), name)
    translated = [
        Translated(
            one.part, one.tags, one.gap, answers.found[one.key].tagged if one.key in answers.found else one.source
        )
        for one in segments
    ]
    whole = fragment.write(restore_document(fragment.document, translated, primary(target)))
    if as_json:
        click.echo(json.dumps(_described(segments, answers, whole, html=fragment.html), ensure_ascii=False, indent=2))
    else:
        click.echo(whole, nl=not whole.endswith("\n"))
    if answers.failed:
        raise EnginePermanent(
            f"{len(answers.failed)} of the sentences could not be translated and stand as they were: "
            + "; ".join(dict.fromkeys(error.message for error in answers.failed.values()))
        )


def _ask(home: Path, segments: list[Segment], pair: LanguagePair, name: str) -> Answers:
    texts = {
        one.key: EngineText(one.source)
        for one in segments
        if any(character.isalpha() for character in plain_text(one.source))
    }
    plain = {one.key: one.source for one in segments if one.key not in texts}
    now = datetime.now(UTC)
    with ExitStack() as opened:
        if has_project(home):
            app = opened.enter_context(open_app(home, check=False))
            known = {engine.name: engine for engine in app.engines}
            store, terms, data = _store(app), app.terms, app.settings.data
        else:
            store, terms, data = None, Terms(), home / "var"
            known = {engine.name: engine for engine in bare_engines(data)}
            for engine in known.values():
                opened.callback(engine.close)
        if name:
            if name not in known:
                known[name] = bare_engine(name, data)
                opened.callback(known[name].close)
            terms = replace(terms, order=(name,), pairs={})
        answers = ask_engines(store, texts, pair, list(known.values()), terms, now)
    for key, source in plain.items():
        answers.found[key] = EngineResult(source)
    return answers


def _store(app: App) -> Store | None:
    """The project's database, if it has been made."""
    try:
        app.store.check()
    except StoreError:
        return None
    return app.store


def _described(segments: list[Segment], answers: Answers, whole: str, *, html: bool) -> dict[str, object]:
    blocks: dict[str, int] = {}
    return {
        "engine": ", ".join(answers.engines),
        "billed": answers.billed,
        "segments": [
            {
                "index": index,
                "block": blocks.setdefault(one.part, len(blocks)),
                "source": one.source,
                "target": answers.found[one.key].tagged if one.key in answers.found else "",
                "engine": answers.engine.get(one.key, ""),
                "uncertain": one.key in answers.found and answers.found[one.key].uncertain,
                "problem": answers.failed[one.key].message if one.key in answers.failed else "",
            }
            for index, one in enumerate(segments)
        ],
        "html" if html else "text": whole,
    }
