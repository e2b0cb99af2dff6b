"""How well pages that others chose and marked are read without a spec, next to trafilatura and readability-lxml.

No set is part of the project: ``IVPIPE_CORPUS_AEB`` names a checkout of scrapinghub/article-extraction-benchmark,
``IVPIPE_CORPUS_READABILITY`` one of mozilla/readability, ``IVPIPE_CORPUS_TRAFILATURA`` one of adbar/trafilatura. Run with
``-s`` to see the tables.

The first has the text of 181 news pages of 2019: counted as its own ``evaluate.py`` does, the 4-grams of words in common,
precision and recall as means over the pages, F1 of the two. Its gold has no standfirsts; we count ours all the same.
The second has the HTML that a browser's reading view is to keep of 130 pages of every kind: counted are the elements of
it that are found again, by their text without punctuation, space and case (pictures: by their file's name, each once), as
a mean over pages and of all elements together. The HTML keeps "see also", tags, bylines, comments, and a good many
lists of other articles, which ivpipe means to leave out. Not counted, in the HTML or of any reader:

- links within the page, which lead nowhere in a translation, and items of lists that are nothing else: contents;
- headings that are the page's title or part of it, with what they link to: the HTML has left out the title itself, but
  on some pages not all of it;
- what only lies in a list or a table, as the HTML keeps both where they merely set out a page: items with headings in them
  (sections), items that are only pictures or a date; tables without head cells where hardly a row has text in two cells;
  a quotation that holds only a table, which is counted as such.

Links that follow each other with nothing between them and lead to the same place are one.

The third has about 990 pages of every kind, many of them German, with snippets that must be in their text and others
that must not: counted as its own ``evaluate.py`` does, over all snippets together, space aside. Captions, which it has among
both, are not in our text here. Titles, authors and dates that it names are counted too. Half of the pages (those whose
name's hash is even) were looked at while ivpipe was made.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean

import pytest
import readability
import trafilatura
from lxml import html as lxml_html
from readability.readability import Unparseable
from tests.benchmarks.test_extraction_quality import EXTRACTORS, by_ivpipe, squeeze, titles_of

from ivpipe.sources.charset import decode_page
from ivpipe.sources.pictures import file_name
from ivpipe.text.html_writer import write_document

Grams = Counter[tuple[str, ...]]


def checkout(variable: str, repository: str) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"{variable} is not set: the folder of a checkout of {repository}")
    return Path(folder)


def grams(text: str) -> Grams:
    tokens = re.findall(r"\w+", text)
    return Counter(tuple(tokens[at : at + 4]) for at in range(max(1, len(tokens) - 3)) if tokens)


def share(common: int, whole: int, other: int) -> float:
    """Of ``whole`` 4-grams those in common; all, where neither text has any."""
    return common / whole if whole else float(not other)


@pytest.mark.filterwarnings("default")
def test_text_of_news_pages_is_read_better_than_by_others(capsys: pytest.CaptureFixture[str]) -> None:
    folder = checkout("IVPIPE_CORPUS_AEB", "scrapinghub/article-extraction-benchmark")
    gold = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    precision: dict[str, list[float]] = defaultdict(list)
    recall: dict[str, list[float]] = defaultdict(list)
    for key, article in gold.items():
        page = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace")
        wanted = grams(article["articleBody"])
        for name, run in EXTRACTORS.items():
            found = grams(run(page, article["url"])[0])
            common = (wanted & found).total()
            precision[name] += [share(common, found.total(), wanted.total())] * bool(wanted or found)
            recall[name] += [share(common, wanted.total(), found.total())] * bool(wanted)
    f1 = {}
    with capsys.disabled():
        print(f"\n\n{len(gold)} news pages\n{'':18}{'F1':>8}{'precision':>11}{'recall':>8}")
        for name in EXTRACTORS:
            kept, whole = mean(precision[name]), mean(recall[name])
            f1[name] = 2 * kept * whole / (kept + whole)
            print(f"{name:18}{f1[name]:8.3f}{kept:11.3f}{whole:8.3f}")
    assert f1["ivpipe"] > max(f1["trafilatura"], f1["readability-lxml"])


def html_by_ivpipe(page: str) -> str:
    document = by_ivpipe(page, "http://fakehost/test/page.html")[1]
    if document is None:
        return ""
    written = write_document(document, pictures=True)
    notes = "".join(f"<li>{note.html}</li>" for note in document.notes)  # without labels, as the others'
    # Kicker and standfirst stand in headings of most pages, and with the others.
    above = f"<h2>{written.kicker}</h2><h1>{written.title}</h1><h2>{written.standfirst}</h2>"
    return f"{above}{written.lead}{written.body}{notes}"


def html_by_trafilatura(page: str) -> str:
    kept = {f"include_{name}": True for name in ("links", "images", "tables", "formatting")}
    html = trafilatura.extract(page, output_format="html", include_comments=False, **kept) or ""
    return html.replace("<graphic", "<img")


def html_by_readability(page: str) -> str:
    try:
        return str(readability.Document(page).summary(html_partial=True))
    except Unparseable:
        return ""


HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def elements(html: str, title: str) -> Iterator[tuple[str, str]]:
    """The kinds and texts of what is counted. ``title``: the page's, squeezed."""
    root = lxml_html.fromstring(f"<div>{html}</div>")
    for link in root.xpath(".//a[starts-with(@href, '#')]"):
        if 0 < len(squeeze(link.text_content())) < 4:
            link.drop_tree()  # a note's mark, or from a note back to it
    for node in [*root.iter(*HEADINGS)]:
        if (text := squeeze(node.text_content())) and text in title:
            node.drop_tree()
    begun = ""
    for link in root.iter("a"):
        begun += link.text_content()
        after = link.getnext()
        if (link.tail or "").strip() or after is None or after.tag != "a" or after.get("href") != link.get("href"):
            if (link.get("href") or "#")[0] != "#":
                yield "links", begun
            begun = ""
    for node in root.iter("em", "i"):
        yield "italics", node.text_content()
    for item in root.iter("li"):
        own = f"[count(ancestor::li) = {len([*item.iterancestors('li')]) + 1}][not(ancestor::figure or ancestor::time)]"
        linked = squeeze("".join(item.xpath(f".//text(){own}[not(ancestor::a[starts-with(@href, '#')])]")))
        if linked and next(item.iter(*HEADINGS), None) is None:
            yield "list items", "".join(item.xpath(f".//text(){own}"))
    for node in root.iter(*HEADINGS[:4]):
        yield "headings", node.text_content()
    for quote in root.iter("blockquote"):
        for node in quote.iter("p") if quote.find(".//p") is not None else [quote]:
            yield "quotes", "".join(node.xpath(".//text()[not(ancestor::table[ancestor::blockquote])]"))
    for table in root.iter("table"):
        if table.find(".//table") is None and is_of_data(table):
            yield "tables", table.text_content()
    for img in root.iter("img"):
        if (src := img.get("src") or "") and not src.startswith("data:"):
            yield "images", file_name(src)


def is_of_data(table: lxml_html.HtmlElement) -> bool:
    """Whether a table has head cells, or rows with text in several cells; others set out what stands under each other."""
    rows = [sum(bool(squeeze(cell.text_content())) for cell in row.iter("td", "th")) for row in table.iter("tr")]
    return sum(rows) > 3 and len(rows) > 1 and (table.find(".//th") is not None or sum(full > 1 for full in rows) > 1)


def kept_elements(html: str, title: str) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, text in elements(html, title):
        if squeezed := squeeze(text) if kind != "images" else text:
            found[kind][squeezed[:60] if kind in ("quotes", "tables") else squeezed] += 1
    found["images"] = Counter(set(found["images"]))
    return found


def test_elements_of_pages_for_a_reading_view_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    folder = checkout("IVPIPE_CORPUS_READABILITY", "mozilla/readability") / "test" / "test-pages"
    peers: dict[str, Callable[[str], str]] = {
        "ivpipe": html_by_ivpipe,
        "trafilatura": html_by_trafilatura,
        "readability-lxml": html_by_readability,
    }
    shares: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in peers}
    kept: dict[str, Counter[str]] = {name: Counter() for name in peers}
    whole: Counter[str] = Counter()
    pages = sorted(folder.iterdir())
    for place in pages:
        page = (place / "source.html").read_text(encoding="utf-8", errors="replace")
        title = squeeze(lxml_html.fromstring(page.encode()).findtext(".//title") or "")
        wanted = kept_elements((place / "expected.html").read_text(encoding="utf-8"), title)
        whole.update({kind: texts.total() for kind, texts in wanted.items()})
        for name, run in peers.items():
            found = kept_elements(run(page), title)
            for kind, texts in wanted.items():
                if texts:
                    common = (texts & found[kind]).total()
                    kept[name][kind] += common
                    shares[name][kind].append(common / texts.total())
    kinds = ("links", "italics", "list items", "images", "headings", "quotes", "tables")
    with capsys.disabled():
        print(
            f"\n\n{len(pages)} pages for a reading view, mean over pages / of all\n{'':18}"
            + "".join(f"{one:>14}" for one in kinds)
        )
        for name in peers:
            cells = (f"{mean(shares[name][kind]):.3f} /{kept[name][kind] / whole[kind]:5.3f}" for kind in kinds)
            print(f"{name:18}" + "".join(f"{cell:>14}" for cell in cells))
    overall = {name: mean(mean(shares[name][kind]) for kind in kinds) for name in peers}
    assert overall["ivpipe"] > max(overall["trafilatura"], overall["readability-lxml"])


@pytest.mark.filterwarnings("default")
def test_snippets_of_pages_of_every_kind_are_read_better_than_by_others(capsys: pytest.CaptureFixture[str]) -> None:
    folder = checkout("IVPIPE_CORPUS_TRAFILATURA", "adbar/trafilatura") / "tests"
    gold = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    counts: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for url, item in gold.items():
        path = next(path for part in ("cache", "eval") if (path := folder / part / item["file"]).is_file())
        page = decode_page(path.read_bytes())
        address = url if url.startswith("http") else f"https://{url}"
        looked_at = int(hashlib.md5(item["file"].encode()).hexdigest(), 16) % 2 == 0
        for name, run in EXTRACTORS.items():
            text = spaced(run(page, address)[0])
            wanted, unwanted = ([spaced(one) in text for one in item[key]] for key in ("with", "without"))
            counts[name, looked_at].update(found=sum(wanted), missed=wanted.count(False), superfluous=sum(unwanted))
    f1 = {}
    with capsys.disabled():
        print(
            f"\n\n{len(gold)} pages of every kind\n{'':18}{'F1':>8}{'precision':>11}{'recall':>8}{'F1, pages not looked at':>25}"
        )
        for name in EXTRACTORS:
            whole, unseen = counts[name, True] + counts[name, False], counts[name, False]
            f1[name], precision, recall = scores(whole)
            print(f"{name:18}{f1[name]:8.3f}{precision:11.3f}{recall:8.3f}{scores(unseen)[0]:25.3f}")
    assert f1["ivpipe"] > max(f1["trafilatura"], f1["readability-lxml"])


@pytest.mark.filterwarnings("default")
def test_titles_authors_and_dates_of_pages_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    folder = checkout("IVPIPE_CORPUS_TRAFILATURA", "adbar/trafilatura") / "tests"
    gold = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    right: dict[str, Counter[str]] = {"ivpipe": Counter(), "trafilatura": Counter()}
    whole: Counter[str] = Counter()
    for url, item in gold.items():
        page = next(path for part in ("cache", "eval") if (path := folder / part / item["file"]).is_file()).read_bytes()
        document = by_ivpipe(page, url if url.startswith("http") else f"https://{url}")[1]
        other = trafilatura.bare_extraction(page, url=url, with_metadata=True)
        found = {
            "ivpipe": (titles_of(document), document.authors, document.published) if document else ((), (), ""),
            "trafilatura": ((squeeze(other.title or ""),), (other.author or "").split("; "), other.date or "")
            if other
            else ((), (), ""),
        }
        authors = item.get("author") or []
        signed = {
            squeeze(name) for one in ([authors] if isinstance(authors, str) else authors) for name in one.split(",")
        }
        whole.update(title=bool(item.get("title")), authors=bool(signed), date=bool(item.get("date")))
        for name, (titles, people, date) in found.items():
            right[name].update(
                title=bool(item.get("title")) and squeeze(item["title"]) in titles,
                authors=bool(signed) and signed == set(map(squeeze, people)),
                date=bool(item.get("date")) and item["date"][:10] == date[:10],
            )
    with capsys.disabled():
        print(
            f"\n\n{len(gold)} pages of every kind\n{'':18}"
            + "".join(f"{kind:>9} of {of}" for kind, of in whole.items())
        )
        for name, hits in right.items():
            print(f"{name:18}" + "".join(f"{hits[kind] / of:16.3f}" for kind, of in whole.items()))


def spaced(text: str) -> str:
    return " ".join(text.split())


def scores(counts: Counter[str]) -> tuple[float, float, float]:
    """F1, precision and recall."""
    found, missed, superfluous = (counts[key] for key in ("found", "missed", "superfluous"))
    return 2 * found / (2 * found + missed + superfluous), found / (found + superfluous), found / (found + missed)
