"""Publishing in a real SPIP through the PHP file: whom it listens to, what it does for them, and what it never does."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import httpx
import pytest
from tests.builders import PAGE
from tests.contracts.test_publishers import SECOND
from tests.servers.cutting_proxy import CuttingProxy
from tests.servers.spip import LOGIN, PASSWORD, TOKEN, Spip
from tests.servers.test_spip import CANAL, articles, publisher, whole

from ivpipe.errors import PublishAuth, PublishError, PublishTransient, RemoteConflict
from ivpipe.model import Block, BlockType, Image
from ivpipe.publishers.spip import Spip as Publisher
from ivpipe.publishers.spip.file_driver import FileDriver

ILLUSTRATED = replace(
    PAGE,
    document=replace(
        PAGE.document,
        blocks=(*PAGE.document.blocks, Block(BlockType.FIGURE, CANAL.caption_html, image=0)),
        images=(Image("https://semaine.example/inside.jpg", CANAL.alt, CANAL.caption_html, CANAL.credit_html),),
    ),
    pictures=(CANAL, replace(CANAL, src="https://semaine.example/inside.jpg", sha256="b2" * 32, lead=False)),
    keywords=("Ports",),
)
"""With a logo and a picture in its text."""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVPIPE_SPIP_PASSWORD", PASSWORD)
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", TOKEN)


def ask(site: Spip, request: Any = None, content: Any = None, **headers: str | None) -> tuple[int, str]:
    """(status, what is wrong) of a request to the file; headers as they are, but for those that are given here."""
    body = (
        json.dumps({"do": "facts", "section": 1} if request is None else request).encode()
        if content is None
        else content
    )
    sent = {"Content-Type": "application/json", "X-Ivpipe-Token": TOKEN}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in sent.items() if value is not None}
    answer = httpx.post(f"{site.url}spip.php?action=ivpipe", content=body, headers=sent, timeout=60)
    return answer.status_code, str(answer.json().get("error", ""))


def file_of(site: Publisher) -> FileDriver:
    assert isinstance(site.driver, FileDriver)
    return site.driver


def answering(site: Publisher, status: int, **more: Any) -> None:
    """Have the publisher get this answer whatever it asks."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, **more))
    file_of(site)._opened = httpx.Client(transport=transport)


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({}, 200, ""),
        ({"Host": "localhost"}, 200, ""),
        ({"Host": "magazine.example"}, 403, "only HTTPS"),
        ({"X_Forwarded_For": "192.0.2.7"}, 403, "only HTTPS"),
        ({"X_Forwarded_For": "127.0.0.1"}, 403, "only HTTPS"),
        ({"X_Forwarded_For": "127.0.0.1, 192.0.2.7", "X_Forwarded_Proto": "http"}, 403, "only HTTPS"),
        ({"Host": "magazine.example", "X_Forwarded_For": "192.0.2.7", "X_Forwarded_Proto": "https"}, 200, ""),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        ({"Content_Type": "text/plain"}, 415, "application/json"),
        ({"X_Ivpipe_Token": None}, 401, "the token"),
        ({"X_Ivpipe_Token": ""}, 401, "the token"),
        ({"X_Ivpipe_Token": TOKEN[:-1]}, 401, "the token"),
        ({"X_Ivpipe_Token": TOKEN.upper()}, 401, "the token"),
    ],
)
def test_who_is_listened_to(spip: Spip, headers: dict[str, str | None], status: int, error: str) -> None:
    answer = ask(spip, **headers)
    assert (answer[0], error in answer[1]) == (status, True)


def test_only_a_post_with_the_token_in_its_header_is_listened_to(spip: Spip) -> None:
    address = f"{spip.url}spip.php?action=ivpipe"
    for method in ("GET", "PUT", "DELETE"):
        assert httpx.request(method, address, headers={"X-Ivpipe-Token": TOKEN}).status_code == 405
    body = {"do": "facts", "section": 1, "token": TOKEN, "X-Ivpipe-Token": TOKEN}
    found = httpx.post(f"{address}&token={TOKEN}&X-Ivpipe-Token={TOKEN}", json=body, headers={"Authorization": TOKEN})
    assert (found.status_code, found.json()) == (
        401,
        {"error": "the token is not the one of this site", "file": 1, "spip": ""},
    )
    alone = httpx.get(f"{spip.url}squelettes/action/ivpipe.php")
    assert (alone.status_code, alone.text) == (200, "")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'[{"do": "facts"}]', 400),
        (b"null", 400),
        (b'"facts"', 400),
        (b'{"do": "\xff"}', 400),
        (b'{"do": "\\ud800"}', 400),
        (b'{"do":' * 20 + b"1" + b"}" * 20, 400),
        (b"{}", 400),
        (b'{"do": "drop"}', 400),
        (b'{"do": ["facts"]}', 400),
        (b'{"do": "facts", "section": "1 OR 1=1"}', 400),
        (b" " * 16_000_001, 413),
        (iter([b" " * 8_000_000] * 3), 413),
    ],
)
def test_what_is_no_request_is_refused(spip: Spip, content: Any, status: int) -> None:
    assert ask(spip, content=content)[0] == status


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a b",
        "../x",
        "a--b",
        "-->",
        "k%",
        "k' OR '1'='1",
        "é",
        "k\n",
        "k-",
        "x" * 122,
        ["k"],
        {"k": 1},
        7,
        None,
        True,
    ],
)
def test_a_hostile_key_is_refused(spip: Spip, key: Any) -> None:
    fields = {"titre": "T", "texte": f"x <!-- {key} r1 -->"}
    for request in ({"do": "find"}, {"do": "create", "sections": [1], "fields": fields}, {"do": "save", "id": 1}):
        assert ask(spip, {**request, "key": key})[0] == 400
    assert articles(spip) == []


def test_an_underscore_in_a_key_is_no_wildcard(spip: Spip) -> None:
    for key in ("kaz", "k_z"):
        with publisher(spip.url, driver="file") as site:
            site.upsert(key, replace(PAGE, key=key))
    with publisher(spip.url, driver="file") as site:
        assert [(ref.id if (ref := site.find(key)) else "") for key in ("kaz", "k_z", "k-z")] == ["1", "2", ""]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"statut": "publie"}},
        {"fields": {"id_rubrique": "2"}},
        {"fields": {"titre": ["T"]}},
        {"fields": {"titre": None}},
        {"fields": "titre"},
        {"statut": "published"},
        {"statut": ["publie"]},
        {"date": "tomorrow"},
        {"date": "2026-07-01 12:00:00' OR 1"},
        {"lang": "en", "source": "2"},
        {"furnishing": {"keywords": "Ports"}},
        {"furnishing": {"keywords": {"a": "Ports"}}},
        {"furnishing": {"earlier": "0"}},
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(spip: Spip, wrong: dict[str, Any]) -> None:
    with publisher(spip.url, driver="file") as site:
        ref = site.upsert(PAGE.key, PAGE)
        article = site.driver.read(ref.id)
        before = spip.rows("SELECT * FROM spip_articles")
        request = {"do": "save", "key": PAGE.key, "id": 1, "seal": getattr(article, "seal", ""), **wrong}
        assert ask(spip, request)[0] == 400
    assert spip.rows("SELECT * FROM spip_articles") == before


def test_a_file_that_is_no_picture_is_not_kept(spip: Spip) -> None:
    with publisher(spip.url, driver="file") as site:
        site.upsert(PAGE.key, PAGE)
    php = base64.b64encode(b"<?php system($_GET['x']);").decode()
    svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()
    real = base64.b64encode(CANAL.file.read_bytes()).decode()
    for name in (
        "x.jpg",
        "x.php",
        "../x.jpg",
        "ivpipe-a1a1a1a1a1a1a1a1.php",
        "ivpipe-a1a1a1a1a1a1a1a1.jpg\n",
        "ivpipe-a1a1a1a1a1a1a1a1.svg",
    ):
        assert ask(spip, {"do": "picture", "key": PAGE.key, "id": 1, "name": name, "data": real})[0] == 400
    for data in (php, svg, base64.b64encode(b"GIF89a<?php system(1);").decode(), "", "%", 7):
        for logo in (False, True):
            picture = {"do": "picture", "key": PAGE.key, "id": 1, "name": "ivpipe-a1a1a1a1a1a1a1a1.jpg", "logo": logo}
            assert ask(spip, {**picture, "data": data})[0] == 400
    assert spip.rows("SELECT COUNT(*) FROM spip_documents") == [(0,)]
    kept = [file for place in ("IMG", "tmp") for file in (spip.folder / place).rglob("*") if file.is_file()]
    assert [file.name for file in kept if b"system(" in file.read_bytes() or b"onload" in file.read_bytes()] == []


def test_a_picture_sent_twice_is_attached_once(spip: Spip) -> None:
    with publisher(spip.url, driver="file") as site:
        site.upsert(PAGE.key, PAGE)
    data = base64.b64encode(CANAL.file.read_bytes()).decode()
    picture = {"do": "picture", "key": PAGE.key, "id": 1, "name": "ivpipe-a1a1a1a1a1a1a1a1.jpg", "data": data}
    for logo in (False, True):
        assert [ask(spip, {**picture, "logo": logo})[0] for _ in range(2)] == [200] * 2
    assert spip.rows("SELECT mode FROM spip_documents") == [("image",), ("logoon",)]


def test_nothing_but_the_request_counts(spip: Spip) -> None:
    """Not what its address, or a cookie, would tell SPIP's own functions."""
    fields = {"titre": "T", "texte": "x <!-- k r1 -->"}
    address = f"{spip.url}spip.php?action=ivpipe&id_auteur=1&changer_lang=es&titre=X&redirect={spip.url}"
    request = {"do": "create", "key": "k", "sections": [1], "fields": fields}
    answer = httpx.post(address, json=request, headers={"X-Ivpipe-Token": TOKEN, "Cookie": "spip_session=1_x"})
    assert answer.json()["article"]["fields"]["titre"] == "T"
    assert spip.rows("SELECT login FROM spip_auteurs NATURAL JOIN spip_auteurs_liens") == [(LOGIN,)]


def test_another_pages_article_is_not_touched(spip: Spip) -> None:
    """By the number of one, with the key of another."""
    with publisher(spip.url, driver="file") as site:
        refs = [site.upsert(key, replace(PAGE, key=key)) for key in ("ivpipe-7-en", "ivpipe-8-en")]
        article = site.driver.read(refs[0].id)
    for request in ({"do": "save", "seal": getattr(article, "seal", ""), "statut": "poubelle"}, {"do": "picture"}):
        assert ask(spip, {**request, "key": "ivpipe-8-en", "id": 1}) == (409, "article 1 is not that of the key")
    assert [status for _id, _title, status, _lang in articles(spip)] == ["publie", "publie"]


def test_wrong_tokens_are_counted_and_after_ten_nobody_there_is_listened_to(spip: Spip) -> None:
    assert [ask(spip, X_Ivpipe_Token=f"guess {number}")[0] for number in range(10)] == [401] * 10
    assert ask(spip, X_Ivpipe_Token="guess") == (429, "too many wrong tokens from this address")
    assert ask(spip)[0] == 429
    with publisher(spip.url, driver="file") as site:
        with pytest.raises(PublishTransient) as caught:
            site.upsert(PAGE.key, PAGE)
        assert caught.value.retry_after == 600
    counted = spip.folder / "tmp" / "ivpipe-refused"
    assert "127.0.0.1" not in counted.read_text(encoding="utf-8")
    assert TOKEN not in counted.read_text(encoding="utf-8")
    earlier = {who: [time - 601 for time in times] for who, times in json.loads(counted.read_bytes()).items()}
    counted.write_text(json.dumps(earlier), encoding="utf-8")
    assert ask(spip)[0] == 200
    counted.write_text('{"a": ["b"], "c": 7, "d": []}', encoding="utf-8")  # whatever is there
    assert [ask(spip, X_Ivpipe_Token="guess")[0], ask(spip)[0]] == [401, 200]


def test_whom_a_proxy_on_the_machine_passes_on_is_counted_for_themselves(spip: Spip) -> None:
    """By what the proxy wrote, not by what they wrote before it."""

    def guess(passed_on: str) -> int:
        return ask(spip, X_Ivpipe_Token="guess", X_Forwarded_Proto="https", X_Forwarded_For=passed_on)[0]

    assert [guess(f"203.0.113.{number}, 192.0.2.7") for number in range(11)] == [401] * 10 + [429]
    assert guess("192.0.2.7, 192.0.2.8") == 401
    assert ask(spip, X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.9")[0] == 200
    assert ask(spip)[0] == 200


def test_ten_wrong_tokens_at_once_are_all_counted(spip: Spip) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(spip, X_Ivpipe_Token="guess")[0])) for _ in range(14)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * 10 + [429] * 4


def test_the_token_is_kept_nowhere_on_the_site(spip: Spip) -> None:
    with publisher(spip.url, driver="file", keywords="create") as site:
        site.upsert(ILLUSTRATED.key, ILLUSTRATED)
    ask(spip, X_Ivpipe_Token="guess")
    everything = (file for file in spip.folder.rglob("*") if file.is_file() and not file.is_symlink())
    assert [file for file in everything if TOKEN.encode() in file.read_bytes()] == []


def test_what_is_not_set_up_is_told(spip: Spip, monkeypatch: pytest.MonkeyPatch) -> None:
    spip.author("visitor", "mot de passe 3", "6forum")

    def said(**settings: Any) -> str:
        with publisher(spip.url, driver="file", **settings) as site:
            found = [finding.what for finding in site.check() if finding.severity == "error"]
            with pytest.raises(PublishError):
                site.upsert(PAGE.key, PAGE)
            return "; ".join(found)

    with spip.option(account=""):
        assert "does not define _IVPIPE_AUTHOR and _IVPIPE_TOKEN" in said()
    for account in ("nobody", "visitor", "' OR '1'='1"):
        with spip.option(account=account):
            assert said() == "_IVPIPE_AUTHOR is the login of no author of this site"
    assert said(section=99) == "section 99 does not take a new article"
    there = spip.file.read_bytes()
    spip.file.write_bytes(there.replace(b"_IVPIPE_VERSION = 1;", b"_IVPIPE_VERSION = 2;"))
    assert said() == "ivpipe.php there is version 2, we need 1"
    spip.file.unlink()
    assert said() == f"{spip.url} has no ivpipe.php"
    spip.file.write_bytes(there)
    for token, what in (("", "is not there"), ("short", "is too short"), ("ß" * 40, "holds what no header can")):
        monkeypatch.setenv("IVPIPE_SPIP_TOKEN", token)
        assert what in said()
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", "a" * 40)
    assert said() == "the token is not the one of this site"
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", TOKEN)
    with publisher(spip.url, driver="file", login="somebody") as site:
        assert [finding.what for finding in site.check()] == ["the file publishes as 'robot', not as 'somebody'"]
    assert articles(spip) == []


@pytest.mark.parametrize(
    ("status", "more", "error", "what"),
    [
        (
            301,
            {"headers": {"Location": "https://www.m.example/"}},
            PublishError,
            "sends us on to https://www.m.example/",
        ),
        (200, {"html": "<html>It works!</html>"}, PublishError, "has no ivpipe.php"),
        (200, {"content": b"\xff{"}, PublishError, "has no ivpipe.php"),
        (200, {"json": [1]}, PublishError, "has no ivpipe.php"),
        (404, {}, PublishError, "has no ivpipe.php"),
        (502, {"html": "<html>Bad gateway</html>"}, PublishTransient, "HTTP 502"),
        (413, {"json": {"error": "too much", "file": 1}}, PublishError, "too much"),
        (503, {"json": {"error": "busy", "file": 1}, "headers": {"Retry-After": "5"}}, PublishTransient, "busy"),
    ],
)
def test_an_answer_that_is_none_is_told(
    status: int, more: dict[str, Any], error: type[PublishError], what: str
) -> None:
    with publisher("http://127.0.0.1:9/", driver="file") as site:
        answering(site, status, **more)
        with pytest.raises(PublishError) as caught:
            site.upsert(PAGE.key, PAGE)
        assert type(caught.value) is error
        assert what in str(caught.value)
        assert [finding.severity for finding in site.check()] == ["error"]


def test_an_author_of_the_site_proposes_and_does_no_more(spip: Spip) -> None:
    spip.author("auteur", "mot de passe 2")
    with spip.option(account="auteur"), publisher(spip.url, driver="file", login="auteur", keywords="create") as site:
        assert [finding.what for finding in site.check() if finding.severity == "error"] == [
            "auteur may propose articles, not publish them"
        ]
        with pytest.raises(PublishAuth, match="may not make article 1 'publie'"):
            site.upsert(PAGE.key, PAGE)
        with pytest.raises(PublishAuth, match="may not make keywords in group 1"):
            site.upsert(PAGE.key, replace(PAGE, keywords=("New",)))
    with spip.option(account="auteur"), publisher(spip.url, driver="file", login="auteur", status="prop") as site:
        assert {finding.severity for finding in site.check()} == {"ok"}
        ref = site.upsert(PAGE.key, PAGE)
        assert articles(spip) == [(1, "The strike holds", "prop", "en")]
        spip.rows("UPDATE spip_articles SET statut = 'publie'")
        assert site.find(PAGE.key) == ref
        with pytest.raises(PublishAuth, match="may not change article 1"):
            site.upsert(SECOND.key, SECOND, ref)
        with pytest.raises(PublishAuth, match="may not change article 1"):
            site.withdraw(ref)
    assert articles(spip) == [(1, "The strike holds", "publie", "en")]


def test_an_administrator_of_one_section_publishes_there_only(spip: Spip) -> None:
    spip.rows("INSERT INTO spip_rubriques (id_rubrique, titre, statut, lang) VALUES (2, 'Ports', 'publie', 'fr')")
    author = spip.author("admin", "mot de passe 4", "0minirezo")
    spip.rows("INSERT INTO spip_auteurs_liens (id_auteur, objet, id_objet) VALUES (?, 'rubrique', 2)", author)
    with spip.option(account="admin"):
        with publisher(spip.url, driver="file", login="admin", section=2) as site:
            assert {finding.severity for finding in site.check()} == {"ok"}
            site.upsert(PAGE.key, PAGE)
        with (
            publisher(spip.url, driver="file", login="admin", section=1) as site,
            pytest.raises(PublishAuth, match="may not make article 2 'publie'"),
        ):
            site.upsert("ivpipe-8-en", replace(PAGE, key="ivpipe-8-en"))
    assert [status for _id, _title, status, _lang in articles(spip)] == ["publie", "prepa"]
    spip.rows("DELETE FROM spip_auteurs_liens WHERE id_auteur = ?", author)


@pytest.mark.parametrize("after", [False, True])
def test_the_connection_may_break_at_every_request(spip: Spip, after: bool) -> None:
    """Of a first publication with its pictures, an update and a withdrawal; before and after the site did it."""
    changed = replace(ILLUSTRATED, revision=2, document=replace(ILLUSTRATED.document, title="The strike is won"))
    with CuttingProxy(spip.url) as proxy, publisher(spip.url, driver="file", keywords="create") as direct:
        for requests in count():
            key = f"ivpipe-{requests}-en"
            first, second = replace(ILLUSTRATED, key=key), replace(changed, key=key)
            with publisher(proxy.url, driver="file", keywords="create") as site:
                cuts = []
                with proxy.cutting(requests, after=after) as cut:
                    cuts.append((_broken(lambda site=site, page=first: site.upsert(page.key, page)), cut.done))
                known = direct.upsert(key, first)
                assert whole(spip, first) == [
                    (int(known.id), "The strike holds", "publie", "en", "2026-07-01 12:00:00")
                ]
                with proxy.cutting(requests, after=after) as cut:
                    cuts.append(
                        (_broken(lambda site=site, page=second, ref=known: site.upsert(page.key, page, ref)), cut.done)
                    )
                assert direct.upsert(key, second, known).revision == 2
                assert whole(spip, first) == [
                    (int(known.id), "The strike is won", "publie", "en", "2026-07-01 12:00:00")
                ]
                with proxy.cutting(requests, after=after) as cut:
                    cuts.append((_broken(lambda site=site, ref=known: site.withdraw(ref)), cut.done))
                direct.withdraw(known)
            assert [broken for broken, _done in cuts] == [done for _broken, done in cuts]
            if not any(done for _broken, done in cuts):
                break
    linked = (
        "SELECT id_article FROM spip_articles JOIN spip_documents_liens ON id_objet = id_article AND objet = 'article'"
    )
    assert spip.rows(f"SELECT COUNT(*) FROM ({linked}) GROUP BY id_article") == [(2,)] * (requests + 1)
    assert spip.rows("SELECT titre FROM spip_mots") == [("Ports",)]
    assert spip.rows("SELECT COUNT(*), COUNT(DISTINCT texte) FROM spip_articles") == [(requests + 1, requests + 1)]
    assert requests == 6


def _broken(act: Any) -> bool:
    try:
        act()
    except PublishTransient:
        return True
    return False


def test_publishers_at_once_make_one_article(spip: Spip) -> None:
    """All have found that there is none before any makes it."""
    gate = threading.Barrier(4)
    refs: list[str] = []

    def run() -> None:
        with publisher(spip.url, driver="file", keywords="create") as site:
            create = site.driver.create

            def together(*asked: Any) -> Any:
                gate.wait(30)
                return create(*asked)

            site.driver.create = together  # type: ignore[method-assign]
            for _ in range(8):
                try:
                    refs.append(site.upsert(ILLUSTRATED.key, ILLUSTRATED).id)
                    return
                except PublishTransient:  # another one saves at this moment
                    continue

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refs == ["1"] * 4
    assert spip.rows("SELECT id_article, titre, statut, lang FROM spip_articles") == [
        (1, "The strike holds", "publie", "en")
    ]
    assert spip.rows("SELECT mode FROM spip_documents ORDER BY 1") == [("image",), ("logoon",)]
    assert spip.rows("SELECT titre FROM spip_mots") == [("Ports",)]


def test_people_who_save_between_our_reading_and_our_saving_are_not_overwritten(spip: Spip) -> None:
    with publisher(spip.url, driver="file") as site:
        known = site.upsert(PAGE.key, PAGE)
        driver = file_of(site)
        save = driver.save

        def late(*asked: Any) -> Any:
            spip.rows("UPDATE spip_articles SET titre = 'By hand'")
            return save(*asked)

        driver.save = late  # type: ignore[method-assign]
        with pytest.raises(PublishTransient, match="somebody else is changing article 1"):
            site.upsert(SECOND.key, SECOND, known)
        driver.save = save  # type: ignore[method-assign]
        with pytest.raises(RemoteConflict) as caught:
            site.upsert(SECOND.key, SECOND, known)
    assert articles(spip) == [(1, "By hand", "publie", "en")]
    assert "By hand" in caught.value.theirs


def test_a_text_that_the_site_changes_is_not_shown(spip: Spip) -> None:
    meddling = """$GLOBALS['spip_pipeline']['pre_edition'] = ($GLOBALS['spip_pipeline']['pre_edition'] ?? '') . '|meddle';
        function meddle($flux) {
            echo 'said aloud';
            if (isset($flux['data']['titre'])) { $flux['data']['titre'] = 'X'; }
            return $flux;
        }"""
    with publisher(spip.url, driver="file") as site:
        first = replace(PAGE, lang="fr")
        known = site.upsert(first.key, first)
        site.withdraw(known)
        with spip.option(meddling):
            (spip.folder / "tmp" / "cache" / "charger_pipelines.php").unlink(missing_ok=True)
            with pytest.raises(PublishError, match="SPIP did not save the field titre of article 1"):
                site.upsert(SECOND.key, SECOND, replace(known, revision=None, fingerprint=""))
        (spip.folder / "tmp" / "cache" / "charger_pipelines.php").unlink(missing_ok=True)
    assert [status for _id, _title, status, _lang in articles(spip)] == ["prepa"]


def test_a_language_that_the_site_does_not_have_is_an_error(spip: Spip) -> None:
    page = replace(PAGE, lang="pt")
    with publisher(spip.url, driver="file") as site, pytest.raises(PublishError, match="the language 'pt'"):
        site.upsert(page.key, page)
    assert [status for _id, _title, status, _lang in articles(spip)] == ["prepa"]


def test_a_keyword_of_a_group_that_is_not_the_accounts_is_left_out(spip: Spip) -> None:
    spip.rows(
        "INSERT INTO spip_groupes_mots (id_groupe, titre, tables_liees, minirezo) VALUES (9, 'Own', 'articles', 'non')"
    )
    spip.rows("INSERT INTO spip_mots (titre, id_groupe) VALUES ('Ports', 9)")
    with publisher(spip.url, driver="file", keywords="create") as site:
        site.upsert(PAGE.key, replace(PAGE, keywords=("Ports",)))
    assert spip.rows("SELECT COUNT(*) FROM spip_mots_liens") == [(0,)]
    spip.rows("DELETE FROM spip_groupes_mots WHERE id_groupe = 9")


def test_a_date_that_is_not_the_pages_is_set_by_who_has_no_ledger(spip: Spip) -> None:
    with publisher(spip.url, driver="file") as site:
        ref = site.upsert(PAGE.key, PAGE)
        for known, date in ((ref, "2020-01-01 00:00:00"), (None, "2026-07-01 12:00:00")):
            spip.rows("UPDATE spip_articles SET date = '2020-01-01 00:00:00'")
            site.upsert(PAGE.key, PAGE, known)
            assert spip.rows("SELECT date FROM spip_articles") == [(date,)]


def test_a_page_put_back_keeps_its_date(spip: Spip) -> None:
    with publisher(spip.url, driver="file") as site:
        ref = site.upsert(PAGE.key, PAGE)
        site.withdraw(ref)
        site.upsert(PAGE.key, PAGE, replace(ref, revision=None))
    assert spip.rows("SELECT statut, date FROM spip_articles") == [("publie", "2026-07-01 12:00:00")]


def test_what_no_text_may_hold_is_left_out(spip: Spip) -> None:
    page = replace(PAGE, byline=("Ana \ud800\x00",), keywords=("Po\udfffrts",))
    with publisher(spip.url, driver="file", keywords="create") as site:
        site.upsert(page.key, page)
    assert spip.rows("SELECT soustitre, (SELECT titre FROM spip_mots) FROM spip_articles") == [("Ana", "Ports")]


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(50):
            sent.append(number)
            yield b" " * 1_000_000

    with publisher("http://127.0.0.1:9/", driver="file") as site:
        answering(site, 200, content=endless())
        with pytest.raises(PublishError, match="has no ivpipe.php"):
            site.find(PAGE.key)
    assert len(sent) == 11


def test_a_target_may_change_its_driver(spip: Spip) -> None:
    """What one wrote the other knows: the same article, and no change by people."""
    with publisher(spip.url, driver="forms") as forms, publisher(spip.url, driver="file") as file:
        ref = forms.upsert(PAGE.key, PAGE)
        assert file.find(PAGE.key) == ref
        assert file.difference(PAGE.key, PAGE, ref) == ""
        ref = file.upsert(SECOND.key, SECOND, ref)
        assert forms.find(PAGE.key) == ref
        ref = forms.upsert(PAGE.key, PAGE, ref)
        file.withdraw(ref)
        assert forms.find(PAGE.key, ref) is None
    assert articles(spip) == [(1, "The strike holds", "prepa", "en")]
