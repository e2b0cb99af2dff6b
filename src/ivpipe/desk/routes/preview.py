"""The preview: the page as it will be published."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import FileResponse, Response

from ivpipe.desk import queries
from ivpipe.desk.routes.editor import DONE
from ivpipe.desk.visit import Visit
from ivpipe.errors import NotFound
from ivpipe.model import Translation
from ivpipe.model.languages import direction
from ivpipe.steps.pages import build_page
from ivpipe.steps.pictures import picture_file
from ivpipe.text.html_writer import Shown, inline_html, write_document


def preview(visit: Visit) -> Response:
    """The newest revision (or ``?revision=``) put together by the same step that publishes it."""
    asked = visit.request.query_params.get("revision", "")
    with visit.store.read() as session:
        translation = session.get(Translation, visit.number())
        if translation is None:
            raise NotFound(f"there is no translation {visit.number()}")
        live = queries.publications(session, translation.id)
        page = None
        if translation.revision:
            revision = int(asked) if asked.isdecimal() and len(asked) < 7 else translation.revision
            first_live = [moment for item in live if (moment := item.first_live_at or item.publish_at)]
            page = build_page(
                session,
                translation,
                revision,
                visit.desk.app.imprint(),
                published_at=min(first_live, default=visit.now),
                updated_at=visit.now,
            )
        article = translation.article
    written = None
    if page is not None:
        pictures = {
            picture.src: Shown(f"/pictures/{picture.sha256}", picture.width, picture.height, picture.credit_html)
            for picture in page.pictures
        }
        parts = write_document(
            page.document, heading_base=2, pictures=pictures, notes_heading="Notes", back_label="Back to the text"
        )
        written = {name: Markup(getattr(parts, name)) for name in parts.__slots__}  # noqa: S704  html_writer escapes
        for name in ("country", "attribution_html", "postscript_html", "correction_html"):
            written[name.removesuffix("_html")] = Markup(inline_html(getattr(page, name)))  # noqa: S704
    return visit.page(
        "preview.html",
        translation=translation,
        article=article,
        page=page,
        written=written,
        live=live,
        translation_id=translation.id,
        direction=direction(translation.lang),
        notice=DONE.get(visit.request.query_params.get("done", ""), ""),
    )


def picture(visit: Visit) -> Response:
    """A picture that was taken, by the hash of its bytes."""
    with visit.store.read() as session:
        found = picture_file(session, str(visit.request.path_params["sha256"]), visit.desk.app.settings.pictures)
    if found is None or not found[0].is_file():
        raise NotFound("there is no such picture")
    path, media_type = found
    return FileResponse(path, media_type=media_type)
