"""The Page: one description of what is published, the same for every kind of target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivpipe.model.document import Document


@dataclass(frozen=True, slots=True)
class Page:
    """An approved translation ready to publish. ``document`` is the translated Document (canonical inline HTML).

    ``key`` identifies it on every target for ever: "article-id-lang". ``slug`` is the URL part, stable once chosen.
    ``attribution_html``, ``postscript_html`` are inline HTML, ``copyright`` and ``licence`` text; ``byline`` the authors' names.
    ``original_*`` describe the source; ``published_at`` is the first publication, ``updated_at`` this revision's.
    ``alternates`` are (language, slug) of the same article's other translations.
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
    alternates: tuple[tuple[str, str], ...] = ()
