"""A login session in a SPIP site's private area, through the forms its people use. Nothing has to be installed there.

Every form is fetched, all its hidden fields are copied (they are signed for this login and this object), ours put over
them, and sent back. A session that ended leads to the login page, before anything is done: then we log in and do the
whole again, with a fresh form, for the signatures belong to the session.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html as lxml_html
from lxml.html import FormElement, HtmlElement

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.masking import mask
from ivpipe.publishers.spip.driver import File

_VERSION = re.compile(r"SPIP (\d+)\.(\d+)")
_REDIRECTS = 6
_ADDRESS = "is url the address of the SPIP site?"


class Screen:
    """A page as it came; its forms are good for this ``login`` (the session's first, second …) only."""

    def __init__(self, response: httpx.Response, login: int) -> None:
        self.url = str(response.url)
        self.login = login
        text = response.content.decode("utf-8", errors="replace")
        self.tree: HtmlElement = lxml_html.document_fromstring(text or "<html></html>")

    def form(self, name: str, holding: str = "") -> FormElement | None:
        """The form whose ``formulaire_action`` is ``name`` (and that has a field whose name contains ``holding``)."""
        for form in self.tree.forms:
            fields = form.fields
            if fields.get("formulaire_action") == name and any(holding in field for field in fields):
                return form
        return None

    def links(self, pattern: str) -> list[tuple[str, HtmlElement]]:
        """(first group of ``pattern``, element) of the links it is found in."""
        found = ((re.search(pattern, link.get("href")), link) for link in self.tree.xpath("//a[@href]"))
        return [(match[1], link) for match, link in found if match is not None]

    @property
    def said(self) -> str:
        """What SPIP says went wrong with the form that was sent."""
        marks = "contains(@class, 'reponse_formulaire_erreur') or contains(@class, 'erreur_message')"
        return " ".join(" ".join(mask(node.text_content()).split()) for node in self.tree.xpath(f"//*[{marks}]"))[:300]


class Session:
    """One login at one site. Raises PublishError and its kinds."""

    def __init__(self, url: str, login: str, password: str, *, timeout: float, subject: str) -> None:
        self.url = url
        self.subject = subject
        self._login = login
        self._password = password
        self._timeout = timeout
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, headers={"User-Agent": "ivpipe"})
        self._logins = 0
        self.version: tuple[int, int] | None = None
        """(major, minor) of the SPIP that answered, by its header or the foot of its private pages; None: neither says."""

    def get(self, page: str, **arguments: str | int) -> Screen:
        """Fetch ``?exec=page`` of the private area, logging in where that is needed."""
        address = str(httpx.URL(urljoin(self.url, "ecrire/"), params={"exec": page, **arguments}))
        for _ in range(3):  # a session that ended, and one that ended again at once
            if self._logins:
                answer = self._request("GET", address)
                if not _is_login(answer):
                    screen = Screen(answer, self._logins)
                    self.version = self.version or _version(" ".join(screen.tree.xpath('//*[@id="copyright"]//text()')))
                    return screen
            self._log_in()
        raise PublishTransient("SPIP forgets the login at once", subject=self.subject)

    def send(
        self,
        screen: Screen,
        name: str,
        values: Mapping[str, str],
        *,
        holding: str = "",
        without: tuple[str, ...] = (),
        files: Mapping[str, File] | None = None,
    ) -> Screen:
        """Fill in the form ``name`` of a page and send it; return the page that answers.

        Raises PublishAuth where the page has no such form: then the login may not do this, or SPIP is not one we know.
        A session that ended since the page came raises SessionLost: SPIP would say nothing, and save nothing.
        """
        if screen.login != self._logins:
            raise SessionLost("the session ended", subject=self.subject)
        form = screen.form(name, holding)
        if form is None:
            raise PublishAuth(
                f"the page {self._short(screen.url)} has no form {name!r}",
                subject=self.subject,
                advice="the login may lack the right, or SPIP's configuration has switched it off; see: ivpipe target check",
            )
        fields: dict[str, list[str]] = {}
        for field, value in form.form_values():
            if field not in without and field not in values:
                fields.setdefault(field, []).append(value)
        address = self._own(urljoin(screen.url, form.action or screen.url).partition("#")[0])
        answer = self._request("POST", address, {**fields, **{key: [value] for key, value in values.items()}}, files)
        if _is_login(answer):
            raise SessionLost("the session ended", subject=self.subject)
        return Screen(answer, self._logins)

    def search(self, words: str, kind: str) -> dict[str, str]:
        """What the private area's search finds of one kind of object (article, mot, auteur): number → title.

        SPIP gives the same search the same answer for up to 700 seconds, though articles may have come and gone; it
        takes one with more space behind it for another.
        """
        asked = words + " " * (int(time.time()) // 8 % 128)
        found: dict[str, str] = {}
        for number, link in self.get("recherche", recherche=asked).links(rf"exec={kind}&id_{kind}=(\d+)"):
            title = " ".join(link.text_content().split())
            found[number] = found.get(number) or title
        return found

    def _log_in(self) -> None:
        address = urljoin(self.url, "spip.php?page=login&url=ecrire%2F")
        screen = Screen(self._request("GET", address), self._logins)
        form = screen.form("login")
        if form is None:
            raise PublishError(f"{address} has no login form", subject=self.subject, advice=_ADDRESS)
        fields = {field: [value] for field, value in form.form_values()}
        fields |= {"var_login": [self._login], "password": [self._password]}
        answer = Screen(
            self._request("POST", self._own(urljoin(screen.url, form.action or address)), fields), self._logins
        )
        self._logins += 1
        if answer.form("login") is not None:
            raise PublishAuth(
                f"SPIP does not let {self._login!r} in",
                subject=self.subject,
                advice="check login and password of this target, and that the account may enter the private area",
            )

    def _own(self, address: str) -> str:
        """An address of this site's; another one never gets our cookies or what we publish."""
        if urlsplit(address)[:2] != urlsplit(self.url)[:2]:
            raise PublishError(
                f"the site leads to another one: {self._short(address)}",
                subject=self.subject,
                advice="give url as the site itself writes it (https, with or without www)",
            )
        return address

    def _request(
        self,
        method: str,
        address: str,
        data: Mapping[str, list[str]] | None = None,
        files: Mapping[str, File] | None = None,
    ) -> httpx.Response:
        """One request and what it leads to, as far as that is on the same site."""
        for _ in range(_REDIRECTS):
            answer = self._once(method, address, data, files)
            if not answer.has_redirect_location:
                return answer
            address = self._own(urljoin(address, answer.headers["Location"]))
            method, data, files = "GET", None, None
        raise PublishError(f"{self._short(address)} leads in a circle", subject=self.subject)

    def _once(
        self,
        method: str,
        address: str,
        data: Mapping[str, list[str]] | None,
        files: Mapping[str, File] | None,
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, address, data=data, files=files)
        except httpx.TimeoutException as error:
            raise PublishTransient(f"no answer within {self._timeout:g} seconds", subject=self.subject) from error
        except httpx.HTTPError as error:
            raise PublishTransient(
                f"the connection to {urlsplit(self.url).netloc} failed: {error or type(error).__name__}",
                subject=self.subject,
            ) from error
        self._look_at(answer)
        return answer

    def _look_at(self, answer: httpx.Response) -> None:
        """Note the version; raise what a status means."""
        self.version = _version(answer.headers.get("Composed-By", "")) or self.version
        status = answer.status_code
        if status in (401, 403):
            raise PublishAuth(f"HTTP {status} from {self._short(str(answer.url))}", subject=self.subject)
        if status >= 500 or status in (408, 425, 429):
            raise PublishTransient(f"HTTP {status} from {self._short(str(answer.url))}", subject=self.subject)
        if status >= 400:
            raise PublishError(
                f"HTTP {status} from {self._short(str(answer.url))}", subject=self.subject, advice=_ADDRESS
            )

    def _short(self, address: str) -> str:
        return mask(address)[:200]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class SessionLost(PublishTransient):
    """The login ended between fetching a form and the page that answers it: the whole has to be done again."""


def _version(text: str) -> tuple[int, int] | None:
    match = _VERSION.search(text)
    return (int(match[1]), int(match[2])) if match else None


def _is_login(answer: httpx.Response) -> bool:
    return "page=login" in str(answer.url)
