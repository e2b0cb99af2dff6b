"""A static site of 5,000 articles: how long it takes to write it whole, and one article of it; and how large it is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivpipe.model import Block, BlockType, Document, Magazine, Note, Page
from ivpipe.publishers.static_site import StaticSite, StaticSiteSettings, stored_text

ARTICLES = 5000
UPDATES = 20
MAGAZINE = Magazine(name="The Ferry", languages=("en", "fr"), tagline="Carried across")
WORDS = [f"{start}{end}" for start in "ba ce di fo gu ha je ki lo mu na pe ri so tu va we".split() for end in
         "rrow nding llet sper tion ment rbour ckers ges ly".split()]  # fmt: skip
COUNTRIES = [f"Country {n}" for n in range(60)]
AUTHORS = [f"{first} {last}" for first in "Ana Ben Chloé Daud Eva".split() for last in WORDS[:80]]


def made(number: int) -> Page:
    """An article of some 900 words with notes; its labels are spread as a magazine's are: few often, many seldom."""
    chance = random.Random(number)
    lang = "fr" if number % 10 == 0 else "en"

    def sentence(words: int) -> str:
        return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."

    blocks = [Block(BlockType.PARAGRAPH, " ".join(sentence(15) for _ in range(4))) for _ in range(15)]
    for place in (3, 8):
        blocks.insert(place, Block(BlockType.HEADING, sentence(5), level=2))
    mark = '<sup class="note-ref" data-note="1">1</sup>'
    blocks[0] = replace(blocks[0], html=blocks[0].html + mark)
    when = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=17 * number)
    return Page(
        key=f"ivpipe-{number}-{lang}",
        slug=f"{sentence(6)} {number}",
        lang=lang,
        revision=1,
        document=Document(
            url=f"https://semaine.example/{number}",
            title=sentence(7),
            lang=lang,
            standfirst=sentence(25),
            blocks=tuple(blocks),
            notes=(Note("1", sentence(12)),),
        ),
        byline=tuple(chance.sample(AUTHORS, 2)),
        translator="",
        attribution_html="Translated by <strong>The Ferry</strong> from <strong>La Semaine</strong>.",
        postscript_html="",
        copyright="© The Ferry",
        licence="",
        magazine="The Ferry",
        partner=f"Partner {int(chance.paretovariate(1)) % 15}",
        partner_url="https://semaine.example/",
        original_url=f"https://semaine.example/{number}",
        original_lang="de",
        original_title="Titel",
        original_published="2026-06-12",
        published_at=when,
        updated_at=when,
        country=COUNTRIES[int(chance.paretovariate(0.8)) % 60],
        section=f"Section {number % 8}",
        keywords=tuple(chance.sample(WORDS, 4)),
        edition=f"Ferry {number // 40} – {when:%B %Y}",
    )


def seconds(act: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and processor seconds of a call."""
    wall, own = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - own


def report(what: str, times: list[tuple[float, float]]) -> None:
    wall, own = sorted(one[0] for one in times), sorted(one[1] for one in times)
    at = int(len(times) * 0.95 + 0.5) - 1
    print(
        f"{what:38} p50 {wall[len(wall) // 2]:.2f} s  p95 {wall[at]:.2f} s  (processor {own[len(own) // 2]:.2f}, {own[at]:.2f})"
    )


@pytest.mark.timeout(1800)
def test_a_site_of_five_thousand_articles(tmp_path: Path) -> None:
    settings = StaticSiteSettings(base_url="https://ferry.example/")
    site = StaticSite(settings, slug="web", magazine=MAGAZINE, data_dir=tmp_path)
    root = tmp_path / "site"
    pages = root / "_ivpipe/pages"
    pages.mkdir(parents=True)
    for number in range(ARTICLES):
        page = made(number)
        path = f"{page.lang}/{number}.html"
        (pages / f"{page.key}.json").write_text(stored_text(path, page))
    wall, own = seconds(site.rebuild)
    print(f"\n{ARTICLES} articles written whole: {wall:.1f} s (processor {own:.1f} s)")

    def stamps() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}

    chance = random.Random(7)
    updates, touched = [], 0
    for number in chance.sample(range(ARTICLES), UPDATES):
        page = made(number)
        changed = replace(page, revision=2, document=replace(page.document, title=f"Changed {number}"))
        before = stamps()
        updates.append(seconds(lambda page=changed: site.upsert(page.key, page)))  # type: ignore[misc]
        touched = max(touched, sum(before.get(path) != stamp for path, stamp in stamps().items()))
    report("one article updated", updates)
    print(f"{'files touched by it, at most':38} {touched}")
    report("one article added", [seconds(lambda n=n: site.upsert(made(n).key, made(n))) for n in range(5000, 5020)])  # type: ignore[misc]
    refs = [site.find(made(number).key) for number in chance.sample(range(ARTICLES), UPDATES)]
    report("one article withdrawn", [seconds(lambda ref=ref: site.withdraw(ref)) for ref in refs])  # type: ignore[misc]

    sizes = [path.stat().st_size for path in root.glob("en/*.html")]
    search = [path.stat().st_size for path in root.glob("en/search/*.json")]
    style = (root / "static/site.css").stat().st_size
    print(f"{'largest article page, and style sheet':38} {max(sizes) / 1000:.0f} kB, {style / 1000:.0f} kB")
    print(
        f"{'search, English':38} {len(search)} parts, the largest {max(search) / 1000:.0f} kB, {sum(search) / 1e6:.1f} MB"
    )
    print(f"{'files':38} {len(stamps())}")
