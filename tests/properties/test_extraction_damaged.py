"""Damaged pages (400; 3,000 with IVPIPE_DAMAGED=3000): each is read or refused, whatever was cut or mis-declared in it.

The pages are the project's own samples and, where ``IVPIPE_CORPUS`` or ``../shared/corpus`` is, real ones, read in place:
the smaller of them, of as many publishers, as a page's size only adds time; with more cases every second one.
The damage is drawn from a fixed seed, so that a failure can be seen again by its number.
"""

from __future__ import annotations

import gzip
import os
import random
import time
from pathlib import Path

import pytest
from tests.properties.test_extraction_hostile import check

from ivpipe.errors import ExtractionError
from ivpipe.sources.extraction import extract

CASES = int(os.environ.get("IVPIPE_DAMAGED", "400"))
REAL = 25 if CASES <= 400 else 200
SAMPLES = Path(__file__).parents[1] / "samples" / "pages"
CORPUS = Path(os.environ.get("IVPIPE_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")
CHARSETS = (
    "",
    "text/html; charset=utf-16",
    "text/html; charset=latin-1",
    "text/html; charset=hex",
    "text/html; charset=koi8-r",
)
URL = "https://revue.example/2025/article"


def whole_pages() -> list[bytes]:
    pages = [path.read_bytes() for path in sorted(SAMPLES.glob("*.html"))]
    real = sorted((CORPUS / "pages").glob("fundus/*/*.html.gz"), key=lambda path: (path.stat().st_size, path))[::2]
    corpus = real[:REAL] + sorted((CORPUS / "pages").glob("trafilatura/*/*.html"))
    for path in corpus:
        raw = path.read_bytes()
        pages.append(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return pages


def damaged(page: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(page) + 1)
        length = chance.choice((1, 7, 60, 900, 20_000))
        kind = chance.randrange(7)
        if kind == 0:
            page = page[:at]
        elif kind == 1:
            page = page[:at] + chance.randbytes(min(length, 900)) + page[at + length :]
        elif kind == 2:
            page = page[:at] + page[at + length :]
        elif kind == 3:
            page = page[:at] + page[at : at + length] * chance.randint(2, 9) + page[at:]
        elif kind == 4:
            page = page.replace(
                *chance.choice(((b"</p>", b""), (b"</div>", b""), (b'"', b""), (b">", b"> "), (b"<a ", b"<b ")))
            )
        elif kind == 5:
            page = (
                page[:at]
                + chance.choice((b"\x00", b"<!--", b"<script>", b"<table><tr>", b"]]>", b"<svg>", b"</body>"))
                + page[at:]
            )
        else:
            page = page[:at] + chance.choice((b"<div>", b"<em>", b"<blockquote>", b"<ul><li>")) * length + page[at:]
    return page


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_damaged_pages_are_read_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    pages = whole_pages()
    outcomes = {"read": 0, "refused": 0}
    slowest = (0.0, -1)
    for number in range(CASES):
        chance = random.Random(number)
        page = damaged(pages[number % len(pages)], chance)
        started = time.perf_counter()
        try:
            document = extract(page, URL, content_type=chance.choice(CHARSETS) if number % 5 == 0 else "")
        except ExtractionError as error:
            outcomes["unnamed"] = outcomes.get("unnamed", 0) + (error.subject != URL)
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            slowest = max(slowest, (time.perf_counter() - started, number))
            check(document)
    with capsys.disabled():
        print(f"\n{CASES} damaged pages of {len(pages)}: {outcomes}; slowest {slowest[0]:.2f} s (number {slowest[1]})")
    assert outcomes.pop("unnamed", 0) == 0
    assert sum(outcomes.values()) == CASES
