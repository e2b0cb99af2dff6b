"""A page put together as one text, for targets that know nothing of the parts of a page: as a Document, as HTML, as files."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Any

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.model.languages import direction
from ivpipe.model.page import Page
from ivpipe.publishers.folders import Folder
from ivpipe.publishers.static_site.entries import original_day, picture_path
from ivpipe.publishers.static_site.labels import labels
from ivpipe.text.dates import long_date
from ivpipe.text.html_writer import Shown, clean_text, inline_plain, safe_address, write_document
from ivpipe.text.inline import escape_text

METADATA = "metadata.json"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def assembled(page: Page) -> Document:
    """The whole of a page below its title: correction, standfirst, byline, text, date, credits; the notes stay notes."""
    document = page.document
    return replace(
        document,
        kicker="",
        standfirst="",
        blocks=(*_paragraphs(_head(page)), *document.blocks, *_paragraphs(_foot(page))),
    )


def picture_names(page: Page) -> dict[str, Shown]:
    """Where the pictures stand that go with a page, by their address at the partner: ``pictures/<hash>.<type>``."""
    return {
        picture.src: Shown(
            f"pictures/{picture_path(picture).rpartition('/')[2]}",
            picture.width,
            picture.height,
            picture.credit_html,
        )
        for picture in page.pictures
    }


def article_html(page: Page, pictures: Mapping[str, Shown]) -> str:
    """The whole of a page as flow content, its title an h1."""
    words = labels(page.lang)
    kicker = escape(clean_text(inline_plain(page.country or page.document.kicker)))
    written = write_document(assembled(page), pictures=pictures, notes_heading=words["notes"], back_label=words["back"])
    above = f"<p>{kicker}</p>\n" if kicker else ""
    return f"{above}<h1>{written.title}</h1>\n{written.lead}{written.body}{written.notes}"


def page_html(page: Page, pictures: Mapping[str, Shown]) -> str:
    """The same as an HTML file that loads nothing but its own pictures."""
    title = escape(clean_text(inline_plain(page.document.title)))
    return (
        f'<!doctype html>\n<html lang="{escape(page.lang)}" dir="{direction(page.lang)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:\">\n"
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n</head>\n<body>\n'
        f"{article_html(page, pictures)}</body>\n</html>\n"
    )


def page_values(page: Page, pictures: Mapping[str, Shown]) -> dict[str, Any]:
    """``Page.to_dict``, each picture's file by the name it goes by."""
    values = page.to_dict()
    return {
        **values,
        "pictures": [{**picture, "file": pictures[picture["src"]].address} for picture in values["pictures"]],
    }


def article_files(page: Page, folder: Folder) -> dict[str, bytes]:
    """A page as files for hand work, by name: ``pictures/…``, ``page.html``, and ``metadata.json``, which comes last and holds
    the hashes of the others. Raises PublishError (as ``folder`` explains it) where a picture cannot be read."""
    shown = picture_names(page)
    files = {}
    for picture in page.pictures:
        with folder.explained(picture.file):
            files[shown[picture.src].address] = picture.file.read_bytes()
    files["page.html"] = page_html(page, shown).encode()
    values = page_values(page, shown)
    values["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return {**files, METADATA: clean_text(text).encode()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip file, the same bytes for the same files."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data)
    return zipped.getvalue()


def _head(page: Page) -> Iterator[str]:
    words = labels(page.lang)
    if page.correction_html:
        yield f"<strong>{words['correction']}</strong>: {page.correction_html}"
    if page.document.standfirst:
        yield f"<strong>{page.document.standfirst}</strong>"
    if page.byline:
        yield f"{words['by']} {escape_text(', '.join(page.byline))}"


def _foot(page: Page) -> Iterator[str]:
    words = labels(page.lang)
    if day := original_day(page):
        yield f"<em>{escape_text(long_date(day, page.lang))}</em>"
    if page.attribution_html:
        yield page.attribution_html
    if source := safe_address(page.original_url):
        address = escape_text(source).replace('"', "&quot;")
        yield f'{words["original"]}: <a href="{address}">{escape_text(source)}</a>'
    if page.postscript_html:
        yield f"{words['postscript']} {page.postscript_html}"
    if page.copyright:
        yield escape_text(page.copyright)
    if page.licence:
        yield f"{words['licence']}: {escape_text(inline_plain(page.licence))}"


def _paragraphs(texts: Iterator[str]) -> Iterator[Block]:
    return (Block(BlockType.PARAGRAPH, " ".join(text.split())) for text in texts)
