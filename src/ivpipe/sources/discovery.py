"""What is new at a source: its feeds or its WordPress read, merged, and cleaned of what is old or double."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ivpipe.errors import SourceError
from ivpipe.sources.feeds import Feed, parse_feed
from ivpipe.sources.fetching import Fetched, Fetcher
from ivpipe.sources.found import Found
from ivpipe.sources.spec import SourceSpec
from ivpipe.sources.wp_json import parse_posts, posts_url

__all__ = ["Discovered", "FeedVisit", "Found", "discover", "newest_first"]

_UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedVisit:
    """A polled address as the spec names it, and the validators to send there next time."""

    url: str
    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """What ``discover`` found, newest first, no address twice; those without a date stand last, in the feed's order.

    ``visits`` has one entry per address that answered. ``unchanged``: every one said that nothing is new.
    """

    found: list[Found]
    visits: list[FeedVisit]
    unchanged: bool
    warnings: list[str]


def discover(
    spec: SourceSpec, fetcher: Fetcher, validators: Mapping[str, tuple[str, str]], now: datetime
) -> Discovered:
    """Poll all addresses of ``spec.discovery``. ``validators`` maps an address to its (etag, last_modified).

    An address that fails is a warning while another one answers. Raises SourceError (FetchError and its kinds among
    them) where none does: the first failure that is retryable, else the first.
    """
    found: list[Found] = []
    visits: list[FeedVisit] = []
    warnings: list[str] = []
    failures: list[SourceError] = []
    unchanged = True
    for url in dict.fromkeys(spec.discovery.urls):
        etag, last_modified = validators.get(url, ("", ""))
        try:
            address = posts_url(url) if spec.discovery.kind == "wp-json" else url
            answer = fetcher.get(address, spec.fetch, etag=etag, last_modified=last_modified)
            if answer.not_modified:
                visits.append(FeedVisit(url, answer.headers.get("etag", etag), last_modified))
                continue
            feed = _read(answer, spec)
        except SourceError as error:
            failures.append(error)
            warnings.append(str(error))
            continue
        unchanged = False
        found.extend(feed.found)
        warnings.extend(feed.warnings)
        visits.append(FeedVisit(url, answer.headers.get("etag", ""), answer.headers.get("last-modified", "")))
    if failures and not visits:
        raise next((failure for failure in failures if failure.retryable), failures[0])
    limit = now - timedelta(days=spec.discovery.max_age_days)
    return Discovered(newest_first(found, limit), visits, unchanged and not failures, warnings)


def _read(answer: Fetched, spec: SourceSpec) -> Feed:
    if spec.discovery.kind == "wp-json":
        return parse_posts(answer.body, answer.url, spec.languages)
    return parse_feed(answer.body, answer.url, answer.headers.get("content-type", ""), spec.languages)


def newest_first(found: Iterable[Found], not_before: datetime) -> list[Found]:
    """Sort, drop what is older than ``not_before``, keep the newest of equal addresses.

    A guid that stands for several addresses names none of them, and is emptied.
    """
    unique: dict[str, Found] = {}
    for article in sorted(found, key=lambda article: article.published or _UNDATED, reverse=True):
        if article.published is None or article.published >= not_before:
            unique.setdefault(article.url, article)
    uses = Counter(article.guid for article in unique.values())
    return [article if uses[article.guid] == 1 else replace(article, guid="") for article in unique.values()]
