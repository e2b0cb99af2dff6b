from __future__ import annotations

import pytest

from ivpipe.sources.filters import refusal
from ivpipe.sources.spec import Filters


def wanted(filters: Filters, **known: object) -> str:
    return refusal(filters, **known)  # type: ignore[arg-type]


def test_no_filters_let_everything_pass() -> None:
    assert wanted(Filters()) == ""


@pytest.mark.parametrize("section", ["Écologie", "ecologie", " ÉCOLOGIE "])
def test_sections_are_compared_without_case_and_accents(section: str) -> None:
    filters = Filters(sections=("écologie", "Monde"))
    assert wanted(filters, sections=[section, "Vidéo"]) == ""
    assert wanted(Filters(not_sections=("Ecologie",)), sections=[section]) == "its section is “Ecologie”"


def test_what_is_not_known_yet_does_not_refuse() -> None:
    filters = Filters(sections=("Monde",), authors=("Rosa",), keywords=("grève",))
    assert wanted(filters, texts=["Titre"], whole=False) == ""
    assert wanted(filters, sections=["Sport"], whole=False) == "its section is none of “Monde”"
    assert wanted(filters, authors=["Karl"], whole=False) == "its author is none of “Rosa”"
    assert wanted(filters) == "its section is none of “Monde”"


@pytest.mark.parametrize(
    ("keyword", "text", "hit"),
    [
        ("grève", "La grève tient", True),
        ("grève", "Les grévistes", False),
        ("l'eau", "À propos de l’eau", True),
        ("New  York", "à new york-city", True),
        ("C++", "du c++ partout", True),
        ("забастовка", "Забастовка!", True),
    ],
)
def test_keywords_are_words_or_phrases(keyword: str, text: str, hit: bool) -> None:
    assert (wanted(Filters(keywords=(keyword,)), texts=[text]) == "") is hit
    assert (wanted(Filters(not_keywords=(keyword,)), texts=[text]) == "") is not hit


def test_keywords_are_looked_for_in_tags_too() -> None:
    assert wanted(Filters(keywords=("ports",)), sections=["Ports"], texts=["Titre"]) == ""


def test_an_unwanted_author_refuses_whatever_else_fits() -> None:
    filters = Filters(sections=("Monde",), not_authors=("AFP",))
    assert wanted(filters, sections=["Monde"], authors=["Rosa", "afp"]) == "its author is “AFP”"
