"""What a run does, row by row: the part of a flow that knows nothing of Prefect.

A flow hands the ids of a chunk to ``Work``, which calls one step for each row and notes an ``Outcome``. A row that fails
says so on itself (the steps record it, with the time of the next try) and never stops the rows after it. Only what
cannot be noted on a row is raised: a database that does not answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from ivpipe.errors import EngineUnavailable, IvpipeError, StoreError
from ivpipe.machine import machine_error
from ivpipe.masking import mask
from ivpipe.model import Article, ArticlePicture, Publication, Translation
from ivpipe.steps import operations
from ivpipe.steps.draft import draft_translation, due_translations
from ivpipe.steps.health import source_states
from ivpipe.steps.ingest import due_articles, fetch_article, poll_source
from ivpipe.steps.merge import due_merges, prepare_merge
from ivpipe.steps.pictures import due_pictures, take_picture, want_before
from ivpipe.steps.publish import due_publications, pause, publish
from ivpipe.steps.workers import has_died, only_one, worker_name
from ivpipe.store.rows import Leased, LeasedRow, record_failure
from ivpipe.wiring import App

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]

LARGEST_CHUNK = 50
_CHUNKS = 10
_LIMIT = 5000

BAD_HEALTH = "in bad health"

DONE = frozenset(
    {"read", "new", "changed", "unchanged", "duplicate", "unwanted", "taken"}
    | {"drafted", "prepared", "published", "withdrawn"}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. ``what``: "source", "article", "picture", "translation", "publication".

    ``outcome``: the step's word for it, or "failed", "waits" (no engine usable), "busy", "not due". ``detail`` is the
    failure in words, or what there is to tell of a success.
    """

    what: str
    id: str
    outcome: str
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", mask(self.detail))  # logs, artifacts, states and our record tell it


class RunFailed(IvpipeError):
    """A run that brought nothing, or not what it is there for; the message is what its operator reads."""


class Work:
    """One run over an open App. Its methods may be called from several threads, engines excepted."""

    def __init__(
        self,
        app: App,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.app = app
        self.sleep = sleep
        self.store = app.store
        self.clock = clock
        self.owner = worker_name()
        self.outcomes: list[Outcome] = []
        self._adding = threading.Lock()
        self._locks = ExitStack()
        self._held: dict[str, bool] = {}
        self._reasons: Counter[str] = Counter()
        self._alarms: list[str] = []
        self._broken_off: dict[tuple[str, int | str], str] = {}
        """Why the database stopped work on a row; the row itself could not be told. Forgotten when it is done after all."""

    def __enter__(self) -> Work:
        operations.free_leases(self.store, has_died)
        operations.close_dead_runs(self.store, has_died, self.clock())
        return self

    def __exit__(self, *_exc: object) -> None:
        self._locks.close()

    def alone(self, name: str) -> bool:
        """Take this machine's lock for a kind of work until the run ends; False where another run has it."""
        with self._adding:
            if not self._held.get(name):
                self._held[name] = self._locks.enter_context(only_one(self.app.settings.data / "locks", name))
            return self._held[name]

    # -- ingest

    def sources(self, slug: str | None) -> list[str]:
        """The slugs to ingest: the one asked for (NotFound where there is none such), or all that are switched on."""
        return [self.app.source(slug).slug] if slug else [spec.slug for spec in self.app.sources]

    def poll(self, slug: str, log: Log) -> list[Outcome]:
        """Look at a source's feeds."""
        if not self.alone(f"ingest-{slug}"):
            return [self._note(Outcome("source", slug, "busy", "another run is reading it"), log)]
        try:
            polled = poll_source(self.store, self.app.source(slug), self.app.fetcher, self.clock())
        except StoreError as error:
            self._broken_off["source", slug] = str(error)
            raise
        except IvpipeError as error:
            return [self._note(Outcome("source", slug, "failed", str(error)), log)]
        self._broken_off.pop(("source", slug), None)
        for warning in polled.warnings:
            log.warning("source %s: %s", slug, warning)
        detail = "nothing has changed" if polled.unchanged else f"{polled.found} announced, {polled.new} new"
        return [self._note(Outcome("source", slug, "read", detail), log)]

    def articles(self, slug: str) -> list[int]:
        """Ids of a source's articles whose page is to be read; none where another run is reading that source."""
        return due_articles(self.store, slug, self.clock(), _LIMIT) if self.alone(f"ingest-{slug}") else []

    def fetch(self, slug: str, ids: Sequence[int], log: Log) -> list[Outcome]:
        """Fetch and read a chunk of a source's articles."""
        spec, languages = self.app.source(slug), self.app.settings.magazine.languages

        def fetch(row_id: int) -> tuple[str, str]:
            fetched = fetch_article(self.store, row_id, spec, self.app.fetcher, languages, self.clock(), self.owner)
            return fetched.outcome, "; ".join(fetched.warnings)

        return self._each("article", Article, ids, fetch, log)

    def pictures(self, slug: str) -> list[int]:
        """Ids of the pictures to take from a source; none where another run is reading that source."""
        if self.app.source(slug).pictures == "none" or not self.alone(f"ingest-{slug}"):
            return []
        return due_pictures(self.store, self.clock(), source=slug, limit=_LIMIT)

    def take(self, slug: str, ids: Sequence[int], log: Log) -> list[Outcome]:
        """Take a chunk of a source's pictures."""
        spec, folder = self.app.source(slug), self.app.settings.pictures

        def take(row_id: int) -> tuple[str, str]:
            taken = take_picture(self.store, row_id, spec, self.app.fetcher, folder, self.clock(), self.owner)
            return taken.outcome, taken.detail

        return self._each("picture", ArticlePicture, ids, take, log)

    def alarm(self, log: Log) -> dict[str, str]:
        """Say which sources are in bad health. A run after which one is that was not after the run before fails with the
        reasons: whoever is told of failed runs is told of it, once. Returns their slugs for the run's record."""
        states = source_states(self.store, self.sources(None), self.clock()).values()
        bad = {
            state.slug: f"its health has fallen to {state.health.score} of 100: {'; '.join(state.health.reasons)}"
            for state in states
            if state.health.grade == "bad"
        }
        known = str(operations.last_counts(self.store, "ingest").get(BAD_HEALTH, "")).split(", ")
        for slug, why in bad.items():
            log.warning("source %s: %s", slug, why)
            if slug not in known:
                self._alarms.append(f"{slug}: {why}")
        return {BAD_HEALTH: ", ".join(bad)} if bad else {}

    # -- translate

    def translations(self) -> list[int]:
        """Ids of the translations to draft, then of those whose merge to prepare; none where another run on this machine
        is drafting."""
        if not self.alone("translate"):
            return []
        now = self.clock()
        return [*due_translations(self.store, now, _LIMIT), *due_merges(self.store, now, _LIMIT)]

    def draft(self, ids: Sequence[int], log: Log) -> list[Outcome]:
        """Draft a chunk of translations, or prepare their merge. Engines are used from one thread at a time: so must this be."""
        merges = set(due_merges(self.store, self.clock(), _LIMIT))

        def draft(row_id: int) -> tuple[str, str]:
            done = draft_translation(self.store, row_id, self.app.engines, self.clock(), self.owner, self.app.terms)
            if done.outcome == "not due" and row_id in merges:
                sent = prepare_merge(self.store, row_id, self.app.engines, self.clock(), self.owner, self.app.terms)
                return "prepared", f"its source has changed: {sent} segments translated ahead of the merge"
            if done.outcome != "drafted":
                return done.outcome, ""
            by = f"{done.sent} sent to {done.engine}" if done.engine else "no engine needed"
            return (
                done.outcome,
                f"{done.segments} segments: {done.reused} reused, {by}, {done.billed} characters billed",
            )

        return self._each("translation", Translation, ids, draft, log)

    @property
    def waiting(self) -> dict[str, int]:
        """Why translations wait for an engine, each reason with the number of those that do."""
        return dict(self._reasons)

    # -- publish

    def publications(self) -> dict[str, list[int]]:
        """Ids of the publications to bring up to date, by target; without targets that another run is serving."""
        by_target: dict[str, list[int]] = {}
        for row_id, target in due_publications(
            self.store, [target.slug for target in self.app.targets], self.clock(), _LIMIT
        ):
            by_target.setdefault(target, []).append(row_id)
        return {target: ids for target, ids in by_target.items() if self.alone(f"publish-{target}")}

    def publish(self, target: str, ids: Sequence[int], log: Log) -> list[Outcome]:
        """Make a chunk of one target's pages what they should be."""
        publisher, imprint = self.app.publisher(target), self.app.imprint(target)

        pace = self.app.settings.targets[target].pace

        def make_live(row_id: int) -> tuple[str, str]:
            self._take_before(row_id, log)
            self.sleep(pause(self.store, target, pace, self.clock()))
            done = publish(self.store, row_id, publisher, imprint, self.clock(), self.owner)
            return done.outcome, done.url

        return self._each("publication", Publication, ids, make_live, log)

    def _take_before(self, publication_id: int, log: Log) -> None:
        """Take what a page still lacks of pictures; one that does not come now is shown on the page when it does."""
        wanted = want_before(self.store, publication_id, self.app.settings.sources)
        if wanted is not None:
            source, article = wanted
            self.take(source, due_pictures(self.store, self.clock(), article=article), log)

    # -- reconcile

    def heal(self, log: Log) -> dict[str, int]:
        """Mend what a dead worker or an absent person left; counts by what was done."""
        healed = operations.reconcile(self.store, self.clock())
        for what, number in healed.items():
            if number:
                log.warning("%s: %s", what, number)
        return healed

    # -- all

    def _each(
        self,
        what: str,
        table: Leased,
        ids: Sequence[int],
        step: Callable[[int], tuple[str, str]],
        log: Log,
    ) -> list[Outcome]:
        done_before = {outcome.id for outcome in self.outcomes if outcome.what == what}
        todo = [row_id for row_id in ids if str(row_id) not in done_before]  # a chunk may be tried again
        if todo:
            log.info("%s due: %s", f"{what}s", ", ".join(map(str, todo)))
        outcomes = []
        for row_id in todo:
            try:
                word, detail = step(row_id)
            except StoreError as error:
                self._broken_off[what, row_id] = str(error)
                raise
            except EngineUnavailable as error:
                reason = f"{error.message} — {error.advice}" if error.advice else error.message
                self._reasons[reason] += 1
                if self._reasons[reason] == 1:
                    log.warning("%s", reason)
                word, detail = "waits", reason
            except IvpipeError as error:
                word, detail = "failed", str(error)
            except Exception as error:
                # A full disk met anywhere; or a fault of ours or of a plug-in, which must stop this row only, and be seen.
                failure: IvpipeError | None = machine_error(error)
                if failure is None:
                    log.exception("%s %s: an unforeseen error", what, row_id)
                    said = f"unforeseen: {type(error).__name__}: {error}"
                    failure = IvpipeError(said, advice="the run's log has the details; please report it")
                word, detail = "failed", str(failure)
                with self.store.write() as session:
                    record_failure(cast("LeasedRow", session.get_one(table, row_id)), failure, self.clock())
            self._broken_off.pop((what, row_id), None)
            outcomes.append(self._note(Outcome(what, str(row_id), word, detail), log, alone=len(todo) == 1))
        if len(outcomes) > 1:
            # One line for the chunk: a line of log costs the server about as much as a row costs us.
            by_word: dict[str, list[str]] = {}
            for outcome in outcomes:
                by_word.setdefault(outcome.outcome, []).append(outcome.id)
            told = "; ".join(f"{word}: {', '.join(row_ids)}" for word, row_ids in by_word.items())
            log.info("%ss %s", what, told)
        return outcomes

    def _note(self, outcome: Outcome, log: Log, *, alone: bool = True) -> Outcome:
        with self._adding:
            self.outcomes.append(outcome)
        if outcome.outcome == "failed":
            level = logging.ERROR
        else:
            level = logging.INFO if alone and outcome.outcome != "waits" else logging.DEBUG
        detail = f" ({outcome.detail})" if outcome.detail else ""
        log.log(level, "%s %s: %s%s", outcome.what, outcome.id, outcome.outcome, detail)
        return outcome

    def counts(self) -> dict[str, int]:
        """How many rows had which outcome: ours, as ``runs.counts`` keeps them. "failed" includes those that wait."""
        counts = Counter(outcome.outcome for outcome in self.outcomes)
        counts["failed"] += counts.pop("waits", 0)
        return {word: number for word, number in sorted(counts.items()) if number}

    def verdict(self) -> str:
        """The run in one line. Raises RunFailed where a whole source could not be read or has fallen ill, no engine was
        usable, the database broke work off (a full disk, say), or nothing at all succeeded; a row that failed among others
        that did not is no failure of the run."""
        line = sentence(self.outcomes)
        troubles = [f"{o.id}: {o.detail}" for o in self.outcomes if o.what == "source" and o.outcome == "failed"]
        troubles += self._alarms
        troubles += dict.fromkeys(self._broken_off.values())
        troubles += [f"{number} wait: {reason}" for reason, number in self._reasons.items()]
        rows = [outcome for outcome in self.outcomes if outcome.what != "source"]
        failed = [outcome for outcome in rows if outcome.outcome == "failed"]
        if failed and not any(outcome.outcome in DONE for outcome in rows):
            troubles.append(f"{failed[0].what} {failed[0].id}: {failed[0].detail}")
        if troubles:
            raise RunFailed("\n".join([line, *troubles]))
        return line


def chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    """Cut a backlog into about ten tasks, of one row each where there are few and of fifty at most where there are many:
    a task costs Prefect as much as a row costs us."""
    size = min(LARGEST_CHUNK, max(1, -(-len(ids) // _CHUNKS)))
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def sentence(outcomes: Sequence[Outcome]) -> str:
    """ "articles: 3 new, 1 failed; sources: 2 read", or "nothing to do"."""
    by_kind: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        by_kind.setdefault(outcome.what, Counter())[outcome.outcome] += 1
    return (
        "; ".join(
            f"{what}s: " + ", ".join(f"{number} {word}" for word, number in counter.most_common())
            for what, counter in by_kind.items()
        )
        or "nothing to do"
    )


def due_somewhere(app: App, flow: str) -> list[str]:
    """Where there is something due now for "publish" (target slugs) or "translate" (["translations"]): two cheap queries."""
    now = datetime.now(UTC)
    if flow == "translate":
        return ["translations"] if due_translations(app.store, now, 1) or due_merges(app.store, now, 1) else []
    targets = [target.slug for target in app.targets]
    return [target for target in targets if due_publications(app.store, [target], now, 1)]
