"""Review: what people do to a translation. Every change of state goes through ``record_event``.

Each function is one transaction, re-reads what it decides on under lock, and raises Refused (StaleEdit) or NotFound.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivpipe.errors import NotFound, Refused, StaleEdit
from ivpipe.memory import remember
from ivpipe.model import (
    Actor,
    Article,
    Change,
    Draft,
    DraftSegment,
    Event,
    Issue,
    LanguagePair,
    Origin,
    Policy,
    Publication,
    Review,
    Role,
    SegmentEdit,
    Severity,
    State,
    Translation,
)
from ivpipe.model.languages import primary
from ivpipe.model.lifecycle import decide
from ivpipe.steps.effort import measure_draft
from ivpipe.steps.imprint import written_html
from ivpipe.steps.issues import refresh_issues
from ivpipe.store import Store
from ivpipe.text.inline import plain_text

_RETURNED_HOLD = timedelta(days=7)
"""A returned translation stays with the translator who submitted it for this long."""


KEPT = "keep"
"""``Review.event`` of ``keep_as_it_is``: no event of the life cycle, for the state stays."""


def record_event(
    session: Session,
    translation: Translation,
    event: Event,
    actor: Actor,
    now: datetime,
    *,
    policy: Policy | None = None,
    comment: str = "",
    blocking_issues: int = 0,
) -> None:
    """Take the translation through one row of the life cycle and note who did it, in the running transaction."""
    translation.state = decide(
        translation.state,
        event,
        actor,
        policy=policy,
        submitter_id=translation.submitter_id,
        blocking_issues=blocking_issues,
        subject=_subject(translation),
    )
    translation.changed_at = now
    session.add(
        Review(
            translation_id=translation.id,
            revision=translation.revision,
            event=event.value,
            state=translation.state,
            user_id=actor.user_id,
            comment=comment,
            at=now,
        )
    )


def claim(store: Store, translation_id: int, actor: Actor, hold: timedelta, now: datetime) -> None:
    """Take a translation to work on it. Claiming one's own again renews the hold; one that has run out may be taken over.

    An approved translation gets a new revision to work in; what is published stays until that one is approved.
    """
    with store.write() as session:
        translation = _locked(session, translation_id)
        if translation.state is State.IN_REVIEW:
            if translation.holder_id != actor.user_id:
                _refuse_if_held(translation, now)
                record_event(session, translation, Event.RELEASE, Actor(), now, comment="the hold ran out")
                record_event(session, translation, Event.CLAIM, actor, now)
        else:
            was_approved = translation.state is State.APPROVED
            record_event(session, translation, Event.CLAIM, actor, now)
            if was_approved:
                _copy_draft(session, translation, now)
        translation.holder_id = actor.user_id
        translation.held_until = now + hold


def release(store: Store, translation_id: int, actor: Actor, now: datetime) -> None:
    """Give a claimed translation back, with all that was typed."""
    with store.write() as session:
        translation = _locked(session, translation_id)
        if translation.state is State.IN_REVIEW and Role.EDITOR not in actor.roles:
            _require_holder(translation, actor, now)
        record_event(session, translation, Event.RELEASE, actor, now)
        translation.holder_id = translation.held_until = None


def release_expired(store: Store, now: datetime) -> int:
    """Release every claim whose hold has run out; return how many."""
    with store.write() as session:
        expired = session.scalars(
            select(Translation)
            .where(Translation.state == State.IN_REVIEW, Translation.held_until < now)
            .with_for_update()
        ).all()
        for translation in expired:
            record_event(session, translation, Event.RELEASE, Actor(), now, comment="the hold ran out")
            translation.holder_id = translation.held_until = None
        return len(expired)


def save_segment(
    store: Store, segment_id: int, target: str, version: int, actor: Actor, hold: timedelta, now: datetime
) -> DraftSegment:
    """Save a segment's tagged target as typed; return it with its new version and issues.

    Saving an unchanged text confirms it (its origin becomes human). Raises StaleEdit where somebody saved since
    ``version`` was read, Refused where the translation is not the actor's to edit. A refused text is kept all the same,
    in ``segment_edits`` with ``accepted`` false.
    """
    target = target.replace("\0", "")  # which no keyboard types, and PostgreSQL does not store
    refusal: Refused | None = None
    with store.write() as session:
        segment = session.get(DraftSegment, segment_id, with_for_update=True)
        if segment is None:
            raise NotFound(f"there is no segment {segment_id}")
        draft = session.get_one(Draft, segment.draft_id)
        translation = _locked(session, draft.translation_id)
        try:
            _require_editable(translation, draft, actor, now)
            if segment.change is Change.REMOVED:
                raise Refused("the source has no such sentence any more", subject=_subject(translation))
            if segment.version != version:
                raise StaleEdit(
                    "the segment was saved by somebody else since you read it",
                    current=segment.target,
                    version=segment.version,
                    subject=_subject(translation),
                )
        except Refused as error:
            refusal = error
        else:
            segment.version += 1
            segment.target = target
            segment.origin = Origin.HUMAN
            segment.change, segment.old_source, segment.suggestion = Change.NONE, "", ""
            segment.edited_by_id = actor.user_id
            segment.edited_at = now
            refresh_issues(segment, _pair(translation))
            translation.held_until = max(translation.held_until or now, now + hold)
        session.add(
            SegmentEdit(
                segment_id=segment_id,
                version=segment.version if refusal is None else version,
                target=target,
                accepted=refusal is None,
                user_id=actor.user_id,
                at=now,
            )
        )
        session.flush()
    if refusal is not None:
        raise refusal
    return segment


def dismiss_issue(store: Store, issue_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Close an issue without mending it, with a reason: the holder of the translation or an editor may."""
    with store.write() as session:
        issue = session.get(Issue, issue_id)
        if issue is None:
            raise NotFound("this issue is gone: the segment has been saved since")
        draft = session.get_one(Draft, session.get_one(DraftSegment, issue.segment_id).draft_id)
        translation = _locked(session, draft.translation_id)
        if Role.EDITOR not in actor.roles:
            _require_editable(translation, draft, actor, now)
        if not reason.strip():
            raise Refused("say in a few words why it is no fault", subject=_subject(translation))
        issue.dismissed_by_id = actor.user_id
        issue.dismissed_reason = reason.strip()


def submit(store: Store, translation_id: int, actor: Actor, comment: str, now: datetime) -> None:
    """Hand the work to an editor. Refused while a segment is empty."""
    with store.write() as session:
        translation = _locked(session, translation_id)
        if translation.state is State.IN_REVIEW:
            _require_holder(translation, actor, now)
        empty = _count_empty(session, translation)
        if empty:
            raise Refused(
                f"{empty} segment{'s have' if empty > 1 else ' has'} no text yet", subject=_subject(translation)
            )
        record_event(session, translation, Event.SUBMIT, actor, now, comment=comment)
        translation.submitter_id = actor.user_id
        translation.holder_id = translation.held_until = None


def return_to_translator(store: Store, translation_id: int, actor: Actor, comment: str, now: datetime) -> None:
    """Send a submitted translation back to who submitted it, with a comment."""
    with store.write() as session:
        translation = _locked(session, translation_id)
        if not comment.strip():
            raise Refused("say what should be changed", subject=_subject(translation))
        record_event(session, translation, Event.RETURN, actor, now, comment=comment)
        translation.holder_id = translation.submitter_id
        translation.held_until = now + _RETURNED_HOLD


def approve(
    store: Store,
    translation_id: int,
    actor: Actor,
    policy: Policy,
    targets: Sequence[str],
    comment: str,
    now: datetime,
    *,
    publish_at: datetime | None = None,
    correction: str = "",
) -> list[int]:
    """Approve the newest revision: in one transaction the state, the memory, and what should be live on each target.

    ``publish_at``: not before then; None: now. ``correction``: what readers are told that this revision corrects, text
    or inline HTML. Returns the ids of the publications now due. Approval publishes nothing itself (see ``steps.publish``).
    """
    with store.write() as session:
        translation = _locked(session, translation_id)
        if translation.state is State.IN_REVIEW and translation.holder_id != actor.user_id:
            _refuse_if_held(translation, now)
        blocking = session.scalar(
            select(func.count(Issue.id))
            .join(DraftSegment, DraftSegment.id == Issue.segment_id)
            .join(Draft, Draft.id == DraftSegment.draft_id)
            .where(
                Draft.translation_id == translation_id,
                Draft.number == translation.revision,
                Issue.severity == Severity.BLOCKING,
                Issue.dismissed_by_id.is_(None),
            )
        )
        record_event(
            session,
            translation,
            Event.APPROVE,
            actor,
            now,
            policy=policy,
            comment=comment,
            blocking_issues=blocking or 0,
        )
        translation.submitter_id = translation.submitter_id or actor.user_id
        translation.holder_id = translation.held_until = None
        draft = newest_draft(session, translation)
        draft.correction = written_html(correction.strip())
        effort = measure_draft(session, draft)
        draft.hter, draft.chrf, draft.seconds = effort.hter, effort.chrf, effort.seconds
        if not translation.slug:
            title = next((row.target for row in draft.segments if row.part == "title"), translation.article.title)
            translation.slug = _slug(plain_text(title), translation.article_id)
        remember(session, _pair(translation), draft.standing_segments, translation_id, actor.user_id, now)
        publish_at = checked_time(publish_at, now)
        return [want_live(session, translation, target, now, publish_at) for target in targets]


def checked_time(publish_at: datetime | None, now: datetime) -> datetime | None:
    """A time chosen for publication. Raises Refused where it is over."""
    if publish_at is not None and publish_at <= now:
        raise Refused("the time chosen for publication is over", advice="choose a later one, or publish now")
    return publish_at


def want_live(
    session: Session, translation: Translation, target: str, now: datetime, publish_at: datetime | None = None
) -> int:
    """Write down that the newest revision should be live on a target (at a time); return the publication's id."""
    publication = session.scalar(
        select(Publication)
        .where(Publication.translation_id == translation.id, Publication.target == target)
        .with_for_update()
    )
    if publication is None:
        publication = Publication(translation_id=translation.id, target=target)
        session.add(publication)
    publication.wanted_revision = translation.revision
    publication.wanted_at = now
    publication.publish_at, publication.conflict = publish_at, None
    publication.attempts, publication.retry_at, publication.last_error = 0, None, ""
    session.flush()
    return publication.id


def reject(store: Store, translation_id: int, actor: Actor, comment: str, now: datetime) -> None:
    """Decide that it will not be published; everything written stays."""
    with store.write() as session:
        translation = _locked(session, translation_id)
        record_event(session, translation, Event.REJECT, actor, now, comment=comment)
        translation.holder_id = translation.held_until = None


def redraft(store: Store, translation_id: int, actor: Actor, now: datetime) -> None:
    """Have a fresh draft made, from the newest document; segments people wrote keep their text."""
    with store.write() as session:
        translation = _locked(session, translation_id)
        record_event(session, translation, Event.REDRAFT, actor, now)
        translation.retry_at, translation.attempts, translation.last_error = None, 0, ""


def source_changed(session: Session, article: Article, now: datetime) -> None:
    """Tell the article's translations: a draft nobody has touched is made again, a person's work only gets the flag."""
    translations = session.scalars(
        select(Translation).where(Translation.article_id == article.id).with_for_update()
    ).all()
    for translation in translations:
        if translation.state is State.DRAFTED:
            record_event(session, translation, Event.SOURCE_CHANGED, Actor(), now)
            translation.retry_at = None
        elif translation.state is not State.PENDING:
            translation.source_changed = True


def keep_as_it_is(store: Store, translation_id: int, actor: Actor, now: datetime) -> None:
    """An editor's decision that a translation stays as it is, although its source has changed or gone. The next change is
    told again. Raises Refused, NotFound."""
    with store.write() as session:
        translation = _locked(session, translation_id)
        if Role.EDITOR not in actor.roles:
            raise Refused("only an editor decides what becomes of it", subject=_subject(translation))
        translation.source_changed = False
        session.add(
            Review(
                translation_id=translation_id,
                revision=translation.revision,
                event=KEPT,
                state=translation.state,
                user_id=actor.user_id,
                comment="",
                at=now,
            )
        )


def editable_translation(
    session: Session, translation_id: int, actor: Actor, now: datetime
) -> tuple[Translation, Draft]:
    """The translation, locked, with its newest draft; Refused unless the actor holds it."""
    translation = _locked(session, translation_id)
    draft = newest_draft(session, translation)
    _require_editable(translation, draft, actor, now)
    return translation, draft


def newest_draft(session: Session, translation: Translation) -> Draft:
    """The draft with the translation's current revision number. Raises NotFound before the first."""
    draft = session.scalar(
        select(Draft).where(Draft.translation_id == translation.id, Draft.number == translation.revision)
    )
    if draft is None:
        raise NotFound("there is no draft yet", subject=_subject(translation))
    return draft


def _locked(session: Session, translation_id: int) -> Translation:
    translation = session.get(Translation, translation_id, with_for_update={"of": Translation})
    if translation is None:
        raise NotFound(f"there is no translation {translation_id}")
    return translation


def _subject(translation: Translation) -> str:
    return f"translation {translation.id} ({translation.article.title})"


def _pair(translation: Translation) -> LanguagePair:
    return LanguagePair(primary(translation.article.lang), primary(translation.lang))


def _refuse_if_held(translation: Translation, now: datetime) -> None:
    if translation.holder is not None and translation.held_until is not None and translation.held_until > now:
        raise Refused(
            f"{translation.holder.display_name} is working on it until {translation.held_until:%d %B %H:%M} UTC",
            subject=_subject(translation),
        )


def _require_holder(translation: Translation, actor: Actor, now: datetime) -> None:
    if translation.holder_id != actor.user_id:
        _refuse_if_held(translation, now)
        raise Refused("claim it first", subject=_subject(translation))


def _require_editable(translation: Translation, draft: Draft, actor: Actor, now: datetime) -> None:
    if translation.state is not State.IN_REVIEW:
        raise Refused(
            f"it is {translation.state.replace('_', ' ')} and cannot be edited now",
            subject=_subject(translation),
            advice="claim it first; what you typed is kept",
        )
    if draft.number != translation.revision:
        raise Refused(
            f"there is a newer revision ({translation.revision}) than the one on your screen ({draft.number})",
            subject=_subject(translation),
            advice="load the page again; what you typed is kept",
        )
    _require_holder(translation, actor, now)


def _count_empty(session: Session, translation: Translation) -> int:
    return sum(
        not plain_text(row.target).strip()
        for row in newest_draft(session, translation).standing_segments
        if plain_text(row.source).strip()
    )


def _copy_draft(session: Session, translation: Translation, now: datetime) -> None:
    """Begin the next revision with the texts of the newest."""
    before = newest_draft(session, translation)
    copied = [
        "position",
        "part",
        "kind",
        "source",
        "tags",
        "gap",
        "key",
        "target",
        "origin",
        "engine",
        "machine",
        "change",
        "old_source",
        "suggestion",
        "edited_by_id",
        "edited_at",
    ]
    draft = Draft(
        translation_id=translation.id,
        number=before.number + 1,
        document_id=before.document_id,
        engine=before.engine,
        correction=before.correction,
        created_at=now,
        segments=[
            DraftSegment(
                **{name: getattr(row, name) for name in copied},
                issues=[
                    Issue(
                        check=issue.check,
                        severity=issue.severity,
                        message=issue.message,
                        dismissed_by_id=issue.dismissed_by_id,
                        dismissed_reason=issue.dismissed_reason,
                    )
                    for issue in row.issues
                ],
            )
            for row in before.segments
        ],
    )
    session.add(draft)
    translation.revision = draft.number


def _slug(title: str, article_id: int) -> str:
    """A readable, unique last part for an address: "the-strike-in-le-havre-12"."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_title)
    short: list[str] = []
    for word in words:
        if sum(map(len, short)) + len(short) + len(word) > 70:
            break
        short.append(word)
    return "-".join([*short, str(article_id)])
