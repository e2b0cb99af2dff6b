"""The demo's articles: one file each, TOML between ``+++`` lines, then the body in plain neutral HTML.

The body knows ``p h2 ul ol blockquote(cite) table``, ``figure[data-picture]`` with ``figcaption`` and ``cite`` (the
credit), ``aside.pullquote``, ``div.verse`` (one line a line, stanzas apart) and, inside text, ``<note>…</note>``. What
each becomes on the page is the site's own affair: its ``markup.html`` holds one macro per construct.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from lxml import html
from markupsafe import Markup

SITES = Path(__file__).parent
CENTRAL_EUROPE = timezone(timedelta(hours=1))
"""The three sites' clock. A fixed offset: a bare machine may have no time zone data."""

_TAG = re.compile(r"(<[^>]*>)")
_MARK = re.compile("\ue000(\\d+)\ue001")
NOTHING = Markup()


def html_text(text: str) -> Markup:
    """Mark as HTML what stands in our own files."""
    return Markup(text)  # noqa: S704


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as an article uses it; ``file`` lies in ``pictures/``. Every picture is ``SIZE`` pixels."""

    file: str
    alt: str = ""
    title: str = ""
    caption: Markup = NOTHING
    credit: Markup = NOTHING


SIZE = (960, 600)


@dataclass(frozen=True, slots=True)
class Article:
    """One article. ``published`` has a time zone; ``see_also`` are slugs; ``listed`` false keeps it out of the feeds."""

    slug: str
    id: int
    title: str
    published: datetime
    modified: datetime
    body: str
    lang: str
    standfirst: Markup
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    kicker: str = ""
    subtitle: str = ""
    signature: str = ""
    lead: Picture | None = None
    see_also: tuple[str, ...] = ()
    author_note: Markup = NOTHING
    postscript: Markup = NOTHING
    translation_of: str = ""
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """A body in a CMS's markup: its blocks in order, and the HTML of its notes (note 1 first)."""

    blocks: tuple[Markup, ...]
    notes: tuple[Markup, ...]

    @property
    def html(self) -> Markup:
        """All blocks, a line each."""
        return Markup("\n").join(self.blocks)


def load_articles(site: str, today: date, lang: str, typography: Callable[[str], str]) -> list[Article]:
    """All articles of a site, newest first; their age in days counts back from ``today``.

    ``typography`` is applied to every text, never to tags. Raises ValueError naming the file that is not well made.
    """
    articles = []
    for path in sorted((SITES / site / "articles").glob("*.html")):
        _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        try:
            articles.append(_article(path.stem, tomllib.loads(head), body, today, lang, typography))
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name}: {error!r}") from error
    return sorted(articles, key=lambda article: article.published, reverse=True)


def _article(
    slug: str, values: dict[str, Any], body: str, today: date, lang: str, typography: Callable[[str], str]
) -> Article:
    def typeset(text: str) -> str:
        return "".join(part if part.startswith("<") else typography(part) for part in _TAG.split(text))

    hour = time.fromisoformat(values.pop("time"))
    published = datetime.combine(today - timedelta(days=values.pop("days_ago")), hour, CENTRAL_EUROPE)
    lead = {key: values.pop("lead_" + key, "") for key in ("alt", "caption", "credit")}
    picture = values.pop("lead", "")
    markup = {f.name for f in fields(Article) if f.type == "Markup"}
    ready: dict[str, Any] = {
        key: html_text(typeset(value)) if key in markup else typeset(value) if isinstance(value, str) else value
        for key, value in values.items()
    }
    ready["tags"], ready["authors"] = tuple(values["tags"]), tuple(values["authors"])
    ready["see_also"] = tuple(values.get("see_also", ()))
    ready.setdefault("lang", lang)
    return Article(
        slug=slug,
        published=published,
        modified=published + timedelta(minutes=42),
        body=typeset(body),
        lead=Picture(
            picture, typeset(lead["alt"]), "", html_text(typeset(lead["caption"])), html_text(typeset(lead["credit"]))
        )
        if picture
        else None,
        **ready,
    )


def render_body(article: Article, markup: Any, link_attributes: dict[str, str]) -> Body:
    """Put a body into a CMS's markup; ``markup`` is the module of the site's ``markup.html``.

    ``link_attributes`` are what its editor adds to a link that leaves the site.
    """
    root = html.fragment_fromstring(article.body, create_parent="div")
    for link in root.iter("a"):
        link.attrib.update(link_attributes)
    notes = []
    for note in list(root.iter("note")):
        notes.append(_inner(note))
        note.text = f"\ue000{len(notes)}\ue001"
        for child in list(note):
            note.remove(child)
        note.drop_tag()

    def refer(text: str) -> Markup:
        return html_text(
            _MARK.sub(lambda mark: str(markup.note_ref(article, int(mark[1]), notes[int(mark[1]) - 1])), text)
        )

    blocks = [refer(_block(article, element, number, markup)) for number, element in enumerate(root)]
    return Body(tuple(blocks), tuple(notes))


def _block(article: Article, element: html.HtmlElement, number: int, markup: Any) -> str:
    tag = str(element.tag)
    if tag == "figure":
        alt, title = element.get("data-alt", ""), element.get("data-title", "")
        picture = Picture(
            element.get("data-picture", ""), alt, title, _part(element, "figcaption"), _part(element, "cite")
        )
        return str(markup.figure(picture, article.id * 10 + number))
    if tag == "div":
        stanzas = [stanza.splitlines() for stanza in element.text_content().strip().split("\n\n")]
        return str(markup.verse(stanzas))
    if tag in ("blockquote", "aside"):
        macro = markup.quote if tag == "blockquote" else markup.pullquote
        return str(macro(_part(element, "p"), _part(element, "cite")))
    return str(markup.block(tag, _inner(element)))


def _part(element: html.HtmlElement, tag: str) -> Markup:
    found = element.find(tag)
    return NOTHING if found is None else _inner(found)


def _inner(element: html.HtmlElement) -> Markup:
    parts: Iterable[str] = (html.tostring(child, encoding="unicode") for child in element)
    return html_text(str(Markup.escape(element.text or "")) + "".join(parts))


def french(text: str, thin: str = "\u202f") -> str:
    """French spaces that do not break, and the typographer's apostrophe. ``thin`` stands before ``; ! ?``."""
    text = text.replace("'", "’")
    text = re.sub(r" ([;!?])", thin + r"\1", text)
    text = re.sub(r" (?=[:»%€])|(?<=«) ", "\u00a0", text)
    return re.sub(r"(?<=\d) (?=\d{3}\b)", thin, text)
