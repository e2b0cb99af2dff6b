from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import deepl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers.deepl_stand_in import KEY, DeepLStandIn

from ivpipe.engines import EngineOptions, EngineResult, EngineText, Usage
from ivpipe.engines.deepl import MAX_BYTES, DeepL, from_xml, to_xml
from ivpipe.errors import EngineError
from ivpipe.model.languages import LanguagePair
from ivpipe.text.inline import escape_text

PAIR = LanguagePair("fr", "en")
SENTENCE = EngineText("Le mot <1>juste</1> &amp; rare<2/>.")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeepLStandIn]:
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    monkeypatch.setattr(deepl.http_client, "max_network_retries", 1)
    monkeypatch.setattr(deepl.http_client._BackoffTimer, "BACKOFF_INITIAL", 0.01)
    monkeypatch.setattr(deepl.http_client, "min_connection_timeout", 5.0)
    with DeepLStandIn() as running:
        yield running


@pytest.fixture
def engine(service: DeepLStandIn, tmp_path: Path) -> Iterator[DeepL]:
    engine = DeepL(DeepL.Settings(server_url=service.url), data_dir=tmp_path)
    yield engine
    service.released.set()
    engine.close()


def translate(engine: DeepL, *texts: EngineText, pair: LanguagePair = PAIR) -> list[EngineResult]:
    return engine.translate(texts, pair, EngineOptions())


def test_translate_keeps_tags_and_records_what_is_billed(engine: DeepL, service: DeepLStandIn) -> None:
    assert translate(engine, SENTENCE, EngineText("<1/>")) == [
        EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", billed=len("Le mot juste & rare.")),
        EngineResult("<1/>"),
    ]
    assert engine.usage() == Usage(billed=20, limit=500_000)
    [request] = service.requests
    assert request == {
        "source_lang": "FR",
        "target_lang": "EN-GB",
        "text": ["Le mot <t1>juste</t1> &amp; rare<x2/>."],
        "show_billed_characters": True,
        "tag_handling": "xml",
        "tag_handling_version": "v2",
        "outline_detection": False,
    }


def test_request_carries_context_formality_and_model(service: DeepLStandIn, tmp_path: Path) -> None:
    settings = DeepL.Settings(
        server_url=service.url,
        context_characters=12,
        model_type="prefer_quality_optimized",
        target_variants={"en": "EN-US"},
    )
    engine = DeepL(settings, data_dir=tmp_path)
    texts = [EngineText("Un.", "Une phrase."), EngineText("Deux.", "Une phrase."), EngineText("Trois.", "Une autre.")]
    engine.translate(texts, LanguagePair("fr-FR", "en"), EngineOptions(formality="formal"))
    engine.close()
    [request] = service.requests
    assert request["context"] == "Une phrase.\n"
    assert (request["formality"], request["model_type"]) == ("prefer_more", "prefer_quality_optimized")
    assert (request["source_lang"], request["target_lang"]) == ("FR", "EN-US")


def test_batch_over_the_limits_is_cut_into_requests(engine: DeepL, service: DeepLStandIn) -> None:
    small = [EngineText(f"Phrase numéro {number}.") for number in range(120)]
    assert [result.tagged for result in translate(engine, *small)] == [text.tagged.upper() for text in small]
    assert [len(request["text"]) for request in service.requests] == [50, 50, 20]
    service.requests.clear()
    large = [EngineText("é" * 6_000, context="à" * 50_000) for _ in range(12)]
    assert len(translate(engine, *large)) == 12
    assert all(len(json.dumps(request)) <= MAX_BYTES for request in service.requests)
    assert 413 not in service.statuses


def test_text_too_large_for_any_request_is_refused(engine: DeepL) -> None:
    with pytest.raises(EngineError, match="too large for one request") as caught:
        translate(engine, EngineText("a" * 130_000))
    assert not caught.value.retryable


@pytest.mark.parametrize("fault", ["drop", "duplicate", "scramble", "hollow"])
def test_spoilt_tags_are_asked_for_once_more_alone(engine: DeepL, service: DeepLStandIn, fault: str) -> None:
    service.faults.append(fault)
    results = translate(engine, SENTENCE, EngineText("Sans balise."))
    assert results[0] == EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", billed=40)
    assert results[1].uncertain is False
    assert [len(request["text"]) for request in service.requests] == [2, 1]


@pytest.mark.parametrize("fault", ["drop", "scramble", "hollow"])
def test_tags_spoilt_twice_are_placed_and_marked_uncertain(engine: DeepL, service: DeepLStandIn, fault: str) -> None:
    service.always = fault
    assert translate(engine, SENTENCE) == [
        EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", billed=40, uncertain=True)
    ]


@pytest.mark.parametrize(
    ("fault", "retryable", "says"),
    [
        ("429", True, "Too many requests"),
        ("503", True, "Service unavailable"),
        ("500", True, "500"),
        ("timeout", True, "timed out"),
        ("half", True, "failed"),
        ("html", True, "given 1 texts and returned 0"),
        ("few", True, "given 1 texts and returned 0"),
        ("many", True, "given 1 texts and returned 2"),
        ("unbilled", True, "cannot be read"),
        ("400", False, "Bad request"),
        ("413", False, "413"),
        ("403", False, "DEEPL_AUTH_KEY"),
        ("456", False, "quota"),
        ("blank", False, "returned nothing for “Le mot juste & rare.”"),
    ],
)
def test_failure_is_an_engine_error_that_says_whether_to_try_again(
    engine: DeepL, service: DeepLStandIn, monkeypatch: pytest.MonkeyPatch, fault: str, retryable: bool, says: str
) -> None:
    if fault == "timeout":
        monkeypatch.setattr(deepl.http_client, "min_connection_timeout", 0.1)
    service.always = fault
    with pytest.raises(EngineError, match=says) as caught:
        translate(engine, SENTENCE)
    assert caught.value.retryable is retryable


def test_connection_refused_is_worth_another_try(service: DeepLStandIn, tmp_path: Path) -> None:
    engine = DeepL(DeepL.Settings(server_url="http://127.0.0.1:1"), data_dir=tmp_path)
    with pytest.raises(EngineError) as caught:
        translate(engine, SENTENCE)
    assert caught.value.retryable
    assert engine.problem(PAIR) is None
    engine.close()


def test_the_client_alone_retries(engine: DeepL, service: DeepLStandIn) -> None:
    service.faults.append("503")
    assert translate(engine, SENTENCE)[0].uncertain is False
    assert service.statuses == [503, 200]
    service.always = "429"
    with pytest.raises(EngineError):
        translate(engine, SENTENCE)
    assert service.statuses == [503, 200, 429, 429]


def test_problem_without_key_says_which_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MAGAZINE_DEEPL", raising=False)
    engine = DeepL(DeepL.Settings(key_env="MAGAZINE_DEEPL"), data_dir=tmp_path)
    assert engine.problem(PAIR) == "there is no key; set the environment variable MAGAZINE_DEEPL"


def test_problem_names_a_refused_key_a_spent_quota_and_an_unknown_language(
    engine: DeepL, service: DeepLStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.problem(PAIR) is None
    assert engine.problem(LanguagePair("tlh", "en")) == "it does not have the language 'tlh'"
    service.count = service.limit
    with pytest.raises(EngineError, match="quota"):
        translate(engine, SENTENCE)
    assert "used up (500,000 of 500,000 characters)" in (engine.problem(PAIR) or "")
    monkeypatch.setenv("DEEPL_AUTH_KEY", "wrong")
    other = DeepL(DeepL.Settings(server_url=service.url), data_dir=tmp_path)
    assert (other.problem(PAIR) or "").startswith("DeepL refuses the key; check DEEPL_AUTH_KEY")
    other.close()


def test_characters_xml_forbids_do_not_spoil_the_batch(engine: DeepL) -> None:
    assert translate(engine, EngineText("un\x0bdeux\ufffe"))[0].tagged == "UN DEUX "


@given(st.lists(st.sampled_from(["<1>", "</1>", "<23/>", "a é", " & <b>", "“", '"', "t1", "x2"])))
def test_from_xml_undoes_to_xml(pieces: list[str]) -> None:
    tagged = "".join(piece if piece[:1] == "<" else escape_text(piece) for piece in pieces)
    assert from_xml(to_xml(tagged)) == tagged


def test_from_xml_reads_other_ways_to_write_the_same() -> None:
    assert from_xml("L&apos;&#233;t&eacute; <x2></x2> &quot;<t1 >a</t1 >&quot;<x3 /> R&D") == (
        'L\'été <2/> "<1>a</1>"<3/> R&amp;D'
    )
