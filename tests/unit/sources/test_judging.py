"""Judging a page without a network: the kinds kept back while the rules were written, and what each rule must not do."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin

import pytest
from tests.builders import NOW
from tests.samples.changing.honest import COOKIES, HONEST, LOST
from tests.samples.changing.more import MORE_HONEST, MORE_VANISHED
from tests.samples.changing.texts import FR, FR_OTHER, PIECES, Piece
from tests.samples.changing.themes import THEMES, bare, front, notice, paragraphs, wordpress
from tests.samples.changing.vanished import Answer, Case

from ivpipe.errors import ExtractionError, PageGone
from ivpipe.model import Document, Doubt, DoubtKind
from ivpipe.sources.extraction import extract
from ivpipe.sources.forwarding import follow
from ivpipe.sources.judging import Announced, Look, judge_page
from ivpipe.sources.reading import FetchedPage
from ivpipe.text.inline import inline_text

SITE = "https://site.example"


def fetched(answers: dict[str, Answer], url: str) -> FetchedPage:
    answer = answers.get(url.removeprefix(SITE))
    if answer is None:
        raise PageGone("there is no such page", subject=url)
    if answer.location:
        return fetched(answers, urljoin(SITE, answer.location))
    body = answer.body.encode()
    return FetchedPage(url, {"content-type": "text/html; charset=utf-8"}, body[: int(len(body) * answer.cut)], NOW)


def read(page: FetchedPage) -> Document | None:
    try:
        return extract(page.body, page.url, content_type=page.content_type)
    except ExtractionError:
        return None


def judged(
    piece: Piece, answers: dict[str, Answer], before: str | None, *, announced: bool = True
) -> tuple[Doubt | None, Document | None]:
    """The doubt about an article's page after ``before`` (None: at the first look), and what is read from it."""
    url = SITE + piece.slug
    page = follow(fetched(answers, url), lambda address: fetched(answers, address))
    document = read(page)
    old = read(FetchedPage(url, {}, before.encode(), NOW)) if before else None
    said = (
        Announced(inline_text(old.title)) if old else Announced(piece.title, piece.lead) if announced else Announced()
    )
    return judge_page(Look(url, page, document, old, announced=said, front=f"{SITE}/")), document


def kind(body: str, piece: Piece = FR, before: str | None = None, **more: bool) -> DoubtKind | None:
    doubt, _ = judged(piece, {piece.slug: Answer(body)}, before, **more)
    return doubt.kind if doubt else None


def named(case: Case) -> str:
    return case.name.replace(" ", "-")


@pytest.mark.parametrize("case", MORE_VANISHED, ids=named)
def test_more_pages_that_are_no_article_are_doubtful_or_unreadable(case: Case) -> None:
    for before in (THEMES[case.theme](case.piece), None) if case.first else (THEMES[case.theme](case.piece),):
        doubt, document = judged(case.piece, case.answers, before)
        assert doubt is not None or document is None


@pytest.mark.parametrize(("case", "before"), [*MORE_HONEST], ids=[named(case) for case, _ in MORE_HONEST])
def test_more_honest_changes_are_not_doubtful(case: Case, before: str | None) -> None:
    assert judged(case.piece, case.answers, before or THEMES[case.theme](case.piece))[0] is None


@pytest.mark.parametrize(("case", "before"), [*HONEST, *MORE_HONEST], ids=lambda value: getattr(value, "name", ""))
@pytest.mark.parametrize("announced", [True, False])
def test_an_article_is_not_doubtful_at_the_first_look(case: Case, before: str | None, announced: bool) -> None:
    body = before or THEMES[case.theme](case.piece)
    assert judged(case.piece, {case.piece.slug: Answer(body)}, None, announced=announced)[0] is None


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("piece", [COOKIES, LOST], ids=["cookies", "404"])
def test_an_article_about_notices_is_no_notice(theme: str, piece: Piece) -> None:
    body = THEMES[theme](piece)
    assert kind(body, piece) is None
    assert kind(body, replace(piece, title="Another headline in the feed"), announced=False) is None
    changed = body.replace("</p>", " A sentence more.</p>", 1)
    assert kind(changed, piece, body) is None


@pytest.mark.parametrize("lang", PIECES)
def test_every_language_s_article_is_told_from_every_other(lang: str) -> None:
    for other in PIECES.values():
        if other.lang != lang:
            assert kind(wordpress(other), PIECES[lang], wordpress(PIECES[lang])) is DoubtKind.ANOTHER


@pytest.mark.parametrize(
    ("heading", "is_notice"),
    [
        ("Page non trouvée", True),
        ("Erreur 404", True),
        ("Die Seite wurde nicht gefunden", True),
        ("No se encuentra la página", True),
        ("La pagina non esiste", True),
        ("Página não encontrada", True),
        ("Pagina niet gevonden", True),
        ("La pàgina no s'ha trobat", True),
        ("Why the page you want was not found: a history of broken links and those who mend them", False),
        ("Au Havre, une grève introuvable dans les statistiques du ministère", False),
        ("Plan 404: how a village lost its station and found a library", False),
    ],
)
def test_a_heading_is_a_notice_if_it_says_nothing_else(heading: str, is_notice: bool) -> None:
    body = wordpress(replace(FR_OTHER, title=heading))
    assert (kind(body, replace(FR_OTHER, title="", slug="/a/12")) is DoubtKind.NOT_FOUND) == is_notice


def test_front_page_with_the_article_on_top_is_still_the_front_page() -> None:
    body = front(FR, [FR, FR_OTHER, *[piece for piece in PIECES.values() if piece.lang != "fr"]])
    assert kind(body, before=wordpress(FR)) is DoubtKind.FRONT_PAGE
    assert kind(body) is DoubtKind.FRONT_PAGE


def test_scripts_to_run_and_passwords_to_give_are_no_doubt_beside_a_text() -> None:
    extra = (
        "<noscript>Please enable JavaScript.</noscript><form><input type=password></form><div class='h-captcha'></div>"
    )
    assert kind(wordpress(FR).replace("<footer", extra + "<footer")) is None


def test_page_written_without_html_and_body_is_whole() -> None:
    assert kind(f"<!doctype html><title>{FR.title}</title><h1>{FR.title}</h1>{paragraphs(FR.paragraphs)}") is None


def test_page_that_is_short_and_announced_otherwise_is_doubtful_in_any_language() -> None:
    body = notice(replace(FR, lang="fi"), "Hups", "Täällä ei ole mitään nähtävää, palaa etusivulle.")
    assert kind(body) is DoubtKind.ANOTHER


def test_evidence_says_where_the_page_came_from_and_what_it_says() -> None:
    doubt, _ = judged(FR, {FR.slug: Answer(bare("Autre chose", paragraphs(FR_OTHER.paragraphs)))}, wordpress(FR))
    assert doubt is not None
    assert doubt.address == SITE + FR.slug
    assert doubt.quote.startswith("Autre chose: Les premières caisses")
    assert len(doubt.quote) <= 202
    assert doubt.common is not None
    assert doubt.common < 0.1


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 50, b"<", b"%PDF-1.7", b"<html>" * 3000, "\u202e\ufffe".encode(), b"<!--"]
)
def test_damaged_pages_are_judged_without_an_error(body: bytes) -> None:
    page = FetchedPage(SITE + FR.slug, {}, body, NOW)
    judge_page(Look(page.url, page, None, read(FetchedPage(page.url, {}, wordpress(FR).encode(), NOW))))
    judge_page(Look(page.url, page, None))


@pytest.mark.processor_seconds(4)
def test_a_long_page_costs_little() -> None:
    body = ("<html><body><h1>T</h1>" + "<p>Les dockers ne cèdent pas.</p>" * 200_000 + "</body></html>").encode()
    page = FetchedPage(SITE + FR.slug, {}, body, NOW)
    judge_page(Look(page.url, page, None, announced=Announced(FR.title)))
