"""What needs no WordPress: posts as text, the seal, the settings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.builders import PAGE

from ivpipe.errors import PublishError
from ivpipe.model import Block, BlockType, Document, Image, Note
from ivpipe.model.page import Picture
from ivpipe.publishers.wordpress import WordPressSettings
from ivpipe.publishers.wordpress.client import Site
from ivpipe.publishers.wordpress.guarding import guard
from ivpipe.publishers.wordpress.library import find_picture, find_terms
from ivpipe.publishers.wordpress.markup import Form, Upload, write_post
from ivpipe.publishers.wordpress.remote import read_remote, read_type
from ivpipe.publishers.wordpress.seal import BLANK, Seal, carries, digest, read_seal, seal, unsealed
from ivpipe.text.html_writer import clean_text

CONTENT = write_post(PAGE, Form(), {}).content


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_guarded_text_is_the_same_to_a_browser(text: str) -> None:
    assert unescape(guard(text)) == re.sub(" +", " ", clean_text(text))


def test_what_wordpress_rewrites_is_written_as_references() -> None:
    assert guard("\"a\" 'b' [c] -- d-e f... 9x9 https://g.example :) 10:30 Wordpress (tm) 😀 &#8217; <h>") == (
        "&#034;a&#034; &#039;b&#039; &#091;c&#093; &#045;&#045; d-e f.&#046;&#046; 9&#120;9 https&#058;//g.example &#058;) "
        "10:30 Word&#112;ress &#040;tm) &#128512; &amp;&#035;8217; &lt;h&gt;"
    )


def test_a_seal_is_read_as_it_was_set_and_does_not_count() -> None:
    made = Seal(3, 12, frozenset({5, 9, 14}), digest("title", CONTENT))
    sealed = seal(CONTENT, made)
    assert (read_seal(CONTENT), read_seal(sealed), read_seal(seal(sealed, replace(made, terms=frozenset())))) == (
        None,
        made,
        replace(made, terms=frozenset()),
    )
    assert digest("title", sealed) == made.digest
    assert digest("title", sealed.replace("It rains", "It pours")) != made.digest
    assert unsealed(sealed) == unsealed(CONTENT)
    assert (carries(sealed, PAGE.key), carries(sealed, "ivpipe-7-e"), carries(sealed, "ivpipe-77-en")) == (
        True,
        False,
        False,
    )


def test_a_text_that_speaks_of_seals_has_none() -> None:
    text = f'id="ivpipe-9-en" class="ivpipe-source ivpipe-seal-1-0-0-0123456789abcdef" {BLANK}'
    page = replace(PAGE, document=replace(PAGE.document, title=text, blocks=(Block(BlockType.PARAGRAPH, text),)))
    post = write_post(page, Form(), {})
    assert read_seal(post.content) is None
    assert not carries(post.content, "ivpipe-9-en")
    assert "ivpipe-seal-1-0-0-0123456789abcdef" in unsealed(post.content)


NOTED = Document(
    url="https://semaine.example/port",
    title="Noted",
    lang="en",
    blocks=(
        Block(
            BlockType.PARAGRAPH,
            'One<sup class="note-ref" data-note="1">1</sup> two<sup class="note-ref" data-note="2">2</sup>.',
        ),
    ),
    notes=(Note("1", "It's <em>there</em>."), Note("2", "See [here].")),
)


def test_notes_as_the_editors_own_footnotes() -> None:
    post = write_post(replace(PAGE, document=NOTED), Form(footnotes=True), {})
    key = PAGE.key
    assert (
        f'One<sup data-fn="{key}-note-1" class="fn"><a href="#{key}-note-1" id="{key}-note-1-link">1</a></sup> two'
        in post.content
    )
    assert "\n\n<!-- wp:footnotes /-->\n\n" in post.content
    assert json.loads(post.footnotes) == [
        {"content": "It&#039;s <em>there</em>.", "id": f"{key}-note-1"},
        {"content": "See &#091;here&#093;.", "id": f"{key}-note-2"},
    ]


@pytest.mark.parametrize(
    ("form", "label"),
    [(Form(blocks=False, footnotes=True), "2"), (Form(footnotes=True), "*"), (Form(), "2")],
    ids=["classic HTML", "a note by another name", "as configured"],
)
def test_notes_as_anchors(form: Form, label: str) -> None:
    document = replace(NOTED, notes=(NOTED.notes[0], Note(label, "x")))
    post = write_post(replace(PAGE, document=document), form, {})
    assert post.footnotes == ""
    assert f'<li id="{PAGE.key}-note-1">' in post.content
    assert f'href="#{PAGE.key}-noteref-1"' in post.content


@pytest.mark.parametrize("blocks", [True, False])
def test_wordpress_knows_its_own_pictures_by_their_class(blocks: bool) -> None:
    document = replace(
        PAGE.document, blocks=(Block(BlockType.FIGURE, "", image=0),), images=(Image("https://semaine.example/a.jpg"),)
    )
    uploads = {"https://semaine.example/a.jpg": Upload(7, "https://ferry.example/a.jpg")}
    post = write_post(replace(PAGE, document=document), Form(blocks=blocks), uploads)
    assert re.findall(r"<img [^>]*wp-image-7[^>]*>", post.content) != []


def test_a_post_says_all_the_page_says_in_order() -> None:
    page = replace(
        PAGE,
        country="Kaldavia",
        edition="N° 12 – July 2026",
        correction_html="The date was <em>wrong</em>.",
        postscript_html='Please <a href="https://ferry.example/give">give</a>.',
        licence="https://licence.example/by",
    )
    post = write_post(page, Form(blocks=False), {})
    assert [
        line.split(">", 1)[0].split('class="')[-1].split()[0].strip('"') for line in post.content.split("\n\n")
    ] == [
        "ivpipe-country",
        "ivpipe-standfirst",
        "ivpipe-byline",
        "ivpipe-edition",
        "ivpipe-correction",
        "<p",
        "notes",
        "ivpipe-original-date",
        "ivpipe-attribution",
        "ivpipe-source",
        "ivpipe-postscript",
        "ivpipe-copyright",
        "ivpipe-licence",
    ]
    bare = write_post(page, Form(blocks=False, country=False, standfirst=False, edition=False), {})
    assert [name for name in ("country", "standfirst", "edition") if f"ivpipe-{name}" in bare.content] == []


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ferry.example", "https://ferry.example/"),
        ("https://ferry.example/fr/", "https://ferry.example/fr/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://localhost", "http://localhost/"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://ferry.example/", ""),
        ("http://127.0.0.1.ferry.example/", ""),
        ("https://anna:secret@ferry.example/", ""),
        ("https://ferry.example/?p=1", ""),
        ("ftp://ferry.example/", ""),
        ("ferry.example", ""),
    ],
)
def test_the_password_travels_by_https_or_not_at_all(url: str, kept: str) -> None:
    try:
        found = WordPressSettings(url=url, user="anna").url
    except ValidationError:
        found = ""
    assert found == kept


@pytest.mark.parametrize(
    "answer", [{}, [], "text", 7, None, [7], [{}], {"code": "x"}, [{"id": "no", "slug": []}], [[]]]
)
def test_what_is_no_answer_of_wordpress_is_an_error_of_the_target(answer: Any) -> None:
    class Odd(Site):
        def ask(self, *_args: Any, **_named: Any) -> Any:
            return answer

    site = Odd("http://127.0.0.1/", "u", "p", timeout=1, subject="target wp", password_env="P")
    picture = Picture("a.jpg", Path("a.jpg"), "image/jpeg", 1, 1, "0" * 64)
    for read in (
        lambda: read_type(site, "post", fields=True),
        lambda: read_remote(site, answer),
        lambda: find_picture(site, picture),
        lambda: find_terms(site, "tags", ["a"], create=True),
    ):
        try:
            read()
        except PublishError as error:
            assert str(error).startswith("target wp: ")  # noqa: PT017  any of them may also find nothing
    site.close()
