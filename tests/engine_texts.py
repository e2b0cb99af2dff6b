"""Sentences with nested tags, made by a generator, and counting what an engine does to them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ivpipe.engines import Engine, EngineOptions, EngineText
from ivpipe.engines.selection import batches
from ivpipe.engines.tagged import frozen_tags
from ivpipe.model.languages import LanguagePair
from ivpipe.text.inline import escape_text, marks, plain_text, tag_problem

_PROSE = """la grève tient depuis trois semaines dans le port du Havre et personne ne travaille à Paris Marie Dupont 25 % 1968
l’État l’appel du 12 juin « selon le comité » R&D les dockers qui ne cèdent pas aux menaces d’un patronat a<b aujourd’hui
Jean-Luc n’a rien dit ; on verra (peut-être) : demain, après-demain"""
_WORDS = _PROSE.split()


def tagged_sentences(count: int, seed: int) -> list[str]:
    """Different tagged sentences: 3 to 30 words, 0 to 7 tags, paired ones up to four deep, and tags without text."""
    chance = random.Random(seed)
    return [_sentence(chance, number) for number in range(count)]


def _sentence(chance: random.Random, number: int) -> str:
    words = [escape_text(chance.choice(_WORDS)) for _ in range(chance.randint(3, 30))]
    words[0] = f"{words[0].capitalize()} {number}"
    next_tag = 0
    tags_left = chance.randint(0, 7)

    def build(low: int, high: int, depth: int) -> str:
        nonlocal next_tag, tags_left
        out: list[str] = []
        at = low
        while at < high:
            if tags_left and chance.random() < 0.35:
                tags_left -= 1
                next_tag += 1
                mine = next_tag
                if chance.random() < 0.3:
                    glued = chance.random() < 0.5
                    piece = f"<{mine}/>"
                    out.append(f"{out.pop()}{piece}" if glued and out else piece)
                    continue
                end = chance.randint(at + 1, high)
                inside = build(at, end, depth + 1) if depth < 4 else " ".join(words[at:end])
                out.append(f"<{mine}>{inside}</{mine}>")
                at = end
            else:
                out.append(words[at])
                at += 1
        return " ".join(out)

    text = build(0, len(words), 0)
    return f"{text}{chance.choice(('.', ' !', ' ?', '…', f'.<{next_tag + 1}/>'))}"


@dataclass
class Losses:
    """What came back otherwise than it was sent; ``uncertain`` counts places that were guesses, which is no fault."""

    sentences: int = 0
    lost: int = 0
    added: int = 0
    badly_nested: int = 0
    empty: int = 0
    failed: int = 0


def losses(engine: Engine, texts: Sequence[str], counted: dict[str, int] | None = None) -> Losses:
    """Send texts through an engine in its own batches and count the faults."""
    found = Losses()
    for batch in batches([EngineText(text) for text in texts], engine.capabilities()):
        for text, result in zip(batch, engine.translate(batch, LanguagePair("fr", "en"), EngineOptions()), strict=True):
            found.sentences += 1
            if counted is not None:
                counted["uncertain"] = counted.get("uncertain", 0) + result.uncertain
            if result.error is not None:
                found.failed += 1
                continue
            sent, got = sorted(marks(text.tagged)), sorted(marks(result.tagged))
            found.lost += any(sent.count(mark) > got.count(mark) for mark in sent)
            found.added += any(got.count(mark) > sent.count(mark) for mark in got)
            problem = tag_problem(result.tagged, frozen_tags(text.tagged))
            found.badly_nested += problem is not None
            found.empty += not plain_text(result.tagged).strip()
    return found
