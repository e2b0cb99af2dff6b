"""Filling segments from engines: the rows of a draft get what ``steps.answers`` brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ivpipe.engines import Engine
from ivpipe.errors import EngineError
from ivpipe.model import Change, Document, DraftSegment, LanguagePair, Origin, Translation
from ivpipe.steps.answers import ask_engines, engine_texts, wanting
from ivpipe.steps.cost import Terms
from ivpipe.store import Store
from ivpipe.store.rows import take_lease
from ivpipe.text.inline import plain_text

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be translated: read once, before the network is used. ``subject`` names it in messages."""

    translation_id: int
    subject: str
    pair: LanguagePair
    document_id: int
    document: Document


@dataclass(frozen=True, slots=True)
class Filled:
    """Who filled the rows ("deepl", or "deepl, apertium"), how many sentences were sent now, and what that billed.

    ``saved``: characters of the source that nobody had to translate, for people or the memory had; ``cached``: those
    for which an engine had been asked before. ``uncertain``: the keys of answers whose tags are a guess; ``failed``:
    those of sentences that no engine could translate, with the reason.
    """

    engine: str = ""
    sent: int = 0
    billed: int = 0
    saved: int = 0
    cached: int = 0
    uncertain: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)


def saved_characters(rows: Sequence[DraftSegment]) -> int:
    """Characters of the source that no engine need translate: those of the rows that have their text already."""
    left = {id(row) for row in wanting(rows)}
    return sum(len(plain_text(row.source)) for row in rows if id(row) not in left and row.change is not Change.REMOVED)


def fill_from_engine(
    store: Store,
    task: Task,
    rows: list[DraftSegment],
    engines: Sequence[Engine],
    now: datetime,
    owner: str,
    terms: Terms = Terms(),  # noqa: B008  frozen
) -> Filled:
    """Give every row still empty an engine's answer, and every changed one a suggestion; see ``ask_engines``.

    A sentence that no engine can translate stays empty, for a person. Raises EngineError.
    """
    wanted = wanting(rows)
    saved = saved_characters(rows)
    if not wanted:
        return Filled(saved=saved)

    def renew(session: Session) -> None:
        take_lease(session, Translation, task.translation_id, owner, datetime.now(now.tzinfo) + LEASE, now)

    try:
        answers = ask_engines(
            store,
            engine_texts(rows),
            task.pair,
            engines,
            terms,
            now,
            translation_id=task.translation_id,
            renew=renew,
            owner=owner,
        )
    except EngineError as error:
        error.subject = f"{task.subject}: {error.subject}" if error.subject else task.subject
        raise
    for row in wanted:
        answer = answers.found.get(row.key)
        if answer is None:
            continue
        if row.change is Change.CHANGED:
            row.suggestion = answer.tagged
        else:
            row.target, row.origin, row.engine = answer.tagged, Origin.ENGINE, answers.engine[row.key]
            row.machine = answer.tagged
    return Filled(
        ", ".join(answers.engines),
        answers.sent,
        answers.billed,
        saved,
        answers.cached,
        frozenset(key for key, answer in answers.found.items() if answer.uncertain),
        {key: error.message for key, error in answers.failed.items()},
    )
