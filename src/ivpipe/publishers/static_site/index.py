"""What stands where on a site: entries, lists, pictures, and what a publisher that was stopped left to do.

An SQLite file, so that an update reads only the rows it needs however large the site. All of it can be made again from
the pages' own files: a file that is missing, damaged or of another form is simply begun anew (``SiteIndex.open``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivpipe.publishers.static_site.entries import KINDS, Entry

_VERSION = 1
_SCHEMA = f"""
CREATE TABLE pages (key TEXT PRIMARY KEY, article TEXT, lang TEXT, path TEXT UNIQUE, updated_at TEXT, state TEXT, entry TEXT);
CREATE INDEX pages_article ON pages (article);
CREATE INDEX pages_lang ON pages (lang);
CREATE TABLE listed (list TEXT, moment TEXT, key TEXT, name TEXT, PRIMARY KEY (list, moment, key)) WITHOUT ROWID;
CREATE INDEX listed_key ON listed (key);
CREATE TABLE pictures (path TEXT, key TEXT, PRIMARY KEY (path, key)) WITHOUT ROWID;
CREATE INDEX pictures_key ON pictures (key);
CREATE TABLE unfinished (list TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE form (form TEXT);
PRAGMA user_version = {_VERSION};
"""


@dataclass(frozen=True, slots=True)
class ListName:
    """A list as others name it: its folder, what readers call it, how many entries it has, and when the newest came."""

    folder: str
    name: str
    count: int
    newest: str


class SiteIndex:
    """One open index. Raises sqlite3.Error where the file is damaged. The pages of a list are numbered from its oldest."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[SiteIndex]:
        """Open the index, for a writer who holds the folder's lock; a new one where there is none that can be used."""
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            try:
                usable = connection.execute("PRAGMA user_version").fetchone() == (_VERSION,)
            except sqlite3.DatabaseError:
                usable = False
            if not usable:
                connection.close()
                for file in (path, path.with_name(f"{path.name}-journal")):
                    file.unlink(missing_ok=True)
                connection = sqlite3.connect(path, isolation_level=None)
                connection.executescript(_SCHEMA)
            yield cls(connection)
        finally:
            connection.close()

    @classmethod
    @contextmanager
    def reading(cls, path: Path) -> Iterator[SiteIndex | None]:
        """The index for one who only looks, without the lock; None where there is none."""
        if not path.is_file():
            yield None
            return
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            yield cls(connection)
        finally:
            connection.close()

    # -- what there is

    @property
    def form(self) -> str:
        """The form the whole site was last written in; "" where that was never finished."""
        row = self._db.execute("SELECT form FROM form").fetchone()
        return str(row[0]) if row else ""

    def page(self, key: str) -> tuple[Entry, str] | None:
        """The entry of a page and its state: "live", "coming" or "going" (a publisher was stopped half-way)."""
        row = self._db.execute("SELECT entry, state FROM pages WHERE key = ?", (key,)).fetchone()
        return (_entry(row[0]), row[1]) if row else None

    def holder(self, path: str) -> str | None:
        """The key of the page that has this path."""
        row = self._db.execute("SELECT key FROM pages WHERE path = ?", (path,)).fetchone()
        return row[0] if row else None

    def siblings(self, entry: Entry) -> list[Entry]:
        """The article's other pages that readers can open, by language."""
        rows = self._db.execute(
            "SELECT entry FROM pages WHERE article = ? AND key <> ? AND key IN (SELECT key FROM listed WHERE list = '')"
            " ORDER BY lang, key",
            (entry.article, entry.key),
        )
        return [_entry(row[0]) for row in rows]

    def count(self, folder: str) -> int:
        """How many entries a list has."""
        return int(self._db.execute("SELECT count(*) FROM listed WHERE list = ?", (folder,)).fetchone()[0])

    def places(self, key: str) -> dict[str, tuple[int, str]]:
        """The lists a page stands in: how many entries of it are older, and the time it is listed by."""
        older = "SELECT count(*) FROM listed WHERE list = ? AND (moment, key) < (?, ?)"
        rows = self._db.execute("SELECT list, moment FROM listed WHERE key = ?", (key,)).fetchall()
        return {row[0]: (self._db.execute(older, (*row, key)).fetchone()[0], row[1]) for row in rows}

    def listed(self, folder: str, start: int, end: int) -> list[Entry]:
        """A list's entries from ``start`` up to before ``end``, counted from the oldest; the newest of them first."""
        rows = self._db.execute(
            "SELECT entry FROM pages JOIN listed USING (key) WHERE list = ? ORDER BY moment, listed.key LIMIT ? OFFSET ?",
            (folder, max(0, end - start), start),
        )
        return [_entry(row[0]) for row in rows][::-1]

    def newest(self, folder: str, number: int) -> list[Entry]:
        """The newest entries of a list, the newest first."""
        count = self.count(folder)
        return self.listed(folder, max(0, count - number), count)

    def since(self, moment: str) -> list[Entry]:
        """All entries of that moment and later, the newest first."""
        rows = self._db.execute(
            "SELECT entry FROM pages JOIN listed USING (key) WHERE list = '' AND moment >= ?"
            " ORDER BY moment DESC, listed.key DESC",
            (moment,),
        )
        return [_entry(row[0]) for row in rows]

    def langs(self) -> list[str]:
        """The languages of the pages that readers can open."""
        rows = self._db.execute("SELECT DISTINCT lang FROM pages ORDER BY lang").fetchall()
        return [row[0] for row in rows if self.count(row[0])]

    def lists(self, lang: str, kind: str) -> list[ListName]:
        """The lists of a language and kind, each by the name its newest entry gives it."""
        rows = self._db.execute(
            "SELECT list, name, count(*), max(moment) FROM listed WHERE list > ? AND list < ? GROUP BY list",
            (f"{lang}/{kind}/", f"{lang}/{kind}0"),
        )
        return [ListName(*row) for row in rows]

    def kinds(self, lang: str) -> list[str]:
        """The kinds of lists a language has, in the order of ``KINDS``."""
        some = "SELECT 1 FROM listed WHERE list > ? AND list < ? LIMIT 1"
        return [kind for kind in KINDS if self._db.execute(some, (f"{lang}/{kind}/", f"{lang}/{kind}0")).fetchone()]

    def updated(self, folder: str) -> str:
        """When an entry of a list was last changed."""
        rows = self._db.execute(
            "SELECT max(updated_at) FROM pages JOIN listed USING (key) WHERE list = ?", (folder,)
        ).fetchone()
        return str(rows[0] or "")

    def unfinished(self) -> set[str]:
        """Lists that a publisher was about to write when it was stopped."""
        return {row[0] for row in self._db.execute("SELECT list FROM unfinished")}

    def dropped(self, key: str, kept: Iterable[str] = ()) -> list[str]:
        """Picture files that only this page has used so far, and that are not among those it keeps."""
        rows = self._db.execute(
            "SELECT path FROM pictures AS mine WHERE key = ?"
            " AND NOT EXISTS (SELECT 1 FROM pictures WHERE path = mine.path AND key <> mine.key) ORDER BY path",
            (key,),
        )
        return [row[0] for row in rows if row[0] not in set(kept)]

    # -- what happens to it; each a transaction of its own

    def begin(self, entry: Entry, state: str, lists: Iterable[str]) -> None:
        """Note what is going to be written. A new page gets its row and path, but stands in no list yet; one that is
        "going" leaves its lists. Its pictures count as used from here on, those it had until ``finish``."""
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO unfinished VALUES (?)", [(folder,) for folder in lists])
            changed = self._db.execute("UPDATE pages SET state = ? WHERE key = ?", (state, entry.key)).rowcount
            if not changed:
                self._put(entry, state)
            if state == "going":
                self._db.execute("DELETE FROM listed WHERE key = ?", (entry.key,))
            self._db.executemany(
                "INSERT OR IGNORE INTO pictures VALUES (?, ?)", [(path, entry.key) for path in entry.pictures]
            )

    def enter(self, entries: Iterable[Entry], state: str = "coming") -> None:
        """Put entries into their lists, in the place of what stood there of the same pages."""
        with self._transaction():
            for entry in entries:
                self._put(entry, state)
                self._db.execute("DELETE FROM listed WHERE key = ?", (entry.key,))
                self._db.executemany(
                    "INSERT OR REPLACE INTO listed VALUES (?, ?, ?, ?)",
                    [(folder, entry.published_at, entry.key, name) for folder, name in entry.lists],
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO pictures VALUES (?, ?)", [(path, entry.key) for path in entry.pictures]
                )

    def finish(self, entry: Entry) -> None:
        """The page and all that lists it are as they should be."""
        with self._transaction():
            self._db.execute("UPDATE pages SET state = 'live' WHERE key = ?", (entry.key,))
            self._db.execute("DELETE FROM pictures WHERE key = ?", (entry.key,))
            self._db.executemany("INSERT INTO pictures VALUES (?, ?)", [(path, entry.key) for path in entry.pictures])
            self._db.execute("DELETE FROM unfinished")

    def forget(self, key: str) -> None:
        """The page is gone, and nothing lists it."""
        with self._transaction():
            for table in ("pages", "pictures", "listed"):
                self._db.execute(f"DELETE FROM {table} WHERE key = ?", (key,))  # noqa: S608  names of ours
            self._db.execute("DELETE FROM unfinished")

    def begin_anew(self) -> None:
        """Empty it: the whole site is about to be written."""
        with self._transaction():
            for table in ("pages", "pictures", "listed", "unfinished", "form"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours

    def finish_anew(self, form: str) -> None:
        """The whole site is written, in this form."""
        with self._transaction():
            self._db.execute("UPDATE pages SET state = 'live'")
            self._db.execute("DELETE FROM form")
            self._db.execute("INSERT INTO form VALUES (?)", (form,))

    def _put(self, entry: Entry, state: str) -> None:
        text = json.dumps(asdict(entry), ensure_ascii=False)
        values = (entry.key, entry.article, entry.lang, entry.path, entry.updated_at, state, text)
        self._db.execute("DELETE FROM pages WHERE key = ?", (entry.key,))
        self._db.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # SQLite has not given it up itself
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _entry(text: str) -> Entry:
    values: dict[str, Any] = json.loads(text)
    values["lists"] = tuple((folder, name) for folder, name in values["lists"])
    for name in ("byline", "pictures"):
        values[name] = tuple(values[name])
    values["teaser"] = tuple(values["teaser"]) if values.get("teaser") else None
    return Entry(**values)
