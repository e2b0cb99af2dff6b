"""What a WordPress says of a post and of its kinds of posts, as values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from ivpipe.errors import PublishError
from ivpipe.publishers.wordpress.client import Site
from ivpipe.publishers.wordpress.seal import Seal, digest, read_seal, unsealed

_EDITORS_COMMENT = re.compile(r"<!-- /?wp:.*?-->", re.S)
ANY_STATUS = "publish,future,draft,pending,private"
TAXONOMIES = {"categories": "category", "tags": "post_tag"}
"""What the REST interface calls them, and what WordPress does."""


@dataclass(frozen=True, slots=True)
class PostType:
    """A kind of post: its ``route``, the rights it takes (our name → the site's), what it has (``supports``:
    excerpt, thumbnail, revisions …). ``footnotes``: the editor's own; ``polylang``: Polylang Pro's language fields."""

    route: str
    rights: Mapping[str, str]
    taxonomies: frozenset[str]
    footnotes: bool
    polylang: bool
    supports: frozenset[str]


def read_type(site: Site, name: str, *, fields: bool) -> PostType:
    """Ask for a post type, and where ``fields`` for the fields that plug-ins and newer versions add to it.

    Raises PublishError where there is none, or the REST interface does not have it.
    """
    found = site.get_if_there(f"types/{name}", context="edit")
    if found is None:
        raise PublishError(
            f"there is no post type {name!r} in its REST interface",
            subject=site.subject,
            advice="set post_type to one that has show_in_rest, as post",
        )
    with site.read_as("a post type"):
        route = str(found["rest_base"])
        schema = site.ask("OPTIONS", route, {})["schema"]["properties"] if fields else {}
        return PostType(
            route=route,
            rights=dict(found["capabilities"]),
            taxonomies=frozenset(rest for rest, own in TAXONOMIES.items() if own in found["taxonomies"]),
            footnotes="footnotes" in schema.get("meta", {}).get("properties", {}),
            polylang="lang" in schema,
            supports=frozenset(name for name, there in found.get("supports", {}).items() if there),
        )


@dataclass(frozen=True, slots=True)
class Remote:
    """A post as it stands on the site. ``saves`` counts the earlier texts kept of it, 0 where none are."""

    id: int
    url: str
    status: str
    title: str
    excerpt: str
    content: str
    footnotes: str
    categories: frozenset[int]
    tags: frozenset[int]
    featured: int
    lang: str
    translations: Mapping[str, int]
    saves: int

    @property
    def digest(self) -> str:
        """The hash over its texts as they are."""
        return digest(self.title, self.excerpt, self.content, self.footnotes)

    @property
    def seal(self) -> Seal | None:
        """What we last gave it."""
        return read_seal(self.content)

    @property
    def untouched(self) -> bool:
        """Whether its texts are as we last saved them."""
        made = self.seal
        return made is not None and made.digest == self.digest


def read_remote(site: Site, data: Any) -> Remote:
    """A post out of the site's JSON (context ``edit``). Raises PublishError where it is none."""
    with site.read_as("a post"):
        history = data.get("_links", {}).get("version-history", [{}])
        return Remote(
            id=int(data["id"]),
            url=str(data["link"]),
            status=str(data["status"]),
            title=data["title"]["raw"],
            excerpt=data.get("excerpt", {"raw": ""})["raw"],
            content=data["content"]["raw"],
            footnotes=(data.get("meta") or {}).get("footnotes", "") or "",
            categories=frozenset(data.get("categories", ())),
            tags=frozenset(data.get("tags", ())),
            featured=int(data.get("featured_media", 0)),
            lang=str(data.get("lang", "")),
            translations=dict(data.get("translations") or {}),
            saves=int(history[0].get("count", 0)),
        )


def text_lines(title: str, excerpt: str, content: str, footnotes: str = "", status: str = "") -> str:
    """A post as plain lines, for a difference: what it says, without the editor's comments and our seal."""
    lines = [
        f"Title: {title}",
        *([f"Status: {status}"] if status else []),
        *([f"Excerpt: {excerpt}"] if excerpt else []),
    ]
    lines += [line for line in _EDITORS_COMMENT.sub("", unsealed(content)).splitlines() if line.strip()]
    lines += footnotes.replace('},{"', '},\n{"').splitlines()
    return "\n".join(unescape(line) for line in lines) + "\n"
