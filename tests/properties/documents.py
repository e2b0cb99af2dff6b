"""Hypothesis strategies: canonical inline HTML, documents of every kind of block, and splitters that cut anywhere."""

from collections.abc import Callable
from html import escape

from hypothesis import strategies as st

from ivpipe.model.document import Block, BlockType, Document, Image, Note

_WORDS = st.sampled_from(
    [
        "Le",
        "port",
        "ferme.",
        "«",
        "Oui",
        "!",
        "»",
        "Elle",
        "dit",
        "M.",
        "Roux",
        "l'eau",
        "1",
        "234,5",
        "Ça",
        "…",
        "été",
        "?",
        "&",
        "<",
        ">",
        "a<b",
        "&amp;",
        "&eacute;",
        "<1>",
        "</2>",
        "№",
        "😀",
        '"',
        "\u2028x",
        "雨。",
        "(12)",
        "[1]",
        "-",
    ]
)
_SPACES = st.sampled_from([" ", " ", " ", "\u00a0", "\u202f", "  ", "\n", ""])

plain_texts = st.one_of(
    st.lists(st.tuples(_WORDS, _SPACES), max_size=8).map(lambda pairs: "".join(word + space for word, space in pairs)),
    st.text(max_size=12),
)
"""Text as people and machines write it, markup-like characters and odd white space among it."""

_attribute_values = st.text(max_size=10).map(escape)
_urls = st.sampled_from(
    ["https://exemple.org/", "https://exemple.org/a?b=1&c=2", 'https://exemple.org/"x"', "mailto:a@b.org"]
)


def _attribute(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), values.map(lambda value: f' {name}="{value}"'))


_texts = plain_texts.map(lambda text: escape(text, quote=False))
_links = st.tuples(
    _urls.map(lambda url: f' href="{escape(url)}"'),
    _attribute("title", _attribute_values),
    _attribute("hreflang", st.just("fr")),
).map(lambda parts: f"<a{''.join(parts)}>")
_spans = st.sampled_from(
    ['<span lang="la">', '<span class="small-caps">', '<span lang="en" class="small-caps">', "<span>"]
)
_simple = st.sampled_from(["<em>", "<strong>", "<sup>", "<sub>", "<q>", "<cite>"])
_note_refs = st.sampled_from(["1", "2", "*", "a&b", '"'] * 2).map(
    lambda label: f'<sup class="note-ref" data-note="{escape(label)}">{escape(label, quote=False)}</sup>'
)
_code = st.one_of(_texts, _texts.map(lambda text: f"<em>{text}</em><br>")).map(lambda inside: f"<code>{inside}</code>")
_leaves = st.one_of(_texts, _texts, _texts, st.just("<br>"), _note_refs, _code)


def _close(opening: str) -> str:
    return f"</{opening[1:].rstrip('>').split(' ')[0]}>"


def _nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    element = st.tuples(st.one_of(_simple, _links, _spans), inner).map(
        lambda pair: f"{pair[0]}{pair[1]}{_close(pair[0])}"
    )
    return st.lists(st.one_of(_leaves, element), max_size=4).map("".join)


inline_html = st.recursive(_leaves, _nest, max_leaves=16)
"""Canonical inline HTML: every element of the subset, nested, empty ones too, with note references, breaks and code."""

_labels = st.sampled_from(["", "3", "*"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Canonical table markup."""
    cells = st.tuples(st.sampled_from(["td", "th", 'td colspan="2"', 'th rowspan="3"']), inline_html).map(
        lambda cell: f"<{cell[0]}>{cell[1]}</{cell[0].split(' ')[0]}>"
    )
    rows = draw(st.lists(st.lists(cells, max_size=3).map(lambda row: f"<tr>{''.join(row)}</tr>"), max_size=3))
    caption = draw(st.one_of(st.just(""), inline_html.map(lambda html: f"<caption>{html}</caption>")))
    return f"<table>{caption}{''.join(rows)}</table>"


@st.composite
def blocks(draw: st.DrawFn, images: list[Image]) -> Block:
    """A block of any type; a figure shows one of ``images``, its caption often the picture's."""
    kind = draw(st.sampled_from(BlockType))
    image, html = None, draw(inline_html)
    if kind is BlockType.TABLE:
        html = draw(tables())
    elif kind is BlockType.CODE:
        html = draw(_texts)
    elif kind is BlockType.RULE:
        html = ""
    elif kind is BlockType.FIGURE and images:
        image = draw(st.integers(0, len(images) - 1))
        html = draw(st.sampled_from([images[image].caption, html]))
    level = draw(st.integers(2, 6)) if kind is BlockType.HEADING else 1 if kind is BlockType.LIST_ITEM else 0
    return Block(
        kind,
        html,
        level=level,
        ordered=draw(st.booleans()),
        joined=draw(st.booleans()),
        quoted=kind is BlockType.QUOTE,
        image=image,
        lang=draw(st.sampled_from(["", "en"])),
        role=draw(st.sampled_from(["", "question", "signature"])),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document with every kind of part: titles, lead image, blocks, tables, figures, notes."""
    captions = st.one_of(st.just(""), inline_html)
    images = draw(
        st.lists(st.builds(Image, st.just("https://exemple.org/i.jpg"), plain_texts, captions, captions), max_size=3)
    )
    short = st.lists(plain_texts, max_size=2).map(tuple)
    return Document(
        url="https://exemple.org/article",
        title=draw(inline_html),
        lang=draw(st.sampled_from(["fr", "es", "de", "", "ja"])),
        canonical_url=draw(st.sampled_from(["", "https://exemple.org/canonique"])),
        kicker=draw(captions),
        standfirst=draw(captions),
        authors=draw(short),
        published=draw(st.sampled_from(["", "2024-05-03T10:00:00+02:00"])),
        modified=draw(st.sampled_from(["", "2024-05-04"])),
        section=draw(plain_texts),
        tags=draw(short),
        blocks=tuple(draw(st.lists(blocks(images), max_size=5))),
        notes=tuple(draw(st.lists(st.builds(Note, _labels, inline_html), max_size=2))),
        images=tuple(images),
        lead_image=draw(st.sampled_from([None, *range(len(images))])),
        extractor=draw(st.sampled_from(["", "generic 1"])),
        warnings=draw(short),
    )


splitters: st.SearchStrategy[Callable[[str, str], list[int]]] = st.lists(st.integers(-3, 90), max_size=12).map(
    lambda offsets: lambda text, lang: offsets
)
"""Splitters that cut at any offsets: in white space, out of order, twice, outside the text."""
