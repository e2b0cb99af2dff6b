"""Which entries may resemble a text: found by its words in the database's own full-text index, the rarest first.

Taking the rarest words first, up to a budget of postings, finds nearly every entry that shares enough of the text; an
entry's worth is the sum of its shared words' rarity, and only the worthiest are read and compared letter by letter.
A plain LIMIT would instead cut off at random. Where a text has common words only, pairs of them stand in for rare ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import combinations
from math import log
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from ivpipe.model import LanguagePair

_WORD = re.compile(r"[^\W_]+")
_COMPARED = 300
"""Entries read and compared for one text."""
_SHORT = 8
_COMPARED_SHORT = 2400
"""The same for texts of at most ``_SHORT`` words, which are cheap to compare and whose words tell less."""
_MOST_WORDS = 60
_CAP = 100_000
"""Words in more entries than this count as equally common; counting further would cost more than it tells."""
_ENOUGH = 3
"""With fewer words than this within the budget, pairs of common ones are looked for too."""
_CACHED_WORDS = 100_000
_READ = 1000


def words(plain: str) -> list[str]:
    """The different words of a plain text in lower case, in order."""
    return list(dict.fromkeys(_WORD.findall(plain.lower())))


def candidates(session: Session, pair: LanguagePair, plain: str) -> list[tuple[int, str]]:
    """(id, tagged source) of the entries that share the rarest words of a plain text, the most promising first."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _sqlite_candidates(connection, pair, plain)
    return _postgres_candidates(connection, pair, plain)


def _choose(counts: dict[str, int], entries: int, budget: int) -> list[tuple[tuple[str, ...], float]]:
    """The terms to look for, each with its worth: the rarest words as far as the budget of postings goes, and pairs of
    the next where those are too few. ``counts``: in how many of the ``entries`` each word stands."""
    rarest = sorted((count, word) for word, count in counts.items() if count)
    worth = {word: log(1 + entries / count) for count, word in rarest}
    terms: list[tuple[tuple[str, ...], float]] = []
    spent = 0
    for count, word in rarest:
        if spent + count > budget:
            break
        spent += count
        terms.append(((word,), worth[word]))
    common = [word for _, word in rarest[len(terms) : len(terms) + 4]]
    if len(terms) < _ENOUGH:
        if len(common) == 1:
            terms.append(((common[0],), worth[common[0]]))
        spent = 0
        for one, other in combinations(common, 2):
            spent += counts[one] * counts[other] // max(1, entries)
            if spent > 2 * budget and terms:
                break
            terms.append(((one, other), worth[one] + worth[other]))
    return terms


def _compared(asked: Sequence[str]) -> int:
    return _COMPARED_SHORT if len(asked) <= _SHORT else _COMPARED


def _lengths(plain: str) -> tuple[int, int]:
    """Between which lengths a tagged source may be at all like a plain text (at 60 %), with room for a few tags."""
    return int(len(plain) * 0.4), int(len(plain) * 2.4) + 60


@dataclass(slots=True)
class _Frequencies:
    """In how many entries words stand, as last counted; ``entries`` is how many there were then."""

    entries: int = -1
    counts: dict[str, int] = field(default_factory=dict)
    unlisted: int = 0
    """PostgreSQL: what to take for a word that is not among the common ones."""


_FREQUENCIES: WeakKeyDictionary[Engine, _Frequencies] = WeakKeyDictionary()


def _frequencies(connection: Connection, entries: int) -> tuple[_Frequencies, bool]:
    """What is known of the words' frequencies, and whether it is too old: the memory has grown by a fifth since."""
    known = _FREQUENCIES.setdefault(connection.engine, _Frequencies())
    stale = (
        known.entries < 0
        or not known.entries <= entries <= known.entries * 1.2 + 1000
        or len(known.counts) > _CACHED_WORDS
    )
    if stale:
        known.entries = entries
        known.counts.clear()
    return known, stale


_SQLITE_BUDGET = 4000
_SQLITE_COUNT = "SELECT count(*) FROM (SELECT 1 FROM memory_words_source WHERE memory_words_source MATCH ? LIMIT ?)"
_SQLITE_POSTINGS = "SELECT rowid FROM memory_words_source WHERE memory_words_source MATCH ? LIMIT ?"
_SQLITE_READ = (
    "SELECT id, source FROM memory_entries WHERE id IN ({}) AND +source_lang = ? AND +target_lang = ? "
    "AND length(source) BETWEEN ? AND ?"
)
"""The plus keeps SQLite from its index on languages, which would lead it through every entry of the pair."""


def _sqlite_candidates(connection: Connection, pair: LanguagePair, plain: str) -> list[tuple[int, str]]:
    def rows(statement: str, *values: Any) -> Sequence[Any]:
        cursor = connection.exec_driver_sql(statement, values).cursor
        return cursor.fetchall() if cursor is not None else []

    [(entries,)] = rows("SELECT coalesce(max(id), 0) FROM memory_entries")
    known, _ = _frequencies(connection, entries)
    connection.exec_driver_sql("PRAGMA cache_size = -65536")  # KiB: the index is read all over
    asked = words(plain)[:_MOST_WORDS]

    for word in asked:
        if word not in known.counts:
            known.counts[word] = rows(_SQLITE_COUNT, f'"{word}"', _SQLITE_BUDGET + 1)[0][0]
    if sum(known.counts[word] <= _SQLITE_BUDGET for word in asked) < _ENOUGH:
        # The common words will have to tell: which of them is the least common?
        for word in asked:
            if known.counts[word] == _SQLITE_BUDGET + 1:
                known.counts[word] += rows(_SQLITE_COUNT, f'"{word}"', _CAP)[0][0]
    worth: dict[int, float] = {}
    chosen = _choose({word: known.counts[word] for word in asked}, entries, _SQLITE_BUDGET)
    for term, value in chosen:
        for (entry,) in rows(_SQLITE_POSTINGS, " AND ".join(f'"{word}"' for word in term), _SQLITE_BUDGET):
            worth[entry] = worth.get(entry, 0.0) + value
    compared = _compared(asked)
    low, high = _lengths(plain)
    found: list[tuple[int, str]] = []
    # Entries of other pairs of languages may crowd out those of this one: then look at more.
    for most in (compared, 8 * compared):
        best = nlargest(most, worth, key=worth.__getitem__) if len(worth) > most else list(worth)
        found = []
        for start in range(0, len(best), _READ):
            some = ",".join(map(str, best[start : start + _READ]))
            found += rows(_SQLITE_READ.format(some), pair.source, pair.target, low, high)
        if found or len(best) == len(worth):
            break
    return found


_POSTGRES_BUDGET = 1500
"""Less than SQLite's: each posting is a row to visit here."""
_POSTGRES_SETTINGS = ("enable_seqscan", "jit", "max_parallel_workers_per_gather")
_POSTGRES_AS_SET = text("SELECT " + ", ".join(f"current_setting('{name}')" for name in _POSTGRES_SETTINGS))
_POSTGRES_SET = text("SELECT " + ", ".join(f"set_config('{name}', :{name}, true)" for name in _POSTGRES_SETTINGS))
_POSTGRES_QUICK = dict(zip(_POSTGRES_SETTINGS, ("off", "off", "0"), strict=True))
"""A few milliseconds' work: compiling it or starting workers would take longer, and a guess about a word that the planner
does not know must not lead it through the whole table."""
_POSTGRES_ENTRIES = text("SELECT coalesce(max(id), 0) FROM memory_entries")
_POSTGRES_WORDS = text("SELECT lexeme FROM unnest(to_tsvector('simple', :plain))")
_POSTGRES_COMMON = text(
    "SELECT word, share FROM (SELECT schemaname, tablename, attname, most_common_elem_freqs AS shares, "
    "CAST(CAST(most_common_elems AS text) AS text[]) AS words FROM pg_stats) AS known, "
    "unnest(words, shares[1\\:cardinality(words)]) AS common(word, share) WHERE schemaname = ANY(current_schemas(false)) "
    "AND tablename = 'memory_words' AND attname = 'source'"
)


def _postgres_candidates(connection: Connection, pair: LanguagePair, plain: str) -> list[tuple[int, str]]:
    before = dict(zip(_POSTGRES_SETTINGS, connection.execute(_POSTGRES_AS_SET).one(), strict=True))
    connection.execute(_POSTGRES_SET, _POSTGRES_QUICK)
    found = _postgres_asked(connection, pair, plain)
    connection.execute(_POSTGRES_SET, before)  # after an error the transaction is over, and they with it
    return found


def _postgres_asked(connection: Connection, pair: LanguagePair, plain: str) -> list[tuple[int, str]]:
    entries = connection.scalar(_POSTGRES_ENTRIES) or 0
    known, stale = _frequencies(connection, entries)
    if stale:
        common = {word: max(1, int(share * entries)) for word, share in connection.execute(_POSTGRES_COMMON)}
        known.counts = common
        known.unlisted = max(1, min(common.values(), default=1) // 2)
    asked = list(connection.scalars(_POSTGRES_WORDS, {"plain": plain}))[:_MOST_WORDS]
    chosen = _choose({word: known.counts.get(word, known.unlisted) for word in asked}, entries, _POSTGRES_BUDGET)
    if not chosen:
        return []
    values: dict[str, Any] = {"source": pair.source, "target": pair.target, "compared": _compared(asked)}
    worth, any_term = [], []
    for number, (term, value) in enumerate(chosen):
        values[f"t{number}"] = " & ".join("'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in term)
        worth.append(f"CASE WHEN w.source @@ CAST(:t{number} AS tsquery) THEN {value * 1000:.0f} ELSE 0 END")
        any_term.append(f"(CAST(:t{number} AS tsquery))")
    statement = (
        "SELECT e.id, e.source FROM (SELECT w.entry_id FROM memory_words w "  # noqa: S608  only numbers of ours are set in
        f"WHERE w.source @@ ({' || '.join(any_term)}) AND w.source_lang = :source AND w.target_lang = :target "
        f"ORDER BY {' + '.join(worth)} DESC LIMIT :compared) best JOIN memory_entries e ON e.id = best.entry_id"
    )
    return [(entry, source) for entry, source in connection.execute(text(statement), values)]
