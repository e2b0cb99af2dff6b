"""Publishing to a WordPress (6.x) over its REST interface, with an application password.

A post is made as a draft, looked for once more (two publishers may have made one each: the first one stays), and only
then shown; each save is read back. The post itself says whose it is and whether people have changed it (``seal``), so that
nothing depends on our ledger. What people do to its categories, tags and picture there is kept: three ways, what we gave it
last, what is there, what we give it now. Its address, date and author are set once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from html import unescape
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from ivpipe.errors import PublishError, RemoteConflict
from ivpipe.masking import read_secret
from ivpipe.model import Magazine
from ivpipe.model.page import Page
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.addresses import LoginAddress
from ivpipe.publishers.wordpress.checking import check_site, find_author
from ivpipe.publishers.wordpress.client import Site
from ivpipe.publishers.wordpress.library import find_picture, find_terms, place_picture
from ivpipe.publishers.wordpress.markup import Form, Post, Upload, write_post
from ivpipe.publishers.wordpress.remote import ANY_STATUS, PostType, Remote, read_remote, read_type, text_lines
from ivpipe.publishers.wordpress.seal import Seal, carries, digest, is_key, seal
from ivpipe.sections import Name, OneLine, Seconds, SecretName, Section
from ivpipe.text.html_writer import inline_plain

_TAKEN_AWAY = frozenset({"draft", "auto-draft", "trash"})
_Places = Literal["text", "category", "tag", "none"]


class WordPressSettings(Section):
    """``type = "wordpress"`` in ``config/targets/<slug>.toml``; see docs/configuration.md."""

    url: LoginAddress
    user: Name
    password_env: SecretName = "WORDPRESS_APP_PASSWORD"  # noqa: S105
    post_type: str = "post"
    status: Literal["publish", "pending", "draft", "private"] = "publish"
    author: OneLine = ""
    markup: Literal["blocks", "classic"] = "blocks"
    footnotes: Literal["anchors", "own"] = "anchors"
    categories: tuple[str, ...] = ()
    new_terms: bool = True
    country: _Places = "text"
    edition: _Places = "text"
    standfirst: Literal["both", "text", "excerpt"] = "both"
    lead_picture: Literal["featured", "text", "both"] = "featured"
    polylang: bool = False
    timeout_seconds: Seconds = 30


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a post shall be. ``values`` are the fields to send; ``absent`` names terms that are not there."""

    post: Post
    values: Mapping[str, Any]
    absent: tuple[str, ...]


class WordPress:
    """A WordPress. Keeps the seam's contract across crashes, lost connections and other publishers."""

    Settings: ClassVar[type[BaseModel]] = WordPressSettings

    def __init__(self, settings: WordPressSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        self.slug = slug
        self.settings = settings
        self._site = Site(
            settings.url,
            settings.user,
            read_secret(settings.password_env).strip(),
            timeout=settings.timeout_seconds,
            subject=f"target {slug}",
            password_env=settings.password_env,
        )
        self._kind: PostType | None = None
        self._author: int | None = None

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The post with our key, unless it is a draft or in the trash. Raises PublishError."""
        there = self._locate(key, "", known)
        return None if there is None or self._taken_away(there) else self._ref(there)

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Make the site show this page: one post, whole. Raises PublishError, RemoteConflict."""
        self._check_key(key, page)
        there = self._locate(key, page.slug, known)
        if there is not None:
            self._refuse_changed(there, page, known)
        plan = self._plan(page, there)
        if there is None:
            there, mine = self._created(page, plan)
            if not mine:
                self._refuse_changed(there, page, known)
                plan = self._plan(page, there)
        return self._ref(self._saved(there, page, plan))

    def withdraw(self, ref: RemoteRef) -> None:
        """Make the post a draft (where posts are drafts anyway: put it into the trash). Raises PublishError."""
        there = self._get(ref.id)
        if there is None or self._taken_away(there):
            return
        route = f"{self._type.route}/{there.id}"
        if self.settings.status == "draft":
            self._site.ask("DELETE", route, {}, missing_ok=True)
        else:
            self._site.post(route, {"status": "draft"})
        after = self._get(ref.id)
        if after is not None and not self._taken_away(after):
            raise PublishError(f"the post {after.url} is still there", subject=self._site.subject)

    def check(self) -> list[Finding]:
        """Look for all that is needed."""
        return check_site(self._site, self.settings)

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """What ``upsert`` would change. Raises PublishError."""
        self._check_key(key, page)
        there = self._locate(key, page.slug, known)
        plan = self._plan(page, there, pretend=True)
        ours = text_lines(plan.post.title, plan.post.excerpt, plan.post.content, plan.post.footnotes)
        theirs = self._lines(there) if there is not None else ""
        now: dict[str, Any] = {name: getattr(there, name, frozenset()) for name in self._type.taxonomies}
        if plan.absent or any(set(plan.values[name]) != ids for name, ids in now.items()):
            ours += self._term_lines(plan.values, plan.absent)
            theirs += self._term_lines(now) if there is not None else ""
        return text_difference(theirs, ours)

    def close(self) -> None:
        """Close the connections."""
        self._site.close()

    # Finding

    @property
    def _type(self) -> PostType:
        """The kind of post, asked for once; it takes the login, so that a bad one shows before anything is done."""
        if self._kind is None:
            fields = self.settings.polylang or self.settings.footnotes == "own"
            self._kind = read_type(self._site, self.settings.post_type, fields=fields)
        return self._kind

    def _check_key(self, key: str, page: Page) -> None:
        if not is_key(key) or page.key != key:
            raise PublishError(f"{key!r} is no key of this page", subject=f"target {self.slug}, page {page.key[:40]!r}")

    def _get(self, number: str) -> Remote | None:
        route = self._type.route
        data = self._site.get_if_there(f"{route}/{number}", context="edit") if number.isdigit() else None
        return None if data is None else read_remote(self._site, data)

    def _locate(self, key: str, slug: str, known: RemoteRef | None) -> Remote | None:
        """The post of this page, whatever its status: by our ledger, its address, our key in its text."""
        if known is not None and (there := self._get(known.id)) is not None:
            return there
        carriers = self._carriers(key, slug=address) if (address := _address(slug)) else []
        carriers = carriers or self._carriers(key, search=key)
        return carriers[0] if carriers else None

    def _carriers(self, key: str, **by: str) -> list[Remote]:
        """The posts that carry our key: those that are shown first, then the oldest first."""
        if not is_key(key):
            return []
        found = self._site.get(self._type.route, status=ANY_STATUS, context="edit", per_page=100, **by)
        posts = [read_remote(self._site, data) for data in found]
        # WordPress looks for the ids first and reads the posts then: one of them may have gone into the trash between.
        carriers = [post for post in posts if carries(post.content, key) and post.status != "trash"]
        return sorted(carriers, key=lambda post: (post.status == "draft", post.id))

    def _taken_away(self, there: Remote) -> bool:
        return there.status in _TAKEN_AWAY - {self.settings.status}

    def _fingerprint(self, there: Remote) -> str:
        return f"{there.digest} {there.status}" if self._taken_away(there) else there.digest

    def _ref(self, there: Remote) -> RemoteRef:
        made = there.seal
        return RemoteRef(str(there.id), there.url, made.revision if made else None, self._fingerprint(there))

    # People's changes

    def _refuse_changed(self, there: Remote, page: Page, known: RemoteRef | None) -> None:
        """Raise RemoteConflict where people changed the texts, or took away what our ledger has as live."""
        unpublished = self._taken_away(there) and known is not None and known.revision is not None
        if there.untouched and not unpublished:
            return
        if known is not None and known.fingerprint == self._fingerprint(there):
            return
        ours = there if there.untouched else self._last_saved(there)
        if ours is not None:
            lines = text_lines(ours.title, ours.excerpt, ours.content, ours.footnotes)
        else:
            post = self._plan(page, there, pretend=True).post
            lines = text_lines(post.title, post.excerpt, post.content, post.footnotes)
        raise self._conflict(there, self._lines(there), lines)

    def _conflict(self, there: Remote, theirs: str, ours: str) -> RemoteConflict:
        return RemoteConflict(
            "people changed the post there since we last saved it",
            theirs=theirs,
            ours=ours,
            url=f"{self.settings.url}wp-admin/post.php?post={there.id}&action=edit",
            fingerprint=self._fingerprint(there),
            subject=self._site.subject,
        )

    def _lines(self, there: Remote) -> str:
        status = there.status if self._taken_away(there) else ""
        return text_lines(there.title, there.excerpt, there.content, there.footnotes, status)

    def _revisions(self, there: Remote) -> list[Remote]:
        """Earlier texts of a post, the newest first, without those somebody's open editor keeps by itself."""
        found = self._site.get_if_there(f"{self._type.route}/{there.id}/revisions", context="edit", per_page=20) or []
        return [
            read_remote(self._site, {"link": there.url, "status": there.status, **data})
            for data in found
            if "autosave" not in str(data.get("slug"))
        ]

    def _last_saved(self, there: Remote) -> Remote | None:
        return next((text for text in self._revisions(there) if text.untouched), None)

    # Planning

    def _plan(self, page: Page, there: Remote | None, *, pretend: bool = False) -> _Planned:
        """What the post shall be. ``pretend``: nothing is uploaded or made for it."""
        settings, kind = self.settings, self._type
        shows_lead = settings.lead_picture != "text" and "thumbnail" in kind.supports
        form = Form(
            blocks=settings.markup == "blocks",
            footnotes=settings.footnotes == "own" and kind.footnotes,
            country=settings.country == "text",
            standfirst=settings.standfirst != "excerpt",
            edition=settings.edition == "text",
            lead=settings.lead_picture == "both" or not shows_lead,
        )
        uploads = self._uploads(page, pretend)
        post = write_post(page, form, uploads)
        if settings.standfirst == "text" or "excerpt" not in kind.supports:
            post = replace(post, excerpt="")
        lead = page.lead
        featured = uploads[lead.src].id if lead is not None and shows_lead else 0
        lang = page.lang if settings.polylang else ""
        create = settings.new_terms and not pretend
        values: dict[str, Any] = {}
        absent: list[str] = []
        ours: set[int] = set()
        before = there.seal if there is not None and there.status != "draft" else None
        for taxonomy, names in self._terms(page).items():
            if taxonomy not in kind.taxonomies:
                continue
            wanted, missing = find_terms(self._site, taxonomy, names, lang=lang, create=create)
            current = frozenset[int]() if there is None else getattr(there, taxonomy)
            given = before.terms if before is not None else frozenset()
            values[taxonomy] = sorted((current - (given - wanted)) | (wanted - given))
            ours |= wanted
            absent += missing
        current_picture = there.featured if there is not None else 0
        kept = before is not None and current_picture != before.featured
        content = seal(
            post.content,
            Seal(
                page.revision, featured, frozenset(ours), digest(post.title, post.excerpt, post.content, post.footnotes)
            ),
        )
        values |= {"title": post.title, "content": content}
        if "excerpt" in kind.supports:
            values["excerpt"] = post.excerpt
        if "thumbnail" in kind.supports:
            values["featured_media"] = current_picture if kept else featured
        if kind.footnotes:
            values["meta"] = {"footnotes": post.footnotes}
        if settings.polylang:
            if not kind.polylang:
                raise PublishError(
                    "posts have no language there",
                    subject=self._site.subject,
                    advice="install Polylang Pro, or set polylang = false",
                )
            values["lang"] = page.lang
            siblings = {
                sibling.lang: int(sibling.remote_id) for sibling in page.siblings if sibling.remote_id.isdigit()
            }
            if siblings:
                values["translations"] = siblings
        return _Planned(post, values, tuple(absent) if pretend else ())

    def _uploads(self, page: Page, pretend: bool) -> dict[str, Upload]:
        if pretend:
            found = {picture.src: find_picture(self._site, picture) for picture in page.pictures}
            return {src: upload or Upload(0, f"{self.settings.url}(to be uploaded)") for src, upload in found.items()}
        return {picture.src: place_picture(self._site, picture) for picture in page.pictures}

    def _terms(self, page: Page) -> dict[str, list[str]]:
        """The names of the page's categories and tags."""
        names = {"categories": [*self.settings.categories, page.section], "tags": [*page.keywords]}
        for place, name in ((self.settings.country, inline_plain(page.country)), (self.settings.edition, page.edition)):
            if place in ("category", "tag"):
                names["categories" if place == "category" else "tags"].append(name)
        return names

    def _term_lines(self, ids: Mapping[str, Any], more: Sequence[str] = ()) -> str:
        """Categories and tags by name, a line each."""
        names = [
            unescape(term["name"])
            for taxonomy in self._type.taxonomies
            if ids[taxonomy]
            for term in self._site.get(taxonomy, include=",".join(map(str, ids[taxonomy])), per_page=100)
        ]
        return "".join(f"Term: {name}\n" for name in sorted((*names, *more)))

    # Saving

    def _created(self, page: Page, plan: _Planned) -> tuple[Remote, bool]:
        """A new draft; or, where another publisher was quicker, its post, and False: ours goes into the trash."""
        values = {**plan.values, "status": "draft", "date_gmt": _gmt(page)}
        if address := _address(page.slug):
            values["slug"] = address
        if self.settings.author:
            values["author"] = self._author_id()
        route = self._type.route
        made = self._read_back(int(self._site.post(route, values)["id"]), plan.values)
        carriers = self._carriers(page.key, search=page.key)
        first = carriers[0] if carriers else made
        if first.id != made.id:
            self._site.ask("DELETE", f"{route}/{made.id}", {}, missing_ok=True)
            return first, False
        for other in carriers:  # of publishers that died between making theirs and looking for ours
            if other.id > made.id and other.status == "draft" and other.untouched:
                self._site.ask("DELETE", f"{route}/{other.id}", {}, missing_ok=True)
        return made, True

    def _author_id(self) -> int:
        if self._author is None:
            self._author = find_author(self._site, self.settings.author)
        if self._author is None:
            raise PublishError(f"there is no author {self.settings.author!r}", subject=self._site.subject)
        return self._author

    def _saved(self, there: Remote, page: Page, plan: _Planned) -> Remote:
        """Send what differs, show what is not shown, and read it back."""
        values: dict[str, Any] = {name: value for name, value in plan.values.items() if not _holds(there, name, value)}
        if self._taken_away(there):
            values |= {"status": self.settings.status, "date_gmt": _gmt(page)}
        if not values:
            return there
        self._site.post(f"{self._type.route}/{there.id}", values)
        after = self._read_back(there.id, plan.values)
        if self._taken_away(after):
            raise PublishError(f"the site keeps the post {after.url} as {after.status}", subject=self._site.subject)
        self._put_back_what_came_between(there, after)
        return after

    def _read_back(self, number: int, wanted: Mapping[str, Any]) -> Remote:
        """The post as it is now. Raises PublishError where it is not what was sent."""
        there = self._get(str(number))
        if there is None:
            raise PublishError(f"the post {number} is gone just after it was saved", subject=self._site.subject)
        for name, value in wanted.items():
            if not _holds(there, name, value):
                held = getattr(there, {"featured_media": "featured", "meta": "footnotes"}.get(name, name), "")
                raise PublishError(
                    f"the site did not keep the {name} of {there.url} as it was sent: "
                    + (text_difference(f"{held}", f"{value}")[:600] or "it is another"),
                    subject=self._site.subject,
                    advice="does a plug-in change posts when they are saved? It should leave this user's alone",
                )
        return there

    def _put_back_what_came_between(self, before: Remote, after: Remote) -> None:
        """A person may have saved between our look and our save; WordPress would not tell. It keeps each text, so one
        too many shows it: theirs is put back, and the editor decides."""
        if after.saves <= before.saves + 1 or not before.saves:
            return
        texts = self._revisions(after)
        theirs = next((text for text in texts if text.digest not in (after.digest, before.digest)), None)
        if theirs is None:
            return
        values = {"title": theirs.title, "excerpt": theirs.excerpt, "content": theirs.content}
        self._site.post(f"{self._type.route}/{after.id}", values)
        raise self._conflict(self._get(str(after.id)) or after, self._lines(theirs), self._lines(after))


def _holds(there: Remote, name: str, value: Any) -> bool:
    """Whether a post holds a field as it would be sent."""
    if name in ("categories", "tags"):  # without any, WordPress gives a post its default category
        return getattr(there, name) == frozenset(value) or (name == "categories" and not value)
    if name == "featured_media":
        return bool(there.featured == value)
    if name == "meta":
        return bool(there.footnotes == value["footnotes"])
    if name == "translations":  # Polylang adds the post itself
        return bool(there.translations.items() >= value.items())
    return bool(getattr(there, name) == value)


def _gmt(page: Page) -> str:
    return page.published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _address(slug: str) -> str:
    """A slug as WordPress may take it: letters and digits, hyphens between, short."""
    return re.sub(r"[\W_]+", "-", slug.lower()).strip("-")[:100].strip("-")
