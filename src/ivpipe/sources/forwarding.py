"""Pages that send their readers on by themselves (``<meta http-equiv="refresh">``, the ``Refresh`` header)."""

from __future__ import annotations

import re
from collections.abc import Callable

from ivpipe.errors import FetchError
from ivpipe.sources.notices import named_by_address
from ivpipe.sources.reading import FetchedPage
from ivpipe.sources.signs import page_signs

MOST_STEPS = 3
"""Pages in a row that are followed. Sites that moved need one, with a tracker in between two."""
LONGEST_DELAY = 10
"""Seconds: after a longer time a page is meant to be read, or reloads itself."""
MOST_WORDS = 80
"""Words a page may have to be one that only sends on: "this page has moved, click here if nothing happens"."""

_GLANCE = re.compile(rb"http-equiv\s*=\s*[\"']?\s*refresh", re.I)


def next_address(page: FetchedPage) -> str | None:
    """Where a page that has no text of its own sends its readers at once; None for every other page.

    What stands in ``noscript`` counts as well, unless it leads to a wall (consent, login): that is for browsers without
    scripts only, and the page itself says more about the article.
    """
    if "refresh" not in page.headers and not _GLANCE.search(page.body):
        return None
    signs = page_signs(page)
    refresh = signs.refresh
    if refresh is None or refresh.seconds > LONGEST_DELAY or signs.words > MOST_WORDS:
        return None
    if refresh.noscript and named_by_address("", refresh.address.partition("://")[2]):
        return None
    return refresh.address


def follow(page: FetchedPage, get: Callable[[str], FetchedPage]) -> FetchedPage:
    """The page that a page leads to in the end, three steps at most; each address is checked as any other by ``get``.

    Where a step leads nowhere (an error that does not pass, a circle, one too many) it is the last page there was.
    Raises FetchError where trying again may help.
    """
    been = {page.url}
    for _ in range(MOST_STEPS):
        address = next_address(page)
        if address is None or address in been:
            break
        been.add(address)
        try:
            page = get(address)
        except FetchError as error:
            if error.retryable:
                raise
            break
    return page
