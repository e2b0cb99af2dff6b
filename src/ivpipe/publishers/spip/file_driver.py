"""A SPIP through one PHP file that stands there, ``ivpipe.php``: it does what is asked with the rights of one author."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, cast
from urllib.parse import urljoin

import httpx

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.masking import mask, read_secret
from ivpipe.publishers.answers import body_of
from ivpipe.publishers.spip.content import SpipSettings
from ivpipe.publishers.spip.driver import Article, Facts, File, Wanted
from ivpipe.publishers.spip.markup import plain_markup
from ivpipe.text.html_writer import clean_text

_FILE = "ivpipe.php"
_VERSION = 1
"""The file's own, as it stands there in ``_IVPIPE_VERSION``."""
_LARGEST = 10_000_000
"""Bytes of an answer that are read: articles, of which none is near that."""
_TOKEN_LENGTH = 32
"""A shorter token could be guessed by those who read its hash."""
_INSTALL = "ivpipe target file SLUG writes the file and says where it goes"


class FileArticle(Article):
    """An article as the file answers it; ``seal`` is a hash over its fields and status."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(str(values["id"]), values["fields"], dict(values["documents"]))
        self.seal: str = values["seal"]
        self._values = values

    def is_(self, name: str, value: str) -> bool:
        """Whether another value of the article is this one."""
        return bool(self._values.get(name) == value)


class FileDriver:
    """See ``driver.Driver``; its articles are ``FileArticle``."""

    def __init__(self, settings: SpipSettings, *, subject: str) -> None:
        self.settings = settings
        self.subject = subject
        self._version: tuple[int, ...] | None = None
        self._opened: httpx.Client | None = None

    @property
    def version(self) -> tuple[int, ...] | None:
        """By the last answer."""
        return self._version

    def facts(self) -> Facts:
        """As the file tells them."""
        told = self._ask({"do": "facts", "section": self.settings.section})
        if told["login"] != self.settings.login:
            raise PublishAuth(
                f"the file publishes as {told['login']!r}, not as {self.settings.login!r}",
                subject=self.subject,
                advice="set login to it, or change _IVPIPE_AUTHOR in the site's config/mes_options.php",
            )
        return Facts(self._version, told["login"], told["takes_articles"], told["publishes"], told["hidden"])

    def read(self, number: str) -> Article | None:
        """The article, if the author may see it."""
        return next(iter(self._articles({"do": "find", "id": int(number)})), None)

    def all(self, key: str) -> list[Article]:
        """By the text of all articles."""
        return self._articles({"do": "find", "key": key})

    def create(self, key: str, sections: Sequence[int | str], fields: Mapping[str, str]) -> Article:
        """The file looks and makes it in one lock, so there is never another."""
        return self._article({"do": "create", "key": key, "sections": list(sections), "fields": dict(fields)})

    def attach(self, article: Article, file: File, about: Mapping[str, str]) -> str:
        """One request for each picture."""
        told = self._picture(article, file, {"about": dict(about)})
        return str(told["document"])

    def save(self, article: Article, wanted: Wanted) -> Article:
        """Text, language and furnishing first, then what shows them to readers."""
        article = cast(FileArticle, article)
        inside = self._inside(article, wanted)
        outside: dict[str, Any] = {}
        if wanted.status is not None and article.status != wanted.status:
            outside["statut"] = wanted.status
        # With another status SPIP sets another date, unless it is told which.
        if wanted.date is not None and (outside or not article.is_("date", _time(wanted.date))):
            outside["date"] = _time(wanted.date)
        for changes in (inside, outside):
            if changes:
                article = self._change(article, changes)
        return article

    def _inside(self, article: Article, wanted: Wanted) -> dict[str, Any]:
        """What is to be changed beside status and date."""
        furnishing = wanted.furnishing
        changes: dict[str, Any] = {}
        if not article.holds_all(wanted.fields):
            changes["fields"] = dict(wanted.fields)
        if not article.is_("lang", wanted.lang) or (wanted.source and article.is_("id_trad", "0")):
            changes |= {"lang": wanted.lang, "source": int(wanted.source or 0)}
        if furnishing is not None:
            if furnishing.logo is not None:
                self._picture(article, furnishing.logo, {"logo": True})
            changes["furnishing"] = {
                "earlier": _time(furnishing.earlier) if furnishing.earlier else "",
                "keywords": [plain_markup(word) for word in furnishing.keywords],
                "keyword_group": furnishing.keyword_group or 0,
                "authors": list(furnishing.authors),
                "signed": furnishing.signed,
            }
        return changes

    def set_status(self, article: Article, status: str) -> None:
        """Verified."""
        self._change(cast(FileArticle, article), {"statut": status})

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _change(self, article: FileArticle, changes: Mapping[str, Any]) -> FileArticle:
        """Change an article, and see that it holds what was sent."""
        after = self._article({"do": "save", **self._named(article), "seal": article.seal, **changes})
        lost = [
            f"the field {name}" for name, value in changes.get("fields", {}).items() if not after.holds(name, value)
        ]
        lost += [
            f"the {what} {changes[name]}"
            for name, what in (("lang", "language"), ("statut", "status"), ("date", "date of publication"))
            if name in changes and not after.is_(name, changes[name])
        ]
        if lost:
            raise PublishError(
                f"SPIP did not save {', '.join(lost)} of article {article.id}",
                subject=self.subject,
                advice="look at it in SPIP; does a plug-in change articles when they are saved?",
            )
        return after

    def _picture(self, article: Article, file: File, more: Mapping[str, Any]) -> dict[str, Any]:
        name, data, _media_type = file
        content = base64.b64encode(data).decode()
        return self._ask({"do": "picture", **self._named(article), "name": name, "data": content, **more})

    def _named(self, article: Article) -> dict[str, Any]:
        """What names an article to the file; one whose mark people took out has no key, and any is good for it."""
        return {"id": int(article.id), "key": article.key[0] if article.key else f"article-{article.id}"}

    def _articles(self, request: Mapping[str, Any]) -> list[Article]:
        return [FileArticle(values) for values in self._ask(request)["articles"]]

    def _article(self, request: Mapping[str, Any]) -> FileArticle:
        values = self._ask(request)["article"]
        if values is None:
            raise PublishAuth("the account may not see the article that the page has there", subject=self.subject)
        return FileArticle(values)

    # Asking

    @property
    def _client(self) -> httpx.Client:
        """The connection, opened when it is first used. Raises PublishAuth where there is no token."""
        if self._opened is None:
            headers = {
                "User-Agent": "ivpipe",
                "Content-Type": "application/json",
                "X-Ivpipe-Token": token_of(self.settings, subject=self.subject),
            }
            self._opened = httpx.Client(timeout=self.settings.timeout_seconds, follow_redirects=False, headers=headers)
        return self._opened

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request; return what the file answers. Raises PublishError and its kinds."""
        address = urljoin(self.settings.url, "spip.php?action=ivpipe")
        body = clean_text(json.dumps(request, ensure_ascii=False)).encode()
        try:
            with self._client.stream("POST", address, content=body) as answer:
                raw = body_of(answer, _LARGEST)
        except httpx.TimeoutException as error:
            wait = self.settings.timeout_seconds
            raise PublishTransient(f"no answer within {wait:g} seconds", subject=self.subject) from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise PublishTransient(
                f"the connection to {self.settings.url} failed: {reason}", subject=self.subject
            ) from error
        told = _told(raw)
        if answer.status_code == 200 and told.get("file") == _VERSION:
            self._version = tuple(int(part) for part in str(told.get("spip")).split(".")[:2] if part.isdigit()) or None
            return told
        raise self._fault(answer, told)

    def _fault(self, answer: httpx.Response, told: Mapping[str, Any]) -> PublishError:
        """What an answer means that is not the one asked for."""
        status, subject = answer.status_code, self.subject
        said = mask(f"{told.get('error', f'HTTP {status}')}")[:300]
        if 300 <= status < 400:
            there = mask(answer.headers.get("Location", "nowhere"))[:200]
            return PublishError(
                f"{self.settings.url} sends us on to {there}", subject=subject, advice="write the last address as url"
            )
        if status >= 500 or status in (408, 409, 425, 429):
            wait = answer.headers.get("Retry-After", "")
            return PublishTransient(said, subject=subject, retry_after=float(wait) if wait.isdigit() else None)
        if "file" not in told:
            return PublishError(f"{self.settings.url} has no {_FILE}", subject=subject, advice=_INSTALL)
        if told["file"] != _VERSION:
            return PublishError(
                f"{_FILE} there is version {told['file']}, we need {_VERSION}", subject=subject, advice=_INSTALL
            )
        if status in (401, 403):
            return PublishAuth(
                said,
                subject=subject,
                advice=f"look at the site's config/mes_options.php and at {self.settings.token_env}; see: ivpipe target check",
            )
        return PublishError(said, subject=subject)


def _time(moment: datetime) -> str:
    """As SPIP keeps times, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}:00"


def token_of(settings: SpipSettings, *, subject: str) -> str:
    """The token of a target. Raises PublishAuth where there is none, or it is too short."""
    value = read_secret(settings.token_env)
    if len(value) < _TOKEN_LENGTH or not value.isascii() or not value.isprintable():
        what = "is too short or holds what no header can" if value else "is not there"
        raise PublishAuth(
            f"the token for the PHP file {what}",
            subject=subject,
            advice=f"{_INSTALL}, and makes a token for {settings.token_env}",
        )
    return value


def php_file() -> str:
    """The file to be put on the site as ``squelettes/action/ivpipe.php``."""
    return files(__package__).joinpath(_FILE).read_text(encoding="utf-8")


def php_options(login: str, secret: str) -> str:
    """The lines that the site's ``config/mes_options.php`` needs."""
    name = login.replace("\\", "\\\\").replace("'", "\\'")
    return f"define('_IVPIPE_AUTHOR', '{name}');\ndefine('_IVPIPE_TOKEN', '{hashlib.sha256(secret.encode()).hexdigest()}');\n"


def _told(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
