"""Pictures in a site's media library, and its categories and tags: found, else made, never twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

from ivpipe.errors import PublishError
from ivpipe.model.page import Picture
from ivpipe.publishers.wordpress.client import Site
from ivpipe.publishers.wordpress.guarding import fragment, inner
from ivpipe.publishers.wordpress.markup import Upload
from ivpipe.text.html_writer import inline_html

_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif"}


def find_picture(site: Site, picture: Picture) -> Upload | None:
    """The picture in the library, by the hash of its content, which is its slug there."""
    with site.read_as("a list of pictures"):
        for item in site.get("media", slug=_slug(picture), context="edit"):
            if item["slug"] == _slug(picture):
                return Upload(int(item["id"]), str(item["source_url"]))
    return None


def place_picture(site: Site, picture: Picture) -> Upload:
    """The picture in the library, uploaded where it is not there yet. Raises PublishError."""
    found = find_picture(site, picture)
    if found is not None:
        return found
    suffix = _SUFFIXES.get(picture.media_type)
    if suffix is None:
        raise PublishError(
            f"{picture.src}: pictures of type {picture.media_type} are not published", subject=site.subject
        )
    caption = " ".join(
        inner(fragment(inline_html(html))) for html in (picture.caption_html, picture.credit_html) if html
    )
    item = site.ask(
        "POST",
        "media",
        {"slug": _slug(picture), "alt_text": picture.alt, "caption": caption},
        body=picture.file.read_bytes(),
        media_type=picture.media_type,
        file_name=f"{_slug(picture)}.{suffix}",
    )
    first = find_picture(site, picture)
    if first is None:
        raise PublishError(f"the site did not keep the picture {picture.src}", subject=site.subject)
    with site.read_as("a picture"):
        made = int(item["id"])
    if first.id != made:  # another publisher was quicker
        site.ask("DELETE", f"media/{made}", {"force": "true"}, missing_ok=True)
    return first


def _slug(picture: Picture) -> str:
    return f"ivpipe-{picture.sha256[:24]}"


def find_terms(
    site: Site, taxonomy: str, names: Iterable[str], *, lang: str = "", create: bool
) -> tuple[set[int], list[str]]:
    """Ids of the terms with these names, and the names that are not there. ``taxonomy``: "categories" or "tags".
    ``create``: make them. ``lang``: with Polylang, the language of the terms."""
    ids: set[int] = set()
    absent: list[str] = []
    more = {"lang": lang} if lang else {}
    for name in dict.fromkeys(map(_name, names)):
        if not name:
            continue
        found = site.get(taxonomy, search=escape(name, quote=False), per_page=100, **more)
        with site.read_as(f"a list of {taxonomy}"):
            same = [int(term["id"]) for term in found if _folded(unescape(term["name"])) == _folded(name)]
        if same:
            ids.add(min(same))
        elif not create:
            absent.append(name)
        else:
            with site.read_as(f"one of {taxonomy}"):
                ids.add(int(site.post(taxonomy, {"name": name, **more})["id"]))
    return ids, absent


def _name(text: str) -> str:
    """A name as WordPress keeps it: one line without markup."""
    return " ".join(re.sub(r"<[^>]*>?", " ", text).replace(">", " ").split())[:190]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
