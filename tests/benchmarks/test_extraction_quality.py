"""How well pages nobody wrote a spec for are read, next to trafilatura and readability-lxml, in the same run.

The corpus is other publishers' pages with gold (fundus' format) and is no part of the project: ``IVPIPE_CORPUS`` names
its folder, by default ``../shared/corpus`` beside the repository. Run with ``-s`` to see the table.

How the gold is made: a parser written by hand per publisher takes the title from where that publisher's author chose
to (og:title, JSON-LD or h1, which differ on 71 of the 157 pages; the best choice by which of them agree, made in knowledge
of the gold, would be right on 90 %; ours is the title shown), authors as they are declared, the standfirst, sub-heads
and paragraphs by selector (lists are often left out), and every captioned picture. What is counted, texts without
punctuation, space and case: F1 of 4-grams of standfirst, heads and paragraphs, mean over pages; sub-heads that are
headings of the document; title (with the line above it or without), authors (as a set), day and standfirst that are the
gold's; captions of the gold that are in one of the document's, or hold one.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import readability
import trafilatura
from lxml import etree
from lxml import html as lxml_html
from readability.readability import Unparseable

from ivpipe.errors import ExtractionError
from ivpipe.model.document import BlockType, Document
from ivpipe.sources.extraction import extract
from ivpipe.sources.parsing import parse_page
from ivpipe.sources.spec import Discovery, Fields, SourceSpec
from ivpipe.text.inline import inline_text
from ivpipe.text.inline_reader import read_text

CORPUS = Path(os.environ.get("IVPIPE_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")


@dataclass
class Gold:
    name: str
    page: str
    title: str
    authors: list[str]
    published: str
    summary: list[str]
    headings: list[str]
    paragraphs: list[str]
    captions: list[str]


@dataclass
class Score:
    f1: list[float] = field(default_factory=list)
    hits: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def count(self, name: str, hit: bool, weight: int = 1) -> None:
        self.of[name] += weight
        self.hits[name] += weight * hit

    def share(self, name: str) -> float:
        return self.hits[name] / self.of[name] if self.of[name] else float("nan")


def gold_pages() -> list[Gold]:
    pages = []
    for meta in sorted((CORPUS / "pages" / "fundus").glob("*/*.json")):
        versions: dict[str, Any] = json.loads(meta.read_text(encoding="utf-8"))
        files = sorted(meta.parent.glob(f"{meta.stem}_[0-9]*.html.gz"))
        for (version, data), path in zip(versions.items(), files, strict=True):
            sections = data["body"]["sections"] if data.get("body") else []
            pages.append(
                Gold(
                    name=f"{meta.parent.name}/{meta.stem} {version}",
                    page=gzip.decompress(path.read_bytes()).decode("utf-8", "replace"),
                    title=data.get("title") or "",
                    authors=data.get("authors") or [],
                    published=str(data.get("publishing_date") or ""),
                    summary=(data["body"] or {}).get("summary") or [] if data.get("body") else [],
                    headings=[text for section in sections for text in section["headline"]],
                    paragraphs=[text for section in sections for text in section["paragraphs"]],
                    captions=[image["caption"] for image in data.get("images") or [] if image.get("caption")],
                )
            )
    return pages


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def four_gram_f1(wanted: str, found: str) -> float:
    def grams(text: str) -> Counter[tuple[str, ...]]:
        tokens = words(text)
        return (
            Counter(zip(*(tokens[at:] for at in range(4)), strict=False))
            if len(tokens) > 3
            else Counter([tuple(tokens)])
        )

    gold, mine = grams(wanted), grams(found)
    common = sum((gold & mine).values())
    return 2 * common / (sum(gold.values()) + sum(mine.values())) if common else 0.0


def squeeze(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def document_text(document: Document) -> str:
    parts = [document.standfirst and inline_text(document.standfirst)]
    parts += [
        re.sub(r"<[^>]*>", " ", block.html) if block.type is BlockType.TABLE else inline_text(block.html)
        for block in document.blocks
        if block.type not in (BlockType.FIGURE, BlockType.RULE) and block.role != "embed"
    ]
    return "\n".join(parts)


def by_ivpipe(page: str, url: str) -> tuple[str, Document | None]:
    try:
        document = extract(page, url)
    except ExtractionError:
        return "", None
    return document_text(document), document


TEXT_ALONE = {"favor_precision": True, "include_comments": False}


def by_trafilatura(page: str, _url: str) -> tuple[str, None]:
    return trafilatura.extract(page, **TEXT_ALONE) or "", None


def by_readability(page: str, _url: str) -> tuple[str, None]:
    try:
        summary = readability.Document(page).summary(html_partial=True)
        return "\n".join(lxml_html.fromstring(summary).itertext()), None
    except (Unparseable, etree.ParserError):  # the latter where it found nothing
        return "", None


EXTRACTORS: dict[str, Callable[[str, str], tuple[str, Document | None]]] = {
    "ivpipe": by_ivpipe,
    "trafilatura": by_trafilatura,
    "readability-lxml": by_readability,
}


def measure(pages: list[Gold]) -> tuple[dict[str, Score], dict[str, dict[str, float]]]:
    scores = {name: Score() for name in EXTRACTORS}
    per_page: dict[str, dict[str, float]] = {}
    for gold in pages:
        body = "\n".join([*gold.summary, *gold.headings, *gold.paragraphs])
        for name, run in EXTRACTORS.items():
            started = time.perf_counter()
            text, document = run(gold.page, f"https://{gold.name.split()[0].split('/')[1].lower()}.example/article")
            score = scores[name]
            score.seconds += time.perf_counter() - started
            f1 = four_gram_f1(body, text) if gold.paragraphs else 1.0
            score.f1.append(f1)
            per_page.setdefault(gold.name, {})[name] = f1
            found = squeeze(text)
            if name == "ivpipe":
                count_fields(score, gold, document)
            else:
                for heading in gold.headings:
                    score.count("headings", squeeze(heading) in found)
                for summary in gold.summary:
                    score.count("standfirst", squeeze(summary) in found)
    return scores, per_page


def count_fields(score: Score, gold: Gold, document: Document | None) -> None:
    headings = (
        {squeeze(inline_text(b.html)) for b in document.blocks if b.type is BlockType.HEADING} if document else set()
    )
    for heading in gold.headings:
        score.count("headings", squeeze(heading) in headings)
    if gold.title:
        score.count("title", document is not None and squeeze(gold.title) in titles_of(document))
    if gold.authors:
        score.count(
            "authors", document is not None and set(map(squeeze, document.authors)) == set(map(squeeze, gold.authors))
        )
    if gold.published:
        score.count("date", document is not None and document.published[:10] == gold.published[:10])
    if gold.summary:
        mine = squeeze(inline_text(document.standfirst)) if document else ""
        score.count("standfirst", mine == squeeze("".join(gold.summary)))
    captions = {squeeze(inline_text(image.caption)) for image in document.images} if document else set()
    for caption in gold.captions:
        wanted = squeeze(caption)
        score.count("captions", any(wanted and (wanted in one or (one and one in wanted)) for one in captions))


def titles_of(document: Document) -> tuple[str, str]:
    """The title, and with the line above it: some parsers of the gold put the two together."""
    title = squeeze(inline_text(document.title))
    return title, squeeze(inline_text(document.kicker)) + title


def processor_seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def simple_spec(gold: Gold) -> SourceSpec | None:
    """A spec as an editor would write it, by CSS selectors: for pages where classes tell title and body."""
    root = parse_page(gold.page, "https://x.example/a", "")
    first, last = (squeeze(text)[:40] for text in (gold.paragraphs[0], gold.paragraphs[-1]))
    bodies = [
        node
        for node in root.iter("div", "section", "article", "main")
        if (text := squeeze(read_text(node))) and first in text and last in text
    ]
    for body in reversed(bodies):
        for name in (body.get("class") or "").split():
            rule = f"{body.tag}.{name}"
            if re.fullmatch(r"[a-z]+\.[A-Za-z][\w-]*", rule) and sum(1 for _ in root.iterfind(f".//{body.tag}")):
                found = root.cssselect(rule)
                if found and found[0] is body:
                    return SourceSpec(
                        slug="bench",
                        name="Bench",
                        url="https://x.example/",
                        languages=("de",),
                        discovery=Discovery(urls=("https://x.example/feed",)),
                        fields=Fields(
                            title=("css:h1", "meta:og:title"),
                            standfirst=("meta:description", "meta:og:description"),
                            authors=("jsonld:author", "meta:author"),
                            published=("jsonld:datePublished", "meta:article:published_time", "css:time"),
                            body=(f"css:{rule}",),
                        ),
                    )
    return None


@pytest.mark.filterwarnings("default")
def test_speed_beside_trafilatura(pages: list[Gold], capsys: pytest.CaptureFixture[str]) -> None:
    """Prints pages a second of one core, the same pages in the same run; asserts nothing, as the machine is shared.

    trafilatura's first row is its text alone; ours is what it gives with ``with_metadata``, and more.
    """
    specs = [(gold, spec) for gold in pages if gold.paragraphs and (spec := simple_spec(gold))]
    with_spec = [gold for gold, _ in specs]
    for gold, spec in specs[:5]:
        by_ivpipe(gold.page, "https://x.example/a")
        extract(gold.page, "https://x.example/a", spec=spec)
        by_trafilatura(gold.page, "")
    rows = {
        "trafilatura": processor_seconds(lambda: [by_trafilatura(gold.page, "") for gold in with_spec]),
        "  with metadata": processor_seconds(
            lambda: [trafilatura.extract(gold.page, with_metadata=True, **TEXT_ALONE) for gold in with_spec]
        ),
        "ivpipe, no spec": processor_seconds(
            lambda: [by_ivpipe(gold.page, "https://x.example/a") for gold in with_spec]
        ),
        "ivpipe, spec": processor_seconds(lambda: [_extracted(gold, spec) for gold, spec in specs]),
        "readability-lxml": processor_seconds(lambda: [by_readability(gold.page, "") for gold in with_spec]),
    }
    with capsys.disabled():
        print(f"\n\n{len(specs)} pages, one core")
        for name, seconds in rows.items():
            print(f"{name:18}{len(specs) / seconds:9.1f} pages/s{rows['trafilatura'] / seconds:8.2f} x trafilatura")


def _extracted(gold: Gold, spec: SourceSpec) -> Document | None:
    try:
        return extract(gold.page, "https://x.example/a", spec=spec)
    except ExtractionError:
        return None


@pytest.fixture(scope="module")
def pages() -> list[Gold]:
    if not (CORPUS / "pages" / "fundus").is_dir():
        pytest.skip(f"there is no corpus at {CORPUS}; set IVPIPE_CORPUS")
    return gold_pages()


@pytest.mark.filterwarnings("default")
def test_extraction_is_better_than_others_without_a_spec(pages: list[Gold], capsys: pytest.CaptureFixture[str]) -> None:
    scores, per_page = measure(pages)
    fields = ("headings", "title", "authors", "date", "standfirst", "captions")
    with capsys.disabled():
        print(f"\n\n{len(pages)} pages, no spec")
        print(f"{'':18}{'F1':>8}{'pages/s':>9}" + "".join(f"{name:>12}" for name in fields))
        for name, score in scores.items():
            cells = "".join(f"{score.share(field):12.3f}" if score.of[field] else f"{'':>12}" for field in fields)
            print(f"{name:18}{sum(score.f1) / len(score.f1):8.3f}{len(pages) / score.seconds:9.1f}{cells}")
        worst = sorted(per_page.items(), key=lambda item: item[1]["ivpipe"])[:12]
        print("weakest: " + ", ".join(f"{name} {row['ivpipe']:.2f}" for name, row in worst))
    mean = {name: sum(score.f1) / len(score.f1) for name, score in scores.items()}
    assert mean["ivpipe"] > mean["trafilatura"]
    assert mean["ivpipe"] > mean["readability-lxml"]


FRENCH_NOTES = {
    "cache/laviedesidees.fr.evaluation.html": 5,
    "eval/blog.mondediplo.net.turpitude.html": 1,
    "eval/legrandcontinent.eu.heran.html": 1,
}
"""Pages of the corpus with footnotes, and how many each has."""


@pytest.mark.parametrize("name", sorted(FRENCH_NOTES))
def test_notes_of_french_pages_are_joined_with_their_references(name: str) -> None:
    path = CORPUS / "pages" / "trafilatura" / name
    if not path.is_file():
        pytest.skip(f"there is no corpus at {CORPUS}; set IVPIPE_CORPUS")
    document = extract(path.read_bytes(), f"https://{name.split('/')[1].split('.html')[0]}/article")
    references = re.findall(r'data-note="([^"]*)"', "".join(block.html for block in document.blocks))
    assert [note.label for note in document.notes] == references
    assert len(references) == FRENCH_NOTES[name]
    assert all(len(note.html) > 20 for note in document.notes)
