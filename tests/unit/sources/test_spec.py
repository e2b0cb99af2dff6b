"""Specs: fields of a former design, replacements, a source's own extractor."""

from __future__ import annotations

import sys
import tomllib
import types
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from tests.builders import HARBOUR

from ivpipe.errors import ExtractionError
from ivpipe.model import Document
from ivpipe.sources.reading import is_teaser, read_document
from ivpipe.sources.spec import SourceSpec

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
URL = "https://semaine.example/port"
TEXT = "<p>Les dockers ne cèdent pas, et le port reste vide depuis trois semaines. Rien n’entre, rien ne sort.</p>" * 8
PAGE = f"""<html lang=fr><title>Édito : La grève tient | La Semaine</title><body><article>
<h1>Édito : La grève tient</h1>
<p class=new>Le nouveau chapô.</p><p class=old>L’ancien chapô.</p><p class=older>Le tout premier chapô.</p>
<p class=marked>Chapô : La <em>grève</em> tient.</p>{TEXT}</article>""".encode()


def spec(text: str = "") -> SourceSpec:
    base = 'name = "S"\nurl = "https://semaine.example/"\nlanguages = ["fr"]\n'
    tail = '\n[discovery]\nurls = ["https://semaine.example/feed"]\n'
    head, _, tables = text.partition("[")
    return SourceSpec(slug="semaine", **tomllib.loads(base + head + tail + ("[" + tables if tables else "")))


def read(source: SourceSpec, fetched_at: datetime = NOW) -> Document:
    return read_document(PAGE, URL, spec=source, fetched_at=fetched_at, content_type="text/html; charset=utf-8")


REDESIGNED = """[fields]
standfirst = ["css:.new"]
[[fields_before]]
until = 2025-03-01
standfirst = ["css:.old"]
[[fields_before]]
until = 2020-01-01
standfirst = ["css:.older"]
"""


@pytest.mark.parametrize(
    ("day", "standfirst"),
    [
        ((2026, 7, 1), "Le nouveau chapô."),
        ((2025, 3, 1), "Le nouveau chapô."),
        ((2025, 2, 28), "L’ancien chapô."),
        ((2020, 1, 1), "L’ancien chapô."),
        ((2019, 12, 31), "Le tout premier chapô."),
    ],
)
def test_a_page_is_read_by_the_fields_of_its_day(day: tuple[int, int, int], standfirst: str) -> None:
    assert read(spec(REDESIGNED), datetime(*day, 12, tzinfo=UTC)).standfirst == standfirst


@pytest.mark.parametrize(
    ("pairs", "standfirst"),
    [
        (r'[["^Chapô\\s*:\\s*", ""]]', "La <em>grève</em> tient."),
        (r'[["^Chapô : ", ""], ["tient", "continue"]]', "La <em>grève</em> continue."),
        (r'[["</em>", ""]]', "Chapô : La grève tient."),
        (r'[["^(\\w+) : ", "\\1, "]]', "Chapô, La <em>grève</em> tient."),
        (r'[["tient", "<b>x</b>"]]', "Chapô : La grève &lt;b&gt;x&lt;/b&gt;."),
    ],
)
def test_replacements_are_applied_and_never_break_the_markup(pairs: str, standfirst: str) -> None:
    text = f'[fields]\nstandfirst = ["css:.marked"]\n[fields.replace]\nstandfirst = {pairs}\n'
    assert read(spec(text)).standfirst == standfirst


def test_replacements_that_leave_no_title_are_an_error() -> None:
    assert read(spec('[fields.replace]\ntitle = [["^Édito : ", ""]]\n')).title == "La grève tient"
    with pytest.raises(ExtractionError, match=r"leaves nothing of the title.*sources/semaine\.toml"):
        read(spec('[fields.replace]\ntitle = [[".*", ""]]\n'))


def test_replacements_in_lists_drop_what_is_empty() -> None:
    document = read(spec('[fields]\nauthors = ["css:.old", "css:.new"]\n[fields.replace]\nauthors = [["^L.*$", ""]]\n'))
    assert document.authors == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[fields.replace]\ntitle = [["(", ""]]', "is no regular expression"),
        ('[fields.replace]\nbody = [["a", ""]]', "Input should be"),
        ('extractor = "os.system:x y"', "String should match"),
        ("relook_days = -1", "greater than or equal to 0"),
        ('[[fields_before]]\nstandfirst = ["css:p"]', "Field required"),
        ('[filters]\nsection = ["x"]', "Extra inputs"),
    ],
)
def test_faults_of_a_spec_are_named(text: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        spec(text)


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType("semaine_extractor")
    monkeypatch.setitem(sys.modules, "semaine_extractor", module)
    from ivpipe.sources import reading

    reading._extractor.cache_clear()
    return module


def test_a_source_s_own_extractor_reads_its_pages(odd: types.ModuleType) -> None:
    def extract(page: bytes, url: str, *, spec: SourceSpec, content_type: str) -> Document:
        assert (page, url, spec.slug, content_type) == (PAGE, URL, "semaine", "text/html; charset=utf-8")
        return HARBOUR

    odd.extract = extract  # type: ignore[attr-defined]
    document = read(spec('extractor = "semaine_extractor:extract"'))
    assert (document.title, document.extractor) == (HARBOUR.title, "semaine_extractor:extract")


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (lambda: 1 / 0, "the source's own extractor failed: ZeroDivisionError"),
        (lambda: "text", "returned str, not a Document"),
        (lambda: Document(url=URL, title="T"), "no title, or no text"),
        (lambda: Document(url=URL, title="T & <script>", blocks=HARBOUR.blocks), "HTML that is not ours"),
    ],
)
def test_faults_of_an_own_extractor_are_errors_of_the_page(odd: types.ModuleType, made: object, fault: str) -> None:
    odd.extract = lambda page, url, spec, content_type: made()  # type: ignore[attr-defined, operator]
    with pytest.raises(ExtractionError, match=fault) as caught:
        read(spec('extractor = "semaine_extractor:extract"'))
    assert URL in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.at_all:extract", "semaine_extractor:missing", "no-such-entry-point"])
def test_an_own_extractor_that_is_not_there_says_so(odd: types.ModuleType, name: str) -> None:
    with pytest.raises(ExtractionError, match=r"mend the extractor .* of config/sources/semaine\.toml"):
        read(spec(f'extractor = "{name}"'))


def test_is_teaser_goes_by_what_extraction_warns_of() -> None:
    paid = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"T","isAccessibleForFree":false}</script>'
    )
    page = f"<html><head>{paid}</head><body><article><h1>T</h1><p>Les dockers ne cèdent pas, et le port reste…</p></article>"
    document = read_document(page.encode(), URL, spec=spec(), fetched_at=NOW)
    assert is_teaser(document)
    assert not is_teaser(read(spec()))
