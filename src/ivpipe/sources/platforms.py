"""What is known of content management systems: how to tell them, and where their usual themes put things.

A hint is a CSS selector that is tried before generic detection; where it matches nothing, or next to nothing, the
page's theme is another and generic detection decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from ivpipe.sources.metadata import PageMetadata
from ivpipe.text.inline_reader import read_text, short_text


@dataclass(frozen=True)
class Platform:
    """A CMS: ``name`` as in specs; ordered selectors per field."""

    name: str
    body: tuple[str, ...] = ()
    standfirst: tuple[str, ...] = ()
    kicker: tuple[str, ...] = ()
    postscript: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()


SPIP = Platform(
    "spip",
    body=("[class*='article-texte-']", ".article .texte", "#contenu .texte", ".content .texte", "div.texte"),
    standfirst=(
        "[class*='article-chapo-']",
        ".cartouche .chapo",
        ".article .chapo",
        "div.chapo",
        "p.chapo",
        ".entry-content.chapo",
    ),
    kicker=("[class*='article-surtitre-']", ".cartouche .surtitre", ".surtitre"),
    postscript=("[class*='article-ps-']", "div.ps"),
    strip=(".lire_aussi", ".liste.articles", ".repondre", ".formulaire_spip", ".nettoyeur", ".cs_sommaire", ".notebox"),
)
WORDPRESS = Platform(
    "wordpress",
    body=(
        "article .entry-content",
        ".single .entry-content",
        ".entry-content",
        ".wp-block-post-content",
        ".post-content",
        ".td-post-content",
    ),
    kicker=(".entry-kicker", ".surtitre"),
    strip=(
        ".sharedaddy",
        ".jp-relatedposts",
        ".addtoany_share_save_container",
        ".yarpp-related",
        ".wp-block-buttons",
        ".post-navigation",
    ),
)
DRUPAL = Platform(
    "drupal",
    body=(".field--name-body", ".field-name-body", ".node__content", "article.node .content"),
    standfirst=(
        ".field--name-field-chapo",
        ".field-name-field-chapo",
        ".field--name-field-standfirst",
        ".field--name-field-teaser",
        ".field--name-field-summary",
    ),
    kicker=(".field--name-field-surtitre", ".field-name-field-surtitre", ".field--name-field-kicker"),
    strip=(".links.inline", ".node__links", ".field--name-field-tags"),
)
GENERIC = Platform("generic")
_BY_NAME = {platform.name: platform for platform in (SPIP, WORDPRESS, DRUPAL, GENERIC)}


def platform_named(name: str) -> Platform:
    """The platform a spec names."""
    return _BY_NAME[name]


def detect_platform(page: PageMetadata) -> Platform:
    """Tell the CMS by its ``generator`` and by markup that no other writes."""
    for content in page.meta.get("generator", ()):
        for platform in (SPIP, WORDPRESS, DRUPAL):
            if re.search(platform.name, content, re.I) and "plugin" not in content.lower():
                return platform
    links = [link.get("href") or "" for link in page.elements["link"]]
    if any("spip.php?page=backend" in link for link in links) or (
        page.may_have("spip_", "crayon article-") and _SPIP_MARKS(page.root)
    ):
        return SPIP
    if any("/wp-content/" in link or "wp-json" in link for link in links):
        return WORDPRESS
    if any("drupal-" in (script.get("data-drupal-selector") or "") for script in page.elements["script"]) or (
        page.may_have("field--name-") and _DRUPAL_MARKS(page.root)
    ):
        return DRUPAL
    return GENERIC


_SPIP_MARKS = etree.XPath("boolean(//*[contains(@class, 'spip_')] | //*[contains(@class, 'crayon article-')])")
_DRUPAL_MARKS = etree.XPath("boolean(//*[contains(@class, 'field--name-')])")


_AUTHOR_NOTE = re.compile(
    r"(?<![a-z])(?:notes?-(?:d[eu]-l?-?)?aut(?:eur|ric|or)|author-?notes?|nota-(?:del-)?autor|autorennotiz)", re.I
)
_AUTHOR_BOX = re.compile(
    r"(?<![a-z])(?:(?:about|post)-?(?:the-?)?author|(?:author|aut[eo]u?r|writer|contributor)[\w-]*?(?:bio|box|info|desc)"
    r"|(?:short-?|mini-?)?bio(?:gra(?:phy|phie|f[ií]a))?(?![a-z]))",
    re.I,
)
_INNER = frozenset({"p", "div", "ul", "span", "figure", "h2", "h3", "h4", "h5"})
_PLACES = ("div", "section", "aside", "footer", "p")
_BOX = 1500
_FAR, _SHORTEST_NOTE, _LONGEST_NOTE = 400, 40, 700
_TITLED = re.compile(r"(?:(?:dr|prof|pr|univ)\.?[ -]*)+", re.I)


def author_notes(page: PageMetadata, authors: Sequence[str]) -> list[HtmlElement]:
    """Where sites of every kind put the line on who wrote the article: places of that name; of the box that shows an
    author, which is taken out of the page, the sentences that begin with the name."""
    if not page.may_have("author", "autor", "auteur", "autric", "writer", "contributor", "bio"):
        return []
    notes: list[HtmlElement] = []
    said: set[str] = set()
    shown = {
        node for tag in _PLACES for node in page.elements[tag] if (names := node.get("class")) and _shows_author(names)
    }
    for place in [node for node in page.root.iter(*_PLACES) if node in shown] if shown else ():
        if _AUTHOR_NOTE.search(place.get("class") or ""):
            notes.append(place)
        else:
            lines = [line for line in islice(place.iter("p", "div", "span", "li"), 40) if _presents(line, authors)]
            for line in lines:
                if (text := read_text(line)) not in said:
                    said.add(text)
                    notes.append(line)
                if line is not place:
                    line.drop_tree()
            if lines and place.getparent() is not None and len(short_text(place, _BOX)) < _BOX:
                place.drop_tree()
    return notes


@lru_cache(maxsize=20_000)
def _shows_author(names: str) -> bool:
    return bool(_AUTHOR_NOTE.search(names) or _AUTHOR_BOX.search(names))


def _presents(line: HtmlElement, authors: Sequence[str]) -> bool:
    """Whether an element holds nothing but a sentence or more on who an author is."""
    if any(child.tag in _INNER for child in line):
        return False
    text = short_text(line, 1000)
    start = _TITLED.sub("", text[:20]) + text[20:]
    return (
        len(text) < 1000
        and any(" " in name and start.lower().startswith(name.lower()) for name in authors)
        and len(text.split()) > 6
        and text.rstrip(" »”\"')")[-1:] in ".!?…"
    )


def author_notes_below(body: HtmlElement, authors: Sequence[str]) -> list[HtmlElement]:
    """The line below the article that begins with an author's name and says something of that person."""
    start = re.compile(rf"(?:{'|'.join(map(re.escape, authors))})\s[^\W\d_]+\s", re.I)
    beside = (one for up in (body, *body.iterancestors()) for one in up.itersiblings())
    for node in islice((node for one in beside for node in one.iter("p", "div")), _FAR) if authors else ():
        if not any(child.tag in ("p", "div") for child in node):
            text = short_text(node, _LONGEST_NOTE)
            if _SHORTEST_NOTE < len(text) < _LONGEST_NOTE and "." in text and start.match(text):
                return [node]
    return []


def select(page: PageMetadata, selectors: tuple[str, ...]) -> list[HtmlElement]:
    """What the first selector that matches anything matches in what is left of the page."""
    for selector in selectors:
        matches, classes = _compiled(selector)
        found = matches(page.root) if all(page.may_have(one) for one in classes) else None
        if isinstance(found, list) and found:
            return [one for one in found if isinstance(one, HtmlElement)]
    return []


@cache
def _compiled(selector: str) -> tuple[CSSSelector, list[str]]:
    """A hint's selector, and the classes, or parts of classes, without which it matches nothing."""
    return CSSSelector(selector, translator="html"), re.findall(r"(?:\.|class\*=')([\w-]+)", selector.lower())
