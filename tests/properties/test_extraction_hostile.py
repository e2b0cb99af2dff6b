"""Whatever a page holds, extraction gives a Document with canonical HTML, or an ExtractionError. It never hangs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivpipe.errors import ExtractionError
from ivpipe.model.document import BlockType, Document
from ivpipe.sources.extraction import extract
from ivpipe.text.inline import inline_tokens

URL = "https://revue.example/2025/article"
PAGES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "samples" / "pages").glob("*.html"))]
PIECES = [
    "<div>", "</div>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "</ul>", "<em>", "</em>",
    "<b>", "<a href='#nb1'>1</a>", "<a name=nb1>", "<sup>1</sup>", "[1]", "<blockquote>", "<figure>", "<img src=x>",
    "<figcaption>", "<pre>", "<br>", "<h1>", "<h2>", "<x-note-ref label='&quot;&lt;'>", "<!--", "-->", "<![CDATA[",
    "\x00", "\ud800", "&#0;", "&#xD800;", "<svg>", "<script>", "</script>", "<template>", "<base href='http://['>",
    "<iframe src='//youtube.com/embed/x'>", "<ol class=footnotes><li id=fn1>", "<span class='sidenote'>",
    "<noscript>", "<div class=spip_poesie>", "<body>", "</html>", "<html lang='x'>", "\u202e", "texte, texte. " * 20,
    "<div class='comments'>",
]  # fmt: skip


def check(document: Document) -> None:
    images = len(document.images)
    for html in (document.title, document.kicker, document.standfirst, *(note.html for note in document.notes)):
        inline_tokens(html)
    for image in document.images:
        inline_tokens(image.caption)
        inline_tokens(image.credit)
        assert image.src.startswith(("http://", "https://"))
    for block in set(document.blocks):
        assert block.image is None or 0 <= block.image < images
        if block.type is BlockType.TABLE:
            cells = re.sub(r"</?(?:table|caption|tr)>|<t[hd](?: (?:col|row)span=\"\d+\")*>|</t[hd]>", "", block.html)
            inline_tokens(cells)
        elif block.type is not BlockType.CODE:
            inline_tokens(block.html)
            assert block.html == block.html.strip(" \n\t")
        assert not re.search("[\u00ad\u200b\ufeff\x00]|[ \t]{2}", block.html) or block.type is BlockType.CODE
    Document.from_dict(document.to_dict())
    document.content_hash()


def read(page: bytes | str, content_type: str = "") -> None:
    try:
        document = extract(page, URL, content_type=content_type)
    except ExtractionError as error:
        if error.subject != URL:
            raise AssertionError("the error does not name the page") from error
    else:
        check(document)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(PAGES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), st.binary(max_size=12)), max_size=8)
)
def test_mutated_pages_are_read_or_refused(page: bytes, edits: list[tuple[float, int, bytes]]) -> None:
    for place, length, replacement in edits:
        at = int(place * len(page))
        page = page[:at] + replacement + page[at + length :]
    read(page)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PAGES), st.floats(0, 1))
def test_truncated_pages_are_read_or_refused(page: bytes, place: float) -> None:
    read(page[: int(place * len(page))])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40))
def test_tag_soup_is_read_or_refused(pieces: list[str]) -> None:
    read("<p>" + "Un début de texte, qui est une phrase. " * 4 + "".join(pieces))


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/html; charset=utf-16", "text/html; charset=x", "text/html; charset=hex"]),
)
def test_bytes_are_read_or_refused(raw: bytes, content_type: str) -> None:
    read(raw, content_type)


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize(
    "tag",
    [
        "div",
        "span",
        "em",
        "blockquote",
        "a href='#nb1'",
        "ul><li",
        "table><tr><td",
        "figure",
        "sup",
        "p",
        "section class=comments",
        "i><b",
        "font",
    ],
)
def test_a_hundred_thousand_nested_elements_do_not_crash(tag: str) -> None:
    text = "<p>" + "Un début de texte, qui est une phrase. " * 10 + "</p>"
    read(f"<html><body>{text}" + f"<{tag}>" * 100_000 + "texte")


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize(
    "flood",
    [
        "<p " + " ".join(f'a{number}="{"x" * 30}"' for number in range(60_000)) + ">",
        f'<img alt="{"x" * 30_000_000}" src="/i.jpg">',
        f'<a href="/{"é" * 5_000_000}">lien</a>',
        "".join(f'<sup><a href="#fn{n}" id="r{n}">{n % 900}</a></sup>' for n in range(6000))
        + "<ol>"
        + "".join(f'<li id="fn{n}">Note {n}. <a href="#r{n}">↩</a></li>' for n in range(6000))
        + "</ol>",
        "<i>"
        + "".join(f'<a href="#fn{n}">{n % 900}</a>' for n in range(6000))
        + "</i>"
        + "".join(f'<p id="fn{n}">x</p>' for n in range(6000)),
        "<p>" + "[1] " * 40_000 + "</p><p>[1] a</p>",
        "<br>" * 200_000,
        "<table>" + "<tr><td>a<td>b" * 30_000,
        "<figure><img src=a.jpg>" * 5_000,
        "<div class='share related'>" * 1000 + "<p>x</p>" * 20_000,
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        "<p>" + " \u00a0" * 500_000 + "</p>",
        "<p>" + "a <b>" * 100_000,
        "<div class='note-auteur'>x</div>" * 30_000,
        "<div class='notes'>x</div>" * 30_000,
        "<div class='date byline'>" * 200 + "<b>x</b> " * 20_000,
        f"<div class='{'author-' * 30_000}'>x</div>",
    ],
    ids=lambda flood: flood[:24],
)
def test_floods_are_read_in_time(flood: str) -> None:
    text = "<p>" + "Un début de texte, qui est une phrase. " * 10 + "</p>"
    read(f"<html><body><article>{text}{flood}{text}</article></body></html>")


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize("place", ["<title>{}</title>", "<h1>{}</h1>", '<meta property="og:title" content="{}">'])
def test_titles_of_very_many_pieces_are_read_in_time(place: str) -> None:
    text = "<p>" + "Un début de texte, qui est une phrase. " * 10 + "</p>"
    head = '<meta property="og:site_name" content="Revue">' + place.format("La grève" + " | Revue" * 20_000)
    read(f"<html><head>{head}</head><body><h1>La grève</h1><article>{text}</article></body></html>")
