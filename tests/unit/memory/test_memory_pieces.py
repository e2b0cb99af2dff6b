from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, func, select
from tests.builders import NOW

from ivpipe.memory import add_units, concordance, lookup, pieces
from ivpipe.model import LanguagePair, MemoryEntry, MemoryPiece, MemoryUnit, MemoryWord
from ivpipe.store import Store

PAIR = LanguagePair("fr", "en")


def add(store: Store, texts: Sequence[str], target_lang: str = "en") -> None:
    with store.write() as session:
        add_units(session, [MemoryUnit("fr", target_lang, one, f"T {one}") for one in texts], "", NOW)


def sizes(store: Store, side: str = "source", target_lang: str = "en") -> list[int]:
    with store.read() as session:
        return list(
            session.scalars(
                select(MemoryPiece.entries)
                .where(MemoryPiece.side == side, MemoryPiece.target_lang == target_lang)
                .order_by(MemoryPiece.first)
            )
        )


def found(store: Store, query: str) -> list[str]:
    with store.read() as session:
        return [match.source for match in lookup(session, PAIR, query)]


def test_pieces_grow_as_entries_come(store: Store) -> None:
    seen = []
    for number in range(6):
        add(store, [f"Phrase {number} numéro {one}" for one in range(10)])
        seen.append(sizes(store))
    assert seen == [[10], [20], [20, 10], [40], [40, 10], [40, 20]]
    assert sizes(store, "target") == [40, 20]
    assert [found(store, f"Phrase {number} numéro 7 !")[0] for number in range(6)] == [
        f"Phrase {number} numéro 7" for number in range(6)
    ]
    with store.read() as session:
        known = set(session.scalars(select(MemoryPiece.id)))
        assert set(session.scalars(select(MemoryWord.piece_id))) == known


def test_pieces_have_a_largest_size(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LARGEST", 25)
    for number in range(4):
        add(store, [f"Phrase {number} numéro {one}" for one in range(10)])
    assert sizes(store) == [20, 20]


def test_pieces_are_of_one_pair_each(store: Store) -> None:
    for number in range(3):
        add(store, [f"Un port, {number}"])
        add(store, [f"Un port, {number}"], "es")
    assert (sizes(store), sizes(store, target_lang="es")) == ([2, 1], [2, 1])
    assert sorted(found(store, "Un port, 7")) == ["Un port, 0", "Un port, 1", "Un port, 2"]


def test_an_entry_that_is_gone_is_not_found_and_leaves_the_index_in_time(store: Store) -> None:
    add(store, ["La grève tient bon.", "Le port est vide."])
    with store.write() as session:
        session.execute(delete(MemoryEntry).where(MemoryEntry.source == "La grève tient bon."))
    assert found(store, "La grève tient bon !") == []
    with store.read() as session:
        assert concordance(session, PAIR, "grève") == []
    add(store, ["Les quais sont vides.", "Il pleut sur les quais."])
    assert sizes(store) == [3]
    with store.read() as session:
        assert session.scalar(select(func.count()).where(MemoryWord.word == "greve")) == 0


def test_units_known_in_part_are_indexed_with_their_own_numbers(store: Store) -> None:
    add(store, [f"Phrase numéro {one}" for one in range(20)])
    add(store, [f"Phrase numéro {one}" for one in range(15, 45)])
    add(store, [f"Phrase numéro {one}" for one in range(20, 50)])
    with store.read() as session:
        assert session.scalar(select(func.count(MemoryEntry.id))) == 50
    assert [found(store, f"Phrase numéro {one}.")[0] for one in (3, 17, 33, 44, 49)] == [
        f"Phrase numéro {one}" for one in (3, 17, 33, 44, 49)
    ]


def test_a_word_in_very_many_entries_is_read_when_it_must_be(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from ivpipe.memory import candidates

    monkeypatch.setattr(candidates, "_AT_ONCE", 8)
    add(store, ["Ils tiennent ensemble", "Ils tiennent bon", "Ils tiennent tous"])
    assert len(found(store, "Ils tiennent mal")) == 3
