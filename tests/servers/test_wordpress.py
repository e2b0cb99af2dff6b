"""Publishing to a real WordPress: what it shows afterwards, whatever goes wrong on the way."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html as lxml_html
from tests.builders import PAGE
from tests.contracts.test_publishers import MAGAZINE, SECOND
from tests.servers.cutting_proxy import CuttingProxy
from tests.servers.torture_page import QUAYS, torture_page
from tests.servers.wordpress import Account
from tests.servers.wordpress import WordPress as Server
from tests.servers.wordpress_reading import read_post

from ivpipe.errors import PublishAuth, PublishError, PublishTransient, RemoteConflict
from ivpipe.model import Image
from ivpipe.model.page import Picture, Sibling
from ivpipe.publishers import Finding, RemoteRef
from ivpipe.publishers.wordpress import WordPress

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGP8z8DAwMDAxMDAwMAAAA0GAQMx0xkzAAAAAElFTkSuQmCC"
)
Connect = Callable[..., WordPress]


@pytest.fixture
def connect(wordpress: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Makes publishers: as the editor, unless told otherwise."""
    made: list[WordPress] = []

    def publisher(account: Account | None = None, **settings: Any) -> WordPress:
        account = account or wordpress.editor
        monkeypatch.setenv("WORDPRESS_APP_PASSWORD", account.password)
        values = {"url": wordpress.url, "user": account.name, **settings}
        one = WordPress(WordPress.Settings(**values), slug="wp", magazine=MAGAZINE, data_dir=Path("unused"))
        made.append(one)
        return one

    yield publisher
    for one in made:
        one.close()


def picture(folder: Path, src: str = QUAYS, *, lead: bool = False, more: bytes = b"") -> Picture:
    data = PNG + more
    digest = hashlib.sha256(data).hexdigest()
    file = folder / f"{digest}.png"
    file.write_bytes(data)
    return Picture(
        src, file, "image/png", 2, 2, digest, "Des quais", "Les <em>quais</em>", "Photo : A. B. -- l'agence", lead
    )


def posts(site: Server) -> list[list[str]]:
    """(status, title, name) of all posts but those in the trash, the oldest first."""
    return site.sql(
        "SELECT post_status, post_title, post_name FROM wp_posts WHERE post_type = 'post' AND post_status NOT IN "
        "('trash', 'auto-draft') ORDER BY ID"
    )


def field(site: Server, ref: RemoteRef, name: str) -> Any:
    return site.php(f"return get_post($given)->{name};", int(ref.id))


def terms(site: Server, ref: RemoteRef) -> list[str]:
    rows = site.sql(
        "SELECT name FROM wp_terms JOIN wp_term_taxonomy USING (term_id) JOIN wp_term_relationships USING (term_taxonomy_id) "
        f"WHERE taxonomy IN ('category', 'post_tag') AND object_id = {int(ref.id)}"
    )
    return sorted(unescape(name) for (name,) in rows)


def edit(site: Server, ref: RemoteRef, **values: object) -> None:
    """Somebody changes fields of the post there."""
    site.php("wp_set_current_user(1); return wp_update_post(wp_slash($given));", {"ID": int(ref.id), **values})


FULL = replace(
    PAGE,
    lang="fr",
    document=torture_page(pictures=False),
    section="Ports & docks",
    keywords=("grève", "docks"),
    country="Valmare",
    edition="F12 – juillet 2026",
)


def test_a_post_has_all_that_the_page_has(wordpress: Server, connect: Connect, tmp_path: Path) -> None:
    page = replace(FULL, document=torture_page(), pictures=(picture(tmp_path, lead=True),), country="Valmare")
    ref = connect(categories=("Traductions",), author="author", edition="tag", country="none").upsert(page.key, page)

    assert terms(wordpress, ref) == ["F12 – juillet 2026", "Ports & docks", "Traductions", "docks", "grève"]
    shown = httpx.get(ref.url)
    tree = lxml_html.fromstring(shown.content)
    content = tree.xpath("//*[contains(@class, 'entry-content')]")[0]
    images = {img.get("src"): QUAYS for img in content.iter("img")}
    assert len(images) == 1
    html = "".join(lxml_html.tostring(child, encoding="unicode") for child in content)
    read = read_post(html, "fr", images)
    kept = page.document.images[0]
    assert read.images == (kept,)
    # The second picture may not be shown, and has neither caption nor credit: nothing stands for it.
    assert read.blocks == tuple(block for block in page.document.blocks if block.image != 1)
    assert read.notes == page.document.notes
    assert tree.findtext(".//title").startswith('L\'été -- "9x9" : le port [gallery]… Wordpress :)')
    assert {
        "author": wordpress.php("return get_userdata(get_post($given)->post_author)->user_login;", int(ref.id)),
        "date": field(wordpress, ref, "post_date_gmt"),
        "slug": field(wordpress, ref, "post_name"),
        "featured": wordpress.php("return basename(get_attached_file(get_post_thumbnail_id($given)));", int(ref.id)),
    } == {
        "author": "author",
        "date": "2026-07-01 12:00:00",
        "slug": "the-strike-holds",
        "featured": f"ivpipe-{page.pictures[0].sha256[:24]}.png",
    }


def test_a_picture_is_uploaded_once_for_all_posts(wordpress: Server, connect: Connect, tmp_path: Path) -> None:
    page = replace(FULL, document=torture_page(), pictures=(picture(tmp_path, lead=True),))
    first = connect().upsert(page.key, page)
    other = replace(page, key="ivpipe-8-fr", slug="other")
    second = connect().upsert(other.key, other)
    connect().upsert(page.key, replace(page, revision=2), first)
    uploads = wordpress.sql("SELECT post_name FROM wp_posts WHERE post_type = 'attachment'")
    assert uploads == [[f"ivpipe-{page.pictures[0].sha256[:24]}"]]
    assert posts(wordpress)[1][0] == "publish"
    assert first.id != second.id


def test_a_connection_lost_anywhere_leaves_one_whole_post(wordpress: Server, connect: Connect, tmp_path: Path) -> None:
    """One run for each request: of a first publication with its picture and terms, an update, a withdrawal.

    It is the answer that is lost; a lost request leaves what the lost answer before it does. What is lost before the last
    look that precedes a change has changed nothing, so the runs begin there.
    """
    document = replace(PAGE.document, title="Un", images=(Image(QUAYS),), lead_image=0)
    page = replace(FULL, document=document, keywords=("grève",), pictures=(picture(tmp_path, lead=True),))
    with CuttingProxy(wordpress.url) as proxy:

        def cut(number: int, act: Callable[[WordPress], object]) -> bool:
            with proxy.cutting(number, after=True) as cutting:
                try:
                    act(connect(url=proxy.url))
                except PublishTransient:
                    assert cutting.done
            return cutting.done

        whole = connect(url=proxy.url).upsert(page.key, page)
        content = _content(wordpress, whole)
        runs = []
        for number in range(3, 99):
            wordpress.reset()
            lost = cut(number, lambda one: one.upsert(page.key, page))
            assert {status for status, *_ in posts(wordpress)} <= {"draft", "publish"}
            ref = connect(url=proxy.url).upsert(page.key, page)
            assert posts(wordpress) == [["publish", "Un", "the-strike-holds"]]
            assert wordpress.sql("SELECT COUNT(*) FROM wp_posts WHERE post_type = 'attachment'") == [["1"]]
            assert _content(wordpress, ref) == content
            assert terms(wordpress, ref) == ["Ports & docks", "grève"]
            if not lost:
                runs.append(number)
                break
        for number in range(4, 99):
            title = f"Deux {number}"
            changed = replace(page, revision=2 + number, document=replace(page.document, title=title))
            lost = cut(number, lambda one, changed=changed, ref=ref: one.upsert(page.key, changed, ref))
            ref = connect(url=proxy.url).upsert(page.key, changed, ref)
            assert posts(wordpress) == [["publish", title, "the-strike-holds"]]
            if not lost:
                runs.append(number)
                break
        for number in range(1, 99):
            lost = cut(number, lambda one, ref=ref: one.withdraw(ref))
            connect(url=proxy.url).withdraw(ref)
            assert posts(wordpress) == [["draft", title, "the-strike-holds"]]
            ref = connect(url=proxy.url).upsert(page.key, changed, replace(ref, revision=None))
            assert posts(wordpress) == [["publish", title, "the-strike-holds"]]
            if not lost:
                runs.append(number)
                break
    assert runs == [15, 7, 4]


def _content(site: Server, ref: RemoteRef) -> str:
    """The post's text, without the ids that differ from one making to the next."""
    ((content,),) = site.sql(f"SELECT post_content FROM wp_posts WHERE ID = {int(ref.id)}")
    return re.sub(r"ivpipe-seal-[^\"]*|wp-image-\d+|\"id\":\d+", "", content)


def test_a_password_revoked_on_the_way_is_named_and_nothing_is_shown(wordpress: Server, connect: Connect) -> None:
    revoked, said = 0, set()
    with CuttingProxy(wordpress.url) as proxy:
        while True:
            wordpress.reset()
            account = wordpress.account("editor")
            with proxy.meanwhile(
                revoked, lambda account=account: wordpress.revoke(account), only=lambda method, path: method == "POST"
            ) as revoking:
                publisher = connect(account, url=proxy.url)
                try:
                    publisher.upsert(PAGE.key, PAGE)
                except PublishAuth as error:
                    said.add(error.message)
                    assert posts(wordpress) in ([], [["draft", "The strike holds", "the-strike-holds"]], SHOWN)
                else:
                    break
            assert revoking.done
            revoked += 1
        assert (revoking.done, posts(wordpress)) == (False, SHOWN)
    assert (said, revoked > 1) == ({"the login of the user editor is refused"}, True)
    wordpress.reset()
    connect().upsert(PAGE.key, PAGE)
    assert posts(wordpress) == SHOWN


def test_two_publishers_at_once_make_one_post(wordpress: Server, connect: Connect, tmp_path: Path) -> None:
    page = replace(PAGE, document=replace(torture_page(), title="Un"), pictures=(picture(tmp_path, lead=True),))
    for _ in range(2):
        wordpress.reset()
        publishers = [connect(), connect(), connect()]
        with ThreadPoolExecutor(3) as pool:
            refs = list(pool.map(lambda one: one.upsert(page.key, page), publishers))
        assert posts(wordpress) == [["publish", "Un", "the-strike-holds"]]
        assert wordpress.sql("SELECT COUNT(*) FROM wp_posts WHERE post_type = 'attachment'") == [["1"]]
        assert {ref.id for ref in refs} == {connect().find(page.key).id}  # type: ignore[union-attr]


def test_of_two_drafts_made_at_the_same_moment_the_older_stays(wordpress: Server, connect: Connect) -> None:
    """The other publisher makes its own between our look and our save: the worst moment, exactly."""
    made: list[RemoteRef] = []
    with CuttingProxy(wordpress.url) as proxy:
        other = connect()

        def first_post(method: str, path: str) -> bool:
            return method == "POST" and path.endswith("posts")

        with proxy.meanwhile(0, lambda: made.append(other.upsert(PAGE.key, PAGE)), only=first_post):
            ours = connect(url=proxy.url).upsert(PAGE.key, PAGE)
    assert posts(wordpress) == SHOWN
    assert [ours.id] == [one.id for one in made]


def test_a_draft_that_goes_into_the_trash_while_we_look_is_not_taken(wordpress: Server, connect: Connect) -> None:
    """As another publisher's does that was later than a third. WordPress looks for ids first, then reads the posts."""
    first = connect().upsert(PAGE.key, PAGE)
    edit(wordpress, first, post_status="draft", post_name="another")
    wordpress.php(
        "$post = (array) get_post($given); unset($post['ID']); return wp_insert_post(wp_slash($post));", int(first.id)
    )
    wordpress.plugin(
        "trashing",
        "add_filter('found_posts', function ($found, $query) { if ($found === 2 && $query->get('s')) {"
        "wp_trash_post(max(array_map('intval', $query->posts))); } return $found; }, 10, 2);",
    )
    assert len(posts(wordpress)) == 2
    assert connect().upsert(PAGE.key, PAGE).id == first.id
    assert posts(wordpress) == [["publish", "The strike holds", "another"]]


def test_what_somebody_saves_in_the_same_moment_is_put_back(wordpress: Server, connect: Connect) -> None:
    ref = connect().upsert(PAGE.key, PAGE)
    theirs = str(field(wordpress, ref, "post_content")).replace("It rains.", "It pours.")
    with CuttingProxy(wordpress.url) as proxy:
        publisher = connect(url=proxy.url)
        with (
            proxy.meanwhile(
                0, lambda: edit(wordpress, ref, post_content=theirs), only=lambda method, path: method == "POST"
            ),
            pytest.raises(RemoteConflict) as caught,
        ):
            publisher.upsert(PAGE.key, SECOND, ref)
    assert field(wordpress, ref, "post_content") == theirs
    assert "It pours." in caught.value.theirs
    assert "It rains." in caught.value.ours


def test_a_conflict_shows_their_text_beside_what_we_last_saved(wordpress: Server, connect: Connect) -> None:
    ref = connect().upsert(PAGE.key, PAGE)
    edit(wordpress, ref, post_title="Theirs", post_content=field(wordpress, ref, "post_content") + "<p>More</p>")
    for known in (ref, None):
        with pytest.raises(RemoteConflict) as caught:
            connect().upsert(PAGE.key, SECOND, known)
        assert caught.value.theirs.splitlines()[0] == "Title: Theirs"
        assert caught.value.ours.splitlines()[0] == "Title: The strike holds"
        assert caught.value.url == f"{wordpress.url}wp-admin/post.php?post={ref.id}&action=edit"
        assert set(caught.value.theirs.splitlines()) - set(caught.value.ours.splitlines()) == {
            "Title: Theirs",
            "<p>More</p>",
        }


@pytest.mark.parametrize("status", ["draft", "trash"])
def test_a_post_that_people_took_away_is_not_shown_again_unasked(
    wordpress: Server, connect: Connect, status: str
) -> None:
    ref = connect().upsert(PAGE.key, PAGE)
    wordpress.php(
        "wp_set_current_user(1); return $given[1] === 'trash' ? !!wp_trash_post($given[0]) : "
        "wp_update_post(['ID' => $given[0], 'post_status' => 'draft']);",
        [int(ref.id), status],
    )
    assert connect().find(PAGE.key, ref) is None
    with pytest.raises(RemoteConflict) as caught:
        connect().upsert(PAGE.key, SECOND, ref)
    assert f"Status: {status}" in caught.value.theirs.splitlines()
    settled = connect().upsert(PAGE.key, SECOND, replace(ref, fingerprint=caught.value.fingerprint))
    assert (settled.id, settled.url) == (ref.id, ref.url)
    assert posts(wordpress) == [["publish", "The strike is won", "the-strike-holds"]]


def test_terms_and_picture_that_people_gave_or_took_stay_so(
    wordpress: Server, connect: Connect, tmp_path: Path
) -> None:
    page = replace(PAGE, section="Ports", keywords=("strike", "docks"), pictures=(picture(tmp_path, lead=True),))
    ref = connect().upsert(page.key, page)
    wordpress.php(
        "wp_set_post_tags($given, ['docks', 'theirs']); wp_set_object_terms($given, ['Ports', 'Front page'], 'category');"
        "return delete_post_thumbnail($given);",
        int(ref.id),
    )
    changed = replace(page, revision=2, keywords=("strike", "docks", "new"), section="Docks & ports")
    ref = connect().upsert(page.key, changed, ref)
    assert terms(wordpress, ref) == ["Docks & ports", "Front page", "docks", "new", "theirs"]
    assert not wordpress.php("return get_post_thumbnail_id($given);", int(ref.id))


def test_terms_that_are_there_are_found_however_they_are_written(wordpress: Server, connect: Connect) -> None:
    wordpress.php("return [wp_insert_term('Ports & “docks”', 'category'), wp_insert_term('Grève', 'post_tag')];")
    page = replace(PAGE, section="PORTS & “docks”", keywords=("grève", "absent", "<b>"))
    ref = connect(new_terms=False).upsert(page.key, page)
    assert terms(wordpress, ref) == ["Grève", "Ports & “docks”"]
    assert "+Term: absent" in connect().difference(page.key, page, ref)


def test_editors_of_the_site_may_be_left_to_publish(wordpress: Server, connect: Connect) -> None:
    publisher = connect(status="pending")
    ref = publisher.upsert(PAGE.key, PAGE)
    assert posts(wordpress) == [["pending", "The strike holds", "the-strike-holds"]]
    edit(wordpress, ref, post_status="publish")
    ref = publisher.upsert(PAGE.key, SECOND, ref)
    assert posts(wordpress) == [["publish", "The strike is won", "the-strike-holds"]]
    publisher.withdraw(ref)
    assert posts(wordpress) == [["draft", "The strike is won", "the-strike-holds"]]


def test_where_posts_are_drafts_withdrawing_is_the_trash(wordpress: Server, connect: Connect) -> None:
    publisher = connect(status="draft")
    ref = publisher.upsert(PAGE.key, PAGE)
    assert (publisher.find(PAGE.key), publisher.upsert(PAGE.key, PAGE, ref)) == (ref, ref)
    publisher.withdraw(ref)
    assert (posts(wordpress), publisher.find(PAGE.key, ref)) == ([], None)


def test_a_time_to_come_is_kept(wordpress: Server, connect: Connect) -> None:
    ref = connect().upsert(PAGE.key, replace(PAGE, published_at=PAGE.published_at.replace(year=2099)))
    assert posts(wordpress) == [["future", "The strike holds", "the-strike-holds"]]
    assert field(wordpress, ref, "post_date_gmt") == "2099-07-01 12:00:00"


def test_an_own_kind_of_post_in_classic_html(wordpress: Server, connect: Connect) -> None:
    wordpress.plugin(
        "kinds",
        "add_action('init', fn() => register_post_type('translation', ['public' => true, 'show_in_rest' => true,"
        "'rest_base' => 'translated', 'supports' => ['title', 'editor', 'revisions'], 'label' => 'Translations']));",
    )
    publisher = connect(post_type="translation", markup="classic")
    ref = publisher.upsert(FULL.key, FULL)
    content = wordpress.php("return apply_filters('the_content', get_post($given)->post_content);", int(ref.id))
    assert read_post(content, "fr").blocks == FULL.document.blocks
    assert field(wordpress, ref, "post_type") == "translation"
    assert publisher.upsert(FULL.key, FULL, ref) == ref
    assert publisher.find(FULL.key) == ref


def test_an_author_without_unfiltered_html_publishes_the_same(wordpress: Server, connect: Connect) -> None:
    ref = connect(wordpress.account("author"), new_terms=False).upsert(FULL.key, FULL)
    content = wordpress.php("return apply_filters('the_content', get_post($given)->post_content);", int(ref.id))
    assert read_post(content, "fr").blocks == FULL.document.blocks


def test_languages_of_polylang(wordpress: Server, connect: Connect) -> None:
    wordpress.plugin("polylang", POLYLANG)
    publisher = connect(polylang=True)
    english = publisher.upsert(PAGE.key, PAGE)
    french = replace(
        PAGE, key="ivpipe-7-fr", lang="fr", slug="greve", siblings=(Sibling("en", "x", english.id, english.url),)
    )
    ref = publisher.upsert(french.key, french)
    assert wordpress.php("return get_post_meta($given, 'lang', true);", int(ref.id)) == "fr"
    assert wordpress.php("return get_post_meta($given, 'translations', true);", int(ref.id)) == {"en": int(english.id)}
    assert publisher.upsert(french.key, french, ref) == ref


POLYLANG = """
add_action('rest_api_init', function() {
    foreach (['lang' => 'string', 'translations' => 'object'] as $name => $type) {
        register_rest_field('post', $name, [
            'get_callback' => fn($post) => get_post_meta($post['id'], $name, true) ?: ($type === 'string' ? '' : []),
            'update_callback' => fn($value, $post) => update_post_meta($post->ID, $name, $value),
            'schema' => ['type' => $type],
        ]);
    }
});
"""


def test_a_save_that_the_site_changes_is_an_error(wordpress: Server, connect: Connect) -> None:
    wordpress.plugin("meddler", "add_filter('content_save_pre', fn($text) => $text . '<p>Buy now!</p>');")
    with pytest.raises(PublishError, match=r"did not keep the content(.|\n)*Buy now"):
        connect().upsert(PAGE.key, PAGE)
    assert posts(wordpress)[0][0] == "draft"


@pytest.mark.parametrize(
    ("plugin", "settings", "said"),
    [
        ("", {"user": "nobody"}, "the login of the user nobody is refused"),
        ("", {"password": "wrong"}, "the login of the user editor is refused"),
        ("", {"password": ""}, "there is no application password"),
        (
            "add_filter('wp_is_application_passwords_available', '__return_false');",
            {},
            "passwords are switched off there",
        ),
        ("unset($_SERVER['PHP_AUTH_USER'], $_SERVER['PHP_AUTH_PW']);", {}, "the login of the user editor is refused"),
        (
            "add_filter('rest_authentication_errors', fn() => new WP_Error('closed', 'No REST here', ['status' => 403]));",
            {},
            "the site refuses its REST interface: HTTP 403: No REST here",
        ),
        ("", {"post_type": "story"}, "there is no post type 'story' in its REST interface"),
        ("echo '<h1>Welcome</h1>'; exit;", {}, "answers with something else than WordPress's REST interface"),
        ("wp_die('Down for maintenance', '', ['response' => 503]);", {}, "HTTP 503"),
    ],
)
def test_what_hinders_is_said_plainly(
    wordpress: Server,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    plugin: str,
    settings: dict[str, str],
    said: str,
) -> None:
    if plugin:
        wordpress.plugin("hindrance", plugin)
    settings = dict(settings)
    account = wordpress.editor
    if "password" in settings:
        account = replace(account, password=settings.pop("password"))
    publisher = connect(account, **settings)
    for act in (lambda: publisher.find(PAGE.key), lambda: publisher.upsert(PAGE.key, PAGE)):
        with pytest.raises(PublishError, match=said):
            act()
    found = publisher.check()
    assert found[-1].severity == "error"
    assert said in found[-1].what


def test_rights_and_settings_that_are_missing_are_found(wordpress: Server, connect: Connect) -> None:
    publisher = connect(
        wordpress.account("contributor"), author="author", polylang=True, footnotes="own", status="publish"
    )
    problems = [finding for finding in publisher.check() if finding.severity != "ok"]
    assert [(finding.severity, finding.what) for finding in problems] == [
        ("error", "the user may not publish posts (publish_posts)"),
        ("error", "the user may not change what is published (edit_published_posts)"),
        ("error", "the user may not write in another author's name (edit_others_posts)"),
        ("error", "the user may not upload pictures (upload_files)"),
        ("warning", "the user may not make categories (manage_categories)"),
        ("warning", "it has no footnotes of its own"),
        ("error", "posts have no language there"),
    ]
    with pytest.raises(PublishAuth):
        connect(wordpress.account("contributor"), new_terms=False).upsert(PAGE.key, PAGE)
    assert [status for status, *_ in posts(wordpress)] in ([], ["draft"])


def test_the_version_is_named(connect: Connect) -> None:
    assert Finding("ok", "it is WordPress 6.1") in connect().check()


SHOWN = [["publish", "The strike holds", "the-strike-holds"]]
