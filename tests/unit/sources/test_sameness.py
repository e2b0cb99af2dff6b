from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import HARBOUR
from tests.properties.documents import documents

from ivpipe.model import Block, BlockType, Document
from ivpipe.sources.sameness import address_key, canonical_key, fingerprint, is_variant, title_key

KEY = "partner.example/2024/greve"


@pytest.mark.parametrize(
    ("link", "variant"),
    [
        ("https://partner.example/2024/greve", False),
        ("http://www.partner.example/2024/greve/", False),
        ("https://partner.example/2024/greve?utm_source=rss&fbclid=1#haut", False),
        ("https://partner.example/2024/greve/index.html", False),
        ("https://partner.example:443/2024/gr%65ve", False),
        ("https://partner.example/2024/greve/amp", True),
        ("https://partner.example/2024/greve/amp/", True),
        ("https://partner.example/amp/2024/greve", True),
        ("https://partner.example/2024/greve?amp=1", True),
        ("https://partner.example/2024/greve?outputType=amp", True),
        ("https://m.partner.example/2024/greve", True),
        ("https://amp.partner.example/2024/greve", True),
        ("https://www.google.com/amp/s/www.partner.example/2024/greve/amp/", True),
        ("https://partner-example.cdn.ampproject.org/c/s/partner.example/2024/greve", True),
    ],
)
def test_variants_of_one_address_have_one_key(link: str, variant: bool) -> None:
    assert address_key(link) == KEY
    assert is_variant(link) is variant


@pytest.mark.parametrize(
    "link",
    [
        "https://partner.example/2024/greves",
        "https://other.example/2024/greve",
        "https://partner.example/2024/greve?page=2",
        "https://partner.example:8080/2024/greve",
        "https://partner.example/2024/camp",
        "https://blog.partner.example/2024/greve",
    ],
)
def test_other_pages_have_other_keys(link: str) -> None:
    assert address_key(link) not in ("", KEY)


def test_what_is_no_address_has_no_key() -> None:
    assert (address_key("javascript:alert(1)"), is_variant("nonsense://"), address_key("")) == ("", False, "")


def test_order_of_parameters_does_not_count() -> None:
    assert address_key("https://a.example/?id=1&b=2") == address_key("http://a.example?b=2&id=1&utm_medium=x")


@given(st.text(max_size=60))
def test_address_key_of_any_text_is_stable(text: str) -> None:
    key = address_key(f"https://partner.example/{text}")
    assert key == address_key(f"https://partner.example/{text}")
    assert not key or address_key(f"https://{key}") in (key, address_key(f"https://{key}"))


def test_canonical_key_ignores_an_address_that_is_the_site() -> None:
    assert canonical_key(replace(HARBOUR, canonical_url="https://semaine.example/")) == ""
    assert canonical_key(HARBOUR) == "semaine.example/port"


def test_fingerprint_ignores_address_and_markup_but_no_word() -> None:
    text = "Trois semaines après le début du mouvement, les dockers ne cèdent pas. " * 5
    one = replace(HARBOUR, blocks=(Block(BlockType.PARAGRAPH, text),))
    same = replace(one, url="https://x.example/", blocks=(Block(BlockType.PARAGRAPH, f"<em>{text}</em>"),))
    other = replace(one, blocks=(Block(BlockType.PARAGRAPH, text + "Fin."),))
    assert fingerprint(one) == fingerprint(same) != ""
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) != fingerprint(replace(one, title="Autre chose"))
    assert fingerprint(replace(one, blocks=(Block(BlockType.PARAGRAPH, "Court."),))) == ""


@pytest.mark.slow
@given(documents())
def test_fingerprint_of_any_document_is_a_hash_or_empty(document: Document) -> None:
    assert len(fingerprint(document)) in (0, 64)


def test_title_key_ignores_case_and_marks() -> None:
    assert (
        title_key("Au port, la Grève «\u00a0tient\u00a0» & dure") == title_key("Au port : la greve tient, dure") != ""
    )
