"""Samples: saved pages of a source, each with the document expected of it, in the project's ``samples/<slug>/``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ivpipe.cli.extract import public_document
from ivpipe.errors import IvpipeError
from ivpipe.model.document import Document
from ivpipe.modes import write_ordinary
from ivpipe.sources.addresses import parse_url
from ivpipe.sources.reading import FetchedPage, read_pages
from ivpipe.sources.spec import SourceSpec
from ivpipe.sources.spec_files import slug_of

_NOT_COMPARED = frozenset({"extractor"})
_SHOWN = 120


def save_sample(
    home: Path,
    slug: str,
    page: FetchedPage,
    document: Document,
    overwrite: Callable[[Path], bool] = lambda _path: True,
) -> Path:
    """Save a page and what was read from it; returns the .json file. ``overwrite`` is asked where there is one."""
    folder = home / "samples" / slug
    target = folder / f"{_name(page.url)}.json"
    if target.exists() and not overwrite(target):
        raise click.Abort
    write_ordinary(target.with_suffix(".html"), page.body)
    expected = {
        "url": page.url,
        "content_type": page.content_type,
        "fetched_at": page.fetched_at.isoformat(timespec="seconds"),
        "document": {key: value for key, value in public_document(document).items() if key not in _NOT_COMPARED},
    }
    write_ordinary(target, json.dumps(expected, ensure_ascii=False, indent=2) + "\n")
    return target


def check_samples(home: Path, spec: SourceSpec) -> Iterator[tuple[Path, list[str]]]:
    """Read each sample of a source again; yields the .json file and what differs from it, one line per difference."""
    for path in sorted((home / "samples" / spec.slug).glob("*.json")):
        try:
            expected = json.loads(path.read_text(encoding="utf-8"))
            page = path.with_suffix(".html").read_bytes()
            fetched_at = datetime.fromisoformat(expected["fetched_at"])
            wanted = dict(expected["document"])
            url, content_type = str(expected["url"]), str(expected["content_type"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            yield path, [f"the sample cannot be read: {type(error).__name__}: {error}"]
            continue
        try:
            document = read_pages([FetchedPage(url, {"content-type": content_type}, page, fetched_at)], spec)
        except IvpipeError as error:
            yield path, [str(error)]
            continue
        yield path, list(_differences(wanted, public_document(document)))


def _differences(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for key in sorted({*wanted, *found} - _NOT_COMPARED):
        one, other = wanted.get(key), found.get(key)
        if one == other:
            continue
        if isinstance(one, list) and isinstance(other, list):
            at = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
            if at is None:
                yield f"{key}: {len(one)} expected, {len(other)} found"
                continue
            one, other, key = one[at], other[at], f"{key}[{at}]"
        yield f"{key}: expected {_short(one)}, found {_short(other)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _name(url: str) -> str:
    address = parse_url(url)
    last = re.sub(r"\.\w{1,5}$", "", address.path.rstrip("/").rsplit("/", 1)[-1])
    return slug_of(f"{last} {address.query.decode('ascii')}".strip()) or "page"
