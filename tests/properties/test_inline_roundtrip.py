"""``tag_inline`` and ``untag`` are inverses, bad HTML is refused, and no tampering with tags goes unseen."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.documents import inline_html, plain_texts

from ivpipe.text.inline import (
    InlineTag,
    TagMismatch,
    escape_text,
    inline_text,
    inline_tokens,
    plain_text,
    tag_inline,
    tag_problem,
    untag,
)

MARK = re.compile(r"</?\d+/?>")

marked_html = st.tuples(inline_html, inline_html).map(lambda pair: f"{pair[0]}<em>{pair[1]}</em>")
"""Inline HTML with an element at least."""


@given(inline_html)
def test_untag_restores_what_tag_inline_froze(html):
    tagged, tags = tag_inline(html)
    assert tag_problem(tagged, tags) is None
    assert untag(tagged, tags) == html


@given(inline_html)
def test_tokens_are_the_whole_html(html):
    assert "".join(token.html for token in inline_tokens(html)) == html


@given(plain_texts)
def test_plain_text_comes_back_through_escaping(text):
    assert inline_text(escape_text(text)) == text
    assert plain_text(tag_inline(escape_text(text))[0]) == text


@given(st.one_of(st.text(), st.text("<>/&;ab em=\"'1sup brcode#x", max_size=40)))
def test_any_text_is_canonical_or_refused(html):
    try:
        tagged, tags = tag_inline(html)
    except ValueError:
        return
    assert untag(tagged, tags) == html


@pytest.mark.parametrize(
    "html",
    [
        "a < b", "a > b", "R&D", "&eacute;t&eacute;", "&quot;", "&#39;", "<EM>a</EM>", "<br/>", "<br />", "</br>",
        "<em>", "</em>", "<em><strong></em></strong>", "<p>a</p>", "<script>x</script>", "<!-- a -->", "<1>a</1>",
        '<em class="x">a</em>', '</em class="x">', '<br clear="all">', "<a href='x'>a</a>", "<a href=x>a</a>",
        '<a href="a" href="b">a</a>', '<a href="a?b&c">a</a>', '<a onclick="x">a</a>', '<span class="x">a</span>',
        '<sup class="note-ref">1</sup>', '<sup data-note="1" class="note-ref">1</sup>', "<code>a < b</code>",
        "<code>&eacute;</code>", '<sup class="note-ref" data-note="1">&</sup>', '<em >a</em>', "<code><em></code></em>",
    ],
)  # fmt: skip
def test_html_that_is_not_canonical_is_refused(html):
    with pytest.raises(ValueError):
        tag_inline(html)


@given(marked_html, st.data())
def test_dropping_a_mark_is_reported(html, data):
    tagged, tags = tag_inline(html)
    found = list(MARK.finditer(tagged))
    mark = data.draw(st.sampled_from(found))
    assert tag_problem(tagged[: mark.start()] + tagged[mark.end() :], tags) is not None


@given(marked_html, st.data())
def test_doubling_a_mark_is_reported(html, data):
    tagged, tags = tag_inline(html)
    found = list(MARK.finditer(tagged))
    mark = data.draw(st.sampled_from(found))
    place = data.draw(st.integers(0, len(tagged)))
    assert tag_problem(tagged[:place] + mark[0] + tagged[place:], tags) is not None


@given(marked_html, st.data())
def test_swapping_an_opening_mark_with_its_closing_one_is_reported(html, data):
    tagged, tags = tag_inline(html)
    pairs = [number for number, tag in enumerate(tags, 1) if tag.close]
    number = data.draw(st.sampled_from(pairs))
    swapped = {f"<{number}>": f"</{number}>", f"</{number}>": f"<{number}>"}
    assert tag_problem(MARK.sub(lambda mark: swapped.get(mark[0], mark[0]), tagged), tags) is not None


@given(inline_html, inline_html)
def test_misnesting_two_elements_is_reported(first, second):
    tagged, tags = tag_inline(f"<em>{first}<strong>{second}</strong></em>")
    inner = next(
        number for number, tag in enumerate(tags, 1) if tag.open == "<strong>" and f"</{number}></1>" in tagged
    )
    assert tagged.endswith(f"</{inner}></1>")
    tampered = tagged.removesuffix(f"</{inner}></1>") + f"</1></{inner}>"
    assert tag_problem(tampered, tags) == "the tag <1> is badly nested"


@given(
    inline_html,
    st.sampled_from(["<", ">", "&", "<em>", "<0>", "<01>", "</1/>", "&bogus;", "& ", "<9999999>"]),
    st.data(),
)
def test_an_unescaped_character_is_reported(html, intruder, data):
    tagged, tags = tag_inline(html)
    place = data.draw(st.sampled_from([0, len(tagged), *(mark.end() for mark in MARK.finditer(tagged))]))
    tampered = tagged[:place] + intruder + tagged[place:]
    assert tag_problem(tampered, tags) is not None
    with pytest.raises(TagMismatch):
        untag(tampered, tags)


@given(st.text(max_size=60))
def test_whatever_untag_lets_through_is_canonical(target):
    tags = (InlineTag("<em>", "</em>"), InlineTag("<br>", ""))
    for tampered in (target, f"<1>{target}</1><2/>"):
        try:
            html = untag(tampered, tags)
        except TagMismatch:
            continue
        inline_tokens(html)


def test_untag_brings_other_escapes_to_canonical_form():
    assert untag("L&#39;&eacute;t&eacute; &quot;R&amp;D&quot;&nbsp;!", ()) == 'L\'été "R&amp;D"\u00a0!'
    assert tag_problem("&am<1/>p;", (InlineTag("<br>", ""),)) is not None
