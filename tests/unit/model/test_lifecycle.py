"""The life cycle: the whole table of the design, each state × event × role, and what refuses an approval."""

from itertools import product

import pytest

from ivpipe.errors import Refused
from ivpipe.model.lifecycle import Actor, Event, Policy, Role, State, decide

TWO_EYES = Policy(four_eyes=False)
PIPELINE = "pipeline"
ACTORS = {
    PIPELINE: Actor(),
    "translator": Actor(1, "Ada", frozenset({Role.TRANSLATOR})),
    "editor": Actor(2, "Eve", frozenset({Role.EDITOR})),
    "operator": Actor(3, "Ole", frozenset({Role.OPERATOR})),
    "nobody": Actor(4, "Ned"),
    "all": Actor(5, "Amy", frozenset(Role)),
}
PEOPLE = {"translator", "editor", "all"}
EDITORS = {"editor", "all"}

ALLOWED: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("pending", "draft"): ("drafted", {PIPELINE}),
    ("drafted", "claim"): ("in_review", PEOPLE),
    ("approved", "claim"): ("in_review", PEOPLE),
    ("submitted", "claim"): ("in_review", EDITORS),
    ("in_review", "release"): ("drafted", {*PEOPLE, PIPELINE}),
    ("in_review", "submit"): ("submitted", PEOPLE),
    ("submitted", "return"): ("in_review", EDITORS),
    ("submitted", "approve"): ("approved", EDITORS),
    ("in_review", "approve"): ("approved", EDITORS),
    ("pending", "reject"): ("rejected", EDITORS),
    ("drafted", "reject"): ("rejected", EDITORS),
    ("in_review", "reject"): ("rejected", EDITORS),
    ("submitted", "reject"): ("rejected", EDITORS),
    ("drafted", "redraft"): ("pending", EDITORS),
    ("rejected", "redraft"): ("pending", EDITORS),
    ("drafted", "source_changed"): ("pending", {PIPELINE}),
}
"""(state, event) → the state after, and who may. All else is refused. Of a changed source, `in_review`, `submitted` and
`approved` carry a flag and keep their state: that is no transition."""


@pytest.mark.parametrize(("state", "event", "who"), list(product(State, Event, ACTORS)))
def test_lifecycle_table(state, event, who):
    after, allowed = ALLOWED.get((state.value, event.value), ("", set()))
    if who in allowed:
        assert decide(state, event, ACTORS[who], policy=TWO_EYES) is State(after)
    else:
        with pytest.raises(Refused) as refusal:
            decide(state, event, ACTORS[who], policy=TWO_EYES, subject="article 7 (en)")
        assert refusal.value.subject == "article 7 (en)"
        assert refusal.value.retryable is False


def test_four_eyes_is_the_default():
    with pytest.raises(Refused, match="four eyes"):
        decide(State.SUBMITTED, Event.APPROVE, ACTORS["editor"], submitter_id=2)


@pytest.mark.parametrize("who", sorted(EDITORS))
def test_four_eyes_refuses_the_submitters_own_approval(who):
    with pytest.raises(Refused, match="another person than the one who submitted it"):
        decide(State.SUBMITTED, Event.APPROVE, ACTORS[who], policy=Policy(), submitter_id=ACTORS[who].user_id)


@pytest.mark.parametrize("submitter_id", [1, 4, None])
def test_four_eyes_lets_another_person_approve(submitter_id):
    assert decide(State.SUBMITTED, Event.APPROVE, ACTORS["editor"], submitter_id=submitter_id) is State.APPROVED


def test_four_eyes_wants_it_submitted_first():
    with pytest.raises(Refused, match="must be submitted before"):
        decide(State.IN_REVIEW, Event.APPROVE, ACTORS["editor"], submitter_id=1)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW])
def test_two_eyes_let_the_submitter_approve(state):
    assert decide(state, Event.APPROVE, ACTORS["editor"], policy=TWO_EYES, submitter_id=2) is State.APPROVED


def test_four_eyes_concern_approval_only():
    for event in (Event.RETURN, Event.REJECT, Event.CLAIM):
        decide(State.SUBMITTED, event, ACTORS["editor"], submitter_id=2)


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 blocking issue is still open"), (3, "3 blocking issues are still open")]
)
def test_blocking_issues_refuse_approval(count, words):
    with pytest.raises(Refused) as refusal:
        decide(State.SUBMITTED, Event.APPROVE, ACTORS["editor"], submitter_id=1, blocking_issues=count)
    assert refusal.value.message == words
    assert "dismiss" in refusal.value.advice


def test_blocking_issues_hinder_nothing_but_approval():
    assert decide(State.IN_REVIEW, Event.SUBMIT, ACTORS["translator"], blocking_issues=2) is State.SUBMITTED
    assert decide(State.SUBMITTED, Event.RETURN, ACTORS["editor"], blocking_issues=2) is State.IN_REVIEW


@pytest.mark.parametrize(
    ("state", "event", "who", "message"),
    [
        (State.APPROVED, Event.REJECT, "editor", "cannot reject a translation that is approved"),
        (State.IN_REVIEW, Event.CLAIM, "editor", "cannot claim a translation that is in review"),
        (State.SUBMITTED, Event.CLAIM, "translator", "only editor may claim it while it is submitted"),
        (State.DRAFTED, Event.CLAIM, "operator", "only editor or translator may claim it while it is drafted"),
        (State.PENDING, Event.DRAFT, "editor", "only the pipeline itself may draft it while it is pending"),
        (State.SUBMITTED, Event.APPROVE, PIPELINE, "a person has to approve it"),
    ],
)
def test_refusals_say_why(state, event, who, message):
    with pytest.raises(Refused) as refusal:
        decide(state, event, ACTORS[who])
    assert refusal.value.message == message
