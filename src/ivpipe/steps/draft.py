"""Draft: from a document to segments with a target text each, from people, the memory, or an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ivpipe.engines import Engine
from ivpipe.errors import IvpipeError
from ivpipe.memory import remembered
from ivpipe.model import (
    Actor,
    Article,
    DocumentVersion,
    Draft,
    DraftSegment,
    Event,
    Issue,
    LanguagePair,
    Origin,
    Severity,
    State,
    Translation,
)
from ivpipe.model.languages import primary
from ivpipe.steps.cost import Terms
from ivpipe.steps.filling import LEASE, Task, fill_from_engine
from ivpipe.steps.issues import find_issues
from ivpipe.steps.review import record_event
from ivpipe.store import Store
from ivpipe.store.rows import due, end_lease, record_failure, take_lease
from ivpipe.text.merging import merged_rows
from ivpipe.text.segments import split_document
from ivpipe.text.sentences import sentence_starts


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
                    Article.waits == "",
                    due(Translation, now),
                )
                .order_by(Translation.id)
                .limit(limit)
            )
        )


def draft_translation(
    store: Store,
    translation_id: int,
    engines: Sequence[Engine],
    now: datetime,
    owner: str,
    terms: Terms = Terms(),  # noqa: B008  frozen
) -> Drafted:
    """Make the next draft of a pending translation.

    Segments a person has translated before keep their text; then the memory; then the engines (``steps.answers``), whose
    answers are stored batch by batch, so that a death in between costs at most the batch in flight. The draft itself
    appears whole in one transaction. Raises EngineUnavailable, BudgetSpent, EngineError, after recording it on the
    translation, which then waits.
    """
    with store.write() as session:
        if not take_lease(session, Translation, translation_id, owner, now + LEASE, now):
            return Drafted("busy")
        translation = session.get_one(Translation, translation_id)
        version = session.get(DocumentVersion, translation.article.document_id or 0)
        article = translation.article
        if translation.state is not State.PENDING or version is None or article.waits:
            translation.lease_owner, translation.lease_until = "", None
            return Drafted("not due")
        task = Task(
            translation_id,
            f"translation {translation_id} ({article.title or article.url})",
            LanguagePair(primary(article.lang), primary(translation.lang)),
            version.id,
            version.content,
        )
    try:
        rows = draft_rows(store, translation_id, task)
        filled = fill_from_engine(store, task, rows, engines, now, owner, terms)
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
            engine=", ".join(dict.fromkeys(row.engine for row in rows if row.origin is Origin.ENGINE)),
            billed=filled.billed,
            saved=filled.saved,
            cached=filled.cached,
            created_at=now,
            segments=rows,
        )
        session.add(draft)
        for row in rows:
            row.issues = find_issues(row, task.pair, uncertain=row.key in filled.uncertain)
            if row.origin is Origin.NONE and (why := filled.failed.get(row.key)):
                row.issues.append(Issue(check="engine", severity=Severity.WARNING, message=why, dismissed_reason=""))
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


def draft_rows(store: Store, translation_id: int | None, task: Task) -> list[DraftSegment]:
    """The segments of the next draft, unsaved, as far as people's work and the memory fill them; None: of a first one."""
    segments = split_document(task.document, sentence_starts)
    with store.read() as session:
        newest = session.scalar(
            select(Draft).where(Draft.translation_id == translation_id).order_by(Draft.number.desc()).limit(1)
        )
        before = list(newest.segments) if newest else []
        fresh = newest is not None and newest.document_id == task.document_id
        memory, in_context = remembered(session, task.pair, segments)
    return merged_rows(segments, before, memory, in_context=in_context, fresh=fresh)
