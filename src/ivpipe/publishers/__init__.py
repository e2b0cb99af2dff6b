"""Publishing to a site: the seam every target type keeps."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel

from ivpipe.masking import mask, mask_content
from ivpipe.model.page import Page

BUILTIN: dict[str, str] = {
    "email": "ivpipe.publishers.email:Email",
    "folder": "ivpipe.publishers.folder:ArticleFolder",
    "markdown": "ivpipe.publishers.markdown:Markdown",
    "spip": "ivpipe.publishers.spip:Spip",
    "static_site": "ivpipe.publishers.static_site:StaticSite",
    "webhook": "ivpipe.publishers.webhook:Webhook",
    "wordpress": "ivpipe.publishers.wordpress:WordPress",
}


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """Where a page is on the target: its id there, its public URL, and the revision it shows (None: unknown, or taken
    away).

    ``fingerprint`` is a hash over the fields we write, as the target gave them back right after our save: a page whose
    fields now hash to something else was changed by people. "" where a target is written by nobody but us.
    Both id and URL may be what the target answered: a secret in them does not come through.
    """

    id: str
    url: str
    revision: int | None = None
    fingerprint: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", mask_content(self.id))
        object.__setattr__(self, "url", mask_content(self.url))


@dataclass(frozen=True, slots=True)
class Finding:
    """What ``check`` found of one thing the target needs: ``advice`` says what to do where it is not "ok"."""

    severity: Literal["ok", "warning", "error"]
    what: str
    advice: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "what", mask(self.what))
        object.__setattr__(self, "advice", mask(self.advice))


class Publisher(Protocol):
    """One target. Made as ``Publisher(settings, slug=…, magazine=…, data_dir=…)``; ``close()`` ends it.

    Every method may be called again after a crash at any point and must then bring the same result. ``known`` is our
    ledger's entry for the page: a help to find it, still verified against the target, and missing after a crash.
    Everything raises PublishError where the target cannot be used: PublishAuth, PublishTransient, or for good.
    """

    Settings: ClassVar[type[BaseModel]]

    def find(self, key: str, known: RemoteRef | None = None) -> RemoteRef | None:
        """The page with our key, if it is where ``upsert`` puts pages; one that was withdrawn is not."""
        ...

    def upsert(self, key: str, page: Page, known: RemoteRef | None = None) -> RemoteRef:
        """Make the target show this page: exactly one, whole; return where, with its new fingerprint.

        It is found first (by ``known``, then by what the target can search for: key, slug), made only where it is not
        there, and read back afterwards: what the target did not keep is an error. A page that was withdrawn is put
        back, the same one.

        Raises RemoteConflict, having changed nothing, where the page as it stands is not what ``known.fingerprint`` was
        taken of. A save of ours that was cut off is no conflict: the same page is then sent again, so a field that
        already holds what is to be sent is not the work of others. With no fingerprint known there is none either.
        """
        ...

    def withdraw(self, ref: RemoteRef) -> None:
        """Take the page away from readers; no error where it is already gone. Changes people made do not hinder it."""
        ...

    def check(self) -> list[Finding]:
        """Look whether publishing can work (login, rights, forms, version …), changing nothing that readers see.

        What is wrong is a finding, also a target that does not answer; nothing is raised.
        """
        ...

    def difference(self, key: str, page: Page, known: RemoteRef | None = None) -> str:
        """What ``upsert`` would change, as a unified difference of plain text from what is there to what would be sent
        ("" where that is nothing); changes nothing. See ``text_difference``."""
        ...

    def close(self) -> None: ...


def text_difference(there: str, ours: str) -> str:
    """Unified difference of two texts, line by line, "" where they are equal."""
    return "".join(
        line if line.endswith("\n") else f"{line}\n"
        for line in unified_diff(there.splitlines(), ours.splitlines(), "live", "ours", lineterm="")
    )
