"""What the desk's pages read, as plain values: nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from ivpipe.desk.articles import translations_of
from ivpipe.errors import NotFound
from ivpipe.model import (
    Article,
    Change,
    Document,
    Draft,
    DraftSegment,
    Event,
    Issue,
    Origin,
    Publication,
    Review,
    SegmentEdit,
    Severity,
    State,
    Translation,
    User,
)
from ivpipe.steps.documents import kept_since_gone
from ivpipe.steps.doubts import in_doubt
from ivpipe.steps.pictures import picture_troubles
from ivpipe.steps.review import KEPT

LISTED = 200
"""Rows shown of one list of the inbox; what is finished is cut shorter."""
_FINISHED = 40
_ENDED = (State.APPROVED, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Live:
    """A translation on one target. ``state``: "live", "due", "scheduled", "failed", "conflict", "withdrawn",
    "withdrawing", "cancelled" (it never was live).

    ``notes``: what the editor should know of the page. ``kept``: people changed it there, and that was left.
    """

    id: int
    target: str
    state: str
    url: str
    wanted: int | None
    live: int | None
    live_at: datetime | None
    error: str
    attempts: int
    retry_at: datetime | None
    publish_at: datetime | None
    first_live_at: datetime | None
    notes: Sequence[str]
    kept: bool

    @property
    def moving(self) -> bool:
        """Whether the page is about to change."""
        return self.state in ("due", "failed", "withdrawing")


@dataclass(slots=True)
class InboxRow:
    """One translation in a list."""

    id: int
    title: str
    source_slug: str
    source_lang: str
    lang: str
    state: State
    changed_at: datetime
    held_until: datetime | None
    holder: str
    holder_id: int | None
    submitter: str
    submitter_id: int | None
    source_changed: bool
    error: str
    attempts: int
    retry_at: datetime | None
    gone: bool
    article_id: int
    page_doubt: str
    """That the article's page may not be the article any more; "" where there is no such doubt."""
    doubts: Sequence[str]
    engine: str = ""
    words: int = 0
    segments: int = 0
    confirmed: int = 0
    blocking: int = 0
    issues: int = 0
    last_event: str = ""
    comment: str = ""
    live: list[Live] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The lists of the inbox; ``counts`` is by state over everything, listed or not."""

    returned: list[InboxRow]
    mine: list[InboxRow]
    unclaimed: list[InboxRow]
    submitted: list[InboxRow]
    others: list[InboxRow]
    waiting: list[InboxRow]
    approved: list[InboxRow]
    rejected: list[InboxRow]
    moved: list[InboxRow]
    """For editors to decide on: approved ones whose source has changed, and all whose article has gone from its site, or
    whose page may not be the article any more."""
    counts: dict[str, int]


def live_view(publication: Publication, notes: Sequence[str] = ()) -> Live:
    """How a publication stands, in one word and its details."""
    kept = bool(publication.conflict and publication.conflict.get("kept"))
    if publication.conflict and not kept:
        state = "conflict"
    elif publication.due and publication.last_error:
        state = "failed"
    elif publication.due and publication.wanted_revision is None:
        state = "withdrawing"
    elif publication.due:
        state = "scheduled" if publication.publish_at else "due"
    elif publication.live_revision is not None:
        state = "live"
    else:
        state = "withdrawn" if publication.first_live_at else "cancelled"
    return Live(
        publication.id,
        publication.target,
        state,
        publication.remote_url,
        publication.wanted_revision,
        publication.live_revision,
        publication.live_at,
        publication.last_error,
        publication.attempts,
        publication.retry_at,
        publication.publish_at,
        publication.first_live_at,
        notes,
        kept,
    )


def inbox(session: Session, user_id: int) -> Inbox:
    """Everything a person may want to take up next; the longest waiting first, what is finished newest first."""
    counts = {
        str(state): number
        for state, number in session.execute(select(Translation.state, func.count()).group_by(Translation.state))
    }
    by_state = {state: _rows(session, Translation.state == state, state in _ENDED) for state in State}
    gone = and_(Article.gone.is_(True), Translation.state != State.REJECTED, ~kept_since_gone())
    doubted = and_(in_doubt(), Translation.state != State.REJECTED)
    changed = and_(Translation.state == State.APPROVED, Translation.source_changed.is_(True))
    in_work = by_state[State.IN_REVIEW]
    mine = [row for row in in_work if row.holder_id == user_id]
    return Inbox(
        returned=[row for row in mine if row.last_event == Event.RETURN],
        mine=[row for row in mine if row.last_event != Event.RETURN],
        unclaimed=by_state[State.DRAFTED],
        submitted=by_state[State.SUBMITTED],
        others=[row for row in in_work if row.holder_id != user_id],
        waiting=by_state[State.PENDING],
        approved=by_state[State.APPROVED],
        rejected=by_state[State.REJECTED],
        moved=_rows(session, or_(gone, changed, doubted)),
        counts=counts,
    )


def _rows(session: Session, chosen: ColumnElement[bool], ended: bool = False) -> list[InboxRow]:
    order = Translation.changed_at.desc() if ended else Translation.changed_at
    translations = session.scalars(
        select(Translation)
        .join(Translation.article)
        .where(chosen)
        .options(
            contains_eager(Translation.article).joinedload(Article.doubt),
            joinedload(Translation.holder),
            joinedload(Translation.submitter),
        )
        .order_by(order, Translation.id)
        .limit(_FINISHED if ended else LISTED)
    ).all()
    rows = {row.id: _inbox_row(row) for row in translations}
    if rows:
        _add_figures(session, rows)
        _add_events(session, rows)
        for publication in session.scalars(
            select(Publication).where(Publication.translation_id.in_(rows)).order_by(Publication.target)
        ):
            rows[publication.translation_id].live.append(live_view(publication))
    return list(rows.values())


def _inbox_row(row: Translation) -> InboxRow:
    return InboxRow(
        id=row.id,
        title=row.article.title or row.article.url,
        source_slug=row.article.source_slug,
        source_lang=row.article.lang,
        lang=row.lang,
        state=row.state,
        changed_at=row.changed_at,
        held_until=row.held_until,
        holder=row.holder.display_name if row.holder else "",
        holder_id=row.holder_id,
        submitter=row.submitter.display_name if row.submitter else "",
        submitter_id=row.submitter_id,
        source_changed=row.source_changed,
        gone=row.article.gone,
        article_id=row.article_id,
        page_doubt=row.article.doubt.doubt.text if row.article.doubt and row.article.doubt.decision is None else "",
        doubts=row.article.warnings,
        error=row.last_error,
        attempts=row.attempts,
        retry_at=row.retry_at,
    )


def _add_figures(session: Session, rows: dict[int, InboxRow]) -> None:
    """Words, segments and issues of each newest draft, counted by the database: no text leaves it."""
    newest = and_(Translation.id == Draft.translation_id, Translation.revision == Draft.number)
    words = func.length(DraftSegment.source) - func.length(func.replace(DraftSegment.source, " ", "")) + 1
    for translation_id, engine, segments, confirmed, total in session.execute(
        select(
            Draft.translation_id,
            Draft.engine,
            func.count(DraftSegment.id),
            func.sum(
                case((and_(DraftSegment.origin == Origin.HUMAN, DraftSegment.change != Change.CHANGED), 1), else_=0)
            ),
            func.sum(words),
        )
        .join(Translation, newest)
        .join(DraftSegment, DraftSegment.draft_id == Draft.id)
        .where(Draft.translation_id.in_(rows))
        .group_by(Draft.translation_id, Draft.engine)
    ):
        row = rows[translation_id]
        row.engine, row.segments, row.confirmed, row.words = engine, segments, int(confirmed), int(total)
    for translation_id, severity, number in session.execute(
        select(Draft.translation_id, Issue.severity, func.count(Issue.id))
        .join(Translation, newest)
        .join(DraftSegment, DraftSegment.draft_id == Draft.id)
        .join(Issue, Issue.segment_id == DraftSegment.id)
        .where(Draft.translation_id.in_(rows), Issue.dismissed_by_id.is_(None))
        .group_by(Draft.translation_id, Issue.severity)
    ):
        rows[translation_id].issues += number
        if severity is Severity.BLOCKING:
            rows[translation_id].blocking += number


def _add_events(session: Session, rows: dict[int, InboxRow]) -> None:
    last = (
        select(func.max(Review.id))
        .where(Review.translation_id.in_(rows), Review.event.in_(list(Event)))
        .group_by(Review.translation_id)
    )
    for review in session.scalars(select(Review).where(Review.id.in_(last))):
        rows[review.translation_id].last_event = review.event
        rows[review.translation_id].comment = review.comment


@dataclass(frozen=True, slots=True)
class Opened:
    """A translation opened in the editor. ``draft`` is None before the first; ``document`` is what it translates, in its
    ``version``; ``drafts`` are all revisions, without their segments, the newest first."""

    translation: Translation
    article: Article
    draft: Draft | None
    document: Document | None
    version: int
    drafts: Sequence[Draft]
    reviews: Sequence[Review]
    live: list[Live]
    siblings: list[tuple[int, str, State]]

    @property
    def gone(self) -> bool:
        """Whether the article has gone from its site, and no editor has decided since that the translation stays."""
        since = self.article.gone_at
        kept = (review.event == KEPT and (since is None or review.at >= since) for review in self.reviews)
        return self.article.gone and not any(kept)

    @property
    def last_event(self) -> Review | None:
        """The newest event of the life cycle."""
        return next((review for review in reversed(self.reviews) if review.event in set(Event)), None)


def opened(session: Session, translation_id: int) -> Opened:
    """A translation with its newest draft, segment by segment, and its history. Raises NotFound."""
    translation = session.get(
        Translation,
        translation_id,
        options=[
            joinedload(Translation.article).joinedload(Article.doubt),
            joinedload(Translation.holder), joinedload(Translation.submitter),
        ],
    )  # fmt: skip
    if translation is None:
        raise NotFound(f"there is no translation {translation_id}")
    draft = session.scalar(
        select(Draft)
        .where(Draft.translation_id == translation_id, Draft.number == translation.revision)
        .options(joinedload(Draft.document), selectinload(Draft.segments).selectinload(DraftSegment.issues))
    )
    reviews = session.scalars(
        select(Review)
        .where(Review.translation_id == translation_id)
        .options(joinedload(Review.user))
        .order_by(Review.id)
    ).all()
    drafts = session.scalars(
        select(Draft).where(Draft.translation_id == translation_id).order_by(Draft.number.desc())
    ).all()
    siblings = [row for row in translations_of(session, translation.article_id) if row[0] != translation_id]
    return Opened(
        translation,
        translation.article,
        draft,
        draft.document.content if draft else None,
        draft.document.number if draft else 0,
        drafts,
        reviews,
        publications(session, translation_id),
        siblings,
    )


def publications(session: Session, translation_id: int) -> list[Live]:
    """Where a translation is, or should be, live."""
    rows = session.scalars(
        select(Publication).where(Publication.translation_id == translation_id).order_by(Publication.target)
    ).all()
    notes = picture_troubles(session, rows[0].translation.article_id) if rows else []
    return [live_view(row, notes) for row in rows]


def translation_of_publication(session: Session, publication_id: int) -> int:
    """The translation a publication belongs to. Raises NotFound."""
    found = session.scalar(select(Publication.translation_id).where(Publication.id == publication_id))
    if found is None:
        raise NotFound(f"there is no publication {publication_id}")
    return found


@dataclass(frozen=True, slots=True)
class Edit:
    """One save of a segment."""

    version: int
    target: str
    accepted: bool
    who: str
    at: datetime


def history(session: Session, segment_id: int) -> tuple[DraftSegment, list[Edit]]:
    """A segment and all its saves, newest first. Raises NotFound."""
    segment = session.get(DraftSegment, segment_id, options=[selectinload(DraftSegment.issues)])
    if segment is None:
        raise NotFound(f"there is no segment {segment_id}")
    rows = session.execute(
        select(SegmentEdit, User.display_name)
        .outerjoin(User, User.id == SegmentEdit.user_id)
        .where(SegmentEdit.segment_id == segment_id)
        .order_by(SegmentEdit.id.desc())
    )
    return segment, [Edit(edit.version, edit.target, edit.accepted, name or "somebody", edit.at) for edit, name in rows]


def segment_with_issues(session: Session, segment_id: int) -> DraftSegment:
    """A segment as it now stands. Raises NotFound."""
    return history(session, segment_id)[0]


def segment_of_issue(session: Session, issue_id: int) -> int:
    """The segment an issue was found in. Raises NotFound."""
    found = session.scalar(select(Issue.segment_id).where(Issue.id == issue_id))
    if found is None:
        raise NotFound("this issue is gone: the segment has been saved since")
    return found
