"""A little of a magazine's life, lived with the program's own steps, so that every table has rows the program really writes.

``live`` is what makes the sample database of a schema (see ``tests.upgrades.make``): a partner's site on this machine, four
articles read, one translation live, one being worked on, one that waits for its editor, one dismissed; a source that
changed, a page that went, a save that came too late.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import select
from tests.servers.http_site import HttpSite, page, running_site

from ivpipe.errors import Refused
from ivpipe.flows import plain
from ivpipe.flows.work import Work
from ivpipe.model import Actor, Article, Draft, DraftSegment, Issue, Policy, Role, Translation, User
from ivpipe.steps import login, merge, people, review
from ivpipe.steps.editions import open_edition
from ivpipe.steps.memory import import_tmx
from ivpipe.steps.operations import recorded_run
from ivpipe.steps.triage import dismiss_article, select_article
from ivpipe.store import Store
from ivpipe.wiring import App, open_app

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PASSWORD = "nine herons over the lock"
HOLD = timedelta(hours=4)
POLICY = Policy(four_eyes=True)

MAIN = """
[magazine]
name = "The Lock Keeper"
url = "https://lock.example/"
languages = ["en"]
attribution = "Translated by {magazine} from {partner}."

[desk]
secure_cookies = false

[engines]
order = ["dummy"]
"""
SOURCE = """
name = "L’Écluse"
url = "http://127.0.0.1:{port}/"
languages = ["fr"]
pictures = "all"
discovery = {{ urls = ["http://127.0.0.1:{port}/feed"] }}
fetch = {{ delay = 0, allow_private = ["127.0.0.1:{port}"] }}
"""
TARGET = """
type = "static_site"
base_url = "https://lock.example/"
"""
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en" srclang="fr"
datatype="html"/><body><tu><tuv xml:lang="fr"><seg>Le canal dort.</seg></tuv><tuv xml:lang="en"><seg>The canal sleeps.</seg>
</tuv></tu></body></tmx>
"""
NOT_FOUND = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Page introuvable</title></head>
<body><main><h1>Page introuvable</h1><p>Cette page n’existe pas ou n’existe plus.</p></main></body></html>"""

TEXTS = {
    1: (
        "L’éclusière de nuit",
        "Depuis 14 ans, elle ouvre les portes <em>à la main</em>. Le canal dort. Personne ne passe avant 5 heures.",
        'La compagnie promet <a href="https://ecluse.example/moteurs">des moteurs</a> pour 2027. On attend.',
    ),
    2: (
        "Le marché sous le pont",
        "Le samedi, trente étals tiennent entre les piles. Les prix n’ont pas bougé depuis 3 ans.",
        "On y vend des pommes, des vis et <strong>des histoires</strong>.",
    ),
    3: (
        "Une péniche à vendre",
        "Elle mesure 38 mètres et n’a plus de moteur. Le vendeur en demande 20 000 euros.",
        "Il la donnerait à qui promet de la peindre en bleu.",
    ),
    4: (
        "Programme des fêtes",
        "Le bal commence à 21 heures sur la place.",
        "Le feu d’artifice suit, s’il ne pleut pas.",
    ),
}


def live(home: Path) -> None:
    """Make a project in ``home`` and live in it for four days; its database is ``var/ivpipe.db``. About three seconds."""
    with running_site() as site:
        write_project(home, site.port)
        for number in TEXTS:
            _serve(site, number)
        _announce(site)
        with open_app(home, check=False) as app:
            app.store.migrate()
            _people(app.store)
            _first_day(app)
            _second_day(app)
            _third_day(app, site)
            _fourth_day(app, home)


def _people(store: Store) -> None:
    for name, shown, roles in (
        ("ana", "Ana Ruiz", [Role.TRANSLATOR]),
        ("eva", "Eva Lind", [Role.EDITOR, Role.TRANSLATOR]),
        ("ops", "Olga Petrov", [Role.OPERATOR]),
        ("tom", "Tom Baker", [Role.TRANSLATOR]),
    ):
        people.add_user(store, name, shown, PASSWORD, roles, START)
    people.set_disabled(store, "tom", True, START + timedelta(hours=1))
    login.log_in(store, login.Attempt("eva", PASSWORD), b"key", timedelta(days=3650), START)
    for name in ("ana", "nobody"):
        try:
            login.log_in(store, login.Attempt(name, "not the password"), b"key", timedelta(days=1), START)
        except Refused:
            pass


def _first_day(app: App) -> None:
    """The partner's articles are read; three are selected, one is dismissed."""
    _run(app, "ingest", START)
    eva = _actor(app.store, "eva")
    for number in (1, 2, 3):
        select_article(app.store, _article(app.store, number), ["en"], eva, START + timedelta(hours=1))
    dismiss_article(app.store, _article(app.store, 4), eva, "a calendar, no article", START + timedelta(hours=1))
    _run(app, "ingest", START + timedelta(hours=1))  # the pictures of what was selected
    _run(app, "translate", START + timedelta(hours=2))


def _second_day(app: App) -> None:
    """The first article goes all the way: claimed, edited, returned once, approved, published. The others are claimed."""
    now = START + timedelta(days=1)
    store, ana, eva = app.store, _actor(app.store, "ana"), _actor(app.store, "eva")
    first, second, third = (_translation(store, number) for number in (1, 2, 3))
    review.claim(store, first, ana, HOLD, now)
    segments = _segments(store, first)
    for segment in segments:
        review.save_segment(store, segment.id, f"{segment.target}", segment.version, ana, HOLD, now)
    _save(store, segments[1], ana, now)
    try:
        review.save_segment(store, segments[1].id, "typed too late", 0, ana, HOLD, now)
    except Refused:
        pass
    number = next(one for one in segments if "14" in one.source)
    review.save_segment(store, number.id, number.target.replace("14", "fourteen"), 1, ana, HOLD, now)
    for issue in _issues(store, first):
        review.dismiss_issue(store, issue, "numbers may be written out", ana, now)
    review.submit(store, first, ana, "is “lock” right?", now + timedelta(hours=1))
    review.return_to_translator(store, first, eva, "the title, please", now + timedelta(hours=2))
    _save(store, _segments(store, first)[0], ana, now + timedelta(hours=3))
    review.submit(store, first, ana, "", now + timedelta(hours=3))
    review.approve(store, first, eva, POLICY, ["site"], "good", now + timedelta(hours=4))
    _run(app, "publish", now + timedelta(hours=5))
    review.claim(store, second, ana, HOLD, now + timedelta(hours=5))
    _save(store, _segments(store, second)[2], ana, now + timedelta(hours=5))
    review.claim(store, third, eva, HOLD, now + timedelta(hours=5))
    _save(store, _segments(store, third)[0], eva, now + timedelta(hours=5))
    review.submit(store, third, eva, "", now + timedelta(hours=6))


def _third_day(app: App, site: HttpSite) -> None:
    """The second article changes while Ana works on it, the third one's page goes, and the first one's shows something else."""
    now = START + timedelta(days=2)
    _serve(site, 2, more="Il pleut depuis mardi, et le marché reste ouvert.")
    del site.pages["/article-3"]
    site.pages["/article-1"] = page(NOT_FOUND.encode(), Content_Type="text/html; charset=utf-8")
    _run(app, "ingest", now)
    _run(app, "translate", now + timedelta(hours=1))
    ana, second = _actor(app.store, "ana"), _translation(app.store, 2)
    review.claim(app.store, second, ana, HOLD, now + timedelta(hours=2))
    merge.merge_source(app.store, second, app.engines, ana, now + timedelta(hours=2))


def _fourth_day(app: App, home: Path) -> None:
    """The live page is corrected, to be published later; a memory of others is imported; a run fails."""
    now = START + timedelta(days=3)
    store, ana, eva = app.store, _actor(app.store, "ana"), _actor(app.store, "eva")
    open_edition(store, app.imprint(), now, title="Water")
    first = _translation(store, 1)
    review.claim(store, first, ana, HOLD, now)
    _save(store, _segments(store, first)[2], ana, now)
    review.submit(store, first, ana, "", now)
    review.approve(
        store, first, eva, POLICY, ["site"], "", now, publish_at=now + timedelta(days=9), correction="A date was wrong."
    )
    file = home / "others.tmx"
    file.write_text(TMX, encoding="utf-8")
    import_tmx(store, file, now, origin="others")
    try:
        with recorded_run(store, "publish", "what is due", lambda: now):
            raise ConnectionError("the line was cut")
    except ConnectionError:
        pass


def _run(app: App, flow: str, now: datetime) -> None:
    with Work(app, clock=lambda: now) as work, recorded_run(app.store, flow, "all", lambda: now) as counts:
        getattr(plain, flow)(work)
        counts.update(work.counts())


def _actor(store: Store, name: str) -> Actor:
    with store.read() as session:
        return session.scalars(select(User).where(User.name == name)).one().actor


def _article(store: Store, number: int) -> int:
    with store.read() as session:
        return session.scalars(select(Article.id).where(Article.url.like(f"%/article-{number}"))).one()


def _translation(store: Store, number: int) -> int:
    with store.read() as session:
        return session.scalars(
            select(Translation.id).join(Article).where(Article.url.like(f"%/article-{number}"))
        ).one()


def _segments(store: Store, translation: int) -> list[DraftSegment]:
    with store.read() as session:
        row = session.get_one(Translation, translation)
        draft = select(Draft).where(Draft.translation_id == translation, Draft.number == row.revision)
        return list(session.scalars(draft).one().segments)


def _issues(store: Store, translation: int) -> list[int]:
    with store.read() as session:
        ids = [segment.id for segment in _segments(store, translation)]
        return list(session.scalars(select(Issue.id).where(Issue.segment_id.in_(ids))))


def _save(store: Store, segment: DraftSegment, actor: Actor, now: datetime) -> None:
    with store.read() as session:
        row = session.get_one(DraftSegment, segment.id)
        text, version = row.target, row.version
    review.save_segment(store, segment.id, f"{text} Ruhig – καλά.", version, actor, HOLD, now)


def write_project(home: Path, port: int = 80) -> None:
    """Write the configuration of the magazine whose life this is; its partner is on a port of this machine."""
    for name, text in (
        ("ivpipe.toml", MAIN),
        ("sources/ecluse.toml", SOURCE.format(port=port)),
        ("targets/site.toml", TARGET),
    ):
        path = home / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")


def _announce(site: HttpSite) -> None:
    items = "".join(
        f"<item><title>{title}</title><link>http://127.0.0.1:{site.port}/article-{number}</link>"
        f"<pubDate>{format_datetime(START - timedelta(days=number))}</pubDate></item>"
        for number, (title, *_) in TEXTS.items()
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>L’Écluse</title>'
        f"<link>http://127.0.0.1:{site.port}/</link><description>x</description>{items}</channel></rss>"
    ).encode()
    site.pages["/feed"] = lambda request: request.reply(200, body, Content_Type="application/rss+xml", ETag='"1"')
    picture = BytesIO()
    Image.new("RGB", (640, 400), "teal").save(picture, "JPEG")
    image = picture.getvalue()
    site.pages["/port.jpg"] = lambda request: request.reply(200, image, Content_Type="image/jpeg")


def _serve(site: HttpSite, number: int, more: str = "") -> None:
    title, *paragraphs = TEXTS[number]
    text = "".join(f"<p>{paragraph}</p>" for paragraph in [*paragraphs, *([more] if more else [])])
    body = (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title></head><body><main><article>'
        f'<h1>{title}</h1><p class="byline">Par Jeanne Morel</p><figure><img src="/port.jpg" alt="Une écluse">'
        f"<figcaption>L’écluse. Photo : L’Écluse</figcaption></figure>{text}</article></main></body></html>"
    ).encode()
    etag = f'"{zlib.crc32(body)}"'
    site.pages[f"/article-{number}"] = lambda request: request.reply(200, body, Content_Type="text/html", ETag=etag)
