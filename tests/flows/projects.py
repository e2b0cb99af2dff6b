"""A whole project in a folder: generated articles on a partner's site of our own, the dummy engine, a static site."""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy import select
from tests.blank import place_blank
from tests.servers.http_site import HttpSite, running_site, with_etag

from ivpipe.model import Policy, State, Translation
from ivpipe.model.lifecycle import Actor, Role
from ivpipe.steps.people import add_user, list_users
from ivpipe.steps.review import approve, claim, submit
from ivpipe.store import Store
from ivpipe.wiring import open_app

WORDS = """le la les un une des port grève quai docker syndicat nuit matin usine atelier route ville canal pluie marché
accord salaire contrat retraite colère patience réunion bureau quartier école hôpital train navire cargo grue équipe""".split()

MAIN = """
[magazine]
name = "The Test Review"
url = "https://review.example/"
languages = ["en"]
attribution = "Translated by {{magazine}} from {{partner}}."

[review]
four_eyes = false

[desk]
port = {desk_port}
secure_cookies = false

[schedule]
ingest = "0 0 1 1 *"
translate = "0 0 1 1 *"
publish = "0 0 1 1 *"
reconcile = "0 0 1 1 *"

[engines]
order = [{engines}]
"""

SOURCE = """
name = "La Semaine"
url = "http://127.0.0.1:{port}/"
languages = ["fr"]
select = "all"

[discovery]
urls = ["http://127.0.0.1:{port}{feed}"]

[fetch]
delay = 0
allow_private = ["127.0.0.1:{port}"]
"""

TARGET = """
type = "static_site"
base_url = "https://review.example/"
"""


def sentence(source: random.Random) -> str:
    words = [source.choice(WORDS) for _ in range(source.randint(6, 14))]
    return " ".join(words).capitalize() + "."


def article_page(number: int, paragraphs: int = 6) -> bytes:
    """One article of a few paragraphs, different from every other, the same every time."""
    source = random.Random(number)
    body = "\n".join(
        f"<p>{sentence(source)} <em>{sentence(source)}</em> {sentence(source)}</p>" for _ in range(paragraphs)
    )
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Article numéro {number}</title></head>'
        f"<body><header><nav><a href='/'>Accueil</a></nav></header><main><article><h1>Article numéro {number}</h1>"
        f"<p class='chapo'>{sentence(source)}</p>{body}</article></main></body></html>"
    ).encode()


def serve_articles(site: HttpSite, count: int, feed: str = "/feed", first: int = 1) -> None:
    """Announce ``count`` generated articles in a feed, and serve them."""
    now = datetime.now(UTC)
    items = []
    for number in range(first, first + count):
        path = f"/article-{number}"
        date = format_datetime(now - timedelta(minutes=number))
        items.append(
            f"<item><title>Article numéro {number}</title><link>http://127.0.0.1:{site.port}{path}</link>"
            f"<pubDate>{date}</pubDate></item>"
        )
        body = article_page(number)
        site.pages[path] = lambda request, body=body: request.reply(200, body, Content_Type="text/html; charset=utf-8")
    feed_body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>La Semaine</title>'
        f"<link>http://127.0.0.1:{site.port}/</link><description>x</description>{''.join(items)}</channel></rss>"
    ).encode()
    etag = f'"{zlib.crc32(feed_body)}"'
    site.pages[feed] = with_etag(feed_body, etag, Content_Type="application/rss+xml; charset=utf-8")


@dataclass
class Project:
    """A project's folder with its partner's site."""

    home: Path
    site: HttpSite

    @property
    def store(self) -> Store:
        return Store(f"sqlite:///{self.home / 'var' / 'ivpipe.db'}")

    def add_source(self, slug: str, feed: str) -> None:
        (self.home / "config" / "sources" / f"{slug}.toml").write_text(SOURCE.format(port=self.site.port, feed=feed))

    def approve_all(self) -> int:
        """Have one editor claim, submit and approve everything that is drafted; how many there were."""
        with open_app(self.home) as app:
            if not list_users(app.store):
                add_user(app.store, "eva", "Eva", "correct horse", [Role.TRANSLATOR, Role.EDITOR], datetime.now(UTC))
            user = list_users(app.store)[0]
            actor = Actor(user.id, user.display_name, frozenset({Role.TRANSLATOR, Role.EDITOR}))
            with app.store.read() as session:
                ids = session.scalars(select(Translation.id).where(Translation.state == State.DRAFTED)).all()
            for translation_id in ids:
                now = datetime.now(UTC)
                claim(app.store, translation_id, actor, timedelta(hours=1), now)
                submit(app.store, translation_id, actor, "", now)
                approve(app.store, translation_id, actor, Policy(four_eyes=False), app.targets_for("en"), "", now)
        return len(ids)


def write_project(home: Path, site: HttpSite, engines: str = '"dummy"', desk_port: int = 8000) -> Project:
    """Write the configuration and create the database."""
    config = home / "config"
    (config / "sources").mkdir(parents=True)
    (config / "targets").mkdir()
    (config / "ivpipe.toml").write_text(MAIN.format(engines=engines, desk_port=desk_port))
    (config / "targets" / "site.toml").write_text(TARGET)
    project = Project(home, site)
    project.add_source("semaine", "/feed")
    place_blank(home / "var" / "ivpipe.db")
    return project


@contextmanager
def project_of(home: Path, articles: int) -> Iterator[Project]:
    """A project whose partner announces so many articles; ``IVPIPE_HOME`` points to it for the block."""
    before = os.environ.get("IVPIPE_HOME")
    with running_site() as site:
        serve_articles(site, articles)
        os.environ["IVPIPE_HOME"] = str(home)
        try:
            yield write_project(home, site)
        finally:
            if before is None:
                del os.environ["IVPIPE_HOME"]
            else:
                os.environ["IVPIPE_HOME"] = before
