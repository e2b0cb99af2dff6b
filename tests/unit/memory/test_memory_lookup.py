from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.benchmarks.memory_units import Units
from tests.builders import HARBOUR, NOW, add_article

from ivpipe.memory import (
    Added,
    MemoryCount,
    add_units,
    concordance,
    counts,
    in_context,
    lookup,
    recall,
    remember,
)
from ivpipe.memory.adapting import adapt, fit_tags
from ivpipe.model import Block, BlockType, DraftSegment, LanguagePair, MemoryEntry, MemoryUnit, Origin, User
from ivpipe.steps.draft import draft_rows
from ivpipe.steps.filling import Task
from ivpipe.store import Store
from ivpipe.text.inline import plain_text
from ivpipe.text.segments import context_key, segment_key

PAIR = LanguagePair("fr", "en")


def unit(source: str, target: str, **more: Any) -> MemoryUnit:
    return MemoryUnit("fr", "en", source, target, **more)


def fill(store: Store, *units: MemoryUnit, origin: str = "", now: datetime = NOW) -> Added:
    with store.write() as session:
        return add_units(session, units, origin, now)


def found(store: Store, query: str, **options: Any) -> list[tuple[str, int, str]]:
    with store.read() as session:
        return [(m.target, m.score, m.kind) for m in lookup(session, PAIR, query, **options)]


def test_lookup_exact_match_stands_first_with_who_and_when(store: Store) -> None:
    fill(
        store,
        unit("La grève tient depuis trois semaines.", "The strike has held for three weeks.", translator="Ada"),
        unit("La grève tient depuis deux semaines.", "The strike has held for two weeks."),
    )
    with store.read() as session:
        first, second = lookup(session, PAIR, "La grève tient depuis trois semaines.")
    assert (first.target, first.score, first.kind) == ("The strike has held for three weeks.", 100, "exact")
    assert (first.translator, first.changed_at, first.origin) == ("Ada", NOW, "")
    assert (first.adapted, first.tags_dropped) == (False, False)
    assert (second.score, second.kind, second.adapted) == (87, "fuzzy", False)


def test_lookup_prefers_the_same_neighbours(store: Store) -> None:
    fill(
        store,
        unit("On tient.", "We hold on.", context=context_key("Il pleut.", "Fin.")),
        unit("On tient.", "We are holding out.", changed_at=NOW + timedelta(days=1)),
    )
    assert found(store, "On tient.", before="<1>Il</1> pleut.", after="Fin.") == [
        ("We hold on.", 101, "context"),
        ("We are holding out.", 100, "exact"),
    ]
    assert found(store, "On tient.")[0] == ("We are holding out.", 100, "exact")


def test_lookup_finds_the_like_and_leaves_out_what_is_below_the_threshold(store: Store) -> None:
    fill(store, unit("Les dockers du port occupent la criée.", "The dockers hold the fish market."))
    assert found(store, "Les dockers du port occupaient la criée.") == [
        ("The dockers hold the fish market.", 97, "fuzzy")
    ]
    assert found(store, "Les dockers du port occupaient la criée.", threshold=98) == []
    assert found(store, "Tout autre chose.") == []


@pytest.mark.parametrize("query", ["", " ", "!!!", "12", '"', 'a" OR b', "' ) --", "\\", "NEAR(", "*", "л" * 6000])
def test_lookup_of_odd_texts_finds_nothing_and_breaks_nothing(store: Store, query: str) -> None:
    fill(store, unit("Une phrase.", "A sentence."))
    assert found(store, query) == []


def test_lookup_compares_plain_text_and_takes_a_point_for_other_tags(store: Store) -> None:
    fill(store, unit("Il <1>pleut</1> sur &lt;Brest&gt;.", "It is <1>raining</1> on &lt;Brest&gt;."))
    with store.read() as session:
        [plain] = lookup(session, PAIR, "Il pleut sur &lt;Brest&gt;.")
    assert (plain.target, plain.score, plain.kind) == ("It is raining on &lt;Brest&gt;.", 99, "fuzzy")
    assert plain.tags_dropped
    assert found(store, "Il <1>pleut</1> sur &lt;Brest&gt;.") == [
        ("It is <1>raining</1> on &lt;Brest&gt;.", 100, "exact")
    ]


def test_lookup_of_another_magazines_memory_is_marked_and_lower(store: Store) -> None:
    fill(store, unit("La grève tient bon.", "The strike holds firm."), origin="L'Autre")
    fill(store, unit("La grève tient bon !", "The strike holds out!"))
    fill(store, unit("La grève tient bon !", "The strike holds out, they say!"), origin="L'Autre")
    with store.read() as session:
        matches = lookup(session, PAIR, "La grève tient bon.")
    assert [(m.target, m.origin, m.score, m.kind) for m in matches] == [
        ("The strike holds firm.", "L'Autre", 95, "exact"),
        ("The strike holds out!", "", 92, "fuzzy"),
        ("The strike holds out, they say!", "L'Autre", 87, "fuzzy"),
    ]


def test_lookup_adapts_numbers_and_says_so(store: Store) -> None:
    fill(store, unit("Le 12 mai 1968, 30 usines étaient occupées.", "On 12 May 1968, 30 plants were occupied."))
    with store.read() as session:
        [match] = lookup(session, PAIR, "Le 13 mai 1968, 45 usines étaient occupées.")
    assert (match.target, match.adapted) == ("On 13 May 1968, 45 plants were occupied.", True)
    assert match.source == "Le 12 mai 1968, 30 usines étaient occupées."


def test_lookup_knows_one_pair_from_another(store: Store) -> None:
    fill(store, MemoryUnit("fr", "es", "La grève tient.", "La huelga sigue."))
    assert found(store, "La grève tient.") == []


def test_lookup_shows_a_pair_of_texts_once(store: Store) -> None:
    fill(store, *(unit("La grève tient.", "The strike holds.", context=f"c{n}") for n in range(20)))
    assert found(store, "La grève tient.") == [("The strike holds.", 100, "exact")]


@pytest.mark.slow
def test_lookup_finds_what_brute_force_finds(store: Store) -> None:
    from rapidfuzz import fuzz, process

    units = Units(3)
    made = list(units.make(3000))
    fill(store, *(unit(one.source, one.target) for one in made))
    plain = [plain_text(one.source) for one in made]
    wrong = []
    with store.read() as session:
        for text in plain[::60]:
            query = units.edited(text)
            best = process.extractOne(query, plain, scorer=fuzz.ratio, score_cutoff=75)
            matches = lookup(session, PAIR, query)
            if best and (not matches or matches[0].score < int(best[1]) - 1):
                wrong.append((query, best[0], matches))
    assert wrong == []


@pytest.mark.parametrize(
    ("query", "source", "target", "expected"),
    [
        ("Il y a 3 ans", "Il y a 2 ans", "2 years ago", "3 years ago"),
        ("avec Marie Curie", "avec Pierre Curie", "with Pierre Curie", "with Marie Curie"),
        ("Il y a 3 ans", "Il y a 2 ans", "two years ago", None),
        ("Il y a 3 mois", "Il y a 2 ans", "2 years ago", None),
        ("de 3 à 4", "de 2 à 2", "from 2 to 2", None),
        ("de 3 à 3", "de 2 à 3", "from 2 to 3", None),
        ("Marie part", "Pierre part", "Pierre is leaving", None),
        ("page 12", "page 1", "<1>page</1> 1", "<1>page</1> 12"),
        ("la même", "la même", "the same", None),
    ],
)
def test_adapt_changes_only_what_is_certain(query: str, source: str, target: str, expected: str | None) -> None:
    assert adapt(query, source, target) == expected


@pytest.mark.parametrize(
    ("query", "source", "target", "expected"),
    [
        ("<1>a</1> b", "<1>a</1> c", "x <1>y</1>", ("x <1>y</1>", True)),
        ("<2>a</2> <1/>", "<1>a</1> <2/>", "<2/> <1>y</1>", ("<1/> <2>y</2>", True)),
        ("a b", "<1>a</1> b", "<1>x</1> &amp; y", ("x &amp; y", False)),
        ("<1/>a", "<1>a</1>", "<1>x</1>", ("x", False)),
        ("<1>a</1>", "<1>a</1>", "x", ("x", False)),
        ("a", "b", "c", ("c", True)),
    ],
)
def test_fit_tags_keeps_them_where_they_fit(query: str, source: str, target: str, expected: tuple[str, bool]) -> None:
    assert fit_tags(query, source, target) == expected


def test_add_units_again_adds_nothing(store: Store) -> None:
    units = [unit("Un.", "One."), unit("Un.", "A one."), unit("Un.", "One.", context="c"), unit("Un.", "One.")]
    assert fill(store, *units) == Added(3, 1)
    assert fill(store, *units) == Added(0, 4)
    assert fill(store, units[0], origin="Autre") == Added(1, 0)
    with store.read() as session:
        assert counts(session) == [
            MemoryCount(PAIR, "", 3, NOW),
            MemoryCount(PAIR, "Autre", 1, NOW),
        ]


def test_concordance_finds_a_phrase_on_either_side(store: Store) -> None:
    fill(
        store,
        unit("La <1>grève</1> générale commence.", "The general strike begins."),
        unit("La grève, dit le général, commence.", "The strike, says the general, begins."),
        unit("La Grève générale est finie.", "The general strike is over."),
    )

    def targets(phrase: str, side: str) -> list[str]:
        with store.read() as session:
            return [one.target for one in concordance(session, PAIR, phrase, side=side)]

    assert targets("grève générale", "source") == ["The general strike is over.", "The general strike begins."]
    assert targets("says the general", "target") == ["The strike, says the general, begins."]
    assert targets("nulle part", "source") == targets("", "source") == targets('"', "target") == []


def segments(*texts: tuple[str, str]) -> list[DraftSegment]:
    return [
        DraftSegment(position=i, source=source, target=target, key=segment_key(source), origin=Origin.HUMAN)
        for i, (source, target) in enumerate(texts)
    ]


def approve(store: Store, rows: list[DraftSegment], now: datetime = NOW) -> int:
    with store.read() as session:
        empty = session.get(MemoryEntry, 1) is None
    if empty:
        add_article(store)
    with store.write() as session:
        return remember(session, PAIR, rows, 1, None, now)


def test_remember_keeps_a_sentence_for_each_of_its_neighbourhoods(store: Store) -> None:
    rows = segments(("A.", "a1"), ("On tient.", "We hold."), ("B.", "b"), ("On tient.", "Holding."))
    assert approve(store, rows) == 4
    with store.read() as session:
        places = [
            (segment_key("On tient."), context_key("A.", "B.")),
            (segment_key("On tient."), context_key("B.", "")),
        ]
        assert {place: entry.target for place, entry in in_context(session, PAIR, places).items()} == {
            places[0]: "We hold.",
            places[1]: "Holding.",
        }
        assert recall(session, PAIR, [places[0][0]])[places[0][0]].target in ("We hold.", "Holding.")


def test_remember_again_changes_what_changed_and_drops_what_went(store: Store) -> None:
    approve(store, segments(("A.", "a1"), ("On tient.", "We hold."), ("B.", "b"), ("On tient.", "Holding.")))
    later = NOW + timedelta(days=1)
    assert approve(store, segments(("A.", "a1"), ("On tient.", "We keep on."), ("C.", "c")), later) == 2
    with store.read() as session:
        matches = lookup(session, PAIR, "On tient.", before="A.", after="C.")
        assert [(m.target, m.kind, m.changed_at) for m in matches] == [("We keep on.", "context", later)]
        assert [m.target for m in lookup(session, PAIR, "B.")] == ["b"]
    assert approve(store, segments(("A.", "a1"), ("On tient.", "We keep on."), ("C.", "c")), later) == 0


def test_lookup_names_the_user_who_approved(store: Store) -> None:
    rows = segments(("Une phrase à retrouver.", "A sentence to find."))
    add_article(store)
    with store.write() as session:
        session.add(User(name="tess", display_name="Tess T.", password_hash="!", roles=[], created_at=NOW))
        session.flush()
        remember(session, PAIR, rows, 1, 1, NOW)
    with store.read() as session:
        [match] = lookup(session, PAIR, "Une phrase à retrouver !")
    assert (match.translator, match.kind) == ("Tess T.", "fuzzy")


def test_recall_leaves_other_magazines_out(store: Store) -> None:
    fill(store, unit("Un.", "One."), origin="Autre")
    with store.read() as session:
        assert recall(session, PAIR, [segment_key("Un.")]) == {}


def test_draft_takes_the_text_of_the_same_neighbours_before_a_newer_one(store: Store) -> None:
    document = replace(
        HARBOUR,
        url="https://semaine.example/b",
        kicker="",
        title="Port",
        standfirst="",
        notes=(),
        blocks=tuple(Block(BlockType.PARAGRAPH, html) for html in ("Ah.", "On tient.", "Oh.", "On tient.")),
    )
    approve(store, segments(("Ah.", "Ah!"), ("On tient.", "We hold."), ("Oh.", "Oh!")))
    fill(store, unit("On tient.", "Holding.", changed_at=NOW + timedelta(days=1)))
    add_article(store, document)
    rows = draft_rows(store, None, Task(2, "", PAIR, 2, document))
    assert [(row.source, row.target) for row in rows] == [
        ("Port", ""),
        ("Ah.", "Ah!"),
        ("On tient.", "We hold."),
        ("Oh.", "Oh!"),
        ("On tient.", "Holding."),
    ]
