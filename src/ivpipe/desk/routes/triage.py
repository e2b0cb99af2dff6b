"""Triage: what has come in, and whether the magazine wants it."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from ivpipe.desk import articles
from ivpipe.desk.changes import change_view
from ivpipe.desk.failure import Fault
from ivpipe.desk.visit import Visit
from ivpipe.model import Decision
from ivpipe.steps.cost import billed_this_month, budget_state
from ivpipe.steps.documents import version_difference
from ivpipe.steps.doubts import accept_page, keep_text
from ivpipe.steps.estimate import estimate_articles
from ivpipe.steps.triage import dismiss_article, select_article
from ivpipe.text.difference import document_difference
from ivpipe.text.html_writer import write_document


def triage(visit: Visit) -> Response:
    """A page of articles under one decision (``?show=``), of one source (``?source=``)."""
    asked = visit.request.query_params
    show = asked.get("show", "")
    decision = Decision(show) if show in set(Decision) else Decision.UNDECIDED
    page = max(0, min(int(asked["page"]), 100_000)) if asked.get("page", "").isdecimal() else 0
    source = asked.get("source", "").replace("\x00", "")
    with visit.store.read() as session:
        candidates, total = articles.triage(session, decision, source, page)
        counts = articles.triage_counts(session)
        sources = articles.triage_sources(session)
    return visit.page(
        "triage.html",
        candidates=candidates,
        total=total,
        counts=counts,
        sources=sources,
        source=source,
        decision=decision,
        page=page,
        pages=max(1, -(-total // articles.TRIAGE_PAGE)),
    )


def article(visit: Visit) -> Response:
    """The original as extracted."""
    with visit.store.read() as session:
        found = articles.candidate(session, visit.number())
        translations = articles.translations_of(session, found.id)
        versions = articles.versions(session, found.id)
    written = None
    if found.document is not None:
        parts = write_document(found.document, heading_base=2, notes_heading="Notes", back_label="Back to the text")
        written = {name: Markup(getattr(parts, name)) for name in parts.__slots__}  # noqa: S704  html_writer escapes
    return visit.page("article.html", article=found, written=written, translations=translations, versions=versions)


def estimate(visit: Visit) -> Response:
    """What drafting an article would bill, before it is selected, as a fragment; nothing is sent."""
    app = visit.desk.app
    terms = app.terms
    rows = estimate_articles(app.store, [visit.number()], app.settings.magazine.languages, app.engines, terms)
    with visit.store.read() as session:
        budget = budget_state(terms, billed_this_month(session, visit.now))
    over = budget.left is not None and sum(terms.weight(row.engine, row.billed) for row in rows) > budget.left
    return visit.page("_estimate.html", rows=rows, budget=budget, over=over, currency=terms.currency)


def changes(visit: Visit) -> Response:
    """What differs between two versions of the original (``?old=``, ``?new=``), by default the last two."""
    asked = {
        name: int(value)
        for name in ("old", "new")
        if (value := visit.request.query_params.get(name, "")).isdecimal() and len(value) < 7
    }
    with visit.store.read() as session:
        found = articles.candidate(session, visit.number())
        versions = articles.versions(session, found.id)
        translations = articles.translations_of(session, found.id)
    new = asked.get("new", len(versions))
    old = asked.get("old", max(1, new - 1))
    differences = version_difference(visit.store, found.id, old, new)
    return visit.page(
        "changes.html",
        article=found,
        versions=versions,
        translations=translations,
        old=old,
        new=new,
        changes=[change_view(difference) for difference in differences],
    )


def select(visit: Visit) -> Response:
    """Have an article translated, into the languages ticked or all of the magazine's."""
    ours = visit.desk.app.settings.magazine.languages
    asked = visit.form.get("lang[]") or [visit.form["lang"]] if "lang" in visit.form else list(ours)
    unknown = [lang for lang in asked if lang not in ours]
    if unknown:
        raise Fault(400, f"the magazine does not publish in {', '.join(map(str, unknown))}")
    select_article(visit.store, visit.number(), asked, visit.actor, visit.now)
    return _decided(visit, "selected")


def dismiss(visit: Visit) -> Response:
    """Put an article aside."""
    dismiss_article(visit.store, visit.number(), visit.actor, visit.text("reason").strip(), visit.now)
    return _decided(visit, "dismissed")


def doubtful(visit: Visit) -> Response:
    """The page that may not be the article, as it was read, with what differs from the version there is."""
    with visit.store.read() as session:
        found = articles.candidate(session, visit.number())
        row, document = articles.doubtful_page(session, found.id)
    written, changes = None, []
    if document is not None:
        parts = write_document(document, heading_base=2, notes_heading="Notes", back_label="Back to the text")
        written = {name: Markup(getattr(parts, name)) for name in parts.__slots__}  # noqa: S704  html_writer escapes
        if found.document is not None:
            changes = [change_view(one) for one in document_difference(found.document, document)]
    return visit.page("doubtful.html", article=found, row=row, written=written, changes=changes)


def accept(visit: Visit) -> Response:
    """Make the doubtful page the article's next version."""
    with visit.store.read() as session:
        spec = visit.desk.app.source(articles.candidate(session, visit.number()).source_slug)
    accept_page(visit.store, visit.number(), spec, visit.desk.app.settings.magazine.languages, visit.actor, visit.now)
    return visit.redirect(f"/articles/{visit.number()}?done=accepted")


def keep(visit: Visit) -> Response:
    """Keep the article's text; with ``gone``, say that it has gone from its site."""
    keep_text(visit.store, visit.number(), visit.actor, visit.now, gone=bool(visit.text("gone")))
    return visit.redirect(f"/articles/{visit.number()}?done=kept")


def _decided(visit: Visit, word: str) -> Response:
    """In the list, the entry gives way to a line that can be undone; else the article's own page again."""
    if not visit.is_htmx:
        return visit.redirect(f"/articles/{visit.number()}?done={word}")
    with visit.store.read() as session:
        found = articles.candidate(session, visit.number())
    return visit.page("_decided.html", article=found, word=word)
