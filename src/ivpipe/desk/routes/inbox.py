"""The inbox, the help page, and the way in."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from ivpipe.desk import articles, queries
from ivpipe.desk.visit import Visit


def home(visit: Visit) -> Response:
    """To the inbox."""
    return visit.redirect("/inbox")


def inbox(visit: Visit) -> Response:
    """Everything that may be taken up next."""
    assert visit.user is not None
    with visit.store.read() as session:
        lists = queries.inbox(session, visit.user.id)
        undecided = articles.triage_counts(session).get("undecided", 0)
    return visit.page("inbox.html", inbox=lists, undecided=undecided)


def help_page(visit: Visit) -> Response:
    """How the desk is used, with the keyboard's shortcuts."""
    return visit.page("help.html")


def health(visit: Visit) -> Response:
    """For who supervises the process: the desk runs and its database answers."""
    with visit.store.read() as session:
        session.connection()
    return PlainTextResponse("ok\n")
