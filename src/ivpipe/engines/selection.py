"""Choosing the engine, and cutting what it is to translate into batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ivpipe.engines import Capabilities, Engine, EngineText
from ivpipe.errors import EngineUnavailable
from ivpipe.model.languages import LanguagePair


def no_engine(pair: LanguagePair, reasons: Mapping[str, str]) -> EngineUnavailable:
    """The error where none can translate a pair; it says of each engine why it cannot and what to do."""
    return EngineUnavailable(
        f"no engine can translate {pair} now ({'; '.join(f'{name}: {why}' for name, why in reasons.items())})"
        if reasons
        else f"no engine is configured that could translate {pair}",
        reasons=dict(reasons),
        advice="mend one of them; the translation waits" if reasons else "name one in engines.order of ivpipe.toml",
    )


def usable_engine(engines: Sequence[Engine], pair: LanguagePair) -> Engine:
    """The first engine, in the order given, that can translate the pair now. Raises EngineUnavailable."""
    reasons: dict[str, str] = {}
    for engine in engines:
        problem = engine.problem(pair)
        if problem is None:
            return engine
        reasons[engine.name] = problem
    raise no_engine(pair, reasons)


def batches(texts: Sequence[EngineText], capabilities: Capabilities) -> Iterator[list[EngineText]]:
    """Cut texts, in order, into batches of at most ``max_texts`` and ``max_bytes`` (UTF-8, contexts counted once).

    A text that is too large by itself is a batch of its own, for the engine to accept or refuse.
    """
    batch: list[EngineText] = []
    size = 0
    contexts: set[str] = set()
    for text in texts:
        more = len(text.tagged.encode(errors="replace"))
        context = len(text.context.encode(errors="replace"))
        grown = size + more + (0 if text.context in contexts else context)
        if batch and (len(batch) >= capabilities.max_texts or grown > capabilities.max_bytes):
            yield batch
            batch, contexts = [], set()
            grown = more + context
        batch.append(text)
        contexts.add(text.context)
        size = grown
    if batch:
        yield batch
