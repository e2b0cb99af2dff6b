"""Publishing to a site: the seam every target type keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from pydantic import BaseModel

from ivpipe.model.page import Page

BUILTIN: dict[str, str] = {"static_site": "ivpipe.publishers.static_site:StaticSite"}


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """Where a page is on the target: its id there, its public URL, and the revision it shows (None: unknown)."""

    id: str
    url: str
    revision: int | None = None


class Publisher(Protocol):
    """One target. Made as ``Publisher(settings, slug=…, magazine=…, data_dir=…)``; ``close()`` ends it.

    Every method may be called again after a crash at any point and must then bring the same result.
    """

    Settings: ClassVar[type[BaseModel]]

    def find(self, key: str) -> RemoteRef | None:
        """The page with our key, if it is there. Raises PublishError where the target cannot be asked."""
        ...

    def upsert(self, key: str, page: Page) -> RemoteRef:
        """Make the target show this page: exactly one, whole. Raises PublishError."""
        ...

    def withdraw(self, ref: RemoteRef) -> None:
        """Take the page away from readers; no error where it is already gone. Raises PublishError."""
        ...

    def close(self) -> None: ...
