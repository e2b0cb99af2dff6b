"""What a SPIP site needs for publishing: ``ivpipe target check``."""

from __future__ import annotations

from collections.abc import Sequence

from ivpipe.publishers import Finding
from ivpipe.publishers.spip.content import SpipSettings
from ivpipe.publishers.spip.driver import Facts

_KNOWN = 4
"""The major version whose forms and functions we know."""


def version_problem(version: Sequence[int] | None) -> Finding | None:
    """What is wrong with the version of the SPIP that answered; None where it is one we know."""
    if version is None:
        return Finding(
            "error",
            "the site does not say that it is SPIP, nor which",
            "give the address of the SPIP site itself as url, and let SPIP send its header Composed-By",
        )
    if version[0] != _KNOWN:
        number = ".".join(map(str, version))
        return Finding(
            "error", f"SPIP {number} is not known; its forms may differ", f"SPIP {_KNOWN} is; nothing is sent"
        )
    return None


def findings(facts: Facts, settings: SpipSettings) -> list[Finding]:
    """Login, version, section, fields and rights, in this order."""
    found = [Finding("ok", f"{facts.login} is logged in at {settings.url}")]
    number = ".".join(map(str, facts.version or ()))
    found.append(version_problem(facts.version) or Finding("ok", f"SPIP {number}"))
    if not facts.takes_articles:
        advice = "is there a section of this number, and may the account write in it?"
        return [*found, Finding("error", f"section {settings.section} does not take a new article", advice)]
    found.append(Finding("ok", f"section {settings.section} takes new articles"))
    if facts.hidden:
        advice = "they are sent and kept, but nobody sees them there: SPIP's configuration of articles shows them"
        found.append(Finding("warning", f"SPIP hides these fields: {', '.join(facts.hidden)}", advice))
    if not (settings.signed or facts.publishes):
        advice = "make it an administrator of this section, or set signed = true"
        found.append(Finding("error", f"{facts.login} could not change articles that do not name it as author", advice))
    if settings.status == "publie" and not facts.publishes:
        advice = 'make it an administrator of this section, or set status = "prop"'
        found.append(Finding("error", f"{facts.login} may propose articles, not publish them", advice))
    else:
        found.append(Finding("ok", "it may publish" if facts.publishes else "it may propose articles"))
    return found
