"""Markdown in a git repository: what stands in the files, and that nobody's commits are lost."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML
from tests.unit.publishers.sites import MAGAZINE, STRIKE, another

from ivpipe.errors import PublishError, PublishTransient
from ivpipe.model import Block, BlockType, Page, Picture
from ivpipe.model.page import Sibling
from ivpipe.publishers import RemoteRef
from ivpipe.publishers.markdown import Markdown, MarkdownSettings
from ivpipe.publishers.markdown.front_matter import mark_of, written
from ivpipe.publishers.markdown.repository import Changes, Repository

QUAY = "https://semaine.example/quay.jpg"
FILE = "content/en/the-cranes-stand-still.md"


class Remote:
    """A bare repository, and a person with a clone of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bare, self.clone = folder / "remote.git", folder / "clone"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare), at=folder)
        self.git("clone", "--quiet", str(self.bare), str(self.clone), at=folder)

    def git(self, *arguments: str, at: Path | None = None) -> str:
        person = ("-c", "user.name=Else", "-c", "user.email=else@ferry.example")
        command = ["git", "-C", str(at or self.bare), *person, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def files(self) -> list[str]:
        return self.git("ls-tree", "-r", "--name-only", "main").split()

    def log(self) -> list[str]:
        return self.git("log", "--reverse", "--format=%an: %s", "main").splitlines()

    def read(self, path: str) -> str:
        return self.git("show", f"main:{path}")

    def someone_commits(self, path: str, text: str) -> None:
        if self.git("branch", "--list", "main"):
            self.git("pull", "--quiet", "origin", "main", at=self.clone)
        place = self.clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        self.git("add", "--all", at=self.clone)
        self.git("commit", "--quiet", "--message", f"Write {path}", at=self.clone)
        self.git("push", "--quiet", "origin", "HEAD:main", at=self.clone)

    def target(self, **settings: Any) -> Markdown:
        values = {
            "remote": str(self.bare),
            "base_url": "https://ferry.example/read",
            "identity": "The Ferry <desk@ferry.example>",
            **settings,
        }
        return Markdown(MarkdownSettings(**values), slug="garden", magazine=MAGAZINE, data_dir=self.folder)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


def values_of(text: str) -> Any:
    return YAML(typ="safe").load(text.removeprefix("---\n").partition("\n---\n")[0])


def without_hash(mark: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mark.items() if name != "hash"}


def test_a_page_is_a_file_with_front_matter_text_and_footnotes(remote: Remote) -> None:
    plain = replace(
        STRIKE,
        document=replace(
            STRIKE.document,
            standfirst="After nine years, they have had enough.",
            blocks=(
                Block(BlockType.PARAGRAPH, 'The <a href="https://semaine.example/fund">fund</a> pays {{ for }} bread.'),
                Block(BlockType.HEADING, "What <em>comes</em> after", level=2),
                Block(BlockType.PARAGRAPH, 'Bread.<sup class="note-ref" data-note="1">1</sup>'),
                Block(BlockType.PARAGRAPH, "Text in two colours", lang="fr"),
            ),
            notes=(STRIKE.document.notes[0],),
        ),
    )
    ref = remote.target().upsert(STRIKE.key, plain)
    assert (ref.id, ref.url) == (FILE, "https://ferry.example/read/en/the-cranes-stand-still/")
    assert remote.files() == [FILE]
    assert remote.read(FILE).partition("\n---\n")[2] == (
        "\n**After nine years, they have had enough.**\n\n"
        "By Claire Morvan, Yann Le Goff\n\n"
        "The [fund](https://semaine.example/fund) pays &#123;&#123; for }} bread.\n\n"
        "## What *comes* after\n\n"
        "Bread.[^1]\n\n"
        '<p lang="fr">Text in two colours</p>\n\n'
        "*12 June 2026*\n\n"
        "Translated by **The Ferry** from **La Semaine**.\n\n"
        "Original article: [https://semaine.example/port?a=1&b=2](https://semaine.example/port?a=1&amp;b=2)\n\n"
        "P.S. If you like this article, please [donate](https://ferry.example/donate).\n\n"
        "Copyright © The Ferry – All rights reserved\n\n"
        "[^1]: Figures of the union.\n"
    )
    assert remote.log() == ["The Ferry: Publish: The cranes stand still"]


LABELLED = replace(
    STRIKE,
    country="Brittany",
    section="Work",
    keywords=("docks", "no", "12:30"),
    edition="Ferry 605",
    translator="Ada",
    siblings=(Sibling("fr", "les-grues", "7", "https://ferry.example/fr/les-grues/"),),
)
COMMON = {
    "title": "The cranes stand still",
    "description": "After nine years of wage cuts, the dockers have had enough.",
    "date": "2026-06-22T09:30:00+00:00",
    "authors": ["Claire Morvan", "Yann Le Goff"],
}
MORE = {
    "country": "Brittany",
    "section": "Work",
    "edition": "Ferry 605",
    "partner": "La Semaine",
    "translator": "Ada",
    "original_url": "https://semaine.example/port?a=1&b=2",
    "original_lang": "fr",
    "original_date": "2026-06-12T08:00:00+02:00",
    "translations": {"fr": "https://ferry.example/fr/les-grues/"},
}
MARK = {"key": "ivpipe-1-en", "revision": 3, "address": "en/cranes/"}
UPDATED = "2026-06-23T07:00:00+00:00"
TAGS = ["docks", "no", "12:30"]
FRONT_MATTER = {
    "hugo": COMMON
    | {"lastmod": UPDATED, "url": "/en/cranes/", "translationKey": "ivpipe-1", "tags": TAGS, "categories": ["Work"]}
    | {"params": MORE | {"ivpipe": MARK}},
    "zola": COMMON
    | {"updated": UPDATED, "path": "en/cranes/", "taxonomies": {"tags": TAGS}}
    | {"extra": MORE | {"lang": "en", "article": "ivpipe-1", "ivpipe": MARK}},
    "eleventy": COMMON
    | {"updated": UPDATED, "permalink": "/en/cranes/index.html", "lang": "en", "article": "ivpipe-1", "tags": TAGS}
    | {"words": {"by": "By", "published": "Published", "original": "Original article"}}
    | MORE
    | {"ivpipe": MARK},
}


@pytest.mark.parametrize("generator", ["hugo", "zola", "eleventy"])
def test_front_matter_is_as_each_generator_takes_it(generator: Any) -> None:
    text = written(LABELLED, generator, "en/cranes/", None, "Text.\n")
    values = values_of(text)
    inside = values.get("params") or values.get("extra") or values
    inside["ivpipe"] = without_hash(inside["ivpipe"])
    assert values == FRONT_MATTER[generator]
    mark = mark_of(text)
    assert mark is not None
    assert (mark.key, mark.revision, mark.address, mark.untouched) == ("ivpipe-1-en", 3, "en/cranes/", True)


@pytest.mark.parametrize(
    "title",
    [
        "no",
        "12:30",
        "'quoted' \"twice\" \\",
        "a: b # c",
        "---",
        "{{ x }}",
        "two\u2028lines\u0085and",
        "- [x]",
        "😀 عنوان",
        "",
    ],
)
def test_front_matter_is_read_back_as_it_was_meant(title: str) -> None:
    page = replace(STRIKE, section=title, keywords=(title,), document=replace(STRIKE.document, title="T"))
    values = values_of(written(page, "hugo", "a/", None, ""))
    assert (values["tags"], values["categories"]) == ([title], [title] if title else [])


def test_mark_tells_whether_a_file_is_as_we_wrote_it() -> None:
    text = written(STRIKE, "hugo", "en/a/", None, "Text.\n")
    for other in (text + "More.\n", text.replace("still", "moving"), text.replace('"revision": 3', '"revision": 4')):
        mark = mark_of(other)
        assert mark is not None
        assert not mark.untouched
    assert mark_of("") is None
    assert mark_of("---\ntitle: x\n---\n\nparams: {}\n") is None
    assert mark_of(f"---\ntitle: x\n---\n\n{text}") is None
    assert mark_of('---\nivpipe: {"key": "k"}\n---\n') is None


def test_the_same_page_again_makes_no_commit(remote: Remote) -> None:
    ref = remote.target().upsert(STRIKE.key, STRIKE)
    assert remote.target().upsert(STRIKE.key, STRIKE, ref) == ref
    assert len(remote.log()) == 1


def test_other_files_of_the_repository_stay_as_they_are(remote: Remote) -> None:
    remote.someone_commits("hugo.toml", "title = 'The Ferry'\n")
    remote.someone_commits(FILE, "Somebody's own.\n")
    target = remote.target()
    ref = target.upsert(STRIKE.key, STRIKE)
    assert ref.id == "content/en/the-cranes-stand-still-ivpipe-1-en.md"
    target.withdraw(ref)
    assert remote.files() == [FILE, "hugo.toml"]
    assert remote.read(FILE) == "Somebody's own.\n"
    target.withdraw(RemoteRef(FILE, "x"))
    assert remote.files() == [FILE, "hugo.toml"]


def test_places_come_from_the_settings_and_stay(remote: Remote) -> None:
    target = remote.target(file="posts/{year}/{month}/{key}.md", address="{year}/{slug}.html", branch="live")
    ref = target.upsert(STRIKE.key, STRIKE)
    assert (ref.id, ref.url) == (
        "posts/2026/06/ivpipe-1-en.md",
        "https://ferry.example/read/2026/the-cranes-stand-still.html",
    )
    again = remote.target(branch="live").upsert(STRIKE.key, replace(STRIKE, slug="other", revision=4))
    assert (again.id, again.url) == (ref.id, ref.url)


def others_push(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None], times: int) -> list[int]:
    """Have others push between our look at the branch and our push, so often."""
    seen: list[int] = []
    push = Repository.push

    def late(repository: Repository, commit: str, changes: Changes, message: str) -> None:
        seen.append(len(seen))
        if len(seen) <= times:
            act(len(seen))
        push(repository, commit, changes, message)

    monkeypatch.setattr(Repository, "push", late)
    return seen


@pytest.mark.parametrize("begun", [False, True])
def test_a_push_others_were_quicker_with_is_made_again_on_theirs(
    remote: Remote, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    if begun:
        remote.someone_commits("about.md", "Us.\n")
    tries = others_push(monkeypatch, lambda number: remote.someone_commits(f"{number}.md", "Theirs.\n"), 2)
    ref = remote.target().upsert(STRIKE.key, STRIKE)
    assert len(tries) == 3
    assert remote.log()[-3:] == ["Else: Write 1.md", "Else: Write 2.md", "The Ferry: Publish: The cranes stand still"]
    assert set(remote.files()) >= {"1.md", "2.md", ref.id}


def test_a_push_always_refused_is_tried_again_later(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    others_push(monkeypatch, lambda number: remote.someone_commits("a.md", f"{number}\n"), 99)
    with pytest.raises(PublishTransient, match="others push to main faster than we can"):
        remote.target().upsert(STRIKE.key, STRIKE)
    assert remote.files() == ["a.md"]


def test_a_page_others_change_during_our_push_is_a_conflict_no_loss(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = remote.target().upsert(STRIKE.key, STRIKE)
    theirs = remote.read(FILE) + "\nCorrected.\n"
    others_push(monkeypatch, lambda _number: remote.someone_commits(FILE, theirs), 1)
    with pytest.raises(PublishError, match="changed in the repository"):
        remote.target().upsert(STRIKE.key, replace(STRIKE, revision=4, slug="x", licence="CC BY"), ref)
    assert remote.read(FILE) == theirs


def with_picture(folder: Path, page: Page = STRIKE) -> Page:
    file = folder / "quay.jpg"
    file.write_bytes(b"picture")
    return replace(page, pictures=(Picture(QUAY, file, "image/jpeg", 40, 30, "ab12" * 16, alt="Empty quay"),))


def test_pictures_go_with_the_last_page_that_shows_them(remote: Remote, tmp_path: Path) -> None:
    target, place = remote.target(), "static/pictures/ab/12ab12ab12ab12ab12.jpg"
    first = target.upsert(STRIKE.key, with_picture(tmp_path))
    second = target.upsert("ivpipe-2-en", with_picture(tmp_path, another(2)))
    assert remote.files() == [second.id, first.id, place]
    assert remote.read(place) == "picture"
    assert '<img src="/pictures/ab/12ab12ab12ab12ab12.jpg" alt="Empty quay" width="40" height="30"' in remote.read(FILE)
    target.upsert(STRIKE.key, replace(STRIKE, revision=4), first)
    assert place in remote.files()
    target.withdraw(second)
    assert remote.files() == [FILE]


def test_what_git_says_is_told_with_what_to_do(tmp_path: Path, remote: Remote) -> None:
    with pytest.raises(PublishError, match="target garden: .*none"):
        remote.target(remote=str(tmp_path / "none")).upsert(STRIKE.key, STRIKE)
    findings = remote.target(remote=str(tmp_path / "none")).check()
    assert [finding.severity for finding in findings] == ["ok", "error", "ok"]
    findings = remote.target().check()
    assert [finding.what for finding in findings[1:]] == [
        "the repository is empty; the first page begins it",
        "commits are signed by The Ferry <desk@ferry.example>",
    ]
    remote.git("config", "core.bare", "false", at=remote.clone)
    remote.someone_commits("a.md", "a\n")
    remote.git("checkout", "--quiet", "-B", "main", at=remote.clone)
    with pytest.raises(PublishError, match="give a bare repository") as caught:
        remote.target(remote=str(remote.clone)).upsert(STRIKE.key, STRIKE)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "wrong",
    [
        {"remote": "https://ada:secret@ferry.example/site.git"},
        {"remote": "--upload-pack=x"},
        {"remote": "ext::sh -c x"},
        {"branch": "a..b"},
        {"branch": "-f"},
        {"base_url": "ferry.example"},
        {"file": "content/{lang}.md"},
        {"file": "../{slug}.md"},
        {"address": "{title}/"},
        {"identity": "Ada"},
        {"generator": "jekyll"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        MarkdownSettings(**{"remote": "git@ferry.example:site.git", "base_url": "https://ferry.example/", **wrong})
