"""Effort: how much work a machine's draft left to people, as the trade measures it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from rapidfuzz.distance import Levenshtein
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivpipe.model import Change, Draft, DraftSegment, SegmentEdit
from ivpipe.text.inline import plain_text

_WORD = re.compile(r"\w+|[^\w\s]")
_ORDER = 6
_BETA = 2
_BREAK_SECONDS = 300.0
"""A gap between two saves from which on it counts as a break, not as work."""


@dataclass(frozen=True, slots=True)
class Effort:
    """``hter`` and ``chrf`` are None where the machine wrote nothing; ``segments`` counts those it wrote."""

    hter: float | None
    chrf: float | None
    seconds: int
    segments: int


def measure_draft(session: Session, draft: Draft) -> Effort:
    """Compare what the machine wrote with what the draft now says, and count the time people spent on it.

    Only segments that a machine translated and nobody has reworded since at the source are compared, without tags.
    """
    session.flush()
    compared = [row for row in draft.segments if row.machine and row.change is Change.NONE and row.target.strip()]
    machine = [plain_text(row.machine) for row in compared]
    approved = [plain_text(row.target) for row in compared]
    saves = session.execute(
        select(SegmentEdit.user_id, SegmentEdit.at)
        .join(DraftSegment, DraftSegment.id == SegmentEdit.segment_id)
        .where(DraftSegment.draft_id == draft.id)
        .order_by(SegmentEdit.at)
    )
    return Effort(
        hter(machine, approved) if compared else None,
        chrf(machine, approved) if compared else None,
        editing_seconds((user, at) for user, at in saves),
        len(compared),
    )


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """What became of an engine's drafts that were approved: how many, and of them the means of ``hter``, ``chrf`` and
    ``seconds`` (None: nothing to compare) and the characters billed and saved by the memory."""

    engine: str
    drafts: int
    hter: float | None
    chrf: float | None
    seconds: float
    billed: int
    saved: int


def engine_records(session: Session, since: datetime) -> list[EngineRecord]:
    """The record of each engine over the drafts made since a time and approved, by name; "deepl, apertium" is one of
    its own, and "" are those that no engine had a part in."""
    rows = session.execute(
        select(
            Draft.engine,
            func.count(Draft.id),
            func.avg(Draft.hter),
            func.avg(Draft.chrf),
            func.avg(Draft.seconds),
            func.sum(Draft.billed),
            func.sum(Draft.saved),
        )
        .where(Draft.seconds.is_not(None), Draft.created_at >= since)
        .group_by(Draft.engine)
        .order_by(Draft.engine)
    )
    return [
        EngineRecord(engine, number, hter, chrf, float(seconds), int(billed), int(saved))
        for engine, number, hter, chrf, seconds, billed, saved in rows
    ]


def hter(machine: Sequence[str], approved: Sequence[str]) -> float:
    """Edits per word of the approved texts: words and signs to insert, delete or replace; 0 is untouched.

    Moved words count as deleted and inserted, where the TER of the papers counts a shift as one edit.
    """
    edits = words = 0
    for before, after in zip(machine, approved, strict=True):
        written = _WORD.findall(after)
        edits += Levenshtein.distance(_WORD.findall(before), written)
        words += len(written)
    return edits / words if words else 0.0


def chrf(machine: Sequence[str], approved: Sequence[str]) -> float:
    """chrF2 over all the texts, 0–100, as sacreBLEU computes it by default (Popović 2015: characters, orders 1–6)."""
    precision = recall = 0.0
    orders = 0
    for order in range(1, _ORDER + 1):
        had = wanted = matched = 0
        for before, after in zip(machine, approved, strict=True):
            mine, theirs = _ngrams(before, order), _ngrams(after, order)
            had += mine.total() if theirs else 0
            wanted += theirs.total()
            matched += (mine & theirs).total()
        if had and wanted:
            precision += matched / had
            recall += matched / wanted
            orders += 1
    if not precision or not recall:
        return 0.0
    precision, recall = precision / orders, recall / orders
    return 100 * (1 + _BETA**2) * precision * recall / (_BETA**2 * precision + recall)


def _ngrams(text: str, order: int) -> Counter[str]:
    text = "".join(text.split())
    return Counter(text[at : at + order] for at in range(len(text) - order + 1))


def editing_seconds(saves: Iterable[tuple[int | None, datetime]]) -> int:
    """Time spent in the editor: the gaps between each person's saves, in order of time, breaks left out.

    What came before the first save cannot be seen and is not in it.
    """
    by_person: dict[int | None, list[datetime]] = defaultdict(list)
    for person, at in saves:
        by_person[person].append(at)
    gaps = ((after - before).total_seconds() for times in by_person.values() for before, after in pairwise(times))
    return round(sum(gap for gap in gaps if gap < _BREAK_SECONDS))
