"""Kicker and standfirst: the lines above and below the title, by their names and by what the page says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.sources.metadata import PageMetadata
from ivpipe.sources.regions import squeeze
from ivpipe.text.inline_reader import read_inline, read_text, short_text

_STANDFIRST = re.compile(
    r"(?<![a-z])(?:chapo|chapeau|chap[oô]|accroche|standfirst|stand-first|lead(?!er|ing|-?image|-?media|-?img"
    r"|-?asset)|lede|dek|deck|sub-?head(?:line)?|sub-?tit(?:le|ulo|re)|sous-?titre|untertitel|unterzeile"
    r"|intro(?:duction|text)?|einleitung|vorspann|teaser-?text|summary|zusammenfassung|abstract|excerpt|entradilla"
    r"|bajada|sumario|sommario|occhiello-?sotto|catenaccio|preamble|description|ingress|tagline"
    r"|c-article__intro)(?![a-z])",
    re.I,
)
_KICKER = re.compile(
    r"(?<![a-z])(?:kicker|sur-?titre|over-?line|ober-?zeile|dach-?zeile|spitz-?marke|ante-?titulo|occhiello"
    r"|topline|top-?line|eyebrow|roofline|head-?line-?prefix|pre-?headline|pretitle|super-?title|overtitle"
    r"|volanta)(?![a-z])",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHORTEST, _LONGEST = 35, 1500


@dataclass(frozen=True, slots=True)
class Lead:
    """A line found on the page: canonical inline HTML and the element that holds it."""

    html: str
    element: HtmlElement


@lru_cache(maxsize=20_000)
def _is_standfirst_name(names: str) -> bool:
    return bool(_STANDFIRST.search(_CAMEL.sub("-", names[:500])))


def find_standfirst(page: PageMetadata, root: HtmlElement, title: str, url: str, lang: str) -> Lead | None:
    """The standfirst as it stands in the page, or None: named so by its class, or repeated in the page's description."""
    descriptions = [squeeze(re.sub(r"(?:\.\.\.|…|\[…\])\s*$", "", text)) for text in page.description]
    descriptions = [one for one in descriptions if len(one) > 25]
    heading = title_heading(root, title)
    after_title = heading is None
    best: tuple[int, HtmlElement] | None = None
    paragraphs = 0
    for node in root.iter("h1", "p", "div", "h2", "h3", "span", "section", "strong", "li", "ul"):
        if node is heading:
            after_title = True
            continue
        if node.tag == "h1":
            continue
        names = f"{node.get('class') or ''} {node.get('itemprop') or ''} {node.get('id') or ''}"
        named = len(names) > 4 and _is_standfirst_name(names)
        leaf = node.tag in ("p", "h2", "h3", "strong") or (node.tag == "div" and len(node) < 4)
        if not (named or (leaf and descriptions)):
            continue
        start = squeeze(short_text(node, 60))
        if len(start) < 25 or start == squeeze(title):
            continue
        if node.tag == "p" and after_title and not named:
            paragraphs += 1
        agreed = [one for one in descriptions if one.startswith(start[:40])]
        if not named and not agreed:
            continue
        if any(up.tag in ("a", "aside", "nav", "footer", "figure") for up in islice(node.iterancestors(), 12)):
            continue
        text = read_text(node)
        if not _SHORTEST <= len(text) <= _LONGEST:
            continue
        whole = squeeze(text)
        exact = any(one == whole for one in agreed)
        score = 3 * named + (3 if exact else 2 if agreed and len(whole) < 2 * len(agreed[0]) else 0) + after_title
        score += 2 * (node.tag in ("h2", "h3", "strong") and bool(agreed)) - 3 * (paragraphs > 2)
        if node.tag in ("div", "section", "ul") and next(node.iter("p"), None) is not None and len(text) > 700:
            score -= 3
        if score >= 4 and (best is None or score > best[0]):
            best = (score, node)
    if best is None:
        return None
    html = read_inline(best[1], url, lang=lang)
    return Lead(html, best[1]) if html else None


def find_kicker(root: HtmlElement, title: str, url: str) -> Lead | None:
    """The line above the title, by its class: in the title's heading, or shortly before it."""
    heading = title_heading(root, title)
    if heading is None:
        return None
    inside = list(islice(heading.iterdescendants(), 20))
    before: list[HtmlElement] = []
    for up in islice([heading, *heading.iterancestors()], 3):
        before.extend(islice(up.itersiblings(preceding=True), 6))
    for node in [*inside, *(one for sibling in before for one in islice(sibling.iter("*"), 12))]:
        names = f"{node.get('class') or ''} {node.get('itemprop') or ''}"
        if (
            len(names) > 4
            and _KICKER.search(_CAMEL.sub("-", names))
            and 1 < len(text := read_text(node)) < 120
            and squeeze(text) != squeeze(title)
        ):
            return Lead(read_inline(node, url), node)
    return None


def title_heading(root: HtmlElement, title: str) -> HtmlElement | None:
    """The ``h1`` (or ``h2``) that bears the title, else the only ``h1``."""
    wanted = squeeze(title)
    headings = list(islice(root.iter("h1"), 12))
    for node in [*headings, *islice(root.iter("h2"), 12)]:
        text = squeeze(short_text(node, 400))
        if wanted and (text == wanted or (len(wanted) > 15 and wanted in text)):
            return node
    return headings[0] if len(headings) == 1 else None
