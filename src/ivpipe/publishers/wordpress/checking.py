"""What a WordPress must have for us to publish there, looked at without changing anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ivpipe.errors import PublishError
from ivpipe.publishers import Finding
from ivpipe.publishers.wordpress.client import Site
from ivpipe.publishers.wordpress.remote import PostType, read_type

if TYPE_CHECKING:
    from ivpipe.publishers.wordpress import WordPressSettings

_GENERATOR = re.compile(r'<meta name="generator" content="WordPress (\d+)\.(\d+)[^"]*"')
_OLDEST = (6, 0)


def check_site(site: Site, settings: WordPressSettings) -> list[Finding]:
    """One finding for each thing that is needed, in the order in which it is needed; none is raised."""
    findings: list[Finding] = []
    try:
        findings.extend(_findings(site, settings))
    except PublishError as error:
        findings.append(Finding("error", error.message, error.advice))
    return findings


def find_author(site: Site, slug: str) -> int | None:
    """The id of a user who may write posts, by the name in the address of his or her page."""
    for user in site.get("users", who="authors", slug=slug):
        if user["slug"] == slug:
            return int(user["id"])
    return None


def _findings(site: Site, settings: WordPressSettings) -> Iterator[Finding]:
    me = site.me()
    yield Finding("ok", f"logged in as {me.get('name')} ({', '.join(me.get('roles', ()))})")
    yield _version(site)
    kind = read_type(site, settings.post_type, fields=True)
    yield Finding("ok", f"there are posts of the type {settings.post_type}")
    yield from _rights(me.get("capabilities") or {}, kind, settings)
    if "revisions" not in kind.supports:
        yield Finding(
            "warning",
            "earlier texts of posts are not kept there",
            "switch revisions on: else what a person saves in the same second as we do cannot be found again",
        )
    if settings.footnotes == "own" and not kind.footnotes:
        yield Finding(
            "warning", "it has no footnotes of its own", "they came with 6.3; notes have plain anchors till then"
        )
    if settings.polylang and not kind.polylang:
        yield Finding("error", "posts have no language there", "install Polylang Pro, or set polylang = false")
    if settings.author and find_author(site, settings.author) is None:
        yield Finding("error", f"there is no author {settings.author!r}", "write the name as in the author's address")


def _version(site: Site) -> Finding:
    shown = _GENERATOR.search(site.page())
    if shown is None:
        return Finding("ok", "it does not say which version it is")
    version = f"{shown[1]}.{shown[2]}"
    if (int(shown[1]), int(shown[2])) < _OLDEST:
        return Finding("warning", f"it is WordPress {version}", "we know 6.0 and later: bring it up to date")
    return Finding("ok", f"it is WordPress {version}")


def _rights(held: Any, kind: PostType, settings: WordPressSettings) -> Iterator[Finding]:
    """The rights publishing takes, by what the configuration asks for."""
    wanted = {kind.rights.get("edit_posts", "edit_posts"): "write posts"}
    if settings.status in ("publish", "private"):
        wanted[kind.rights.get("publish_posts", "publish_posts")] = "publish posts"
        wanted[kind.rights.get("edit_published_posts", "edit_published_posts")] = "change what is published"
    if settings.author:
        wanted[kind.rights.get("edit_others_posts", "edit_others_posts")] = "write in another author's name"
    wanted["upload_files"] = "upload pictures"
    missing = {right: what for right, what in wanted.items() if not held.get(right)}
    for right, what in missing.items():
        yield Finding("error", f"the user may not {what} ({right})", "give the user the role of an author or editor")
    if settings.new_terms and "categories" in kind.taxonomies and not held.get("manage_categories"):
        yield Finding(
            "warning",
            "the user may not make categories (manage_categories)",
            "make the user an editor, or make the categories by hand and set new_terms = false",
        )
    elif not missing:
        yield Finding("ok", "the user has the rights it takes")
