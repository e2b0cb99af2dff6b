"""The magazine itself: what stands on every published page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Magazine(BaseModel):
    """Section ``[magazine]`` of ``ivpipe.toml``.

    ``attribution`` may use ``{magazine} {translator} {partner} {partner_url} {source_url}``; a page shows it as text
    with the partner in bold and the source's address linked below. ``postscript`` is HTML (links allowed).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    url: str = ""
    languages: tuple[str, ...] = Field(default=("en",), min_length=1)
    tagline: str = ""
    attribution: str = "Translated by {magazine} from {partner}."
    postscript: str = ""
    copyright: str = ""


class SourceCredit(BaseModel):
    """What a published page says of the partner: taken from the source's spec."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str
    name: str
    url: str
    licence: str = ""
    attribution: str = ""
    """Overrides the magazine's line."""
