from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servers.openai_stand_in import OpenAIStandIn

from ivpipe.engines import EngineOptions, EngineResult, EngineText
from ivpipe.engines.openai import OpenAI, read_segments
from ivpipe.engines.tagged import frozen_tags
from ivpipe.errors import EngineAuth, EngineError, EnginePermanent, EngineQuota, EngineRate, EngineTransient
from ivpipe.model.languages import LanguagePair
from ivpipe.text.inline import plain_text, tag_problem

PAIR = LanguagePair("fr", "en")
SENTENCE = EngineText("Le mot <1>juste</1> &amp; rare<2/>.", context="Avant. Après.")
FIVE = [EngineText(f"Phrase <1>{number}</1>.") for number in range(5)]
FIVE_UPPER = [f"PHRASE <1>{number}</1>." for number in range(5)]


@pytest.fixture
def service() -> Iterator[OpenAIStandIn]:
    with OpenAIStandIn() as running:
        yield running


@pytest.fixture
def engine(service: OpenAIStandIn, tmp_path: Path) -> Iterator[OpenAI]:
    settings = OpenAI.Settings(server_url=f"{service.url}/v1", model="small", timeout_seconds=5)
    engine = OpenAI(settings, data_dir=tmp_path)
    yield engine
    service.released.set()
    engine.close()


def translate(engine: OpenAI, *texts: EngineText) -> list[EngineResult]:
    return engine.translate(texts, PAIR, EngineOptions())


def test_translate_sends_numbered_segments_with_context(engine: OpenAI, service: OpenAIStandIn) -> None:
    assert translate(engine, SENTENCE, EngineText("<1/>"), FIVE[0]) == [
        EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", billed=20),
        EngineResult("<1/>"),
        EngineResult("PHRASE <1>0</1>.", billed=9),
    ]
    [request] = service.requests
    assert (request["model"], request["temperature"]) == ("small", 0.0)
    assert request["response_format"] == {"type": "json_object"}
    assert "from French into English" in request["messages"][0]["content"]
    assert json.loads(request["messages"][1]["content"]) == {
        "segments": [{"id": 1, "text": SENTENCE.tagged}, {"id": 2, "text": FIVE[0].tagged}],
        "context": "Avant. Après.",
    }


def test_prompt_carries_style_terms_and_formality_and_so_does_the_variant(
    service: OpenAIStandIn, tmp_path: Path
) -> None:
    def made(**more: object) -> OpenAI:
        return OpenAI(
            OpenAI.Settings(server_url=f"{service.url}/v1", model="small", **more),  # type: ignore[arg-type]
            data_dir=tmp_path,
        )

    told = made(style="British spelling.", glossaries={"fr-en": {"grève": "strike"}, "de-en": {"Streik": "walkout"}})
    told.translate([SENTENCE], PAIR, EngineOptions(formality="formal"))
    prompt = service.requests[0]["messages"][0]["content"]
    assert "Style:\nBritish spelling." in prompt
    assert "grève = strike" in prompt
    assert "walkout" not in prompt
    assert "Formality: formal." in prompt
    variants = {
        engine.variant(PAIR, EngineOptions(formality=formality))
        for engine in (told, made(), made(style="American."), made(temperature=0.5))
        for formality in ("", "formal")
    }
    assert len(variants) == 8
    told.close()


def test_answers_in_another_order_are_told_by_their_numbers(engine: OpenAI, service: OpenAIStandIn) -> None:
    service.always = "reorder"
    assert [result.tagged for result in translate(engine, *FIVE)] == FIVE_UPPER
    assert len(service.requests) == 1


class AnyModel:
    """A service that answers whatever is drawn; ``said`` are the texts it gave to each text it was sent."""

    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw.draw
        self.said: dict[str, list[str]] = {}
        self.requests = 0

    def post(self, path: str, body: dict[str, Any]) -> object:
        self.requests += 1
        sent = [one["text"] for one in json.loads(body["messages"][1]["content"])["segments"]]
        forms = st.sampled_from(
            ["T{0}", "<1>T{0}</1>", "<1>T{0}", "</1>T{0}<1>", "T{0}<1/>", "<b>T{0}</b>", "", " ", '"}}]}} T{0}']
        )
        answers = []
        for number in self.draw(st.just(range(1, len(sent) + 1)) | st.lists(st.integers(-1, len(sent) + 2))):
            text = self.draw(forms).format(f"{self.requests}.{number}")
            answers.append({"id": number, "text": text})
            if 1 <= number <= len(sent):
                self.said.setdefault(sent[number - 1], []).append(text)
        content = json.dumps({"segments": answers})
        frames = ["{0}", "```json\n{0}\n```", "{{x}} {0} {{y}}", '{{"answer": {0}}}', "[{0}, {0}]", "", "Sorry."]
        return {"choices": [{"message": {"content": self.draw(st.sampled_from(frames)).format(content)}}]}


@settings(max_examples=300, deadline=None)
@given(st.data(), st.integers(1, 9))
def test_whatever_a_model_answers_no_text_gets_anothers_translation(draw: st.DataObject, count: int) -> None:
    engine = OpenAI(OpenAI.Settings(server_url="http://127.0.0.1:1/v1", model="m"), data_dir=Path())
    model = AnyModel(draw)
    engine._service = model  # type: ignore[assignment]
    texts = [EngineText(f"Texte <1>{number}</1>.") for number in range(count)]
    for text, result in zip(texts, translate(engine, *texts), strict=True):
        if result.error is None:
            assert tag_problem(result.tagged, frozen_tags(text.tagged)) is None
            assert plain_text(result.tagged) in map(plain_text, model.said[text.tagged])
    assert model.requests <= 3 * count


def test_chatter_around_the_json_is_passed_over(engine: OpenAI, service: OpenAIStandIn) -> None:
    service.always = "chatter"
    assert [result.tagged for result in translate(engine, *FIVE)] == FIVE_UPPER
    assert len(service.requests) == 1


HALVED = ["merge", "merge blank", "shift", "prose", "length", "missing", "extra", "leak", "echo", "refusal"]


@pytest.mark.parametrize("fault", HALVED)
def test_batch_that_loses_count_is_halved_and_asked_again(engine: OpenAI, service: OpenAIStandIn, fault: str) -> None:
    service.faults.append(fault)
    results = translate(engine, *FIVE)
    assert [result.tagged for result in results] == FIVE_UPPER
    assert [len(asked) for asked in service.asked] == [5, 2, 3]
    assert sum(result.billed for result in results) == 2 * 45


def test_model_that_merges_whatever_it_can_is_asked_one_by_one(engine: OpenAI, service: OpenAIStandIn) -> None:
    service.always = "several"
    assert [result.tagged for result in translate(engine, *FIVE)] == FIVE_UPPER
    assert [len(asked) for asked in service.asked] == [5, 2, 1, 1, 3, 1, 2, 1, 1]


def test_wrong_tags_are_asked_for_once_more_alone_then_placed(engine: OpenAI, service: OpenAIStandIn) -> None:
    service.faults.append("drop")
    assert translate(engine, EngineText("Sans balise."), SENTENCE) == [
        EngineResult("SANS BALISE.", billed=12),
        EngineResult("LE MOT <1>JUSTE</1> &amp; RARE<2/>.", billed=40),
    ]
    for fault in ("drop", "duplicate", "scramble", "hollow"):
        service.always = fault
        [_plain, result] = translate(engine, EngineText("Sans balise."), SENTENCE)
        assert result.error is None
        assert result.uncertain, fault
        assert result.billed == 40


@pytest.mark.parametrize("fault", ["prose", "blank", *HALVED[2:]])
def test_text_it_will_not_translate_is_given_up_alone(engine: OpenAI, service: OpenAIStandIn, fault: str) -> None:
    service.faults.extend([fault, "", fault])
    first, second, third = translate(engine, *FIVE[:3])
    assert (first.tagged, third.tagged) == (FIVE_UPPER[0], FIVE_UPPER[2])
    assert second == EngineResult(FIVE_UPPER[1], second.billed)
    service.always = fault
    [given_up] = translate(engine, SENTENCE)
    assert isinstance(given_up.error, EnginePermanent)
    assert "did not translate “Le mot juste & rare.”" in str(given_up.error)


def test_outage_in_the_middle_keeps_what_was_paid(engine: OpenAI, service: OpenAIStandIn) -> None:
    service.faults.extend(["merge", "", "503"])
    results = translate(engine, *FIVE)
    assert [result.tagged for result in results] == [*FIVE_UPPER[:2], "", "", ""]
    assert all(isinstance(result.error, EngineTransient) for result in results[2:])
    assert sum(result.billed for result in results) == 45 + 18


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        ("401", EngineAuth, "OPENAI_API_KEY"),
        ("quota", EngineQuota, "exceeded your current quota"),
        ("429", EngineRate, "429"),
        ("500", EngineTransient, "HTTP 500"),
        ("413", EnginePermanent, "HTTP 413"),
        ("timeout", EngineTransient, "no answer within 0.2 seconds"),
        ("half", EngineTransient, "does not answer as it should"),
        ("cut", EngineTransient, "no JSON"),
        ("deep", EngineTransient, "no JSON"),
        ("drip", EngineTransient, "no answer within 0.2 seconds"),
        ("html", EngineTransient, "no JSON"),
    ],
)
def test_failure_is_an_error_of_the_tree(
    service: OpenAIStandIn, tmp_path: Path, fault: str, kind: type[EngineError], says: str
) -> None:
    patience = 0.2 if fault in ("timeout", "drip") else 5
    settings = OpenAI.Settings(server_url=f"{service.url}/v1", model="small", timeout_seconds=patience)
    engine = OpenAI(settings, data_dir=tmp_path)
    service.always = fault
    with pytest.raises(EngineError, match=says) as caught:
        translate(engine, SENTENCE)
    service.released.set()
    engine.close()
    assert type(caught.value) is kind
    assert caught.value.retry_after == (7.0 if fault == "429" else None)


def test_key_goes_along_and_is_never_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIStandIn(key="right") as service:
        settings = OpenAI.Settings(server_url=f"{service.url}/v1", model="small")
        monkeypatch.setenv("OPENAI_API_KEY", "right")
        engine = OpenAI(settings, data_dir=tmp_path)
        assert len(translate(engine, SENTENCE)) == 1
        engine.close()
        monkeypatch.setenv("OPENAI_API_KEY", "wrong-secret")
        engine = OpenAI(settings, data_dir=tmp_path)
        with pytest.raises(EngineAuth, match=r"Incorrect API key: Bearer \*\*\*") as caught:
            translate(engine, SENTENCE)
        assert "wrong-secret" not in str(caught.value)
        engine.close()


def test_model_the_service_lacks_is_permanent(service: OpenAIStandIn, tmp_path: Path) -> None:
    engine = OpenAI(OpenAI.Settings(server_url=f"{service.url}/v1", model="large"), data_dir=tmp_path)
    with pytest.raises(EnginePermanent, match="The model large does not exist"):
        translate(engine, SENTENCE)
    engine.close()


def test_problem_asks_for_a_model_a_key_and_languages_with_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    nothing = OpenAI(OpenAI.Settings(), data_dir=tmp_path)
    assert nothing.problem(PAIR) == "no model is named; set engines.openai.model"
    named = OpenAI(OpenAI.Settings(model="m"), data_dir=tmp_path)
    assert named.problem(PAIR) == "there is no key; set the environment variable OPENAI_API_KEY"
    own = OpenAI(OpenAI.Settings(model="m", server_url="http://127.0.0.1:11434/v1"), data_dir=tmp_path)
    assert own.problem(PAIR) is None
    assert own.problem(LanguagePair("zzz", "en")) == "'zzz' is no language that it could be told the name of"


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_read_segments_never_raises(content: str) -> None:
    assert read_segments(content) is None


def test_read_segments_survives_depth_and_doubles() -> None:
    assert read_segments('{"a":' * 100_000) is None
    assert read_segments('{"segments": [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]}') is None
    assert read_segments('{"segments": [{"id": "1", "text": "a"}]}') is None
    assert read_segments('{"segments": [{"id": true, "text": "a"}]}') is None
    assert (
        read_segments('{"segments": [{"id": 1, "text": "PWNED"}]}, so: {"segments": [{"id": 1, "text": "a"}]}') is None
    )
    assert read_segments('{"x": {}} {"segments": [{"id": 1, "text": "a"}]}') == {1: "a"}
