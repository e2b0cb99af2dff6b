"""Answers: asking engines in their order, keeping what they say, never asking (nor paying) for the same twice.

One engine makes a draft. Only where it cannot go on by itself (a key refused, a quota used up, a pair or a text it does
not take) the next one that can takes over what is missing; where trying again may help (an outage, too many requests)
the translation waits instead. A segment names the engine that translated it, a draft all of them.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ivpipe.engines import Engine, EngineOptions, EngineResult, EngineText
from ivpipe.engines.selection import batches, no_engine
from ivpipe.engines.tagged import frozen_tags
from ivpipe.errors import BudgetSpent, EngineError, EnginePermanent, EngineTransient, StoreError
from ivpipe.model import Change, DraftSegment, LanguagePair, MachineTranslation, Origin
from ivpipe.steps.cost import Terms
from ivpipe.steps.ledger import Ledger
from ivpipe.store import Store
from ivpipe.store.rows import insert_missing
from ivpipe.text.inline import plain_text, tag_problem

_CHUNK = 500
_CONTEXT_CHARACTERS = 300
_RENEW_SECONDS = 60.0
_HARMLESS = EngineText("1")
"""What any engine translates that works at all."""
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

Renew = Callable[[Session], None]


@dataclass(slots=True)
class Answers:
    """What engines answered, by the key of the text; ``engine`` tells who. What none could translate is in ``failed``,
    with the reason. ``sent`` counts texts sent now, ``billed`` and ``cached`` characters: paid now, and had before."""

    found: dict[str, EngineResult] = field(default_factory=dict)
    engine: dict[str, str] = field(default_factory=dict)
    failed: dict[str, EngineError] = field(default_factory=dict)
    sent: int = 0
    billed: int = 0
    cached: int = 0

    @property
    def engines(self) -> list[str]:
        """Names of all the engines that translated something, the first first."""
        return list(dict.fromkeys(self.engine.values()))

    def take(self, engine: str, key: str, result: EngineResult) -> None:
        """Enter an answer."""
        self.found[key], self.engine[key] = result, engine
        self.failed.pop(key, None)


def wanting(rows: Sequence[DraftSegment]) -> list[DraftSegment]:
    """The segments that an engine is asked for: those without text, and reworded ones without a suggestion."""
    return [row for row in rows if row.origin is Origin.NONE or (row.change is Change.CHANGED and not row.suggestion)]


def engine_texts(rows: Sequence[DraftSegment]) -> dict[str, EngineText]:
    """What to ask for: the text of each wanting segment by its key, each once, with the plain text around as context."""
    wanted = {row.key for row in wanting(rows)}
    texts: dict[str, EngineText] = {}
    for index, row in enumerate(rows):
        if row.key in wanted and row.key not in texts:
            near = [
                plain_text(near.source) for near in (*rows[max(0, index - 1) : index], *rows[index + 1 : index + 2])
            ]
            texts[row.key] = EngineText(row.source, "\n".join(near)[:_CONTEXT_CHARACTERS])
    return texts


def ask_engines(
    store: Store | None,
    texts: Mapping[str, EngineText],
    pair: LanguagePair,
    engines: Sequence[Engine],
    terms: Terms,
    now: datetime,
    *,
    options: EngineOptions = EngineOptions(),  # noqa: B008  frozen
    translation_id: int | None = None,
    renew: Renew | None = None,
    owner: str = "",
) -> Answers:
    """Have texts translated, each given by its key (``text.segments.segment_key``).

    Answers had before are taken from the store; new ones go there batch by batch, so that a death in between costs at
    most the batch in flight, which the ledger has counted by then (``steps.ledger``; ``owner`` is the worker's name);
    ``renew`` is called in the same transaction, and every minute in between. ``store`` None remembers nothing and heeds no
    budget. Raises EngineUnavailable where no engine is usable, BudgetSpent before anything
    is sent that would go beyond the budget, and the EngineError that kept the last engine from going on.
    """
    answers = Answers()
    reasons: dict[str, str] = {}
    failure: EngineError | None = None
    asked = False
    for engine in terms.engines_for(engines, pair):
        missing = [key for key in texts if key not in answers.found]
        known = stored_answers(store, engine, pair, missing, options)
        for key, result in known.items():
            answers.take(engine.name, key, result)
            answers.cached += len(plain_text(texts[key].tagged))
        missing = [key for key in missing if key not in known]
        if not missing:
            return answers
        problem = engine.problem(pair)
        if problem is not None:
            reasons[engine.name] = problem
            continue
        asked = True
        ledger = Ledger(store, engine, terms, now, translation_id, owner) if store is not None else None
        asking = _Asking(store, ledger, engine, pair, options, now, renew)
        try:
            asking.send({key: texts[key] for key in missing}, answers)
        except EngineError as error:
            if error.retryable or isinstance(error, BudgetSpent):
                raise
            failure = error
        if len(answers.found) == len(texts):
            return answers
    left = [key for key in texts if key not in answers.found]
    if not left:
        return answers
    if failure is not None and any(key not in answers.failed for key in left):
        raise failure
    if not asked:
        raise no_engine(pair, reasons)
    if not answers.found:
        raise answers.failed[left[0]]
    return answers


def answer_key(key: str, variant: str) -> str:
    """Under which an engine's answer is kept: by the text and by what else decided it. 64 characters at most."""
    return hashlib.sha256(f"{key} {variant}".encode()).hexdigest() if variant else key


def stored_answers(
    store: Store | None,
    engine: Engine,
    pair: LanguagePair,
    keys: Sequence[str],
    options: EngineOptions = EngineOptions(),  # noqa: B008  frozen
) -> dict[str, EngineResult]:
    """The answers an engine gave before, as it is set up now, to the texts with these keys."""
    if store is None or not keys:
        return {}
    variant = engine.variant(pair, options)
    texts = {answer_key(key, variant): key for key in keys}
    wanted = list(texts)
    found: dict[str, EngineResult] = {}
    with store.read() as session:
        for start in range(0, len(wanted), _CHUNK):
            for row in session.scalars(
                select(MachineTranslation).where(
                    MachineTranslation.engine == engine.name,
                    MachineTranslation.source_lang == pair.source,
                    MachineTranslation.target_lang == pair.target,
                    MachineTranslation.key.in_(wanted[start : start + _CHUNK]),
                )
            ):
                found[texts[row.key]] = EngineResult(row.target, 0, row.uncertain)
    return found


@dataclass(slots=True)
class _Asking:
    """One engine being asked for one translation."""

    store: Store | None
    ledger: Ledger | None
    engine: Engine
    pair: LanguagePair
    options: EngineOptions
    now: datetime
    renew: Renew | None

    def send(self, texts: Mapping[str, EngineText], answers: Answers) -> None:
        """Ask for all of them, batch after batch."""
        todo = list(texts)
        for batch in batches(list(texts.values()), self.engine.capabilities()):
            keys, todo = todo[: len(batch)], todo[len(batch) :]
            still_to_come = sum(len(plain_text(texts[key].tagged)) for key in todo)
            with self._holding():
                results = self._translated(batch, still_to_come)
            fits = len(results) == len(batch)
            checked = list(map(self._checked, batch, results)) if fits else []
            good = {key: result for key, result in zip(keys, checked, strict=False) if result.error is None}
            self._keep(good)
            answers.sent += len(batch)
            answers.billed += sum(result.billed for result in results)
            if not fits:
                raise self._lost_count(len(results), len(batch))
            for key, result in zip(keys, checked, strict=True):
                if result.error is None:
                    answers.take(self.engine.name, key, result)
                else:
                    answers.failed[key] = result.error
            for result in checked:
                if result.error is not None and result.error.retryable:
                    raise result.error

    @contextmanager
    def _holding(self) -> Iterator[None]:
        """Renew while the engine takes its time: a slow model, or a text that hangs a program, outlasts a lease, and
        another worker would pay for the same batch."""
        store, renew = self.store, self.renew
        if store is None or renew is None:
            yield
            return
        done = threading.Event()

        def hold() -> None:
            while not done.wait(_RENEW_SECONDS):
                with suppress(StoreError, DBAPIError), store.write() as session:
                    renew(session)

        holder = threading.Thread(target=hold, name="ivpipe-lease", daemon=True)
        holder.start()
        try:
            yield
        finally:
            done.set()
            holder.join()

    def _request(self, texts: Sequence[EngineText], still_to_come: int = 0) -> list[EngineResult]:
        """One call of the engine, counted before it is made and settled after it. A process that dies meanwhile, and any
        error that is not an engine's, leaves it counted."""
        if self.ledger is None:
            return self.engine.translate(texts, self.pair, self.options)
        use = self.ledger.reserve(texts, still_to_come)
        options = replace(self.options, before_resend=partial(self.ledger.reserve_more, use))
        try:
            results = self.engine.translate(texts, self.pair, options)
        except EngineError as error:
            self.ledger.give_up(use, may_bill=error.may_bill)
            raise
        self.ledger.settle(use, sum(result.billed for result in results))
        return results

    def _translated(self, batch: Sequence[EngineText], still_to_come: int) -> list[EngineResult]:
        """What the engine makes of a batch. Where it refuses the batch for good, but not a harmless text, those that it
        refuses are found and given up alone."""
        try:
            return self._request(batch, still_to_come)
        except EnginePermanent as error:
            try:
                results = self._request([_HARMLESS])
            except EngineError:
                raise error from None
            if any(result.error for result in results):
                raise
            cost = sum(result.billed for result in results)
            first, *others = self._apart(batch, error)
            return [replace(first, billed=first.billed + cost), *others]

    def _apart(self, batch: Sequence[EngineText], error: EngineError) -> list[EngineResult]:
        """The halves of a refused batch, each by itself, down to single texts. What comes back is kept, whatever follows."""
        if len(batch) == 1:
            return [EngineResult("", error=error)]
        results: list[EngineResult] = []
        for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
            try:
                answers = self._request(half)
                if len(answers) != len(half):
                    raise self._lost_count(len(answers), len(half))
                results += answers
            except EnginePermanent as refusal:
                results += self._apart(half, refusal)
            except EngineError as failure:
                results += [EngineResult("", error=failure) for _text in half]
        return results

    def _lost_count(self, answered: int, asked: int) -> EngineTransient:
        return EngineTransient(
            f"{self.engine.name} answered {answered} texts for {asked}",
            advice="it will be tried again; if it lasts, put another engine first in engines.order of ivpipe.toml",
        )

    def _checked(self, text: EngineText, result: EngineResult) -> EngineResult:
        """Trust nothing: the tags and the presence of text are verified here for all engines."""
        if result.error is not None:
            return result
        result = replace(result, tagged=_UNSTORABLE.sub("", result.tagged))
        sent, got = plain_text(text.tagged).strip(), plain_text(result.tagged).strip()
        problem = tag_problem(result.tagged, frozen_tags(text.tagged))
        if not problem and (got or not sent):
            return result
        what = f"broken markup ({problem})" if problem else "nothing"
        error = EnginePermanent(
            f"{self.engine.name} answered {what} for “{sent[:80]}”", advice="translate that sentence by hand"
        )
        return EngineResult("", result.billed, error=error)

    def _keep(self, good: Mapping[str, EngineResult]) -> None:
        """Write down the answers."""
        if self.store is None:
            return
        variant = self.engine.variant(self.pair, self.options)
        with self.store.write() as session:
            insert_missing(
                session,
                MachineTranslation,
                [
                    {
                        "engine": self.engine.name,
                        "source_lang": self.pair.source,
                        "target_lang": self.pair.target,
                        "key": answer_key(key, variant),
                        "target": result.tagged,
                        "uncertain": result.uncertain,
                        "created_at": self.now,
                    }
                    for key, result in good.items()
                ],
            )
            if self.renew is not None:
                self.renew(session)
