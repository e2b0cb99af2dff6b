"""What a SPIP site needs for publishing, looked at without changing anything: ``ivpipe target check``."""

from __future__ import annotations

from ivpipe.errors import PublishAuth
from ivpipe.publishers import Finding
from ivpipe.publishers.spip.content import FIELDS, SpipSettings
from ivpipe.publishers.spip.session import Session

_KNOWN = 4
"""The major version whose forms we know."""


def version_problem(session: Session) -> Finding | None:
    """What is wrong with the SPIP that answered last; None where it is one we know."""
    if session.version is None:
        return Finding(
            "error",
            "the site does not say that it is SPIP, nor which",
            "give the address of the SPIP site itself as url, and let SPIP send its header Composed-By",
        )
    if session.version[0] != _KNOWN:
        number = ".".join(map(str, session.version))
        return Finding(
            "error", f"SPIP {number} is not known; its forms may differ", f"SPIP {_KNOWN} is; nothing is sent"
        )
    return None


def findings(session: Session, settings: SpipSettings) -> list[Finding]:
    """Login, version, forms and rights, in this order. Raises PublishError where the site cannot be asked at all."""
    section = session.get("rubrique", id_rubrique=settings.section)
    screen = session.get("article_edit", new="oui", id_rubrique=settings.section)
    found = [Finding("ok", f"{settings.login} is logged in at {settings.url}")]
    problem = version_problem(session)
    number = ".".join(map(str, session.version or ()))
    found.append(problem or Finding("ok", f"SPIP {number}"))
    form = screen.form("editer_article")
    if form is None or not section.links(rf"exec=article_edit&new=oui&id_rubrique=({settings.section})\b"):
        advice = "is there a section of this number, and may the account write in it?"
        return [*found, Finding("error", f"section {settings.section} does not take a new article", advice)]
    found.append(Finding("ok", f"section {settings.section} takes new articles"))
    hidden = [name for name in FIELDS if name not in form.fields]
    if hidden:
        advice = "they are sent and kept, but nobody sees them there: SPIP's configuration of articles shows them"
        found.append(Finding("warning", f"SPIP hides these fields: {', '.join(hidden)}", advice))
    publishes = _may_change_section(session, settings.section)
    if not (settings.signed or publishes):
        advice = "make it an administrator of this section, or set signed = true"
        found.append(
            Finding("error", f"{settings.login} could not change articles that do not name it as author", advice)
        )
    if settings.status == "publie" and not publishes:
        advice = 'make it an administrator of this section, or set status = "prop"'
        found.append(Finding("error", f"{settings.login} may propose articles, not publish them", advice))
    else:
        found.append(Finding("ok", "it may publish" if publishes else "it may propose articles"))
    return found


def _may_change_section(session: Session, section: int) -> bool:
    """Only who may publish in a section is offered the form of the section itself."""
    try:
        return session.get("rubrique_edit", id_rubrique=section).form("editer_rubrique") is not None
    except PublishAuth:
        return False
