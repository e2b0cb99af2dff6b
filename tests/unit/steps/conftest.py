"""A partner's site and a fetcher that does not wait, for the steps that ingest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.servers.magazine_site import MagazineSite, running_magazine

from ivpipe.sources.fetching import Fetcher


@pytest.fixture
def magazine() -> Iterator[MagazineSite]:
    with running_magazine() as magazine:
        yield magazine


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher("test@example.org", sleep=lambda _seconds: None) as fetcher:
        yield fetcher
