"""Draft: from a document to segments with a target text each, from people, the memory, or an engine."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.engines import Engine, EngineOptions, EngineResult, EngineText
from ivpipe.engines.selection import batches, usable_engine
from ivpipe.errors import EngineError, EngineUnavailable, IvpipeError
from ivpipe.memory import recall
from ivpipe.model import (
    Actor,
    Article,
    Document,
    DocumentVersion,
    Draft,
    DraftSegment,
    EngineUse,
    Event,
    LanguagePair,
    MachineTranslation,
    Origin,
    State,
    Translation,
)
from ivpipe.model.languages import primary
from ivpipe.steps.issues import find_issues
from ivpipe.steps.review import record_event
from ivpipe.store import Store
from ivpipe.store.rows import due, end_lease, insert_missing, record_failure, take_lease
from ivpipe.text.inline import InlineTag, marks, plain_text, tag_problem
from ivpipe.text.segments import Segment, split_document
from ivpipe.text.sentences import sentence_starts

_LEASE = timedelta(minutes=5)
_CHUNK = 500
_CONTEXT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Drafted:
    """What drafting did. ``outcome``: "drafted", "busy" (another worker has it), "not due" (not pending any more)."""

    outcome: str
    revision: int = 0
    engine: str = ""
    segments: int = 0
    reused: int = 0
    """Segments taken from people's work or the memory."""
    sent: int = 0
    """Segments sent to the engine now."""
    billed: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    translation_id: int
    subject: str
    pair: LanguagePair
    document_id: int
    document: Document


def due_translations(store: Store, now: datetime, limit: int = 1000) -> list[int]:
    """Ids of pending translations whose article has been read and that no wait or worker holds, oldest first."""
    with store.read() as session:
        return list(
            session.scalars(
                select(Translation.id)
                .join(Article, Article.id == Translation.article_id)
                .where(
                    Translation.state == State.PENDING,
                    Article.document_id.is_not(None),
                    due(Translation, now),
                )
                .order_by(Translation.id)
                .limit(limit)
            )
        )


def draft_translation(
    store: Store, translation_id: int, engines: Sequence[Engine], now: datetime, owner: str
) -> Drafted:
    """Make the next draft of a pending translation.

    Segments a person has translated before keep their text; then the memory; then the first usable engine, whose
    answers are stored batch by batch, so that a death in between costs at most the batch in flight. The draft itself
    appears whole in one transaction. Raises EngineUnavailable, EngineError, after recording it on the translation,
    which then waits.
    """
    with store.write() as session:
        if not take_lease(session, Translation, translation_id, owner, now + _LEASE, now):
            return Drafted("busy")
        translation = session.get_one(Translation, translation_id)
        version = session.get(DocumentVersion, translation.article.document_id or 0)
        if translation.state is not State.PENDING or version is None:
            end_lease(translation)
            return Drafted("not due")
        article = translation.article
        task = _Task(
            translation_id,
            f"translation {translation_id} ({article.title or article.url})",
            LanguagePair(primary(article.lang), primary(translation.lang)),
            version.id,
            version.content,
        )
    try:
        segments = split_document(task.document, sentence_starts)
        with store.read() as session:
            human = _human_work(session, translation_id)
            memory = {
                key: entry.target
                for key, entry in recall(session, task.pair, [segment.key for segment in segments]).items()
            }
        rows = [_row(position, segment, human, memory) for position, segment in enumerate(segments)]
        filled = _fill_from_engine(store, task, rows, engines, now, owner)
    except IvpipeError as error:
        with store.write() as session:
            record_failure(session.get_one(Translation, translation_id), error, now)
        raise

    with store.write() as session:
        translation = session.get_one(Translation, translation_id, with_for_update=True)
        if translation.state is not State.PENDING or translation.lease_owner != owner:
            return Drafted("busy")
        draft = Draft(
            translation_id=translation_id,
            number=translation.revision + 1,
            document_id=task.document_id,
            engine=filled.engine,
            billed=filled.billed,
            created_at=now,
            segments=rows,
        )
        session.add(draft)
        for row in rows:
            row.issues = find_issues(row, task.pair, uncertain=row.key in filled.uncertain)
        translation.revision = draft.number
        translation.document_id = task.document_id
        translation.source_changed = False
        end_lease(translation)
        record_event(session, translation, Event.DRAFT, Actor(), now)
    return Drafted(
        "drafted",
        draft.number,
        filled.engine,
        len(rows),
        sum(row.origin in (Origin.HUMAN, Origin.MEMORY) for row in rows),
        filled.sent,
        filled.billed,
    )


def _human_work(session: Session, translation_id: int) -> dict[str, deque[DraftSegment]]:
    """What people wrote in the newest draft, by source key, in order."""
    newest = session.scalar(
        select(Draft).where(Draft.translation_id == translation_id).order_by(Draft.number.desc()).limit(1)
    )
    work: dict[str, deque[DraftSegment]] = defaultdict(deque)
    for segment in newest.segments if newest else ():
        if segment.origin is Origin.HUMAN:
            work[segment.key].append(segment)
    return work


def _row(
    position: int, segment: Segment, human: dict[str, deque[DraftSegment]], memory: dict[str, str]
) -> DraftSegment:
    row = DraftSegment(
        position=position,
        part=segment.part,
        kind=segment.kind,
        source=segment.source,
        tags=[list(tag) for tag in segment.tags],
        gap=segment.gap,
        key=segment.key,
        target="",
        origin=Origin.NONE,
        engine="",
        version=0,
    )
    if human.get(row.key):
        before = human[row.key].popleft()
        row.target, row.origin = before.target, Origin.HUMAN
        row.edited_by_id, row.edited_at = before.edited_by_id, before.edited_at
    elif (remembered := memory.get(row.key)) is not None and tag_problem(remembered, segment.tags) is None:
        row.target, row.origin = remembered, Origin.MEMORY
    elif not any(character.isalpha() for character in plain_text(segment.source)):
        # Nothing to translate: a number, a date in figures, three asterisks.
        row.target, row.origin = segment.source, Origin.MEMORY
    return row


@dataclass(slots=True)
class _Filled:
    engine: str = ""
    sent: int = 0
    billed: int = 0
    uncertain: frozenset[str] = frozenset()


def _fill_from_engine(
    store: Store, task: _Task, rows: list[DraftSegment], engines: Sequence[Engine], now: datetime, owner: str
) -> _Filled:
    """Give every row still empty the answer of one engine: answers had before are taken from the store."""
    empty = [row for row in rows if row.origin is Origin.NONE]
    if not empty:
        return _Filled()
    keys = list(dict.fromkeys(row.key for row in empty))
    engine, answers = _choose(store, task, keys, engines)
    filled = _Filled(engine.name)
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
                take_lease(session, Translation, task.translation_id, owner, datetime.now(now.tzinfo) + _LEASE, now)
            answers.update(zip(batch_keys, results, strict=True))
            filled.sent += len(batch)
            filled.billed += billed
    for row in empty:
        row.target, row.origin, row.engine = answers[row.key].tagged, Origin.ENGINE, engine.name
    filled.uncertain = frozenset(key for key in keys if answers[key].uncertain)
    return filled


def _choose(
    store: Store, task: _Task, keys: list[str], engines: Sequence[Engine]
) -> tuple[Engine, dict[str, EngineResult]]:
    """The engine to use, with the answers we have from it: one that needs to be asked nothing more, else the first usable."""
    known = {engine.name: _stored_answers(store, engine.name, task.pair, keys) for engine in engines}
    complete = next((engine for engine in engines if len(known[engine.name]) == len(keys)), None)
    if complete is not None:
        return complete, known[complete.name]
    try:
        engine = usable_engine(engines, task.pair)
    except EngineUnavailable as error:
        error.subject = error.subject or task.subject
        raise
    return engine, known[engine.name]


def _stored_answers(store: Store, engine: str, pair: LanguagePair, keys: list[str]) -> dict[str, EngineResult]:
    answers: dict[str, EngineResult] = {}
    with store.read() as session:
        for start in range(0, len(keys), _CHUNK):
            for row in session.scalars(
                select(MachineTranslation).where(
                    MachineTranslation.engine == engine,
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


def _translate(engine: Engine, batch: Sequence[EngineText], task: _Task) -> list[EngineResult]:
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
