"""Kicker and standfirst: the lines above and below the title, by their names and by what the page says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.sources.dates import iso_date
from ivpipe.sources.furniture import CAMEL
from ivpipe.sources.metadata import PageMetadata
from ivpipe.sources.titles import is_kicker, squeezed
from ivpipe.text.inline_reader import read_inline, read_text, short_text
from ivpipe.text.plain import squeeze

_STANDFIRST = re.compile(
    r"(?<![a-z])(?:chapo|chapeau|chap[oô]|accroche|standfirst|stand-first|lead(?!er|ing|-?image|-?media|-?img"
    r"|-?asset)|lede|dek|deck|sub-?head(?:line|er|ing)?|sub-?tit(?:le|ulo|re)|sous-?titre|untertitel|unterzeile"
    r"|intro(?:duction|text)?|synopsis|einleitung|vorspann|teaser-?text|summary|zusammenfassung|abstract|excerpt|entradilla"
    r"|bajada|sumario|sommario|occhiello-?sotto|catenaccio|preamble|description|ingress|tagline"
    r"|c-article__intro|strap-?line|stand-?first|epigra(?:ph|fe)|bajada|copete|volanta-?baja)(?![a-z])",
    re.I,
)
_OF_PICTURE = re.compile(r"(?<![a-z])(?:img|image|photo|foto|bild|picture|caption|legend)", re.I)
_CREDIT = re.compile(r"\((?=[^()]*\)\W*$)|(?:by|par|von|por|di|photo(?:graph)?s?|fotos?|images?|bild)\b[^.!?]*$", re.I)
_SENTENCE_END = re.compile(r"[.!?…:»”\"]\W*$")
_COLON = re.compile(r"\s*:$")
_SHORTEST, _LONGEST, _FAR, _NEAR, _LEAVES, _SURE, _NAME, _LINE = 35, 1500, 12, 25, 150, 60, 30, 50
_CANDIDATES = 300
_LESSER = frozenset({"h2", "h3", "h4", "h5", "h6"})
_ELSEWHERE = frozenset({"a", "aside", "nav", "footer", "figure", "figcaption"})


@dataclass(frozen=True, slots=True)
class Lead:
    """A line found on the page: canonical inline HTML and the element that holds it."""

    html: str
    element: HtmlElement


@lru_cache(maxsize=20_000)
def _is_standfirst_name(names: str) -> bool:
    names = CAMEL.sub("-", names[:500])
    return bool(_STANDFIRST.search(names)) and not _OF_PICTURE.search(names)


def find_standfirst(
    page: PageMetadata, root: HtmlElement, heading: HtmlElement | None, title: str, url: str, lang: str
) -> Lead | None:
    """The standfirst as it stands in the page, or None: named so by its class, or repeated in the page's description.
    ``heading`` bears the title."""
    titles = {squeeze(title), *(squeeze(one) for one in page.titles)}
    descriptions = [squeeze(re.sub(r"(?:\.\.\.|…|\[…\])\s*$", "", text)) for text in page.description]
    descriptions = [one for one in descriptions if len(one) > 15 and one not in titles]
    after_title = heading is None
    best: tuple[int, HtmlElement] | None = None
    paragraphs = long = leaves = looked_at = 0
    first = _opening_block(heading, titles) if heading is not None else None
    for node in root.iter("h1", "p", "div", "h2", "h3", "h4", "span", "section", "strong", "li", "ul"):
        tag = node.tag
        if node is heading:
            after_title = True
            continue
        if tag == "h1":
            continue
        names = f"{node.get('class') or ''} {node.get('itemprop') or ''} {node.get('id') or ''}"
        named = len(names) > 4 and _is_standfirst_name(names)
        leaf = tag in ("p", "h2", "h3", "h4", "strong") or (tag == "div" and len(node) < 4 and not _wraps(node))
        if not (named or leaf or node is first) or (not named and (paragraphs > _FAR or leaves > _LEAVES)):
            continue
        leaves += after_title
        start = squeeze(short_text(node, 90))[:80]
        if len(start) < (15 if named or descriptions else 25) or start in titles:
            continue
        agreed = [one for one in descriptions if one[:40] in start]
        opening = tag == "p" and after_title and paragraphs == 0 and not named and len(start) > 40
        if tag == "p" and after_title and not named:
            paragraphs += 1
            long += len(start) > _LINE  # a byline is not
        emphatic = opening and not agreed and _emphatic(node)
        if not (named or agreed or emphatic or node is first):
            continue
        looked_at += 1
        if looked_at > _CANDIDATES:
            break
        if _stands_elsewhere(node) or _is_caption(node):
            continue
        if not named and next(node.iter("img"), None) is not None:
            continue  # it would go with the line
        text = read_text(node)
        whole = squeeze(text)
        # A description may end with who wrote it, or where.
        exact = any(
            one == whole or (len(whole) > _SURE and one.startswith(whole) and len(one) < len(whole) + _NAME)
            for one in agreed
        )
        if not (8 if exact else _SHORTEST) <= len(text) <= _LONGEST or whole in titles or (not exact and _signs(text)):
            continue
        if sum(len(read_text(link)) for link in islice(node.iter("a", "button"), 20)) > 0.6 * len(text):
            continue
        score = 3 * named + (3 if exact else 2 if agreed and len(whole) < 2 * len(agreed[0]) else 0) + after_title
        score += 2 * (tag in ("h2", "h3", "h4", "strong") and bool(agreed))
        score -= 3 * ((paragraphs > 2 and not (exact and long <= 2)) or (leaves > _NEAR and not agreed))
        score += 2 * (tag in ("p", "div") and bool(agreed) and _emphatic(node)) + 4 * emphatic + 3 * (node is first)
        score += 2 * (
            opening and bool(agreed) and not agreed[0].startswith(start[:20])
        )  # "BERLIN. What it says of itself"
        if tag in ("div", "section", "ul") and next(node.iter("p"), None) is not None and len(text) > 700:
            score -= 3
        if score < 4:
            continue
        if best is None or score > best[0] or (score == best[0] and exact and best[1] is first):
            best = (score, node)
    if best is None:
        return None
    html = read_inline(best[1], url, lang=lang)
    return Lead(html, best[1]) if html else None


def _stands_elsewhere(node: HtmlElement) -> bool:
    return any(up.tag in _ELSEWHERE for up in islice(node.iterancestors(), 12))


def _wraps(node: HtmlElement) -> bool:
    """Whether all that an element holds is in one other, which will be looked at."""
    return len(node) == 1 and node[0].tag in ("div", "p") and not (node.text or node[0].tail or "").strip()


def _is_caption(node: HtmlElement) -> bool:
    """Whether classes say that a line, or what stands in it, is written under a picture."""
    around = (up for up in islice(node.iterancestors(), 2) if next(up.iter("h1"), None) is None)
    near = (node, *around, *islice(node.iterdescendants(), 20))
    return any("caption" in (one.get("class") or "").lower() for one in near)


def _signs(text: str) -> bool:
    """Whether a line only says who wrote or took it, or when."""
    return len(text) < 120 and bool(_CREDIT.match(text) or iso_date(text))


def _opening_block(heading: HtmlElement, titles: set[str]) -> HtmlElement | None:
    """The text between the title and what follows it, if it stands there by itself: not where the article's paragraphs are."""
    seen = 0
    for node in islice(_following(heading), 120):
        if node.tag not in ("p", "div", "span", "h2", "h3") or not (text := short_text(node, 700)):
            continue
        if any(
            child.tag in ("p", "div", "section", "ul", "h2", "h3", "time", "button", "figure", "img") for child in node
        ):
            continue
        if any(
            up.tag in _ELSEWHERE or up.tag in ("figcaption", "button", "li") for up in islice(node.iterancestors(), 6)
        ):
            continue
        parent = node.getparent()
        paragraphs = sum(1 for one in islice(parent, 12) if one.tag == "p" and len(short_text(one, 80)) > 80)
        if paragraphs > (node.tag == "p"):
            return None  # the article has begun
        seen += 1
        linked = sum(len(read_text(link)) for link in node.iter("a"))
        if len(text) > 45 and len(text.split()) > 6 and linked < 0.4 * len(text) and squeeze(text) not in titles:
            alone = len(text) < 450 and (_SENTENCE_END.search(text) or len(text) > 80)
            return node if alone and _followed_by_others(node) else None
        if seen > 12 or (node.tag in ("h2", "h3") and len(text) <= 45):
            return None  # what follows is a section's
    return None


def _followed_by_others(node: HtmlElement) -> bool:
    """Whether text follows, and in other elements: where it comes in the same ones, ``node`` is its first paragraph."""
    for other in islice(_following(node), 400):
        leaf = other.tag in ("p", "div") and not any(child.tag in ("p", "div") for child in islice(other, 12))
        if leaf and len(short_text(other, 80)) > 80 and not _stands_elsewhere(other):
            return _frame_of(other) != _frame_of(node)
    return False


def _frame_of(node: HtmlElement) -> tuple[str, ...]:
    parent = node.getparent()
    around = (parent.tag, parent.get("class") or "") if parent is not None else ()
    return (node.tag, node.get("class") or "", *around)


def _following(node: HtmlElement) -> Iterator[HtmlElement]:
    """Elements after a node in page order, as far as the article or section it stands in."""
    for up in islice([node, *node.iterancestors()], 5):
        for sibling in up.itersiblings():
            yield from sibling.iter("*")
        if up.tag in ("article", "main", "body"):
            return


def _emphatic(node: HtmlElement) -> bool:
    """Whether all of a paragraph is bold: how editors mark a standfirst where the site has no place for one."""
    if (node.text and node.text.strip()) or len(node) == 0:
        return False
    bold = [child for child in node if child.tag in ("strong", "b")]
    if not bold:
        return False
    whole = len(read_text(node))
    return sum(len(read_text(child)) for child in bold) > 0.9 * whole > 60


def find_kicker(page: PageMetadata, heading: HtmlElement | None, title: str, url: str) -> Lead | None:
    """The line above the title: what its heading says before it; a lesser heading on it; by its class, in the heading or
    shortly before it; or what a title that the page declares puts before this one, where it stands before the heading."""
    if heading is None:
        return None
    inside = list(islice(heading.iterdescendants(), 20))
    before: list[HtmlElement] = []
    for up in islice([heading, *heading.iterancestors()], 3):
        before.extend(islice(up.itersiblings(preceding=True), 6))
    whole, wanted = squeeze(read_text(heading)) if inside else "", squeeze(title)
    above = whole.removesuffix(wanted) if whole.endswith(wanted) else ""
    declared, sites = squeezed(page.titles), squeezed(page.site_names)
    for node in [*inside, *(one for sibling in before for one in islice(sibling.iter("*"), 12))]:
        names = f"{node.get('class') or ''} {node.get('itemprop') or ''}"
        named = len(names) > 4 and is_kicker(names)
        if not 1 < len(text := read_text(node)) < 120:
            continue
        line = squeeze(text)
        told = named and (node not in inside or whole.startswith(line))
        lesser = heading.tag == "h1" and node.tag in _LESSER and node.getnext() is heading
        put = line + wanted in declared and line not in wanted and line not in sites and node.tag != "h1"
        if line not in (wanted, "") and (told or lesser or line == above or put):
            return Lead(_COLON.sub("", read_inline(node, url)), node)
    return None
