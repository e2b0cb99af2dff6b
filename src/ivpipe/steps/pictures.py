"""Pictures: taken from partners who let us, made safe, and kept on our own disk. None is ever linked to at the partner."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivpipe.errors import IvpipeError, PictureRefused, SourceError
from ivpipe.machine import machine_error
from ivpipe.model import Article, ArticlePicture, Decision, Document, Draft, Image, Picture, Publication
from ivpipe.model.magazine import PartnerLines, SourceCredit
from ivpipe.sources.addresses import MAX_URL_LENGTH
from ivpipe.sources.clean_pictures import clean_picture
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.filters import fold
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.imprint import Imprint, picture_credit
from ivpipe.steps.publications import send_again
from ivpipe.store import Store
from ivpipe.store.rows import Attempt, due, end_lease, insert_missing, record_failure, refuse_deadly, take_lease
from ivpipe.text.html_writer import inline_plain

_LEASE = timedelta(minutes=10)
_MOST = 100
"""Pictures of one article; more is a gallery, or a trap."""
_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a picture. ``outcome``: "taken", "busy" (another worker has it), "not due"."""

    outcome: str
    detail: str = ""


def may_be_shown(lines: PartnerLines, image: Image) -> bool:
    """Whether the partner lets us show a picture: any, or any but those credited to certain agencies."""
    if lines.pictures == "none":
        return False
    said = f" {fold(inline_plain(f'{image.credit} {image.caption}'))} "
    return not any(f" {fold(name)} " in said for name in lines.pictures_not_by)


def want_pictures(session: Session, article_id: int, document: Document, lines: PartnerLines) -> None:
    """Note, in the running transaction, the pictures of a document that are to be taken."""
    wanted = dict.fromkeys(image.src for image in _shown(document) if may_be_shown(lines, image))
    rows = [{"article_id": article_id, "src": src} for src in wanted if _is_address(src)]
    insert_missing(session, ArticlePicture, rows[:_MOST])


def want_before(store: Store, publication_id: int, sources: Mapping[str, SourceSpec]) -> tuple[str, int] | None:
    """Note the pictures a page is to be published with: the source may let us since its document was read.

    Returns the slug of the source and the article's id; None where there are none to take.
    """
    with store.write() as session:
        publication = session.get_one(Publication, publication_id)
        translation = publication.translation
        spec = sources.get(translation.article.source_slug)
        if publication.wanted_revision is None or spec is None or spec.pictures == "none":
            return None
        draft = session.scalar(
            select(Draft).where(Draft.translation_id == translation.id, Draft.number == publication.wanted_revision)
        )
        if draft is None:
            return None
        want_pictures(session, translation.article_id, draft.document.content, spec)
        return spec.slug, translation.article_id


def due_pictures(store: Store, now: datetime, *, source: str = "", article: int = 0, limit: int = 1000) -> list[int]:
    """Ids of wanted pictures that are to be taken now: of a source's selected articles, or of one article."""
    of = Article.id == article if article else Article.source_slug == source
    with store.read() as session:
        return list(
            session.scalars(
                select(ArticlePicture.id)
                .join(Article, Article.id == ArticlePicture.article_id)
                .where(
                    of,
                    Article.decision == Decision.SELECTED,
                    ArticlePicture.sha256 == "",
                    due(ArticlePicture, now),
                )
                .order_by(ArticlePicture.unfinished, ArticlePicture.id)
                .limit(limit)
            )
        )


def take_picture(
    store: Store, picture_id: int, spec: SourceSpec, fetcher: Fetcher, folder: Path, now: datetime, owner: str
) -> Taken:
    """Fetch a picture under the source's rules, make it safe, and keep it in ``folder``.

    Pages of the article that are live without it become due again. Raises SourceError, after recording it on the
    picture, which is then tried again.
    """
    with store.write() as session:
        if not take_lease(session, ArticlePicture, picture_id, owner, now + _LEASE, now):
            return Taken("busy")
        row = session.get_one(ArticlePicture, picture_id)
        if row.sha256 or spec.pictures == "none":
            row.lease_owner, row.lease_until = "", None
            return Taken("not due")
        src = row.src
    with Attempt(store, row) as attempt:
        try:
            refuse_deadly(row, "reading this picture", PictureRefused, src)
            body = fetcher.get(src, spec.fetch).body
            attempt.begin()
            clean = clean_picture(body, subject=src)
            sha256 = hashlib.sha256(clean.data).hexdigest()
            _keep(_file(folder, sha256, clean.media_type), clean.data)
        except IvpipeError as error:
            with store.write() as session:
                record_failure(session.get_one(ArticlePicture, picture_id), error, now)
            raise
        with store.write() as session:
            row = session.get_one(ArticlePicture, picture_id)
            row.sha256, row.media_type = sha256, clean.media_type
            row.width, row.height = clean.width, clean.height
            row.taken_at = now
            end_lease(row)
            send_again(session, row.article_id)
    return Taken("taken", f"{clean.width} × {clean.height} pixels")


def page_pictures(
    session: Session, article_id: int, original: Document, translated: Document, imprint: Imprint, credit: SourceCredit
) -> tuple[Picture, ...]:
    """The pictures of a page that have been taken and may be shown, in the document's order, each once.

    ``original`` says whose they are, as the partner wrote it; the texts are those of ``translated``.
    """
    if imprint.pictures is None or credit.pictures == "none":
        return ()
    taken = {
        row.src: row
        for row in session.scalars(
            select(ArticlePicture).where(ArticlePicture.article_id == article_id, ArticlePicture.sha256 != "")
        )
    }
    lead = translated.lead_image
    pictures: dict[str, Picture] = {}
    for index, (image, ours) in enumerate(zip(original.images, translated.images, strict=True)):
        row = taken.get(image.src)
        if row is None or image.src in pictures or not may_be_shown(credit, image):
            continue
        pictures[image.src] = Picture(
            src=image.src,
            file=_file(imprint.pictures, row.sha256, row.media_type),
            media_type=row.media_type,
            width=row.width,
            height=row.height,
            sha256=row.sha256,
            alt=ours.alt,
            caption_html=ours.caption,
            credit_html=picture_credit(imprint, credit, ours, translated.lang),
            lead=index == lead,
        )
    return tuple(pictures.values())


def taken_pictures(session: Session, article_id: int) -> dict[str, str]:
    """Address → hash of the pictures of an article that were taken."""
    rows = session.execute(
        select(ArticlePicture.src, ArticlePicture.sha256).where(
            ArticlePicture.article_id == article_id, ArticlePicture.sha256 != ""
        )
    )
    return {row.src: row.sha256 for row in rows}


def picture_file(session: Session, sha256: str, folder: Path) -> tuple[Path, str] | None:
    """File and media type of a picture that was taken, by its hash; None where there is none such."""
    media_type = session.scalar(select(ArticlePicture.media_type).where(ArticlePicture.sha256 == sha256).limit(1))
    return (_file(folder, sha256, media_type), media_type) if sha256 and media_type else None


def picture_troubles(session: Session, article_id: int) -> list[str]:
    """Why pictures of an article are not shown, one line for each that could not be taken."""
    rows = session.scalars(
        select(ArticlePicture.last_error)
        .where(ArticlePicture.article_id == article_id, ArticlePicture.last_error != "")
        .order_by(ArticlePicture.id)
    )
    return [f"a picture could not be taken: {error}" for error in rows]


def _shown(document: Document) -> Iterator[Image]:
    """The images the document shows, in its order: the leading one first."""
    indices = [document.lead_image, *(block.image for block in document.blocks), *range(len(document.images))]
    for index in dict.fromkeys(index for index in indices if index is not None):
        if 0 <= index < len(document.images):
            yield document.images[index]


def _is_address(src: str) -> bool:
    return src.startswith(("http://", "https://")) and len(src) <= MAX_URL_LENGTH


def _file(folder: Path, sha256: str, media_type: str) -> Path:
    return folder / sha256[:2] / f"{sha256}.{_SUFFIXES[media_type]}"


def _keep(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; it is on the disk before our database says so. Raises SourceError."""
    if path.is_file():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        known = machine_error(error, path)
        raise SourceError(
            f"the picture cannot be kept: {known.message if known else error.strerror}",
            subject=str(path),
            advice=known.advice if known else "let this process write there; it will be tried again",
            retryable=True,
        ) from error
