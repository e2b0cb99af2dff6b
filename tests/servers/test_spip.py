"""Publishing in a real SPIP, from login to withdrawal, and whatever may go wrong between."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.builders import PAGE
from tests.contracts.test_publishers import MAGAZINE, SECOND
from tests.servers.cutting_proxy import CuttingProxy
from tests.servers.http_site import running_site
from tests.servers.spip import LOGIN, PASSWORD, TOKEN, Spip

from ivpipe.errors import PublishAuth, PublishError, PublishTransient, RemoteConflict
from ivpipe.model import Block, BlockType, Image, Page
from ivpipe.model.page import Picture, Sibling
from ivpipe.publishers import Finding
from ivpipe.publishers.spip import Spip as Publisher
from ivpipe.publishers.spip import SpipSettings, checking, session
from ivpipe.publishers.spip.forms_driver import FormsDriver
from ivpipe.publishers.spip.session import Session


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", PASSWORD)
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", TOKEN)


@pytest.fixture(params=["forms", "file"])
def driver(request: pytest.FixtureRequest) -> str:
    """For what is the same through both."""
    return str(request.param)


@contextmanager
def publisher(url: str, **settings: Any) -> Iterator[Publisher]:
    values = {"url": url, "login": LOGIN, "section": 1, "status": "publie", **settings}
    one = Publisher(SpipSettings(**values), slug="spip", magazine=MAGAZINE, data_dir=Path())
    try:
        yield one
    finally:
        one.close()


def forms(site: Publisher) -> Session:
    """The session in which a publisher fills in SPIP's forms."""
    assert isinstance(site.driver, FormsDriver)
    return site.driver.session


def articles(site: Spip) -> list[tuple[Any, ...]]:
    """(number, title, status, language) of the articles that are not in the dustbin."""
    return site.rows("SELECT id_article, titre, statut, lang FROM spip_articles WHERE statut <> 'poubelle' ORDER BY 1")


def whole(site: Spip, page: Page) -> list[tuple[Any, ...]]:
    """(number, title, status, language, date) of a page's articles that are not in the dustbin."""
    fields = "id_article, titre, statut, lang, date"
    return site.rows(
        f"SELECT {fields} FROM spip_articles WHERE statut <> 'poubelle' AND texte LIKE ?", f"%<!-- {page.key} %"
    )


WHOLE = [(1, "The strike holds", "publie", "en")]


CANAL = Picture(
    "https://semaine.example/canal.jpg", Path("src/ivpipe/demo/sites/pictures/canal.jpg"), "image/jpeg", 960, 600, "a1" * 32,
    'The "canal" & its lock', "The <em>canal</em> at dawn", "Photo: Ana &lt;b&gt;", lead=True,
)  # fmt: skip


@pytest.fixture
def picture() -> Picture:
    return CANAL


def test_a_page_has_everything_a_volunteer_would_type_in(spip: Spip, driver: str, picture: Picture) -> None:
    author = spip.author("Claire Morvan", "mot de passe 1")
    spip.rows(
        "INSERT INTO spip_rubriques (id_rubrique, titre, statut, lang) VALUES (2, 'N° 12 – July 2026', 'publie', 'en')"
    )
    with publisher(spip.url, driver=driver, keywords="create", timezone="Europe/Paris", signed=False) as spip_site:
        page = replace(
            PAGE,
            country="Brittany",
            section="Ports",
            edition="N° 12 – July 2026",
            keywords=("Strikes", "Ports"),
            pictures=(picture,),
            correction_html="It was Monday.",
            postscript_html='Please <a href="https://ferry.example/give">give</a>.',
            licence="https://licence.example/by?a=1&b",
            published_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
        )
        ref = spip_site.upsert(page.key, page)
        again = spip_site.upsert(page.key, replace(page, keywords=("Strikes", "Others")), ref)
    assert again == ref
    below = (
        "Please [give->https://ferry.example/give].\n\n© The Ferry\n\n"
        "Licence: [https://licence.example/by?a=1&amp;b->https://licence.example/by?a=1&b]"
    )
    fields = "surtitre, titre, soustitre, descriptif, chapo, ps, nom_site, url_site, statut, lang, id_rubrique, date, date_redac"
    assert spip.rows(f"SELECT {fields} FROM spip_articles") == [
        (
            "Brittany", "The strike holds", "Claire Morvan", "", "Three weeks in.", below,
            "La Semaine", "https://semaine.example/port", "publie", "en", 2, "2026-07-01 14:30:00", "2026-06-12 00:00:00",
        )
    ]  # fmt: skip
    assert spip.rows("SELECT texte FROM spip_articles") == [
        (
            "{{Correction}}: It was Monday.\n\nIt rains.[[The committee.]]\n\n12 June 2026\n\n"
            "Translated by {{The Ferry}} from {{La Semaine}}.\n\n"
            "[https://semaine.example/port->https://semaine.example/port] <!-- ivpipe-7-en r1 -->",
        )
    ]
    words = "SELECT titre FROM spip_mots JOIN spip_mots_liens USING (id_mot) WHERE objet = 'article' ORDER BY 1"
    assert spip.rows(words) == [("Ports",), ("Strikes",)]
    assert spip.rows("SELECT id_auteur FROM spip_auteurs_liens WHERE objet = 'article' ORDER BY 1") == [(author,)]
    assert spip.rows("SELECT mode FROM spip_documents") == [("logoon",)]


def test_a_keyword_that_cannot_be_made_is_an_error(spip: Spip, driver: str) -> None:
    with (
        publisher(spip.url, driver=driver, keywords="create", keyword_group=7) as site,
        pytest.raises(PublishError, match="keyword"),
    ):
        site.upsert(PAGE.key, replace(PAGE, keywords=("Strikes",)))


def test_pictures_go_in_once_with_title_credit_and_text(spip: Spip, driver: str, picture: Picture) -> None:
    document = replace(
        PAGE.document,
        blocks=(*PAGE.document.blocks, Block(BlockType.FIGURE, picture.caption_html, image=0)),
        images=(Image(picture.src, picture.alt, picture.caption_html, picture.credit_html),),
    )
    page = replace(PAGE, document=document, pictures=(replace(picture, lead=False),))
    with publisher(spip.url, driver=driver) as site:
        ref = site.upsert(page.key, page)
        assert site.difference(page.key, page, ref) == ""
        assert site.upsert(page.key, page, ref) == ref
    name = f"jpg/ivpipe-{picture.sha256[:16]}.jpg"
    assert spip.rows("SELECT fichier, titre, credits, alt FROM spip_documents") == [
        (name, "The <i>canal</i> at dawn", "Photo: Ana &lt;b&gt;", 'The "canal" &amp; its lock')
    ]
    alternatives = re.findall(r"alt=['\"]([^'\"]*canal[^'\"]*)", spip.plain(1) or "")
    assert [unescape(text) for text in alternatives] == ['The "canal" & its lock']


def test_a_picture_of_several_articles_is_attached_to_each(spip: Spip, driver: str, picture: Picture) -> None:
    document = replace(
        PAGE.document,
        blocks=(*PAGE.document.blocks, Block(BlockType.FIGURE, picture.caption_html, image=0)),
        images=(Image(picture.src, picture.alt, picture.caption_html, picture.credit_html),),
    )
    with publisher(spip.url, driver=driver) as site:
        for key in ("ivpipe-7-en", "ivpipe-8-en"):
            page = replace(PAGE, key=key, document=document, pictures=(replace(picture, lead=False),))
            ref = site.upsert(key, page)
            assert site.upsert(key, page, ref) == ref
    assert spip.rows("SELECT COUNT(*) FROM spip_documents_liens WHERE objet = 'article' GROUP BY id_objet") == [
        (1,),
        (1,),
    ]


def test_a_site_as_it_comes_takes_what_it_has_a_place_for(spip: Spip, driver: str, picture: Picture) -> None:
    fields = "surtitre soustitre descriptif chapeau ps redac urlref".split()
    off = dict.fromkeys([*(f"articles_{field}" for field in fields), "activer_logos"], "non")
    off |= {"langues_multilingue": "fr", "multi_objets": "", "gerer_trad_objets": "", "documents_objets": ""}
    french = replace(PAGE, lang="fr", keywords=("Grève",), pictures=(picture,))
    with ExitStack() as settings, publisher(spip.url, driver=driver) as site:
        for name, value in off.items():
            settings.enter_context(spip.setting(name, value))
        ref = site.upsert(french.key, french)
        assert site.upsert(french.key, french, ref) == ref
        english = replace(PAGE, key="ivpipe-8-en")
        with pytest.raises(PublishError, match="does not let article 2 have the language 'en'"):
            site.upsert(english.key, english)
    assert articles(spip) == [(1, "The strike holds", "publie", "fr"), (2, "The strike holds", "prepa", "fr")]
    assert spip.rows("SELECT DISTINCT date_redac FROM spip_articles") == [("0000-00-00 00:00:00",)]


def test_an_article_is_linked_to_its_other_languages(spip: Spip, driver: str) -> None:
    with publisher(spip.url, driver=driver) as site:
        first = site.upsert(PAGE.key, PAGE)
        sibling = Sibling("en", PAGE.slug, first.id, first.url)
        french = replace(PAGE, key="ivpipe-7-fr", lang="fr", siblings=(sibling,))
        site.upsert(french.key, french)
    assert spip.rows("SELECT id_article, lang, id_trad FROM spip_articles ORDER BY 1") == [(1, "en", 1), (2, "fr", 1)]


def test_an_author_of_the_site_proposes(spip: Spip, monkeypatch: pytest.MonkeyPatch) -> None:
    spip.author("auteur", "mot de passe 2")
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", "mot de passe 2")
    with publisher(spip.url, login="auteur", status="prop") as site:
        assert {finding.severity for finding in site.check()} == {"ok"}
        ref = site.upsert(PAGE.key, PAGE)
        assert articles(spip) == [(1, "The strike holds", "prop", "en")]
        site.upsert(SECOND.key, SECOND, ref)
        assert articles(spip) == [(1, "The strike is won", "prop", "en")]
        site.withdraw(ref)
        assert site.find(PAGE.key, ref) is None
    with publisher(spip.url, login="auteur", signed=False) as site:
        assert [finding.what for finding in site.check() if finding.severity == "error"] == [
            "auteur could not change articles that do not name it as author",
            "auteur may propose articles, not publish them",
        ]
    with (
        publisher(spip.url, login="auteur") as site,
        pytest.raises(PublishAuth, match="may not make article 1 'publie'"),
    ):
        site.upsert(SECOND.key, SECOND, replace(ref, revision=None))
    assert articles(spip) == [(1, "The strike is won", "prepa", "en")]


def test_what_is_wrong_is_told(spip: Spip, monkeypatch: pytest.MonkeyPatch) -> None:
    with publisher(spip.url, section=99) as site:
        wrong = [finding.what for finding in site.check() if finding.severity == "error"]
        assert wrong == ["section 99 does not take a new article"]
    with running_site() as other, publisher(f"http://127.0.0.1:{other.port}/") as site:
        assert [finding.advice for finding in site.check()] == ["is url the address of the SPIP site?"]
    with publisher("http://127.0.0.1:9/") as site:
        assert [finding.severity for finding in site.check()] == ["error"]
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", "wrong")
    with publisher(spip.url) as site:
        assert [finding.what for finding in site.check()] == [f"SPIP does not let {LOGIN!r} in"]
        with pytest.raises(PublishAuth):
            site.upsert(PAGE.key, PAGE)
    monkeypatch.delenv("IVPIPE_SPIP_PASSWORD")
    with publisher(spip.url) as site:
        assert site.check() == [
            Finding(
                "error",
                f"there is no password for {LOGIN!r}",
                "put it into the environment variable IVPIPE_SPIP_PASSWORD",
            )
        ]
    assert articles(spip) == []


@pytest.mark.parametrize(
    "address",
    ["http://magazine.example/", "ftp://magazine.example/", "https://m.example/?x=1", "m", "https://a:b@m.example/"],
)
def test_an_address_that_would_show_the_password_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        SpipSettings(url=address, login="robot", section=1)


def test_the_session_may_end_anywhere(spip: Spip) -> None:
    """Before each request in turn SPIP forgets who we are."""
    quick = replace(PAGE, byline=(), original_published="", published_at=datetime.now(UTC))
    with publisher(spip.url) as site:
        site.find(PAGE.key)
        once = forms(site)._once
        for steps in count():
            page = replace(quick, key=f"ivpipe-{steps}-en")
            left = [steps]

            def forgetful(*asked: Any, left: list[int] = left) -> Any:
                if left[0] == 0:
                    forms(site)._client.cookies.clear()
                left[0] -= 1
                return once(*asked)

            forms(site)._once = forgetful  # type: ignore[method-assign]
            ref = site.upsert(page.key, page)
            assert [found[:4] for found in whole(spip, page)] == [(int(ref.id), "The strike holds", "publie", "en")]
            if left[0] >= 0:
                break
    assert steps == 10


def test_the_connection_may_break_after_every_change(spip: Spip) -> None:
    """One run for each request that changes something; its answer is lost. What a request lost before or after it leaves is
    the same. The last run loses nothing."""
    with CuttingProxy(spip.url) as proxy:
        for changes in count(1):  # the first one is the login
            page = replace(PAGE, key=f"ivpipe-{changes}-en")
            with publisher(proxy.url) as site:
                with proxy.cutting(changes, after=True, only=_changes) as cut:
                    cut_off = _broken(site, page)
                assert isinstance(cut_off, PublishTransient) == cut.done
                ref = site.upsert(page.key, page) if cut_off else site.find(page.key)
            assert ref is not None
            assert whole(spip, page) == [(int(ref.id), "The strike holds", "publie", "en", "2026-07-01 12:00:00")]
            if not cut.done:
                break
    assert changes == 6


def test_the_connection_may_break_at_every_request_of_an_update_and_a_withdrawal(spip: Spip) -> None:
    with CuttingProxy(spip.url) as proxy, publisher(spip.url) as direct, publisher(proxy.url) as site:
        site.find(PAGE.key)
        for requests in count():
            known = direct.upsert(PAGE.key, PAGE)
            with proxy.cutting(requests, after=True) as cut:
                cut_off = _broken(site, SECOND, known)
            assert isinstance(cut_off, PublishTransient) == cut.done
            assert site.upsert(SECOND.key, SECOND, known).revision == 2
            assert whole(spip, PAGE) == [(int(known.id), "The strike is won", "publie", "en", "2026-07-01 12:00:00")]
            if not cut.done:
                break
        assert requests == 4
        with proxy.cutting(0, after=True, only=_changes), pytest.raises(PublishTransient):
            site.withdraw(known)
        site.withdraw(known)
        assert [status for _number, _title, status, *_ in whole(spip, PAGE)] == ["prepa"]


def _changes(method: str, _path: str) -> bool:
    return method == "POST"


def _broken(site: Publisher, page: Any, known: Any = None) -> PublishError | None:
    try:
        site.upsert(page.key, page, known)
    except PublishError as error:
        return error
    return None


def test_two_publishers_at_once_make_one_article(spip: Spip) -> None:
    """Both look before either has made it: they start together, and each waits at its first save for the other."""
    for round_ in range(2):
        page = replace(PAGE, key=f"ivpipe-{round_}-en")
        gate = threading.Barrier(2)
        refs = []

        def run(page: Any = page, gate: threading.Barrier = gate, refs: list[Any] = refs) -> None:
            with publisher(spip.url) as site:
                site.find(page.key)
                send, waited = forms(site).send, []

                def together(*asked: Any, **named: Any) -> Any:
                    if not waited:
                        waited.append(gate.wait(30))
                    return send(*asked, **named)

                forms(site).send = together  # type: ignore[method-assign]
                for _ in range(3):
                    try:
                        refs.append(site.upsert(page.key, page))
                        return
                    except PublishTransient:  # it met what the other one was doing at this moment
                        continue

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        marked = "SELECT id_article, titre, lang FROM spip_articles WHERE statut = 'publie' AND texte LIKE ?"
        whole = spip.rows(marked, f"%{page.key} r1%")
        assert [(title, lang) for _number, title, lang in whole] == [("The strike holds", "en")]
        assert {ref.id for ref in refs} == {str(whole[0][0])}
    assert spip.rows("SELECT count(*) FROM spip_articles WHERE statut NOT IN ('publie', 'poubelle')") == [(0,)]


def test_an_old_answer_of_the_sites_search_makes_no_second_article(spip: Spip, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(0, 8)
    monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: next(clock)))
    with publisher(spip.url) as site:
        site.upsert(PAGE.key, PAGE)
        site.find(PAGE.key)
        spip.rows("UPDATE spip_articles SET id_article = 5, texte = 'Of somebody else.'")  # ours is gone for good
        made = site.upsert(PAGE.key, PAGE)
        assert site.upsert(PAGE.key, PAGE) == made
    assert whole(spip, PAGE) == [(6, "The strike holds", "publie", "en", "2026-07-01 12:00:00")]


def test_people_who_save_between_our_reading_and_our_saving_are_not_overwritten(spip: Spip) -> None:
    with publisher(spip.url) as site:
        known = site.upsert(PAGE.key, PAGE)
        send = forms(site).send

        def late(screen: Any, name: str, *asked: Any, **named: Any) -> Any:
            if name == "editer_article":
                spip.rows("UPDATE spip_articles SET titre = 'By hand'")
            return send(screen, name, *asked, **named)

        forms(site).send = late  # type: ignore[method-assign]
        with pytest.raises(PublishTransient, match="somebody else is changing article 1"):
            site.upsert(SECOND.key, SECOND, known)
        forms(site).send = send  # type: ignore[method-assign]
        with pytest.raises(RemoteConflict) as caught:
            site.upsert(SECOND.key, SECOND, known)
    assert articles(spip) == [(1, "By hand", "publie", "en")]
    assert "By hand" in caught.value.theirs
    assert "The strike is won" in caught.value.ours


def test_our_mark_taken_out_by_hand_is_a_change_and_not_a_new_article(spip: Spip, driver: str) -> None:
    with publisher(spip.url, driver=driver) as site:
        known = site.upsert(PAGE.key, PAGE)
        spip.rows("UPDATE spip_articles SET texte = 'Rewritten.'")
        with pytest.raises(RemoteConflict):
            site.upsert(SECOND.key, SECOND, known)
    assert articles(spip) == WHOLE


@pytest.mark.parametrize("status", ["prepa", "refuse", "poubelle"])
def test_an_article_that_people_took_away_is_not_shown_again_unasked(spip: Spip, driver: str, status: str) -> None:
    with publisher(spip.url, driver=driver) as site:
        known = site.upsert(PAGE.key, PAGE)
        spip.rows("UPDATE spip_articles SET statut = ?", status)
        assert site.find(PAGE.key, known) is None
        with pytest.raises(RemoteConflict, match=f"made '{status}'") as caught:
            site.upsert(SECOND.key, SECOND, known)
        assert caught.value.theirs.splitlines()[-2:] == ["[statut]", status]
        assert spip.rows("SELECT titre, statut FROM spip_articles") == [("The strike holds", status)]
        settled = site.upsert(SECOND.key, SECOND, replace(known, fingerprint=caught.value.fingerprint))
    assert settled.id == known.id
    assert articles(spip) == [(1, "The strike is won", "publie", "en")]


def test_an_unknown_version_gets_nothing(spip: Spip, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_KNOWN", 5)
    with publisher(spip.url, driver=driver) as site:
        with pytest.raises(PublishError, match=r"SPIP 4\.4 is not known"):
            site.upsert(PAGE.key, PAGE)
        assert "error" in [finding.severity for finding in site.check()]
    assert articles(spip) == []


def test_a_site_that_hides_its_version_from_readers_tells_it_to_its_authors(spip: Spip) -> None:
    with spip.option("$GLOBALS['spip_header_silencieux'] = 1;"), publisher(spip.url) as site:
        assert Finding("ok", "SPIP 4.4") in site.check()


def test_a_save_that_spip_ignores_is_an_error(spip: Spip) -> None:
    with publisher(spip.url) as site:
        known = site.upsert(PAGE.key, PAGE)
        send = forms(site).send

        def unsigned(screen: Any, name: str, values: Any, **named: Any) -> Any:
            return send(screen, name, {**values, "formulaire_action_sign": "0" * 40}, **named)

        forms(site).send = unsigned  # type: ignore[method-assign]
        with pytest.raises(PublishError, match="SPIP did not save the field titre, the field texte of article 1"):
            site.upsert(SECOND.key, SECOND, known)
    assert articles(spip) == WHOLE


def test_fields_that_the_site_hides_are_sent_and_verified_all_the_same(spip: Spip, driver: str) -> None:
    with spip.setting("articles_surtitre", "non"), publisher(spip.url, driver=driver) as site:
        assert [finding.severity for finding in site.check()] == ["ok", "ok", "ok", "warning", "ok"]
        ref = site.upsert(PAGE.key, PAGE)
        assert site.upsert(PAGE.key, PAGE, ref) == ref
    assert spip.rows("SELECT surtitre FROM spip_articles") == [("Ports",)]
