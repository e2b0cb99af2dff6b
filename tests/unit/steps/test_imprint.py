"""The lines around an article, and our names for what partners call theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from tests.builders import HARBOUR

from ivpipe.model import Image, Magazine, SourceCredit
from ivpipe.model.magazine import Editions, Labels, in_language
from ivpipe.steps import imprint as step
from ivpipe.steps.imprint import Imprint, Lines

MAGAZINE = Magazine(
    name="The <Review>",
    attribution={
        "en": 'Translated by {magazine} / {translator} from <a href="{source_url}">{partner}</a>.',
        "fr": "Traduit par {magazine} & {translator}, d’après {partner}.",
    },
    postscript={"en": 'If you like it, <a href="https://review.example/give?a=1&b=2">give</a>.', "fr": ""},
    copyright="© {magazine} {year} – {original_title}, {original_date}",
    licence="CC BY 4.0",
    picture_credit={"en": "Photo: {credit}", "fr": "Photo : {credit}"},
)
CREDIT = SourceCredit(slug="semaine", name="La Semaine & Co", url="https://semaine.example/")


def lines(credit: SourceCredit = CREDIT, lang: str = "en", translator: str = "Tess") -> Lines:
    return step.fill_lines(Imprint(MAGAZINE, lambda _: credit), credit, HARBOUR, lang, translator, 2026)


def test_lines_are_filled_in_the_language_of_the_page() -> None:
    assert lines() == Lines(
        "Translated by <strong>The &lt;Review&gt;</strong> / <strong>Tess</strong> from "
        '<a href="https://semaine.example/port"><strong>La Semaine &amp; Co</strong></a>.',
        'If you like it, <a href="https://review.example/give?a=1&amp;b=2">give</a>.',
        "© The <Review> 2026 – Au port, la grève tient, 12 June 2026",
        "CC BY 4.0",
    )
    assert lines(lang="fr", translator="") == Lines(
        "Traduit par <strong>The &lt;Review&gt;</strong> &amp; <strong>The &lt;Review&gt;</strong>, d’après "
        "<strong>La Semaine &amp; Co</strong>.",
        "",
        "© The <Review> 2026 – Au port, la grève tient, 12 juin 2026",
        "CC BY 4.0",
    )


def test_a_source_may_have_lines_of_its_own_for_some_languages() -> None:
    own = CREDIT.model_copy(
        update={"attribution": {"en": "From {partner}."}, "postscript": {"en": ""}, "licence": "All rights reserved"}
    )
    assert lines(own) == replace(
        lines(),
        attribution_html="From <strong>La Semaine &amp; Co</strong>.",
        postscript_html="",
        licence="All rights reserved",
    )
    assert lines(own, "fr").attribution_html == lines(lang="fr").attribution_html


def test_hostile_names_are_text() -> None:
    hostile = CREDIT.model_copy(update={"name": '"><script>{magazine}', "attribution": "{partner}"})
    assert lines(hostile).attribution_html == '<strong>"&gt;&lt;script&gt;{magazine}</strong>'


def test_a_line_that_names_what_there_is_not_is_refused_when_it_is_read() -> None:
    for bad in ("By {nobody}", {"en": "By {magazine.__class__}"}, "By {magazine", "By {}"):
        with pytest.raises(ValidationError, match="there is no|cannot be read"):
            Magazine(name="x", attribution=bad)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="use {number} {month} {year} only"):
        Editions(label="{magazine}")


def test_markup_that_would_show_as_text_is_told() -> None:
    assert step.markup_fault("A & B <strong>{magazine}</strong>") == ""
    assert step.markup_fault({"en": "fine", "fr": "<div>x</div>"}).startswith("<div> is not inline markup")


def test_what_a_person_wrote_is_canonical_once_and_for_all() -> None:
    for html, canonical in {
        'A & B&nbsp;<em>"c"</em> <a href="https://x.example/?a=1&b=2">d</a>': (
            'A &amp; B\u00a0<em>"c"</em> <a href="https://x.example/?a=1&amp;b=2">d</a>'
        ),
        "1 < 2 > 0": "1 &lt; 2 &gt; 0",
        "<b>x</b> & y": "&lt;b&gt;x&lt;/b&gt; &amp; y",
        '<a href="javascript:x">z</a>': "z",
    }.items():
        assert step.written_html(html) == canonical
        assert step.written_html(canonical) == canonical


def test_a_regional_language_takes_its_primary_ones_text() -> None:
    words: dict[str, str] = {"pt": "um", "pt-BR": "dois"}
    assert [in_language(words, lang) for lang in ("pt-PT", "pt-BR", "pt", "en")] == ["um", "dois", "um", None]


def test_picture_credits_need_a_credit() -> None:
    of = Imprint(MAGAZINE, lambda _: CREDIT)
    image = Image("https://semaine.example/quay.jpg", credit="A. <em>Le Goff</em>")
    assert step.picture_credit(of, CREDIT, image, "en") == "Photo: A. <em>Le Goff</em>"
    assert step.picture_credit(of, CREDIT, replace(image, credit=""), "en") == ""
    own = CREDIT.model_copy(update={"picture_credit": "© {partner}"})
    assert step.picture_credit(of, own, replace(image, credit=""), "en") == "© La Semaine &amp; Co"


def named(what: str, **changes: Any) -> Any:
    """What a partner's section, tags and country come to: target's labels first, then the source's, the magazine's."""
    original = replace(
        HARBOUR, section="Étranger", tags=("grève", "Ports", "grève", "mer"), kicker="Chronique", **changes
    )
    own = CREDIT.model_copy(
        update={"labels": Labels(sections={"Étranger": "World"}, keywords={"ports": {"en": "docks"}})}
    )
    of = Imprint(
        MAGAZINE,
        lambda _: own,
        labels=Labels(sections={"*": "Features"}, keywords={"GREVE": "strikes", "ports": "ports", "mer": ""}),
        target_labels=Labels(countries={"grève": {"en": "Brittany"}}),
    )
    if what == "country":
        return step.country_of(of, own, original, replace(original, kicker="Chronicle"), "en")
    return {"section": step.section_of, "keywords": step.keywords_of}[what](of, own, original, "en")


def test_labels_are_found_target_first_then_source_then_magazine() -> None:
    assert named("section") == "World"
    assert named("keywords") == ("strikes", "docks")
    assert named("country") == "Brittany"


def test_what_has_no_label_falls_back() -> None:
    of = Imprint(MAGAZINE, lambda _: CREDIT)
    original = replace(HARBOUR, section="Étranger", tags=("grève",))
    assert step.section_of(of, CREDIT, original, "en") == "Étranger"
    assert step.keywords_of(of, CREDIT, original, "en") == ()
    assert step.country_of(of, CREDIT, original, replace(original, kicker="<em>Ports</em>"), "en") == "<em>Ports</em>"
    others = replace(of, labels=Labels(sections={"*": {"en": "Features"}}))
    assert step.section_of(others, CREDIT, original, "en") == "Features"
    assert step.section_of(others, CREDIT, original, "fr") == "Étranger"
