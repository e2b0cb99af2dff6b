"""Whether a page is still the article: pages that vanish become no version, honest changes do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from tests.builders import NOW, add_person
from tests.samples.changing.honest import HONEST
from tests.samples.changing.texts import EN, FR, FR_OTHER, Piece
from tests.samples.changing.themes import THEMES, bare, front, notice, paragraphs, wordpress
from tests.samples.changing.vanished import VANISHED, Answer, Case
from tests.servers.http_site import Behaviour, Request, redirect, status
from tests.servers.magazine_site import MagazineSite

from ivpipe.errors import ExtractionError, NotFound, PageGone, Refused
from ivpipe.model import (
    Article,
    ArticleDoubt,
    Document,
    DocumentVersion,
    Doubt,
    DoubtDecision,
    DoubtKind,
    Role,
    Snapshot,
    State,
    Translation,
)
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.forwarding import next_address
from ivpipe.sources.reading import FetchedPage
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.documents import gone_articles, reextract_source
from ivpipe.steps.doubts import accept_page, doubtful_articles, keep_text
from ivpipe.steps.health import source_states
from ivpipe.steps.ingest import due_articles, fetch_article, poll_source
from ivpipe.steps.operations import retry_now
from ivpipe.steps.operations import status as operations_status
from ivpipe.store import Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def answering(answer: Answer) -> Behaviour:
    if answer.location:
        return redirect(answer.location)
    body = answer.body.encode()
    body = body[: int(len(body) * answer.cut)]

    def reply(request: Request) -> None:
        request.reply(200, body, **{"Content_Type": "text/html; charset=utf-8", **answer.headers})

    return reply


def serve(magazine: MagazineSite, answers: Mapping[str, Answer]) -> None:
    magazine.site.pages.update({path: answering(answer) for path, answer in answers.items()})


def publish(magazine: MagazineSite, piece: Piece, body: str | None = None, theme: str = "wordpress") -> SourceSpec:
    """Announce an article and put its page there; returns the source's spec."""
    magazine.write(piece.slug, piece.title, extra=f"<description><![CDATA[{piece.lead}]]></description>")
    serve(magazine, {piece.slug: Answer(body or THEMES[theme](piece))})
    return magazine.spec(select="all", languages=(piece.lang,))


def look(store: Store, spec: SourceSpec, fetcher: Fetcher, now=NOW) -> str:  # type: ignore[no-untyped-def]
    """Look at article 1; what came of it, or the kind of doubt."""
    try:
        fetched = fetch_article(store, 1, spec, fetcher, ["en", "fr"], now, "w")
    except (ExtractionError, PageGone) as error:
        return type(error).__name__
    return str(fetched.doubt.kind) if fetched.doubt else fetched.outcome


def begin(store: Store, magazine: MagazineSite, fetcher: Fetcher, piece: Piece = FR, **more: str) -> SourceSpec:
    """An article that was read, with a translation drafted from it."""
    spec = publish(magazine, piece, **more)
    poll_source(store, spec, fetcher, NOW)
    assert look(store, spec, fetcher) == "new"
    with store.write() as session:
        session.scalars(select(Translation).limit(1)).one().state = State.DRAFTED
    return spec


def versions(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count(DocumentVersion.id))) or 0


def assert_left_alone(store: Store) -> None:
    """One version, and the draft made of it is as it was."""
    with store.read() as session:
        assert session.get_one(Article, 1).document.number == 1  # type: ignore[union-attr]
        rows = session.execute(select(Translation.state, Translation.source_changed)).all()
        assert rows[0] == (State.DRAFTED, False)
        assert session.scalar(select(func.count(DocumentVersion.id))) == 1


def named(case: Case) -> str:
    return case.name.replace(" ", "-")


@pytest.mark.parametrize("case", [case for case in VANISHED if case.later], ids=named)
def test_a_page_that_is_no_article_any_more_becomes_no_version(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher, case: Case
) -> None:
    spec = begin(sqlite_store, magazine, fetcher, case.piece, theme=case.theme)
    serve(magazine, case.answers)
    assert look(sqlite_store, spec, fetcher, NOW + HOUR) in {*DoubtKind, "ExtractionError"}
    assert_left_alone(sqlite_store)
    assert next(reextract_source(sqlite_store, spec, ["en"], NOW + DAY)).outcome in (
        "unchanged",
        "failed",
    )
    assert_left_alone(sqlite_store)


@pytest.mark.parametrize("case", [case for case in VANISHED if case.first], ids=named)
def test_a_page_that_is_no_article_at_the_first_look_is_not_stored_as_one(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher, case: Case
) -> None:
    spec = publish(magazine, case.piece)
    serve(magazine, case.answers)
    poll_source(sqlite_store, spec, fetcher, NOW)
    assert look(sqlite_store, spec, fetcher) in {*DoubtKind, "ExtractionError"}
    assert list(reextract_source(sqlite_store, spec, ["en"], NOW + DAY))[:1] == [] or versions(sqlite_store) == 0
    assert versions(sqlite_store) == 0


@pytest.mark.parametrize(("case", "before"), HONEST, ids=[named(case) for case, _ in HONEST])
def test_an_honest_change_becomes_a_version(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher, case: Case, before: str | None
) -> None:
    spec = begin(sqlite_store, magazine, fetcher, case.piece, body=before or THEMES[case.theme](case.piece))
    serve(magazine, case.answers)
    assert look(sqlite_store, spec, fetcher, NOW + HOUR) == "changed"
    assert versions(sqlite_store) == 2
    assert doubtful_articles(sqlite_store) == []


NOT_FOUND = {FR.slug: Answer(notice(FR, "Page non trouvée", "Cette page est introuvable."))}


def test_doubt_is_told_with_its_evidence_and_ends_when_the_article_is_back(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(store, magazine, fetcher)
    serve(magazine, {FR.slug: Answer(location="/"), "/": Answer(front(FR, [FR_OTHER, EN] * 3))})
    assert look(store, spec, fetcher, NOW + HOUR) == "front_page"
    assert_left_alone(store)
    (row,) = operations_status(store, ["semaine"], NOW + HOUR)["doubtful"]
    assert (row["id"], row["why"], row["address"], row["read"], row["seen"]) == (
        1, "may be gone: the address leads to the front page or to a list of articles", f"{magazine.address}/", True, 1,
    )  # fmt: skip
    assert row["common"] < 0.1
    assert "La Semaine du port" in row["quote"]
    assert operations_status(store, [], NOW)["stuck"] == []
    serve(magazine, {FR.slug: Answer(wordpress(FR))})
    assert due_articles(store, "semaine", NOW + 2 * HOUR) == [1]
    assert look(store, spec, fetcher, NOW + 2 * HOUR) == "unchanged"
    assert operations_status(store, [], NOW)["doubtful"] == []
    with store.read() as session:
        assert session.scalars(select(ArticleDoubt.ended_at)).all() == [NOW + 2 * HOUR]


def test_doubtful_page_is_looked_at_again_ever_less_often_and_stored_once(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(sqlite_store, magazine, fetcher)
    serve(magazine, NOT_FOUND)
    hours = []
    start = now = NOW + HOUR
    while due_articles(sqlite_store, "semaine", now):
        assert look(sqlite_store, spec, fetcher, now) == "not_found"
        with sqlite_store.read() as session:
            following = session.get_one(Article, 1).look_at
        if following is None:
            break
        hours.append((following - start) / HOUR)
        now = following
    assert hours == [1, 6, 24, 72, 168, 336, 672, 720]
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count(Snapshot.id))) == 2
        assert session.scalars(select(ArticleDoubt.seen)).all() == [9]
    assert_left_alone(sqlite_store)


def test_article_that_was_never_read_stays_unread_and_is_tried_again(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = publish(magazine, FR)
    serve(magazine, NOT_FOUND)
    poll_source(store, spec, fetcher, NOW)
    assert look(store, spec, fetcher) == "not_found"
    assert due_articles(store, "semaine", NOW + HOUR / 2) == []
    assert due_articles(store, "semaine", NOW + HOUR) == [1]
    told = operations_status(store, ["semaine"], NOW)
    assert (told["unread_articles"], [row["read"] for row in told["doubtful"]]) == (1, [False])
    assert "cannot be read" in source_states(store, ["semaine"], NOW)["semaine"].health.reasons[0]
    assert look(store, spec, fetcher, NOW + 31 * DAY) == "not_found"
    assert due_articles(store, "semaine", NOW + 99 * DAY) == [], "after a month an editor decides"
    assert len(doubtful_articles(store)) == 1
    serve(magazine, {FR.slug: Answer(wordpress(FR))})
    assert retry_now(store, "article", 1)
    assert look(store, spec, fetcher, NOW + 32 * DAY) == "new"
    assert doubtful_articles(store) == []


def test_page_that_answers_404_in_the_end_is_gone_and_in_no_doubt(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(sqlite_store, magazine, fetcher)
    serve(magazine, NOT_FOUND)
    look(sqlite_store, spec, fetcher, NOW + HOUR)
    magazine.site.pages[FR.slug] = status(404)
    assert look(sqlite_store, spec, fetcher, NOW + 2 * HOUR) == "PageGone"
    assert doubtful_articles(sqlite_store) == []
    assert len(gone_articles(sqlite_store)) == 1


def test_editor_accepts_a_doubtful_page_as_the_new_version(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(store, magazine, fetcher)
    serve(magazine, {FR.slug: Answer(wordpress(replace(FR_OTHER, slug=FR.slug)))})
    assert look(store, spec, fetcher, NOW + HOUR) == "another"
    translator, editor = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "ed", Role.EDITOR)
    with pytest.raises(Refused, match="only an editor"):
        accept_page(store, 1, spec, ["en"], translator, NOW + HOUR)
    assert accept_page(store, 1, spec, ["en"], editor, NOW + HOUR) == "changed"
    with store.read() as session:
        article = session.get_one(Article, 1)
        assert (article.title, article.document.number) == (FR_OTHER.title, 2)  # type: ignore[union-attr]
        assert session.scalars(select(Translation.state)).first() is State.PENDING, "by the normal path"
        row = session.scalars(select(ArticleDoubt)).one()
        assert (row.decision, row.decided_by_id, row.ended_at) == (DoubtDecision.ACCEPTED, editor.user_id, NOW + HOUR)
        assert session.scalars(select(Snapshot.doubtful)).all() == [False, False]
    assert look(store, spec, fetcher, NOW + 6 * HOUR) == "unchanged"
    with pytest.raises(NotFound, match="no doubt about article 1"):
        accept_page(store, 1, spec, ["en"], editor, NOW)
    with pytest.raises(NotFound, match="no article 9"):
        keep_text(store, 9, editor, NOW)


def test_editor_keeps_the_text_and_the_same_doubt_is_not_told_again(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(store, magazine, fetcher)
    serve(magazine, NOT_FOUND)
    look(store, spec, fetcher, NOW + HOUR)
    editor = add_person(store, "ed", Role.EDITOR)
    keep_text(store, 1, editor, NOW + HOUR)
    assert doubtful_articles(store) == []
    assert look(store, spec, fetcher, NOW + 2 * HOUR) == "not_found"
    assert doubtful_articles(store) == []
    serve(magazine, {FR.slug: Answer(wordpress(FR_OTHER))})
    assert look(store, spec, fetcher, NOW + 7 * HOUR) == "another"
    assert len(doubtful_articles(store)) == 1, "another doubt is told anew"
    keep_text(store, 1, editor, NOW + 7 * HOUR, gone=True)
    assert (doubtful_articles(store), [row.id for row in gone_articles(store)]) == ([], [1])
    assert_left_alone(store)
    serve(magazine, {FR.slug: Answer(wordpress(FR))})
    assert look(store, spec, fetcher, NOW + DAY) == "unchanged"
    assert gone_articles(store) == []


def test_page_from_which_nothing_was_read_cannot_be_accepted_nor_text_kept_that_is_not_there(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = publish(magazine, FR)
    serve(magazine, {FR.slug: Answer(bare("", "<script src=/a.js></script><div id=app></div>"))})
    poll_source(sqlite_store, spec, fetcher, NOW)
    assert look(sqlite_store, spec, fetcher) == "shell"
    editor = add_person(sqlite_store, "ed", Role.EDITOR)
    with pytest.raises(Refused, match="no article could be read"):
        accept_page(sqlite_store, 1, spec, ["en"], editor, NOW)
    with pytest.raises(Refused, match="no text of it to keep"):
        keep_text(sqlite_store, 1, editor, NOW)
    keep_text(sqlite_store, 1, editor, NOW, gone=True)
    assert doubtful_articles(sqlite_store) == []


def test_redirect_to_a_known_article_names_it_and_folds_nothing(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    publish(magazine, FR_OTHER)
    spec = publish(magazine, FR)
    poll_source(sqlite_store, spec, fetcher, NOW)
    with sqlite_store.read() as session:
        ids = {row.url.removeprefix(magazine.address): row.id for row in session.scalars(select(Article))}
    known, lost = ids[FR_OTHER.slug], ids[FR.slug]
    assert fetch_article(sqlite_store, known, spec, fetcher, ["en"], NOW, "w").outcome == "new"
    serve(magazine, {FR.slug: Answer(location=FR_OTHER.slug)})
    fetched = fetch_article(sqlite_store, lost, spec, fetcher, ["en"], NOW, "w")
    assert fetched.doubt is not None
    assert (fetched.doubt.kind, fetched.doubt.other) == (DoubtKind.ANOTHER, known)
    with sqlite_store.read() as session:
        assert session.get_one(Article, lost).duplicate_of_id is None


def refreshing(content: str, text: str = "", *, noscript: bool = False) -> FetchedPage:
    tag = f'<meta http-equiv="refresh" content="{content}">'
    body = bare("", text, head=f"<noscript>{tag}</noscript>" if noscript else tag)
    return FetchedPage("https://a.example/x", {}, body.encode(), NOW)


@pytest.mark.parametrize(
    ("page", "address"),
    [
        (refreshing("0;url=/neu"), "https://a.example/neu"),
        (refreshing("5; URL='https://b.example/neu?a=1'"), "https://b.example/neu?a=1"),
        (refreshing("0;url=/x"), None),
        (refreshing("300"), None),
        (refreshing("300;url=/neu"), None),
        (refreshing("0;url=/neu", paragraphs(FR.paragraphs)), None),
        (FetchedPage("https://a.example/x", {"refresh": "1; url=neu"}, b"<p>hier</p>", NOW), "https://a.example/neu"),
        (refreshing("0;url=/consent", noscript=True), None),
        (refreshing("0;url=/sans-scripts", noscript=True), "https://a.example/sans-scripts"),
        (FetchedPage("https://a.example/x", {}, b"<p>x</p>", NOW), None),
    ],
)  # fmt: skip
def test_only_pages_without_a_text_of_their_own_are_left_and_at_once(page: FetchedPage, address: str | None) -> None:
    assert next_address(page) == address


def test_refreshes_are_followed_within_limits_and_checked_like_redirects(
    sqlite_store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(sqlite_store, magazine, fetcher)

    def hop(target: str) -> Answer:
        return Answer(bare("", "<p>…</p>", head=f"<meta http-equiv=refresh content='0;url={target}'>"))

    serve(
        magazine, {FR.slug: hop("/1"), "/1": hop("/2"), "/2": hop("/3"), "/3": hop("/4"), "/4": Answer(wordpress(FR))}
    )
    assert look(sqlite_store, spec, fetcher, NOW + HOUR) == "forwarding"
    assert "/4" not in magazine.site.paths
    serve(magazine, {FR.slug: hop("http://10.0.0.1/intern")})
    assert look(sqlite_store, spec, fetcher, NOW + 2 * HOUR) == "forwarding"
    serve(magazine, {FR.slug: hop("/1"), "/1": hop(FR.slug)})
    assert look(sqlite_store, spec, fetcher, NOW + 3 * HOUR) == "forwarding"
    serve(magazine, {"/1": hop("/4")})
    assert look(sqlite_store, spec, fetcher, NOW + 4 * HOUR) == "changed", "it has moved, with its text"


def test_doubt_reads_back_from_what_is_stored() -> None:
    doubt = Doubt(DoubtKind.CUT_OFF, "https://a.example/x", "Titre: texte", 0.5, 3)
    assert Doubt.from_dict(doubt.to_dict()) == doubt
    assert {Doubt(kind, "").text for kind in DoubtKind} >= {doubt.text}


def test_content_of_a_doubtful_page_is_kept_for_the_editor(
    store: Store, magazine: MagazineSite, fetcher: Fetcher
) -> None:
    spec = begin(store, magazine, fetcher)
    serve(magazine, {FR.slug: Answer(wordpress(FR_OTHER))})
    look(store, spec, fetcher, NOW + HOUR)
    with store.read() as session:
        content = session.scalars(select(ArticleDoubt)).one().content
    assert isinstance(content, Document)
    assert content.title == FR_OTHER.title
