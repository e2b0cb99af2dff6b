"""What the demo's three sites share: routes to answers, templates, pictures. No network here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ivpipe.demo.sites.texts import SITES, SIZE, Article, Body, html_text, load_articles, render_body

MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; ``modified`` becomes Last-Modified."""

    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    modified: datetime | None = None


def redirect(url: str) -> Response:
    """Moved for good."""
    return Response(status=301, headers={"Location": url})


class Site:
    """One partner site. ``base_url`` has no slash at the end; ages of articles count back from ``today``."""

    slug: ClassVar[str]
    name: ClassVar[str]
    tagline: ClassVar[str]
    lang: ClassVar[str]
    robots: ClassVar[str]
    link_attributes: ClassVar[dict[str, str]] = {}

    def __init__(self, base_url: str, today: date) -> None:
        self.base_url = base_url
        self.articles = load_articles(self.slug, today, self.lang, self.typeset)
        self.templates = Environment(
            loader=FileSystemLoader(SITES / self.slug / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters |= {"day": self.day, "rfc822": format_datetime, "slugify": slugify, "json": as_json}
        self.templates.globals |= {
            "site": self,
            "listed": self.listed,
            "width": SIZE[0],
            "height": SIZE[1],
            "url": self.url,
            "picture_url": self.picture_url,
            "related": self.related,
        }
        self.markup = self.templates.get_template("markup.html").module
        self.bodies = {a.slug: render_body(a, self.markup, self.link_attributes) for a in self.articles}

    @property
    def listed(self) -> list[Article]:
        """What feeds and lists show, newest first."""
        return [article for article in self.articles if article.listed]

    @property
    def newest(self) -> datetime:
        """When anything on the site last changed."""
        return max(article.modified for article in self.articles)

    def typeset(self, text: str) -> str:
        """Set the spaces and apostrophes of a text (no tags in it) as the site does."""
        return text

    def url(self, article: Article) -> str:
        """The article's own address, absolute."""
        raise NotImplementedError

    def picture_url(self, file: str) -> str:
        """A picture's address, absolute."""
        raise NotImplementedError

    def respond(self, path: str, query: str) -> Response:
        """Answer GET of ``path``, percent-decoded, with the raw ``query`` string."""
        raise NotImplementedError

    def related(self, article: Article) -> list[Article]:
        """The articles its page points to, in its own order."""
        by_slug = {other.slug: other for other in self.articles}
        return [by_slug[slug] for slug in article.see_also]

    def page(self, template: str, status: int = 200, modified: datetime | None = None, **values: Any) -> Response:
        """Render an HTML page."""
        text = self.templates.get_template(template).render(**values)
        return Response(self.finish(text).encode(), status=status, modified=modified or self.newest)

    def feed(self, content_type: str = "application/rss+xml; charset=UTF-8") -> Response:
        """Render the site's ``feed.xml``."""
        text = self.templates.get_template("feed.xml").render(bodies=self.bodies)
        return Response(text.encode(), content_type, modified=self.newest)

    def article_page(self, article: Article) -> Response:
        """Render an article."""
        body: Body = self.bodies[article.slug]
        return self.page("article.html", modified=article.modified, article=article, body=body)

    def list_page(self, title: str, articles: Iterable[Article]) -> Response:
        """Render a list of articles; what has none is not found."""
        found = list(articles)
        return self.page("list.html", title=title, articles=found) if found else self.not_found()

    def about_page(self) -> Response:
        """Render "who we are"."""
        return self.page("about.html")

    def not_found(self) -> Response:
        """Say in the site's own clothes that there is no such page."""
        return self.page("404.html", status=404)

    def robots_txt(self) -> Response:
        """What crawlers may fetch."""
        return Response(
            self.robots.format(base=self.base_url).encode(), "text/plain; charset=UTF-8", modified=self.newest
        )

    def picture(self, file: str) -> Response:
        """A picture by its file name."""
        return self._file("pictures", file, ".jpg", "image/jpeg")

    def style(self) -> Response:
        """The site's style sheet."""
        return self._file(self.slug, "style.css", ".css", "text/css; charset=UTF-8")

    def _file(self, folder: str, file: str, suffix: str, content_type: str) -> Response:
        # Only names that are really there are compared, so no path from outside reaches the file system.
        found = [path for path in (SITES / folder).iterdir() if path.name == file and path.suffix == suffix]
        if not found:
            return self.not_found()
        modified = datetime.fromtimestamp(int(found[0].stat().st_mtime), UTC)
        return Response(found[0].read_bytes(), content_type, modified=modified)

    def finish(self, text: str) -> str:
        """Last habit of the CMS before a page leaves."""
        return text

    def day(self, moment: datetime) -> str:
        """The date in words, as the site prints it."""
        month = MONTHS[self.lang].split()[moment.month - 1]
        if self.lang == "es":
            return f"{moment.day} de {month} de {moment.year}"
        return f"{'1er' if moment.day == 1 else moment.day} {month} {moment.year}"


def slugify(text: str) -> str:
    """The part of a URL that stands for a section, a tag or a person."""
    plain = text.lower().translate(str.maketrans("áàâçéèêëíîïñóôöúùûü", "aaaceeeeiiinooouuuu"))
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def as_json(value: Any) -> Markup:
    """JSON for a script element: no ``</`` inside."""
    return html_text(json.dumps(value, ensure_ascii=False, indent=1).replace("</", "<\\/"))
