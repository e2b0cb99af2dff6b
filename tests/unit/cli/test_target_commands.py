"""``ivpipe target``, ``publish --dry-run`` and ``withdraw``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.flows.projects import Project, project_of

from ivpipe.cli import main
from ivpipe.flows.run import run_plain
from ivpipe.model import Publication
from ivpipe.steps.publications import Standing, standings


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with project_of(tmp_path / "home", 2) as project:
        (project.home / "config/targets/hand.toml").write_text('type = "folder"\nlanguages = ["en"]\n')
        run_plain("ingest", None, project.home)
        run_plain("translate", None, project.home)
        assert project.approve_all() == 2
        yield project


def ivpipe(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files(project: Project) -> dict[str, bytes]:
    places = (project.home / "var" / name for name in ("site", "articles"))
    return {str(path): path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}


def publications(project: Project) -> list[tuple[str, int | None, int | None]]:
    with project.store.read() as session:
        rows = session.query(Publication).order_by(Publication.target, Publication.id)
        return [(row.target, row.wanted_revision, row.live_revision) for row in rows]


@pytest.mark.slow
def test_targets_are_listed_with_what_is_live_and_what_waits(project: Project) -> None:
    change = project.home / "config/targets/site.toml"
    listed = [json.loads(line) for line in ivpipe("target", "list", "--json").stdout.splitlines()]
    pages = {"live": 0, "waiting": 2, "conflicts": 0}
    assert listed == [
        {"target": "hand", "type": "folder", "enabled": True, "languages": ["en"], **pages},
        {"target": "site", "type": "static_site", "enabled": True, "languages": [], **pages},
    ]
    run_plain("publish", None, project.home)
    with project.store.write() as session:
        row = session.query(Publication).filter_by(target="hand").order_by(Publication.id).first()
        assert row is not None
        row.wanted_revision, row.conflict = (
            2,
            {"theirs": "a", "ours": "b", "url": "", "fingerprint": "x", "revision": 2},
        )
    assert standings(project.store) == {"hand": Standing(2, 0, 1), "site": Standing(2, 0, 0)}
    change.write_text(change.read_text() + "enabled = false\n")
    assert "site (off)" in ivpipe("target", "list").stdout


def test_target_check_tells_what_is_missing_and_fails_for_an_error(project: Project) -> None:
    sound = ivpipe("target", "check", "hand")
    folder = project.home / "var/articles"
    assert (sound.exit_code, sound.stdout) == (0, f"hand: ok      the folder {folder} can be written to\n")
    shutil.rmtree(folder)
    folder.write_text("in the way")
    broken = ivpipe("target", "check")
    assert (broken.exit_code, broken.stderr) == (1, "ivpipe: nothing can be published to hand\n")
    told = broken.stdout.splitlines()
    assert [line.split()[:2] for line in told][:2] == [["hand:", "error"], ["site:", "ok"]]
    assert "see that" in told[0]
    unknown = ivpipe("target", "check", "papyrus")
    assert unknown.stderr == "ivpipe: there is no target 'papyrus'; there are: hand, site\n"


@pytest.mark.slow
def test_publish_dry_run_shows_what_would_change_and_changes_nothing(project: Project) -> None:
    before = publications(project), files(project)
    told = ivpipe("publish", "--dry-run")
    assert told.exit_code == 0
    heads = [line for line in told.stdout.splitlines() if line[:1] not in "+-@ "]
    assert [line.rpartition(": ")[2] for line in heads] == ["publish"] * 4
    assert all(line.startswith(("hand: ", "site: ")) and "(en, revision 1)" in line for line in heads)
    assert "+# " in told.stdout or "+<h1>" in told.stdout
    after = publications(project), {name: data for name, data in files(project).items() if not name.endswith("/lock")}
    assert after == before

    published = ivpipe("publish")
    assert published.exit_code == 0
    assert publications(project) == [("hand", 1, 1)] * 2 + [("site", 1, 1)] * 2
    assert ivpipe("publish", "--dry-run").stdout == "nothing is due\n"

    with project.store.write() as session:
        for row in session.query(Publication).filter_by(target="hand"):
            row.live_revision = None
    told = ivpipe("publish", "--dry-run")
    assert [line.partition("): ")[2].partition(" file:")[0] for line in told.stdout.splitlines()] == [
        "is there as it should be"
    ] * 2


def test_publish_dry_run_goes_on_where_one_target_cannot_be_used(project: Project) -> None:
    elsewhere = 'type = "markdown"\nremote = "nowhere.git"\nbase_url = "https://review.example/"\n'
    (project.home / "config/targets/hand.toml").write_text(elsewhere)
    told = ivpipe("publish", "--dry-run")
    assert (told.exit_code, told.stderr.count("hand: target hand: ")) == (1, 2)
    assert told.stdout.count("site: ") == 2
    assert publications(project) == [("hand", 1, None)] * 2 + [("site", 1, None)] * 2


def test_withdraw_has_the_pages_of_an_article_taken_away(project: Project) -> None:
    run_plain("publish", None, project.home)
    one = ivpipe("withdraw", 1, "--target", "hand")
    assert (one.exit_code, one.stdout) == (0, "article 1: to be taken away: hand (en)\n")
    shown = ivpipe("publish", "--dry-run").stdout.splitlines()
    assert [line.partition(": withdraw ")[2][:5] for line in shown] == ["file:"]
    assert ivpipe("withdraw", 1).stdout == "article 1: to be taken away: hand (en), site (en)\n"
    run_plain("publish", None, project.home)
    assert publications(project) == [("hand", None, None), ("hand", 1, 1), ("site", None, None), ("site", 1, 1)]
    again = ivpipe("withdraw", 1, 2, 9, "--to", "de")
    assert (again.exit_code, again.stderr) == (
        1,
        "ivpipe: article 1 has no such page\narticle 2 has no such page\nthere is no article 9\n",
    )
    assert publications(project)[1] == ("hand", 1, 1)


def test_target_file_writes_what_a_spip_takes_and_tells_its_token_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = 'type = "spip"\ndriver = "file"\nurl = "https://m.example/"\nlogin = "d\'Or"\nsection = 1\n'
    (project.home / "config/targets/mag.toml").write_text(settings)
    monkeypatch.delenv("IVPIPE_SPIP_TOKEN", raising=False)
    made = ivpipe("target", "file", "mag", "--to", str(tmp_path)).stdout
    token = made.partition("IVPIPE_SPIP_TOKEN=")[2].split()[0]
    assert len(token) > 40
    assert (tmp_path / "ivpipe.php").read_text(encoding="utf-8").startswith("<?php")
    lines = f"define('_IVPIPE_AUTHOR', 'd\\'Or');\ndefine('_IVPIPE_TOKEN', '{sha256(token.encode()).hexdigest()}');\n"
    assert lines in made
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", token)
    again = ivpipe("target", "file", "mag", "--to", str(tmp_path)).stdout
    assert (lines in again, token in again) == (True, False)
    monkeypatch.setenv("IVPIPE_SPIP_TOKEN", "short")
    assert "is too short" in ivpipe("target", "file", "mag", "--to", str(tmp_path)).stderr
    assert "is no SPIP" in ivpipe("target", "file", "site").stderr
