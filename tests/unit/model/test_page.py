"""Pages as JSON values and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.builders import HARBOUR
from tests.builders import PAGE as PLAIN

from ivpipe.model import Image, Page, Picture, Sibling

QUAY = Picture(
    src="https://semaine.example/quay.jpg",
    file=Path("/data/pictures/ab/abc.jpg"),
    media_type="image/jpeg",
    width=1200,
    height=800,
    sha256="ab" * 32,
    alt="An empty quay",
    caption_html="The quay on <em>Monday</em>.",
    credit_html="Photo: A. Le Goff",
    lead=True,
)
PAGE = replace(
    PLAIN,
    revision=2,
    document=HARBOUR,
    translator="Tess",
    updated_at=datetime(2026, 7, 2, 12, tzinfo=UTC),
    country="Brittany",
    section="Workers",
    keywords=("ports", "strikes"),
    edition="IVP605 – June 2025",
    correction_html="The date of the strike was wrong.",
    pictures=(QUAY, replace(QUAY, src="https://semaine.example/crane.jpg", lead=False)),
    siblings=(Sibling("de", "der-streik-haelt", "12", "https://ferry.example/de/der-streik-haelt.html"),),
)


def test_a_page_survives_json() -> None:
    assert Page.from_dict(json.loads(json.dumps(PAGE.to_dict()))) == PAGE


def test_a_page_of_an_earlier_version_is_read() -> None:
    values = PAGE.to_dict() | {"alternates": [["de", "der-streik-haelt"]]}
    for name in ("country", "section", "keywords", "edition", "correction_html", "pictures", "siblings"):
        del values[name]
    bare = replace(PAGE, country="", section="", keywords=(), edition="", correction_html="", pictures=(), siblings=())
    assert Page.from_dict(values) == bare


def test_pictures_are_found_by_the_address_at_the_partner() -> None:
    assert PAGE.lead == QUAY
    assert PAGE.picture_of(Image("https://semaine.example/quay.jpg")) == QUAY
    assert PAGE.picture_of(Image("https://semaine.example/other.jpg")) is None
