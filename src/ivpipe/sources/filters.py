"""Which articles of a source are wanted: its filters, on what is known of an article so far."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivpipe.sources.spec import Filters
from ivpipe.text.plain import folded


def fold(text: str) -> str:
    """The text as comparisons see it: without case, accents, and differences of white space and apostrophes."""
    return " ".join(folded(text.replace("’", "'")).split())


def refusal(
    filters: Filters,
    *,
    sections: Iterable[str] = (),
    authors: Iterable[str] = (),
    texts: Iterable[str] = (),
    whole: bool = True,
) -> str:
    """Why an article is not wanted, in words; "" where it is, or where that cannot be said yet.

    ``sections`` (and tags), ``authors`` and ``texts`` (title, summary; plain) are all that is known of it. ``whole``
    false: more will be known later, so that the absence of what a filter asks for decides only where the announcement
    named sections, or authors, at all. (It always shows the title only, so a keyword that is missing decides nothing.)
    """
    found_sections, found_authors = {fold(one) for one in sections}, {fold(one) for one in authors}
    text = f" {' '.join(_words(one) for one in (*texts, *found_sections))} "

    def speaks_of(keyword: str) -> bool:
        return f" {_words(keyword)} " in text

    for name, wanted, unwanted, found in (
        ("section", filters.sections, filters.not_sections, found_sections),
        ("author", filters.authors, filters.not_authors, found_authors),
    ):
        if hit := next((one for one in unwanted if fold(one) in found), ""):
            return f"its {name} is “{hit}”"
        if wanted and (found or whole) and not any(fold(one) in found for one in wanted):
            return f"its {name} is none of {_listed(wanted)}"
    if hit := next((one for one in filters.not_keywords if speaks_of(one)), ""):
        return f"it speaks of “{hit}”"
    if filters.keywords and whole and not any(speaks_of(one) for one in filters.keywords):
        return f"it speaks of none of {_listed(filters.keywords)}"
    return ""


def _words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"“{name}”" for name in names)
