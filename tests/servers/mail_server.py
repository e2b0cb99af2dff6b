"""A mail server on 127.0.0.1 that keeps what it is sent, with STARTTLS and logins where a test wants them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

PASSWORD = "let me in"


@dataclass
class MailServer:
    """``mails``: what came, in order. ``refuses``: what is said to a recipient or, under "DATA", to any mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's names
        self, server: object, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.refuses:
            return self.refuses["DATA"]
        assert isinstance(envelope.content, bytes)
        self.mails.append(BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(envelope.content))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    def login(self, _server: object, _session: object, _envelope: object, mechanism: str, given: Any) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        self.logins.append(given.login.decode())
        return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


@contextmanager
def running_mail_server(context: ssl.SSLContext | None = None, *, login: bool = False) -> Iterator[MailServer]:
    """Serve until the block ends; with ``context`` it takes mail after STARTTLS only, with ``login`` it takes logins."""
    mail = MailServer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail.port = free.getsockname()[1]
    controller = Controller(
        mail,
        hostname="127.0.0.1",
        port=mail.port,
        tls_context=context,
        require_starttls=context is not None,
        authenticator=mail.login if login else None,
        auth_require_tls=context is not None,
    )
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()
