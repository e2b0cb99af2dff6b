"""Document → post → what WordPress itself makes of it → Document, exactly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import html as lxml_html
from tests.builders import PAGE
from tests.properties.documents import documents
from tests.servers.torture_page import torture_page
from tests.servers.wordpress import WordPress
from tests.servers.wordpress_reading import read_post

from ivpipe.model import Document, Page
from ivpipe.publishers.wordpress.markup import Form, Post, Upload, write_post
from ivpipe.text.html_writer import inline_html, inline_plain, write_document

FORMS = {"blocks": Form(), "classic": Form(blocks=False)}

_RENDER = """
global $post;
$post ??= get_post(wp_insert_post(['post_title' => 'x', 'post_status' => 'publish']));
kses_init_filters();
[$title, $excerpt, $content] = $given;
return [
    wp_unslash(apply_filters('title_save_pre', wp_slash($title))),
    wp_unslash(apply_filters('excerpt_save_pre', wp_slash($excerpt))),
    wp_unslash(apply_filters('content_save_pre', wp_slash($content))),
    apply_filters('the_title', $title, 0),
    apply_filters('the_excerpt', $excerpt),
    apply_filters('the_content', $content),
];
"""
"""As an account without the right to unfiltered HTML saves it, then as a page shows it."""

Ask = Callable[[Post], list[str]]


@pytest.fixture(scope="module")
def ask(installed_wordpress: WordPress) -> Iterator[Ask]:
    with installed_wordpress.asking(_RENDER) as answer:
        yield lambda post: answer([post.title, post.excerpt, post.content])


def page_of(document: Document) -> Page:
    return replace(PAGE, lang=document.lang or "fr", document=document, country=document.kicker)


def shown(document: Document) -> Document:
    """What a page shows of a document: what the reader makes of our own HTML, with nobody in between."""
    written = write_document(replace(document, lead_image=None), note_id="n")
    html = re.sub(r' hreflang="[^"]*"', "", written.body + written.notes)  # wp_kses takes it away
    html = html.replace('<div class="table" tabindex="0">', "").replace("</table></div>", "</table>")
    return read_post(html, document.lang)


def plain(html: str) -> str:
    return " ".join(lxml_html.fragment_fromstring(html, create_parent="div").text_content().split())


def test_the_reader_reads_all_of_the_torture_page() -> None:
    document = torture_page(pictures=False)
    assert shown(document) == Document(
        "", "", document.lang, blocks=document.blocks, notes=document.notes, images=document.images
    )


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_torture_page_comes_out_as_it_was_meant(ask: Ask, form: Form) -> None:
    document = torture_page()
    uploads = {image.src: Upload(7 + at, f"https://ferry.example/{at}.jpg") for at, image in enumerate(document.images)}
    post = write_post(page_of(document), form, uploads)
    *saved, title, excerpt, content = ask(post)
    assert [text.split("\n") for text in saved] == [
        text.split("\n") for text in (post.title, post.excerpt, post.content)
    ]
    pictures = {upload.url: src for src, upload in uploads.items()}
    page = read_post(content, "fr", pictures)
    assert page.blocks == document.blocks
    assert (page.notes, page.images) == (document.notes, document.images)
    assert lxml_html.fragment_fromstring(title, create_parent="div").text_content() == inline_plain(document.title)
    assert plain(excerpt) == inline_plain(document.standfirst)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_any_document_comes_out_as_it_was_meant(ask: Ask, form: Form, document: Document) -> None:
    post = write_post(page_of(document), form, {})
    *saved, title, _excerpt, content = ask(post)
    assert saved == [post.title, post.excerpt, post.content]
    assert read_post(content, document.lang) == shown(document)
    assert plain(title) == inline_plain(inline_html(document.title))
