"""Making rows for tests: articles with documents, users, engines and publishers that behave."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from ivpipe.engines import Capabilities, EngineOptions, EngineResult, EngineText, Usage
from ivpipe.errors import EngineError, EngineTransient, PublishError, RemoteConflict
from ivpipe.model import (
    Article,
    Block,
    BlockType,
    Decision,
    Document,
    DocumentVersion,
    LanguagePair,
    Note,
    Page,
    Snapshot,
    User,
)
from ivpipe.model.lifecycle import Actor, Role
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.steps.triage import add_translations
from ivpipe.store import Store

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)

HARBOUR = Document(
    url="https://semaine.example/port",
    canonical_url="https://semaine.example/port",
    lang="fr",
    kicker="Ports",
    title="Au port, la grève tient",
    standfirst="Trois semaines après le début du mouvement, les dockers ne cèdent pas.",
    authors=("Claire Morvan",),
    published="2026-06-12T08:00:00+02:00",
    blocks=(
        Block(
            BlockType.PARAGRAPH,
            'Il pleut sur <em>les quais</em>. Personne ne travaille.<sup class="note-ref" data-note="1">1</sup>',
        ),
        Block(BlockType.HEADING, "Une caisse de solidarité", 2),
        Block(
            BlockType.PARAGRAPH,
            'On lit <a href="https://semaine.example/appel">l’appel</a> du 12 juin. On tient.',
        ),
        Block(BlockType.PARAGRAPH, "On tient."),
    ),
    notes=(Note("1", "Selon le comité de grève."),),
)

PAGE = Page(
    key="ivpipe-7-en",
    slug="the-strike-holds",
    lang="en",
    revision=1,
    document=Document(
        url="https://semaine.example/port",
        title="The strike holds",
        lang="en",
        kicker="Ports",
        standfirst="Three weeks in.",
        blocks=(Block(BlockType.PARAGRAPH, 'It rains.<sup class="note-ref" data-note="1">1</sup>'),),
        notes=(Note("1", "The committee."),),
    ),
    byline=("Claire Morvan",),
    translator="",
    attribution_html="Translated by <strong>The Ferry</strong> from <strong>La Semaine</strong>.",
    postscript_html="",
    copyright="© The Ferry",
    licence="",
    magazine="The Ferry",
    partner="La Semaine",
    partner_url="https://semaine.example/",
    original_url="https://semaine.example/port",
    original_lang="fr",
    original_title="La grève tient",
    original_published="2026-06-12",
    published_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
    updated_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
)


def add_article(
    store: Store, document: Document = HARBOUR, *, selected: bool = True, languages: Sequence[str] = ("en",)
) -> int:
    """An article with its snapshot and document; selected, it has its pending translations. Returns its id."""
    with store.write() as session:
        article = Article(
            source_slug="semaine",
            url=document.url,
            lang=document.lang,
            title=document.title,
            discovered_at=NOW,
            decision=Decision.SELECTED if selected else Decision.UNDECIDED,
        )
        session.add(article)
        session.flush()
        add_document(session, article, document)
        if selected:
            add_translations(session, article, languages, NOW)
        return article.id


def add_document(session: Session, article: Article, document: Document) -> None:
    """Give an article its next document version."""
    snapshot = Snapshot(
        article_id=article.id,
        url=article.url,
        status=200,
        headers={},
        body=zlib.compress(b"<html>"),
        sha256="0" * 64,
        fetched_at=NOW,
    )
    session.add(snapshot)
    session.flush()
    version = DocumentVersion(
        article_id=article.id,
        snapshot_id=snapshot.id,
        number=(article.document.number + 1) if article.document_id and article.document else 1,
        content_hash=document.content_hash(),
        content=document,
        created_at=NOW,
    )
    session.add(version)
    session.flush()
    article.document_id = version.id
    session.flush()
    session.refresh(article)


def add_person(store: Store, name: str, *roles: Role) -> Actor:
    """A user with roles, as an actor; their password hash matches nothing."""
    with store.write() as session:
        user = User(
            name=name,
            display_name=name.title(),
            password_hash="!",
            roles=[role.value for role in roles],
            created_at=NOW,
        )
        session.add(user)
        session.flush()
        return user.actor


class RecordingEngine:
    """An engine that upper-cases, remembers what it was sent, and can be told to fail or to misbehave."""

    name: ClassVar[str] = "recording"
    Settings: ClassVar[type[BaseModel]] = BaseModel

    def __init__(self, *, unusable: str | None = None, max_texts: int = 3, name: str = "recording") -> None:
        self.name = name  # type: ignore[misc]  # two of a kind in one test
        self.unusable = unusable
        self.max_texts = max_texts
        self.sent: list[str] = []
        self.fail_after: int | None = None
        self.answers: list[str] | None = None
        self.setting = ""
        self.failure: EngineError = EngineTransient("the line is dead")
        self.refused: dict[str, EngineError] = {}
        self.spoiling: dict[str, EngineError] = {}
        """Texts for which it refuses the whole batch."""

    def problem(self, pair: LanguagePair) -> str | None:
        return self.unusable

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        if self.fail_after is not None and len(self.sent) >= self.fail_after:
            raise self.failure
        for segment in segments:
            if segment.tagged in self.spoiling:
                raise self.spoiling[segment.tagged]
        self.sent.extend(segment.tagged for segment in segments)
        if self.answers is not None:
            return [EngineResult(answer, 1) for answer in self.answers]
        return [
            EngineResult("", error=self.refused[segment.tagged])
            if segment.tagged in self.refused
            else EngineResult(segment.tagged.upper(), len(segment.tagged))
            for segment in segments
        ]

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        return self.setting

    def capabilities(self) -> Capabilities:
        return Capabilities(markup=True, context=True, max_texts=self.max_texts, max_bytes=100_000, bills=True)

    def usage(self) -> Usage | None:
        return None

    def close(self) -> None:
        pass


class Died(BaseException):
    """The process ends here: nothing after it runs."""


class MemoryPublisher:
    """A target in memory, which people may write to as well (``pages``: key → page as readers see it).

    ``failure`` makes every call raise it, ``die_after_save`` lets a save happen and then ends the process.
    """

    Settings: ClassVar[type[BaseModel]] = BaseModel

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.saves = 0
        self.failure: PublishError | None = None
        self.die_after_save = False

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        page = self.pages.get(key)
        return self._ref(key, page) if page else None

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        if self.failure:
            raise self.failure
        there = self.pages.get(key)
        ours = {known.fingerprint if known else "", page.document.content_hash()}
        if there and known and known.fingerprint and there.document.content_hash() not in ours:
            raise RemoteConflict(
                "it was changed on the site",
                theirs=there.document.title,
                ours=page.document.title,
                url=self._ref(key, there).url,
                fingerprint=self._ref(key, there).fingerprint,
            )
        self.pages[key] = page
        self.saves += 1
        if self.die_after_save:
            raise Died
        return self._ref(key, page)

    def withdraw(self, ref: RemoteRef) -> None:
        if self.failure:
            raise self.failure
        self.pages.pop(ref.id, None)

    def check(self) -> list[Finding]:
        return [Finding("ok", "memory")]

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        there = self.pages.get(key)
        return text_difference(there.document.title if there else "", page.document.title)

    def close(self) -> None:
        pass

    def _ref(self, key: str, page: Page) -> RemoteRef:
        return RemoteRef(key, f"https://site.example/{page.slug}", page.revision, page.document.content_hash())
