from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers.libretranslate_stand_in import LibreTranslateStandIn

from ivpipe.engines import EngineOptions, EngineResult, EngineText
from ivpipe.engines.libretranslate import LibreTranslate, from_html, to_html
from ivpipe.errors import EngineAuth, EngineError, EnginePermanent, EngineRate, EngineTransient
from ivpipe.model.languages import LanguagePair
from ivpipe.text.inline import escape_text

PAIR = LanguagePair("fr", "en")
SENTENCE = EngineText("Le mot <1>juste</1> &amp; rare<2/>.")


@pytest.fixture
def service() -> Iterator[LibreTranslateStandIn]:
    with LibreTranslateStandIn() as running:
        yield running


@pytest.fixture
def engine(service: LibreTranslateStandIn, tmp_path: Path) -> Iterator[LibreTranslate]:
    engine = LibreTranslate(LibreTranslate.Settings(server_url=f"{service.url}/", timeout_seconds=5), data_dir=tmp_path)
    yield engine
    service.released.set()
    engine.close()


def translate(engine: LibreTranslate, *texts: EngineText) -> list[EngineResult]:
    return engine.translate(texts, PAIR, EngineOptions())


def test_translate_sends_html_and_verifies_it(engine: LibreTranslate, service: LibreTranslateStandIn) -> None:
    assert translate(engine, SENTENCE, EngineText("<1/>")) == [
        EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>."),
        EngineResult("<1/>"),
    ]
    assert service.requests == [
        {
            "q": ['Le mot <span id="t1">juste</span> &amp; rare<img id="x2">.'],
            "source": "fr",
            "target": "en",
            "format": "html",
        }
    ]


@pytest.mark.parametrize("fault", ["drop", "duplicate", "scramble", "hollow", "blank"])
def test_spoilt_tags_are_put_back_by_alignment(
    engine: LibreTranslate, service: LibreTranslateStandIn, fault: str
) -> None:
    service.always = fault
    assert translate(engine, EngineText("Sans balise."), SENTENCE)[1] == EngineResult(
        "LE MOT <1>JUSTE</1> &amp; RARE<2/>."
    )
    assert [request["format"] for request in service.requests] == ["html", "text"]


def test_first_answer_is_kept_where_asking_again_fails(engine: LibreTranslate, service: LibreTranslateStandIn) -> None:
    service.faults.extend(["drop", "500"])
    assert translate(engine, SENTENCE) == [EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", uncertain=True)]


def test_server_that_charges_is_billed_for_what_was_sent(service: LibreTranslateStandIn, tmp_path: Path) -> None:
    engine = LibreTranslate(LibreTranslate.Settings(server_url=service.url, bills=True), data_dir=tmp_path)
    assert engine.capabilities().bills
    [plain, spoilt] = translate(engine, EngineText("Un."), SENTENCE)
    assert (plain.billed, spoilt.billed) == (3, 20)
    service.faults.append("drop")
    [again] = translate(engine, SENTENCE)
    sent = sum(map(len, service.requests[-1]["q"]))
    assert again.billed == 20 + sent
    engine.close()


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        ("403", EngineAuth, "LIBRETRANSLATE_API_KEY"),
        ("429", EngineRate, "429"),
        ("500", EngineTransient, "HTTP 500"),
        ("400", EnginePermanent, "HTTP 400"),
        ("timeout", EngineTransient, "no answer within 0.2 seconds"),
        ("half", EngineTransient, "does not answer as it should"),
        ("cut", EngineTransient, "no JSON"),
        ("deep", EngineTransient, "no JSON"),
        ("drip", EngineTransient, "no answer within 0.2 seconds"),
        ("html", EngineTransient, "no JSON: “It works!”"),
        ("few", EngineTransient, "given 1 texts and returned 0"),
    ],
)
def test_failure_is_an_error_of_the_tree(
    service: LibreTranslateStandIn, tmp_path: Path, fault: str, kind: type[EngineError], says: str
) -> None:
    patience = 0.2 if fault in ("timeout", "drip") else 5
    engine = LibreTranslate(
        LibreTranslate.Settings(server_url=service.url, timeout_seconds=patience), data_dir=tmp_path
    )
    service.always = fault
    with pytest.raises(EngineError, match=says) as caught:
        translate(engine, SENTENCE)
    service.released.set()
    engine.close()
    assert type(caught.value) is kind
    assert caught.value.retry_after == (7.0 if fault == "429" else None)


def test_key_goes_along_and_is_never_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LibreTranslateStandIn(key="right") as service:
        settings = LibreTranslate.Settings(server_url=service.url)
        for key in ("right", "wrong-secret"):
            monkeypatch.setenv("LIBRETRANSLATE_API_KEY", key)
            engine = LibreTranslate(settings, data_dir=tmp_path)
            if key == "right":
                assert len(translate(engine, SENTENCE)) == 1
            else:
                with pytest.raises(EngineAuth, match=r"Invalid API key \*\*\*") as caught:
                    translate(engine, SENTENCE)
                assert "wrong-secret" not in str(caught.value)
            engine.close()


def test_problem_names_the_languages_there_are_and_a_server_that_is_down(
    engine: LibreTranslate, service: LibreTranslateStandIn, tmp_path: Path
) -> None:
    assert engine.problem(PAIR) is None
    assert engine.problem(LanguagePair("nl", "en")) == ("the server does not have the language 'nl' (it has: en, fr)")
    assert engine.problem(LanguagePair("fr", "de")) == (
        "the server does not translate 'fr' into 'de'; install that model there"
    )
    down = LibreTranslate(LibreTranslate.Settings(server_url="http://127.0.0.1:1"), data_dir=tmp_path)
    assert "is it running" in (down.problem(PAIR) or "")
    down.close()


@given(st.lists(st.sampled_from(["<23/>", "a é", " & <b>", "“", '"', "t1", "</span>", "<4/>"])))
def test_from_html_undoes_to_html(pieces: list[str]) -> None:
    inner = "".join(piece if piece in ("<23/>", "<4/>") else escape_text(piece) for piece in pieces)
    tagged = f"<1>{inner}</1> <2><3>x</3></2>"
    assert from_html(to_html(tagged)) == tagged


def test_from_html_reads_other_ways_to_write_the_same() -> None:
    assert from_html("<span id='t1'>L&#39;été</SPAN> <img id=x2 /> R&D </span>") == "<1>L'été</1> <2/> R&amp;D "
