"""The life cycle of a Translation: one table; nothing else changes the state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivpipe.errors import Refused


class State(StrEnum):
    """Where a translation stands."""

    PENDING = "pending"
    DRAFTED = "drafted"
    IN_REVIEW = "in_review"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class Role(StrEnum):
    """What a person may do in the desk; a person may have several."""

    TRANSLATOR = "translator"
    EDITOR = "editor"
    OPERATOR = "operator"


class Event(StrEnum):
    """What happens to a translation."""

    DRAFT = "draft"
    CLAIM = "claim"
    RELEASE = "release"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    REJECT = "reject"
    REDRAFT = "redraft"
    SOURCE_CHANGED = "source_changed"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; ``roles`` is empty where no person acts (flows and the clock)."""

    event: Event
    sources: frozenset[State]
    target: State
    roles: frozenset[Role]


def _row(event: Event, sources: str, target: State, *roles: Role) -> Transition:
    return Transition(event, frozenset(State(name) for name in sources.split()), target, frozenset(roles))


_PEOPLE = (Role.TRANSLATOR, Role.EDITOR)

TRANSITIONS: tuple[Transition, ...] = (
    _row(Event.DRAFT, "pending", State.DRAFTED),
    _row(Event.CLAIM, "drafted approved", State.IN_REVIEW, *_PEOPLE),
    _row(Event.CLAIM, "submitted", State.IN_REVIEW, Role.EDITOR),
    _row(Event.RELEASE, "in_review", State.DRAFTED, *_PEOPLE),
    _row(Event.SUBMIT, "in_review", State.SUBMITTED, *_PEOPLE),
    _row(Event.RETURN, "submitted", State.IN_REVIEW, Role.EDITOR),
    _row(Event.APPROVE, "submitted in_review", State.APPROVED, Role.EDITOR),
    _row(Event.REJECT, "pending drafted in_review submitted", State.REJECTED, Role.EDITOR),
    _row(Event.REDRAFT, "drafted rejected", State.PENDING, Role.EDITOR),
    _row(Event.SOURCE_CHANGED, "drafted", State.PENDING),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How the magazine reviews; see ``decide``."""

    four_eyes: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with roles, or nobody (a flow, the clock) with ``user_id`` None."""

    user_id: int | None = None
    name: str = "ivpipe"
    roles: frozenset[Role] = frozenset()


def decide(
    state: State,
    event: Event,
    actor: Actor,
    *,
    policy: Policy | None = None,
    submitter_id: int | None = None,
    blocking_issues: int = 0,
    subject: str = "",
) -> State:
    """Return the state after ``event``, or raise Refused saying why not.

    ``submitter_id`` is who submitted the draft now under decision; ``blocking_issues`` counts its open ones.
    A row without roles is for flows and the clock; RELEASE is also open to the clock (``actor.user_id`` None).
    """
    policy = policy or Policy()
    rows = [row for row in TRANSITIONS if row.event is event and state in row.sources]
    if not rows:
        raise Refused(f"cannot {event} a translation that is {state.replace('_', ' ')}", subject=subject)
    by_person = actor.user_id is not None
    row = next((row for row in rows if not row.roles or not by_person or row.roles & actor.roles), None)
    if row is None or (by_person and not row.roles):
        needed = " or ".join(sorted(set().union(*(r.roles for r in rows)))) or "the pipeline itself"
        raise Refused(f"only {needed} may {event} it while it is {state.replace('_', ' ')}", subject=subject)
    if not by_person and row.roles and event is not Event.RELEASE:
        raise Refused(f"a person has to {event} it", subject=subject)
    if event is Event.APPROVE:
        if policy.four_eyes and state is State.IN_REVIEW:
            raise Refused(
                "it must be submitted before it is approved (the magazine reviews with four eyes)", subject=subject
            )
        if policy.four_eyes and submitter_id == actor.user_id:
            raise Refused("another person than the one who submitted it must approve it (four eyes)", subject=subject)
        if blocking_issues:
            raise Refused(
                f"{blocking_issues} blocking issue{'s are' if blocking_issues > 1 else ' is'} still open",
                subject=subject,
                advice="mend the segments marked in red, or dismiss each issue with a reason",
            )
    return row.target
