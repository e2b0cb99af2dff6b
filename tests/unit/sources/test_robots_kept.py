"""robots.txt between runs: not asked for again for a day, then on the condition that it has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.http_site import HttpSite, page, running_site, with_etag

from ivpipe.errors import FetchRefused
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import Fetch

DAY = 86400.0


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with running_site() as site:
        site.pages["/robots.txt"] = with_etag(b"User-agent: *\nDisallow: /private\n", '"1"')
        site.pages["/un"] = site.pages["/private"] = page(b"text")
        yield site


def visit(site: HttpSite, folder: Path, when: float, path: str = "/un") -> None:
    """Fetch a page in a process of its own, so to speak."""
    policy = Fetch(delay=0, allow_private=(f"127.0.0.1:{site.port}",))
    with Fetcher("t", sleep=lambda _seconds: None, robots_folder=folder, wall=lambda: when) as fetcher:
        fetcher.get(f"http://127.0.0.1:{site.port}{path}", policy)


def asked(site: HttpSite) -> list[str | None]:
    """The condition of each request for robots.txt."""
    return [headers.get("if-none-match") for path, headers in site.requests if path == "/robots.txt"]


def test_rules_are_kept_for_a_day_and_then_asked_for_on_a_condition(site: HttpSite, tmp_path: Path) -> None:
    visit(site, tmp_path / "robots", 0)
    visit(site, tmp_path / "robots", DAY - 1)
    assert asked(site) == [None]
    with pytest.raises(FetchRefused, match=r"robots\.txt forbids"):
        visit(site, tmp_path / "robots", DAY - 1, "/private")
    visit(site, tmp_path / "robots", DAY)
    visit(site, tmp_path / "robots", 2 * DAY - 1)
    assert asked(site) == [None, '"1"']
    with pytest.raises(FetchRefused, match=r"robots\.txt forbids"):
        visit(site, tmp_path / "robots", 2 * DAY - 1, "/private")


def test_rules_that_have_changed_are_obeyed_the_next_day(site: HttpSite, tmp_path: Path) -> None:
    visit(site, tmp_path, 0)
    site.pages["/robots.txt"] = with_etag(b"User-agent: *\nDisallow: /un\n", '"2"')
    with pytest.raises(FetchRefused, match=r"robots\.txt forbids"):
        visit(site, tmp_path, DAY)


def test_a_site_without_rules_is_remembered_too(site: HttpSite, tmp_path: Path) -> None:
    del site.pages["/robots.txt"]
    visit(site, tmp_path, 0)
    visit(site, tmp_path, DAY / 2)
    assert asked(site) == [None]


@pytest.mark.parametrize(
    "damage", ["", "{", '{"text": 1}', "[]", '{"text":"","etag":"","last_modified":"","fetched_at":"x"}']
)
def test_a_damaged_file_only_costs_another_request(site: HttpSite, tmp_path: Path, damage: str) -> None:
    visit(site, tmp_path, 0)
    (file,) = tmp_path.iterdir()
    file.write_text(damage)
    visit(site, tmp_path, 1)
    assert asked(site) == [None, None]


def test_a_file_from_the_future_counts_as_old(site: HttpSite, tmp_path: Path) -> None:
    visit(site, tmp_path, 9 * DAY)
    visit(site, tmp_path, 0)
    assert asked(site) == [None, '"1"']


def test_a_folder_that_cannot_be_written_only_costs_another_request(site: HttpSite, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    visit(site, blocked / "robots", 0)
    visit(site, blocked / "robots", 1)
    assert asked(site) == [None, None]
