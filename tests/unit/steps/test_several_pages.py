"""Articles in several pages: joined, looked at again page by page, read again from what is stored."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from tests.builders import NOW
from tests.servers.http_site import redirect, status
from tests.servers.magazine_site import MagazineSite

from ivpipe.model import Article, Document, Snapshot
from ivpipe.sources.fetching import Fetcher
from ivpipe.steps.documents import reextract_source
from ivpipe.steps.ingest import MOST_PAGES, due_articles, fetch_article, poll_source
from ivpipe.store import Store

HOUR = timedelta(hours=1)


def part(number: int, last: int, extra: str = "") -> str:
    """One page's text, with the links to the others."""
    paragraphs = "".join(
        f"<p>Page {number}, paragraphe {at}{extra} : les dockers ne cèdent pas, et le port reste vide depuis trois semaines.</p>"
        for at in range(1, 5)
    )
    links = "".join(f'<a href="/long?page={one}">{one}</a> ' for one in range(1, last + 1))
    return f'{paragraphs}<div class="pagination">{links}</div>'


def write(magazine: MagazineSite, last: int = 3) -> None:
    magazine.write("/long", "Une longue grève", part(1, last))
    for number in range(2, last + 1):
        magazine.write(f"/long?page={number}", "Une longue grève", part(number, last), announce=False)


def ingest(store: Store, magazine: MagazineSite, fetcher: Fetcher, now=NOW) -> list[str]:  # type: ignore[no-untyped-def]
    poll_source(store, magazine.spec(), fetcher, now)
    return [
        fetch_article(store, article_id, magazine.spec(), fetcher, ["en"], now, "w").outcome
        for article_id in due_articles(store, "semaine", now)
    ]


def document(store: Store) -> Document:
    with store.read() as session:
        version = session.get_one(Article, 1).document
        assert version is not None
        return version.content


def pages_read(store: Store) -> list[str]:
    """The pages whose text the document has, in order."""
    return list(dict.fromkeys(block.html.split(",")[0] for block in document(store).blocks))


def test_pages_are_joined_into_one_document(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    write(magazine)
    assert ingest(store, magazine, fetcher) == ["new"]
    assert pages_read(store) == ["Page 1", "Page 2", "Page 3"]
    assert (len(document(store).blocks), document(store).warnings) == (12, ())
    with store.read() as session:
        rows = session.execute(select(Snapshot.url, Snapshot.first_id).order_by(Snapshot.id)).all()
    assert [(url.rsplit("/", 1)[1], first) for url, first in rows] == [
        ("long", None),
        ("long?page=2", 1),
        ("long?page=3", 1),
    ]


def test_a_look_asks_for_each_page_on_its_condition(store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    write(magazine)
    ingest(store, magazine, fetcher)
    magazine.site.requests.clear()
    assert ingest(store, magazine, fetcher, NOW + HOUR) == ["unchanged"]
    asked = [(path, "if-none-match" in headers) for path, headers in magazine.site.requests]
    assert asked == [("/feed", True), ("/long", True), ("/long?page=2", True), ("/long?page=3", True)]
    magazine.write("/long?page=3", "Une longue grève", part(3, 3, " (mis à jour)"), announce=False)
    assert ingest(store, magazine, fetcher, NOW + 6 * HOUR) == ["changed"]
    assert pages_read(store) == ["Page 1", "Page 2", "Page 3"]
    assert "mis à jour" in document(store).blocks[-1].html
    assert [one.outcome for one in reextract_source(store, magazine.spec(), ["en"], NOW)] == ["unchanged"]


def test_a_page_more_is_a_change(sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    write(magazine, 2)
    ingest(sqlite_store, magazine, fetcher)
    write(magazine, 3)
    assert ingest(sqlite_store, magazine, fetcher, NOW + HOUR) == ["changed"]
    assert pages_read(sqlite_store) == ["Page 1", "Page 2", "Page 3"]


def test_a_trap_of_pages_without_end_is_left(sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    write(magazine, MOST_PAGES + 5)
    assert ingest(sqlite_store, magazine, fetcher) == ["new"]
    assert len(pages_read(sqlite_store)) == MOST_PAGES
    assert f"/long?page={MOST_PAGES + 1}" not in magazine.site.paths


def test_a_page_that_is_not_there_ends_the_article(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    write(magazine)
    magazine.site.pages["/long?page=3"] = status(404)
    assert ingest(sqlite_store, magazine, fetcher) == ["new"]
    assert pages_read(sqlite_store) == ["Page 1", "Page 2"]


def test_a_page_on_another_host_is_not_joined(sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher) -> None:
    write(magazine)
    port = magazine.site.port
    good = magazine.site.pages["/long?page=2"]
    magazine.site.pages["/long?page=2"] = redirect(f"http://localhost:{port}/elsewhere")
    magazine.site.pages["/elsewhere"] = good
    spec = magazine.spec(fetch={"delay": 0, "allow_private": [f"127.0.0.1:{port}", f"localhost:{port}"]})
    poll_source(sqlite_store, spec, fetcher, NOW)
    assert fetch_article(sqlite_store, 1, spec, fetcher, ["en"], NOW, "w").outcome == "new"
    assert "/elsewhere" in magazine.site.paths
    assert pages_read(sqlite_store) == ["Page 1"]
