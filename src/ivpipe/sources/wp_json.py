"""WordPress's REST interface as a list of new articles."""

from __future__ import annotations

import json
import re
from typing import Any

from ivpipe.errors import SourceError
from ivpipe.sources.addresses import clean_link, parse_url
from ivpipe.sources.feed_dates import parse_date
from ivpipe.sources.feeds import Feed
from ivpipe.sources.found import Found, plain_text, plain_title
from ivpipe.sources.kinds import looks_like

_PER_PAGE = "50"
_FIELDS = "id,link,guid,title,excerpt,date_gmt"
_ADVICE = "open the address in a browser; where the site has switched wp-json off, use its feed"


def posts_url(url: str) -> str:
    """The address that lists the newest posts. ``url``: the site, its ``wp-json``, or its posts with a query of one's own."""
    parsed = parse_url(url)
    params = parsed.params
    if "rest_route" not in params and "/wp/v2/" not in parsed.path:
        path = parsed.path.rstrip("/")
        tail = "/wp/v2/posts" if path.endswith("/wp-json") else "/wp-json/wp/v2/posts"
        parsed = parsed.copy_with(path=path + tail)
    for name, value in (("per_page", _PER_PAGE), ("_fields", _FIELDS)):
        if name not in params:
            params = params.set(name, value)
    return str(parsed.copy_with(params=params))


def parse_posts(body: bytes, url: str, languages: tuple[str, ...] = ()) -> Feed:
    """Read an answer of ``wp/v2/posts``. Raises SourceError naming the address and what came instead."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        kind = looks_like(body)
        what = "JSON that is damaged" if kind == "JSON" else kind
        raise SourceError(f"this is no list of posts but {what}", subject=url, advice=_ADVICE) from error
    if isinstance(data, dict) and isinstance(data.get("message"), str):
        reason = plain_text(data["message"], 200)
        raise SourceError(f"WordPress refuses the list of posts: {reason}", subject=url, advice=_ADVICE)
    if not isinstance(data, list):
        raise SourceError("this is JSON, but no list of posts", subject=url, advice=_ADVICE)
    found = [article for post in data if (article := _found(post, url, languages)) is not None]
    warnings = []
    if len(found) < len(data):
        warnings.append(
            f"{url}: {len(data) - len(found)} of {len(data)} posts have no web address and were passed over"
        )
    return Feed(found, warnings, next=_next_page(url, len(data)))


def _next_page(url: str, posts: int) -> str:
    """The address of the next older posts; "" after a page that is not full."""
    address = parse_url(url)
    per_page, page = (address.params.get(key, fallback) for key, fallback in (("per_page", _PER_PAGE), ("page", "1")))
    if not (re.fullmatch(r"[0-9]{1,5}", per_page) and re.fullmatch(r"[0-9]{1,5}", page)) or posts < int(per_page):
        return ""
    return str(address.copy_set_param("page", str(int(page) + 1)))


def _found(post: Any, url: str, languages: tuple[str, ...]) -> Found | None:
    if not isinstance(post, dict) or not isinstance(post.get("link"), str):
        return None
    link = clean_link(post["link"], url)
    if link is None:
        return None
    return Found(
        url=link,
        guid=plain_text(_rendered(post.get("guid")) or str(post.get("id", "")), 1000),
        title=plain_title(_rendered(post.get("title"))),
        summary=plain_text(_rendered(post.get("excerpt"))),
        published=parse_date(post.get("date_gmt"), languages),
        lang=languages[0] if languages else "",
    )


def _rendered(field: Any) -> str:
    value = field.get("rendered") if isinstance(field, dict) else field
    return value if isinstance(value, str) else ""
