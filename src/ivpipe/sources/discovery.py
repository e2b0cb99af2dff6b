"""What is new at a source: its feeds, sitemaps, listings or WordPress read, merged, and cleaned of what is old or double."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ivpipe.bounded import Budget, bounded
from ivpipe.errors import PageGone, SourceError
from ivpipe.sources.addresses import may_be_fetched, parse_url
from ivpipe.sources.feeds import Feed, parse_feed
from ivpipe.sources.fetching import Fetched, Fetcher
from ivpipe.sources.filters import refusal
from ivpipe.sources.found import Found
from ivpipe.sources.listings import parse_listing
from ivpipe.sources.sitemaps import parse_sitemap
from ivpipe.sources.spec import Discovery, SourceSpec
from ivpipe.sources.wp_json import parse_posts, posts_url

__all__ = ["Discovered", "FeedVisit", "Found", "discover", "newest_first", "pages_since"]

_UNDATED = datetime.min.replace(tzinfo=UTC)

FIRST_UNDATED = 20
"""Of what has no date, so many are taken when a source is looked at for the first time: those that stand first."""

MAX_PARTS = 20
"""Sitemaps of an index that one look reads: those that changed last."""

MAX_PAGES = 500
"""Addresses that one look into the past reads of a source."""

_BUDGET = Budget(processor=10, result=16_000_000)
"""A feed of 10 MB with a thousand whole articles takes 1.8 s, a packed sitemap of 50 MB 2.4 s. Where it is refused a whole
source is not read, so this is wider than a page's."""


@dataclass(frozen=True, slots=True)
class FeedVisit:
    """A polled address as the spec (or a sitemap's index) names it, and the validators to send there next time."""

    url: str
    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """What ``discover`` found, newest first, no address twice; those without a date stand last, in the feed's order.

    ``visits`` has one entry per address that answered. ``unchanged``: every one said that nothing is new.
    ``asked``: all addresses, those included that failed. ``passed_over``: how many the source's filters refused.
    """

    found: list[Found]
    visits: list[FeedVisit]
    unchanged: bool
    warnings: list[str]
    asked: tuple[str, ...] = field(default=(), compare=False)
    passed_over: int = field(default=0, compare=False)


def discover(
    spec: SourceSpec,
    fetcher: Fetcher,
    validators: Mapping[str, tuple[str, str]],
    now: datetime,
    *,
    first: bool = False,
) -> Discovered:
    """Poll all addresses of ``spec.discovery``. ``validators`` maps an address to its (etag, last_modified).

    Where an index of sitemaps has not changed, the sitemaps it named last time, known by their validators, are asked.
    ``first``: the source has never been looked at; of what has no date only the beginning is taken.
    An address that fails is a warning while another one answers. Raises SourceError (FetchError and its kinds among
    them) where none does: the first failure that is retryable, else the first.
    """
    own = dict.fromkeys(spec.discovery.urls)
    limit = now - timedelta(days=spec.discovery.max_age_days)
    queue = deque(own)
    asked: dict[str, None] = {}
    found: list[Found] = []
    visits: list[FeedVisit] = []
    warnings: list[str] = []
    failures: list[SourceError] = []
    unchanged = True
    while queue:
        url = queue.popleft()
        asked[url] = None
        etag, last_modified = validators.get(url, ("", ""))
        try:
            answer = fetcher.get(_address(spec.discovery, url), spec.fetch, etag=etag, last_modified=last_modified)
            if answer.not_modified:
                visits.append(FeedVisit(url, answer.headers.get("etag", etag), last_modified))
                if url in own and spec.discovery.kind == "sitemap":
                    queue += [part for part in validators if part not in own and part not in asked]
                continue
            feed = _read(answer, spec, limit)
        except SourceError as error:
            failures.append(error)
            warnings.append(str(error))
            continue
        unchanged = False
        found.extend(feed.found)
        warnings.extend(feed.warnings)
        visits.append(FeedVisit(url, answer.headers.get("etag", ""), answer.headers.get("last-modified", "")))
        if url in own:
            queue += [part for part in _recent(feed.parts, limit) if part not in asked]
    if failures and not visits:
        raise next((failure for failure in failures if failure.retryable), failures[0])
    recent = newest_first(found, limit)
    if first:
        undated = [article for article in recent if _moment(article) is None][FIRST_UNDATED:]
        recent = [article for article in recent if article not in undated] if undated else recent
    wanted = [article for article in recent if not _refused(article, spec)]
    return Discovered(wanted, visits, unchanged and not failures, warnings, tuple(asked), len(recent) - len(wanted))


def pages_since(spec: SourceSpec, fetcher: Fetcher, since: datetime) -> Iterator[Feed]:
    """Look into a source's past as far as it goes: what it announces page by page, nothing older than ``since``.

    WordPress's REST and its feeds are paged through, as are feeds and listings that link to a next page; of an index
    of sitemaps all are read that changed since then. An address that fails is a warning and ends its own line.
    Raises SourceError at the end where none answered.
    """
    failures: list[SourceError] = []
    answered = False
    for start in dict.fromkeys(spec.discovery.urls):
        address = _address(spec.discovery, start)
        if spec.discovery.kind == "wp-json":
            after = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
            address = str(parse_url(address).copy_set_param("after", after))
        queue, asked, known = deque([address]), {address}, set[str]()
        while queue:
            url = queue.popleft()
            try:
                feed = _read(fetcher.get(url, spec.fetch), spec, since)
            except SourceError as error:
                if url == address:
                    failures.append(error)
                # The page after the last one answers 400 or 404: that is how one learns that it was the last.
                past_the_end = url != address and (isinstance(error, PageGone) or "answers 400" in error.message)
                yield Feed([], [] if past_the_end else [str(error)])
                continue
            answered = True
            new = [article for article in feed.found if article.url not in known]
            known.update(article.url for article in new)
            kept = [article for article in newest_first(new, since) if not _refused(article, spec)]
            yield Feed(kept, feed.warnings)
            further = [part for part, changed in feed.parts if changed is None or changed >= since]
            moments = [_moment(article) for article in new]
            if feed.next and moments and any(when is None or when >= since for when in moments):
                further.append(feed.next)
            for following in further:
                if following not in asked and len(asked) < MAX_PAGES:
                    asked.add(following)
                    queue.append(following)
        if len(asked) >= MAX_PAGES:
            yield Feed([], [f"{start}: it goes on; {MAX_PAGES} pages were read"])
    if failures and not answered:
        raise failures[0]


def _address(discovery: Discovery, url: str) -> str:
    if discovery.kind == "wp-json":
        return posts_url(url)
    return backend_url(url) if discovery.kind == "spip" else url


def backend_url(url: str) -> str:
    """The address of a SPIP site's backend. ``url``: the site's, or the backend's own."""
    address = parse_url(url)
    if "backend" in address.path or "backend" in address.params.get("page", ""):
        return str(address)
    path = address.path if address.path.endswith("/") else f"{address.path}/"
    return str(address.copy_with(path=f"{path}spip.php", query=b"page=backend"))


@bounded("reading what it announces", SourceError, subject="{answer.url}", budget=_BUDGET)
def _read(answer: Fetched, spec: SourceSpec, not_before: datetime) -> Feed:
    """What one address announces, without what leads where we never go."""
    feed = _parsed(answer, spec, not_before)
    found = [article for article in feed.found if may_be_fetched(article.url, spec.fetch.allow_private)]
    if len(found) == len(feed.found):
        return feed
    warning = (
        f"{answer.url}: {len(feed.found) - len(found)} of {len(feed.found)} entries lead to addresses that are not public"
        " and were passed over"
    )
    return replace(feed, found=found, warnings=[*feed.warnings, warning])


def _parsed(answer: Fetched, spec: SourceSpec, not_before: datetime) -> Feed:
    content_type = answer.headers.get("content-type", "")
    match spec.discovery.kind:
        case "wp-json":
            return parse_posts(answer.body, answer.url, spec.languages)
        case "sitemap":
            return parse_sitemap(answer.body, answer.url, spec.languages, not_before)
        case "listing":
            return parse_listing(answer.body, answer.url, content_type, spec.discovery.links, spec.languages)
    return parse_feed(answer.body, answer.url, content_type, spec.languages)


def _recent(parts: Iterable[tuple[str, datetime | None]], limit: datetime) -> list[str]:
    """The sitemaps of an index worth reading, those that changed last first; of undated ones, the last named."""
    dated = sorted(((when, url) for url, when in parts if when is not None and when >= limit), reverse=True)
    undated = [url for url, when in parts if when is None]
    return [*(url for _, url in dated), *reversed(undated)][:MAX_PARTS]


def _refused(article: Found, spec: SourceSpec) -> bool:
    texts = (article.title, article.summary)
    return bool(refusal(spec.filters, sections=article.sections, authors=article.authors, texts=texts, whole=False))


def _moment(article: Found) -> datetime | None:
    return article.published or article.changed


def newest_first(found: Iterable[Found], not_before: datetime) -> list[Found]:
    """Sort, drop what is older than ``not_before``, keep the newest of equal addresses.

    A guid that stands for several addresses names none of them, and is emptied.
    """
    unique: dict[str, Found] = {}
    for article in sorted(found, key=lambda article: _moment(article) or _UNDATED, reverse=True):
        when = _moment(article)
        if when is None or when >= not_before:
            unique.setdefault(article.url, article)
    uses = Counter(article.guid for article in unique.values())
    return [article if uses[article.guid] == 1 else replace(article, guid="") for article in unique.values()]
