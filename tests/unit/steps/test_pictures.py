from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import PIL.Image
import pytest
from sqlalchemy import select
from tests.builders import HARBOUR, NOW, MemoryPublisher, RecordingEngine, add_article, add_person
from tests.servers.http_site import HttpSite, running_site

from ivpipe.errors import FetchRefused, PageGone, PictureRefused, SourceError
from ivpipe.model import (
    Article,
    ArticlePicture,
    Block,
    BlockType,
    Decision,
    Document,
    Image,
    Magazine,
    Picture,
    Publication,
    SourceCredit,
)
from ivpipe.model.lifecycle import Policy, Role
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import Discovery, Fetch, SourceSpec
from ivpipe.steps import draft as drafting
from ivpipe.steps import operations, publish, review
from ivpipe.steps import pictures as step
from ivpipe.steps.imprint import Imprint
from ivpipe.store import Store

HOLD = timedelta(hours=1)


def jpeg(colour: str = "red") -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), colour).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with running_site() as site:
        yield site


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher("desk@review.example", sleep=lambda _: None) as fetcher:
        yield fetcher


def serve(site: HttpSite, path: str, body: bytes, status: int = 200) -> str:
    site.pages[path] = lambda request: request.reply(status, body, Content_Type="image/jpeg")
    return f"http://127.0.0.1:{site.port}{path}"


def spec_of(site: HttpSite, **more: object) -> SourceSpec:
    values = {
        "slug": "semaine",
        "name": "La Semaine",
        "url": "https://semaine.example/",
        "languages": ("fr",),
        "pictures": "all",
        "discovery": Discovery(urls=("https://semaine.example/feed",)),
        "fetch": Fetch(delay=0, allow_private=(f"127.0.0.1:{site.port}",)),
    }
    return SourceSpec.model_validate({**values, **more})


def illustrated(*sources: str, credit: str = "A. <em>Le Goff</em>") -> Document:
    """The first picture leads, the others stand in the text."""
    images = tuple(
        Image(src, alt=f"vue {number}", caption=f"Le quai {number}", credit=credit)
        for number, src in enumerate(sources, 1)
    )
    figures = tuple(Block(BlockType.FIGURE, images[index].caption, image=index) for index in range(1, len(images)))
    return replace(HARBOUR, images=images, lead_image=0 if images else None, blocks=HARBOUR.blocks + figures)


def wanted(store: Store, document: Document, spec: SourceSpec) -> int:
    article = add_article(store, document)
    with store.write() as session:
        step.want_pictures(session, article, document, spec)
    return article


def rows(store: Store) -> list[tuple[str, bool, int, str]]:
    """Path of each picture, whether it was taken, attempts, why it failed."""
    with store.read() as session:
        return [
            ("/" + row.src.split("/", 3)[-1], bool(row.sha256), row.attempts, row.last_error)
            for row in session.scalars(select(ArticlePicture).order_by(ArticlePicture.id))
        ]


def take(store: Store, picture: int, spec: SourceSpec, fetcher: Fetcher, folder: Path) -> step.Taken:
    return step.take_picture(store, picture, spec, fetcher, folder, NOW, "w")


def test_a_partners_pictures_are_taken_once_and_kept_by_their_content(
    store: Store, site: HttpSite, fetcher: Fetcher, tmp_path: Path
) -> None:
    document = illustrated(*(serve(site, path, jpeg()) for path in ("/lead.jpg", "/same.jpg", "/lead.jpg")))
    spec = spec_of(site)
    article = wanted(store, document, spec)
    assert step.due_pictures(store, NOW, source="semaine") == [1, 2]
    assert step.due_pictures(store, NOW, article=article) == [1, 2]
    assert step.due_pictures(store, NOW, source="other") == []
    for picture in (1, 2):
        assert take(store, picture, spec, fetcher, tmp_path) == step.Taken("taken", "40 × 30 pixels")
    assert take(store, 1, spec, fetcher, tmp_path).outcome == "not due"
    assert step.due_pictures(store, NOW, source="semaine") == []
    assert rows(store) == [("/lead.jpg", True, 0, ""), ("/same.jpg", True, 0, "")]
    assert len(list(tmp_path.rglob("*.jpg"))) == 1
    with store.write() as session:  # the same document again, as after a new version of the page
        step.want_pictures(session, article, document, spec)
    assert step.due_pictures(store, NOW, source="semaine") == []


def test_none_is_taken_of_articles_that_nobody_has_selected(store: Store, site: HttpSite) -> None:
    wanted(store, illustrated(serve(site, "/a.jpg", jpeg())), spec_of(site))
    with store.write() as session:
        session.get_one(Article, 1).decision = Decision.UNDECIDED
    assert step.due_pictures(store, NOW, source="semaine") == []


@pytest.mark.parametrize(
    ("more", "credit", "taken"),
    [
        ({"pictures": "none"}, "A. Le Goff", False),
        ({}, "", True),
        ({"pictures_not_by": ("AFP", "Agence Méridienne")}, "Photo : AFP", False),
        ({"pictures_not_by": ("AFP", "Agence Méridienne")}, "© <em>agence meridienne</em> / L. M.", False),
        ({"pictures_not_by": ("AFP", "Agence Méridienne")}, "Marc Lafpré", True),
    ],
)
def test_the_partner_says_which_may_be_shown(
    store: Store, site: HttpSite, more: dict[str, object], credit: str, taken: bool
) -> None:
    wanted(store, illustrated(serve(site, "/a.jpg", jpeg()), credit=credit), spec_of(site, **more))
    assert bool(rows(store)) is taken


@pytest.mark.parametrize(
    ("body", "status", "error", "retryable"),
    [
        (b"gone", 404, PageGone, False),
        (b"<svg/>", 200, PictureRefused, False),
        (b"busy", 503, SourceError, True),
    ],
)
def test_one_that_does_not_come_says_why_and_is_tried_again(
    store: Store,
    site: HttpSite,
    fetcher: Fetcher,
    tmp_path: Path,
    body: bytes,
    status: int,
    error: type[SourceError],
    retryable: bool,
) -> None:
    spec = spec_of(site)
    article = wanted(store, illustrated(serve(site, "/a.jpg", body, status)), spec)
    with pytest.raises(error) as caught:
        take(store, 1, spec, fetcher, tmp_path)
    assert caught.value.retryable is retryable
    assert rows(store) == [("/a.jpg", False, 1, str(caught.value))]
    assert step.due_pictures(store, NOW, article=article) == []
    with store.read() as session:
        assert step.picture_troubles(session, article) == [f"a picture could not be taken: {caught.value}"]
    stuck = [row for row in operations.status(store, [], NOW)["stuck"] if row["what"] == "picture"]
    assert [(row["title"], row["why"]) for row in stuck] == [(f"of {HARBOUR.title}", str(caught.value))]

    serve(site, "/a.jpg", jpeg())
    assert operations.retry_now(store, "picture", 1)
    assert step.due_pictures(store, NOW, article=article) == [1]
    assert take(store, 1, spec, fetcher, tmp_path).outcome == "taken"
    assert operations.status(store, [], NOW)["stuck"] == []


def test_no_picture_leads_into_the_house(store: Store, site: HttpSite, fetcher: Fetcher, tmp_path: Path) -> None:
    spec = spec_of(site, fetch=Fetch(delay=0))
    wanted(store, illustrated(serve(site, "/a.jpg", jpeg())), spec)
    with pytest.raises(FetchRefused):
        take(store, 1, spec, fetcher, tmp_path)
    assert site.requests == []


def test_addresses_that_are_none_and_galleries_without_end_are_passed_over(store: Store, site: HttpSite) -> None:
    odd = ("data:image/png;base64,AAAA", "ftp://x.example/a.jpg", "http://x.example/" + "a" * 2000, "")
    many = [f"http://127.0.0.1:{site.port}/{number}.jpg" for number in range(300)]
    wanted(store, illustrated(*odd, *many), spec_of(site))
    assert [path for path, *_ in rows(store)] == [f"/{number}.jpg" for number in range(100)]


def test_a_disk_that_is_full_is_said(store: Store, site: HttpSite, fetcher: Fetcher, tmp_path: Path) -> None:
    spec = spec_of(site)
    wanted(store, illustrated(serve(site, "/a.jpg", jpeg())), spec)
    (tmp_path / "pictures").write_text("a file where the folder should be")
    with pytest.raises(SourceError, match="the picture cannot be kept") as caught:
        take(store, 1, spec, fetcher, tmp_path / "pictures")
    assert caught.value.retryable


CREDIT = SourceCredit(slug="semaine", name="La Semaine", url="https://semaine.example/", pictures="all")


def approved(store: Store, imprint: Imprint, publisher: MemoryPublisher) -> publish.Published:
    drafting.draft_translation(store, 1, [RecordingEngine()], NOW, "w")
    tess, edith = add_person(store, "tess", Role.TRANSLATOR), add_person(store, "edith", Role.EDITOR)
    review.claim(store, 1, tess, HOLD, NOW)
    review.submit(store, 1, tess, "", NOW)
    review.approve(store, 1, edith, Policy(), ["site"], "", NOW)
    return publish.publish(store, 1, publisher, imprint, NOW, "w")


def test_a_page_shows_what_was_taken_and_gets_the_rest_when_it_comes(
    store: Store, site: HttpSite, fetcher: Fetcher, tmp_path: Path
) -> None:
    spec, publisher = spec_of(site), MemoryPublisher()
    document = illustrated(serve(site, "/lead.jpg", jpeg()), serve(site, "/late.jpg", b"", 503))
    wanted(store, document, spec)
    take(store, 1, spec, fetcher, tmp_path)
    with pytest.raises(SourceError):
        take(store, 2, spec, fetcher, tmp_path)
    magazine = Magazine(name="The Review", picture_credit="Photo: {credit} ({partner})")
    imprint = Imprint(magazine, lambda _: CREDIT, "site", pictures=tmp_path)

    assert approved(store, imprint, publisher).outcome == "published"
    (picture,) = publisher.pages["ivpipe-1-en"].pictures
    assert picture == Picture(
        src=document.images[0].src,
        file=picture.file,
        media_type="image/jpeg",
        width=40,
        height=30,
        sha256=picture.sha256,
        alt="VUE 1",
        caption_html="LE QUAI 1",
        credit_html="Photo: A. <em>Le Goff</em> (La Semaine)",
        lead=True,
    )
    assert picture.file.read_bytes().startswith(b"\xff\xd8")
    assert publish.due_publications(store, ["site"], NOW) == []

    serve(site, "/late.jpg", jpeg("blue"))
    assert take(store, 2, spec, fetcher, tmp_path).outcome == "taken"
    assert publish.due_publications(store, ["site"], NOW) == [(1, "site")]
    assert publish.publish(store, 1, publisher, imprint, NOW, "w").outcome == "published"
    assert [picture.lead for picture in publisher.pages["ivpipe-1-en"].pictures] == [True, False]
    assert publish.due_publications(store, ["site"], NOW) == []
    with store.read() as session:
        assert session.get_one(Publication, 1).live_revision == 1


def test_a_page_of_a_partner_who_no_longer_lets_us_goes_without(
    store: Store, site: HttpSite, fetcher: Fetcher, tmp_path: Path
) -> None:
    spec, publisher = spec_of(site), MemoryPublisher()
    wanted(store, illustrated(serve(site, "/lead.jpg", jpeg())), spec)
    take(store, 1, spec, fetcher, tmp_path)
    withdrawn = CREDIT.model_copy(update={"pictures": "none"})
    approved(store, Imprint(Magazine(name="The Review"), lambda _: withdrawn, "site", pictures=tmp_path), publisher)
    assert publisher.pages["ivpipe-1-en"].pictures == ()


def test_before_a_page_is_published_what_the_source_lets_us_show_by_now_is_noted(store: Store, site: HttpSite) -> None:
    document = illustrated(serve(site, "/lead.jpg", jpeg()))
    add_article(store, document)
    imprint = Imprint(Magazine(name="The Review"), lambda _: CREDIT, "site")
    approved(store, imprint, MemoryPublisher())
    assert step.want_before(store, 1, {}) is None
    assert step.want_before(store, 1, {"semaine": spec_of(site, pictures="none")}) is None
    assert step.want_before(store, 1, {"semaine": spec_of(site)}) == ("semaine", 1)
    assert step.due_pictures(store, NOW, article=1) == [1]
