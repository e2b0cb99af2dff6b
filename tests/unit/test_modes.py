"""``data_dir`` is for one account, old ones are closed by ``ivpipe init``, and what readers are to have stays readable."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.flows.projects import write_project
from tests.servers.http_site import running_site

from ivpipe.cli import main
from ivpipe.modes import close_to_others, ordinary, private, write_ordinary
from ivpipe.publishers.folders import Folder
from ivpipe.wiring import open_app


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def readable_by_others(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_symlink() and mode(path) & 0o077
    )


def init(home: Path) -> str:
    result = CliRunner().invoke(main, ["--home", str(home), "init"])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027])
def test_a_new_project_is_closed_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    os.umask(umask)
    assert "other accounts" not in init(tmp_path)
    var = tmp_path / "var"
    with open_app(tmp_path) as app, app.store.write():
        assert {path.name for path in var.iterdir()} >= {"ivpipe.db", "ivpipe.db-wal", "ivpipe.db-shm"}
        assert readable_by_others(var) == []
    assert (mode(var), mode(tmp_path / "config" / "ivpipe.toml")) == (0o700, 0o644)


def test_an_old_project_is_closed_and_init_says_so(tmp_path: Path) -> None:
    with running_site() as site:
        write_project(tmp_path / "home", site)
    home = tmp_path / "home"
    (home / "config" / "targets" / "site.toml").unlink()
    var, outside = home / "var", tmp_path / "outside"
    outside.write_text("theirs")
    for name in ("logs/desk.log", "locks/translate.lock", "prefect/prefect.db", "told/x/a.json"):
        (var / name).parent.mkdir(parents=True, exist_ok=True)
        (var / name).write_text("")
    (var / "run.sh").write_text("")
    (var / "run.sh").chmod(0o755)
    (var / "link").symlink_to(outside)
    (var / "folder-link").symlink_to(tmp_path)
    var.chmod(0o755)
    assert "files and folders in it; now only this one can" in init(home)
    assert (mode(var), readable_by_others(var), mode(var / "run.sh")) == (0o700, [], 0o700)
    assert (mode(outside), mode(tmp_path / "home" / "config" / "ivpipe.toml")) == (0o644, 0o644)
    assert "other accounts" not in init(home)


def test_a_site_in_the_data_directory_stays_readable_and_can_be_reached(tmp_path: Path) -> None:
    with running_site() as site:
        write_project(tmp_path, site)
    var = tmp_path / "var"
    (var / "site" / "en").mkdir(parents=True)
    page = var / "site" / "en" / "index.html"
    page.write_text("")
    var.chmod(0o755)
    init(tmp_path)
    assert (mode(var), mode(var / "site"), mode(page), mode(var / "ivpipe.db")) == (0o711, 0o755, 0o644, 0o600)


def test_what_is_published_to_a_folder_is_for_everybody_and_its_state_is_not(tmp_path: Path) -> None:
    private()
    folder = Folder(tmp_path / "www" / "site", "site", public=True)
    with folder.locked():
        folder.write("en/deep/page.html", "x")
    notes = Folder(tmp_path / "notes", "site", ".")
    with notes.locked():
        notes.write("a.json", "x")
    site = tmp_path / "www" / "site"
    assert [mode(path) for path in (site, site / "en", site / "en" / "deep", site / "en" / "deep" / "page.html")] == [
        0o755, 0o755, 0o755, 0o644,
    ]  # fmt: skip
    assert (mode(site / "_ivpipe"), mode(site / "_ivpipe" / "lock")) == (0o700, 0o600)
    assert readable_by_others(tmp_path / "notes") == []


def test_what_people_ask_for_has_the_modes_of_their_umask(tmp_path: Path) -> None:
    private()
    write_ordinary(tmp_path / "config" / "x.toml", "a = 1\n")
    (tmp_path / "ours").write_text("")
    with ordinary():
        (tmp_path / "theirs").write_text("")
    assert [mode(tmp_path / name) for name in ("config/x.toml", "ours", "theirs")] == [0o644, 0o600, 0o644]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_that_others_use_too_is_left_and_told(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("")
    os.chown(tmp_path / "theirs", 12345, 12345)
    (tmp_path / "ours").write_text("")
    tmp_path.chmod(0o755)
    closed = close_to_others(tmp_path)
    assert (closed.folder, closed.entries, "theirs" in closed.shared) == (False, 1, True)
    assert [mode(path) for path in (tmp_path, tmp_path / "theirs", tmp_path / "ours")] == [0o755, 0o644, 0o600]
