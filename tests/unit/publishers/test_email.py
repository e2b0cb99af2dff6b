"""Pages mailed to those who publish by hand: what the mails hold, and what goes wrong between us and a mail server."""

from __future__ import annotations

import io
import json
import ssl
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docx
import PIL.Image
import pytest
from pydantic import ValidationError
from tests.servers.certificate import write_certificate
from tests.servers.mail_server import PASSWORD, MailServer, running_mail_server
from tests.unit.publishers.sites import MAGAZINE, STRIKE

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.model import Page, Picture
from ivpipe.model.page import Sibling
from ivpipe.publishers import Finding, RemoteRef
from ivpipe.publishers.email import Email, EmailSettings

_HELD = io.BytesIO()
PIL.Image.new("RGB", (40, 30), "red").save(_HELD, "JPEG")
PICTURE = _HELD.getvalue()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def target(server: MailServer, data: Path, **settings: Any) -> Email:
    values = {
        "to": ["web@ferry.example", "ada@ferry.example"],
        "sender": "desk@ferry.example",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        **settings,
    }
    return Email(EmailSettings(**values), slug="mail", magazine=MAGAZINE, data_dir=data)


def with_picture(folder: Path) -> Page:
    file = folder / "fetched.jpg"
    file.write_bytes(PICTURE)
    picture = Picture("https://semaine.example/quay.jpg", file, "image/jpeg", 40, 30, "ab12" * 16, alt="Empty quay")
    return replace(STRIKE, pictures=(picture,))


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_mail_holds_the_article_to_copy_and_all_files(server: MailServer, tmp_path: Path) -> None:
    page = replace(
        with_picture(tmp_path),
        section="Work",
        keywords=("docks", "strike"),
        siblings=(Sibling("fr", "les-grues", "7", "https://ferry.example/fr/les-grues/"),),
    )
    ref = target(server, tmp_path).upsert(page.key, page)
    (mail,) = server.mails
    assert server.recipients == [["web@ferry.example", "ada@ferry.example"]]
    assert (str(mail["From"]), str(mail["To"])) == (
        "The Ferry <desk@ferry.example>",
        "web@ferry.example, ada@ferry.example",
    )
    assert str(mail["Subject"]) == "To publish: The cranes stand still (en)"
    identity = str(mail["Message-ID"]).strip("<>")
    assert ref == RemoteRef("ivpipe-1-en", f"mid:{identity}", 3)
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines()[3:] == [
        "Title: The cranes stand still",
        "Language: English",
        "By: Claire Morvan, Yann Le Goff",
        "From: La Semaine",
        "Original: https://semaine.example/port?a=1&b=2",
        "Section: Work",
        "Keywords: docks, strike",
        "Links to: fr: https://ferry.example/fr/les-grues/",
    ]
    html = html_of(mail).replace("\r\n", "\n")
    assert html.startswith("<p>Brittany</p>\n<h1>The cranes stand <em>still</em></h1>\n")
    inside = [part for part in mail.walk() if part["Content-ID"]]
    assert [(part["Content-ID"], part.get_content()) for part in inside] == [("<ab12ab12ab12ab12ab@ivpipe>", PICTURE)]
    assert 'src="cid:ab12ab12ab12ab12ab@ivpipe"' in html
    zipped, word = mail.iter_attachments()
    assert zipped.get_filename() == "the-cranes-stand-still.zip"
    assert word.get_filename() == "the-cranes-stand-still.docx"
    assert len(docx.Document(io.BytesIO(word.get_content())).inline_shapes) == 1
    with zipfile.ZipFile(io.BytesIO(zipped.get_content())) as archive:
        assert archive.namelist() == ["pictures/12ab12ab12ab12ab12.jpg", "page.html", "metadata.json"]
        assert json.loads(archive.read("metadata.json"))["key"] == page.key


def test_mails_on_an_article_are_one_thread(server: MailServer, tmp_path: Path) -> None:
    publisher = target(server, tmp_path)
    first = publisher.upsert(STRIKE.key, STRIKE)
    assert publisher.upsert(STRIKE.key, STRIKE, first) == first
    second = publisher.upsert(STRIKE.key, replace(STRIKE, revision=4))
    publisher.withdraw(second)
    publisher.withdraw(second)
    third = publisher.upsert(STRIKE.key, replace(STRIKE, revision=5))
    assert [str(mail["Subject"]) for mail in server.mails] == [
        "To publish: The cranes stand still (en)",
        "Changed, to publish again: The cranes stand still (en)",
        "To be taken down: The cranes stand still",
        "To publish: The cranes stand still (en)",
    ]
    root = str(server.mails[0]["Message-ID"])
    assert [mail["In-Reply-To"] for mail in server.mails] == [None, root, root, root]
    assert {ref.url for ref in (first, second, third)} == {f"mid:{root.strip('<>')}"}
    assert len({str(mail["Message-ID"]) for mail in server.mails}) == 4


def test_the_same_mail_again_after_a_crash_is_known_by_its_id(server: MailServer, tmp_path: Path) -> None:
    publisher = target(server, tmp_path)
    ref = publisher.upsert(STRIKE.key, STRIKE)
    (tmp_path / "told/mail/ivpipe-1-en.json").unlink()
    assert publisher.upsert(STRIKE.key, STRIKE) == ref
    assert len({str(mail["Message-ID"]) for mail in server.mails}) == 1
    (tmp_path / "told/mail/ivpipe-1-en.json").unlink()
    publisher.withdraw(ref)
    assert str(server.mails[2]["Subject"]) == "To be taken down: ivpipe-1-en"
    assert server.mails[2]["In-Reply-To"] == str(server.mails[0]["Message-ID"])


def test_hostile_titles_and_names_stay_what_they_are(server: MailServer, tmp_path: Path) -> None:
    title = "Strike\r\nBcc: eve@x.example\u2028\x85\x00 عنوان"
    page = replace(STRIKE, byline=("Ann\r\n\r\nBob\ud800",), document=replace(STRIKE.document, title=title))
    target(server, tmp_path).upsert(page.key, page)
    (mail,) = server.mails
    assert str(mail["Subject"]) == "To publish: Strike Bcc: eve@x.example عنوان (en)"
    assert mail["Bcc"] is None
    text = mail.get_body(("plain",))
    assert text is not None
    assert "By: Ann Bob\n" in text.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("refuses", "kind", "told"),
    [
        ({"DATA": "451 later"}, PublishTransient, "says 451 later"),
        ({"DATA": "552 too large"}, PublishError, "says 552 too large"),
        (
            dict.fromkeys(("web@ferry.example", "ada@ferry.example"), "450 busy"),
            PublishTransient,
            "to nobody: .*450 busy",
        ),
        (dict.fromkeys(("web@ferry.example", "ada@ferry.example"), "550 who?"), PublishError, "to nobody: .*550 who"),
        ({"ada@ferry.example": "550 who?"}, PublishError, "nothing to ada@ferry.example; the others have it"),
    ],
)
def test_each_refusal_says_what_it_means_and_is_noted_as_nothing_told(
    server: MailServer, tmp_path: Path, refuses: dict[str, str], kind: type[PublishError], told: str
) -> None:
    server.refuses = refuses
    publisher = target(server, tmp_path)
    with pytest.raises(PublishError, match=told) as caught:
        publisher.upsert(STRIKE.key, STRIKE)
    assert type(caught.value) is kind
    assert publisher.find(STRIKE.key) is None


def test_a_login_that_is_refused_or_missing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_mail_server(login=True) as server:
        monkeypatch.delenv("SMTP_PASSWORD", raising=False)
        with pytest.raises(PublishAuth, match="there is no password for desk"):
            target(server, tmp_path, user="desk").upsert(STRIKE.key, STRIKE)
        monkeypatch.setenv("SMTP_PASSWORD", "wrong")
        publisher = target(server, tmp_path, user="desk")
        with pytest.raises(PublishAuth, match="refuses the login of desk"):
            publisher.upsert(STRIKE.key, STRIKE)
        assert [finding.severity for finding in publisher.check()] == ["error"]
        monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
        publisher = target(server, tmp_path, user="desk")
        assert publisher.check() == [Finding("ok", "the mail server 127.0.0.1 lets us in")]
        assert server.mails == []
        publisher.upsert(STRIKE.key, STRIKE)
    assert (len(server.mails), set(server.logins)) == (1, {"desk"})


def test_mail_goes_over_a_safe_connection_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = write_certificate(tmp_path / "mail.pem", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running_mail_server(context) as server:
        publisher = target(server, tmp_path, security="starttls")
        with pytest.raises(PublishError, match="no safe connection") as caught:
            publisher.upsert(STRIKE.key, STRIKE)
        assert not caught.value.retryable
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        publisher.upsert(STRIKE.key, STRIKE)
        assert len(server.mails) == 1
    with running_mail_server() as plain, pytest.raises(PublishError, match="cannot do it"):
        target(plain, tmp_path, security="starttls").upsert("ivpipe-2-en", replace(STRIKE, key="ivpipe-2-en"))


def test_a_server_that_is_not_there_is_tried_again(server: MailServer, tmp_path: Path) -> None:
    with pytest.raises(PublishTransient, match="does not answer"):
        target(server, tmp_path, port=9).upsert(STRIKE.key, STRIKE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": []},
        {"to": ["Ada <ada@ferry.example>"]},
        {"to": ["ada"]},
        {"to": ["ada@ferry.example\nBcc: x@y.example"]},
        {"sender": "@"},
        {"host": "mail.ferry.example", "security": "none"},
        {"security": "maybe"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    sound = {"to": ["ada@ferry.example"], "sender": "desk@ferry.example", "host": "127.0.0.1", "security": "none"}
    EmailSettings(**sound)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        EmailSettings(**{**sound, **wrong})
