"""The Page: one description of what is published, the same for every kind of target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from ivpipe.model.document import Document, Image


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown: fetched, checked, re-encoded without metadata, kept on our disk.

    ``src`` is its address at the partner, as in ``Document.images``: the key between the two. ``file`` holds the bytes,
    ``sha256`` is their hash, so the same picture has the same file in every article. ``width``, ``height`` in pixels.
    ``alt`` is plain text, ``caption_html`` and ``credit_html`` canonical inline HTML, all in the language of the page.
    ``lead``: it opens the article.
    """

    src: str
    file: Path
    media_type: str
    width: int
    height: int
    sha256: str
    alt: str = ""
    caption_html: str = ""
    credit_html: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Sibling:
    """The same article in another language, live on the same target; ``remote_id``, ``remote_url`` as it told us."""

    lang: str
    slug: str
    remote_id: str
    remote_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """An approved translation ready to publish. ``document`` is the translated Document (canonical inline HTML).

    ``key`` identifies it on every target for ever: "ivpipe-<article>-<lang>". ``slug`` is the URL part, stable once chosen.
    ``attribution_html``, ``postscript_html`` and ``correction_html`` are canonical inline HTML in the language of the
    page; ``copyright`` and ``licence`` text; ``byline`` the authors' names. ``original_*`` describe the source.

    ``published_at`` is the first publication (the time chosen for it, where one was), ``updated_at`` this revision's.
    ``country`` is the line above the title: the document's kicker, or what stands in its place. ``section`` and
    ``keywords`` are the target's own words for them, ``edition`` the label of the magazine's number ("" for none).
    ``pictures`` are those that may be taken; an image of the document without one is shown by its caption only, never
    linked to. ``siblings`` are the article's other pages on this target, for links between languages.
    """

    key: str
    slug: str
    lang: str
    revision: int
    document: Document
    byline: tuple[str, ...]
    translator: str
    attribution_html: str
    postscript_html: str
    copyright: str
    licence: str
    magazine: str
    partner: str
    partner_url: str
    original_url: str
    original_lang: str
    original_title: str
    original_published: str
    published_at: datetime
    updated_at: datetime
    country: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    edition: str = ""
    correction_html: str = ""
    pictures: tuple[Picture, ...] = ()
    siblings: tuple[Sibling, ...] = ()

    @property
    def lead(self) -> Picture | None:
        """The picture that opens the article."""
        return next((picture for picture in self.pictures if picture.lead), None)

    def picture_of(self, image: Image) -> Picture | None:
        """The picture for one of the document's images; None where it may not be shown."""
        return next((picture for picture in self.pictures if picture.src == image.src), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; ``from_dict`` is the exact inverse."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            **values,
            "document": self.document.to_dict(),
            "published_at": self.published_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
            "pictures": [{**asdict(picture), "file": str(picture.file)} for picture in self.pictures],
            "siblings": [asdict(sibling) for sibling in self.siblings],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Page:
        """Read what ``to_dict`` wrote, in this version or an earlier one."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        for name in ("byline", "keywords"):
            values[name] = tuple(values.get(name, ()))
        for name in ("published_at", "updated_at"):
            values[name] = datetime.fromisoformat(values[name])
        values["document"] = Document.from_dict(values["document"])
        values["pictures"] = tuple(
            Picture(**{**picture, "file": Path(picture["file"])}) for picture in values.get("pictures", ())
        )
        values["siblings"] = tuple(Sibling(**sibling) for sibling in values.get("siblings", ()))
        return cls(**values)
