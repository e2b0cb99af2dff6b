"""The article's title: out of what the page's head says it is, and what its headings say, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from ivpipe.sources.furniture import CAMEL
from ivpipe.text.inline import inline_text
from ivpipe.text.inline_reader import read_inline, read_text, short_text
from ivpipe.text.plain import squeeze

SEPARATOR = re.compile(r"\s+(?:[|·•»–—-]|::?)\s+|\s*\|\s*")
_SIGN = re.compile(r"^[\s:|•·–—-]+|[\s|•·–—-]+$")
_KICKER = re.compile(
    r"(?<![a-z])(?:kicker|sur-?titre|over-?line|ober-?zeile|dach-?zeile|spitz-?marke|ante-?titulo|occhiello"
    r"|topline|top-?line|eyebrow|roofline|head-?line-?prefix|pre-?headline|pretitle|super-?title|overtitle"
    r"|volanta)(?![a-z])",
    re.I,
)
_TRAIL_NAME = re.compile(r"bread-?crumb|ariane|navpath", re.I)
_ALIKE = 0.6  # of its words
_MOST, _SURE = 12, 15
_LONGEST = 500  # longer ones are no titles, and would take long to compare


def find_title(elements: Mapping[str, list[HtmlElement]], declared: Iterable[str], site_names: Iterable[str]) -> str:
    """The title by agreement. ``elements``: the page's, by name; ``declared``: what its head says the title is."""
    sites = squeezed(site_names)
    declared = [value[:_LONGEST] for value in declared]
    bare = [without_site(value, sites) for value in declared]
    headings = _headings(elements["h1"], sites) or _headings(elements["h2"], sites)
    agreed = [title for lines in headings if (title := _agreed(lines, declared, bare))]
    if agreed:
        return max(agreed, key=lambda one: one[0])[1]
    plain = {squeeze(read_text(one)) for one in elements["h1"][:_MOST] if one.find(".//a") is None} - sites - {""}
    for value in declared:
        head, *rest = SEPARATOR.split(value, 1)
        if rest and squeeze(head) in plain:
            return head
    known = " ".join(map(squeeze, declared))
    for *lines, heading in headings:
        for line in lines:
            # What a heading says below a line above it is the title, whatever the page's head puts before that.
            if len(line) > _SURE and any(_after_colon(value) == squeeze(line) for value in declared):
                return line
        if len(heading) > _SURE:
            if (said := squeeze(heading)) in known:
                return heading
            if any(squeeze(one) in said for value, one in zip(declared, bare, strict=True) if len(value) > _SURE):
                return bare[0]
    return next(filter(None, bare), headings[0][-1] if headings else "")


def _headings(nodes: Sequence[HtmlElement], sites: frozenset[str]) -> list[list[str]]:
    """What the first headings say, each without lines that stand in it above the title, and last as a whole; not
    those of the trail."""
    headings = []
    for node in nodes[:_MOST]:
        whole = read_text(node)
        if len(whole) > _LONGEST or in_trail(node):
            continue
        inside = [*islice(node.iterdescendants(), 20)]
        kickers = {one for one in inside if is_kicker(one.get("class") or "")}
        without = _SIGN.sub("", inline_text(read_inline(node, "", skip=kickers))) if kickers else ""
        lines = [without, *(read_text(one) for one in inside if one.tail is None or not one.tail.strip())]
        for piece in SEPARATOR.finditer(whole):
            if squeeze(whole[piece.end() :]) in sites:
                whole = whole[: piece.start()]
                break
        if whole and squeeze(whole) not in sites:
            headings.append([*(text for text in lines if text and whole.endswith(text)), whole])
    return headings


def _agreed(lines: Iterable[str], declared: Sequence[str], bare: Sequence[str]) -> tuple[int, str] | None:
    """The line of a heading that the page's head has too, with how many times."""
    for line in lines:
        said = squeeze(line)
        same = [both for both in zip(bare, declared, strict=True) if said and said in map(squeeze, both)]
        for value in same[0] if same else ():
            if squeeze(value) == said:
                # Of a title with a line above it the page's head says how they are parted.
                return len(same), value if ":" in value and ":" not in line else line
    return None


def squeezed(names: Iterable[str]) -> frozenset[str]:
    """Names and titles as they are compared."""
    return frozenset(map(squeeze, names))


@lru_cache(maxsize=1000)
def without_site(title: str, sites: frozenset[str]) -> str:
    """A title without the site's name, and what is hung on it besides, before or behind it."""
    pieces = list(SEPARATOR.finditer(title[:_LONGEST]))
    if not pieces:
        return title
    for piece in pieces:
        if squeeze(title[piece.end() :]) in sites and title[: piece.start()].strip():
            return without_site(title[: piece.start()].strip(), sites)
    head, tail = title[: pieces[-1].start()], title[pieces[-1].end() :]
    if squeeze(tail) in sites or any(name and name in squeeze(tail) and len(tail) < 40 for name in sites):
        return without_site(head.strip(), sites) if head.strip() else title
    first = title[: pieces[0].start()]
    if squeeze(first) in sites:
        return title[pieces[0].end() :].strip()
    return title


def _after_colon(title: str) -> str:
    return squeeze(title.partition(": ")[2])


@lru_cache(maxsize=5000)
def is_kicker(names: str) -> bool:
    """Whether class and itemprop say: the line above the title."""
    return bool(_KICKER.search(CAMEL.sub("-", names)))


def in_trail(node: HtmlElement) -> bool:
    """Whether a heading only ends the trail that shows where in its site the page stands, or belongs to its navigation."""
    return any(
        up.tag == "nav"
        or (_TRAIL_NAME.search(f"{up.get('class') or ''} {up.get('id') or ''}") and next(up.iter("p"), None) is None)
        for up in islice([node, *node.iterancestors()], 5)
    )


def title_heading(root: HtmlElement, title: str) -> HtmlElement | None:
    """The ``h1`` (or ``h2``) that bears the title, else the only ``h1``."""
    wanted = squeeze(title)
    both = [*root.iter("h1", "h2")]
    first, second = ([node for node in both if node.tag == tag][:12] for tag in ("h1", "h2"))
    headings = [node for node in first if not in_trail(node)]
    for node in [*headings, *second]:
        text = squeeze(short_text(node, 400))
        if wanted and (text == wanted or (len(wanted) > 15 and wanted in text)):
            return node
    if len(headings) == 1:
        return headings[0]
    known = set(_words(title))  # the page's head may have it in other words
    for node in [*headings, *second]:
        words = _words(short_text(node, 400))
        if len(words) > 2 and len(known.intersection(words)) >= _ALIKE * len(words):
            return node
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
