"""A SPIP through the forms of its private area: nothing has to be installed there.

Every save is sent with SPIP's hidden fields (``session``) and read back (``article``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ivpipe.errors import PublishAuth
from ivpipe.masking import read_secret
from ivpipe.publishers.spip.article import Desk, FormArticle
from ivpipe.publishers.spip.content import FIELDS, SpipSettings
from ivpipe.publishers.spip.driver import NO_DATE, Article, Facts, File, Furnishing, Wanted, named_once
from ivpipe.publishers.spip.markup import plain_markup
from ivpipe.publishers.spip.session import Session


class FormsDriver:
    """See ``driver.Driver``; its articles are ``FormArticle``."""

    def __init__(self, settings: SpipSettings, *, subject: str) -> None:
        self.settings = settings
        self.subject = subject
        self._session: Session | None = None
        self._made: dict[str, Desk] = {}
        """The desk at which an article was just made: it has the page that answered."""

    @property
    def session(self) -> Session:
        """The session, opened when it is first used. Raises PublishAuth where there is no password."""
        if self._session is None:
            name = self.settings.password_env
            password = read_secret(name)
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

    @property
    def version(self) -> tuple[int, ...] | None:
        """By the header of its answers, or the foot of its private pages."""
        return self.session.version

    def facts(self) -> Facts:
        """By the forms that SPIP offers."""
        section = self.settings.section
        self.session.get("accueil")  # what refuses us here refuses the account, what does below the section
        try:
            shown = self.session.get("rubrique", id_rubrique=section)
            screen = self.session.get("article_edit", new="oui", id_rubrique=section)
        except PublishAuth:
            return Facts(self.version, self.settings.login, takes_articles=False, publishes=False)
        form = screen.form("editer_article")
        offered = bool(shown.links(rf"exec=article_edit&new=oui&id_rubrique=({section})\b"))
        takes = form is not None and offered
        return Facts(
            version=self.version,
            login=self.settings.login,
            takes_articles=takes,
            publishes=takes and self._may_change_section(section),
            hidden=[name for name in FIELDS if form is not None and name not in form.fields],
        )

    def _may_change_section(self, section: int) -> bool:
        """Only who may publish in a section is offered the form of the section itself."""
        try:
            return self.session.get("rubrique_edit", id_rubrique=section).form("editer_rubrique") is not None
        except PublishAuth:
            return False

    def read(self, number: str) -> Article | None:
        """The article, if this login may edit it."""
        return FormArticle.read(self.session, number)

    def all(self, key: str) -> list[Article]:
        """By SPIP's own search, verified."""
        found = sorted(self.session.search(key, "article"), key=int)
        articles = (FormArticle.read(self.session, number) for number in found)
        return [one for one in articles if one is not None and one.key is not None and one.key[0] == key]

    def create(self, key: str, sections: Sequence[int | str], fields: Mapping[str, str]) -> Article:
        """Of two publishers that make the same article, both look after they have made theirs, so at least one of them sees
        both: the older article counts, the other one goes."""
        desk = Desk(self.session)
        number = desk.create(self._section(sections), fields)
        made = self.all(key) or [desk.read(number)]
        if made[0].id != number:
            desk.status(number, "poubelle")
            desk.verify(number)
        self._made = {number: desk}
        return made[0]

    def attach(self, article: Article, file: File, about: Mapping[str, str]) -> str:
        """Through the editing page's form for documents."""
        return self._made.get(article.id, Desk(self.session)).document(article.id, file, about)

    def save(self, article: Article, wanted: Wanted) -> Article:
        """One form after another; SPIP's own guard refuses where others saved meanwhile."""
        article = cast(FormArticle, article)
        desk = self._made.pop(article.id, None) or Desk(self.session)
        if not article.holds_all(wanted.fields):
            desk.save(article, wanted.fields)
        if not article.is_("lang", wanted.lang) or (wanted.source and article.is_("id_trad", "0")):
            desk.language(article, wanted.lang, wanted.source)
        if wanted.furnishing is not None:
            self._furnish(desk, article, wanted.furnishing)
            desk.verify(article.id)  # before readers see it
        if wanted.status is not None:
            desk.status(article.id, wanted.status)
        # SPIP takes an earlier date only once the article is published.
        if wanted.date is not None and not (
            article.status == "publie" and article.is_("date", f"{wanted.date:%Y-%m-%d %H:%M}:00")
        ):
            desk.date(article.id, wanted.date)
        return desk.verify(article.id)

    def set_status(self, article: Article, status: str) -> None:
        """Through its own form, verified."""
        desk = Desk(self.session)
        desk.status(article.id, status)
        desk.verify(article.id)

    def close(self) -> None:
        """Close the connections; the session at the site ends by itself."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _section(self, sections: Sequence[int | str]) -> int:
        for one in sections:
            if number := one if isinstance(one, int) else self._named(one, "rubrique"):
                return int(number)
        return self.settings.section

    def _furnish(self, desk: Desk, article: Article, wanted: Furnishing) -> None:
        if wanted.earlier is not None and article.is_("date_redac", NO_DATE):
            desk.earlier_date(article.id, wanted.earlier)
        if wanted.logo is not None:
            desk.logo(article.id, wanted.logo)
        for word in wanted.keywords:
            number = self._named(word, "mot")
            if number is None and wanted.keyword_group is not None:
                number = desk.keyword(plain_markup(word), wanted.keyword_group)
            if number is not None:
                desk.link(article.id, "mot", number)
        for name in wanted.authors:
            if (number := self._named(name, "auteur")) is not None:
                desk.link(article.id, "auteur", number)
        if not wanted.signed:
            desk.take_account_off(article.id)

    def _named(self, name: str, kind: str) -> str | None:
        """The number of the keyword, author, section of just this name, where it is clear which."""
        return named_once(name, self.session.search(name, kind))
