"""Which part of a page is the article: by how its text is spread, with no knowledge of the site.

One pass weighs every element (how much running text, how much of it links). What names itself as something else and
holds little of the text goes; the body is then the smallest element that holds nearly all of what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.sources.furniture import PAID, PAPER, READ_ALSO, appeals, domain, leads_elsewhere, named_otherwise
from ivpipe.sources.hidden import is_hidden, read_out
from ivpipe.text.inline_reader import NOTE_REF, read_text, short_text
from ivpipe.text.plain import squeeze

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i ins kbd label mark q s samp small span strike strong"
    f" sub sup time tt u var wbr img picture source {NOTE_REF}".split()
)
_NEVER = frozenset(["script", "style", "template", "link", "meta", "dialog", "menu", "canvas"])
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![a-z-])(?:left|right|top|text-indent)\s*:\s*-(?:9{3}|\d{5})", re.I
)
_LONG_INLINE = 200
_KEEP_TAGS = frozenset(
    f"html head title body article main h1 p em strong i b img picture figcaption {NOTE_REF}".split()
)
_FURNITURE_TAGS = frozenset({"nav", "aside", "footer", "button", "select", "input", "textarea"})
_FURNITURE_ROLES = frozenset({"navigation", "complementary", "contentinfo", "banner", "search", "dialog", "alert"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NOT_RUNNING = _HEADINGS | {"button", "option", "figcaption", "footer", "nav", "title"}
_SET = frozenset({"p", "li", "tr", "td", "ul", "ol", "blockquote", "tbody", "dl", "pre"})
_CLEANED = "p div ul ol section article li h2 h3 h4 h5 h6 table dl blockquote header figure".split()
_BOX = re.compile(r"encadr|fact-?box|info-?(?:box|kasten)|recuadro|despiece|hintergrund|riquadro|wp-block-group", re.I)
_NO_PAGE = re.compile(r"\s*(?:#|mailto:|tel:|javascript:)", re.I)
_MOST_FIGURES, _LONGEST_CAPTION = 500, 1500
_MOST_DROPPED = 500
_MOST_DOUBTFUL, _ENOUGH, _LITTLE = 40, 400, 100
_SENTENCE = re.compile(r"[.!?…:;,»”\"](?:\s|$)")


@dataclass(slots=True)
class Weight:
    """Of one element: characters of text, of them in links; ``mass``: characters of running text."""

    text: int = 0
    links: int = 0
    mass: float = 0.0

    @property
    def link_density(self) -> float:
        """Share of the text that is links."""
        return self.links / self.text if self.text else 0.0


def weigh(root: HtmlElement, known: str = "") -> dict[HtmlElement, Weight]:
    """Weigh every block element under ``root``. ``known``: squeezed text that is surely the article's (JSON-LD); what
    stands in it counts three times."""
    weights: dict[HtmlElement, Weight] = {}
    stack: list[tuple[Weight, list[str]]] = [(Weight(), [])]
    in_link = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        tag = node.tag
        if event == "start":
            if tag in _NEVER or tag == "svg":
                walk.skip_subtree()
                continue
            if tag == "a":
                in_link += 1
            if tag not in _INLINE:
                stack.append((Weight(), []))
            if text := node.text:
                _count(stack[-1], text, in_link)
        else:
            if tag == "a":
                in_link -= 1
            if tag not in _INLINE and tag not in _NEVER and tag != "svg":
                weight, own = stack.pop()
                weight.mass += _running_text(tag, own, weight, known)
                weights[node] = weight
                above = stack[-1][0]
                above.text += weight.text
                above.links += weight.links
                above.mass += weight.mass
            if node is not root and (tail := node.tail):
                _count(stack[-1], tail, in_link)
    return weights


def _count(entry: tuple[Weight, list[str]], text: str, in_link: int) -> None:
    length = len(text.strip())
    if not length:
        return
    entry[0].text += length
    if in_link:
        entry[0].links += length
    else:
        entry[1].append(text)


def _running_text(tag: str, own: list[str], weight: Weight, known: str) -> float:
    if not own or tag in _NOT_RUNNING:
        return 0.0
    text = " ".join(own)
    length = len(text)
    if length < 20 or (tag in ("p", "li", "td") and weight.link_density > 0.6):
        return 0.0
    if length < 100 and not _SENTENCE.search(text):
        return length * 0.2
    if tag in ("li", "td", "dd", "dt", "th"):
        length *= 0.7  # type: ignore[assignment]
    if known and length > 40 and squeeze(text[:60]) in known:
        length *= 3
    return float(length)


def take_out_hidden(
    root: HtmlElement, weights: dict[HtmlElement, Weight], opened: Callable[[], Container[str]]
) -> None:
    """Take out what readers do not see. What holds much of the text by itself, or what would take most of it together, is
    no doubt shown by a script; ``opened`` gives the ids of what something on the page opens."""
    total = weights[root].mass or 1.0
    causes: dict[tuple[str | None, str | None], list[tuple[HtmlElement, float]]] = {}
    within: set[HtmlElement] = set()  # what stands inside of what goes
    for node in root.iter("*"):
        if not is_hidden(node) or node in within or node is root or node.tag in _NEVER:
            continue
        if (name := node.get("id")) and name in opened():
            continue
        found = weights.get(node)
        mass = found.mass if found is not None else float(len(short_text(node, _LONG_INLINE)))
        if mass >= 0.3 * total or any(
            next(node.iter(tag), None) is not None for tag in ("h1", "figure", "img", NOTE_REF)
        ):
            continue
        causes.setdefault((node.get("style"), node.get("class")), []).append((node, mass))
        within.update(node.iter("*"))
    dropped, taken = 0, 0.0
    for nodes in sorted(causes.values(), key=lambda nodes: sum(mass for _, mass in nodes)):
        taken += sum(mass for _, mass in nodes)
        if taken >= 0.5 * total:
            return
        for node, _ in nodes:
            _drop(node, weights, dropped)
            dropped += 1


def prune(root: HtmlElement, weights: dict[HtmlElement, Weight], keep: set[HtmlElement]) -> None:
    """Take out what says that it is something else than the article: where it holds little of the page's running text,
    or where enough for an article is left without it."""
    total = weights[root].mass or 1.0
    alike: dict[str, float] = {}  # a name that much of the text bears is the article's, whatever it says
    for node, weight in weights.items():
        if weight.mass and (classes := node.get("class")):
            alike[classes] = alike.get(classes, 0.0) + weight.mass
    keep = keep | _framed(root, weights) | read_out(root)
    doubtful: list[HtmlElement] = []
    dropped = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        kept = node in keep
        other = not kept and _is_other(node, weights, total, alike)
        if other:
            _drop(node, weights, dropped)
            dropped += 1
            continue
        if other is None and len(doubtful) < _MOST_DOUBTFUL:
            doubtful.append(node)
        if not (kept and node.tag == "figure"):
            waiting.extend(reversed(node))
    _drop_doubtful(root, weights, doubtful)


def _drop_doubtful(root: HtmlElement, weights: dict[HtmlElement, Weight], doubtful: list[HtmlElement]) -> None:
    """Take out what says that it is something else though it holds much of the text, if an article is left without it.

    Where none is, the heaviest of them must be the article, or be around it.
    """
    while doubtful:
        chosen = set(doubtful)
        outer = [node for node in doubtful if not any(up in chosen for up in node.iterancestors())]
        left = weights[root].mass - sum(weights[node].mass for node in outer)
        enough = _ENOUGH if any(node.tag not in _FURNITURE_TAGS for node in outer) else _LITTLE
        if left >= max(enough, 0.15 * weights[root].mass):
            for node in outer:
                _drop(node, weights)
            return
        doubtful.remove(max(outer, key=lambda one: weights[one].mass))


def _framed(root: HtmlElement, weights: dict[HtmlElement, Weight]) -> set[HtmlElement]:
    """Pictures with a caption, and the boxes that hold little else (slides, galleries), however these are named."""
    captions: dict[HtmlElement, int] = {}
    for figure in islice(root.iter("figure"), _MOST_FIGURES):
        weight = weights.get(figure)
        if (
            weight is None
            or not 2 < weight.text < _LONGEST_CAPTION
            or weight.link_density > 0.5
            or next(figure.iter("img"), None) is None
        ):
            continue
        for up in [figure, *islice(figure.iterancestors(), 12)]:
            captions[up] = captions.get(up, 0) + weight.text
    return {
        node
        for node, length in captions.items()
        if node.tag not in ("aside", "nav", "footer", "body", "html")
        and (node.tag == "figure" or node not in weights or weights[node].text <= 1.3 * length + 60)
    }


def _is_other(
    node: HtmlElement, weights: dict[HtmlElement, Weight], total: float, alike: dict[str, float]
) -> bool | None:
    """Whether an element is something else than the article; None: it says so, but holds much of the text."""
    tag = node.tag
    if tag in _KEEP_TAGS:
        return False
    if tag in _NEVER:
        return True
    found = weights.get(node)
    share = found.mass / total if found else 0.0
    attributes = node.attrib
    if not attributes and tag not in _FURNITURE_TAGS:
        return False
    if tag == "a" and (attributes.get("href") or "").startswith("#") and node.getparent().tag in _HEADINGS:
        return False  # it leads to the contents
    classes, name = attributes.get("class") or "", attributes.get("id") or ""
    if name and node.getparent() is not None and node.getparent().tag in _HEADINGS:
        name = ""  # it is what the heading says
    apart = other = False
    if len(classes) + len(name) > 1 and tag not in _HEADINGS:
        apart, other = named_otherwise(f"{classes} {name}")
    furniture = tag in _FURNITURE_TAGS or attributes.get("role") in _FURNITURE_ROLES
    unseen = "hidden" in attributes or HIDDEN.search(attributes.get("style") or "") is not None
    if share >= 0.3 and (unseen or furniture):
        return _is_repeated(node) if unseen else False if _holds_title(node) else None
    hidden = share < 0.3 and (
        furniture
        or unseen
        or (tag == "form" and share < 0.2)
        or (
            attributes.get("aria-hidden") == "true"
            and tag not in ("img", "figure", "picture")
            and not (found is not None and not found.text and next(node.iter("img"), None) is not None)
        )
    )
    if not (hidden or apart or other):
        return False
    if found is None and len(short_text(node, _LONG_INLINE)) >= _LONG_INLINE:
        return False  # a <span> around paragraphs
    if hidden and furniture and found is not None and found.mass > 80 and found.link_density < 0.3:
        hidden = not _BOX.search(classes)  # a box of the article: facts, a portrait, a chronology
    if hidden:
        return not (tag == "footer" and any(up.tag == "blockquote" for up in islice(node.iterancestors(), 3)))
    if found is None and tag in ("a", "span", "abbr", "cite", "q", "mark") and _in_sentence(node):
        return False
    if _holds_title(node):
        return False
    if apart:
        return True if share < 0.6 else None
    bearing = alike.get(classes, 0.0)
    others = bearing - found.mass if found is not None else 0.0
    if not other or others >= 0.3 * total or (others >= 0.1 * total and bearing >= 0.6 * total):
        return False
    if found is not None and _quotes(node, weights, found):
        return False
    return True if share < 0.2 else False if PAID.search(f"{classes} {name}") else None


def _quotes(node: HtmlElement, weights: dict[HtmlElement, Weight], weight: Weight) -> bool:
    """Whether what an element says is mostly a quotation: an embedded post."""
    quote = weights.get(next(node.iter("blockquote"), None)) if weight.mass else None
    return quote is not None and quote.text > 0.6 * weight.text


def _is_repeated(node: HtmlElement) -> bool:
    """Whether the longest piece of an element's text stands elsewhere in the page too."""
    longest = squeeze(max(node.itertext(), key=len, default="")[:300])
    page = squeeze("".join(node.getroottree().getroot().itertext()))
    return bool(longest) and page.count(longest) > squeeze("".join(node.itertext())).count(longest)


def _in_sentence(node: HtmlElement) -> bool:
    """Whether an inline element stands amid a paragraph's text, perhaps at an end of what is emphasised there; a link also
    where the text begins with it."""
    before = after = False
    for up in (node, *islice(node.iterancestors(), 3)):
        parent, previous = up.getparent(), up.getprevious()
        if parent is None or parent.tag not in ("p", "li", "em", "strong", "i", "b", "blockquote"):
            break
        before = before or bool(((previous.tail if previous is not None else parent.text) or "").strip())
        after = after or bool((up.tail or "").strip())
        if before and after:
            return True
    return after and node.tag == "a"


def _holds_title(node: HtmlElement) -> bool:
    return next(node.iter("h1"), None) is not None


def _drop(node: HtmlElement, weights: dict[HtmlElement, Weight], before: int = 0) -> None:
    """Take an element out, and what it weighed from what it stood in. ``before``: how many were taken out before it."""
    weight = weights.get(node)
    if weight is not None and weight.text:
        for above in node.iterancestors():
            if (one := weights.get(above)) is not None:
                one.text -= weight.text
                one.links -= weight.links
                one.mass -= weight.mass
    if before > _MOST_DROPPED:
        # The text behind an element is put to the text before it, which by now may be megabytes.
        weights.pop(node, None)
        node.clear(keep_tail=True)
        node.tag = "span"
    elif node.getparent() is not None:
        node.drop_tree()


def find_body(root: HtmlElement, weights: dict[HtmlElement, Weight], heading: HtmlElement | None) -> HtmlElement:
    """The smallest element that holds nearly all of the running text under ``root``; ``heading`` bears the title."""
    declared = root.xpath("//*[@itemprop='articleBody' or contains(@property, 'articleBody')]")
    total = weights[root].mass
    if declared:
        best = max(declared, key=lambda one: weights[one].mass if one in weights else 0)
        parts = [one for one in declared if one.getparent() is best.getparent() and one in weights]
        if sum(weights[one].mass for one in parts) > 0.4 * total:
            return best if len(parts) == 1 else best.getparent()
    node = root
    articles = [
        one
        for one in root.iter("article")
        if one in weights and not any(a.tag == "article" for a in islice(one.iterancestors(), 30))
    ]
    if articles:
        best = max(articles, key=lambda one: weights[one].mass)
        titled = set(heading.iterancestors("article")) if heading is not None else set()
        own = next((one for one in articles if one in titled), None)
        if own is not None and weights[own].mass > max(_ENOUGH, 0.2 * total):
            node = own
        elif weights[best].mass > 0.5 * total:
            node = best
    above_title = {*heading.iterancestors()} if heading is not None else set()
    while True:
        children = [child for child in node if child in weights]
        if not children:
            return node
        best = max(children, key=lambda one: weights[one].mass)
        holding = next((one for one in children if one in above_title), None)
        if node.tag == "body" and holding is not None and weights[holding].mass > 0.4 * weights[node].mass:
            node = holding  # what stands beside it, or is laid over it, is not the article
            continue
        if best.tag in _SET and weights[best].mass < 0.98 * weights[node].mass:
            return node
        if best.tag in ("p", "li", "pre") or weights[best].mass < 0.8 * weights[node].mass or not weights[best].mass:
            return node
        above = children[: children.index(best)]
        if sum(child.tag == "p" and weights[child].mass > 100 for child in above) > 1 or any(
            _is_text(child, weights[child]) for child in above
        ):
            return node  # the article begins there
        named = best.get("class")
        if named and any(
            child is not best and child.tag == best.tag and child.get("class") == named and weights[child].mass > 100
            for child in children
        ):
            return node  # it stands in several parts
        node = best


def _is_text(node: HtmlElement, weight: Weight) -> bool:
    """Whether an element is much running text, some of it in a long paragraph."""
    return (
        weight.mass > _ENOUGH
        and weight.link_density < 0.2
        and any(len(short_text(one, _LONG_INLINE)) > _LONG_INLINE for one in node.iter("p"))
    )


def clean_body(body: HtmlElement, weights: dict[HtmlElement, Weight], own: Container[str]) -> None:
    """Take out of the body what is only links within the site, points elsewhere, or asks the reader for something.

    ``own``: the site's domains."""
    # In a table with head cells links alone are what a cell says.
    headed = {up for cell in body.iter("th") for up in islice(cell.iterancestors(), 3) if up.tag == "table"}
    dropped = 0
    for node in [*body.iter(*_CLEANED)]:
        if node is body or node.getparent() is None:
            continue
        weight = weights.get(node)
        if weight is None or weight.text > 1500 or next(node.iter(NOTE_REF), None) is not None:
            continue
        if weight.text == 0:
            continue
        density = weight.link_density
        if node.tag == "figure":  # a teaser or an appeal with a picture
            if (
                density > 0.2
                and weight.text < 300
                and (READ_ALSO.match(text := short_text(node, 300)) or appeals(text))
            ):
                _drop(node, weights, dropped)
                dropped += 1
            continue
        around = weights.get(node.getparent())
        if (
            node.tag in ("p", "div", "ul", "section", "h2", "h3", "h4", "h5", "h6", "blockquote", "li")
            and weight.text < 400
            and not (
                around is not None and around.text == weight.text and len(node.getparent()) == 1
            )  # looked at already
        ):
            text = short_text(node, 400)
            if READ_ALSO.match(text) and (density > 0.2 or len(text) < 60):
                _drop_with_list(node, weights, dropped)
                dropped += 1
                continue
            if node.tag == "p" and density > 0.95 and 15 < len(text) < 200 and _leads_on(node, weights, own):
                _drop(node, weights, dropped)
                dropped += 1
                continue
            if weight.text < 300 and (density > 0.15 or weight.text < 100) and appeals(text):
                _drop(node, weights, dropped)
                dropped += 1
                continue
        if (
            node.tag in ("ul", "ol", "div", "section", "table", "dl", "article")
            and density > (0.85 if node.tag in ("ul", "ol") and len(node) == 1 else 0.7)
            and weight.mass < 60
            and weight.text > 2
            and (density > 0.85 or next(node.iter("figure", "img", "h2", "h3"), None) is None)
            and not leads_elsewhere((link.get("href") or "" for link in node.iter("a")), own)
            and not _is_announced(node, weights)
            and not _is_of_data(node, weights)
            and not (headed and any(up in headed for up in islice(node.iterancestors(), 8)))
            and not (
                node.tag in ("ul", "ol") and node.getparent().tag == "li" and (node.getparent().text or "").strip()
            )
        ):
            _drop(node, weights, dropped)
            dropped += 1


def _is_of_data(node: HtmlElement, weights: dict[HtmlElement, Weight]) -> bool:
    """Whether in most rows of a table a cell without links stands beside one that is a link."""
    rows = [
        {weights[cell].link_density > 0.5 for cell in row.iterchildren("td") if cell in weights and weights[cell].text}
        for row in node.iter("tr")
    ]
    return 2 * sum(len(kinds) > 1 for kinds in rows) > len(rows) > 1


def _is_announced(node: HtmlElement, weights: dict[HtmlElement, Weight]) -> bool:
    """Whether a sentence of the article ends in a colon before an element."""
    before = node.getprevious()
    if before is None or before.tag != "p" or before not in weights or weights[before].mass < 60:
        return False
    text = read_text(before)
    return text.endswith(":") and not READ_ALSO.match(text) and not appeals(text)


def _leads_on(paragraph: HtmlElement, weights: dict[HtmlElement, Weight], own: Container[str]) -> bool:
    """Whether a paragraph beside running text is only links to other pages of the site."""
    beside = (weights.get(one) for one in (paragraph.getprevious(), paragraph.getnext()) if one is not None)
    links = [link.get("href") or "#" for link in paragraph.iter("a")]
    return any(weight is not None and weight.mass > 80 for weight in beside) and not any(
        _NO_PAGE.match(href) or PAPER.search(href) or (domain(href) and domain(href) not in own) for href in links
    )


def _drop_with_list(node: HtmlElement, weights: dict[HtmlElement, Weight], before: int) -> None:
    """A heading "Read also" goes with the links under it."""
    following = node.getnext()
    if (
        node.tag in ("h2", "h3", "h4", "h5", "h6", "p", "div")
        and following is not None
        and following.tag in ("ul", "ol")
    ):
        text = read_text(following)
        if len("".join(read_text(link) for link in following.iter("a"))) > 0.6 * len(text):
            _drop(following, weights, before)
    _drop(node, weights, before)
