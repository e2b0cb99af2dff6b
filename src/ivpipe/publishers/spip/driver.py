"""What publishing in a SPIP needs of it, in whatever way it is reached: the seam between ``Spip`` and its two drivers."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivpipe.publishers.spip.content import FIELDS, marked_key

File = tuple[str, bytes, str]
"""A file to send: name, bytes, media type."""
NO_DATE = "0000-00-00 00:00:00"
_STATUSES = ("prepa", "prop", "publie", "refuse", "poubelle")
_COUNTED = re.compile(r"(?<=[0-9a-f]{16})-\d+(?=\.\w+$)")
_SPACES = re.compile(r"[ \t]+(?=\n)|\r")


class Article(ABC):
    """An article as it stands in SPIP: ``id`` its number, ``fields`` those of ``FIELDS``, ``documents`` the files attached
    to it (name → number)."""

    def __init__(self, identifier: str, fields: Mapping[str, str], documents: Mapping[str, str]) -> None:
        self.id = identifier
        self.fields = {name: tidy(fields[name]) for name in FIELDS}
        self.documents = documents

    @abstractmethod
    def is_(self, name: str, value: str) -> bool:
        """Whether another value of the article (statut, lang, id_trad, date, date_redac) is this one."""

    def holds(self, name: str, value: str) -> bool:
        """Whether one of ``FIELDS`` has this value."""
        return self.fields[name] == tidy(value)

    def holds_all(self, values: Mapping[str, str]) -> bool:
        """Whether all of ``FIELDS`` have these values."""
        return all(self.holds(name, values[name]) for name in FIELDS)

    @property
    def status(self) -> str:
        """``prepa`` (being written), ``prop`` (proposed), ``publie``, ``refuse``, ``poubelle``."""
        return next((status for status in _STATUSES if self.is_("statut", status)), "")

    @property
    def key(self) -> tuple[str, int] | None:
        """(our key, revision) where the article is ours."""
        return marked_key(self.fields["texte"])


@dataclass(frozen=True, slots=True)
class Furnishing:
    """What an article gets beside its text before readers see it, as far as the site has a place for it: the date of the
    original (in its own time), the logo, keywords and authors by name. ``keyword_group``: the group in which keywords are
    made that SPIP does not have; None: they are left out. ``signed``: the account stays among the authors."""

    earlier: datetime | None
    logo: File | None
    keywords: Sequence[str]
    keyword_group: int | None
    authors: Sequence[str]
    signed: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an article shall be: ``fields`` by ``FIELDS``, SPIP's code for the language, the number of the article it is a
    translation of ("" for none); then ``furnishing``, the status and the date of publication (in the site's time). What
    is None stays as it is."""

    fields: Mapping[str, str]
    lang: str
    source: str
    furnishing: Furnishing | None
    status: str | None
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a site is and what the account may do there: ``version`` of SPIP (None where it does not say), the account's
    ``login``, whether the section of the settings takes a new article of it, whether it may publish there, and which
    of ``FIELDS`` SPIP hides from its people."""

    version: tuple[int, ...] | None
    login: str
    takes_articles: bool
    publishes: bool
    hidden: Sequence[str] = ()


class Driver(Protocol):
    """A way into one SPIP. Everything raises PublishError or one of its kinds, also where SPIP ignored what was asked."""

    def facts(self) -> Facts:
        """Look around, changing nothing."""
        ...

    @property
    def version(self) -> tuple[int, ...] | None:
        """The version of the SPIP that answered last; None where none did, or it does not say."""
        ...

    def read(self, number: str) -> Article | None:
        """The article with this number; None where there is none."""
        ...

    def all(self, key: str) -> list[Article]:
        """All articles with our key, whatever their status, the oldest first."""
        ...

    def create(self, key: str, sections: Sequence[int | str], fields: Mapping[str, str]) -> Article:
        """A new article, which readers do not see, in the first of ``sections`` that there is (by number, or by its title
        in SPIP); or, where another publisher makes the same one at this moment, the one that counts."""
        ...

    def attach(self, article: Article, file: File, about: Mapping[str, str]) -> str:
        """Attach a picture, unless one of this name is attached; return its number. ``about``: titre credits alt."""
        ...

    def save(self, article: Article, wanted: Wanted) -> Article:
        """Make the article what is wanted, in this order, each verified before readers see it; return it as it is then.

        Raises PublishTransient, having changed nothing, where its fields were changed since it was read.
        """
        ...

    def set_status(self, article: Article, status: str) -> None:
        """Change the status and nothing else."""
        ...

    def close(self) -> None: ...


def tidy(text: str) -> str:
    """A field's value without what a browser's form and SPIP change of it: line ends, outer white space."""
    return _SPACES.sub("", text).strip()


def named_once(name: str, found: Mapping[str, str]) -> str | None:
    """The number, of number → title, that has just this name; None where there is none, or it is not clear which."""
    wanted = " ".join(name.split()).casefold()
    numbers = [number for number, title in found.items() if title.casefold() == wanted]
    return numbers[0] if len(numbers) == 1 else None


def file_name(address: str) -> str:
    """The name of a picture's file. SPIP counts files of one name, which stand in several articles: ``name-2.jpg`` is a
    ``name.jpg``."""
    return _COUNTED.sub("", address.partition("?")[0].rpartition("/")[2])
