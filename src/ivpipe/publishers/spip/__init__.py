"""Publishing in a SPIP 4 site.

An article of ours carries our key and the revision in an HTML comment at the end of its text, which readers do not see.
It is found by our ledger, else by that key, and always verified. A new one is made as a draft that readers do not see;
language, dates, pictures, keywords, authors and logo follow; the status comes last. Once readers see it, an update
sends the text, the language and new pictures only: section, keywords, authors, dates and logo are then SPIP's own
people's to change. Every save is read back, and refused where people changed the article since we last saved it.

The site is reached by one of two drivers (``driver``): through the forms its people use, with nothing to install there,
or through one PHP file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from ivpipe.errors import IvpipeError, PublishError, RemoteConflict
from ivpipe.model import Magazine
from ivpipe.model.page import Page, Picture
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.spip.checking import findings, version_problem
from ivpipe.publishers.spip.content import (
    KEY,
    SpipSettings,
    article_fields,
    fingerprint,
    plain_lines,
    spip_lang,
)
from ivpipe.publishers.spip.driver import Article, Driver, File, Furnishing, Wanted, tidy
from ivpipe.publishers.spip.file_driver import FileDriver
from ivpipe.publishers.spip.forms_driver import FormsDriver
from ivpipe.publishers.spip.markup import plain_markup, title_markup
from ivpipe.text.html_writer import inline_html

_SHOWN = ("prop", "publie")
_NOW_SECONDS = 600
_ARTICLE = re.compile(r"[?/]article(\d+)\b|[?&]id_article=(\d+)\b")
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


class Spip:
    """A SPIP site as a target; see ``publishers.Publisher``."""

    Settings: ClassVar[type[BaseModel]] = SpipSettings

    def __init__(self, settings: SpipSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        self.settings = settings
        self.subject = f"target {slug}"
        driver = FormsDriver if settings.driver == "forms" else FileDriver
        self.driver: Driver = driver(settings, subject=self.subject)

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The article with our key, proposed or published."""
        article = self._find(self._checked(key), known)
        if article is None or article.status not in _SHOWN:
            return None
        return self._ref(article)

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Make SPIP hold this page as one article, whole; see ``Publisher.upsert``."""
        if page.key != self._checked(key):
            raise PublishError(f"the page's own key is {page.key!r}", subject=f"{self.subject}, page {key}")
        article = self._find(key, known)
        self._refuse_unknown_version()
        if article is None:
            article = self.driver.create(key, self._sections(page), article_fields(page, self.settings, {}))
        self._refuse_conflict(article, article_fields(page, self.settings, self._attached(article, page)), known)
        fields = article_fields(page, self.settings, self._attach(article, page))
        shown, wanted = article.status in _SHOWN, self.settings.status
        saved = self.driver.save(
            article,
            Wanted(
                fields=fields,
                lang=spip_lang(page.lang),
                source=self._source(page),
                furnishing=None if shown else self._furnishing(page),
                status=wanted if not shown or (wanted, article.status) == ("publie", "prop") else None,
                date=self._date(page) if wanted == "publie" and (known is None or not shown) else None,
            ),
        )
        return self._ref(saved)

    def withdraw(self, ref: RemoteRef) -> None:
        """Make the article what ``withdrawn`` says, which readers do not see."""
        article = self.driver.read(ref.id) if ref.id.isdigit() else None
        if article is not None and article.key is not None and article.status in _SHOWN:
            self.driver.set_status(article, self.settings.withdrawn)

    def check(self) -> list[Finding]:
        """Login, version, section, fields and rights."""
        try:
            return findings(self.driver.facts(), self.settings)
        except IvpipeError as error:
            return [Finding("error", error.message, error.advice)]

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """Field by field, in SPIP's markup with its entities as characters."""
        article = self._find(self._checked(key), known)
        there = article.fields if article is not None and article.status in _SHOWN else {}
        wanted = article_fields(page, self.settings, self._attached(article, page) if article is not None else {})
        return text_difference(plain_lines(there), plain_lines({name: tidy(text) for name, text in wanted.items()}))

    def close(self) -> None:
        """Close the connections."""
        self.driver.close()

    @staticmethod
    def _checked(key: str) -> str:
        if not KEY.fullmatch(key):
            raise PublishError(f"{key[:100]!r} is no key for a page")
        return key

    def _refuse_unknown_version(self) -> None:
        if (problem := version_problem(self.driver.version)) is not None:
            raise PublishError(problem.what, subject=self.subject, advice=problem.advice)

    def _find(self, key: str, known: RemoteRef | None) -> Article | None:
        """The article of a key, whatever its status: the ledger's, where it is (still) marked as ours, else the oldest
        with our key. One whose mark people took out is still the ledger's: it will be seen to have changed."""
        if known is not None and known.id.isdigit():
            article = self.driver.read(known.id)
            if article is not None and (article.key is None or article.key[0] == key):
                return article
        return next(iter(self.driver.all(key)), None)

    def _sections(self, page: Page) -> list[int | str]:
        """Where a new article goes: the section of its edition, of its section, or the usual one. What ``sections`` does not
        name may be the title of a section in SPIP."""
        names = filter(None, (page.edition, page.section))
        return [*(self.settings.sections.get(name, name) for name in names), self.settings.section]

    def _refuse_conflict(self, article: Article, wanted: Mapping[str, str], known: RemoteRef | None) -> None:
        """Raise RemoteConflict where people changed the article or took it away, unless an editor has seen just that. No
        conflict is an article that holds what we are about to send: a save of ours that was cut off."""
        there = known if known is not None and known.id == article.id else None
        if there is not None and there.fingerprint == _fingerprint(article):
            return
        refused = article.status in ("refuse", "poubelle") and article.status != self.settings.withdrawn
        if there is not None and there.fingerprint:
            taken = refused or (there.revision is not None and article.status not in _SHOWN)
            same = there.fingerprint == fingerprint(article.fields)
            changed = not same and not article.holds_all(wanted)
        else:
            taken, changed = refused, False
        if taken or changed:
            done = f"made {article.status!r}" if taken else "changed"
            raise RemoteConflict(
                f"article {article.id} was {done} in SPIP since we saved it",
                theirs=plain_lines(article.fields | {"statut": article.status}),
                ours=plain_lines({**wanted, "statut": self.settings.status}),
                url=urljoin(self.settings.url, f"ecrire/?exec=article&id_article={article.id}"),
                fingerprint=_fingerprint(article),
                subject=self.subject,
            )

    def _ref(self, article: Article) -> RemoteRef:
        address = urljoin(self.settings.url, f"spip.php?article{article.id}")
        return RemoteRef(article.id, address, article.key[1] if article.key else None, _fingerprint(article))

    def _pictures(self, page: Page) -> list[Picture]:
        """The pictures that stand in the text; the leading one may be the article's logo instead."""
        images = page.document.images
        shown = {images[block.image].src for block in page.document.blocks if block.image is not None}
        return [one for one in page.pictures if one.src in shown or (one.lead and not self.settings.logo)]

    def _attached(self, article: Article, page: Page) -> dict[str, str]:
        """Source address → SPIP's document, of those pictures that the article has already."""
        found = ((one.src, article.documents.get(_file_name(one), "")) for one in self._pictures(page))
        return {src: number for src, number in found if number}

    def _attach(self, article: Article, page: Page) -> dict[str, str]:
        """Attach the pictures that are missing, with title, credit and text for who cannot see them."""
        attached = self._attached(article, page)
        for one in self._pictures(page):
            if one.src not in attached:
                about = {
                    "titre": title_markup(inline_html(one.caption_html)),
                    "credits": title_markup(inline_html(one.credit_html)),
                    "alt": plain_markup(one.alt),
                }
                attached[one.src] = self.driver.attach(article, _file(one), about)
        return attached

    def _source(self, page: Page) -> str:
        """The number of the article that ours is a translation of, where it stands on the same site."""
        if page.original_url.startswith(self.settings.url) and (match := _ARTICLE.search(page.original_url)):
            return match[1] or match[2]
        return next((one.remote_id for one in page.siblings if one.remote_id.isdigit()), "")

    def _furnishing(self, page: Page) -> Furnishing:
        settings = self.settings
        return Furnishing(
            earlier=_moment(page.original_published) if settings.earlier_date else None,
            logo=_file(page.lead) if settings.logo and page.lead is not None else None,
            keywords=page.keywords if settings.keywords != "none" else (),
            keyword_group=settings.keyword_group if settings.keywords == "create" else None,
            authors=page.byline if settings.authors != "none" else (),
            signed=settings.signed,
        )

    def _date(self, page: Page) -> datetime | None:
        """The date of publication in the site's time, where it is another than now: the article was published before, or by
        a date chosen."""
        moment = page.published_at
        if abs((datetime.now(moment.tzinfo) - moment).total_seconds()) <= _NOW_SECONDS:
            return None
        return moment.astimezone(ZoneInfo(self.settings.timezone))


def _fingerprint(article: Article) -> str:
    """Of its fields, and of its status where readers do not see it."""
    return fingerprint(article.fields | ({} if article.status in _SHOWN else {"statut": article.status}))


def _file_name(picture: Picture) -> str:
    return f"ivpipe-{picture.sha256[:16]}.{_SUFFIX.get(picture.media_type, 'jpg')}"


def _file(picture: Picture) -> File:
    return _file_name(picture), picture.file.read_bytes(), picture.media_type


def _moment(date: str) -> datetime | None:
    """The local date and time of an ISO date, as the original prints it."""
    try:
        return datetime.fromisoformat(date)
    except ValueError:
        return None
