from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivpipe.engines import EngineResult, EngineText
from ivpipe.engines import tagged as reading
from ivpipe.engines.placing import place_tags, translate_plainly
from ivpipe.engines.tagged import answer_problem, frozen_tags, read_tagged, stretches
from ivpipe.errors import EngineError
from ivpipe.text.inline import escape_text, plain_text, tag_problem

TEXT = st.text(st.sampled_from("aéb c.,!«»’12 -&<>\u00a0"), max_size=12)


@st.composite
def tagged_texts(draw: st.DrawFn) -> str:
    """Random nested tags, numbered as they open, over random text."""
    count = 0

    def part(depth: int) -> str:
        nonlocal count
        out = ""
        for _ in range(draw(st.integers(0, 4))):
            kind = draw(st.integers(0, 3 if depth < 3 else 1))
            if kind == 0:
                out += escape_text(draw(TEXT))
                continue
            count += 1
            number = count
            out += f"<{number}/>" if kind == 1 else f"<{number}>{part(depth + 1)}</{number}>"
        return out

    return part(0)


def letters(text: str) -> str:
    return "".join(text.split())


def see_that_nothing_is_lost(tagged: str, target: str) -> None:
    placed = place_tags(tagged, target).tagged
    assert tag_problem(placed, frozen_tags(tagged)) is None
    assert letters(plain_text(placed)) == letters(target)


@settings(deadline=None, max_examples=400)
@given(tagged_texts(), st.text(st.sampled_from("ab é.,«12 &<"), max_size=60))
def test_all_tags_come_back_well_nested_and_no_text_is_lost(tagged: str, target: str) -> None:
    see_that_nothing_is_lost(tagged, target)


@settings(deadline=None, max_examples=200)
@given(tagged_texts(), st.text(st.sampled_from("ab é.,«12 &<"), max_size=60))
def test_the_same_holds_where_tags_go_by_length_alone(tagged: str, target: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_LONGEST", 0)
        see_that_nothing_is_lost(tagged, target)


_WORDS = "La grève tient bon depuis trois semaines dans le port. " * 8


@pytest.mark.parametrize(
    "tagged",
    [
        "mot " * 250_000,
        "".join(f"{_WORDS}<{number}/>" for number in range(1, 1500)),
        "".join(f"<{number}>{_WORDS}" for number in range(1, 1500)) + "".join(f"</{at}>" for at in range(1499, 0, -1)),
        "".join(f"<{number}/>" for number in range(1, 20_000)),
        "x" * 1_000_000 + "<1/>",
    ],
    ids=["words", "breaks", "nested", "tags alone", "one word"],
)
def test_a_million_characters_take_no_longer_than_they_must(tagged: str) -> None:
    sent: list[str] = []

    def translate(texts: list[str]) -> list[str]:
        sent.extend(texts)
        return [text.upper() for text in texts]

    started = time.process_time()
    [result] = translate_plainly([EngineText(tagged)], translate)
    assert time.process_time() - started < 5
    assert tag_problem(result.tagged, frozen_tags(tagged)) is None
    assert letters(plain_text(result.tagged)) == letters(plain_text(tagged)).upper() or not sent
    assert sum(map(len, sent)) <= len(tagged)


def test_tags_that_go_by_length_stand_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LONGEST", 0)
    assert place_tags("<1>Le port</1> du <2>Havre</2>,<3/> en 1968.<4/>", "The harbour of Le Havre, in 1968.") == (
        EngineResult("<1>The harbour</1> of <2>Le Havre,</2><3/> in 1968.<4/>", uncertain=True)
    )


@settings(deadline=None, max_examples=200)
@given(tagged_texts())
def test_text_that_translates_to_itself_keeps_its_text(tagged: str) -> None:
    [result] = translate_plainly([EngineText(tagged)], lambda texts: texts)
    assert tag_problem(result.tagged, frozen_tags(tagged)) is None
    assert letters(plain_text(result.tagged)) == letters(plain_text(tagged))


@given(tagged_texts())
def test_reading_leaves_every_tag_a_place_inside_its_parent(tagged: str) -> None:
    sentence = read_tagged(tagged)

    def check(nodes: object, low: int, high: int) -> None:
        for node in nodes:  # type: ignore[attr-defined]
            assert low <= node.start <= node.end <= high
            check(node.children, node.start, node.end)

    check(sentence.nodes, 0, len(sentence.plain))
    assert letters(sentence.plain) == letters(plain_text(tagged))


WORDS = {
    "La ministre": "The minister",
    "l’État": "the State",
    "Libération": "Release",
    "ligne un": "line one",
    "Utilisez la fonction": "Use the function",
    "dit": "said",
    "Il y a": "There are",
    "Il y a, dit-il, 25 %": "There are, he says, 25 %",
    "chats noirs": "Black cats",
    "la liberté": "freedom",
    "« ne vaut rien »": "“is worth nothing”",
}


@pytest.mark.parametrize(
    ("source", "target", "placed"),
    [
        (  # by the stretch's own translation, and by all that stands before the reference
            "La ministre<1/> a parlé de <2>l’État</2>, hier.",
            "The minister has spoken of the State, yesterday.",
            "The minister<1/> has spoken of <2>the State</2>, yesterday.",
        ),
        ("Voir <1>Libération</1>.", "See Libération.", "See <1>Libération</1>."),  # a name stays itself
        ("ligne un<1/>ligne deux", "line one line two", "line one<1/>line two"),  # a line break for a space
        (  # frozen code keeps its spaces
            "Utilisez la fonction <1/> pour lire.",
            "Use the function to read.",
            "Use the function <1/> to read.",
        ),
        ("Fin de phrase<1/>.", "End of sentence.", "End of sentence<1/>."),
        ("Fin de phrase.<1/>", "End of sentence.", "End of sentence.<1/>"),
        ("Fin de phrase. <1/>", "End of sentence.", "End of sentence.<1/>"),
        ("« <1>Tout est dit</1> »<2/>", "“All is said”", "“<1>All is said</1>”<2/>"),
        ("<1>Tout est <2>dit</2>.</1>", "All is said.", "<1>All is <2>said</2>.</1>"),
        ("<1><2>Tout</2></1>", "A &amp; <b>", "<1><2>A &amp;amp; &lt;b&gt;</2></1>"),
        ("<1/> est une fonction", "is a function", "<1/> is a function"),
        (  # references after word and punctuation, case differs
            "Il y a<1/>, dit-il, 25 %<2/> de <3>chats noirs</3>.",
            "There are, he says, 25 % of black cats.",
            "There are<1/>, he says, 25 %<2/> of <3>black cats</3>.",
        ),
        (  # the same words twice, counted from the left
            "Pas <1>la liberté</1> mais <2>la liberté</2> !",
            "Not freedom but freedom!",
            "Not <1>freedom</1> but <2>freedom</2>!",
        ),
        (  # punctuation inside stays inside
            "Selon lui, cela <1>« ne vaut rien »</1><2/>.",
            "According to him, that “is worth nothing”.",
            "According to him, that <1>“is worth nothing”</1><2/>.",
        ),
    ],
)
def test_tags_are_placed_where_a_reader_expects_them(source: str, target: str, placed: str) -> None:
    assert place_tags(source, target, WORDS) == EngineResult(placed)


def test_place_that_is_a_guess_is_marked_uncertain() -> None:
    placed = place_tags("Aucun <1>rapport</1> entre eux.", "They share nothing at all.")
    assert placed == EngineResult("They <1>share</1> nothing at all.", uncertain=True)


def test_more_tags_than_words_keeps_all_of_them() -> None:
    placed = place_tags("<1>un</1> <2>deux</2> <3>trois</3>", "All")
    assert placed.uncertain
    assert tag_problem(placed.tagged, frozen_tags("<1>a</1><2>b</2><3>c</3>")) is None


def test_stretches_are_asked_for_once_and_in_the_same_call() -> None:
    calls: list[list[str]] = []

    def translate(texts: list[str]) -> list[str]:
        calls.append(texts)
        return [text.upper() for text in texts]

    texts = [EngineText("Le <1>mot</1> dit."), EngineText("Un <1>mot</1><2/> &amp; rien."), EngineText("<1/>…")]
    assert translate_plainly(texts, translate) == [
        EngineResult("LE <1>MOT</1> DIT."),
        EngineResult("UN <1>MOT</1><2/> &amp; RIEN."),
        EngineResult("<1/>…"),
    ]
    assert calls == [["Le mot dit.", "mot", "Un mot & rien.", "Un mot"]]
    assert stretches(read_tagged("<1>Tout <2>court</2></1><3/>")) == ["court"]


def test_engine_that_returns_too_few_or_nothing_is_told() -> None:
    with pytest.raises(EngineError, match="given 1 texts and returned 0"):
        translate_plainly([EngineText("Bonjour")], lambda _texts: [])
    [nothing, something] = translate_plainly(
        [EngineText("Bonjour"), EngineText("<1/>Oui")], lambda _texts: [" ", "Yes"]
    )
    assert (nothing.tagged, str(nothing.error)) == ("", "the engine made nothing of “Bonjour”")
    assert something.tagged == "<1/>Yes"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("A <1>b</1><2/>", None),
        ("A b<2/>", "missing: <1>"),
        ("A <1></1>b<2/>", "the tag <1> has lost its text"),
        ("<1></1><2/>", "the text is empty"),
    ],
)
def test_answer_problem_names_what_an_engine_did_to_the_tags(target: str, problem: str | None) -> None:
    assert answer_problem("Un <1>mot</1><2/>", target) == problem
