"""Writing source specs: the file a newcomer starts from, and a list of partners (OPML) as specs."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from ivpipe.errors import SourceError
from ivpipe.model.languages import primary
from ivpipe.sources.addresses import clean_link, parse_url
from ivpipe.sources.feeds import escape_bare
from ivpipe.sources.found import plain_text

MAX_OPML_BYTES = 5_000_000
MAX_OUTLINES = 2000
_RESERVED = 63


def slug_of(text: str) -> str:
    """A slug made of a site's address or a name: "https://www.la-revue.org/" and "La Revue" → "la-revue". "" if none."""
    if (link := clean_link(text)) is not None:
        host = re.sub(r"^(?:www\d?|m|blogs?)\.(?=[^.]+\.)", "", parse_url(link).host.lower())
        text = re.sub(r"\.(?:co|com|org|net|gov|ac)\.[a-z]{2}$|\.[a-z]{2,}$", "", host)
    letters = re.sub(r"[^\w\u0300-\u036f]+", "-", unicodedata.normalize("NFKD", text))
    plain = letters.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_RESERVED].strip("-")


def spec_text(
    *,
    name: str,
    url: str,
    languages: Iterable[str],
    platform: str,
    kind: str,
    urls: Iterable[str],
    allow_private: Iterable[str] = (),
    enabled: bool = True,
) -> str:
    """The text of ``config/sources/<slug>.toml``."""
    lines = [
        *(
            []
            if enabled
            else ["# Switch it on when `ivpipe source check` shows its articles as they should be.", "enabled = false"]
        ),
        f"name = {_toml(name)}",
        f"url = {_toml(url)}",
        f"languages = {_toml(list(languages))}",
        f"platform = {_toml(platform)}",
        "# Under which licence it publishes; and who agreed to translations, when, and to what.",
        'licence = ""',
        'permission = ""',
        "",
        "[discovery]",
        f"kind = {_toml(kind)}",
        f"urls = {_toml(list(urls))}",
    ]
    if allowed := list(allow_private):
        lines += ["", "[fetch]", f"allow_private = {_toml(allowed)}"]
    return "\n".join(lines) + "\n"


def _toml(value: str | list[str]) -> str:
    """A TOML string or array of strings: JSON's are the same, but for characters that cannot stand in a file."""
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", value), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Partner:
    """One entry of a list of partners. ``feed`` and ``url`` are clean addresses; ``lang`` "" where it does not say."""

    slug: str
    name: str
    feed: str
    url: str
    lang: str


def read_opml(data: bytes, name: str) -> tuple[list[Partner], list[str]]:
    """The feeds in an OPML file, each address once, slugs distinct; and what was passed over. ``name`` is for messages.

    Entities are not expanded and nothing is loaded. Raises SourceError where it is no OPML.
    """
    if len(data) > MAX_OPML_BYTES:
        raise SourceError(f"is larger than {MAX_OPML_BYTES // 1_000_000} MB", subject=name, advice="split the list")
    partners: dict[str, Partner] = {}
    slugs: set[str] = set()
    problems: list[str] = []
    known = False
    if b"\x00" not in data[:100]:
        data = escape_bare(data)
    try:
        for event, node in etree.iterparse(
            io.BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, recover=True,
        ):  # fmt: skip
            tag = node.tag.lower() if isinstance(node.tag, str) else ""
            known = known or tag == "opml"
            if event != "start" or tag != "outline":
                continue
            values = {str(key).lower(): str(value) for key, value in node.attrib.items()}
            if "xmlurl" not in values:
                continue
            title = plain_text(values.get("title") or values.get("text") or "", 200)
            feed = clean_link(values["xmlurl"])
            if feed is None:
                problems.append(f"{title or 'an entry'}: {values['xmlurl'][:100]!r} is no web address")
                continue
            if feed in partners:
                continue
            if len(partners) >= MAX_OUTLINES:
                problems.append(f"only the first {MAX_OUTLINES} entries were read")
                break
            site = clean_link(values.get("htmlurl", "")) or str(parse_url(feed).copy_with(path="/", query=None))
            slug = _distinct(slug_of(title) or slug_of(site) or "source", slugs)
            partners[feed] = Partner(slug, title or slug, feed, site, _language(values.get("language", "")))
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if not known:
            raise SourceError(f"is not OPML: {error}", subject=name, advice=_ADVICE) from error
        problems.append(f"the file is damaged and was read as far as it goes: {error}")
    if not known:
        raise SourceError("is not OPML", subject=name, advice=_ADVICE)
    return list(partners.values()), problems


_ADVICE = "feed readers export such a file, with an <outline xmlUrl=…> for each feed"


def _distinct(slug: str, taken: set[str]) -> str:
    chosen, number = slug, 1
    while chosen in taken:
        number += 1
        chosen = f"{slug[: _RESERVED - 5]}-{number}"
    taken.add(chosen)
    return chosen


def _language(text: str) -> str:
    return primary(text) if re.fullmatch(r"[a-zA-Z]{2,3}(?:[-_][A-Za-z]{2,8})?", text) else ""
