"""Where a translation is live: what an editor decides about that."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from ivpipe.desk import queries
from ivpipe.desk.failure import Fault
from ivpipe.desk.visit import Visit
from ivpipe.errors import NotFound
from ivpipe.model import Publication
from ivpipe.steps import publications
from ivpipe.text.difference import lines_difference


def shown(visit: Visit) -> Response:
    """Where it is live, as a fragment that asks again while something is on its way."""
    with visit.store.read() as session:
        live = queries.publications(session, visit.number())
    return visit.page("_publications.html", live=live, translation_id=visit.number())


def withdraw(visit: Visit) -> Response:
    """Take a page away from its target."""
    publications.withdraw(visit.store, visit.number(), visit.actor, visit.now)
    return _changed(visit)


def again(visit: Visit) -> Response:
    """Try a publication at once, or put a withdrawn page back."""
    publications.publish_again(visit.store, visit.number(), visit.actor, visit.now)
    return _changed(visit)


def reschedule(visit: Visit) -> Response:
    """Publish it at another time, or now."""
    publications.reschedule(visit.store, visit.number(), chosen_time(visit), visit.actor, visit.now)
    return _changed(visit)


def cancel(visit: Visit) -> Response:
    """Do not publish what waits to be."""
    publications.cancel(visit.store, visit.number(), visit.actor)
    return _changed(visit)


def conflict(visit: Visit) -> Response:
    """What people changed on the target, against what we had saved there."""
    with visit.store.read() as session:
        publication = session.get(Publication, visit.number())
        if publication is None or publication.conflict is None:
            raise NotFound("there is nothing to settle any more")
        translation, conflict = publication.translation, publication.conflict
        return visit.page(
            "conflict.html",
            publication=publication,
            translation=translation,
            article=translation.article,
            conflict=conflict,
            found_at=datetime.fromisoformat(conflict["at"]),
            changes=lines_difference(conflict["ours"], conflict["theirs"]),
        )


def ours(visit: Visit) -> Response:
    """Settle a conflict: publish over it."""
    publications.publish_ours(visit.store, visit.number(), visit.actor)
    return _changed(visit)


def theirs(visit: Visit) -> Response:
    """Settle a conflict: leave the target's page as it is."""
    publications.keep_theirs(visit.store, visit.number(), visit.actor)
    return _changed(visit)


def chosen_time(visit: Visit) -> datetime | None:
    """The time a form names, in the magazine's zone; None for now."""
    given = visit.text("publish_at").strip()
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=visit.desk.app.zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Fault(400, f"{given[:40]!r} is no time", "write it as 2026-06-22T09:30") from error


def _changed(visit: Visit) -> Response:
    with visit.store.read() as session:
        translation_id = queries.translation_of_publication(session, visit.number())
        live = queries.publications(session, translation_id)
    if visit.is_htmx:
        return visit.page("_publications.html", live=live, translation_id=translation_id)
    return visit.redirect(f"/translations/{translation_id}/preview")
