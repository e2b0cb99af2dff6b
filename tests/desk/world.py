"""A small magazine with people, articles and drafts, on a real SQLite store: what the desk's tests walk through."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from ivpipe.model import (
    Actor,
    Article,
    Block,
    BlockType,
    Decision,
    Document,
    DocumentVersion,
    Draft,
    DraftSegment,
    Event,
    Image,
    LanguagePair,
    Note,
    Origin,
    Role,
    Snapshot,
    State,
    Translation,
    User,
)
from ivpipe.steps.issues import find_issues
from ivpipe.steps.people import add_user
from ivpipe.steps.review import record_event
from ivpipe.store import Store
from ivpipe.text.segments import split_document
from ivpipe.text.sentences import sentence_starts
from ivpipe.wiring import App, open_app

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PASSWORD = "a long password"

CONFIG = {
    "ivpipe.toml": """
[magazine]
name = "The Crossing"
url = "https://crossing.example"
languages = ["en"]
attribution = "Translated by {translator} of {magazine} from {partner}."
postscript = 'If you like what you read, <a href="https://crossing.example/give">give</a>.'
copyright = "© The Crossing"

[review]
four_eyes = true
hold_minutes = 60

[desk]
host = "127.0.0.1"
port = 20999
secure_cookies = false

[engines]
order = ["dummy"]
""",
    "sources/quai.toml": """
name = "Le Quai"
url = "https://quai.example/"
languages = ["fr"]
discovery = { kind = "feed", urls = ["https://quai.example/feed"] }
""",
    "targets/site.toml": """
type = "static_site"
base_url = "https://crossing.example/"
""",
}


def make_home(home: Path, **replaced: str) -> Path:
    """Write a project folder; ``replaced`` maps file names' stems to other contents."""
    for name, text in CONFIG.items():
        path = home / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(replaced.get(path.stem, text).lstrip(), encoding="utf-8")
    return home


def make_app(home: Path) -> App:
    """The pipeline of a project folder, its database made."""
    app = open_app(make_home(home), check=False)
    app.store.migrate()
    return app


def open_copy(opening: Path, home: Path) -> App:
    """The pipeline of a project folder copied to another place."""
    shutil.copytree(opening, home, dirs_exist_ok=True)
    return open_app(home)


PEOPLE = {
    "ana": ("Ana Ruiz", [Role.TRANSLATOR]),
    "tom": ("Tom Baker", [Role.TRANSLATOR]),
    "eva": ("Eva Lind", [Role.EDITOR]),
    "max": ("Max Roy", [Role.TRANSLATOR, Role.EDITOR]),
    "ops": ("Olga Petrov", [Role.OPERATOR]),
}


def add_people(store: Store) -> dict[str, int]:
    """Everybody of ``PEOPLE``, all with ``PASSWORD``."""
    return {name: add_user(store, name, shown, PASSWORD, roles, NOW) for name, (shown, roles) in PEOPLE.items()}


def people_of(store: Store) -> dict[str, int]:
    """Everybody's id by name."""
    with store.read() as session:
        return {user.name: user.id for user in session.scalars(select(User))}


def actor(store: Store, name: str) -> Actor:
    """A person as the steps see them."""
    with store.read() as session:
        return session.scalars(select(User).where(User.name == name)).one().actor


def strike() -> Document:
    """An article with every kind of part: the harbour strike."""
    paragraph = BlockType.PARAGRAPH
    return Document(
        url="https://quai.example/articles/greve",
        canonical_url="https://quai.example/articles/greve",
        lang="fr",
        title="Au Havre, la grève qui ne finit pas",
        kicker="Reportage",
        standfirst="Depuis neuf semaines, les dockers occupent le quai <em>de l’Escaut</em>. La ville retient son souffle.",
        authors=("Jeanne Morel",),
        published="2026-02-27",
        lead_image=0,
        blocks=(
            Block(
                paragraph,
                "Il est six heures quand le premier brasero s’allume. "
                'Les hommes de l’équipe de nuit parlent peu ; ceux du matin apportent <a href="https://quai.example/pain">'
                'du pain et <em>La Vigie</em></a>.<sup class="note-ref" data-note="1">1</sup>',
            ),
            Block(BlockType.HEADING, "Un port sans bruit", level=2),
            Block(
                paragraph,
                "On n’entend plus les grues. On entend la mer, et <strong>c’est presque pire</strong>, dit "
                "Marc, grutier depuis vingt-trois ans.",
            ),
            Block(BlockType.QUOTE, "Nous ne demandons pas la lune. Nous demandons 180 euros.", quoted=True),
            Block(BlockType.HEADING, "Ce que demande l’intersyndicale", level=3),
            Block(BlockType.LIST_ITEM, "une prime de nuit ;", level=1),
            Block(BlockType.LIST_ITEM, "la fin des contrats de <em>vingt-quatre</em> heures ;", level=1),
            Block(BlockType.LIST_ITEM, "un médecin à demeure.", level=1),
            Block(BlockType.FIGURE, "Le quai de l’Escaut, un matin de février.", image=1),
            Block(
                BlockType.TABLE,
                "<table><tr><th>Semaine</th><th>Navires</th></tr><tr><td>Première</td><td>14</td></tr>"
                "<tr><td>Neuvième</td><td>2</td></tr></table>",
            ),
            Block(BlockType.RULE),
            Block(paragraph, "La direction, sollicitée, n’a pas répondu.<br>Nous publierons sa réponse."),
            Block(paragraph, "Jeanne Morel", role="signature"),
        ),
        notes=(Note("1", "<em>La Vigie</em>, journal du port, paraît depuis 1911."),),
        images=(
            Image(
                "https://quai.example/img/port.jpg", "Des grues dans la brume", "Le port à l’aube.", "Photo : I. Petit"
            ),
            Image("https://quai.example/img/quai.jpg", "Trois hommes autour d’un feu", "", "Photo : I. Petit"),
        ),
        extractor="test",
        warnings=("the standfirst was found generically",),
    )


ENGLISH = {
    "title": ["In Le Havre, the strike that will not end"],
    "kicker": ["Report"],
    "standfirst": [
        "For nine weeks the dockers have occupied the <1>Escaut</1> quay.",
        "The town is holding its breath.",
    ],
    "block:0": [
        "It is six o’clock when the first brazier is lit.",
        "The men of the night shift say little; those of the morning bring <1>bread and <2>La Vigie</2></1>.<3/>",
    ],
    "block:1": ["A port without noise"],
    "block:2": [
        "The cranes are silent.",
        "What you hear is the sea, and <1>that is almost worse</1>, says Marc, a crane driver for 23 years.",
    ],
    "block:3": ["We are not asking for the moon.", "We are asking for 180 euros."],
    "block:4": ["What the joint union asks for"],
    "block:5": ["a night bonus;"],
    "block:6": ["an end to contracts of <1>twenty-four</1> hours;"],
    "block:7": ["a doctor on site."],
}


def add_article(
    store: Store, document: Document, *, decision: Decision = Decision.UNDECIDED, now: datetime = NOW
) -> int:
    """An article that has been fetched and read."""
    with store.write() as session:
        article = Article(
            source_slug="quai",
            url=document.url,
            lang=document.lang,
            title=document.title.replace("<em>", "").replace("</em>", ""),
            summary=document.standfirst,
            published_at=now - timedelta(days=2),
            discovered_at=now - timedelta(hours=5),
            decision=decision,
        )
        session.add(article)
        session.flush()
        snapshot = Snapshot(
            article_id=article.id,
            url=document.url,
            status=200,
            headers={},
            body=b"",
            sha256="0" * 64,
            fetched_at=now,
        )
        session.add(snapshot)
        session.flush()
        version = DocumentVersion(
            article_id=article.id,
            snapshot_id=snapshot.id,
            number=1,
            content_hash=document.content_hash(),
            content=document,
            created_at=now,
        )
        session.add(version)
        session.flush()
        article.document_id = version.id
        return article.id


def add_draft(
    store: Store, document: Document, targets: dict[str, list[str]] | None = None, *, now: datetime = NOW
) -> int:
    """A drafted translation; ``targets`` by part, where it has none the engine's is the source marked "[en] "."""
    article_id = add_article(store, document, decision=Decision.SELECTED, now=now)
    texts = {part: list(pieces) for part, pieces in (targets or {}).items()}
    with store.write() as session:
        article = session.get_one(Article, article_id)
        translation = Translation(
            article_id=article_id,
            lang="en",
            state=State.PENDING,
            document_id=article.document_id,
            revision=1,
            created_at=now,
            changed_at=now,
        )
        session.add(translation)
        session.flush()
        rows = []
        for position, segment in enumerate(split_document(document, sentence_starts)):
            given = texts.get(segment.part)
            row = DraftSegment(
                position=position,
                part=segment.part,
                kind=segment.kind,
                source=segment.source,
                tags=[list(tag) for tag in segment.tags],
                gap=segment.gap,
                key=segment.key,
                target=given.pop(0) if given else f"[en] {segment.source}",
                origin=Origin.ENGINE,
                engine="dummy",
                version=0,
            )
            row.issues = find_issues(row, LanguagePair("fr", "en"))
            rows.append(row)
        session.add(
            Draft(
                translation_id=translation.id,
                number=1,
                document_id=article.document_id,
                engine="dummy",
                created_at=now,
                segments=rows,
            )
        )
        record_event(session, translation, Event.DRAFT, Actor(), now)
        return translation.id


def segments_of(store: Store, translation_id: int) -> list[DraftSegment]:
    """The newest draft's segments, in order."""
    with store.read() as session:
        translation = session.get_one(Translation, translation_id)
        draft = session.scalars(
            select(Draft).where(Draft.translation_id == translation_id, Draft.number == translation.revision)
        ).one()
        segments = list(draft.segments)
        for segment in segments:
            _ = segment.issues  # loaded while the session is open
        return segments
