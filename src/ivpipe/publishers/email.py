"""Publishing by hand: each page is mailed to those who put it on the site, ready to copy, with all its files.

The HTML part is the article, pictures included; attached are a zip file with the same as a target of the type ``folder`` makes,
and a Word file. All mails on an article are one thread: its first one's Message-ID is the page's address (``mid:``, RFC 2392).
Sent again after a crash, a mail has the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field, model_validator

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.masking import mask, read_secret
from ivpipe.model import Magazine
from ivpipe.model.page import Page
from ivpipe.publishers import Finding, RemoteRef
from ivpipe.publishers.addresses import is_loopback
from ivpipe.publishers.assembling import article_files, article_html, packed, picture_names
from ivpipe.publishers.folders import file_name
from ivpipe.publishers.static_site.labels import language_name
from ivpipe.publishers.telling import Teller, Told
from ivpipe.publishers.word import word_file
from ivpipe.sections import HostName, OneLine, Port, Seconds, SecretName, Section
from ivpipe.text.html_writer import clean_text, inline_plain, safe_address

_WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document"
_Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")]


class EmailSettings(Section):
    """``type = "email"`` in ``config/targets/<slug>.toml``.

    ``to``: who puts pages on the site; ``sender``: whose address stands on the mails. ``host``, ``port``, ``security``: the
    mail server that sends them; ``user`` logs in there, with the password in the environment variable ``password_env``;
    empty: without. ``timeout_seconds``: for each of its answers.
    """

    to: tuple[_Address, ...] = Field(min_length=1)
    sender: _Address
    host: HostName
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: OneLine = ""
    password_env: SecretName = "SMTP_PASSWORD"  # noqa: S105
    timeout_seconds: Seconds = 30

    @model_validator(mode="after")
    def _nothing_in_clear(self) -> EmailSettings:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("security: mails and password would travel in clear: use starttls or tls")
        return self


class Email(Teller):
    """Those who put pages on a site by hand."""

    Settings: ClassVar[type[BaseModel]] = EmailSettings

    def __init__(self, settings: EmailSettings, *, slug: str, magazine: Magazine, data_dir: Path) -> None:
        super().__init__(slug, data_dir)
        self.settings = settings
        self._magazine = magazine.name
        self._password = read_secret(settings.password_env).strip()

    def tell(self, page: Page, digest: str, before: Told | None) -> str:
        """Mail the page; its address is that of the first mail on it."""
        title = inline_plain(page.document.title)
        what = "To publish" if before is None or before.revision is None else "Changed, to publish again"
        mail = self._mail(f"{what}: {title} ({page.lang})", f"{page.key}.{page.revision}.{digest[:16]}", before)
        mail.set_content(_covering_text(what, title, page))
        self._add_article(mail, page)
        name, files = file_name(page.slug) or page.key, article_files(page, self._notes)
        for subtype, ending, data in (("zip", "zip", packed(files)), (_WORD, "docx", word_file(page, files))):
            mail.add_attachment(data, maintype="application", subtype=subtype, filename=f"{name}.{ending}")
        self._send(mail)
        return before.url if before else f"mid:{mail['Message-ID'].strip('<>')}"

    def take_back(self, key: str, ref: RemoteRef, before: Told | None) -> None:
        """Mail that the page is to be taken down."""
        title = (before.title if before else "") or key
        last = f"{before.revision}.{before.digest[:16]}" if before else "unknown"
        thread = before or Told(key, ref.url, "", None, "", "")
        mail = self._mail(f"To be taken down: {title}", f"{key}.withdrawn.{last}", thread)
        mail.set_content(f"“{title}” has been withdrawn. Please take it down from the site.\n")
        self._send(mail)

    def check(self) -> list[Finding]:
        """Whether the mail server lets us in; no mail is sent."""
        try:
            with self._server() as server:
                server.noop()
        except PublishError as error:
            return [Finding("error", error.message, error.advice)]
        return [Finding("ok", f"the mail server {self.settings.host} lets us in")]

    def close(self) -> None:
        """Nothing is held between calls."""

    def _mail(self, subject: str, identity: str, before: Told | None) -> EmailMessage:
        """A mail without its text. ``identity``: what is said in it; the same again is the same mail."""
        mail = EmailMessage()
        domain = self.settings.sender.rpartition("@")[2]
        mail["From"] = Address(self._magazine, addr_spec=self.settings.sender)
        mail["To"] = tuple(Address(addr_spec=one) for one in self.settings.to)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{identity}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if before is not None and before.url.startswith("mid:"):
            mail["In-Reply-To"] = mail["References"] = f"<{before.url.removeprefix('mid:')}>"
        return mail

    def _add_article(self, mail: EmailMessage, page: Page) -> None:
        """The article as HTML, with its pictures inside the mail."""
        ids = {picture.src: f"{picture.sha256[:18]}@ivpipe" for picture in page.pictures}
        shown = {src: replace(one, address=f"cid:{ids[src]}") for src, one in picture_names(page).items()}
        mail.add_alternative(article_html(page, shown), subtype="html")
        article = mail.get_payload()[1]  # type: ignore[index]
        for picture in page.pictures:
            kind, _, subtype = picture.media_type.partition("/")
            with self._notes.explained(picture.file):
                data = picture.file.read_bytes()
            article.add_related(data, maintype=kind, subtype=subtype, cid=f"<{ids[picture.src]}>")  # type: ignore[union-attr]

    def _send(self, mail: EmailMessage) -> None:
        with self._server() as server:
            refused = server.send_message(mail)
        if refused:
            raise PublishError(
                f"the mail server sends nothing to {', '.join(refused)}; the others have it",
                subject=f"target {self.slug}",
                advice="correct the addresses in to",
            )

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """The mail server, logged in to. Raises PublishError."""
        settings, subject = self.settings, f"target {self.slug}"
        if settings.user and not self._password:
            raise PublishAuth(
                f"there is no password for {settings.user}",
                subject=subject,
                advice=f"put it into {settings.password_env}",
            )
        try:
            with self._connected() as server:
                if settings.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if settings.user:
                    server.login(settings.user, self._password)
                yield server
        except smtplib.SMTPAuthenticationError as error:
            said = f"the mail server refuses the login of {settings.user}: {_said(error.smtp_error)}"
            raise PublishAuth(
                said, subject=subject, advice=f"is the password in {settings.password_env} right?"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise PublishError(
                f"the mail server cannot do it: {error}", subject=subject, advice="see port and security"
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            said = "; ".join(f"{one}: {code} {_said(text)}" for one, (code, text) in error.recipients.items())
            later = all(400 <= code < 500 for code, _ in error.recipients.values())
            kind = PublishTransient if later else PublishError
            raise kind(f"the mail server sends it to nobody: {said}", subject=subject) from error
        except smtplib.SMTPResponseException as error:
            later = 400 <= error.smtp_code < 500
            kind = PublishTransient if later else PublishError
            raise kind(f"the mail server says {error.smtp_code} {_said(error.smtp_error)}", subject=subject) from error
        except ssl.SSLError as error:
            raise PublishError(
                f"no safe connection to {settings.host}: {error}", subject=subject, advice="see port and security"
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            said = f"the mail server {settings.host} does not answer: {str(error) or type(error).__name__}"
            raise PublishTransient(said, subject=subject) from error

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout_seconds, context=ssl.create_default_context()
            )
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)


def _covering_text(what: str, title: str, page: Page) -> str:
    """What an editor has to know to put it on the site."""
    facts = {
        "Title": title,
        "Language": language_name(page.lang),
        "By": ", ".join(page.byline),
        "From": page.partner,
        "Original": safe_address(page.original_url),
        "Number": page.edition,
        "Section": page.section,
        "Keywords": ", ".join(page.keywords),
        "Links to": ", ".join(f"{one.lang}: {one.remote_url}" for one in page.siblings if safe_address(one.remote_url)),
    }
    lines = [f"{name}: {' '.join(clean_text(value).split())}" for name, value in facts.items() if value]
    return "\n".join(
        [
            f"{what}. The article is the HTML part of this mail, ready to be copied; attached are a Word file",
            "of it, and its page, its pictures and all details as files.",
            "",
            *lines,
            "",
        ]
    )


def _said(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(mask(text).split())[:200]
