from __future__ import annotations

import os
import queue
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.tiny_model import write_model

from ivpipe.engines import EngineOptions, EngineResult, EngineText, firefox
from ivpipe.engines.firefox import Firefox
from ivpipe.errors import EngineError, EngineTransient
from ivpipe.model.languages import LanguagePair
from ivpipe.text.inline import escape_text, plain_text

PAIR = LanguagePair("fr", "en")

STAND_IN = """
import os, sys, time
class Translator:
    def __init__(self, model, src, trg, lex=None):
        print("a line that a library prints to stdout")
    def translate_long(self, text):
        if "meurs" in text:
            print("thread panicked", file=sys.stderr)
            os._exit(134)
        if "panique" in text:
            raise BaseException("PanicException")
        if "attends" in text:
            sys.stdin.read() or time.sleep(600)
        if "erreur" in text:
            raise ValueError("cannot translate this")
        return "[" + text + "]"
"""
"""A ``fxtranslate`` for the worker that does what the real one does on a bad day."""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firefox]:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "fxtranslate.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
    write_model(tmp_path / "models" / "fr-en")
    write_model(tmp_path / "models" / "en-es", "en-es")
    engine = Firefox(Firefox.Settings(timeout_seconds=20), data_dir=tmp_path)
    yield engine
    engine.close()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Firefox]:
    pytest.importorskip("fxtranslate")
    write_model(tmp_path / "models" / "fr-en")
    engine = Firefox(Firefox.Settings(), data_dir=tmp_path)
    yield engine
    engine.close()


def translate(engine: Firefox, *texts: str, pair: LanguagePair = PAIR) -> list[EngineResult]:
    return engine.translate([EngineText(text) for text in texts], pair, EngineOptions())


def test_real_library_runs_a_model_and_tags_come_back(real: Firefox) -> None:
    assert real.problem(PAIR) is None
    assert translate(real, "Bonjour<1/>", "Un <2/> &amp; <1>deux</1> mots.", "…") == [
        EngineResult("tiny model<1/>"),
        EngineResult("<1>tiny model</1> <2/>"),
        EngineResult("…"),
    ]


def test_real_library_refuses_a_file_that_is_no_model(real: Firefox, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "de-en"
    write_model(folder, "de-en")
    model = folder / "model.deen.intgemm.alphas.bin"
    changed = model.read_bytes()[:-1] + b"x"
    model.write_bytes(changed)
    with pytest.raises(EngineError, match="has changed since it was installed") as caught:
        translate(real, "Guten Tag", pair=LanguagePair("de", "en"))
    assert not caught.value.retryable
    assert translate(real, "Bonjour") == [EngineResult("tiny model")]


def test_what_the_library_prints_does_not_disturb(engine: Firefox) -> None:
    assert translate(engine, "Bonjour\u2028le <1>monde</1>") == [EngineResult("[Bonjour le <1>monde</1>]")]


def test_any_text_reaches_the_worker_whole_and_comes_back_in_its_place(engine: Firefox) -> None:
    chance = random.Random(9)
    signs = [
        '"',
        "\\",
        "\n",
        "\r\n",
        "\u2028",
        "\x85",
        '{"text": "x"}',
        "\x00",
        "\ud83d",
        "é",
        "😀",
        "\u200b",
        " ",
        "mot",
    ]
    texts = [f"{at} {''.join(chance.choices(signs, k=9))}" for at in range(300)] + ["long " * 200_000]
    results = translate(engine, *map(escape_text, texts))
    for text, result in zip(texts, results, strict=True):
        sent = " ".join(text.replace("\x00", " ").replace("\ud83d", " ").split())
        assert " ".join(plain_text(result.tagged).split()) == f"[{sent}]"


def test_pair_without_a_model_of_its_own_goes_by_way_of_english(engine: Firefox) -> None:
    pair = LanguagePair("fr", "es")
    assert engine.problem(pair) is None
    assert translate(engine, "Bonjour", pair=pair) == [EngineResult("[[Bonjour]]")]


@pytest.mark.slow
@pytest.mark.parametrize("word", ["meurs", "panique", "attends"])
def test_text_that_kills_or_hangs_the_worker_is_given_up_alone(
    engine: Firefox, tmp_path: Path, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if word == "attends":
        engine._settings = Firefox.Settings(timeout_seconds=2)
    results = translate(engine, "Bonjour", f"Je <1>{word}</1>.", "Adieu")
    assert [result.tagged for result in results] == ["[Bonjour]", "", "[Adieu]"]
    assert f"made nothing of “Je {word}.”" in str(results[1].error)
    worker = engine._worker
    assert translate(engine, f"Je {word}.")[0].error is not None
    assert engine._worker is worker, "a text that is known for it is not tried again"


def test_worker_that_dies_once_is_started_again_and_asked_again(engine: Firefox) -> None:
    translate(engine, "Bonjour")
    engine._worker._process.kill()  # type: ignore[union-attr]
    assert translate(engine, "Adieu") == [EngineResult("[Adieu]")]


def test_worker_that_dies_of_everything_is_an_outage_and_tells_its_last_words(engine: Firefox, tmp_path: Path) -> None:
    library = tmp_path / "library" / "fxtranslate.py"
    library.write_text(library.read_text(encoding="utf-8").replace('"meurs" in text', "True"), encoding="utf-8")
    with pytest.raises(EngineTransient, match=r"died at “Bonjour” \(exit code 134: thread panicked\)"):
        translate(engine, "Bonjour")


def test_worker_that_hangs_is_killed(engine: Firefox, tmp_path: Path) -> None:
    translate(engine, "Bonjour")
    process = engine._worker._process  # type: ignore[union-attr]
    engine._settings = Firefox.Settings(timeout_seconds=0.5)
    with pytest.raises(EngineTransient, match="hung"):
        engine._ask("J’attends.", ["fr-en"])
    assert process.poll() is not None


def test_reply_that_nobody_waited_for_is_not_the_next_ones(engine: Firefox) -> None:
    class InterruptedOnce(queue.SimpleQueue[str]):
        interrupted = False

        def get(self, block: bool = True, timeout: float | None = None) -> str:
            if not self.interrupted:
                self.interrupted = True
                raise KeyboardInterrupt
            return super().get(block, timeout)

    translate(engine, "Bonjour")
    assert engine._worker is not None
    engine._worker._replies = InterruptedOnce()
    with pytest.raises(KeyboardInterrupt):
        translate(engine, "Interrompu")
    assert translate(engine, "Adieu") == [EngineResult("[Adieu]")]


@pytest.mark.timeout(20)
def test_worker_that_reads_nothing_is_killed(engine: Firefox) -> None:
    translate(engine, "Bonjour")
    os.kill(engine._worker._process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
    engine._settings = Firefox.Settings(timeout_seconds=1)
    with pytest.raises(EngineTransient, match="died"):
        engine._ask("a" * 500_000, ["fr-en"])
    assert translate(engine, "Adieu") == [EngineResult("[Adieu]")]


def test_text_the_library_refuses_is_given_up_alone_and_the_worker_lives(engine: Firefox) -> None:
    translate(engine, "Bonjour")
    worker = engine._worker
    results = translate(engine, "Une erreur.", "Adieu")
    assert (results[0].error is not None, results[1].tagged) == (True, "[Adieu]")
    assert engine._worker is worker


def test_two_threads_wait_for_each_other(engine: Firefox) -> None:
    found: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        found[number] = [result.tagged for result in translate(engine, *(f"{number} {at}" for at in range(20)))]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [f"[{number} {at}]" for at in range(20)] for number in range(4)}


def test_variant_is_the_models_and_their_versions(engine: Firefox, tmp_path: Path) -> None:
    assert engine.variant(PAIR, EngineOptions()) == "fr-en 3.1"
    assert engine.variant(LanguagePair("fr", "es"), EngineOptions()) == "fr-en 3.1 en-es 3.1"
    assert engine.variant(LanguagePair("de", "en"), EngineOptions()) == ""


def test_problem_says_how_to_get_the_library_and_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Firefox(Firefox.Settings(), data_dir=tmp_path)
    assert engine.problem(PAIR) == "there is no model fr-en; run `ivpipe models fetch fr en`"
    folder = write_model(tmp_path / "models" / "fr-en")
    (folder / "vocab.fren.spm").write_bytes(b"short")
    assert engine.problem(PAIR) == (
        "the file vocab.fren.spm of the model fr-en is missing or damaged; run `ivpipe models fetch fr en`"
    )
    monkeypatch.setattr(firefox, "find_spec", lambda name: None)
    assert engine.problem(PAIR) == "the extra is not installed; pip install 'ivpipe[firefox]'"


def test_closing_ends_the_process(engine: Firefox) -> None:
    translate(engine, "Bonjour")
    process = engine._worker._process  # type: ignore[union-attr]
    engine.close()
    assert process.poll() is not None
