"""HTML that WordPress shows as it was meant. Pure.

Between a saved post and its page WordPress rewrites text: straight quotes, dashes, dots and "9x9" (``wptexturize``),
smilies, shortcodes, addresses that stand alone (``autoembed``), and how its own name is spelt. All of it goes by the
characters as they are stored, never by character references. So the few characters that could set something off are
written as references: a browser reads the same, WordPress finds nothing to improve. They are decimal with three digits
at least, as ``wp_kses`` writes them, so that a post saved by an account without ``unfiltered_html`` comes back the same.
"""

from __future__ import annotations

import re
from html import escape

from lxml import html as lxml_html
from lxml.html import HtmlElement

from ivpipe.text.html_writer import clean_text

_SPACES = re.compile(r"[ \t\n\r\f]+")
_RISKY = re.compile(
    r"""
    ["'`\[\]]                       # quotes, shortcodes
    | (?<![^\W_])-|-(?![^\W_])      # a hyphen that does not stand between letters: dashes, comments
    | (?<=\.)\.                     # dots in a row
    | \((?=tm\))
    | (?<=[\d.,])x(?=\d)            # 9x9
    | [:;](?=[^\s\d])|8(?=-?O)      # smilies, and the colon of an address
    | (?<=Word)p(?=ress)
    | (?<=&)\#                       # wp_kses takes "&amp;#215;" for a reference
    | [\U00010000-\U0010ffff]       # emoji and the like, where a database takes three bytes only
    """,
    re.VERBOSE,
)
_RISKY_IN_ATTRIBUTES = re.compile(r"['\[\]]|(?<=&)\#|(?<=Word)p(?=ress)|[\U00010000-\U0010ffff]")
_KEPT = frozenset(
    "href title lang dir class id role src alt colspan rowspan scope aria-label data-fn".split()
)  # what ``wp_kses`` lets through of ours: not hreflang, not tabindex
_VOID = frozenset({"br", "hr", "img"})


def fragment(html: str) -> HtmlElement:
    """Well-formed HTML of our own writing as the content of a ``div``."""
    root: HtmlElement = lxml_html.fragment_fromstring(html, create_parent="div")
    return root


def guard(text: str) -> str:
    """Plain text as HTML that WordPress shows as it is."""
    return _text(clean_text(text), preformatted=False)


def inner(element: HtmlElement, *, preformatted: bool = False) -> str:
    """What stands in an element as HTML; see ``outer``."""
    out: list[str] = []
    _write_inside(element, out, False, preformatted)
    return "".join(out).strip(" ")


def outer(element: HtmlElement, *, classic: bool = False) -> str:
    """An element as HTML: its text guarded and its white space folded, with the attributes that WordPress keeps.

    ``classic``: the post goes through ``wpautop``, which takes two line breaks in a row for a new paragraph, unless the
    second one has a class.
    """
    out: list[str] = []
    _write(element, out, classic, preformatted=False)
    return "".join(out)


def tag(element: HtmlElement, *classes: str, name: str = "") -> str:
    """An element's opening tag, with ``classes`` before its own; ``name``: as another element."""
    own = element.get("class", "").split()
    given = {**element.attrib, "class": " ".join(dict.fromkeys((*classes, *own)))}
    attributes = "".join(
        f' {key}="{_attribute(value)}"' for key, value in given.items() if key in _KEPT and _says(key, value)
    )
    return f"<{name or element.tag}{attributes}>"


def _says(key: str, value: str) -> bool:
    return bool(value) or key == "alt"


def _write(element: HtmlElement, out: list[str], classic: bool, preformatted: bool) -> None:
    if element.tag == "br" and classic and out and out[-1].startswith("<br"):
        out.append('<br class="again">')
        return
    out.append(tag(element))
    if element.tag not in _VOID:
        _write_inside(element, out, classic, preformatted or element.tag == "pre")
        out.append(f"</{element.tag}>")


def _write_inside(element: HtmlElement, out: list[str], classic: bool, preformatted: bool) -> None:
    if element.text:
        out.append(_text(element.text, preformatted))
    for child in element:
        _write(child, out, classic, preformatted)
        if child.tail:
            out.append(_text(child.tail, preformatted))


def _text(text: str, preformatted: bool) -> str:
    text = text.replace("\r", "\n") if preformatted else _SPACES.sub(" ", text)
    return _guarded(_RISKY, text)


def _attribute(value: str) -> str:
    return _guarded(_RISKY_IN_ATTRIBUTES, _SPACES.sub(" ", value)).replace('"', "&quot;")


def _guarded(risky: re.Pattern[str], text: str) -> str:
    """Escaped, what is risky as references."""
    out: list[str] = []
    at = 0
    for match in risky.finditer(text):
        out += escape(text[at : match.start()], quote=False), f"&#{ord(match[0]):03d};"
        at = match.end()
    out.append(escape(text[at:], quote=False))
    return "".join(out)
