"""The operator's page: what is stuck and why, what ran, what it cost."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from ivpipe.desk.failure import Fault
from ivpipe.desk.visit import Visit
from ivpipe.errors import NotFound
from ivpipe.steps.cost import month_start
from ivpipe.steps.effort import engine_records
from ivpipe.steps.operations import STUCK, count_stuck, retry_now, status, write_trouble


def show(visit: Visit) -> Response:
    """Everything ``ivpipe status`` says, as a page."""
    slugs = [source.slug for source in visit.desk.app.sources]
    facts = status(visit.store, slugs, visit.now, visit.desk.app.terms)
    for flow in facts["flows"].values():
        for key in ("last_success", "last_run"):
            flow[key] = datetime.fromisoformat(flow[key]) if flow[key] else None
    for rows, keys in (
        ("stuck", ("next_try",)),
        ("sources", ("last_success", "last_article")),
        ("gone", ("since",)),
        ("doubtful", ("since", "next_look")),
    ):
        for row in facts[rows]:
            row |= {key: datetime.fromisoformat(row[key]) if row[key] else None for key in keys}
    facts["sources"].sort(key=lambda row: row["health"])
    with visit.store.read() as session:
        records = engine_records(session, month_start(visit.now))
    terms = visit.desk.app.terms
    return visit.page(
        "status.html",
        facts=facts,
        trouble=write_trouble(visit.store, visit.desk.app.settings.data),
        records=records,
        price=terms.price,
        currency=terms.currency,
        retried=visit.request.query_params.get("retried", ""),
    )


def alarms(visit: Visit) -> Response:
    """How much is stuck, as the fragment beside the word “Status” on every page of an operator."""
    slugs = [source.slug for source in visit.desk.app.sources]
    return visit.page("_alarms.html", stuck=count_stuck(visit.store, slugs, visit.now))


def retry(visit: Visit) -> Response:
    """Let a stuck row be tried at once."""
    what, number = visit.text("what"), visit.text("id")
    if what not in STUCK or not number.isdecimal() or len(number) > 9:
        raise Fault(400, "say which article, translation, publication or picture to try again")
    if not retry_now(visit.store, what, int(number)):
        raise NotFound(f"there is no {what} {number}")
    return visit.redirect(f"/status?retried={what}-{number}")
