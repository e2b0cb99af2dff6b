"""Whatever a page holds, extraction gives a Document with canonical HTML, or an ExtractionError. It never hangs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
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
        assert (
            not re.search("[\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff\x00]|[ \t]{2}", block.html)
            or block.type is BlockType.CODE
        )
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


SENTENCE = "Une phrase courte, ici. "
FAMILIES: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda n: f"<p>{SENTENCE}</p>" * n,
    "appeals": lambda n: f"<p>{SENTENCE * 12}<a href=/x>abc</a></p>" * n,
    "asterisks": lambda n: "<p>* * *</p>" * n,
    "links": lambda n: "".join(f"<a href='https://e{i}.example/x'>lien {i}</a> et " for i in range(n)),
    "marks of notes": lambda n: f"<p>{'mot [1] ' * n}</p><h3>Notes</h3><p>[1] Note</p>",
    "standfirsts": lambda n: "<div class=chapo>Une phrase assez longue pour un chapeau, voilà ce que c’est.</div>" * n,
    "authors": lambda n: "".join(f"<b itemprop=author><b itemprop=name>Léa Martin{i}</b></b>" for i in range(n)),
    "hidden in a line": lambda n: "<p>" + ("<span hidden>x</span>" + "texte, texte. " * 9) * n,
    "author notes": lambda n: "".join(f"<div class=note-auteur>x</div>{'texte, texte. ' * 9}" for _ in range(n)),
    "rules": lambda n: f"<style>{''.join(f'.a{i}{{display:none}}' for i in range(n))}</style><p class=a1>x</p>",
    "rules without end": lambda n: f"<style>{'{/*' * n}</style>",
    "data": lambda n: f"<script type=application/ld+json {' '.join(f'a{i}=x' for i in range(5 * n))}>{{}}</script>",
    "attributes": lambda n: ("<p " + " ".join(f"a{i}=x" for i in range(290)) + ">abc") * (n // 40),
    "letters": lambda n: "<p>" + "&lt;" * (20 * n),
    "plain text": lambda n: "<pre>" + "Une ligne de prose, qui est longue et finit ici même.\n\n" * n,
    "nested": lambda n: "<div><img src=a.jpg>" * n,
}


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize("name", FAMILIES)
def test_sixteen_times_the_page_takes_little_more_than_sixteen_times_as_long(name: str) -> None:
    text = "<p>" + "Un début de texte, qui est une phrase. " * 10 + "</p>"

    def seconds(count: int) -> float:
        page = f"<html><body><h1>La grève</h1><article>{text}{FAMILIES[name](count)}{text}</article></body></html>"
        started = time.process_time()
        read(page)
        return time.process_time() - started

    seconds(100)
    small, large = min(seconds(500), seconds(500)), seconds(8000)
    assert large < 16 * small * 3 + 0.3  # where it grows with the square, it is 256 times as long


@pytest.mark.processor_seconds(10)
@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<p>a b" * 1_600_000, "elements"),
        ("<i>x</i>" * 70_000, "elements"),
        (("<p " + " ".join(f"a{i}=x" for i in range(290)) + ">x") * 4000, "attributes"),
    ],
    ids=lambda value: value[:12],
)
def test_a_page_that_is_larger_than_any_article_is_refused_before_it_is_parsed(html: str, what: str) -> None:
    with pytest.raises(ExtractionError, match=f"more than [0-9 ]+ {what}, more than any article"):
        extract(f"<html><body>{html}", URL)


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize("place", ["<title>{}</title>", "<h1>{}</h1>", '<meta property="og:title" content="{}">'])
def test_titles_of_very_many_pieces_are_read_in_time(place: str) -> None:
    text = "<p>" + "Un début de texte, qui est une phrase. " * 10 + "</p>"
    head = '<meta property="og:site_name" content="Revue">' + place.format("La grève" + " | Revue" * 20_000)
    read(f"<html><head>{head}</head><body><h1>La grève</h1><article>{text}</article></body></html>")
