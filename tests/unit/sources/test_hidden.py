"""What readers of a page do not see is no text of the article; what they see, or open, is."""

from __future__ import annotations

import pytest

from ivpipe.errors import ExtractionError
from ivpipe.sources.extraction import extract
from ivpipe.sources.hidden import hidden_names, hides
from ivpipe.sources.spec import Discovery, Fields, SourceSpec
from ivpipe.text.inline import inline_text

URL = "https://revue.example/2025/la-filature"
TEXT = "<p>" + "Une phrase du texte, que chacun peut lire. " * 8 + "</p>"
SECRET = "Une phrase que personne ne voit sur la page."


def read(inside: str, head: str = "", spec: SourceSpec | None = None, body: str = "") -> str:
    page = f"<html lang=fr><head><title>La filature</title>{head}</head><body {body}><h1>La filature</h1>"
    page += f"<article>{inside}</article>"
    document = extract(page, URL, spec=spec)
    texts = [document.kicker, document.standfirst, *(block.html for block in document.blocks)]
    return "\n".join(inline_text(html) for html in texts)


HIDDEN = [
    f"<p style='display:none'>{SECRET}</p>",
    f"<p style='display : block; DISPLAY: none !important'>{SECRET}</p>",
    f"<p hidden>{SECRET}</p>",
    f"<p style='visibility:hidden'>{SECRET}</p>",
    f"<p style='position:absolute;left:-9999px'>{SECRET}</p>",
    f"<p style='text-indent:-999em'>{SECRET}</p>",
    f"<p style='font-size:0'>{SECRET}</p>",
    f"<p style='opacity:0.0'>{SECRET}</p>",
    f"<p style='clip:rect(0 0 0 0)'>{SECRET}</p>",
    f"<p style='clip: rect(1px, 1px, 1px, 1px)'>{SECRET}</p>",
    f"<p style='height:0;overflow:hidden'>{SECRET}</p>",
    f"<p style='color:#fff;background:#fff'>{SECRET}</p>",
    f"<p style='transform: scale(0)'>{SECRET}</p>",
    f"<p style='transform:scaleY(0.0)'>{SECRET}</p>",
    f"<p style='content-visibility:hidden'>{SECRET}</p>",
    f"<p class='visually-hidden'>{SECRET}</p>",
    f"<p class='screen-reader-text'>{SECRET}</p>",
    f"<p>Vu. <span class='sr-only'>{SECRET}</span> Vu.</p>",
    f"<div class=chapo style='display:none'>{SECRET} {SECRET}</div>",
    f"<h2 style='display:none'>{SECRET}</h2><p>Vu.</p>",
    f"<template><p>{SECRET}</p></template>",
    f"<dialog><p>{SECRET}</p></dialog>",
]


@pytest.mark.parametrize("spec", [False, True], ids=["generic", "spec"])
@pytest.mark.parametrize("html", HIDDEN)
def test_what_is_hidden_is_no_text(html: str, spec: bool) -> None:
    named = SourceSpec(
        slug="revue",
        name="Revue",
        url="https://revue.example/",
        languages=("fr",),
        discovery=Discovery(urls=("https://revue.example/feed",)),
        fields=Fields(body=("css:article",)),
    )
    text = read(TEXT + html + TEXT, spec=named if spec else None)
    assert SECRET not in text
    assert text.count("Une phrase du texte") == 16


@pytest.mark.parametrize(
    ("style", "hidden"),
    [
        (".x{display:none}", True),
        ("#y { visibility : hidden }", True),
        ("p.x{position:absolute;left:-9999px}", True),
        ("/* { */ a{b:c} .z, .x {display:none}", True),
        (".x{display:none} .x{display:block}", False),
        ("@media print{.x{display:none}}", False),
        ("@media (max-width:600px){ .a{b:c} .x{display:none} }", False),
        (".no-js .x{display:none}", False),
        ("div.x{display:none}", False),
        ("/* .x{display:none} */", False),
    ],
)
def test_simple_rules_of_a_page_hide_whatever_the_device(style: str, hidden: bool) -> None:
    text = read(f"{TEXT}<p class=x id=y>{SECRET}</p>{TEXT}", head=f"<style>{style}</style>")
    assert (SECRET not in text) == hidden
    assert SECRET in read(f"{TEXT}<p class=x>{SECRET}</p>{TEXT}", head=f"<style media=print>{style}</style>")


@pytest.mark.parametrize(
    "html",
    [
        f"<div style='opacity:0;transition:opacity 1s'><p>{SECRET}</p></div>",
        f"<details><summary>Plus</summary><p>{SECRET}</p></details>",
        f"<div style='transform:scale(0);transition:transform 1s'><p>{SECRET}</p></div>",
        f"<p style='transform:scale(0.9)'>{SECRET}</p>",
        f"<p class='hidden md:block'>{SECRET}</p>",
        f"<p class='d-none d-md-block'>{SECRET}</p>",
        f"<p style='text-indent:-1.5em'>{SECRET}</p>",
        f"<p style='margin-left:-20px;opacity:.05;width:100%'>{SECRET}</p>",
        f"<button aria-controls=more>Plus</button><p id=more hidden>{SECRET}</p>",
        f"<p hidden=until-found>{SECRET}</p>",
    ],
)
def test_what_is_seen_or_opened_is_text(html: str) -> None:
    assert SECRET in read(TEXT + html + TEXT)


@pytest.mark.parametrize(
    ("before", "after", "body"),
    [
        ("", "", "style='opacity:0'"),
        ("<div style='display:none'>", "</div>", ""),
        ("<div class='hidden'>", "</div>", ""),
    ],
)
def test_an_article_that_a_script_shows_stays(before: str, after: str, body: str) -> None:
    assert read(before + 4 * TEXT + after, body=body).count("Une phrase du texte") == 32
    paragraphs = "".join(
        f"<p style='display:none'>Une phrase du texte, la {number}e, que chacun lit.</p>" for number in range(20)
    )
    assert read(f"<p>{SECRET}</p>" + paragraphs).count("Une phrase du texte") == 20


def test_styles_of_any_form_are_read_in_order() -> None:
    assert not hides("display:none;display:block")
    assert hides("DISPLAY:NONE")
    assert hidden_names(["{" * 1000, "}" * 1000, ".a{display:none", ".b{}.c{display:none}"]) == {".c": frozenset({""})}


@pytest.mark.parametrize(
    ("page", "content_type", "kind"),
    [
        (b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', "text/xml", "an RSS feed"),
        (b"\xef\xbb\xbf \n<!-- x --><feed xmlns='http://www.w3.org/2005/Atom'></feed>", "text/html", "an Atom feed"),
        (b"<?xml version='1.0'?><!DOCTYPE rdf [<!ENTITY a 'b'>]><rdf:RDF>", "", "an RSS feed"),
        (b'<?xml version="1.0"?><urlset><url><loc>x</loc></url></urlset>', "application/xml", "a sitemap"),
        (b"<sitemapindex></sitemapindex>", "", "an index of sitemaps"),
        (b"<?xml version='1.0'?><svg></svg>", "image/svg+xml", "a drawing"),
        (b"<?xml version='1.0'?><book><p>x</p></book>", "", "an XML document <book>"),
        (b'{"title": "x", "html": "<p>x</p>"}', "text/html", "JSON"),
        (b'[{"title": "x"}]', "", "JSON"),
        (b"%PDF-1.7", "text/html", "a PDF file"),
        (b"\x89PNG\r\n", "text/html", "a picture"),
        (b"<html><p>x</p></html>", "text/plain; charset=utf-8", "text/plain"),
        (b"<html><p>x</p></html>", "application/octet-stream", "application/octet-stream"),
        ("Une phrase sans balises.".encode("utf-16"), "", "text without markup"),
    ],
)  # fmt: skip
def test_what_is_no_web_page_is_refused_by_its_kind(page: bytes, content_type: str, kind: str) -> None:
    with pytest.raises(ExtractionError, match=f"this is not a web page but {kind}"):
        extract(page, URL, content_type=content_type)


@pytest.mark.parametrize(
    "page",
    [
        f"<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html PUBLIC 'x' 'y'><html><h1>La filature</h1>{TEXT}</html>",
        f"<!-- x --><!doctype html><h1>La filature</h1>{TEXT}",
        f"<h1>La filature</h1>{TEXT}",
        f"{{% bloc %}} <article><h1>La filature</h1>{TEXT}</article>",
    ],
)
@pytest.mark.parametrize("content_type", ["", "text/html", "application/xhtml+xml", "text/xml"])
def test_a_web_page_is_read_however_it_begins(page: str, content_type: str) -> None:
    assert extract(page.encode(), URL, content_type=content_type).title == "La filature"


@pytest.mark.parametrize(
    "head",
    [
        "<title>Just a moment...</title>",
        "<title>x</title><script>window._cf_chl_opt={};</script>",
        "<title>Captcha</title>",
    ],
)
def test_a_captcha_is_no_article(head: str) -> None:
    page = f"<html><head>{head}</head><body><h1>revue.example</h1><p>Verify that you are human, then go on to the site.</p>"
    with pytest.raises(ExtractionError, match="captcha"):
        extract(page, URL)
    assert extract(f"<html><head>{head}</head><body><h1>La filature</h1>{TEXT * 10}", URL).blocks


def test_a_short_article_may_be_called_what_captchas_are() -> None:
    head = "<title>Are you a robot?</title>"
    assert extract(f"<html><head>{head}</head><body><h1>Are you a robot?</h1>{TEXT}", URL).blocks


@pytest.mark.parametrize(
    "canonical",
    ["http://169.254.169.254/", "http://localhost/", "javascript:alert(1)", "https://revue.example@evil.example/"],
)
def test_a_canonical_address_that_is_not_public_is_the_one_it_was_fetched_from(canonical: str) -> None:
    page = (
        f"<html><head><link rel=canonical href='{canonical}'><meta property='og:image' content='{canonical}a.jpg'>"
        f"<base href='{canonical}'></head><body><h1>La filature</h1>{TEXT}"
        f"<p>Un <a href='/x'>lien</a>, <a href='{canonical}'>non</a>.</p>"
    )
    document = extract(page, URL)
    assert (document.canonical_url, document.images) == (URL, ())
    assert document.blocks[-1].html == 'Un <a href="https://revue.example/x">lien</a>, non.'


def test_names_and_titles_hold_nothing_unseen() -> None:
    page = (
        "<html><head><meta name=author content='Léa\u202e Mar\u200btin\u2066'>"
        "<meta property='article:section' content='Mon\u00adde\u202d'>"
        f"<meta property='article:tag' content='usine\U000e0041'></head>"
        f"<body><h1>La \u202efilature\ufe0f</h1>{TEXT}<p>Un\u2067 mot.</p>"
    )
    document = extract(page, URL)
    assert (document.title, document.authors) == ("La filature", ("Léa Martin",))
    assert (document.section, document.tags, document.blocks[-1].html) == ("Monde", ("usine",), "Un mot.")


@pytest.mark.parametrize(
    "word",
    [
        "<span class=sr-only>L</span><span aria-hidden=true class=dropcap>L</span>yon",
        "<span aria-hidden=true>L</span><span class=visually-hidden>L</span>yon",
        "<span class=screen-reader-text>Lyon</span><span aria-hidden=true><span class=dropcap>L</span>yon</span>",
    ],
)
def test_a_large_letter_that_is_read_out_beside_is_there_once(word: str) -> None:
    text = read(f"<p>{word} dort encore, et le marché ouvre déjà ses portes aux premiers clients.</p>{TEXT}")
    assert "Lyon dort encore" in text
    assert "LLyon" not in text
    assert "Partager" not in read(f"{TEXT}<p><span class=sr-only>Partager</span><i aria-hidden=true></i></p>{TEXT}")
