"""The editor: the article side by side, and what its segments ask of the server."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from ivpipe.desk import queries
from ivpipe.desk.chips import chips_of, tagged_html
from ivpipe.desk.failure import Fault
from ivpipe.desk.layout import all_rows, arrange, issue_views
from ivpipe.desk.visit import Visit
from ivpipe.desk.words import until
from ivpipe.errors import Refused
from ivpipe.model import Change, DraftSegment, Event, Policy, Role, State, Translation
from ivpipe.model.lifecycle import decide
from ivpipe.steps import review
from ivpipe.steps.pictures import taken_pictures
from ivpipe.text.html_writer import clean_text

DONE = {
    "claimed": "It is yours now. Every change is saved as you type.",
    "released": "Released. What you wrote stays for whoever takes it next.",
    "submitted": "Submitted: another pair of eyes has it now.",
    "returned": "Returned with your comment.",
    "approved": "Approved.",
    "rejected": "Rejected. Everything written stays.",
    "merged": "The source’s changes are in. What you wrote stays; look at what is marked.",
    "kept": "It stays as it is. The next change of the source is told again.",
    "redraft": "A new draft has been asked for; segments people wrote keep their text.",
}


_ANY = Policy(four_eyes=False)


@dataclass(frozen=True, slots=True)
class Action:
    """A button: possible when ``reason`` is empty, else shown with why not."""

    event: Event
    reason: str = ""


def translation(visit: Visit) -> Response:
    """Source and target side by side; read-only for whoever does not hold it."""
    assert visit.user is not None
    with visit.store.read() as session:
        opened = queries.opened(session, visit.number())
        taken = taken_pictures(session, opened.article.id)
    sections = arrange(opened.document, opened.draft.segments, taken) if opened.document and opened.draft else []
    rows = list(all_rows(sections))
    blocking = sum(1 for row in rows for issue in row.issues if not issue.dismissed and issue.severity == "blocking")
    row = opened.translation
    editable = row.state is State.IN_REVIEW and row.holder_id == visit.user.id
    return visit.page(
        "translation.html",
        opened=opened,
        translation=row,
        article=opened.article,
        sections=sections,
        rows=rows,
        confirmed=sum(item.confirmed for item in rows),
        with_issues=sum(any(not issue.dismissed for issue in item.issues) for item in rows),
        blocking=blocking,
        moved=sum(item.change is not Change.NONE for item in rows),
        editable=editable,
        actions={action.event.value: action for action in actions(visit, row, blocking)},
        notice=DONE.get(visit.request.query_params.get("done", ""), ""),
        partner=visit.desk.source_name(opened.article.source_slug),
        held=until(row.held_until, visit.now),
        held_by_other=row.state is State.IN_REVIEW
        and not editable
        and row.held_until is not None
        and row.held_until > visit.now,
    )


def actions(visit: Visit, row: Translation, blocking: int) -> list[Action]:
    """What the visitor may do with a translation now, by asking the life cycle; what only others may do is left out.

    The steps decide again, under lock: this only saves people from pressing in vain.
    """
    mine = row.state is State.IN_REVIEW and row.holder_id == visit.actor.user_id
    ended = row.state is State.IN_REVIEW and (row.held_until is None or row.held_until <= visit.now)
    found = []
    for event in (Event.CLAIM, Event.SUBMIT, Event.RETURN, Event.APPROVE, Event.RELEASE, Event.REDRAFT, Event.REJECT):
        if event is Event.SUBMIT and not mine:
            continue
        if event is Event.RELEASE and not mine and Role.EDITOR not in visit.actor.roles:
            continue
        if (
            event is Event.APPROVE
            and row.state is State.IN_REVIEW
            and not ((mine or ended) and not visit.desk.policy.four_eyes)
        ):
            continue
        if event is Event.CLAIM and ended and not mine:
            found.append(Action(event))
            continue
        try:
            # Without policy and issues: may this person do it at all, in this state?
            decide(row.state, event, visit.actor, policy=_ANY)
        except Refused:
            continue
        try:
            decide(
                row.state,
                event,
                visit.actor,
                policy=visit.desk.policy,
                submitter_id=row.submitter_id,
                blocking_issues=blocking,
            )
        except Refused as error:
            found.append(Action(event, f"{error.message}{': ' + error.advice if error.advice else ''}"))
        else:
            found.append(Action(event))
    return found


def save(visit: Visit) -> Response:
    """Save one segment (JSON ``target``, ``version``); answers its new version, issues and chips."""
    target, version = visit.form.get("target"), visit.form.get("version")
    if not isinstance(target, str) or not isinstance(version, int) or isinstance(version, bool):
        raise Fault(400, "a save needs a target text and the version it was made from")
    segment = review.save_segment(
        visit.store, visit.number(), clean_text(target), version, visit.actor, visit.desk.hold, visit.now
    )
    return visit.json(_answer(visit, segment))


def dismiss_issue(visit: Visit) -> Response:
    """Close an issue with a reason; answers the segment's issues."""
    with visit.store.read() as session:
        segment_id = queries.segment_of_issue(session, visit.number())
    review.dismiss_issue(visit.store, visit.number(), visit.text("reason"), visit.actor, visit.now)
    with visit.store.read() as session:
        segment = queries.segment_with_issues(session, segment_id)
    return visit.json(_answer(visit, segment))


def _answer(visit: Visit, segment: DraftSegment) -> dict[str, object]:
    issues = issue_views(segment)
    open_issues = [issue for issue in issues if not issue.dismissed]
    return {
        "id": segment.id,
        "version": segment.version,
        "target": segment.target,
        "origin": segment.origin.value,
        "open": len(open_issues),
        "blocking": sum(issue.severity == "blocking" for issue in open_issues),
        "issues_html": visit.render("_issues.html", issues=issues, editable=True),
    }


def segment(visit: Visit) -> Response:
    """A segment's saved text, for a browser that wonders whether its last save arrived."""
    with visit.store.read() as session:
        found = queries.segment_with_issues(session, visit.number())
    return visit.json({"id": found.id, "version": found.version, "target": found.target})


def history(visit: Visit) -> Response:
    """All saves of a segment, and what a machine wrote before them, as a fragment."""
    with visit.store.read() as session:
        segment, edits = queries.history(session, visit.number())
    chips = chips_of(segment.tags)
    shown = [(edit, tagged_html(edit.target, chips)) for edit in edits]
    return visit.page(
        "_history.html",
        segment=segment,
        edits=shown,
        source=tagged_html(segment.source, chips),
        machine=tagged_html(segment.machine, chips),
    )
