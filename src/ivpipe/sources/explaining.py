"""Saying field by field what was read from a page, and which rule of the spec found it."""

from __future__ import annotations

from dataclasses import dataclass

from ivpipe.bounded import bounded
from ivpipe.errors import ExtractionError
from ivpipe.model.document import Document
from ivpipe.sources.metadata import PageMetadata
from ivpipe.sources.parsing import parse_elements
from ivpipe.sources.selectors import find_elements, find_values
from ivpipe.sources.spec import SourceSpec
from ivpipe.text.inline import inline_text
from ivpipe.text.plain import count_words

NEEDED = frozenset({"title", "authors", "published", "body"})


@dataclass(frozen=True, slots=True)
class FieldReport:
    """One field. ``value`` is plain text, "" where nothing was found; ``rule`` the spec's rule that finds it (of the
    body, else what it was read by), "" if none.

    ``gone``: the spec has rules for it, and none finds anything on this page.
    """

    name: str
    value: str
    rule: str
    gone: bool

    @property
    def how(self) -> str:
        """ "css:h1", "generic", "missing", "missing; no rule of the spec finds it" …"""
        found = self.rule or ("generic" if self.value else "missing")
        return f"{found}; no rule of the spec finds it" if self.gone else found


@bounded("reading this page", ExtractionError, subject="{url}")
def explain(page: bytes, url: str, spec: SourceSpec, content_type: str, document: Document) -> list[FieldReport]:
    """What ``document``, read from this page, has in each field and where it comes from. Raises ExtractionError."""
    metadata = PageMetadata(parse_elements(page, url, content_type), url)
    captions = sum(bool(image.caption) for image in document.images)
    values = {
        "title": inline_text(document.title),
        "kicker": inline_text(document.kicker),
        "standfirst": inline_text(document.standfirst),
        "authors": ", ".join(document.authors),
        "published": document.published,
        "modified": document.modified,
        "section": document.section,
        "tags": ", ".join(document.tags),
        "body": f"{len(document.blocks)} blocks, {count_words(document)} words" if document.blocks else "",
        "notes": f"{len(document.notes)}" if document.notes else "",
        "pictures": f"{len(document.images)}, {captions} with captions" if document.images else "",
    }
    reports = []
    for name, value in values.items():
        rules: tuple[str, ...] = getattr(spec.fields, name, ())
        found = find_elements if name in ("body", "notes") else None
        rule = next(
            (one for one in rules if (found(metadata.root, (one,)) if found else find_values(metadata, (one,)))), ""
        )
        gone = bool(rules) and not rule
        if name == "body" and not rule:
            rule = document.extractor
        reports.append(FieldReport(name, value, rule, gone))
    return reports
