"""How real pages are judged: each as a first look, cut off at several places, and as if it were another's page.

The corpus is other publishers' pages and no part of the project: ``IVPIPE_CORPUS`` names its folder, by default
``../shared/corpus`` beside the repository. Run with ``-s`` to see the figures.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivpipe.errors import ExtractionError
from ivpipe.model import Document, Doubt
from ivpipe.sources.extraction import extract
from ivpipe.sources.judging import Announced, Look, document_text, judge_page
from ivpipe.sources.reading import FetchedPage

CORPUS = Path(os.environ.get("IVPIPE_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")
CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass
class Saved:
    site: str
    page: FetchedPage
    title: str
    document: Document | None


def fetched(body: bytes, url: str) -> FetchedPage:
    return FetchedPage(url, {"content-type": "text/html; charset=utf-8"}, body, datetime(2026, 7, 1, tzinfo=UTC))


def read(page: FetchedPage) -> Document | None:
    try:
        return extract(page.body, page.url, content_type=page.content_type)
    except ExtractionError:
        return None


@pytest.fixture(scope="module")
def pages() -> list[Saved]:
    found: list[Saved] = []

    def add(site: str, body: bytes, title: str) -> None:
        page = fetched(body, f"https://{site.lower()}.example/politics/article-{len(found)}")
        found.append(Saved(site, page, title, read(page)))

    for meta in sorted((CORPUS / "pages" / "fundus").glob("*/*.json")):
        files = sorted(meta.parent.glob(f"{meta.stem}_[0-9]*.html.gz"))
        for data, path in zip(json.loads(meta.read_text(encoding="utf-8")).values(), files, strict=True):
            add(meta.stem, gzip.decompress(path.read_bytes()), data.get("title") or "")
    for path in sorted((CORPUS / "pages" / "trafilatura").glob("*/*.html")):
        add(path.name.partition(".")[0], path.read_bytes(), "")
    if not found:
        pytest.skip(f"there is no corpus at {CORPUS}; set IVPIPE_CORPUS")
    return found


def judged(page: FetchedPage, document: Document | None, before: Document | None, title: str) -> Doubt | None:
    return judge_page(Look(page.url, page, document, before, announced=Announced(title)))


def test_real_articles_are_not_doubtful_at_the_first_look(
    pages: list[Saved], capsys: pytest.CaptureFixture[str]
) -> None:
    looks = [(one, title) for one in pages if one.document for title in {one.title, ""}]
    started = time.process_time()
    doubtful = [one.page.url for one, title in looks if judged(one.page, one.document, None, title)]
    spent = (time.process_time() - started) / len(looks)
    with capsys.disabled():
        print(
            f"\n{len(looks)} first looks (with and without announcement): {len(doubtful)} doubtful; {1000 * spent:.1f} ms each"
        )
    assert doubtful == []


def test_pages_cut_off_are_noticed(pages: list[Saved], capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    for one in pages:
        for share in CUTS:
            page = fetched(one.page.body[: int(len(one.page.body) * share)], one.page.url)
            document = read(page)
            if document is None:
                counts["nothing could be read"] += 1
            elif one.document and document_text(document) == document_text(one.document):
                counts["the text was whole"] += 1
            else:
                counts["noticed" if judged(page, document, one.document, "") else "missed"] += 1
                counts["noticed at the first look" if judged(page, document, None, one.title) else "missed then"] += 1
    with capsys.disabled():
        print(f"\ncut at {CUTS} of the bytes: {dict(counts)}")
    assert counts["noticed"] > 0.98 * (counts["noticed"] + counts["missed"])


def test_a_page_that_is_another_article_is_noticed(pages: list[Saved], capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    for at, one in enumerate(pages):
        near = [
            *pages[max(0, at - 6) : at],
            *pages[at + 1 : at + 7],
        ]  # beside it are pages of its site and its language
        for other in near if one.document else ():
            which = "same site" if other.site == one.site else "others"
            doubt = judged(other.page, other.document, one.document, one.title)
            counts[f"{which}: {'noticed' if doubt else 'missed'}"] += 1
    with capsys.disabled():
        print(f"\nanother article's page: {dict(counts)}")
    assert not counts["same site: missed"]
    assert not counts["others: missed"]
