"""Issues: what the checks find in a segment, kept in step with its text."""

from __future__ import annotations

from ivpipe.checks import CheckContext, SegmentPair, run_checks
from ivpipe.model import DraftSegment, Issue, LanguagePair


def find_issues(row: DraftSegment, pair: LanguagePair, *, uncertain: bool = False) -> list[Issue]:
    """Run the checks on a segment as it stands."""
    findings = run_checks(
        SegmentPair(row.source, row.target, tuple((tag[0], tag[1]) for tag in row.tags), row.kind),
        CheckContext(pair, uncertain),
    )
    return [
        Issue(check=finding.check, severity=finding.severity, message=finding.message, dismissed_reason="")
        for finding in findings
    ]


def refresh_issues(segment: DraftSegment, pair: LanguagePair) -> None:
    """Run the checks again; an issue found before keeps its row, and with it its dismissal."""
    before = {(issue.check, issue.message): issue for issue in segment.issues}
    segment.issues = [before.get((issue.check, issue.message), issue) for issue in find_issues(segment, pair)]
