"""A partner's magazine on 127.0.0.1: its feed and articles, which a test changes as a site's editors do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.http_site import Behaviour, HttpSite, Request, running_site

from ivpipe.sources.spec import Discovery, Fetch, SourceSpec

TEXT = "".join(
    f"<p>{number}. Les dockers ne cèdent pas, et le port reste vide depuis trois semaines. Rien n’entre, rien ne sort.</p>"
    for number in range(1, 9)
)


def conditional(body: bytes, content_type: str) -> Behaviour:
    """An answer with an ETag of its content, and 304 to who has it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def answer(request: Request) -> None:
        if request.headers.get("If-None-Match") == etag:
            request.reply(304, ETag=etag)
        else:
            request.reply(200, body, Content_Type=content_type, ETag=etag)

    return answer


class MagazineSite:
    """Articles by path; ``publish`` changes page and feed as one."""

    def __init__(self, site: HttpSite) -> None:
        self.site = site
        self.items: dict[str, str] = {}
        site.pages["/robots.txt"] = lambda request: request.reply(404)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.site.port}"

    def write(
        self, path: str, title: str, text: str = TEXT, *, canonical: str = "", head: str = "", announce: bool = True,
        date: str = "Tue, 30 Jun 2026 08:00:00 +0200", extra: str = "",
    ) -> None:  # fmt: skip
        """Put an article at ``path`` and, ``announce``, into the feed."""
        link = f'<link rel="canonical" href="{self.address}{canonical}">' if canonical else ""
        html = (
            f'<!doctype html><html lang="fr"><head><title>{title}</title>{link}{head}</head>'
            f"<body><article><h1>{title}</h1>{text}</article></body></html>"
        )
        self.site.pages[path] = conditional(html.encode(), "text/html; charset=utf-8")
        if announce:
            when = f"<pubDate>{date}</pubDate>" if date else ""
            self.items[path] = f"<item><title>{title}</title><link>{self.address}{path}</link>{when}{extra}</item>"
        self.feed()

    def feed(self, path: str = "/feed") -> None:
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>S</title>{"".join(self.items.values())}</channel></rss>'
        self.site.pages[path] = conditional(body.encode(), "application/rss+xml")

    def spec(self, slug: str = "semaine", **more: object) -> SourceSpec:
        values: dict[str, object] = {
            "slug": slug,
            "name": "La Semaine",
            "url": f"{self.address}/",
            "languages": ("fr",),
            "discovery": Discovery(urls=(f"{self.address}/feed",)),
            "fetch": Fetch(delay=0, allow_private=(f"127.0.0.1:{self.site.port}",)),
        }
        return SourceSpec.model_validate({**values, **more})


@contextmanager
def running_magazine() -> Iterator[MagazineSite]:
    """Serve an empty magazine until the block ends."""
    with running_site() as site:
        yield MagazineSite(site)
