"""What readers of a page do not see: told by attributes, styles, well-known classes, and simple rules of its own styles.

Sites also hide what a script shows in a moment, or what opens at a click. So nothing counts as hidden that something on
the page opens, and where most of the text would go with what is hidden, it stays (``regions.take_out_hidden``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

_CLASSES = frozenset(
    "visually-hidden visuallyhidden u-visually-hidden is-visually-hidden sr-only sronly screen-reader-text screen-reader-only"
    " screenreader-only screenreader-text element-invisible a11y-hidden offscreen d-none hidden is-hidden".split()
)
# On wide screens they show: Bootstrap's "d-none d-md-block", Tailwind's "hidden md:block", "sr-only focus:not-sr-only".
_SHOWN_ELSEWHERE = re.compile(
    r"(?:^|\s)(?:d-(?:sm|md|lg|xl|xxl|print)-|\S+:|sr-only-focusable|show|open|active|visible)(?=\S*)"
)
_ZERO = re.compile(r"[+-]?0*\.?0*(?:px|em|rem|%|pt|vh|vw)?")
_FAR = re.compile(r"-(?:\d{4,}(?:\.\d+)?px|999px|\d{3,}(?:\.\d+)?(?:em|rem|vw|vh|%|pt)|\d{4,})")
_CLIPPED = re.compile(r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)")
_INSET = re.compile(r"inset\(\s*(?:50|100)%[^)]*\)")
_SCALED_AWAY = re.compile(r"scale(?:3d|x|y)?\(\s*0*\.?0*\s*[,)]")
_MOVING = ("transform", "transition", "animation", "will-change")
_SIDES = ("left", "right", "top", "bottom", "margin-left", "margin-top", "text-indent")
_LONGEST_STYLE, _MOST_RULES, _MOST_SHEETS = 2000, 20_000, 30
LONGEST_SHEET = 300_000
"""Characters of one ``<style>`` that are looked at."""
_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|$)")
_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?([.#])([A-Za-z_][\w-]*)")
# What a style must name to hide anything, or to show it again: most rules name none of it, and need no closer look.
_CONCERNS = ("display", "visib", "opacity", "font-size", "overflow", "clip", "scale", "zoom")
_FAR_SOMEHOW = re.compile(r"-\d{3}")
_OPENERS = ("aria-controls", "data-target", "data-bs-target", "popovertarget")
_OPENED_ROLES = frozenset({"tabpanel", "region"})


@lru_cache(maxsize=5000)
def hides(style: str) -> bool:
    """Whether the declarations of a style make an element unseen."""
    said = _declarations(style)
    if not said:
        return False
    if (
        said.get("display") == "none"
        or said.get("visibility") in ("hidden", "collapse")
        or said.get("content-visibility") == "hidden"
    ):
        return True
    scaled = _SCALED_AWAY.search(said.get("transform", "")) or _is_zero(said.get("scale")) or _is_zero(said.get("zoom"))
    if scaled and not any(name in said for name in _MOVING[1:]):
        return True
    if _is_zero(said.get("opacity")) and not any(name in said for name in _MOVING):
        return True
    if (
        _is_zero(said.get("font-size"))
        or _CLIPPED.fullmatch(said.get("clip", ""))
        or _INSET.match(said.get("clip-path", ""))
    ):
        return True
    if any(_FAR.fullmatch(said.get(side, "")) for side in _SIDES):
        return True
    if said.get("overflow") in ("hidden", "clip") and any(
        _is_zero(said.get(side)) or said.get(side) == "1px" for side in ("height", "width", "max-height", "max-width")
    ):
        return True
    colour = said.get("color")
    return bool(colour) and colour in (said.get("background-color"), said.get("background"))


def _declarations(style: str) -> dict[str, str]:
    """Values by property, in lower case; the last of each counts."""
    pairs = (one.partition(":") for one in style[:_LONGEST_STYLE].lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, colon, value in pairs if colon}


def _is_zero(value: str | None) -> bool:
    return bool(value) and any(char == "0" for char in value or "") and bool(_ZERO.fullmatch(value or ""))


@lru_cache(maxsize=5000)
def _is_hidden_by_class(classes: str) -> bool:
    return not _CLASSES.isdisjoint(classes.lower().split()) and not _SHOWN_ELSEWHERE.search(classes)


def is_hidden(node: HtmlElement) -> bool:
    """Whether an element itself says that it is not seen; one that something on the page opens does not."""
    style, classes = node.get("style"), node.get("class")
    if not (
        (classes and _is_hidden_by_class(classes))
        or (style and hides(style))
        or node.get("hidden", "until-found") != "until-found"
    ):
        return False
    return node.get("role") not in _OPENED_ROLES and not _beside_what_is_not_heard(node)


def _beside_what_is_not_heard(node: HtmlElement) -> bool:
    """Whether an element is read out in the place of the one beside it: a letter set large, an icon."""
    beside = (node.getprevious(), node.getnext())
    return node.tag == "span" and any(one is not None and one.get("aria-hidden") == "true" for one in beside)


def read_out(root: HtmlElement) -> set[HtmlElement]:
    """The elements that hold for those who listen what the one beside them shows, such as a letter set large."""
    found = set()
    for shown in root.iterfind(".//*[@aria-hidden='true']"):
        for node in (shown.getprevious(), shown.getnext()):
            if node is not None and node.tag == "span" and (text := _short(node)) and text == _short(shown):
                found.add(node)
    return found


def _short(node: HtmlElement) -> str:
    return "".join(islice(node.itertext(), 10)).strip()


def opened_ids(elements: Iterable[HtmlElement]) -> set[str]:
    """The ids of what buttons and the like open, among ``elements``."""
    return {
        name for node in elements for key in _OPENERS if (value := node.get(key)) for name in value.lstrip("#").split()
    }


def hidden_names(sheets: Iterable[str]) -> dict[str, frozenset[str]]:
    """The classes (".name") and ids ("#name") that a page's own styles hide whatever the device, each with the elements'
    names for which they do ("" is any). Only rules for one class or one id count, and of these the last."""
    shown: dict[tuple[str, str], bool] = {}
    for sheet in islice(sheets, _MOST_SHEETS):
        for selectors, style in islice(_rules(sheet), _MOST_RULES):
            simple = [match for one in selectors.split(",")[:50] if (match := _SIMPLE.fullmatch(one.strip()))]
            if not simple or not _is_concerned(style):
                continue
            if (hidden := hides(style)) or "display" in style or "visibility" in style:
                for match in simple:
                    shown[(match[1] or "").lower(), match[2] + match[3]] = not hidden
    names: dict[str, set[str]] = {}
    for (tag, name), visible in shown.items():
        if not visible:
            names.setdefault(name, set()).add(tag)
    return {name: frozenset(tags) for name, tags in names.items()}


def _is_concerned(style: str) -> bool:
    """Whether a rule may hide something, or show it: a quick look."""
    style = style.lower()
    return (
        any(word in style for word in _CONCERNS)
        or ("background" in style and "color" in style)
        or _FAR_SOMEHOW.search(style) is not None
    )


def _rules(sheet: str) -> Iterable[tuple[str, str]]:
    """Selectors and declarations of the rules that stand under no condition."""
    depth = 0
    conditional = False
    selectors = ""
    for part in _COMMENT.sub("", sheet).split("}")[:-1]:
        *openings, text = part.split("{")
        for opening in openings:
            if depth == 0:
                selectors = opening.rpartition(";")[2].strip()
                conditional = selectors.startswith("@")
            depth += 1
        if depth:
            depth -= 1
            if depth == 0 and not conditional:
                yield selectors, text


def mark_hidden(elements: Iterable[HtmlElement], names: dict[str, frozenset[str]]) -> None:
    """Give the elements that a page's own styles hide the attribute that says so."""
    by_class: dict[str, frozenset[str]] = {"": frozenset()}
    for node in elements:
        tags = by_class.get(classes := node.get("class", ""))
        if tags is None:
            own = [names.get(f".{name}", frozenset()) for name in classes.split()[:50]]
            tags = by_class[classes] = frozenset().union(*own)
        if name := node.get("id"):
            tags |= names.get(f"#{name}", frozenset())
        if tags and ("" in tags or node.tag in tags) and "style" not in node.attrib:
            node.set("hidden", "")
