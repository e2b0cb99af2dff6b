"""What the translation memory has for the editor: matches for a segment and a search of it, ready to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.desk.chips import chips_of, tagged_html
from ivpipe.desk.layout import marked_difference
from ivpipe.errors import NotFound
from ivpipe.memory import concordance, lookup
from ivpipe.model import Article, Change, Draft, DraftSegment, LanguagePair, MemoryEntry, Translation
from ivpipe.model.languages import primary
from ivpipe.text.difference import words_difference
from ivpipe.text.inline import plain_text
from ivpipe.text.plain import folded

FOUND = 20
"""Entries shown of one search."""

_TOKEN = re.compile(r"(\w+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry was approved: a translation's id and the title of its article."""

    translation_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A match beside its segment. ``target`` is the tagged text that would be taken.

    ``source_html`` is the stored sentence marked against the segment's, empty where the two are the same; ``adapted``
    are the numbers and names that were changed in the target, as (stored, here).
    """

    score: int
    in_context: bool
    source_html: Markup
    target: str
    target_html: Markup
    adapted: Sequence[tuple[str, str]]
    tags_dropped: bool
    translator: str
    changed_at: datetime
    origin: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry in which a phrase was found; the phrase is marked on the side it was looked for."""

    source_html: Markup
    target_html: Markup
    translator: str
    changed_at: datetime
    origin: str
    place: Place | None


def suggestions(session: Session, segment_id: int) -> tuple[list[Suggestion], str, str]:
    """What the memory has for a segment, best first, and the languages of source and target. Raises NotFound."""
    row = session.execute(
        select(DraftSegment, Translation.lang, Article.lang)
        .join(Draft, Draft.id == DraftSegment.draft_id)
        .join(Translation, Translation.id == Draft.translation_id)
        .join(Article, Article.id == Translation.article_id)
        .where(DraftSegment.id == segment_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no segment {segment_id}")
    segment, lang, source_lang = row
    before, after = _neighbours(session, segment)
    matches = lookup(session, _pair(source_lang, lang), segment.source, before=before, after=after)
    places = _places(session, (match.entry_id for match in matches))
    chips = chips_of(segment.tags)
    shown = [
        Suggestion(
            match.score,
            match.kind == "context",
            marked_difference(match.source, segment.source),
            match.target,
            tagged_html(match.target, chips),
            _replaced(match.source, segment.source) if match.adapted else (),
            match.tags_dropped,
            match.translator,
            match.changed_at,
            match.origin,
            places.get(match.entry_id),
        )
        for match in matches
    ]
    return shown, source_lang, lang


def search(session: Session, translation_id: int, phrase: str, side: str) -> tuple[list[Hit], str, str]:
    """Entries with a phrase on one side ("source", "target") in a translation's languages, the newest first, and these
    languages. Raises NotFound."""
    row = session.execute(
        select(Article.lang, Translation.lang)
        .join(Article, Article.id == Translation.article_id)
        .where(Translation.id == translation_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no translation {translation_id}")
    source_lang, lang = row
    found = concordance(session, _pair(source_lang, lang), phrase, side=side, limit=FOUND)
    places = _places(session, (entry.entry_id for entry in found))
    hits = [
        Hit(
            marked_phrase(plain_text(entry.source), phrase if side == "source" else ""),
            marked_phrase(plain_text(entry.target), phrase if side == "target" else ""),
            entry.translator,
            entry.changed_at,
            entry.origin,
            places.get(entry.entry_id),
        )
        for entry in found
    ]
    return hits, source_lang, lang


def marked_phrase(text: str, phrase: str) -> Markup:
    """A plain text with each place of the phrase in ``<mark>``; case, accents and what stands between words do not count."""
    wanted = [folded(word) for word in _TOKEN.findall(phrase)]
    pieces = _TOKEN.split(text)  # every other one is a word
    words = [folded(word) for word in pieces[1::2]]
    out: list[Markup] = []
    at = 0
    while at < len(pieces):
        number = at // 2
        if at % 2 and wanted and words[number : number + len(wanted)] == wanted:
            end = at + 2 * len(wanted) - 1
            out.append(Markup("<mark>{}</mark>").format("".join(pieces[at:end])))
            at = end
        else:
            out.append(escape(pieces[at]))
            at += 1
    return Markup("").join(out)


def _pair(source_lang: str, lang: str) -> LanguagePair:
    return LanguagePair(primary(source_lang), primary(lang))


def _neighbours(session: Session, segment: DraftSegment) -> tuple[str, str]:
    """The tagged sources before and after a segment, "" at an end: by them the memory knows a sentence in its context."""
    standing = select(DraftSegment.source).where(
        DraftSegment.draft_id == segment.draft_id, DraftSegment.change != Change.REMOVED
    )
    before = session.scalar(
        standing.where(DraftSegment.position < segment.position).order_by(DraftSegment.position.desc()).limit(1)
    )
    after = session.scalar(
        standing.where(DraftSegment.position > segment.position).order_by(DraftSegment.position).limit(1)
    )
    return before or "", after or ""


def _places(session: Session, entry_ids: Iterable[int]) -> dict[int, Place]:
    """Where entries were approved; imported ones have no such place."""
    return {
        entry_id: Place(translation_id, title)
        for entry_id, translation_id, title in session.execute(
            select(MemoryEntry.id, Translation.id, Article.title)
            .join(Translation, Translation.id == MemoryEntry.translation_id)
            .join(Article, Article.id == Translation.article_id)
            .where(MemoryEntry.id.in_(list(entry_ids)))
        )
    }


def _replaced(stored: str, here: str) -> list[tuple[str, str]]:
    """What differs between two tagged sources of which only numbers and names do, as (stored, here)."""
    pieces = words_difference(plain_text(stored), plain_text(here))
    return list(
        dict.fromkeys(
            (one.strip(), other.strip())
            for (kind, one), (next_kind, other) in pairwise(pieces)
            if (kind, next_kind) == ("removed", "added")
        )
    )
