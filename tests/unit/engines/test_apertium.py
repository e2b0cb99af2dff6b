from __future__ import annotations

import random
import stat
import time
from pathlib import Path

import pytest
from tests.conftest import missing_server

from ivpipe.engines import EngineOptions, EngineResult, EngineText
from ivpipe.engines.apertium import Apertium
from ivpipe.errors import EngineError
from ivpipe.model.languages import LanguagePair
from ivpipe.text.inline import escape_text, plain_text

PAIR = LanguagePair("fr", "en")

PROGRAM = """#!/bin/sh
[ "$1" = "-l" ] && { printf '  fra-cat\\n  cat-eng\\n'; exit 0; }
%s
"""


def engine(tmp_path: Path, script: str, timeout: float = 20) -> Apertium:
    """An engine whose program is a shell script that lists two modes and otherwise does as told."""
    program = tmp_path / "apertium"
    program.write_text(PROGRAM % script, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Apertium(Apertium.Settings(program=str(program), timeout_seconds=timeout), data_dir=tmp_path)


def translate(engine: Apertium, *texts: str) -> list[EngineResult]:
    return engine.translate([EngineText(text) for text in texts], PAIR, EngineOptions())


def test_stream_survives_the_format_reserved_signs_and_controls(tmp_path: Path) -> None:
    texts = ["Crochets [x] ^y$ {z} \\ / @ &lt;b&gt; &amp;", "Une\x00 ligne\n deux", "*a #b"]
    assert [result.tagged for result in translate(engine(tmp_path, "cat"), *texts)] == [
        texts[0],
        "Une ligne deux",
        "*a #b",
    ]


def test_real_program_drops_no_sign_of_its_stream_and_takes_no_text_for_another(tmp_path: Path) -> None:
    chosen = Apertium(Apertium.Settings(), data_dir=tmp_path)
    if (problem := chosen.problem(PAIR)) is not None:
        missing_server("Apertium", problem)
    chance = random.Random(5)
    signs = [*r"^$/\[]{}@<>*#~+&|=", "[]", "[][1]", "[[t:b:1]]", "^le/le<det>$", " ", " ", "chat", "7", "…", "😀", "\0"]
    texts = [f"{1000 + at} {''.join(chance.choices(signs, k=chance.randint(0, 14)))} {5000 + at}" for at in range(150)]
    for at, (text, result) in enumerate(zip(texts, translate(chosen, *map(escape_text, texts)), strict=True)):
        answer = plain_text(result.tagged)
        assert (answer[:4], answer[-4:]) == (str(1000 + at), str(5000 + at))
        assert [answer.count(sign) for sign in signs[:19]] == [text.count(sign) for sign in signs[:19]], text


def test_marks_of_unknown_words_are_dropped(tmp_path: Path) -> None:
    assert translate(engine(tmp_path, "sed 's/zorglub/*zorglub/'"), "Le zorglub dit @moi et #toi") == [
        EngineResult("Le zorglub dit @moi et #toi")
    ]
    assert translate(engine(tmp_path, "sed 's/dit/@dit/'"), "Le zorglub dit") == [EngineResult("Le zorglub dit")]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("cat >/dev/null", "lost its place at text 1 of 2"),
        ("cat >/dev/null; echo no such mode >&2; exit 1", r"failed \(exit code 1\): no such mode"),
        ("kill -9 $$", "failed"),
    ],
)
def test_process_that_fails_at_everything_is_an_outage(tmp_path: Path, script: str, says: str) -> None:
    with pytest.raises(EngineError, match=says) as caught:
        translate(engine(tmp_path, script), "Un.", "Deux.")
    assert caught.value.retryable


@pytest.mark.parametrize("script", ["head -c 12", "tr -d '\\000'", "sed 's/\\]\\[1\\]/][7]/'"])
def test_process_that_muddles_several_texts_gets_them_one_by_one(tmp_path: Path, script: str) -> None:
    assert [result.tagged for result in translate(engine(tmp_path, script), "Un.", "Deux.")] == ["Un.", "Deux."]


@pytest.mark.parametrize("refusal", ["exit 1", "kill -9 $$", "cat >/dev/null; exit 0"])
def test_text_that_spoils_the_batch_is_found_and_given_up_alone(tmp_path: Path, refusal: str) -> None:
    """The program fails whenever a certain word is in what it reads."""
    script = f'input=$(mktemp); cat > "$input"; if grep -qa poison "$input"; then {refusal}; else cat "$input"; fi'
    texts = [f"Phrase {number}." for number in range(9)]
    texts[3] = "Le <1>poison</1> du port."
    results = translate(engine(tmp_path, script), *texts)
    assert [result.tagged for result in results] == [*texts[:3], "", *texts[4:]]
    assert "made nothing of “Le poison du port.”" in str(results[3].error)


def test_process_that_hangs_is_ended_with_all_its_children(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no answer within 0\.3 seconds") as caught:
        translate(engine(tmp_path, "sleep 600 | sleep 600", timeout=0.3), "Un.")
    assert caught.value.retryable


def test_child_that_outlives_the_shell_is_ended(tmp_path: Path) -> None:
    script = f"(sleep 1.5; touch {tmp_path / 'alive'}) & exit 0"
    with pytest.raises(EngineError, match="no answer within"):
        translate(engine(tmp_path, script, timeout=0.3), "Un.")
    time.sleep(1.5)
    assert not (tmp_path / "alive").exists()


def test_problem_names_the_packages(tmp_path: Path) -> None:
    chosen = engine(tmp_path, "cat")
    assert chosen.problem(PAIR) is None
    assert chosen.problem(LanguagePair("es-ES", "en-GB")) == (
        "the modes spa-eng are not installed; apt install apertium-eng-spa"
    )
    assert (chosen.problem(LanguagePair("de", "en")) or "").startswith("it has no chain of modes for de→en")
    with pytest.raises(EngineError, match="apt install apertium-eng-spa"):
        chosen.translate([EngineText("Hola")], LanguagePair("es", "en"), EngineOptions())


def test_chain_set_in_the_configuration_comes_first(tmp_path: Path) -> None:
    program = engine(tmp_path, 'sed "s/Un/$5/"')._settings.program
    settings = Apertium.Settings(program=program, chains={"fr-en": (("deu-eng",), ("cat-eng",))})
    assert translate(Apertium(settings, data_dir=tmp_path), "Un.") == [EngineResult("cat-eng.")]
