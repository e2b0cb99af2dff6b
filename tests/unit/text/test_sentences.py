"""Sentence boundaries against passages with known ones, and one by one."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.text.sentences import sentence_starts

SAMPLES = Path(__file__).parents[2] / "samples" / "sentences"
LANGUAGES = ("de", "en", "es", "fr", "it", "pt", "ru")
"""With twenty adversarial passages each at least."""

ALSO = ("ar", "ca", "el", "nl", "pl", "tr")
"""With a few passages of the commonest traps."""


def passages(lang: str) -> list[list[str]]:
    blocks = (SAMPLES / f"{lang}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return [block.split("\n") for block in blocks]


def cut(text: str, lang: str) -> list[str]:
    edges = [0, *sentence_starts(text, lang), len(text)]
    return [text[start:end].rstrip() for start, end in pairwise(edges)]


@pytest.mark.parametrize("lang", [*LANGUAGES, *ALSO])
def test_sample_passages_boundary_f1(lang):
    wrong, right, missed, invented = [], 0, 0, 0
    for sentences in passages(lang):
        text = " ".join(sentences)
        gold, at = set(), 0
        for sentence in sentences[:-1]:
            at += len(sentence) + 1
            gold.add(at)
        found = set(sentence_starts(text, lang))
        right, missed, invented = right + len(gold & found), missed + len(gold - found), invented + len(found - gold)
        if found != gold:
            wrong.append(cut(text, lang))
    f1 = 2 * right / (2 * right + missed + invented)
    assert f1 >= 0.99, wrong


@pytest.mark.parametrize("lang", LANGUAGES)
def test_samples_are_at_least_twenty_passages(lang):
    assert len(passages(lang)) >= 20


@pytest.mark.parametrize(
    ("lang", "text", "sentences"),
    [
        ("fr", "Oui.\nNon.", ["Oui.", "Non."]),
        ("fr", "Premier vers sans point\nDeuxième vers", ["Premier vers sans point", "Deuxième vers"]),
        ("fr", "12, rue du Port,\nMarseille", ["12, rue du Port,\nMarseille"]),
        ("fr", "Il vint\net repartit.", ["Il vint\net repartit."]),
        ("fr", "Elle lista :\n— le pain\n— le sel", ["Elle lista :", "— le pain", "— le sel"]),
        ("fr", "«\u00a0Bonjour.\u00a0» Il dit.", ["«\u00a0Bonjour.\u00a0»", "Il dit."]),
        ("fr", "Elle (la maire !) rit. Lui non.", ["Elle (la maire !) rit.", "Lui non."]),
        ("fr", "Fin.¹ Suite.", ["Fin.¹", "Suite."]),
        ("fr", "1. Introduction. Puis rien.", ["1. Introduction.", "Puis rien."]),
        ("en", 'She said "I left. Then he came" and smiled.', ['She said "I left. Then he came" and smiled.']),
        ("de", "Komm!« Er ging.", ["Komm!«", "Er ging."]),
        ("ja", "雨が降る。彼は来ない。", ["雨が降る。", "彼は来ない。"]),
        ("el", "Έφυγε. Γύρισε.", ["Έφυγε.", "Γύρισε."]),
        ("pt-BR", "O Sr. Silva saiu. Voltou.", ["O Sr. Silva saiu.", "Voltou."]),
        ("", "It rains. He left.", ["It rains.", "He left."]),
        ("qq", "Hmo. Tak.", ["Hmo.", "Tak."]),
        ("fr", "", [""]),
        ("fr", " . ! ? ", [" . ! ?"]),
    ],
)
def test_sentences_one_by_one(lang, text, sentences):
    assert cut(text, lang) == sentences


LETTERS = st.text(st.sampled_from("aA1 éÉЯя.!?…,:;\"'«»“”„()[]—-\n\u00a0\u202f。中😀") | st.characters(), max_size=120)


@given(LETTERS, st.sampled_from([*LANGUAGES, "ja", "ar", "el", "", "x", "zh-Hant"]))
def test_sentence_starts_of_any_text_rise_and_stand_at_text(text, lang):
    starts = sentence_starts(text, lang)
    assert starts == sorted(set(starts))
    assert all(0 < at < len(text) and not text[at].isspace() for at in starts)
    assert all(text[:at].strip() for at in starts)
