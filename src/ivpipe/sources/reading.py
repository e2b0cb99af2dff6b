"""Reading a fetched page by its source's spec: the fields of its day, a Python extractor where one is named, replacements."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import cast

from ivpipe.bounded import bounded
from ivpipe.errors import ConfigError, ExtractionError
from ivpipe.model.document import BlockType, Document
from ivpipe.plugins import load_plugin
from ivpipe.sources.extraction import extract
from ivpipe.sources.pages import join_pages
from ivpipe.sources.spec import SourceSpec
from ivpipe.text.inline import escape_text, inline_text, inline_tokens

MOST_BLOCKS = 20_000
"""Of one article; "War and Peace" has some 12,000 paragraphs. Comparing, segments and the desk take them all at once."""

Extractor = Callable[..., Document]
_MARKED = ("title", "kicker", "standfirst")
_LISTS = ("authors", "tags")


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One page of an article as it was fetched: ``url`` after redirects, ``headers`` by lower-case name."""

    url: str
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime

    @property
    def content_type(self) -> str:
        """What its server called it."""
        return self.headers.get("content-type", "")


@bounded("reading this page", ExtractionError, subject="{pages[0].url}")
def read_pages(pages: Sequence[FetchedPage], spec: SourceSpec | None = None) -> Document:
    """Read an article from its pages (at least one), in order, as one document; without a spec, generically.

    Bounded: it runs in a process of its own. Raises ExtractionError naming the url where the first cannot be read, or
    all of them take more than the budget; of a later one that cannot be read that is a warning.
    """
    document = _joined(pages, spec)
    if len(document.blocks) > MOST_BLOCKS:
        raise ExtractionError(
            f"it has {len(document.blocks):,} paragraphs, and {MOST_BLOCKS:,} are read at most",
            subject=pages[0].url,
            advice="look at the page: is it one article? With `fields.body`, a spec can name the part that is",
        )
    return document


def _joined(pages: Sequence[FetchedPage], spec: SourceSpec | None) -> Document:
    documents: list[Document] = []
    problems: list[str] = []
    for number, page in enumerate(pages, 1):
        try:
            documents.append(
                read_document(
                    page.body, page.url, spec=spec, fetched_at=page.fetched_at, content_type=page.content_type
                )
            )
        except ExtractionError as error:
            if number == 1:
                raise
            problems.append(f"page {number} of the article cannot be read: {error.message}")
    if len(pages) == 1:
        return documents[0]
    document = join_pages(documents)
    # That one of several pages is short says nothing.
    warnings = [warning for warning in document.warnings if "very short" not in warning]
    return replace(document, warnings=(*warnings, *problems))


def read_document(
    page: bytes, url: str, *, spec: SourceSpec | None, fetched_at: datetime, content_type: str = ""
) -> Document:
    """Read a page that was fetched from ``url`` at ``fetched_at``. Raises ExtractionError naming the url."""
    if spec is None:
        return extract(page, url, content_type=content_type)
    spec = spec.as_of(fetched_at)
    read = _odd if spec.extractor else extract
    return _replaced(read(page, url, spec=spec, content_type=content_type), spec)


def is_teaser(document: Document) -> bool:
    """Whether the page showed the beginning only, the rest being for those who pay."""
    return any("paywall" in warning for warning in document.warnings)


def _odd(page: bytes, url: str, *, spec: SourceSpec, content_type: str) -> Document:
    """What the spec's own Python extractor makes of the page; its faults are errors of this page, not of the run."""
    advice = f"mend the extractor {spec.extractor!r} of config/sources/{spec.slug}.toml"
    try:
        document = _extractor(spec.extractor)(page, url, spec=spec, content_type=content_type)
    except ExtractionError:
        raise
    except Exception as error:
        raise ExtractionError(
            f"the source's own extractor failed: {type(error).__name__}: {error}", subject=url, advice=advice
        ) from error
    if not isinstance(document, Document):
        raise ExtractionError(
            f"the source's own extractor returned {type(document).__name__}, not a Document", subject=url, advice=advice
        )
    try:
        texts = [block.html for block in document.blocks if block.type not in (BlockType.TABLE, BlockType.CODE)]
        notes = [note.html for note in document.notes]
        for html in (document.title, document.kicker, document.standfirst, *texts, *notes):
            inline_tokens(html)
    except ValueError as error:
        raise ExtractionError(
            f"the source's own extractor made HTML that is not ours: {error}", subject=url, advice=advice
        ) from error
    if not document.title or not document.blocks:
        raise ExtractionError("the source's own extractor found no title, or no text", subject=url, advice=advice)
    return replace(document, extractor=document.extractor or spec.extractor)


@lru_cache(maxsize=100)
def _extractor(name: str) -> Extractor:
    """The function a spec names. Only the configuration gets here: nothing from the web names code."""
    module, _, function = name.partition(":")
    if function:
        return cast("Extractor", getattr(import_module(module), function))
    try:
        return cast("Extractor", load_plugin("extractors", name, {}))
    except ConfigError as error:
        raise ValueError(str(error)) from error


def _replaced(document: Document, spec: SourceSpec) -> Document:
    changes: dict[str, str | tuple[str, ...]] = {}
    for name, pairs in spec.fields.replace.items():
        value = getattr(document, name)
        if name in _LISTS:
            changes[name] = tuple(filter(None, (_in_text(one, pairs) for one in value)))
        else:
            changes[name] = _in_html(value, pairs) if name in _MARKED else _in_text(value, pairs)
    if changes.get("title") == "":
        raise ExtractionError(
            "fields.replace.title leaves nothing of the title",
            subject=document.url,
            advice=f"mend it in config/sources/{spec.slug}.toml",
        )
    return replace(document, **changes) if changes else document  # type: ignore[arg-type]


def _in_text(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for pattern, new in pairs:
        text = re.sub(pattern, new, text)
    return text.strip()


def _in_html(html: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """The same in inline HTML; where that would break its tags, or its text is plain anyway, in the text alone."""
    plain = escape_text(_in_text(inline_text(html), pairs))
    if "<" not in html:
        return plain
    changed = _in_text(html, pairs)
    try:
        inline_tokens(changed)
    except ValueError:
        return plain
    return changed
