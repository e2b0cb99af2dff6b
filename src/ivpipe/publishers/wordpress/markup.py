"""A page as a post of WordPress: title, excerpt and content, in classic HTML or in block markup. Pure.

What the page says is written by ``text.html_writer``, the last wall before a reader's browser; here its HTML becomes
what WordPress's editors know, guarded against what WordPress does to text (``guarding``). In block markup, what no block
of the editor can hold as it is (a language of its own, a caption without its picture, notes with their anchors) becomes
a Custom HTML block.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape

from lxml.html import HtmlElement

from ivpipe.model.page import Page
from ivpipe.publishers.static_site.entries import original_day
from ivpipe.publishers.static_site.labels import labels, language_name
from ivpipe.publishers.wordpress.guarding import fragment, guard, inner, outer, tag
from ivpipe.publishers.wordpress.seal import BLANK
from ivpipe.text.dates import long_date
from ivpipe.text.html_writer import Shown, Written, inline_html, inline_plain, safe_address, write_document

_IN_TITLES = ("em", "strong", "cite", "q", "code")
"""What ``wp_kses`` leaves in a title."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture in the site's media library."""

    id: int
    url: str


@dataclass(frozen=True, slots=True)
class Form:
    """How posts are written. ``blocks``: in block markup, else classic HTML. ``footnotes``: as the editor's own, where
    they can be (blocks, notes numbered from 1). ``country``, ``standfirst``, ``edition``, ``lead``: these stand in the
    text too, not only in the fields that WordPress has for them.
    """

    blocks: bool = True
    footnotes: bool = False
    country: bool = True
    standfirst: bool = True
    edition: bool = True
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """The text of a post. ``footnotes`` is the value of the editor's own meta field, "" where notes stand in the text."""

    title: str
    excerpt: str
    content: str
    footnotes: str = ""


def write_post(page: Page, form: Form, uploads: Mapping[str, Upload]) -> Post:
    """Return a page as a post, with a blank seal. ``uploads``: address of an image in the document → the picture in
    the media library; an image that is not there is shown by its caption and credit only."""
    words = labels(page.lang)
    credits = {picture.src: picture.credit_html for picture in page.pictures}
    written = write_document(
        replace(page.document, lead_image=page.document.lead_image if form.lead else None),
        note_id=f"{page.key}-note",
        pictures={
            src: Shown(upload.url, 0, 0, credits.get(src, "")) for src, upload in uploads.items()
        },  # WP sizes them
        notes_heading=words["notes"],
        back_label=words["back"],
    )
    own_notes = (
        form.blocks
        and form.footnotes
        and [note.label for note in page.document.notes]
        == [str(number) for number in range(1, len(page.document.notes) + 1)]
    )
    head = fragment("".join(_head(page, form, written, words)))
    body = fragment(written.body)
    notes = fragment(written.notes)
    foot = fragment("".join(_foot(page, words)))
    footnotes = _own_footnotes(body, notes) if own_notes else ""
    ids = {upload.url: upload.id for upload in uploads.values()}
    if not form.blocks:
        parts = [_classic(element, ids) for root in (head, body, notes, foot) for element in root]
    else:
        ending = ["<!-- wp:footnotes /-->"] if footnotes else _blocks(notes, ids)
        parts = [*_blocks(head, ids), *_blocks(body, ids), *ending, *_blocks(foot, ids)]
    return Post(_title(page), guard(_summary(page)), "\n\n".join(parts), footnotes)


def _title(page: Page) -> str:
    root = fragment(inline_html(page.document.title, links=False))
    for element in [*root.iterdescendants()]:
        if element.tag not in _IN_TITLES:
            if element.tag == "br":
                element.tail = " " + (element.tail or "")
            element.drop_tag()
    return inner(root)


def _summary(page: Page) -> str:
    return inline_plain(page.document.standfirst)


def _head(page: Page, form: Form, written: Written, words: Mapping[str, str]) -> Iterator[str]:
    if form.country and page.country:
        yield _paragraph("country", inline_html(page.country))
    if form.standfirst and written.standfirst:
        yield _paragraph("standfirst", written.standfirst)
    if page.byline:
        yield _paragraph("byline", f"{words['by']} {_text(', '.join(page.byline))}")
    if form.edition and page.edition:
        yield _paragraph("edition", _text(page.edition))
    if page.correction_html:
        yield _paragraph("correction", f"{_text(words['correction'])} {inline_html(page.correction_html)}")
    yield written.lead


def _foot(page: Page, words: Mapping[str, str]) -> Iterator[str]:
    if day := original_day(page):
        yield _paragraph("original-date", _text(long_date(day, page.lang)))
    if page.attribution_html:
        yield _paragraph("attribution", inline_html(page.attribution_html))
    source = safe_address(page.original_url)
    link = f'<a href="{escape(source)}">{_text(source)}</a>' if source else _text(inline_plain(page.original_title))
    yield f'<p id="{page.key}" class="ivpipe-source {BLANK}">{_text(words["original"])} {link}</p>'
    others = [
        f'<a href="{escape(sibling.remote_url)}" lang="{escape(sibling.lang)}">{_text(language_name(sibling.lang))}</a>'
        for sibling in page.siblings
        if safe_address(sibling.remote_url)
    ]
    if others:
        yield _paragraph("languages", f"{_text(words['also_in'])} {', '.join(others)}")
    if page.postscript_html:
        yield _paragraph("postscript", f"{_text(words['postscript'])} {inline_html(page.postscript_html)}")
    if page.copyright:
        yield _paragraph("copyright", _text(page.copyright))
    if page.licence:
        address = safe_address(page.licence)
        licence = f'<a href="{escape(address)}">{_text(address)}</a>' if address else _text(page.licence)
        yield _paragraph("licence", f"{_text(words['licence'])} {licence}")


def _paragraph(name: str, html: str) -> str:
    return f'<p class="ivpipe-{name}">{html}</p>'


def _text(text: str) -> str:
    """Plain text of the page as inline HTML, without what no page may hold."""
    return inline_html(escape(text, quote=False))


def _classic(element: HtmlElement, ids: Mapping[str, int]) -> str:
    for image in element.iter("img"):  # by this class WordPress keeps it in its column, and offers smaller ones
        image.set("class", f"size-full wp-image-{ids[image.get('src', '')]}")
    return outer(_bare(element), classic=True)


def _bare(element: HtmlElement) -> HtmlElement:
    """The table in the box that ``html_writer`` puts around one."""
    return element[0] if element.tag == "div" else element


# Block markup, as the editor itself writes it, so that it opens a post without complaint


def _blocks(root: HtmlElement, ids: Mapping[str, int]) -> list[str]:
    return [_block(element, ids) for element in root]


def _block(element: HtmlElement, ids: Mapping[str, int]) -> str:
    element = _bare(element)
    name, classes = element.tag, element.get("class", "")
    if any(part.get("lang") for part in element.iter() if part.tag not in ("span", "a")):
        return _comment("html", {}, outer(element))
    if name == "p" and "verse" in classes.split():
        own = " ".join(word for word in classes.split() if word != "verse")
        element.set("class", own)
        return _comment("verse", _named(own), f"{tag(element, 'wp-block-verse', name='pre')}{inner(element)}</pre>")
    if name == "p":
        return _comment("paragraph", _named(classes), outer(element))
    if name in ("h2", "h3", "h4", "h5", "h6"):
        level = {"level": int(name[1])} if name != "h2" else {}
        html = f"{tag(element, 'wp-block-heading')}{inner(element)}</{name}>"
        return _comment("heading", {**level, **_named(classes)}, html)
    if name in ("ul", "ol"):
        return _list(element)
    if name == "blockquote":
        inside = "\n\n".join(_blocks(element, ids))
        return _comment("quote", {}, f'<blockquote class="wp-block-quote">{inside}</blockquote>')
    if name == "pre":
        return _comment(
            "code", _named(classes), f"{tag(element, 'wp-block-code')}{inner(element, preformatted=True)}</pre>"
        )
    if name == "table":
        return _table(element)
    if name == "hr":
        return _comment("separator", {}, '<hr class="wp-block-separator has-alpha-channel-opacity">')
    if name == "figure" and element[0].tag == "img":
        return _image(element, ids)
    return _comment("html", {}, outer(element))


def _comment(name: str, attributes: Mapping[str, object], html: str) -> str:
    given = f" {json.dumps(attributes, separators=(',', ':'))}" if attributes else ""
    return f"<!-- wp:{name}{given} -->\n{html}\n<!-- /wp:{name} -->"


def _named(classes: str) -> dict[str, str]:
    return {"className": classes} if classes else {}


def _list(element: HtmlElement) -> str:
    items = []
    for item in element:
        nested = [child for child in item if child.tag in ("ul", "ol")]
        for child in nested:
            item.remove(child)  # it has no tail: lists end their item
        inside = inner(item) + "".join(_list(child) for child in nested)
        items.append(_comment("list-item", _named(item.get("class", "")), f"{tag(item)}{inside}</li>"))
    ordered = {"ordered": True} if element.tag == "ol" else {}
    joined = "\n\n".join(items)
    return _comment("list", ordered, f"{tag(element, 'wp-block-list')}{joined}</{element.tag}>")


def _table(table: HtmlElement) -> str:
    classes = table.get("class", "")
    caption, rows = "", ""
    for part in table:
        if part.tag == "caption":
            caption = f'<figcaption class="wp-element-caption">{inner(part)}</figcaption>'
        else:
            rows += outer(part)
    figure = f'<figure class="{" ".join(("wp-block-table", *classes.split()))}">'
    html = f"{figure}<table><tbody>{rows}</tbody></table>{caption}</figure>"
    return _comment("table", _named(classes), html)


def _image(figure: HtmlElement, ids: Mapping[str, int]) -> str:
    image = figure[0]
    number = ids[image.get("src", "")]
    html = f"{tag(figure, 'wp-block-image', 'size-full')}{tag(image, f'wp-image-{number}')}"
    for caption in figure[1:]:
        html += f"{tag(caption, 'wp-element-caption')}{inner(caption)}</figcaption>"
    attributes = {"id": number, "sizeSlug": "full", "linkDestination": "none", **_named(figure.get("class", ""))}
    return _comment("image", attributes, f"{html}</figure>")


def _own_footnotes(body: HtmlElement, notes: HtmlElement) -> str:
    """Turn references in ``body`` and in the notes into the editor's own; return the meta field that holds the notes."""
    links: dict[str, int] = {}
    for root in (body, notes):
        for sup in root.iter("sup"):
            link = sup[0] if len(sup) and sup.get("class") == "note-ref" else None
            if link is not None:
                name = link.get("href", "").removeprefix("#")
                links[name] = links.get(name, 0) + 1
                again = f"-{links[name]}" if links[name] > 1 else ""  # the note itself leads back to the first one
                sup.attrib.clear()
                sup.attrib.update({"data-fn": name, "class": "fn"})
                link.attrib.clear()
                link.attrib.update({"href": f"#{name}", "id": f"{name}-link{again}"})
    kept = []
    for item in notes.iter("li"):
        for back in item.findall("a[@class='back']"):
            back.drop_tree()
        kept.append({"content": inner(item), "id": item.get("id", "")})
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""
