"""What the memory has for a text: the same between the same neighbours, the same, and the like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from ivpipe.memory.adapting import adapt, fit_tags
from ivpipe.memory.candidates import candidates
from ivpipe.model import LanguagePair, MemoryEntry, User
from ivpipe.text.inline import plain_text
from ivpipe.text.segments import context_key, segment_key

IN_CONTEXT = 101
TAGS_PENALTY = 1
"""The tags are others than the text's."""
ORIGIN_PENALTY = 5
"""The entry comes from another magazine's memory."""
_SAME = 50
_LONGEST = 5000
"""Characters beyond this are no sentence: they are looked up exactly only."""

_SAME_TEXT = (
    select(MemoryEntry.id)
    .where(
        MemoryEntry.source_lang == bindparam("source"),
        MemoryEntry.target_lang == bindparam("target"),
        MemoryEntry.key == bindparam("key"),
    )
    .order_by(MemoryEntry.changed_at.desc(), MemoryEntry.id.desc())
    .limit(_SAME)
)
_ENTRIES = (
    select(MemoryEntry, func.coalesce(User.display_name, ""))
    .outerjoin(User, User.id == MemoryEntry.user_id)
    .where(MemoryEntry.id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Match:
    """A translation of a text like the one asked for.

    ``score``: 101 in context, 100 the same, below it the likeness in percent of the two plain texts (``rapidfuzz``'s
    ratio, rounded down), less the penalties. ``target`` is tagged text with the tags of the text asked for, or, where
    ``tags_dropped``, with none. ``adapted``: numbers or names in it were changed to those asked for; ``source`` is
    always as stored.
    """

    source: str
    target: str
    score: int
    kind: str
    entry_id: int
    translator: str
    changed_at: datetime
    origin: str
    adapted: bool
    tags_dropped: bool


def lookup(
    session: Session,
    pair: LanguagePair,
    source_tagged: str,
    *,
    before: str = "",
    after: str = "",
    limit: int = 5,
    threshold: int = 70,
) -> list[Match]:
    """The best matches for a tagged text of at least ``threshold``, best first; among equals our own, then the newest.

    ``before`` and ``after`` are the tagged texts beside it. A pair of texts is shown once, however often it is stored.
    Where nobody changed it since, the newest alone tells who and when.
    """
    plain = plain_text(source_tagged)
    ratios: dict[int, float] = dict.fromkeys(_same(session, pair, source_tagged), 100.0)
    if plain.strip() and len(plain) <= _LONGEST:
        rows = candidates(session, pair, plain, threshold)
        texts = [plain_text(source) if "<" in source or "&" in source else source for _, source in rows]
        cutoff = max(0, threshold)
        for _, ratio, index in process.extract(plain, texts, scorer=fuzz.ratio, score_cutoff=cutoff, limit=8 * limit):
            ratios.setdefault(rows[index][0], ratio)
    if not ratios:
        return []
    context = context_key(before, after)
    matches = [
        _match(entry, name or entry.translator, source_tagged, plain, ratios[entry.id], context)
        for entry, name in session.execute(_ENTRIES, {"ids": list(ratios)})
    ]
    matches.sort(
        key=lambda one: (one.score, int(ratios[one.entry_id] * 100), not one.origin, one.changed_at, one.entry_id),
        reverse=True,
    )
    shown: dict[tuple[str, str], Match] = {}
    for match in matches:
        if match.score >= threshold:
            shown.setdefault((match.source, match.target), match)
    return list(shown.values())[:limit]


def _same(session: Session, pair: LanguagePair, source: str) -> list[int]:
    values = {"source": pair.source, "target": pair.target, "key": segment_key(source)}
    return list(session.scalars(_SAME_TEXT, values))


def _match(entry: MemoryEntry, translator: str, source: str, plain: str, ratio: float, context: str) -> Match:
    stored = plain_text(entry.source)
    exact = entry.source == source
    score, kind = int(ratio), "exact" if exact else "fuzzy"
    if exact and context and entry.context == context:
        score, kind = IN_CONTEXT, "context"
    elif plain != stored:
        score = min(score, 99)
    target, tags_kept = entry.target, True
    if not exact:
        target, tags_kept = fit_tags(source, entry.source, target)
    adapted = adapt(plain, stored, target) if plain != stored else None
    penalty = (0 if tags_kept else TAGS_PENALTY) + (ORIGIN_PENALTY if entry.origin else 0)
    return Match(
        entry.source,
        target if adapted is None else adapted,
        score - penalty,
        kind,
        entry.id,
        translator,
        entry.changed_at,
        entry.origin,
        adapted is not None,
        not tags_kept,
    )
