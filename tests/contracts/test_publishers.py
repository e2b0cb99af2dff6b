"""What every kind of target keeps to, tried on each line of ``publishers.BUILTIN``."""

from __future__ import annotations

import hashlib
import io
import os
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import PIL.Image
import pytest
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from tests.builders import PAGE
from tests.servers import spip as spip_server
from tests.servers.mail_server import running_mail_server
from tests.servers.spip import Spip
from tests.servers.webhook_receiver import SECRET, running_receiver
from tests.servers.wordpress import WordPress as Server

from ivpipe import publishers
from ivpipe.errors import PublishError, RemoteConflict
from ivpipe.model import Block, BlockType, Image, Magazine, Note, Picture
from ivpipe.plugins import load_plugin
from ivpipe.publishers import Publisher, RemoteRef

MAGAZINE = Magazine(name="The Ferry", url="https://ferry.example/", languages=("en", "fr"))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)></script></title>\"'>&amp;"

SECOND = replace(PAGE, revision=2, document=replace(PAGE.document, title="The strike is won"))


class Killed(BaseException):
    """The process ends here: nothing may catch it."""


@dataclass(frozen=True)
class Target:
    """One kind of target on a stand: a new publisher on the same remote side, what readers see, and a killer."""

    connect: Callable[[], Publisher]
    shown: Callable[[RemoteRef], str | None]
    """The page as a reader gets it; None where there is none."""
    killed_at: Callable[[int], AbstractContextManager[None]]
    """Ends the publisher (raises Killed) at its nth change of the remote side, from 0."""
    edited: Callable[[RemoteRef], None] | None = None
    """People change the page's text on the target; None where nobody but us writes there."""


def static_site(request: pytest.FixtureRequest) -> Target:
    folder: Path = request.getfixturevalue("tmp_path")
    kind = load_plugin("publishers", "static_site", publishers.BUILTIN)
    base = "https://ferry.example/translated/"

    def shown(ref: RemoteRef) -> str | None:
        path = folder / "site" / ref.url.removeprefix(base)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Target(
        lambda: kind(kind.Settings(base_url=base), slug="web", magazine=MAGAZINE, data_dir=folder),
        shown,
        lambda number: killed_at_file(number * 7),  # a page and its lists are some fifty files
    )


def article_folder(request: pytest.FixtureRequest) -> Target:
    folder: Path = request.getfixturevalue("tmp_path")
    kind = load_plugin("publishers", "folder", publishers.BUILTIN)

    def page(ref: RemoteRef) -> Path:
        return folder / "articles" / ref.id / "page.html"

    def shown(ref: RemoteRef) -> str | None:
        return page(ref).read_text(encoding="utf-8") if ref.id and page(ref).is_file() else None

    return Target(
        lambda: kind(kind.Settings(), slug="hand", magazine=MAGAZINE, data_dir=folder),
        shown,
        killed_at_file,
        lambda ref: append(page(ref), "<p>Corrected.</p>\n"),
    )


def markdown(request: pytest.FixtureRequest) -> Target:
    folder: Path = request.getfixturevalue("tmp_path")
    kind = load_plugin("publishers", "markdown", publishers.BUILTIN)
    remote, clone = folder / "remote.git", folder / "clone"
    settings = kind.Settings(
        remote=str(remote), base_url="https://ferry.example/", identity="The Ferry <desk@ferry.example>"
    )

    def git(*arguments: str, at: Path = clone) -> str:
        person = ("-c", "user.name=Else", "-c", "user.email=else@ferry.example")
        command = ["git", "-C", str(at), *person, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet", "--bare", "--initial-branch=main", str(remote), at=folder)
    git("clone", "--quiet", str(remote), str(clone), at=folder)

    def shown(ref: RemoteRef) -> str | None:
        listed = git("ls-tree", "-r", "--name-only", "-z", "--full-tree", "main", at=remote).split("\0")
        if ref.id not in listed:
            return None
        head, _, body = git("show", f"main:{ref.id}", at=remote).removeprefix("---\n").partition("\n---\n")
        values = YAML(typ="safe").load(head)
        return f"<div><h1>{escape(values['title'])}</h1>{MarkdownIt('commonmark').render(body)}</div>"

    def edited(ref: RemoteRef) -> None:
        git("pull", "--quiet", "origin", "main")
        append(clone / ref.id, "\nCorrected.\n")
        git("commit", "--quiet", "--all", "--message", "Correct")
        git("push", "--quiet", "origin", "HEAD:main")

    return Target(
        lambda: kind(settings, slug="garden", magazine=MAGAZINE, data_dir=folder),
        shown,
        lambda number: killed_at_call(number * 2, (subprocess, "run")),
        edited,
    )


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def killed_at_file(number: int) -> AbstractContextManager[None]:
    """Ends the publisher before its nth change of the disk."""
    return killed_at_call(number, (os, "replace"), (os, "unlink"))


@contextmanager
def killed_at_call(number: int, *functions: tuple[Any, str]) -> Iterator[None]:
    """Ends the publisher before its nth call of any of these functions, each an owner and a name."""
    left = [number]

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def acts(*arguments: object, **named: object) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return act(*arguments, **named)

        return acts

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in functions:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        yield


def webhook(request: pytest.FixtureRequest) -> Target:
    folder: Path = request.getfixturevalue("tmp_path")
    request.getfixturevalue("monkeypatch").setenv("WEBHOOK_SECRET", SECRET)
    kind = load_plugin("publishers", "webhook", publishers.BUILTIN)
    running = running_receiver()
    receiver = running.__enter__()
    request.addfinalizer(lambda: running.__exit__(None, None, None))

    def shown(ref: RemoteRef) -> str | None:
        page = receiver.pages.get(ref.id)
        return None if page is None else f"<div>{page['html']}</div>"

    return Target(
        lambda: kind(kind.Settings(url=receiver.url), slug="hook", magazine=MAGAZINE, data_dir=folder),
        shown,
        lambda number: killed_at_call(number, (httpx.Client, "send"), (os, "replace")),
    )


def email(request: pytest.FixtureRequest) -> Target:
    folder: Path = request.getfixturevalue("tmp_path")
    kind = load_plugin("publishers", "email", publishers.BUILTIN)
    running = running_mail_server()
    server = running.__enter__()
    request.addfinalizer(lambda: running.__exit__(None, None, None))
    settings = kind.Settings(
        to=("web@ferry.example",), sender="desk@ferry.example", host="127.0.0.1", port=server.port, security="none"
    )

    def shown(ref: RemoteRef) -> str | None:
        """What somebody has put on the site who has done what the mails say."""
        last = [mail for mail in server.mails if str(mail["Message-ID"]).startswith(f"<{ref.id}.")][-1:]
        html = last[0].get_body(("html",)) if last else None
        return f"<div>{html.get_content()}</div>" if html is not None else None

    return Target(
        lambda: kind(settings, slug="mail", magazine=MAGAZINE, data_dir=folder),
        shown,
        lambda number: killed_at_call(number, (smtplib.SMTP, "send_message"), (os, "replace")),
    )


def wordpress(request: pytest.FixtureRequest) -> Target:
    site: Server = request.getfixturevalue("wordpress")
    request.getfixturevalue("monkeypatch").setenv("WORDPRESS_APP_PASSWORD", site.editor.password)
    kind = load_plugin("publishers", "wordpress", publishers.BUILTIN)
    settings = kind.Settings(url=site.url, user=site.editor.name)

    def shown(ref: RemoteRef) -> str | None:
        answer = httpx.get(ref.url)
        if answer.status_code != 200:
            return None
        return lxml_html.tostring(lxml_html.fromstring(answer.content).find(".//main"), encoding="unicode")

    def edited(ref: RemoteRef) -> None:
        site.php(
            "return wp_update_post(['ID' => $given, 'post_content' => get_post($given)->post_content . '<p>Corrected.</p>']);",
            int(ref.id),
        )

    return Target(
        lambda: kind(settings, slug="wp", magazine=MAGAZINE, data_dir=request.getfixturevalue("tmp_path")),
        shown,
        killed_at_request,
        edited,
    )


def spip(request: pytest.FixtureRequest, driver: str = "forms") -> Target:
    site: Spip = request.getfixturevalue("spip")
    environment = request.getfixturevalue("monkeypatch")
    environment.setenv("IVPIPE_SPIP_PASSWORD", spip_server.PASSWORD)
    environment.setenv("IVPIPE_SPIP_TOKEN", spip_server.TOKEN)
    kind = load_plugin("publishers", "spip", publishers.BUILTIN)
    settings = kind.Settings(url=site.url, driver=driver, login=spip_server.LOGIN, section=1, status="publie")

    places = {"slug": "spip", "magazine": MAGAZINE, "data_dir": request.getfixturevalue("tmp_path")}
    first = kind(settings, **places)

    def connect() -> Publisher:
        one = kind(settings, **places)
        if driver == "forms":  # as who stays logged in; tests/servers/test_spip.py logs in each time
            one.driver._session = first.driver.session
        publisher: Publisher = one
        return publisher

    def edited(ref: RemoteRef) -> None:
        site.rows("UPDATE spip_articles SET texte = 'Corrected. ' || texte WHERE id_article = ?", ref.id)

    return Target(
        connect,
        lambda ref: site.plain(ref.id),
        # With forms it is every second; tests/servers/test_spip.py has each of them.
        lambda number: killed_at_request(number * 2 if driver == "forms" else number),
        edited,
    )


def spip_file(request: pytest.FixtureRequest) -> Target:
    return spip(request, "file")


@contextmanager
def killed_at_request(number: int) -> Iterator[None]:
    """Ends the publisher before its nth request that changes something."""
    left = [number]
    send = httpx.Client.send

    def dying(client: httpx.Client, request: httpx.Request, **named: Any) -> httpx.Response:
        if request.method not in ("GET", "OPTIONS") and "page=login" not in str(request.url):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
        return send(client, request, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Client, "send", dying)
        yield


# By the kind of target, and the driver where it has another.
STANDS: dict[str, Callable[[pytest.FixtureRequest], Target]] = {
    "email": email,
    "folder": article_folder,
    "markdown": markdown,
    "spip": spip,
    "spip file": spip_file,
    "static_site": static_site,
    "webhook": webhook,
    "wordpress": wordpress,
}


def test_every_publisher_has_a_stand() -> None:
    assert {name.partition(" ")[0] for name in STANDS} == set(publishers.BUILTIN)


@pytest.fixture(params=sorted(STANDS))
def target(request: pytest.FixtureRequest) -> Target:
    return STANDS[request.param](request)


def title_of(page: str | None) -> str | None:
    return None if page is None else lxml_html.fromstring(page).findtext(".//h1")


def test_a_page_lives_from_first_publication_to_withdrawal(target: Target) -> None:
    publisher = target.connect()
    assert publisher.find(PAGE.key) is None

    first = publisher.upsert(PAGE.key, PAGE)
    assert first.revision == 1
    assert target.connect().find(PAGE.key) == first
    assert title_of(target.shown(first)) == "The strike holds"

    before = target.shown(first)
    assert publisher.upsert(PAGE.key, PAGE) == first
    assert target.shown(first) == before

    second = publisher.upsert(PAGE.key, SECOND)
    assert second == replace(first, revision=2, fingerprint=second.fingerprint)
    assert publisher.find(PAGE.key) == second
    assert title_of(target.shown(second)) == "The strike is won"

    publisher.withdraw(second)
    assert publisher.find(PAGE.key) is None
    assert target.shown(second) is None
    publisher.withdraw(second)
    target.connect().withdraw(RemoteRef("ivpipe-99-en", second.url))

    assert publisher.upsert(PAGE.key, PAGE).revision == 1
    assert title_of(target.shown(first)) == "The strike holds"
    publisher.close()


def test_an_earlier_revision_may_be_put_back(target: Target) -> None:
    publisher = target.connect()
    publisher.upsert(PAGE.key, SECOND)
    assert publisher.upsert(PAGE.key, PAGE).revision == 1
    assert publisher.find(PAGE.key) == publisher.upsert(PAGE.key, PAGE)


def test_two_pages_with_the_same_slug_stay_two(target: Target) -> None:
    publisher = target.connect()
    other = replace(SECOND, key="ivpipe-8-en")
    refs = [publisher.upsert(page.key, page) for page in (PAGE, other)]
    assert [title_of(target.shown(ref)) for ref in refs] == ["The strike holds", "The strike is won"]
    assert len({ref.url for ref in refs}) == 2
    publisher.withdraw(refs[0])
    assert target.shown(refs[0]) is None
    assert title_of(target.shown(refs[1])) == "The strike is won"


def test_a_changed_slug_keeps_the_address(target: Target) -> None:
    publisher = target.connect()
    first = publisher.upsert(PAGE.key, PAGE)
    assert publisher.upsert(PAGE.key, replace(SECOND, slug="won")).url == first.url


@pytest.mark.parametrize("slug", ["../../etc/passwd", "", "...", "a/b", "x" * 5000, "ما" * 300, "\x00", "index"])
def test_any_slug_gives_one_page_that_can_be_read(target: Target, slug: str) -> None:
    ref = target.connect().upsert(PAGE.key, replace(PAGE, slug=slug))
    assert target.connect().find(PAGE.key) == ref


@pytest.mark.parametrize("key", ["", "../x", "a/b", "x" * 500, "a\x00"])
def test_a_key_that_is_none_is_refused(target: Target, key: str) -> None:
    with pytest.raises(PublishError, match="key"):
        target.connect().upsert(key, replace(PAGE, key=key))


def test_what_would_change_is_told_and_not_done(target: Target) -> None:
    publisher = target.connect()
    assert "+" in publisher.difference(PAGE.key, PAGE)
    assert publisher.find(PAGE.key) is None

    ref = publisher.upsert(PAGE.key, PAGE)
    shown = target.shown(ref)
    assert publisher.difference(PAGE.key, PAGE, ref) == ""
    difference = publisher.difference(PAGE.key, SECOND, ref)
    assert any(line[0] == "-" and "The strike holds" in line for line in difference.splitlines())
    assert any(line[0] == "+" and "The strike is won" in line for line in difference.splitlines())
    assert target.shown(ref) == shown


def test_what_the_target_needs_is_there(target: Target) -> None:
    assert {finding.severity for finding in target.connect().check()} == {"ok"}


def test_a_page_put_back_is_the_same_one(target: Target) -> None:
    publisher = target.connect()
    first = publisher.upsert(PAGE.key, PAGE)
    publisher.withdraw(first)
    again = publisher.upsert(PAGE.key, SECOND, replace(first, revision=None))
    assert (again.id, again.url) == (first.id, first.url)
    assert title_of(target.shown(again)) == "The strike is won"


def test_what_people_changed_on_the_target_is_not_overwritten_unasked(target: Target) -> None:
    if target.edited is None:
        pytest.skip("nobody but us writes there")
    publisher = target.connect()
    ours = publisher.upsert(PAGE.key, PAGE)
    assert publisher.upsert(PAGE.key, PAGE, ours) == ours
    target.edited(ours)
    shown = target.shown(ours)
    with pytest.raises(RemoteConflict) as caught:
        publisher.upsert(PAGE.key, SECOND, ours)
    conflict = caught.value
    assert target.shown(ours) == shown
    assert (conflict.theirs != conflict.ours, conflict.url != "") == (True, True)

    settled = publisher.upsert(PAGE.key, SECOND, replace(ours, fingerprint=conflict.fingerprint))
    assert title_of(target.shown(settled)) == "The strike is won"
    assert publisher.upsert(PAGE.key, SECOND, settled) == settled


def test_a_save_cut_off_is_not_taken_for_the_work_of_others(target: Target) -> None:
    for steps in count():
        known = target.connect().upsert(PAGE.key, PAGE)
        if not killed(target, steps, lambda known=known: target.connect().upsert(PAGE.key, SECOND, known)):
            break
        again = target.connect().upsert(PAGE.key, SECOND, known)
        assert title_of(target.shown(again)) == "The strike is won"


def test_hostile_text_reaches_no_reader_as_markup(target: Target) -> None:
    document = replace(
        PAGE.document,
        title=HOSTILE,
        kicker=HOSTILE,
        standfirst='<a href="javascript:alert(1)">x</a>',
        blocks=(*(Block(kind, HOSTILE, level=2) for kind in BlockType), Block(BlockType.PARAGRAPH, "\x00\ud800ok")),
        notes=(Note(HOSTILE, HOSTILE),),
    )
    names = "country section edition correction_html attribution_html postscript_html copyright licence"
    text = dict.fromkeys((*names.split(), "magazine", "partner", "translator"), HOSTILE)
    text |= {"partner_url": "javascript:alert(1)", "original_url": "javascript:alert(1)", "original_lang": HOSTILE}
    text |= {"original_title": HOSTILE, "original_published": HOSTILE}
    ref = target.connect().upsert(PAGE.key, replace(PAGE, document=document, byline=(HOSTILE,), **text))
    page = target.shown(ref)
    assert page is not None
    tree = lxml_html.fromstring(page)
    assert [script.get("type") for script in tree.iter("script")] in ([], ["application/ld+json"])
    assert [element.tag for element in tree.iter("img", "iframe", "object", "svg", "form")] == []
    for element in tree.iter():
        assert not [name for name in element.attrib if name.startswith("on")]
        assert "javascript:" not in (element.get("href") or element.get("src") or "")
    assert "<script>alert" in tree.text_content()


def killed(target: Target, number: int, act: Callable[[], object]) -> bool:
    """Whether the publisher ended before it had done it."""
    with target.killed_at(number):
        try:
            act()
        except Killed:
            return True
    return False


def test_a_publisher_killed_while_it_publishes_is_healed_by_the_next(target: Target) -> None:
    publisher = target.connect()
    clean = publisher.upsert(PAGE.key, PAGE)
    shown = target.shown(clean)
    publisher.withdraw(clean)
    for steps in count():
        if not killed(target, steps, lambda: target.connect().upsert(PAGE.key, PAGE)):
            break
        found = target.connect().find(PAGE.key)
        assert found is None or found.revision in (None, 1)
        assert target.connect().upsert(PAGE.key, PAGE) == clean
        assert target.shown(clean) == shown
        publisher.withdraw(clean)
    assert steps >= 1


def test_a_publisher_killed_while_it_updates_is_healed_by_the_next(target: Target) -> None:
    publisher = target.connect()
    for steps in count():
        clean = publisher.upsert(PAGE.key, PAGE)
        if not killed(target, steps, lambda: target.connect().upsert(PAGE.key, SECOND)):
            break
        assert title_of(target.shown(clean)) in ("The strike holds", "The strike is won")
        found = target.connect().find(PAGE.key)
        assert found is not None
        assert found.revision in (None, 1)
        again = target.connect().upsert(PAGE.key, SECOND)
        assert title_of(target.shown(again)) == "The strike is won"
    assert steps >= 1


def test_a_publisher_killed_while_it_withdraws_is_healed_by_the_next(target: Target) -> None:
    publisher = target.connect()
    for steps in count():
        ref = publisher.upsert(PAGE.key, PAGE)
        if not killed(target, steps, lambda ref=ref: target.connect().withdraw(ref)):
            break
        found = target.connect().find(PAGE.key)
        assert found is not None
        target.connect().withdraw(found)
        assert target.connect().find(PAGE.key) is None
        assert target.shown(ref) is None
    assert steps >= 1


def test_pictures_are_the_targets_own_with_the_line_that_credits_them(target: Target, tmp_path: Path) -> None:
    data = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), "red").save(data, "JPEG")
    file = tmp_path / "picture.jpg"
    file.write_bytes(data.getvalue())
    sources = ("https://semaine.example/quay.jpg", "https://semaine.example/agency.jpg")
    images = tuple(Image(src, alt="The quay", caption=f"The quay {number}") for number, src in enumerate(sources, 1))
    figures = tuple(Block(BlockType.FIGURE, image.caption, image=index) for index, image in enumerate(images))
    document = replace(PAGE.document, images=images, blocks=(*PAGE.document.blocks, *figures))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    picture = Picture(
        sources[0], file, "image/jpeg", 40, 30, sha256, "The quay", "The quay 1", "Photo: <em>A. Morvan</em>"
    )

    ref = target.connect().upsert(PAGE.key, replace(PAGE, document=document, pictures=(picture,)))

    page = target.shown(ref)
    assert page is not None
    assert "semaine.example/quay.jpg" not in page
    assert "semaine.example/agency.jpg" not in page
    shown = [image.get("src", "") for image in lxml_html.fromstring(page).iter("img")]
    assert len(shown) == 1
    text = lxml_html.fromstring(page).text_content()
    assert [text.count(words) for words in ("The quay 1", "Photo: A. Morvan", "The quay 2")] == [1, 1, 1]
