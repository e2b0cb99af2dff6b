"""Issues: what the checks find in a segment, kept in step with its text."""

from __future__ import annotations

from ivpipe.checks import CheckContext, SegmentPair, run_checks
from ivpipe.model import Change, DraftSegment, Issue, LanguagePair, Severity


def find_issues(row: DraftSegment, pair: LanguagePair, *, uncertain: bool = False) -> list[Issue]:
    """Run the checks on a segment as it stands. One that the source has left behind has none; one whose source was reworded
    blocks until somebody has looked."""
    if row.change is Change.REMOVED:
        return []
    findings = run_checks(
        SegmentPair(row.source, row.target, tuple((tag[0], tag[1]) for tag in row.tags), row.kind),
        CheckContext(pair, uncertain),
    )
    issues = [
        Issue(check=finding.check, severity=finding.severity, message=finding.message, dismissed_reason="")
        for finding in findings
    ]
    if row.change is Change.CHANGED:
        message = "The source has been reworded since this was written: read it again, then save or confirm it."
        issues.insert(0, Issue(check="source", severity=Severity.BLOCKING, message=message, dismissed_reason=""))
    return issues


def refresh_issues(segment: DraftSegment, pair: LanguagePair) -> None:
    """Run the checks again; an issue found before keeps its row, and with it its dismissal."""
    before = {(issue.check, issue.message): issue for issue in segment.issues}
    segment.issues = [before.get((issue.check, issue.message), issue) for issue in find_issues(segment, pair)]
