"""A source's spec: how one partner site is found, fetched and read. One TOML file per source."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ivpipe.model.magazine import PartnerLines, SourceCredit
from ivpipe.sections import Address, Lang, Name, Seconds, Section, Slug
from ivpipe.sources.selectors import check_element_rule, check_rule

FieldRule = Annotated[str, AfterValidator(check_rule)]
ElementRule = Annotated[str, AfterValidator(check_element_rule)]


def _check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern


Replacement = tuple[Annotated[str, AfterValidator(_check_pattern)], str]
Replaceable = Literal["title", "kicker", "standfirst", "authors", "section", "tags"]


class Discovery(Section):
    """Where new articles are announced.

    ``kind``: "feed" reads RSS and Atom; "spip" SPIP's backend; "wp-json" WordPress's REST; "sitemap" a news sitemap, or
    any that has dates, or an index of them; "listing" a page with links.
    """

    kind: Literal["feed", "spip", "wp-json", "sitemap", "listing"] = "feed"
    urls: tuple[Address, ...] = Field(min_length=1)
    """For "wp-json" the site's address, or that of its posts (``…/wp-json/wp/v2/posts?categories=12``); for "spip" the
    site's address, or that of its backend."""
    links: tuple[ElementRule, ...] = ()
    """For "listing": the links to articles, or the boxes that each hold one."""
    max_age_days: int = Field(default=30, ge=1, le=36_500)
    """What is older than this is passed over."""

    @model_validator(mode="after")
    def _links_for_listings(self) -> Discovery:
        if (self.kind == "listing") != bool(self.links):
            raise ValueError('links: kind = "listing" needs it, and no other kind has it')
        return self


class Filters(Section):
    """Which of the announced articles are wanted; what is left empty lets everything pass. Case and accents do not count.

    Sections and authors are compared whole; a keyword is looked for, as a word, in title, summary and tags.
    """

    sections: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    not_keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    not_authors: tuple[str, ...] = ()


class Fetch(Section):
    """How politely, and how far, pages of this site are fetched. Seconds and bytes."""

    delay: float = Field(default=2.0, ge=0, le=3600)
    timeout: Seconds = 20.0
    """For connecting, and for each wait until more of the answer comes."""
    max_seconds: Seconds = 60.0
    """For the whole of one answer, however steadily it drips."""
    max_bytes: int = Field(default=10_000_000, gt=0, le=1_000_000_000)
    """Of one page or feed, decompressed."""
    allow_private: tuple[Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+):[0-9]{1,5}$")], ...] = ()
    """"host:port" entries on a private or loopback address that this source may reach; none by default."""


class Fields(Section):
    """Ordered fallbacks per field: ``css:SELECTOR``, ``xpath:PATH``, ``meta:NAME``, ``jsonld:KEY`` (``jsonld:author.name``).

    The first that finds something is taken; a field left empty, or whose rules find nothing, is found generically.
    ``body`` and ``notes`` may match several elements, read one after the other. ``strip`` is taken out of the page first.
    """

    title: tuple[FieldRule, ...] = ()
    kicker: tuple[FieldRule, ...] = ()
    standfirst: tuple[FieldRule, ...] = ()
    authors: tuple[FieldRule, ...] = ()
    published: tuple[FieldRule, ...] = ()
    modified: tuple[FieldRule, ...] = ()
    section: tuple[FieldRule, ...] = ()
    tags: tuple[FieldRule, ...] = ()
    body: tuple[ElementRule, ...] = ()
    notes: tuple[ElementRule, ...] = ()
    strip: tuple[ElementRule, ...] = ()
    replace: dict[Replaceable, tuple[Replacement, ...]] = Field(default_factory=dict)
    """Per field, (regular expression, replacement) pairs, applied in order to its text as found."""


class FormerFields(Fields):
    """``[[fields_before]]``: how pages fetched before the day ``until`` are read: those of the site's former theme."""

    until: date


class SourceSpec(PartnerLines):
    """``config/sources/<slug>.toml``."""

    slug: Slug
    name: Name
    url: Address
    languages: tuple[Lang, ...] = Field(min_length=1)
    platform: Literal["generic", "spip", "wordpress", "drupal"] = "generic"
    enabled: bool = True
    select: Literal["editor", "all"] = "editor"
    """"editor": an editor chooses what is translated; "all": everything is."""
    permission: str = ""
    relook_days: int = Field(default=30, ge=0, le=366)
    """So long after it was found, an article's page is looked at again, ever more seldom; 0: never."""
    extractor: str = Field(default="", pattern=r"^([A-Za-z_][\w.]*:[A-Za-z_]\w*|[A-Za-z0-9][\w-]*)?$")
    """For an odd site: "package.module:function", or the name of an entry point in the group ``ivpipe.extractors``."""
    discovery: Discovery
    filters: Filters = Filters()
    fetch: Fetch = Fetch()
    fields: Fields = Fields()
    fields_before: tuple[FormerFields, ...] = ()

    @property
    def credit(self) -> SourceCredit:
        """What published pages say of this partner."""
        return SourceCredit(**{name: getattr(self, name) for name in SourceCredit.model_fields})

    def as_of(self, when: datetime) -> SourceSpec:
        """The spec as it reads a page fetched at ``when``: with the fields that were right on that day (UTC)."""
        former = [fields for fields in self.fields_before if when.date() < fields.until]
        if not former:
            return self
        return self.model_copy(update={"fields": min(former, key=lambda fields: fields.until)})
