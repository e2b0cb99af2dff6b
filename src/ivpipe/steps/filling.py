"""Filling segments from an engine: nothing is sent twice, and no answer is believed unread."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ivpipe.engines import Engine, EngineOptions, EngineResult, EngineText
from ivpipe.engines.selection import batches, usable_engine
from ivpipe.errors import EngineError, EngineUnavailable
from ivpipe.model import (
    Change,
    Document,
    DraftSegment,
    EngineUse,
    LanguagePair,
    MachineTranslation,
    Origin,
    Translation,
)
from ivpipe.store import Store
from ivpipe.store.rows import insert_missing, take_lease
from ivpipe.text.inline import InlineTag, marks, plain_text, tag_problem

LEASE = timedelta(minutes=5)
_CHUNK = 500
_CONTEXT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be translated: read once, before the network is used. ``subject`` names it in messages."""

    translation_id: int
    subject: str
    pair: LanguagePair
    document_id: int
    document: Document


@dataclass(slots=True)
class Filled:
    """Who filled the rows, how many sentences were sent now, what was billed, and the keys of answers whose tags are a guess."""

    engine: str = ""
    sent: int = 0
    billed: int = 0
    uncertain: frozenset[str] = frozenset()


def fill_from_engine(
    store: Store, task: Task, rows: list[DraftSegment], engines: Sequence[Engine], now: datetime, owner: str
) -> Filled:
    """Give every row still empty the answer of one engine, and every changed one a suggestion: answers had before are
    taken from the store."""
    wanting = [
        row for row in rows if row.origin is Origin.NONE or (row.change is Change.CHANGED and not row.suggestion)
    ]
    if not wanting:
        return Filled()
    keys = list(dict.fromkeys(row.key for row in wanting))
    engine, answers = _choose(store, task, keys, engines)
    filled = Filled(engine.name)
    missing = [key for key in keys if key not in answers]
    if missing:
        texts = _engine_texts(rows, missing)
        todo = deque(missing)
        for batch in batches(texts, engine.capabilities()):
            results = _translate(engine, batch, task)
            batch_keys = [todo.popleft() for _ in batch]
            characters = sum(len(plain_text(text.tagged)) for text in batch)
            billed = sum(result.billed for result in results)
            with store.write() as session:
                insert_missing(
                    session,
                    MachineTranslation,
                    [
                        {
                            "engine": engine.name,
                            "source_lang": task.pair.source,
                            "target_lang": task.pair.target,
                            "key": key,
                            "target": result.tagged,
                            "uncertain": result.uncertain,
                            "created_at": now,
                        }
                        for key, result in zip(batch_keys, results, strict=True)
                    ],
                )
                session.add(
                    EngineUse(
                        engine=engine.name,
                        translation_id=task.translation_id,
                        segments=len(batch),
                        characters=characters,
                        billed=billed,
                        at=now,
                    )
                )
                take_lease(session, Translation, task.translation_id, owner, datetime.now(now.tzinfo) + LEASE, now)
            answers.update(zip(batch_keys, results, strict=True))
            filled.sent += len(batch)
            filled.billed += billed
    for row in wanting:
        if row.change is Change.CHANGED:
            row.suggestion = answers[row.key].tagged
        else:
            row.target, row.origin, row.engine = answers[row.key].tagged, Origin.ENGINE, engine.name
    filled.uncertain = frozenset(key for key in keys if answers[key].uncertain)
    return filled


def _choose(
    store: Store, task: Task, keys: list[str], engines: Sequence[Engine]
) -> tuple[Engine, dict[str, EngineResult]]:
    """The engine to use, with the answers we have from it: one that needs to be asked nothing more, else the first usable."""
    known = {engine.name: stored_answers(store, engine, task.pair, keys) for engine in engines}
    complete = next((engine for engine in engines if len(known[engine.name]) == len(keys)), None)
    if complete is not None:
        return complete, known[complete.name]
    try:
        engine = usable_engine(engines, task.pair)
    except EngineUnavailable as error:
        error.subject = error.subject or task.subject
        raise
    return engine, known[engine.name]


def stored_answers(store: Store, engine: Engine, pair: LanguagePair, keys: Sequence[str]) -> dict[str, EngineResult]:
    """What this engine has answered before, by source key."""
    answers: dict[str, EngineResult] = {}
    with store.read() as session:
        for start in range(0, len(keys), _CHUNK):
            for row in session.scalars(
                select(MachineTranslation).where(
                    MachineTranslation.engine == engine.name,
                    MachineTranslation.source_lang == pair.source,
                    MachineTranslation.target_lang == pair.target,
                    MachineTranslation.key.in_(keys[start : start + _CHUNK]),
                )
            ):
                answers[row.key] = EngineResult(row.target, 0, row.uncertain)
    return answers


def _engine_texts(rows: list[DraftSegment], missing: list[str]) -> list[EngineText]:
    """The first row of each missing key, with the plain text before and after it as context."""
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        first.setdefault(row.key, index)
    texts = []
    for key in missing:
        index = first[key]
        around = [plain_text(row.source) for row in (*rows[max(0, index - 1) : index], *rows[index + 1 : index + 2])]
        texts.append(EngineText(rows[index].source, " ".join(around)[:_CONTEXT_CHARACTERS]))
    return texts


def _translate(engine: Engine, batch: Sequence[EngineText], task: Task) -> list[EngineResult]:
    """Ask the engine and trust nothing: the count, the tags and the presence of text are verified here for all engines."""
    try:
        results = engine.translate(batch, task.pair, EngineOptions())
    except EngineError as error:
        error.subject = error.subject or task.subject
        raise
    advice = "it will be tried again; if it lasts, put another engine first in engines.order of ivpipe.toml"
    if len(results) != len(batch):
        raise EngineError(
            f"{engine.name} answered {len(results)} texts for {len(batch)}",
            subject=task.subject,
            advice=advice,
            retryable=True,
        )
    for text, result in zip(batch, results, strict=True):
        sent, got = plain_text(text.tagged).strip(), plain_text(result.tagged).strip()
        problem = _tags_differ(text.tagged, result.tagged)
        if problem or (sent and not got):
            raise EngineError(
                f"{engine.name} answered {'broken markup (' + problem + ')' if problem else 'nothing'} for “{sent[:80]}”",
                subject=task.subject,
                advice=advice,
                retryable=True,
            )
    return results


def _tags_differ(source: str, target: str) -> str | None:
    """As ``tag_problem``, from the source's own placeholders."""
    forms = {number: kind for kind, number in marks(source) if kind != "close"}
    tags = [InlineTag("<x>", "</x>" if forms[number] == "open" else "") for number in sorted(forms)]
    if sorted(forms) != list(range(1, len(forms) + 1)):
        return "the source's tags are not numbered from 1"
    return tag_problem(target, tags)
