"""The buttons of a translation: one route each, one step each."""

from __future__ import annotations

from starlette.responses import Response

from ivpipe.desk import queries
from ivpipe.desk.routes.publications import chosen_time
from ivpipe.desk.visit import Visit
from ivpipe.steps import review
from ivpipe.steps.merge import merge_source


def _back(visit: Visit, done: str) -> Response:
    return visit.redirect(f"/translations/{visit.number()}?done={done}")


def _comment(visit: Visit) -> str:
    return visit.text("comment").strip()


def claim(visit: Visit) -> Response:
    """Take it."""
    review.claim(visit.store, visit.number(), visit.actor, visit.desk.hold, visit.now)
    return _back(visit, "claimed")


def release(visit: Visit) -> Response:
    """Give it back."""
    review.release(visit.store, visit.number(), visit.actor, visit.now)
    return _back(visit, "released")


def submit(visit: Visit) -> Response:
    """Hand it to an editor."""
    review.submit(visit.store, visit.number(), visit.actor, _comment(visit), visit.now)
    return _back(visit, "submitted")


def return_(visit: Visit) -> Response:
    """Send it back to the translator."""
    review.return_to_translator(visit.store, visit.number(), visit.actor, _comment(visit), visit.now)
    return _back(visit, "returned")


def approve(visit: Visit) -> Response:
    """Approve it, for every target of its language, now or at a time."""
    with visit.store.read() as session:
        lang = queries.opened(session, visit.number()).translation.lang
    targets = visit.desk.app.targets_for(lang)
    review.approve(
        visit.store,
        visit.number(),
        visit.actor,
        visit.desk.policy,
        targets,
        _comment(visit),
        visit.now,
        publish_at=chosen_time(visit),
        correction=visit.text("correction"),
    )
    return visit.redirect(f"/translations/{visit.number()}/preview?done=approved")


def reject(visit: Visit) -> Response:
    """Decide against it."""
    review.reject(visit.store, visit.number(), visit.actor, _comment(visit), visit.now)
    return _back(visit, "rejected")


def redraft(visit: Visit) -> Response:
    """Have it drafted again."""
    review.redraft(visit.store, visit.number(), visit.actor, visit.now)
    return _back(visit, "redraft")


def merge(visit: Visit) -> Response:
    """Bring the source's changes in."""
    merge_source(visit.store, visit.number(), visit.desk.app.engines, visit.actor, visit.now)
    return _back(visit, "merged")


def keep(visit: Visit) -> Response:
    """Leave it as it is, whatever became of its source."""
    review.keep_as_it_is(visit.store, visit.number(), visit.actor, visit.now)
    return _back(visit, "kept")
