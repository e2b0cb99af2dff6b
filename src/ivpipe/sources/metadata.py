"""What a page says about its article: title, authors, dates … by agreement of JSON-LD, Open Graph, meta and byline."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from itertools import islice
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.model.languages import primary
from ivpipe.sources.bylines import PERSON, clean_authors, names_nobody
from ivpipe.sources.dates import iso_date
from ivpipe.sources.jsonld import author_names, json_texts, jsonld_nodes
from ivpipe.sources.opening import dated, lines_around, signed
from ivpipe.sources.titles import SEPARATOR, find_title, squeezed, title_heading, without_site
from ivpipe.text.inline_reader import read_text
from ivpipe.text.inline_writer import plain_line
from ivpipe.text.media import absolute_url
from ivpipe.text.plain import squeeze

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Review|Opinion\w*|Interview|Column)$")
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:by-?line|authors?|auteurs?|autore?s?|autoren?|writer|signature|reporter|journalist\w*|vcard"
    r"|verfasser)"
    r"(?:$|[\s_-])|lesauteurs|article_author|author-name|authorname|field--name-uid|node__submitted",
    re.I,
)
_AUTHOR_METAS = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "sailthru.author",
    "citation_author",
)
_NOT_BYLINE = re.compile(
    r"bio|avatar|image|img|photo|picture|follow|social|comment|related|more|box|card-list|desc", re.I
)
_DATE_CLASS = re.compile(
    r"publish|info-publi|date|datum|fecha|data-pub|time|entry-meta|posted-on|(?<![a-z-])submitted|node__(?:submitted|meta)|field--name-created",
    re.I,
)
_DATED_PATH = re.compile(r"/(20\d\d|19\d\d)[/-]?([01]\d)[/-]?([0-3]\d)(?!\d)")
_MOST_PARTS, _MOST_BYLINES = 60, 8
_MODIFIED_CLASS = re.compile(r"updat|modif|maj|mis-?a-?jour|aktualis|actualiz|aggiorn", re.I)


@dataclass
class PageMetadata:
    """Reads a parsed page, before anything was taken out of it. Every value is "" or () where the page is silent."""

    elements: defaultdict[str, list[HtmlElement]]
    """As ``parsing.parse_elements`` returns them."""
    url: str

    def __post_init__(self) -> None:
        self.root = next(iter(self.elements.values()))[0]

    @cached_property
    def _classes(self) -> str:
        return "\n".join(
            {classes for nodes in self.elements.values() for node in nodes if (classes := node.get("class"))}
        ).lower()

    def may_have(self, *classes: str) -> bool:
        """Whether a class holds one of these texts (in lower case): a glance, before looking for it among all elements."""
        known = self._classes
        return any(one in known for one in classes)

    @cached_property
    def meta(self) -> dict[str, list[str]]:
        """``<meta>`` contents by lower-case name, property or itemprop, in page order."""
        found: dict[str, list[str]] = {}
        for node in self.elements["meta"]:
            said = dict(node.items())
            content = plain_line(said.get("content", ""))[:5000]
            for key in ("name", "property", "itemprop", "http-equiv"):
                if content and (name := said.get(key)):
                    found.setdefault(name.strip().lower(), []).append(content)
        return found

    @cached_property
    def _jsonld_nodes(self) -> list[dict[str, Any]]:
        return [*jsonld_nodes(self.elements["script"])]

    @cached_property
    def jsonld(self) -> dict[str, Any]:
        """The JSON-LD node that describes the article, {} if there is none."""
        best: dict[str, Any] = {}
        best_score = 0
        for node in self._jsonld_nodes:
            types = node.get("@type")
            names = types if isinstance(types, list) else [types]
            score = 10 * any(isinstance(name, str) and bool(_ARTICLE_TYPES.search(name)) for name in names)
            if not score and "WebPage" not in names:
                continue
            score += sum(key in node for key in ("headline", "datePublished", "author", "articleBody"))
            if score > best_score:
                best, best_score = node, score
        return best

    def first(self, *names: str) -> str:
        """The first value that one of these ``<meta>`` names has."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return ""

    def json_text(self, key: str) -> str:
        """A text of the JSON-LD article, by key; of a list its first text, of an object its name."""
        return next(json_texts(self.jsonld.get(key)), "")

    @cached_property
    def description(self) -> tuple[str, ...]:
        """What the page says of itself in a sentence or two: JSON-LD, Open Graph and meta description, each once."""
        values = [self.json_text("description"), self.first("og:description"), self.first("description")]
        values += [
            self.first("twitter:description"),
            *(v for k in self.meta if k.endswith(":description") for v in self.meta[k]),
        ]
        return tuple(dict.fromkeys(value for value in values if len(value) > 15))

    @cached_property
    def site_names(self) -> tuple[str, ...]:
        """Names of the site, as they are hung on titles."""
        publisher = self.jsonld.get("publisher")
        values = [self.first("og:site_name"), self.first("application-name"), next(json_texts(publisher), "")]
        host = re.sub(r"^https?://(?:www\.)?([^/:]*).*", r"\1", self.url)
        return tuple(dict.fromkeys(value for value in [*values, host, host.rsplit(".", 1)[0]] if value))

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Every title the page declares, with and without the site's name."""
        values = [self.json_text("headline"), self.json_text("name"), *self._declared_titles]
        sites = squeezed(self.site_names)
        return tuple(dict.fromkeys(one for value in values if value for one in (value, without_site(value, sites))))

    @cached_property
    def title(self) -> str:
        """The title by agreement: what most of h1, JSON-LD, Open Graph and ``<title>`` say, without the site's name."""
        declared = [value for value in (self.json_text("headline"), *self._declared_titles) if value]
        return find_title(self.elements, declared, self.site_names)

    @cached_property
    def _declared_titles(self) -> list[str]:
        """What the page's head says the title is: Open Graph, other ``<meta>``, ``<title>``."""
        named = plain_line("".join(text for node in self.elements["title"][:1] for text in node.itertext()))[:5000]
        return [self.first("og:title"), self.first("twitter:title", "dc.title", "title"), named]

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """Names of the authors: people in JSON-LD, meta or the byline on the page; else the body that signs for them."""
        declared = [*author_names(self.jsonld.get("author"))]
        people = clean_authors((name for name, is_body in declared if not is_body), self.site_names)
        meta = () if self._site_signs and self.byline else self._meta_authors
        for names in (people, meta):
            if any(" " in name for name in names) or (names and not any(name.islower() for name in names)):
                return (
                    *names,
                    *clean_authors((n for n, is_body in declared if is_body and names is people), self.site_names),
                )
        byline = self.byline  # a login ("j.doe") says less than the byline
        if byline and all(PERSON.match(name) for name in byline):
            return byline
        named = [(plain_line(name), is_body) for name, is_body in declared if _is_body_name(name)]
        bodies = tuple(dict.fromkeys(name for name, is_body in named if is_body or not people))
        return bodies or people or self._meta_authors or byline or self._meta_bodies

    @cached_property
    def _meta_authors(self) -> tuple[str, ...]:
        for values in self._meta_author_values:
            if found := clean_authors(values, self.site_names):
                return found
        return ()

    @cached_property
    def _site_signs(self) -> bool:
        """Whether the head's author is what the page's title ends with: the site, as it seems."""
        _, *rest = SEPARATOR.split(self._declared_titles[-1])
        return bool(rest) and [squeeze(name) for name in self._meta_authors] == [squeeze(rest[-1])]

    @cached_property
    def _meta_bodies(self) -> tuple[str, ...]:
        return tuple(
            value
            for values in self._meta_author_values
            for value in values[:1]
            if len(value) < 60 and _is_body_name(value)
        )[:1]

    @cached_property
    def _meta_author_values(self) -> list[list[str]]:
        others = [name for name in self.meta if name.endswith((".author", ":author", "_author", "-author"))]
        return [
            [value for value in self.meta.get(name, ()) if not value.startswith(("(", "@"))]
            for name in dict.fromkeys([*_AUTHOR_METAS, *others])
            if self.meta.get(name) and not name.startswith("twitter:")
        ]

    @cached_property
    def byline(self) -> tuple[str, ...]:
        """Names in the page's visible byline."""
        # Of one author, by microdata or links: the first places say who it is.
        places = _elements(_AUTHORS(self.root))[:_MOST_BYLINES]
        marked = [name for node in places for name in _elements(_NAMED(node))[:_MOST_BYLINES] or [node]]
        for nodes in (list(dict.fromkeys(marked)), _elements(_REL_AUTHORS(self.root))):
            found = clean_authors((read_text(node) for node in _together(nodes[:_MOST_BYLINES])), self.site_names)
            if found:
                return found
        candidates = []
        for node in self.root.iter("p", "div", "span", "address", "a", "li"):
            classes = node.get("class") or ""
            if classes and _BYLINE.search(classes) and not _NOT_BYLINE.search(classes):
                if len(text := _short_line(node)) > 3:
                    candidates.append(text)
                if len(candidates) > 5:
                    break
        for text in candidates:
            if found := clean_authors([text], self.site_names):
                return found
        return signed(self._opening, self.site_names)

    @cached_property
    def _opening(self) -> list[str]:
        """The short lines around the title."""
        heading = title_heading(self.root, self.title)
        return lines_around(self.root, heading) if heading is not None else []

    @cached_property
    def published(self) -> str:
        """When it was published, ISO 8601 (only the date where no time is known)."""
        values = [self.json_text("datePublished"), self.first("article:published_time", "og:article:published_time")]
        values += [
            self.first(
                "datepublished",
                "date",
                "dc.date.issued",
                "dc.date",
                "dcterms.created",
                "dcterms.date",
                "publish-date",
                "pubdate",
                "parsely-pub-date",
                "sailthru.date",
                "last-modified-date",
                "cxenseparse:recs:publishtime",
                "citation_publication_date",
            )
        ]
        values.append(self.json_text("dateCreated"))
        date = next((date for value in values if (date := iso_date(value))), "")
        if len(date) > 10:
            return date
        visible = self._visible_date(modified=False) or self._date_in_address
        return visible if not date or (visible.startswith(date) and len(visible) > len(date)) else date

    @cached_property
    def _date_in_address(self) -> str:
        """What an address such as ``/2025/03/01/la-greve`` says."""
        match = _DATED_PATH.search(self.canonical_url or self.url)
        return iso_date("-".join(match.groups())) if match else ""

    @cached_property
    def modified(self) -> str:
        """When it was last changed, ISO 8601."""
        values = [
            self.json_text("dateModified"),
            self.first("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified"),
        ]
        return next((date for value in values if (date := iso_date(value))), "") or self._visible_date(modified=True)

    def _visible_date(self, *, modified: bool) -> str:
        for node in [*self.elements["time"][:40], *self.root.iter("abbr", "span", "p", "div", "li", "footer")]:
            classes = f"{node.get('class') or ''} {node.get('itemprop') or ''} {node.get('id') or ''}"
            named, changed = _dated(classes)
            if changed != modified or not (named or node.tag == "time"):
                continue
            machine = node.get("datetime") or node.get("content") or (node.get("title") if node.tag == "abbr" else "")
            if machine and (date := iso_date(machine)):
                return date
            if len(text := _short_line(node)) > 5 and (date := iso_date(text, self.lang)):
                return date
        return "" if modified else dated(self._opening, self.lang)

    @cached_property
    def lang(self) -> str:
        """Language of the page, BCP 47, "" if it says nothing."""
        body = self.root.find("body")
        places: tuple[Callable[[], str | None], ...] = (
            lambda: self.root.get("lang"),
            lambda: self.root.get("{http://www.w3.org/XML/1998/namespace}lang"),
            lambda: body.get("lang") if body is not None else "",
            lambda: self.json_text("inLanguage"),
            lambda: self.first("og:locale"),
            lambda: self.first("content-language", "language", "dc.language"),
        )
        for place in places:
            value = place()
            tag = (value or "").strip().replace("_", "-")
            if re.match(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$", tag) and primary(tag) not in (
                "und",
                "xx",
                "zxx",
                "mul",
            ):
                parts = tag.split("-")
                return "-".join([parts[0].lower(), *(p.upper() if len(p) == 2 else p for p in parts[1:])])
        return ""

    @cached_property
    def canonical_url(self) -> str:
        """The address the page wants to be known by, "" if it names none."""
        for node in self.elements["link"]:
            if "canonical" in (node.get("rel") or "").lower().split() and (
                url := absolute_url(node.get("href") or "", self.url, ("http", "https"))
            ):
                return url
        return absolute_url(self.first("og:url"), self.url, ("http", "https"))

    @cached_property
    def section(self) -> str:
        """The section of the site it stands in."""
        value = self.json_text("articleSection") or self.first(
            "article:section", "og:article:section", "dc.subject.section"
        )
        return value if 0 < len(value) < 80 else next(iter(self._trail[-1:]), "")

    @cached_property
    def _trail(self) -> list[str]:
        """Where in its site the page stands, from its breadcrumbs, without the home page and itself."""
        for node in self._jsonld_nodes:
            items = node.get("itemListElement")
            if node.get("@type") == "BreadcrumbList" and isinstance(items, list):
                names = [next(json_texts(one.get("item") or one), "") for one in items if isinstance(one, dict)]
                names = [
                    next(json_texts(one.get("name")), "") or name
                    for one, name in zip((one for one in items if isinstance(one, dict)), names, strict=True)
                ]
                return self._within(names)
        if not self.may_have("breadcrumb", "ariane", "arbo", "chemin", "hierarchie") and not any(
            "breadcrumb" in name or name == "hierarchie"
            for nodes in self.elements.values()
            for node in nodes
            if (name := node.get("id"))
        ):
            return []
        for trail in _elements(_TRAILS(self.root))[:3]:
            if names := self._within([read_text(link) for link in trail.iter("a")]):
                return names
        return []

    def _within(self, names: list[str]) -> list[str]:
        known = {squeeze(name) for name in (*self.titles, *self.site_names)}
        names = [name for name in names if 0 < len(name) < 60 and squeeze(name) not in known]
        return names[1:] if names and _HOME.match(names[0]) else names

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Keywords, as the page lists them."""
        values = [*self.meta.get("article:tag", ())]
        if not values:
            values = list(json_texts(self.jsonld.get("keywords")))
        if not values:
            values = self.meta.get("news_keywords", []) or self.meta.get("keywords", [])
        if not values and (
            self.may_have("mots", "field--name-field-tags")
            or any("tag" in (a.get("rel") or "") for a in self.elements["a"])
        ):
            values = [read_text(node) for node in _elements(_TAGS(self.root))[:30]]
        if len(values) == 1:
            values = re.split(r"\s*[,;]\s*", values[0])
        cleaned = (plain_line(unescape(value)) for value in values)
        return tuple(dict.fromkeys(value for value in cleaned if 0 < len(value) < 80))[:30]

    @cached_property
    def lead_image(self) -> str:
        """Address of the picture that stands for the article, "" if there is none."""
        image = self.jsonld.get("image")
        if isinstance(image, list):
            image = image[0] if image else ""
        value = (image.get("url") or image.get("contentUrl")) if isinstance(image, dict) else image
        return absolute_url(
            self.first("og:image", "og:image:url", "twitter:image") or (value if isinstance(value, str) else ""),
            self.url,
            ("http", "https"),
        )

    @cached_property
    def paywalled(self) -> bool:
        """Whether the page says that it is not free to read."""
        free = self.jsonld.get("isAccessibleForFree")
        return str(free).lower() in ("false", "no") or self.first("article:content_tier").lower() in (
            "locked",
            "metered",
        )


_AUTHORS = etree.XPath("//*[@itemprop='author']")
_NAMED = etree.XPath(".//*[@itemprop='name']")
_REL_AUTHORS = etree.XPath("//a[contains(concat(' ', @rel, ' '), ' author ')]")
_TRAILS = etree.XPath(
    "//*[contains(@class, 'breadcrumb') or contains(@id, 'breadcrumb') or contains(@class, 'ariane') "
    "or contains(@class, 'arbo') or contains(concat(' ', @class, ' '), ' chemin ') or @id = 'hierarchie' "
    "or contains(@class, 'hierarchie')][.//a]"
)
_TAGS = etree.XPath(
    "//a[contains(concat(' ', @rel, ' '), ' tag ')] | //*[contains(concat(' ', @class, ' '), ' mots ')]//li "
    "| //*[contains(@class, 'field--name-field-tags')]//a "
    "| //*[contains(concat(' ', @class, ' '), ' mots-cles ') or contains(concat(' ', @class, ' '), ' motscles ')]//a"
)
_HOME = re.compile(r"(?:accueil|home(?:page)?|start(?:seite)?|inicio|portada|home ?page|in[ií]cio|»|>)$", re.I)


@lru_cache(maxsize=20_000)
def _dated(names: str) -> tuple[bool, bool]:
    """Whether class, itemprop and id say: a date; when it was changed."""
    return bool(_DATE_CLASS.search(names)), bool(_MODIFIED_CLASS.search(names))


def _is_body_name(name: str) -> bool:
    return 1 < len(name) < 80 and "://" not in name and not names_nobody(name) and not name.isdigit()


def _together(nodes: list[HtmlElement]) -> list[HtmlElement]:
    """Of elements that name authors those that stand beside the first: others are other articles'."""
    around = {up for node in nodes[:1] for up in islice(node.iterancestors(), 2)}
    return [node for node in nodes if any(up in around for up in islice(node.iterancestors(), 2))]


def _short_line(node: HtmlElement) -> str:
    """An element's text, "" where it is more than a line or parted as no line is."""
    text = read_text(node) if len([*islice(node.iter(), _MOST_PARTS)]) < _MOST_PARTS else ""
    return text if len(text) < 120 else ""


def _elements(found: object) -> list[HtmlElement]:
    return [one for one in found if isinstance(one, HtmlElement)] if isinstance(found, list) else []
