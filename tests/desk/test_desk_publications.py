"""Where a page is live, and what an editor decides about it: times, conflicts, corrections."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import html as lxml_html
from tests.builders import MemoryPublisher

from ivpipe.errors import RemoteConflict
from ivpipe.model import ArticlePicture, Publication, Translation
from ivpipe.model.magazine import Editions, Labels
from ivpipe.steps.publish import publish


def approved(magazine, strike, **fields):
    """Submitted by Ana, approved by Eva with what her form says; returns her browser."""
    ana = magazine.claimed("ana", strike)
    assert ana.post(f"/translations/{strike}/submit").status_code == 303
    eva = magazine.visitor("eva")
    assert eva.post(f"/translations/{strike}/approve", fields).status_code == 303
    return eva


def send(magazine, publisher):
    return publish(magazine.store, 1, publisher, magazine.app.imprint("site"), magazine.clock(), "w")


def shown(person, strike):
    """The words of the publication's line."""
    tree = lxml_html.fromstring(person.get(f"/translations/{strike}/publications").text)
    return re.sub(r"\s+", " ", tree.find_class("publication")[0].text_content()).strip()


def publication(magazine):
    with magazine.store.read() as session:
        return session.get_one(Publication, 1)


def test_a_time_is_chosen_shown_changed_and_kept_to(magazine, strike):
    eva = approved(magazine, strike, publish_at="2026-03-11T09:30")
    assert publication(magazine).publish_at == datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
    assert shown(eva, strike).startswith("site to be published on 11 March 2026, 09:30 (UTC)")
    assert send(magazine, MemoryPublisher()).outcome == "not due"

    eva.post("/publications/1/time", {"publish_at": "2026-03-12T18:00"})
    assert shown(eva, strike).startswith("site to be published on 12 March 2026, 18:00")
    magazine.clock.now = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
    assert shown(eva, strike).startswith("site on its way")
    publisher = MemoryPublisher()
    assert send(magazine, publisher).outcome == "published"
    assert publisher.pages["ivpipe-1-en"].published_at == magazine.clock.now
    assert publication(magazine).publish_at is None


def test_a_scheduled_page_may_go_at_once_or_not_at_all(magazine, strike):
    eva = approved(magazine, strike, publish_at="2026-03-11T09:30")
    eva.post("/publications/1/cancel")
    assert shown(eva, strike).startswith("site not to be published there")
    assert send(magazine, MemoryPublisher()).outcome == "not due"
    eva.post("/publications/1/again")
    assert shown(eva, strike).startswith("site on its way")
    eva.post("/publications/1/time", {"publish_at": "2026-03-11T09:30"})
    eva.post("/publications/1/time", {"publish_at": ""})
    assert send(magazine, MemoryPublisher()).outcome == "published"
    assert eva.post("/publications/1/time", {"publish_at": ""}).status_code == 409


@pytest.mark.parametrize(("given", "status"), [("2026-03-01T09:30", 409), ("soon", 400)])
def test_a_time_that_cannot_be_is_refused_and_nothing_approved(magazine, strike, given, status):
    ana = magazine.claimed("ana", strike)
    ana.post(f"/translations/{strike}/submit")
    eva = magazine.visitor("eva")
    answer = eva.post(f"/translations/{strike}/approve", {"publish_at": given})
    assert answer.status_code == status
    with magazine.store.read() as session:
        assert session.query(Publication).count() == 0


def test_a_correction_is_told_to_readers(magazine, strike):
    eva = approved(magazine, strike)
    publisher = MemoryPublisher()
    send(magazine, publisher)
    assert publisher.pages["ivpipe-1-en"].correction_html == ""
    assert 'name="correction"' not in eva.get(f"/translations/{strike}").text

    magazine.claimed("eva", strike).post(f"/translations/{strike}/submit")
    assert 'name="correction"' in magazine.visitor("max").get(f"/translations/{strike}").text
    text = 'The demand was <em>180</em> euros & no more <script>; <a href="javascript:x">see</a>'
    assert magazine.visitor("max").post(f"/translations/{strike}/approve", {"correction": text}).status_code == 303
    send(magazine, publisher)
    told = "The demand was &lt;em&gt;180&lt;/em&gt; euros &amp; no more &lt;script&gt;"
    assert publisher.pages["ivpipe-1-en"].correction_html.startswith(told)
    assert "&lt;script&gt;" in eva.get(f"/translations/{strike}/preview").text


def conflicting(magazine, strike):
    eva = approved(magazine, strike)
    publisher = MemoryPublisher()
    send(magazine, publisher)
    page = publisher.pages["ivpipe-1-en"]
    publisher.pages["ivpipe-1-en"] = replace(page, document=replace(page.document, title="Mended <b>there</b>"))
    magazine.claimed("ana", strike).post(f"/translations/{strike}/submit")
    eva.post(f"/translations/{strike}/approve")
    with pytest.raises(RemoteConflict):
        send(magazine, publisher)
    return eva, publisher


def test_what_somebody_changed_on_the_site_is_shown_and_settled(magazine, strike):
    eva, publisher = conflicting(magazine, strike)
    assert shown(eva, strike).startswith("site changed on the site by somebody; revision 2 was not sent over it")
    page = lxml_html.fromstring(eva.get("/publications/1/conflict").text)
    difference = page.find_class("difference")[0]
    assert [ins.text_content() for ins in difference.iter("ins")][-1:] != []
    assert "<b>there</b>" in difference.text_content()
    assert "as it was to be sent" in page.text_content()  # not every target knows what we had there
    assert "See the difference" not in magazine.visitor("ana").get(f"/translations/{strike}/publications").text
    assert magazine.visitor("ana").post("/publications/1/ours").status_code == 409

    eva.post("/publications/1/theirs")
    assert "you left them" in shown(eva, strike)
    assert publisher.pages["ivpipe-1-en"].document.title == "Mended <b>there</b>"
    eva.post("/publications/1/ours")
    assert send(magazine, publisher).outcome == "published"
    assert "there" not in publisher.pages["ivpipe-1-en"].document.title
    assert eva.get("/publications/1/conflict").status_code == 404


def test_the_status_page_leads_to_what_is_to_be_settled_and_offers_no_other_try(magazine, strike):
    conflicting(magazine, strike)
    ops = magazine.visitor("ops")
    item = lxml_html.fromstring(ops.get("/status").text).get_element_by_id("stuck").getparent().find_class("item")[0]
    assert [link.get("href") for link in item.iter("a")] == [f"/translations/{strike}", "/publications/1/conflict"]
    assert [ops.get(link.get("href")).status_code for link in item.iter("a")] == [200, 200]
    assert (item.findall(".//form"), "next try" in item.text_content()) == ([], False)


def test_pictures_that_were_taken_are_in_the_preview_and_others_say_why_not(magazine, strike):
    settings = magazine.app.settings
    spec = settings.sources["quai"].model_copy(update={"pictures": "all"})
    magazine.app.settings = settings.model_copy(update={"sources": {"quai": spec}})
    data, sha256 = b"\xff\xd8 a picture", "ab" * 32
    file = settings.pictures / "ab" / f"{sha256}.jpg"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    with magazine.store.write() as session:
        article = session.get_one(Translation, strike).article
        taken = {"sha256": sha256, "media_type": "image/jpeg", "width": 40, "height": 30}
        lead = article.document.content.images[0].src
        session.add(ArticlePicture(article_id=article.id, src=lead, **taken))
        session.add(ArticlePicture(article_id=article.id, src="https://quai.example/b.jpg", last_error="<gone>"))
    eva = approved(magazine, strike)
    page = lxml_html.fromstring(eva.get(f"/translations/{strike}/preview").text)
    (image,) = page.cssselect("article.preview figure img")
    assert (image.get("width"), image.get("height")) == ("40", "30")
    editor = lxml_html.fromstring(eva.get(f"/translations/{strike}").text)
    assert [shown.get("src") for shown in editor.cssselect(".source .picture img")] == [image.get("src")]
    answer = eva.get(image.get("src"))
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/jpeg", data)
    assert "a picture could not be taken: <gone>" in shown(eva, strike)
    for missing in ("cd" * 32, "..%2f..%2fivpipe.db", "x"):
        assert eva.get(f"/pictures/{missing}").status_code == 404
    assert magazine.stranger().get(image.get("src")).status_code == 303


def test_a_preview_tells_section_and_edition(magazine, strike):
    settings = magazine.app.settings
    labels, editions = Labels(sections={"*": "Workers"}), Editions(kind="calendar", label="No. {number}, {month}")
    magazine.app.settings = settings.model_copy(update={"labels": labels, "editions": editions})
    page = lxml_html.fromstring(magazine.visitor("eva").get(f"/translations/{strike}/preview").text)
    assert [span.text for span in page.find_class("page-facts")[0]] == ["No. 1, March", "section “Workers”"]
