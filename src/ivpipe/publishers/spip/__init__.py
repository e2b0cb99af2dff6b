"""Publishing in a SPIP 4 site through the forms of its private area: nothing has to be installed there.

An article of ours carries our key and the revision in an HTML comment at the end of its text, which readers do not see.
It is found by our ledger, else by SPIP's own search for that key, and always verified. A new one is made as a draft that
readers do not see; language, dates, pictures, keywords, authors and logo follow; the status comes last. Once readers
see it, an update sends the text, the language and new pictures only: section, keywords, authors, dates and logo are
then SPIP's own people's to change.

What every save must survive: it is sent with SPIP's hidden fields (``session``), read back (``article``), and refused
where people changed the article since we last saved it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from ivpipe.errors import IvpipeError, PublishAuth, PublishError, RemoteConflict
from ivpipe.model import Magazine
from ivpipe.model.page import Page, Picture
from ivpipe.publishers import Finding, RemoteRef, text_difference
from ivpipe.publishers.spip.article import NO_DATE, Article, Desk, documents, tidy
from ivpipe.publishers.spip.checking import findings, version_problem
from ivpipe.publishers.spip.content import (
    FIELDS,
    KEY,
    SpipSettings,
    article_fields,
    fingerprint,
    plain_lines,
    spip_lang,
)
from ivpipe.publishers.spip.markup import plain_markup, title_markup
from ivpipe.publishers.spip.session import File, Session
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
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The session, opened when it is first used. Raises PublishAuth where there is no password."""
        if self._session is None:
            name = self.settings.password_env
            password = os.environ.get(name, "")
            if not password:
                raise PublishAuth(
                    f"there is no password for {self.settings.login!r}",
                    subject=self.subject,
                    advice=f"put it into the environment variable {name}",
                )
            self._session = Session(
                self.settings.url,
                self.settings.login,
                password,
                timeout=self.settings.timeout_seconds,
                subject=self.subject,
            )
        return self._session

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
        desk = Desk(self.session)
        if article is None:
            article = self._create(desk, key, page)
        wanted = article_fields(page, self.settings, self._attached(article, page))
        self._refuse_conflict(article, wanted, known)
        wanted = article_fields(page, self.settings, self._attach(desk, article, page))
        if not all(article.holds(name, wanted[name]) for name in FIELDS):
            desk.save(article, wanted)
        lang, source = spip_lang(page.lang), self._source(page)
        if not article.is_("lang", lang) or (source and article.is_("id_trad", "0")):
            desk.language(article, lang, source)
        if article.status not in _SHOWN:
            self._furnish(desk, article, page)
            desk.verify(article.id)  # before readers see it
            desk.status(article.id, self.settings.status)
        elif (self.settings.status, article.status) == ("publie", "prop"):
            desk.status(article.id, "publie")
        if self.settings.status == "publie" and (known is None or article.status not in _SHOWN):
            self._date(desk, article, page.published_at)
        return self._ref(desk.verify(article.id))

    def withdraw(self, ref: RemoteRef) -> None:
        """Make the article what ``withdrawn`` says, which readers do not see."""
        article = Article.read(self.session, ref.id) if ref.id.isdigit() else None
        if article is not None and article.key is not None and article.status in _SHOWN:
            desk = Desk(self.session)
            desk.status(article.id, self.settings.withdrawn)
            desk.verify(article.id)

    def check(self) -> list[Finding]:
        """Login, version, section, forms and rights."""
        try:
            return findings(self.session, self.settings)
        except IvpipeError as error:
            return [Finding("error", error.message, error.advice)]

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """Field by field, in SPIP's markup with its entities as characters."""
        article = self._find(self._checked(key), known)
        there = article.fields if article is not None and article.status in _SHOWN else {}
        wanted = article_fields(page, self.settings, self._attached(article, page) if article is not None else {})
        return text_difference(plain_lines(there), plain_lines({name: tidy(text) for name, text in wanted.items()}))

    def close(self) -> None:
        """Close the connections; the session at the site ends by itself."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @staticmethod
    def _checked(key: str) -> str:
        if not KEY.fullmatch(key):
            raise PublishError(f"{key[:100]!r} is no key for a page")
        return key

    def _refuse_unknown_version(self) -> None:
        if (problem := version_problem(self.session)) is not None:
            raise PublishError(problem.what, subject=self.subject, advice=problem.advice)

    def _find(self, key: str, known: RemoteRef | None) -> Article | None:
        """The article of a key, whatever its status: the ledger's, where it is (still) marked as ours, else the oldest
        that SPIP finds. One whose mark people took out is still the ledger's: it will be seen to have changed."""
        if known is not None and known.id.isdigit():
            article = Article.read(self.session, known.id)
            if article is not None and (article.key is None or article.key[0] == key):
                return article
        return next(iter(self._all(key)), None)

    def _all(self, key: str) -> list[Article]:
        """All articles with our key, the oldest first."""
        found = sorted(self.session.search(key, "article"), key=int)
        articles = (Article.read(self.session, number) for number in found)
        return [one for one in articles if one is not None and one.key is not None and one.key[0] == key]

    def _create(self, desk: Desk, key: str, page: Page) -> Article:
        """A new article, unless another publisher makes the same one at this moment: then the older one counts, and
        ours goes. Both look after they have made theirs, so at least one of them sees both."""
        number = desk.create(self._section(page), article_fields(page, self.settings, {}))
        made = self._all(key) or [desk.read(number)]
        if made[0].id != number:
            desk.status(number, "poubelle")
            desk.verify(number)
        return made[0]

    def _section(self, page: Page) -> int:
        """The number of SPIP's section for a new article: that of its edition, of its section, or the usual one. What
        ``sections`` does not name may be the title of a section in SPIP."""
        for name in filter(None, (page.edition, page.section)):
            if number := self.settings.sections.get(name) or self._named(name, "rubrique"):
                return int(number)
        return self.settings.section

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
            changed = not same and not all(article.holds(name, wanted[name]) for name in FIELDS)
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
        there = documents(article.screen)
        found = ((one.src, there.get(_file_name(one), "")) for one in self._pictures(page))
        return {src: number for src, number in found if number}

    def _attach(self, desk: Desk, article: Article, page: Page) -> dict[str, str]:
        """Attach the pictures that are missing, with title, credit and text for who cannot see them."""
        attached = self._attached(article, page)
        for one in self._pictures(page):
            if one.src not in attached:
                about = {
                    "titre": title_markup(inline_html(one.caption_html)),
                    "credits": title_markup(inline_html(one.credit_html)),
                    "alt": plain_markup(one.alt),
                }
                attached[one.src] = desk.document(article.id, _file(one), about)
        return attached

    def _source(self, page: Page) -> str:
        """The number of the article that ours is a translation of, where it stands on the same site."""
        if page.original_url.startswith(self.settings.url) and (match := _ARTICLE.search(page.original_url)):
            return match[1] or match[2]
        return next((one.remote_id for one in page.siblings if one.remote_id.isdigit()), "")

    def _furnish(self, desk: Desk, article: Article, page: Page) -> None:
        """What a new article gets beside its text: the date of the original, logo, keywords, authors."""
        moment = _moment(page.original_published)
        if self.settings.earlier_date and moment is not None and article.is_("date_redac", NO_DATE):
            desk.earlier_date(article.id, moment)
        if self.settings.logo and page.lead is not None:
            desk.logo(article.id, _file(page.lead))
        if self.settings.keywords != "none":
            for word in page.keywords:
                number = self._named(word, "mot")
                if number is None and self.settings.keywords == "create":
                    number = desk.keyword(plain_markup(word), self.settings.keyword_group)
                if number is not None:
                    desk.link(article.id, "mot", number)
        if self.settings.authors != "none":
            for name in page.byline:
                if (number := self._named(name, "auteur")) is not None:
                    desk.link(article.id, "auteur", number)
        if not self.settings.signed:
            desk.take_account_off(article.id)

    def _named(self, name: str, kind: str) -> str | None:
        """The number of the keyword, author, section of just this name; None where there is none, or it is not clear which."""
        wanted = " ".join(name.split()).casefold()
        found = [number for number, title in self.session.search(name, kind).items() if title.casefold() == wanted]
        return found[0] if len(found) == 1 else None

    def _date(self, desk: Desk, article: Article, published_at: datetime) -> None:
        """The date of publication, where it is another than now: the article was published before, or by a date chosen.
        SPIP takes an earlier one only once the article is published, so a publication may have been cut off before it."""
        if abs((datetime.now(published_at.tzinfo) - published_at).total_seconds()) > _NOW_SECONDS:
            moment = published_at.astimezone(ZoneInfo(self.settings.timezone))
            if article.status != "publie" or not article.is_("date", f"{moment:%Y-%m-%d %H:%M}:00"):
                desk.date(article.id, moment)


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
