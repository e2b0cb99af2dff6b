"""The operator's page: what is stuck and why, what ran, what it cost."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from ivpipe.desk.failure import Fault
from ivpipe.desk.visit import Visit
from ivpipe.errors import NotFound
from ivpipe.steps.operations import retry_now, status


def show(visit: Visit) -> Response:
    """Everything ``ivpipe status`` says, as a page."""
    slugs = [source.slug for source in visit.desk.app.sources]
    facts = status(visit.store, slugs, visit.now, visit.desk.app.terms)
    for flow in facts["flows"].values():
        for key in ("last_success", "last_run"):
            flow[key] = datetime.fromisoformat(flow[key]) if flow[key] else None
    for row in facts["stuck"]:
        row["next_try"] = datetime.fromisoformat(row["next_try"]) if row["next_try"] else None
    return visit.page("status.html", facts=facts, retried=visit.request.query_params.get("retried", ""))


def retry(visit: Visit) -> Response:
    """Let a stuck row be tried at once."""
    what, number = visit.text("what"), visit.text("id")
    if what not in ("article", "translation", "publication") or not number.isdecimal() or len(number) > 9:
        raise Fault(400, "say which article, translation or publication to try again")
    if not retry_now(visit.store, what, int(number)):
        raise NotFound(f"there is no {what} {number}")
    return visit.redirect(f"/status?retried={what}-{number}")
