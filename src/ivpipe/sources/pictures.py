"""Pictures and what is written under them: many sites use plain boxes where ``<figure>`` and ``<figcaption>`` are meant.

``frame_pictures`` gives every picture that stands with a caption the elements that say so, before anything is taken out
of the page, so that region finding and the reader know only one habit.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice, takewhile
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from ivpipe.model.document import Block, BlockType, Document, Image
from ivpipe.sources.regions import HIDDEN
from ivpipe.text.inline_reader import UNSEEN, read_text, short_text
from ivpipe.text.media import is_decoration

_IN_TABLE = frozenset({"tbody", "tr", "td"})
_BOX = frozenset(
    {"div", "span", "p", "li", "a", "section", "picture", "center", "dl", "dt", "button", "aside", "table"}
)
_PICTURE_NAME = re.compile(
    r"caption|legend|l[eé]gende|bild(?!ung)|image|img|photo|foto|picture|media(?!n|-?(?:text|body))|figur|credit|copyright|visual|thumbnail|slide|galler"
    r"|didascalia|spip_doc"
)
_CAPTION_NAME = re.compile(
    r"caption|legend|l[eé]gende|bildunterschrift|bildtext|subtitle-?text|didascalia|pie-?de-?foto"
    r"|(?:img|image|photo|foto|bild|picture)[-_]{0,2}(?:desc|text|legend)"
)
_TEXT_NAME = re.compile(r"(?:entry|post|article)[-_]?(?:content|body|text)", re.I)
_LABEL = re.compile(r"field__label|field-label|visually-?hidden|sr-only|screen-reader|element-invisible", re.I)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|tiff?)(?:$|[?#])|^#|^javascript:", re.I)
_NOT_CAPTION = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "video", "iframe", "form"}
)
_SHOWN = ("img", "video", "audio", "iframe", "embed", "object", "table", "pre", "svg", "math")
_MARKUP = frozenset({"a", "em", "i", "strong", "b"})
_SCRIPT = re.compile(r"\.(?:php|aspx?|ashx|jsp)$", re.I)
_LONGEST, _UNNAMED_LONGEST, _SHORTEST = 700, 260, 2
_CLIMB, _PARTS, _MOST = 7, 60, 400


def frame_pictures(root: HtmlElement, end: HtmlElement | None = None) -> None:
    """Make ``figure`` and ``figcaption`` of pictures with captions in other elements, as far as ``end``; in place."""
    for figure in _before(root, "figure", end):
        # Microdata say which picture it is, scripts put it there.
        if (src := figure.get("itemid") or "").startswith("http") and next(figure.iter("img", "iframe"), None) is None:
            figure.insert(0, figure.makeelement("img", src=src))
    for img in _before(root, "img", end):
        if is_decoration(img, (img.get("src") or "")[:2000]):
            continue
        box = _box_of(img)
        if box is not None:
            for part in _captions(box):
                if part.tag in _MARKUP:
                    _wrap(part)
                else:
                    part.tag = "figcaption"
            for inner in box.iter("figure"):
                inner.tag = "div"
            box.tag = "figure"
            box.attrib.pop("href", None)
    for figure in _before(root, "figure", end):
        _make_plain(figure)
    for caption in _before(root, "figcaption", end):
        figure = next((up for up in islice(caption.iterancestors(), _CLIMB) if up.tag == "figure"), None)
        if figure is None:
            _frame_stray(caption)
        elif next(figure.iter(*_SHOWN), None) is None and len(read_text(figure)) <= len(read_text(caption)) + _SHORTEST:
            caption.drop_tree()  # of a film that only scripts show


def _before(root: HtmlElement, tag: str, end: HtmlElement | None) -> list[HtmlElement]:
    nodes = root.iter(tag) if end is None else takewhile(lambda node: node is not end, root.iter(tag, end.tag))
    return [*islice((node for node in nodes if node.tag == tag), _MOST)]


def _make_plain(figure: HtmlElement) -> None:
    """A figure around a caption only is none; a button around a picture only enlarges it."""
    for up in islice(figure.iterancestors("figure", "button"), 3):
        if up.tag == "button":
            up.tag = "div"
        elif next(figure.iter("img", "video", "iframe", "table"), None) is None:
            figure.tag = "div"


def _box_of(img: HtmlElement) -> HtmlElement | None:
    """The largest box around a picture that holds nothing else but what is written under it; None: there is none."""
    best = None
    length = 0
    framed = False
    for box in islice(img.iterancestors(), _CLIMB):
        if box.tag == "figure":
            if framed or best is not None or short_text(box):
                return None
            framed = True  # its caption may stand under it
            continue
        if box.tag in _IN_TABLE:
            continue
        if not (box.tag in _BOX or "-" in box.tag) or not _small(box):
            break
        if box.tag == "table" and not len([*box.iter("td", "th")]) == len([*box.iter("tr")]) == 2:
            break  # more than a picture and, under it, its caption
        if any(other is not img and not _same_picture(other, img) for other in box.iter("img")):
            break
        text = read_text(box)
        if len(text) > _LONGEST:
            break
        if len(text) > max(length, _SHORTEST):
            if not _is_caption(box, text, named_only=framed or best is not None):
                break
            best, length = box, len(text)
    return best


def _small(box: HtmlElement) -> bool:
    parts = 0
    for count, node in enumerate(box.iter()):
        parts += node.tag not in ("source", "svg", "path", "g", "use")
        if parts > _PARTS or count > 10 * _PARTS:
            return False
    return True


def _same_picture(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether ``one`` is the picture again, for browsers without scripts, or a sign on it."""
    if (one.get("src") or "").split("?")[0].endswith(".svg"):
        return True
    return any(up.tag == "noscript" for up in islice(one.iterancestors(), 2)) or one.get("src") == other.get("src")


def _is_caption(box: HtmlElement, text: str, *, named_only: bool) -> bool:
    """Whether all that is written in a picture's box is of the picture."""
    named = False
    plain = True
    for node in box.iterdescendants():
        if node.tag in _NOT_CAPTION or _TEXT_NAME.search(node.get("class") or ""):
            return False
        if node.tag == "a" and node.get("href") and not _PICTURE_FILE.search(node.get("href")):
            linked = len(read_text(node))
            if linked > 0.5 * len(text):
                return False  # a teaser of another page
        if "style" in node.attrib and HIDDEN.search(node.get("style")) and len(read_text(node)) > 0.5 * len(text):
            return False  # what is said instead of the picture: a formula
        if node.tag == "figcaption" or _PICTURE_NAME.search(_class(node)):
            named = True
        if node.tag == "p" and read_text(node):
            plain = plain and bool(_PICTURE_NAME.search(_class(node)))
    if box.tag == "a" and box.get("href") and not _PICTURE_FILE.search(box.get("href") or ""):
        return False
    small = any(len(read_text(one)) > 0.6 * len(text) for one in box.iter("small", "figcaption"))
    boxed = bool(_PICTURE_NAME.search(_class(box)))
    captioned = any(_CAPTION_NAME.search(_class(one)) and len(read_text(one)) > 0.4 * len(text) for one in box.iter())
    if captioned or small or (boxed and len(text) < 400):
        return True
    return (
        plain
        and not named_only
        and len(text) < _UNNAMED_LONGEST
        and box.tag not in ("p", "li")
        and (named or len(box) > 1 or box.tag == "table")
    )


def _class(node: HtmlElement) -> str:
    return (node.get("class") or "").lower()


def _captions(box: HtmlElement) -> list[HtmlElement]:
    """The outermost elements in a picture's box that hold text and no picture."""
    found: list[HtmlElement] = []
    waiting = [box]
    while waiting:
        node = waiting.pop()
        if node.text and node.text.strip() and node is box:
            _wrap_text(node)
        for child in [*node]:
            if child.tail and child.tail.strip() and next(node.iter("img"), None) is not None:
                _wrap_tail(child)
        for child in reversed(node):
            if child.tag in UNSEEN or child.tag == "noscript":
                continue
            if _LABEL.search(child.get("class") or "") and len(read_text(child)) < 20:
                child.drop_tree()
                continue
            if next(child.iter("img"), None) is not None:
                waiting.append(child)
            elif read_text(child):
                found.append(child)
    return [one for one in found if one.tag != "figcaption"]


def _wrap(part: HtmlElement) -> None:
    caption = part.makeelement("figcaption")
    caption.tail, part.tail = part.tail, None
    part.addprevious(caption)
    caption.append(part)


def _wrap_text(node: HtmlElement) -> None:
    caption = node.makeelement("span")
    caption.text, node.text = node.text, None
    node.insert(0, caption)


def _wrap_tail(node: HtmlElement) -> None:
    caption = node.makeelement("span")
    caption.text, node.tail = node.tail, None
    node.addnext(caption)


def _frame_stray(caption: HtmlElement) -> None:
    """A caption outside a figure goes with the picture before it; without one, out of the text: it is never a paragraph."""
    parent = caption.getparent()
    for _ in range(3):
        if parent is None or parent.tag in ("body", "html"):
            break
        before = caption if caption.getparent() is parent else None
        previous = before.getprevious() if before is not None else None
        if (
            previous is not None
            and (previous.tag == "img" or next(previous.iter("img"), None) is not None)
            and len(read_text(previous)) < _SHORTEST
        ):
            inner = next(previous.iter("figure"), None)
            if inner is not None:
                previous = inner
            else:
                figure = parent.makeelement("figure")
                previous.addprevious(figure)
                figure.append(previous)
                previous = figure
            _move_into(previous, caption)
            return
        figures = [*islice(parent.iter("figure"), 2)]
        if len(figures) == 1 and next(figures[0].iter("figcaption"), None) is None:
            _move_into(figures[0], caption)
            return
        if next(parent.iter("img"), None) is not None and len(read_text(parent)) <= len(read_text(caption)) + 80:
            parent.tag = "figure"
            return
        parent = parent.getparent()
    if next(caption.iter("img", "table", "blockquote"), None) is None and not any(
        up.tag == "blockquote" for up in islice(caption.iterancestors(), 3)
    ):
        caption.drop_tree()


def _move_into(figure: HtmlElement, caption: HtmlElement) -> None:
    tail, caption.tail = caption.tail, None
    previous, parent = caption.getprevious(), caption.getparent()
    figure.append(caption)
    if tail and tail.strip():
        if previous is not None:
            previous.tail = (previous.tail or "") + tail
        elif parent is not None:
            parent.text = (parent.text or "") + tail


def lead_figures(root: HtmlElement, heading: HtmlElement | None, bodies: list[HtmlElement]) -> list[HtmlElement]:
    """Figures that may open the article, in page order: after the title, or shortly above it in the same header; above
    ``bodies`` where these are known."""
    found: list[HtmlElement] = []
    after = heading is None
    near = set(islice(heading.iterancestors("header", "article"), 3)) if heading is not None else set()
    for count, node in enumerate(root.iter("h1", "h2", "figure", *(bodies[0].tag for _ in bodies[:1]))):
        if count > 10 * _MOST or node in bodies:
            break
        if node is heading:
            after = True
        if node.tag != "figure" or _elsewhere(node):
            continue
        if after or near.intersection(islice(node.iterancestors(), 12)):
            found.append(node)
    return found


def _elsewhere(figure: HtmlElement) -> bool:
    """Whether a figure stands in furniture, or shows another article."""
    for up in islice(figure.iterancestors(), 12):
        if up.tag in ("aside", "nav", "footer"):
            return True
        if up.tag == "a" and up.get("href") and not _PICTURE_FILE.search(up.get("href") or ""):
            return True
    return any(
        link.get("href")
        and not _PICTURE_FILE.search(link.get("href") or "")
        and next(link.iter("img"), None) is not None
        for link in figure.iter("a")
    )


def place_pictures(document: Document, blocks: list[Block], images: list[Image], leads: list[Image]) -> Document:
    """Keep the images that blocks show. One above all text is the lead image, else the first of ``leads``, if it stands
    nowhere below; further leads open the text."""
    chosen: list[Image] = []
    order: dict[int, int] = {}
    lead_image: int | None = None
    kept: list[Block] = []
    for block in blocks:
        if block.image is None:
            kept.append(block)
            continue
        image = images[block.image]
        if block.image not in order:
            order[block.image] = len(chosen)
            chosen.append(image)
        if not kept and lead_image is None:
            lead_image = order[block.image]
            continue
        kept.append(replace(block, image=order[block.image]))
    before: list[Block] = []
    names = [file_name(image.src) for image in chosen] if leads else []
    for lead in leads:
        name = file_name(lead.src)
        same = next((at for at, one in enumerate(names) if alike(name, one)), None)
        if same is not None:
            if lead.caption and not chosen[same].caption:
                chosen[same] = replace(chosen[same], caption=lead.caption, credit=lead.credit)
                kept = [replace(block, html=lead.caption) if block.image == same else block for block in kept]
        else:
            if lead_image is None:
                lead_image = len(chosen)
            else:
                before.append(Block(BlockType.FIGURE, lead.caption, image=len(chosen)))
            chosen.append(lead)
            names.append(name)
    return replace(document, blocks=(*before, *kept), images=tuple(chosen), lead_image=lead_image)


def alike(one: str, other: str) -> bool:
    """Whether two file names are of one picture, perhaps in two sizes."""
    return one == other or (min(len(one), len(other)) > 12 and (one in other or other in one))


def file_name(src: str) -> str:
    """The name of a picture's file, without size and suffix; of what a service resizes, the name in its query, or what
    stands in the path where the file is only called by its width."""
    parts = urlsplit(src)
    name = parts.path.rsplit("/", 1)[-1]
    if not name or _SCRIPT.search(name):
        name = unquote(parts.query).rsplit("/", 1)[-1].split("&")[0] or name
    if re.match(r"\d{1,5}\.", name):
        name = max(parts.path.split("/"), key=len)
    return re.sub(r"(?:-\d+x\d+|-scaled)?(?:\.[a-z]{2,5})*$", "", name.lower())
