"""What the editor asks the translation memory: matches for the segment at hand, and a search."""

from __future__ import annotations

from starlette.responses import Response

from ivpipe.desk import memory
from ivpipe.desk.visit import Visit

_LONGEST = 200


def suggestions(visit: Visit) -> Response:
    """The best matches for a segment, as a fragment; empty where there are none."""
    with visit.store.read() as session:
        found, source_lang, lang = memory.suggestions(session, visit.number())
    return visit.page("_suggestions.html", suggestions=found, source_lang=source_lang, lang=lang)


def search(visit: Visit) -> Response:
    """How a phrase (``?phrase=``) was translated, looked for on one ``?side=``, as a fragment."""
    asked = visit.request.query_params
    phrase = " ".join(asked.get("phrase", "").replace("\x00", "").split())[:_LONGEST]
    side = "target" if asked.get("side") == "target" else "source"
    with visit.store.read() as session:
        hits, source_lang, lang = memory.search(session, visit.number(), phrase, side)
    return visit.page(
        "_found.html", hits=hits, phrase=phrase, source_lang=source_lang, lang=lang, most=len(hits) == memory.FOUND
    )
