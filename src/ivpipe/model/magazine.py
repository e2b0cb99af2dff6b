"""The magazine itself: what stands on every published page, in each of its languages."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ivpipe.model.languages import primary
from ivpipe.sections import Lang, Name, OneLine, OptionalAddress, Section

LINE_FIELDS = (
    "magazine",
    "translator",
    "partner",
    "partner_url",
    "source_url",
    "original_title",
    "original_date",
    "year",
)
"""What a line may name in braces; ``steps.imprint`` fills them."""
EDITION_FIELDS = ("number", "month", "year")

Words = str | dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")], str]
"""A text for all languages, or one for each, by language tag: ``{ en = "…", fr = "…" }``."""


def in_language(words: Words, lang: str) -> str | None:
    """The text for a language: the one of its tag, else of its primary language ("pt" for "pt-BR"), else None."""
    if isinstance(words, str):
        return words
    return words.get(lang, words.get(primary(lang)))


def _naming(*names: str) -> AfterValidator:
    """A check that texts name in braces only what there is."""

    def check(words: Words) -> Words:
        for text in [words] if isinstance(words, str) else words.values():
            try:
                named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
            except ValueError as error:
                raise ValueError(f"{text!r} cannot be read: {error}; write {{{{ and }}}} for braces") from None
            if unknown := [name for name in named if name not in names]:
                raise ValueError(f"there is no {{{unknown[0]}}}; use {' '.join(f'{{{name}}}' for name in names)} only")
        return words

    return AfterValidator(check)


Line = Annotated[Words, _naming(*LINE_FIELDS)]
CreditLine = Annotated[Words, _naming("credit", "partner", "magazine")]


class Labels(Section):
    """``[labels]``: what partners' sections, tags and countries are called on our pages; "" leaves one out.

    Names are compared without case and accents. In ``sections`` the name "*" stands for all others; what is not named is
    taken as the partner has it. In ``keywords`` only what is named comes through. ``countries`` are looked for in the
    line above the partner's title, in its section and tags; where there is none, the line above the title is taken.
    """

    sections: dict[str, Words] = Field(default_factory=dict)
    keywords: dict[str, Words] = Field(default_factory=dict)
    countries: dict[str, Words] = Field(default_factory=dict)


class Editions(Section):
    """``[editions]``: the magazine's numbers. An article belongs to the one open when it is first published.

    ``kind``: "calendar" opens one each month, "hand" has them opened and closed by ``ivpipe edition``. ``label`` may use
    {number} {month} {year}; ``first`` is the number of the first one. ``languages``: of these only; empty: all.
    """

    kind: Literal["none", "calendar", "hand"] = "none"
    label: Annotated[Words, _naming(*EDITION_FIELDS)] = "{number} – {month} {year}"
    first: int = Field(default=1, ge=0, le=1_000_000_000)
    languages: tuple[Lang, ...] = ()


class Magazine(Section):
    """Section ``[magazine]`` of ``ivpipe.toml``.

    ``attribution`` and ``postscript`` are inline HTML, ``copyright`` and ``licence`` text; all four may name
    ``LINE_FIELDS``, and each may be overridden by a source. ``picture_credit`` is the line under a picture.
    """

    name: Name
    url: OptionalAddress = ""
    languages: tuple[Lang, ...] = Field(default=("en",), min_length=1)
    tagline: OneLine = ""
    attribution: Line = "Translated by {magazine} from {partner}."
    postscript: Line = ""
    copyright: Line = ""
    licence: Line = ""
    picture_credit: CreditLine = "{credit}"


class PartnerLines(Section):
    """What a source's spec says of what stands on its articles' pages. Of the lines, "" leaves one to the magazine, as
    does a table without the page's language. ``pictures``: which of the partner's we may show; of those never any whose
    credit or caption has one of the names ``pictures_not_by``: agencies', say.
    """

    attribution: Line = ""
    postscript: Line = ""
    copyright: Line = ""
    licence: Line = ""
    picture_credit: CreditLine = ""
    labels: Labels = Labels()
    pictures: Literal["none", "all"] = "none"
    pictures_not_by: tuple[str, ...] = ()


class SourceCredit(PartnerLines):
    """What a published page says of the partner: taken from the source's spec."""

    slug: str
    name: str
    url: str
