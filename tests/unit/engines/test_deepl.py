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
from ivpipe.engines.selection import batches
from ivpipe.errors import (
    EngineAuth,
    EngineError,
    EnginePermanent,
    EngineQuota,
    EngineRate,
    EngineTransient,
    EngineUnsupported,
)
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


def test_a_sentence_that_stands_around_several_texts_is_context_once(engine: DeepL, service: DeepLStandIn) -> None:
    translate(
        engine, EngineText("Un.", "Avant.\nDeux."), EngineText("Deux.", "Un.\nAprès."), EngineText("Après.", "Deux.")
    )
    assert service.requests[0]["context"] == "Avant.\nDeux.\nUn.\nAprès."


def test_batch_over_the_limits_is_cut_into_requests(engine: DeepL, service: DeepLStandIn) -> None:
    small = [EngineText(f"Phrase numéro {number}.") for number in range(120)]
    assert [result.tagged for result in translate(engine, *small)] == [text.tagged.upper() for text in small]
    assert [len(request["text"]) for request in service.requests] == [50, 50, 20]
    service.requests.clear()
    large = [EngineText("é" * 6_000, context="à" * 50_000) for _ in range(12)]
    assert len(translate(engine, *large)) == 12
    assert all(len(json.dumps(request)) <= MAX_BYTES for request in service.requests)
    assert 413 not in service.statuses


def test_text_too_large_for_any_request_is_refused_and_the_others_kept(engine: DeepL) -> None:
    results = translate(engine, EngineText("un"), EngineText("a" * 130_000), EngineText("deux"))
    assert [result.tagged for result in results] == ["UN", "", "DEUX"]
    error = results[1].error
    assert isinstance(error, EnginePermanent)
    assert "too large for one request" in str(error)


def test_batch_of_the_size_asked_for_is_one_request(engine: DeepL, service: DeepLStandIn) -> None:
    texts = [EngineText(f"{number} " + "é" * 900, context="à" * 4_000) for number in range(100)]
    cut = list(batches(texts, engine.capabilities()))
    for batch in cut:
        engine.translate(batch, PAIR, EngineOptions())
    assert [len(request["text"]) for request in service.requests] == [len(batch) for batch in cut]
    assert all(len(json.dumps(request)) <= MAX_BYTES for request in service.requests)


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
    ("fault", "kind", "says"),
    [
        ("429", EngineRate, "Too many requests"),
        ("503", EngineTransient, "Service unavailable"),
        ("500", EngineTransient, "500"),
        ("timeout", EngineTransient, "timed out"),
        ("half", EngineTransient, "failed"),
        ("cut", EngineTransient, "given 1 texts and returned 0"),
        ("html", EngineTransient, "given 1 texts and returned 0"),
        ("few", EngineTransient, "given 1 texts and returned 0"),
        ("many", EngineTransient, "given 1 texts and returned 2"),
        ("unbilled", EngineTransient, "cannot be read"),
        ("400", EnginePermanent, "Bad request"),
        ("413", EnginePermanent, "413"),
        ("403", EngineAuth, "DEEPL_AUTH_KEY"),
        ("456", EngineQuota, "quota"),
    ],
)
def test_failure_is_an_error_of_the_tree(
    engine: DeepL,
    service: DeepLStandIn,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    kind: type[EngineError],
    says: str,
) -> None:
    if fault == "timeout":
        monkeypatch.setattr(deepl.http_client, "min_connection_timeout", 0.1)
    service.always = fault
    with pytest.raises(EngineError, match=says) as caught:
        translate(engine, SENTENCE)
    assert type(caught.value) is kind


def test_language_the_account_lacks_is_unsupported(engine: DeepL) -> None:
    with pytest.raises(EngineUnsupported, match="'target_lang' not supported"):
        translate(engine, SENTENCE, pair=LanguagePair("fr", "ja"))


def test_nothing_for_one_text_does_not_cost_the_others(engine: DeepL, service: DeepLStandIn) -> None:
    service.always = "blank"
    [result] = translate(engine, SENTENCE)
    assert (result.tagged, result.billed) == ("", 40)
    assert "returned nothing for “Le mot juste & rare.”" in str(result.error)


@pytest.mark.parametrize("second", ["429", "503", "403", "456"])
def test_what_was_paid_is_kept_where_asking_again_fails(engine: DeepL, service: DeepLStandIn, second: str) -> None:
    service.faults.extend(["drop", second, second])
    results = translate(engine, SENTENCE, EngineText("Sans balise."))
    assert results == [
        EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", billed=20, uncertain=True),
        EngineResult("SANS BALISE.", billed=12),
    ]
    assert service.count == 32


def test_request_carries_glossary_style_and_instructions_and_so_does_the_variant(
    service: DeepLStandIn, tmp_path: Path
) -> None:
    service.glossaries.add("g-1")
    service.style_rules.add("s-1")
    settings = DeepL.Settings(
        server_url=service.url,
        glossaries={"fr-en": "g-1"},
        style_rules={"en": "s-1"},
        custom_instructions=("Write % as per cent.",),
    )
    engine = DeepL(settings, data_dir=tmp_path)
    translate(engine, SENTENCE)
    translate(engine, SENTENCE, pair=LanguagePair("en", "pt"))
    with_all, without = service.requests
    assert (with_all["glossary_id"], with_all["style_id"]) == ("g-1", "s-1")
    assert with_all["custom_instructions"] == ["Write % as per cent."]
    assert not {"glossary_id", "style_id", "custom_instructions"} & set(without)
    assert engine.variant(PAIR, EngineOptions()) == (
        'EN-GB {"custom_instructions": ["Write % as per cent."], "glossary": "g-1", "style_rule": "s-1"}'
    )
    assert engine.variant(LanguagePair("en", "pt"), EngineOptions(formality="formal")) == (
        'PT-PT {"formality": "prefer_more"}'
    )
    engine.close()
    lost = DeepL(DeepL.Settings(server_url=service.url, glossaries={"fr-en": "gone"}), data_dir=tmp_path)
    with pytest.raises(EnginePermanent, match="Glossary gone not found.*ids"):
        translate(lost, SENTENCE)
    lost.close()


@pytest.mark.parametrize(
    "values",
    [
        {"custom_instructions": ["x" * 301]},
        {"custom_instructions": ["x"] * 11},
        {"custom_instructions": [""]},
        {"custom_instructions": ["x"], "model_type": "latency_optimized"},
    ],
)
def test_instructions_deepl_would_refuse_are_refused_in_the_settings(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="custom_instructions|Settings"):
        DeepL.Settings(**values)  # type: ignore[arg-type]


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
