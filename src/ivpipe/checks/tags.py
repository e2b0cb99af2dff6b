"""The placeholders of the target are not those of the source. Note references are ``note_references``' business."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.markup import describe, note_refs
from ivpipe.checks.reading import is_blank
from ivpipe.model.translation import Severity
from ivpipe.text.inline import InlineTag, tag_problem

_MARK = re.compile(r"<([0-9]+)>")
_MISSING = "missing: "


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:
    """Blocking: tags missing, in excess or badly nested, or a character unescaped. Hint: an engine guessed where."""
    if is_blank(pair.target) and not is_blank(pair.source):
        return
    target = pair.target
    for number in note_refs(pair.tags):
        target = target.replace(f"<{number}/>", "") + f"<{number}/>"
    problem = tag_problem(target, [InlineTag(tag[0], tag[1]) for tag in pair.tags])
    if problem is not None:
        yield Finding("tags", Severity.BLOCKING, _sentence(problem, pair))
    elif context.uncertain_tags and pair.tags:
        yield Finding(
            "tags", Severity.HINT, "Check the place of the links and the emphasis: the engine had to guess it."
        )


def _sentence(problem: str, pair: SegmentPair) -> str:
    def named(match: re.Match[str]) -> str:
        return describe(int(match[1][:9]), pair.tags)

    if problem.startswith(_MISSING):
        names = _MARK.sub(named, problem.removeprefix(_MISSING))
        return f"Put these tags of the source into the target: {names}."
    return f"Mend the tags of the target: {_MARK.sub(named, problem)}."
