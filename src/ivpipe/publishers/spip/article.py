"""One article in SPIP's private area: reading it, and saving one thing of it after another, each save verified."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar

from lxml.html import FormElement

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.publishers.spip.content import FIELDS
from ivpipe.publishers.spip.driver import Article, File, file_name, tidy
from ivpipe.publishers.spip.session import Screen, Session, SessionLost

_T = TypeVar("_T")
_DATE = "the date of publication"


class FormArticle(Article):
    """An article as its editing form shows it. Values that are none of ``FIELDS``, and those of fields that the site's
    configuration hides, SPIP tells as MD5 hashes only (its guard against two people saving at once): they can be
    compared but not read."""

    def __init__(self, identifier: str, screen: Screen, form: FormElement) -> None:
        self.screen = screen
        values = dict(form.form_values())
        self._hashes = {name.removeprefix("ctr_"): value for name, value in values.items() if name.startswith("ctr_")}
        fields = {
            name: values[name] or "" if name in values else f"md5:{self._hashes.get(name, '')}" for name in FIELDS
        }
        super().__init__(identifier, fields, documents(screen))

    @classmethod
    def read(cls, session: Session, identifier: str) -> FormArticle | None:
        """The article with this number; None where there is none that this login may edit."""
        screen = session.get("article_edit", id_article=identifier)
        form = screen.form("editer_article")
        if form is None or form.fields.get("id_article") != identifier:
            return None
        return cls(identifier, screen, form)

    def is_(self, name: str, value: str) -> bool:
        """Whether a value of the article that is only known as a hash is this one."""
        return self._hashes.get(name) == hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()

    def holds(self, name: str, value: str) -> bool:
        """Whether one of ``FIELDS`` has this value."""
        if self.fields[name].startswith("md5:"):
            return self.is_(name, tidy(value))
        return super().holds(name, value)


def again_if_lost(act: Callable[[], _T]) -> _T:
    """Do it; where the session ends in the middle, once more from its beginning."""
    try:
        return act()
    except SessionLost:
        return act()


class Desk:
    """What can be done to articles, each a form of SPIP's. Everything raises PublishError where SPIP ignored it: a wrong
    signature, say, is answered with 200 and saves nothing.

    The page that answers a form holds the article's other forms, fresh: the next step goes on from it. What steps did
    to values that only the editing form tells is looked at together, by ``verify``.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._shown: dict[str, Screen] = {}
        self._expected: list[tuple[str, Callable[[Article], bool]]] = []

    def create(self, section: int, values: Mapping[str, str]) -> str:
        """Make an article, which readers do not see yet; return its number."""

        def act() -> str:
            screen = self.session.get("article_edit", new="oui", id_rubrique=section)
            answer = self.session.send(screen, "editer_article", {**values, "id_parent": str(section), "save": "1"})
            match = re.search(r"exec=article&id_article=(\d+)", answer.url)
            if match is None:
                raise self._ignored("the new article", answer)
            self._shown[match[1]] = answer
            return match[1]

        return again_if_lost(act)

    def save(self, article: FormArticle, values: Mapping[str, str]) -> None:
        """Save an article's fields, unless others saved since it was read: SPIP's own guard then refuses."""

        def act(there: FormArticle) -> None:
            answer = self.session.send(there.screen, "editer_article", {**values, "save": "1"})
            if answer.form("editer_article") is not None and answer.tree.xpath("//textarea[@readonly]"):
                raise self._changing(article)
            self._shown[article.id] = answer

        try:
            act(article)
        except SessionLost:
            there = self.read(article.id)
            if there.fields != article.fields and not there.holds_all(values):
                raise self._changing(article) from None
            act(there)
        for name in FIELDS:
            self._expect(f"the field {name}", partial(Article.holds, name=name, value=values[name]))

    def language(self, article: Article, lang: str, source: str = "") -> None:
        """Set an article's language, and the article it is a translation of. A site that keeps no translations together has
        no form for it; raises PublishError where the language is another then."""
        if not self._offers(article.id, "traduire"):
            if article.is_("lang", lang):
                return
            raise PublishError(
                f"SPIP does not let article {article.id} have the language {lang!r}",
                subject=self.session.subject,
                advice="let articles have languages in SPIP's configuration, or give the target the languages it has",
            )
        self._change(
            article.id,
            "traduire",
            {"changer_lang": lang, "id_trad": source, "id_article": article.id},
            lambda there: there.is_("lang", lang) and (not source or not there.is_("id_trad", "0")),
            f"the language {lang}",
        )

    def earlier_date(self, identifier: str, moment: datetime) -> None:
        """Set the date of an earlier publication (in the site's time), where the site has such dates."""
        if not self._offers(identifier, "dater", "date_redac_jour"):
            return
        self._change(
            identifier,
            "dater",
            {"date_redac_jour": f"{moment:%d/%m/%Y}", "date_redac_heure": f"{moment:%H:%M}"},
            lambda there: there.is_("date_redac", f"{moment:%Y-%m-%d %H:%M}:00"),
            "the date of the earlier publication",
            without=("sans_redac",),
        )

    def date(self, identifier: str, moment: datetime) -> None:
        """Set the date of publication (in the site's time)."""
        self._change(
            identifier,
            "dater",
            {"date_jour": f"{moment:%d/%m/%Y}", "date_heure": f"{moment:%H:%M}"},
            lambda there: there.is_("date", f"{moment:%Y-%m-%d %H:%M}:00"),
            _DATE,
        )

    def status(self, identifier: str, status: str) -> None:
        """Change an article's status. Raises PublishAuth where this login is not offered it."""
        form = self._page(identifier).form("instituer_objet")
        offered = form.inputs["statut"].value_options if form is not None and "statut" in form.fields else []
        if form is not None and form.fields.get("statut_old") == status:  # it is offered the others only
            return
        if form is not None and status not in offered:
            raise PublishAuth(
                f"the login may not make article {identifier} {status!r}",
                subject=self.session.subject,
                advice='give the account the rights of an administrator, or set status = "prop"',
            )
        self._change(
            identifier,
            "instituer_objet",
            {"statut": status},
            lambda there: there.status == status,
            f"the status {status}",
        )

    def verify(self, identifier: str) -> FormArticle:
        """Read an article back, and see that all that was done to it since the last time is there."""
        there = self.read(identifier)
        expected, self._expected = self._expected, []
        lost = [what for what, done in expected if not done(there)]
        if lost == [_DATE]:  # as when another changes the status at this moment: SPIP sets a date of its own then
            raise PublishTransient(
                f"SPIP did not keep {_DATE} of article {identifier}; did somebody change its status at this moment?",
                subject=self.session.subject,
            )
        if lost:
            raise self._ignored(f"{', '.join(lost)} of article {identifier}", there.screen)
        return there

    def link(self, identifier: str, kind: str, number: str) -> None:
        """Link an author (``auteur``) or a keyword (``mot``) to an article, where the site does such things."""
        self._link(identifier, kind, number, wanted=True)

    def take_account_off(self, identifier: str) -> None:
        """Take the account, which made the article, off its authors."""
        account = re.search(r"id_auteur=(\d+)", self.session.get("infos_perso").url)
        if account is None:
            raise PublishError("SPIP does not say which of its authors the account is", subject=self.session.subject)
        self._link(identifier, "auteur", account[1], wanted=False)

    def _link(self, identifier: str, kind: str, number: str, *, wanted: bool) -> None:
        name = f"{'ajouter' if wanted else 'supprimer'}_lien[{kind}-{number}-article-{identifier}]"

        def act() -> None:
            screen = self.session.get("article", id_article=identifier)
            if (number in linked(screen, kind, identifier)) == wanted or screen.form(
                "editer_liens", _HOLDING[kind]
            ) is None:
                return
            answer = self.session.send(
                screen, "editer_liens", {name: "1"}, holding=_HOLDING[kind], without=("visible",)
            )
            if (number in linked(answer, kind, identifier)) != wanted:
                raise self._ignored(f"{kind} {number} of article {identifier}", answer)

        again_if_lost(act)

    def logo(self, identifier: str, file: File) -> None:
        """Give an article its logo, unless it has one or the site has none."""

        def act() -> None:
            screen = self._page(identifier)
            if _has_logo(screen) or screen.form("editer_logo") is None:
                return
            answer = self.session.send(screen, "editer_logo", {}, files={"logo_on": file})
            if not _has_logo(answer):
                raise self._ignored(f"the logo of article {identifier}", answer)
            self._shown[identifier] = answer

        self._afresh_if_lost(identifier, act)

    def document(self, identifier: str, file: File, about: Mapping[str, str]) -> str:
        """Attach a picture, unless one of this name is attached already; return its number. ``about``: titre credits alt."""

        def act() -> str:
            screen = self.session.get("article_edit", id_article=identifier)
            number = documents(screen).get(file[0])
            if number is None:
                self.session.send(screen, "joindre_document", {"joindre_upload": "1"}, files={"fichier_upload[]": file})
                screen = self.session.get("article_edit", id_article=identifier)
                number = documents(screen).get(file[0])
            self._shown.pop(identifier, None)  # it does not show the picture
            if number is None:
                raise self._ignored(f"the picture {file[0]}", screen)
            screen = self.session.get("document_edit", id_document=number)
            form = screen.form("editer_document")
            there = dict(form.form_values()) if form is not None else {}
            if any(tidy(there.get(name) or "") != tidy(value) for name, value in about.items()):
                self.session.send(screen, "editer_document", {**about, "save": "1"})
                screen = self.session.get("document_edit", id_document=number)
                form = screen.form("editer_document")
                there = dict(form.form_values()) if form is not None else {}
                if any(tidy(there.get(name) or "") != tidy(value) for name, value in about.items()):
                    raise self._ignored(f"title, credit and text of the picture {file[0]}", screen)
            return number

        return again_if_lost(act)

    def keyword(self, title: str, group: int) -> str:
        """Make a keyword; return its number."""

        def act() -> str:
            screen = self.session.get("mot_edit", new="oui", id_groupe=group)
            answer = self.session.send(screen, "editer_mot", {"titre": title, "id_groupe": str(group), "save": "1"})
            match = re.search(r"id_mot=(\d+)", answer.url)
            if match is None:
                raise self._ignored(f"the keyword {title!r}", answer)
            return match[1]

        return again_if_lost(act)

    def read(self, identifier: str) -> FormArticle:
        """The article with this number. Raises PublishError where it cannot be read."""
        there = FormArticle.read(self.session, identifier)
        if there is None:
            raise PublishError(f"article {identifier} cannot be read back", subject=self.session.subject)
        return there

    def _change(
        self,
        identifier: str,
        form: str,
        values: Mapping[str, str],
        done: Callable[[Article], bool],
        what: str,
        without: tuple[str, ...] = (),
    ) -> None:
        def act() -> None:
            self._shown[identifier] = self.session.send(
                self._page(identifier),
                form,
                {**values, "changer": "1"},
                without=("annuler", "_saisie_en_cours", *without),
            )

        self._afresh_if_lost(identifier, act)
        self._expect(what, done)

    def _expect(self, what: str, done: Callable[[Article], bool]) -> None:
        self._expected.append((what, done))

    def _offers(self, identifier: str, form: str, holding: str = "") -> bool:
        """Whether an article's page has a form, which the site's configuration may have switched off."""
        return self._page(identifier).form(form, holding) is not None

    def _page(self, identifier: str) -> Screen:
        """An article's page, as it came with the last answer."""
        if identifier not in self._shown:
            self._shown[identifier] = self.session.get("article", id_article=identifier)
        return self._shown[identifier]

    def _afresh_if_lost(self, identifier: str, act: Callable[[], None]) -> None:
        """Do it; where the session ended meanwhile, once more, with the article's page as a new session gets it."""
        try:
            act()
        except SessionLost:
            self._shown.pop(identifier, None)
            act()

    def _changing(self, article: Article) -> PublishTransient:
        """Somebody saves at this moment; the next try sees what, and raises RemoteConflict."""
        return PublishTransient(f"somebody else is changing article {article.id}", subject=self.session.subject)

    def _ignored(self, what: str, answer: Screen) -> PublishError:
        return PublishError(
            f"SPIP did not save {what}" + (f": {answer.said}" if answer.said else ""),
            subject=self.session.subject,
            advice="look at it in SPIP; ivpipe target check says what this login may do",
        )


_HOLDING = {"auteur": "debutaut", "mot": "debutmot"}


def linked(screen: Screen, kind: str, identifier: str) -> set[str]:
    """Numbers of the authors or keywords that an article's page shows as linked."""
    pattern = re.compile(rf"supprimer_lien\[{kind}-(\d+)-article-{identifier}\]")
    names = (button.get("name") for button in screen.tree.xpath("//button[@name] | //input[@name]"))
    return {match[1] for match in map(pattern.match, names) if match}


def documents(screen: Screen) -> dict[str, str]:
    """Files attached to an article, as its editing page lists them: name → number of the document."""
    found: dict[str, str] = {}
    for item in screen.tree.xpath('//div[starts-with(@id, "doc")]'):
        number = item.get("id").removeprefix("doc")
        for link in item.xpath(".//a[@href]/@href") if number.isdigit() else ():
            if "/IMG/" in link:
                found.setdefault(file_name(link), number)
    return found


def _has_logo(screen: Screen) -> bool:
    return bool(screen.tree.xpath('//input[@name="supprimer_logo_on"]'))
