"""A source's spec: how one partner site is found, fetched and read. One TOML file per source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ivpipe.model.magazine import SourceCredit
from ivpipe.sources.selectors import check_element_rule, check_rule

FieldRule = Annotated[str, AfterValidator(check_rule)]
ElementRule = Annotated[str, AfterValidator(check_element_rule)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Discovery(_Section):
    """Where new articles are announced. ``kind`` "feed" reads RSS, Atom and SPIP's backend; "wp-json" WordPress's REST."""

    kind: Literal["feed", "wp-json"] = "feed"
    urls: tuple[Annotated[str, Field(pattern=r"^https?://")], ...] = Field(min_length=1)
    """Feeds; for "wp-json" the site's address, or that of its posts (``…/wp-json/wp/v2/posts?categories=12``)."""
    max_age_days: int = Field(default=30, ge=1)
    """What is older than this is passed over."""


class Fetch(_Section):
    """How politely, and how far, pages of this site are fetched. Seconds and bytes."""

    delay: float = Field(default=2.0, ge=0)
    timeout: float = Field(default=20.0, gt=0)
    """For connecting, and for each wait until more of the answer comes."""
    max_seconds: float = Field(default=60.0, gt=0)
    """For the whole of one answer, however steadily it drips."""
    max_bytes: int = Field(default=10_000_000, gt=0)
    """Of one page or feed, decompressed."""
    allow_private: tuple[Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+):[0-9]{1,5}$")], ...] = ()
    """"host:port" entries on a private or loopback address that this source may reach; none by default."""


class Fields(_Section):
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


class SourceSpec(_Section):
    """``config/sources/<slug>.toml``."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    name: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://")
    languages: tuple[str, ...] = Field(min_length=1)
    platform: Literal["generic", "spip", "wordpress", "drupal"] = "generic"
    enabled: bool = True
    select: Literal["editor", "all"] = "editor"
    """"editor": an editor chooses what is translated; "all": everything is."""
    licence: str = ""
    permission: str = ""
    attribution: str = ""
    discovery: Discovery
    fetch: Fetch = Fetch()
    fields: Fields = Fields()

    @property
    def credit(self) -> SourceCredit:
        """What published pages say of this partner."""
        return SourceCredit(
            slug=self.slug, name=self.name, url=self.url, licence=self.licence, attribution=self.attribution
        )
