"""Tierra y Andén: an invented Spanish magazine on WordPress, with its REST interface."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode

from ivpipe.demo.sites.site import Response, Site, redirect, slugify
from ivpipe.demo.sites.texts import CENTRAL_EUROPE, SIZE, Article

UPLOADS = "/wp-content/uploads"
KINDS = {"author": "authors", "category": "section", "tag": "tags"}
"""Kind of archive page → the article's field it goes by."""


class Anden(Site):
    """Post-name permalinks, ``/feed/``, ``/wp-json/wp/v2/{posts,users,categories,tags,media}``."""

    slug = "anden"
    name = "Tierra y Andén"
    tagline = "Revista de los que viven lejos del centro"
    lang = "es"
    robots = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
    link_attributes: ClassVar = {"target": "_blank", "rel": "noreferrer noopener"}

    def url(self, article: Article) -> str:
        """The permalink."""
        return f"{self.base_url}/{article.slug}/"

    def picture_url(self, file: str) -> str:
        """Where WordPress keeps uploads."""
        return f"{self.base_url}{UPLOADS}/{file}"

    def people_ld(self, article: Article) -> list[dict[str, str]]:
        """The authors as JSON-LD."""
        return [
            {"@type": "Person", "name": name, "url": f"{self.base_url}/author/{slugify(name)}/"}
            for name in article.authors
        ]

    def respond(self, path: str, query: str) -> Response:
        """WordPress's routes."""
        parts = [part for part in path.split("/") if part]
        if path.startswith("/wp-json"):
            return self._rest(parts[1:], parse_qs(query, keep_blank_values=True))
        if path == "/robots.txt":
            return self.robots_txt()
        if path == "/wp-content/themes/anden/style.css":
            return self.style()
        if path.startswith(UPLOADS + "/"):
            return self.picture(path.removeprefix(UPLOADS + "/"))
        if not parts:
            wanted = parse_qs(query).get("p", [""])[0]
            found = [article for article in self.articles if str(article.id) == wanted]
            return redirect(self.url(found[0])) if found else self.list_page("Lo último", self.listed)
        if not path.endswith("/"):
            return redirect(f"{self.base_url}{path}/") if self._is_page(parts) else self.not_found()
        return self._page(parts)

    def _is_page(self, parts: list[str]) -> bool:
        return self._page(parts).status == 200

    def _page(self, parts: list[str]) -> Response:
        if parts == ["feed"]:
            return self.feed()
        if parts == ["sobre"]:
            return self.about_page()
        if len(parts) == 1:
            by_slug = {article.slug: article for article in self.articles}
            return self.article_page(by_slug[parts[0]]) if parts[0] in by_slug else self.not_found()
        if len(parts) != 2 or parts[0] not in KINDS:
            return self.not_found()
        field, name = KINDS[parts[0]], parts[1]
        found = [article for article in self.listed if name in map(slugify, _values(article, field))]
        return self.list_page(f"Archivo: {name}", found)

    def note_id(self, article: Article, number: int) -> str:
        """The id of a footnote: a UUID, the same on every rendering."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{article.slug}#{number}"))

    def _rest(self, parts: list[str], query: dict[str, list[str]]) -> Response:
        if not parts:
            about = {"name": self.name, "description": self.tagline, "url": self.base_url, "home": self.base_url}
            zone = {"gmt_offset": 1, "timezone_string": "Europe/Madrid"}
            return _json({**about, **zone, "namespaces": ["wp/v2"]}, modified=self.newest)
        collections = {
            "posts": [self._post(article) for article in self.listed],
            "users": [self._term("author", n) for n in self._names("authors")],
            "categories": [self._term("category", n) for n in self._names("section")],
            "tags": [self._term("tag", n) for n in self._names("tags")],
            "media": [self._medium(article) for article in self.listed],
        }
        if parts[:2] != ["wp", "v2"] or len(parts) not in (3, 4) or parts[2] not in collections:
            return _fault(404, "rest_no_route", "No se ha encontrado ninguna ruta que coincida con la URL.")
        items = collections[parts[2]]
        only = [name.strip() for value in query.get("_fields", []) for name in value.split(",") if name.strip()]
        embed = "_embed" in query
        if len(parts) == 4:
            found = [item for item in items if str(item["id"]) == parts[3]]
            if not found:
                return _fault(404, "rest_post_invalid_id", "El ID de la entrada no es válido.")
            return _json(_shape(found[0], only, embed), modified=self.newest)
        return self._collection(parts[2], items, query, only, embed)

    def _collection(
        self, kind: str, items: list[dict[str, Any]], query: dict[str, list[str]], only: Sequence[str], embed: bool
    ) -> Response:
        try:
            per_page, page = (int(query.get(key, [default])[0]) for key, default in (("per_page", "10"), ("page", "1")))
            after, before, modified_after = (
                _moment(query[key][0]) if key in query else None for key in ("after", "before", "modified_after")
            )
        except ValueError:
            return _fault(400, "rest_invalid_param", "Parámetro(s) no válido(s).")
        if not 1 <= per_page <= 100 or page < 1:
            return _fault(400, "rest_invalid_param", "Parámetro(s) no válido(s): per_page, page")
        if kind == "posts":
            slugs, ids = query.get("slug"), query.get("include")
            items = [
                item
                for item in items
                if (slugs is None or item["slug"] in slugs[0].split(","))
                and (ids is None or str(item["id"]) in ids[0].split(","))
                and (after is None or _moment(item["date"]) > after)
                and (before is None or _moment(item["date"]) < before)
                and (modified_after is None or _moment(item["modified"]) > modified_after)
            ]
            if query.get("order") == ["asc"]:
                items.reverse()
        pages = -(-len(items) // per_page)
        if page > max(pages, 1):
            return _fault(400, "rest_post_invalid_page_number", "El número de página solicitado es mayor que el total.")
        headers = {"X-WP-Total": str(len(items)), "X-WP-TotalPages": str(pages)}
        links = [
            f'<{self.base_url}/wp-json/wp/v2/{kind}?{urlencode({"per_page": per_page, "page": other})}>; rel="{rel}"'
            for rel, other in (("prev", page - 1), ("next", page + 1))
            if 1 <= other <= pages
        ]
        if links:
            headers["Link"] = ", ".join(links)
        shown = items[(page - 1) * per_page : page * per_page]
        return _json([_shape(item, only, embed) for item in shown], headers, modified=self.newest)

    def _names(self, field: str) -> list[str]:
        return sorted({name for article in self.listed for name in _values(article, field)})

    def _ids(self, field: str, names: Sequence[str]) -> list[int]:
        return [self._names(field).index(name) + 2 for name in names]

    def _term(self, kind: str, name: str) -> dict[str, Any]:
        field = KINDS[kind]
        return {
            "id": self._ids(field, [name])[0],
            "name": name,
            "description": "",
            "link": f"{self.base_url}/{kind}/{slugify(name)}/",
            "slug": slugify(name),
        }

    def _medium(self, article: Article) -> dict[str, Any]:
        assert article.lead is not None
        return {
            "id": article.id + 500,
            "date": _local(article.published),
            "slug": article.lead.file.partition(".")[0],
            "type": "attachment",
            "alt_text": article.lead.alt,
            "caption": {"rendered": f"<p>{article.lead.caption}</p>\n"},
            "media_type": "image",
            "mime_type": "image/jpeg",
            "media_details": {"width": SIZE[0], "height": SIZE[1], "file": article.lead.file},
            "source_url": self.picture_url(article.lead.file),
        }

    def _post(self, article: Article) -> dict[str, Any]:
        content = self.markup.content(article, self.bodies[article.slug])  # type: ignore[attr-defined]
        rest = f"{self.base_url}/wp-json/wp/v2"
        author = self._ids("authors", article.authors[:1])[0]
        return {
            "id": article.id,
            "date": _local(article.published),
            "date_gmt": _gmt(article.published),
            "guid": {"rendered": f"{self.base_url}/?p={article.id}"},
            "modified": _local(article.modified),
            "modified_gmt": _gmt(article.modified),
            "slug": article.slug,
            "status": "publish",
            "type": "post",
            "link": self.url(article),
            "title": {"rendered": article.title},
            "content": {"rendered": str(content), "protected": False},
            "excerpt": {"rendered": f"<p>{article.standfirst}</p>\n", "protected": False},
            "author": author,
            "featured_media": article.id + 500,
            "comment_status": "closed",
            "sticky": False,
            "format": "standard",
            "meta": {"footnotes": ""},
            "categories": self._ids("section", [article.section]),
            "tags": self._ids("tags", article.tags),
            "_links": {
                "self": [{"href": f"{rest}/posts/{article.id}"}],
                "author": [{"embeddable": True, "href": f"{rest}/users/{author}"}],
                "wp:featuredmedia": [{"embeddable": True, "href": f"{rest}/media/{article.id + 500}"}],
            },
            "_embedded": {
                "author": [self._term("author", article.authors[0])],
                "wp:featuredmedia": [self._medium(article)],
                "wp:term": [
                    [self._term("category", article.section)],
                    [self._term("tag", tag) for tag in article.tags],
                ],
            },
        }


def _values(article: Article, field: str) -> tuple[str, ...]:
    value: str | tuple[str, ...] = getattr(article, field)
    return (value,) if isinstance(value, str) else value


def _shape(item: dict[str, Any], only: Sequence[str], embed: bool) -> dict[str, Any]:
    """Keep the fields asked for (``title.rendered`` reaches inside); embedded resources only on demand."""
    shaped = {key: value for key, value in item.items() if key != "_embedded" or embed}
    if not only:
        return shaped
    kept: dict[str, Any] = {}
    for name in only:
        first, _, second = name.partition(".")
        if first in shaped and not second:
            kept[first] = shaped[first]
        elif first in shaped and isinstance(shaped[first], dict) and second in shaped[first]:
            kept.setdefault(first, {})[second] = shaped[first][second]
    return kept


def _json(
    value: Any, headers: dict[str, str] | None = None, status: int = 200, modified: datetime | None = None
) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, "application/json; charset=UTF-8", status, headers or {}, modified)


def _fault(status: int, code: str, message: str) -> Response:
    return _json({"code": code, "message": message, "data": {"status": status}}, status=status)


def _moment(text: str) -> datetime:
    # WordPress takes a moment without a zone to be in the site's own; a "+" that was not escaped arrives as a space.
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=CENTRAL_EUROPE)


def _local(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def _gmt(moment: datetime) -> str:
    return _local(moment.astimezone(UTC))
