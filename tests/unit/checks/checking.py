"""Running one check on a pair, as the tests of checks do."""

from ivpipe.checks import CheckContext, SegmentPair, run_checks
from ivpipe.model.languages import LanguagePair

EM = ("<em>", "</em>")
LINK = ('<a href="https://exemple.org/">', "</a>")
BREAK = ("<br>", "")


def note(label: str) -> tuple[str, str]:
    return (f'<sup class="note-ref" data-note="{label}">{label}</sup>', "")


def messages(check, source, target, *, pair="fr-en", tags=(), kind="paragraph", uncertain=False):
    """What one check says: (severity, message) for each finding."""
    context = CheckContext(LanguagePair(*pair.split("-")), uncertain)
    findings = run_checks(SegmentPair(source, target, tuple(tags), kind), context, [check])
    assert all(finding.check == check for finding in findings)
    return [(str(finding.severity), finding.message) for finding in findings]
