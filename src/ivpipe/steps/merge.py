"""Merge: bring a changed source into a translation that people are working on, when they say so.

The translate flow prepares it (``prepare_merge``): what is new or reworded is machine-translated ahead, so that the merge
itself is one quick transaction. Without an engine it can be done all the same; new sentences are then empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ivpipe.engines import Engine, EngineResult
from ivpipe.errors import IvpipeError, Refused
from ivpipe.memory import remembered
from ivpipe.model import (
    Actor,
    Article,
    Change,
    DocumentVersion,
    Draft,
    DraftSegment,
    EngineUse,
    LanguagePair,
    Origin,
    Review,
    State,
    Translation,
)
from ivpipe.model.languages import primary
from ivpipe.steps.answers import stored_answers
from ivpipe.steps.cost import Terms
from ivpipe.steps.filling import LEASE, Task, fill_from_engine, saved_characters
from ivpipe.steps.issues import find_issues
from ivpipe.steps.review import editable_translation, newest_draft
from ivpipe.store import Store
from ivpipe.store.rows import due, end_lease, record_failure, take_lease
from ivpipe.text.merging import merged_rows
from ivpipe.text.segments import Segment, split_document
from ivpipe.text.sentences import sentence_starts

_WITH_PEOPLE = (State.IN_REVIEW, State.SUBMITTED, State.APPROVED)


def due_merges(store: Store, now: datetime, limit: int = 1000) -> list[int]:
    """Ids of translations in people's hands whose source has changed and whose merge is not prepared yet."""
    with store.read() as session:
        wanted = merges_to_prepare(Translation.id).where(due(Translation, now))
        return list(session.scalars(wanted.order_by(Translation.id).limit(limit)))


def merges_to_prepare(column: InstrumentedAttribute[int]) -> Select[tuple[int]]:
    """Of the translations in people's hands whose source has changed and whose merge is not prepared yet."""
    return (
        select(column)
        .join(Article, Article.id == Translation.article_id)
        .where(
            Translation.source_changed.is_(True),
            Translation.state.in_(_WITH_PEOPLE),
            or_(
                Translation.prepared_document_id.is_(None),
                Translation.prepared_document_id != Article.document_id,
            ),
        )
    )


def prepare_merge(
    store: Store,
    translation_id: int,
    engines: Sequence[Engine],
    now: datetime,
    owner: str,
    terms: Terms = Terms(),  # noqa: B008  frozen
) -> int:
    """Machine-translate what a merge will need; return how many sentences were sent. Nothing a person sees changes.

    Raises EngineUnavailable, EngineError, after recording it on the translation; it is then tried again.
    """
    with store.write() as session:
        if not take_lease(session, Translation, translation_id, owner, now + LEASE, now):
            return 0
        task = _task(session, session.get_one(Translation, translation_id))
    try:
        segments = split_document(task.document, sentence_starts)
        with store.read() as session:
            translation = session.get_one(Translation, translation_id)
            rows = _rows(session, translation, segments, task.pair)
        filled = fill_from_engine(store, task, rows, engines, now, owner, terms)
    except IvpipeError as error:
        with store.write() as session:
            record_failure(session.get_one(Translation, translation_id), error, now)
        raise
    with store.write() as session:
        translation = session.get_one(Translation, translation_id)
        translation.prepared_document_id = task.document_id
        end_lease(translation)
    return filled.sent


def merge_source(
    store: Store, translation_id: int, engines: Sequence[Engine], actor: Actor, now: datetime
) -> dict[str, int]:
    """Make the next revision from the newest source and the work so far; the holder's decision. Returns counts by change.

    Raises Refused where the translation is not the actor's to edit or its source has not changed.
    """
    with store.read() as session:
        task = _task(session, session.get_one(Translation, translation_id))
    segments = split_document(task.document, sentence_starts)
    keys = list(dict.fromkeys(segment.key for segment in segments))
    answers: dict[str, tuple[str, EngineResult]] = {}
    for engine in reversed(engines):
        known = stored_answers(store, engine, task.pair, keys)
        answers.update({key: (engine.name, answer) for key, answer in known.items()})
    with store.write() as session:
        translation, before = editable_translation(session, translation_id, actor, now)
        if translation.article.document_id != task.document_id or translation.document_id == task.document_id:
            raise Refused(
                "its source has not changed since this draft was made, or is changing just now",
                subject=task.subject,
                advice="load the page again",
            )
        # Read again in this transaction: what was typed a moment ago is in it.
        rows = _rows(session, translation, segments, task.pair)
        saved = saved_characters(rows)
        for row in rows:
            name, answer = answers.get(row.key, ("", None))
            if answer is None:
                continue
            if row.change is Change.CHANGED:
                row.suggestion = row.suggestion or answer.tagged
            elif row.origin is Origin.NONE:
                row.target, row.origin, row.engine = answer.tagged, Origin.ENGINE, name
                row.machine = answer.tagged
        for row in rows:
            uncertain = row.origin is Origin.ENGINE and row.key in answers and answers[row.key][1].uncertain
            row.issues = find_issues(row, task.pair, uncertain=uncertain)
        session.add(
            Draft(
                translation_id=translation_id,
                number=before.number + 1,
                document_id=task.document_id,
                engine=before.engine,
                billed=_billed_since(session, before),
                saved=saved,
                created_at=now,
                segments=rows,
            )
        )
        translation.revision = before.number + 1
        translation.document_id = task.document_id
        translation.source_changed = False
        translation.changed_at = now
        session.add(
            Review(
                translation_id=translation_id,
                revision=translation.revision,
                event="merge",
                state=translation.state,
                user_id=actor.user_id,
                comment="",
                at=now,
            )
        )
        return {change.value: sum(row.change is change for row in rows) for change in Change}


def _billed_since(session: Session, draft: Draft) -> int:
    """Characters billed for a translation after its draft was made: what preparing a merge has cost."""
    total = select(func.sum(EngineUse.billed)).where(
        EngineUse.translation_id == draft.translation_id, EngineUse.at > draft.created_at
    )
    return session.scalar(total) or 0


def _task(session: Session, translation: Translation) -> Task:
    article = translation.article
    version = session.get_one(DocumentVersion, article.document_id)
    return Task(
        translation.id,
        f"translation {translation.id} ({article.title or article.url})",
        LanguagePair(primary(article.lang), primary(translation.lang)),
        version.id,
        version.content,
    )


def _rows(
    session: Session, translation: Translation, segments: list[Segment], pair: LanguagePair
) -> list[DraftSegment]:
    memory, in_context = remembered(session, pair, segments)
    return merged_rows(segments, newest_draft(session, translation).segments, memory, in_context=in_context)
