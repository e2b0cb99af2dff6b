"""The command line by itself: what it says, and with which exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.builders import add_document
from tests.flows.projects import Project, article_page, project_of
from tests.limits import NO_GROWTH, READ_ONLY, every_connection

from ivpipe import __version__
from ivpipe.cli import main
from ivpipe.errors import MachineFault, StoreError
from ivpipe.flows.run import run_plain
from ivpipe.model import Article
from ivpipe.publishers import BUILTIN
from ivpipe.steps import operations
from ivpipe.store import head
from ivpipe.text.segments import part_text


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with project_of(tmp_path / "home", 3) as project:
        yield project


def ivpipe(*arguments: str | Path, given: str = "") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=given)


def change(project: Project, file: str, old: str, new: str) -> None:
    path = project.home / "config" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# -- init and config


def test_init_in_an_empty_folder_makes_a_project_whose_configuration_has_no_faults(tmp_path: Path) -> None:
    place = tmp_path / "magazine"
    assert ivpipe("init", place).exit_code == 0
    assert (place / "config" / "ivpipe.toml").is_file()
    assert (place / "var" / "ivpipe.db").is_file()
    checked = ivpipe("--home", place, "config", "check")
    assert (checked.exit_code, checked.stdout.strip().endswith("no faults")) == (0, True)


def test_init_in_a_project_changes_no_file(project: Project) -> None:
    before = {path: path.read_text() for path in (project.home / "config").rglob("*.toml")}
    assert ivpipe("init", project.home).exit_code == 0
    assert {path: path.read_text() for path in (project.home / "config").rglob("*.toml")} == before


def test_init_where_config_holds_something_else_refuses(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "other.yaml").write_text("")
    result = ivpipe("init", tmp_path)
    assert (result.exit_code, "without ivpipe.toml" in result.stderr) == (1, True)
    assert not (tmp_path / "config" / "ivpipe.toml").exists()


def test_config_check_of_a_sound_project_says_so(project: Project) -> None:
    result = ivpipe("--home", project.home, "config", "check")
    assert (result.exit_code, result.stdout) == (
        0,
        "The Test Review: 1 sources, 1 targets, engines: dummy; no faults\n",
    )
    assert result.stderr == ""


def test_config_check_names_every_fault_of_the_files(project: Project) -> None:
    change(project, "ivpipe.toml", "four_eyes = false", "four_eyes = 'perhaps'\ncolour = 'red'")
    change(project, "sources/semaine.toml", 'languages = ["fr"]', "languages = []")
    change(project, "targets/site.toml", 'type = "static_site"', 'type = "papyrus"')
    result = ivpipe("--home", project.home, "config", "check")
    assert result.exit_code == 1
    assert result.stderr.removeprefix("ivpipe: ").splitlines() == [
        "sources/semaine.toml: languages: it is empty",
        f"targets/site.toml: type: there is no plug-in 'papyrus' among the publishers; there are: {', '.join(sorted(BUILTIN))}",
        "ivpipe.toml: review.four_eyes: expected true or false, found “perhaps”",
        "ivpipe.toml: review.colour: there is no such key",
    ]


def test_config_check_tries_what_every_page_will_need(project: Project) -> None:
    change(project, "ivpipe.toml", "{magazine} from", "<b>{magazine} from")
    change(project, "ivpipe.toml", "[review]", "postscript = '<script>x</script>'\n\n[review]")
    result = ivpipe("--home", project.home, "config", "check")
    assert result.exit_code == 1
    told = [line.split(": ")[:2] for line in result.stderr.removeprefix("ivpipe: ").splitlines()]
    assert told == [
        ["ivpipe.toml", "magazine.attribution"],
        ["ivpipe.toml", "magazine.postscript"],
    ]


def test_config_check_warns_of_what_will_wait(project: Project) -> None:
    change(project, "targets/site.toml", 'type = "static_site"', 'type = "static_site"\nlanguages = ["de"]')
    result = ivpipe("--home", project.home, "config", "check")
    assert result.exit_code == 0
    assert result.stderr == "warning: targets: none takes 'en'; what is approved in it goes nowhere\n"


def test_config_check_warns_of_doors_that_stand_open(project: Project) -> None:
    change(project, "ivpipe.toml", "[desk]", '[prefect]\nhost = "0.0.0.0"\n\n[desk]\nhost = "0.0.0.0"')
    told = ivpipe("--home", project.home, "config", "check").stderr
    assert re.findall(r"^warning: (\w+\.host): other machines reach", told, re.M) == ["desk.host", "prefect.host"]
    change(project, "ivpipe.toml", "secure_cookies = false", "")  # then browsers log in by https only
    told = ivpipe("--home", project.home, "config", "check").stderr
    assert re.findall(r"^warning: (\w+\.host): other machines reach", told, re.M) == ["prefect.host"]


def test_any_command_outside_a_project_says_what_to_do(tmp_path: Path) -> None:
    for command in (["status"], ["up"], ["run", "ingest"], ["user", "list"], ["config", "check"]):
        result = ivpipe("--home", tmp_path, *command)
        assert result.exit_code == 1
        assert result.stderr.startswith(
            f"ivpipe: {tmp_path}/config/ivpipe.toml: there is no such file; run `ivpipe init"
        )


def test_any_command_without_a_database_says_what_to_do(project: Project) -> None:
    (project.home / "var" / "ivpipe.db").unlink()
    for command in (
        ["status"],
        ["up"],
        ["run", "ingest"],
        ["run", "ingest", "--no-prefect"],
        ["articles"],
        ["retry", "--all"],
    ):
        result = ivpipe("--home", project.home, *command)
        assert result.exit_code == 1
        assert "there is no database yet — run `ivpipe init` to create it" in result.stderr


def test_an_unforeseen_error_is_one_line_and_a_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("of course")

    monkeypatch.setattr(operations, "status", broken)
    (project.home / "var" / "logs").mkdir(parents=True)
    result = ivpipe("--home", project.home, "status")
    assert result.exit_code == 70
    line, file = result.stderr.strip().split(" — its traceback is in ")
    assert line == "ivpipe: a fault in ivpipe itself: ZeroDivisionError: of course"
    assert Path(file).parent == project.home / "var" / "logs"
    assert "ZeroDivisionError: of course" in Path(file).read_text()


def test_start_of_the_command_imports_nothing_heavy() -> None:
    heavy = ("prefect", "sqlalchemy", "lxml", "httpx", "pydantic")
    code = f"import sys, ivpipe.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# -- people


@pytest.mark.slow
def test_user_is_added_listed_barred_let_in_and_given_a_password(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ("--home", project.home)
    added = ivpipe(*home, "user", "add", "eva", "--display-name", "Eva B.", "--role", "editor", "--role", "translator",
                   given="correct horse\ncorrect horse\n")  # fmt: skip
    assert (added.exit_code, added.stdout.splitlines()[-1]) == (0, "eva: added as editor, translator")
    monkeypatch.setenv("IVPIPE_PASSWORD", "another horse")
    assert ivpipe(*home, "user", "add", "max", "--role", "operator").exit_code == 0
    assert ivpipe(*home, "user", "disable", "max").stdout == "max: disabled\n"
    listed = [line.split() for line in ivpipe(*home, "user", "list").stdout.splitlines()[1:]]
    assert [(row[0], row[-1] == "disabled") for row in listed] == [("eva", False), ("max", True)]
    assert ivpipe(*home, "user", "enable", "max").stdout == "max: enabled\n"
    monkeypatch.delenv("IVPIPE_PASSWORD")
    changed = ivpipe(*home, "user", "password", "max", "--password-stdin", given="battery staple\n")
    assert changed.stdout == "max: the password is changed\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["disable", "nobody"], "there is no user 'nobody'; there are: none"),
        (["password", "nobody", "--password-stdin"], "there is no user 'nobody'; there are: none"),
        (["add", "Eva!", "--role", "editor", "--password-stdin"], "a login is made of small letters"),
    ],
)
def test_user_command_that_cannot_be_done_says_why(project: Project, arguments: list[str], told: str) -> None:
    result = ivpipe("--home", project.home, "user", *arguments, given="a long password\n")
    assert (result.exit_code, told in result.stderr) == (1, True)


def test_user_add_with_a_short_password_refuses(project: Project) -> None:
    result = ivpipe(
        "--home", project.home, "user", "add", "eva", "--role", "editor", "--password-stdin", given="short\n"
    )
    assert (result.exit_code, "at least 10 characters" in result.stderr) == (1, True)


def test_user_add_with_an_easy_password_says_why_and_how_to_do_better(project: Project) -> None:
    result = ivpipe(
        "--home", project.home, "user", "add", "eva", "--role", "editor", "--password-stdin", given="1234567890\n"
    )
    assert result.exit_code == 1
    assert "too easy to guess: this is a top-100 common password — add another word" in result.stderr


def test_user_role_and_who_changed_what(project: Project) -> None:
    home = ("--home", project.home)
    given = "correct horse\n"
    assert ivpipe(*home, "user", "add", "max", "--role", "editor", "--password-stdin", given=given).exit_code == 0
    assert ivpipe(*home, "user", "role", "max", "--add", "operator").stdout == "max: now editor, operator\n"
    refused = ivpipe(*home, "user", "role", "max", "--remove", "editor", "--remove", "operator", "--add", "translator")
    assert (refused.exit_code, "nobody else who may log in is an editor" in refused.stderr) == (1, True)
    last = ivpipe(*home, "user", "role", "max", "--remove", "editor", "--even-the-last")
    assert last.stdout == "max: now operator\n"
    assert ivpipe(*home, "user", "role", "max").exit_code == 2
    assert "nobody who may log in has the role operator now" in ivpipe(*home, "user", "disable", "max").stderr
    events = json.loads(ivpipe(*home, "user", "audit", "max", "--json").stdout)
    assert [(event["kind"], event["detail"]) for event in events] == [
        ("disabled", ""),
        ("roles", "-editor"),
        ("roles", "+operator"),
        ("added", "editor"),
    ]
    assert all(event["by"].startswith("shell: ") for event in events)
    shown = ivpipe(*home, "user", "audit").stdout
    assert "roles changed: +operator" in shown
    assert ivpipe(*home, "user", "audit", "nobody").exit_code == 1


# -- runs, articles, status


def test_run_without_prefect_ingests_and_status_tells(project: Project) -> None:
    change(project, "sources/semaine.toml", 'select = "all"', 'select = "editor"')
    project.site.pages["/article-2"] = lambda request: request.reply(404, b"")
    message = run_plain("ingest", "semaine", project.home)
    assert message == "sources: 1 read; articles: 2 new, 1 failed"
    found = json.loads(ivpipe("--home", project.home, "status", "--json").stdout)
    assert (found["articles"], found["unread_articles"]) == ({"undecided": 3}, 0)
    assert [(row["what"], row["attempts"]) for row in found["stuck"]] == [("article", 1)]
    assert found["flows"]["ingest"]["counts"] == {"failed": 1, "new": 2, "read": 1}
    shown = ivpipe("--home", project.home, "status")
    assert shown.exit_code == 0
    assert "1 stuck" in shown.stdout


def test_status_says_first_that_nothing_can_be_written(project: Project) -> None:
    assert ivpipe("--home", project.home, "status").stdout.endswith("Nothing is stuck.\n")
    with every_connection(READ_ONLY):
        shown = ivpipe("--home", project.home, "status")
        found = ivpipe("--home", project.home, "status", "--json")
    assert shown.exit_code == found.exit_code == 1
    assert shown.stdout.startswith("! Nothing can be written: sqlite:///")
    assert "the database can only be read" in shown.stdout.splitlines()[0]
    assert "Nothing is stuck" not in shown.stdout
    assert "can only be read" in json.loads(found.stdout)["cannot_write"]


def test_status_says_that_the_projects_folder_cannot_be_written(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.home / "var").rename(tmp_path / "elsewhere")
    (project.home / "var").write_text("a file in the folder's place")
    monkeypatch.setenv("IVPIPE_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere' / 'ivpipe.db'}")
    shown = ivpipe("--home", project.home, "status")
    assert (shown.exit_code, "data_dir" in shown.stderr, "is no folder" in shown.stderr) == (1, True, True)


def test_command_that_meets_a_full_disk_says_so_in_a_line(project: Project) -> None:
    page = article_page(2, 400)  # more than an empty database has room for
    project.site.pages["/article-2"] = lambda request: request.reply(200, page, Content_Type="text/html")
    with every_connection(NO_GROWTH), pytest.raises(StoreError) as caught:
        run_plain("ingest", None, project.home)
    assert caught.value.fault is MachineFault.FULL
    with every_connection(READ_ONLY):
        done = ivpipe(
            "--home", project.home, "user", "add", "eva", "--role", "editor", given="heron lock night 7\n" * 2
        )
    assert done.exit_code == 1
    assert "the database can only be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_version_names_the_schema() -> None:
    assert ivpipe("--version").stdout == f"ivpipe {__version__} (database schema {head()})\n"


@pytest.mark.slow
def test_run_as_a_child_process_has_the_exit_code_of_the_run(project: Project) -> None:
    command = [sys.executable, "-m", "ivpipe.flows.run", "ingest", "--no-prefect"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "ingest: sources: 1 read; articles: 3 new\n")
    del project.site.pages["/feed"]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr


def test_run_of_an_unknown_source_or_with_a_source_for_another_flow_is_refused(project: Project) -> None:
    unknown = ivpipe("--home", project.home, "run", "ingest", "--source", "semain")
    assert (unknown.exit_code, unknown.stderr) == (1, "ivpipe: there is no source 'semain'; there are: semaine\n")
    assert ivpipe("--home", project.home, "run", "publish", "--source", "semaine").exit_code == 2
    assert ivpipe("--home", project.home, "run", "dance").exit_code == 2


def test_articles_are_listed_selected_and_dismissed(project: Project) -> None:
    change(project, "sources/semaine.toml", 'select = "all"', 'select = "editor"')
    run_plain("ingest", None, project.home)
    home = ("--home", project.home)
    listed = [json.loads(line) for line in ivpipe(*home, "articles", "list", "--json").stdout.splitlines()]
    ids = sorted(entry["id"] for entry in listed)
    assert [entry["decision"] for entry in listed] == ["undecided"] * 3
    assert ivpipe(*home, "select", ids[0], ids[1]).stdout == f"article {ids[0]}: selected\narticle {ids[1]}: selected\n"
    dismissed = ivpipe(*home, "dismiss", ids[2], 99, "--reason", "not for us")
    assert dismissed.stdout == f"article {ids[2]}: dismissed\n"
    assert (dismissed.exit_code, dismissed.stderr) == (1, "ivpipe: there is no article 99\n")
    again = [json.loads(line) for line in ivpipe(*home, "articles", "list", "--json").stdout.splitlines()]
    assert {entry["id"]: (entry["decision"], entry["translations"]) for entry in again} == {
        ids[0]: ("selected", {"en": "pending"}),
        ids[1]: ("selected", {"en": "pending"}),
        ids[2]: ("dismissed", {}),
    }
    assert "semaine" in ivpipe(*home, "articles").stdout


def test_changes_of_an_article_are_shown_word_by_word(project: Project) -> None:
    run_plain("ingest", None, project.home)
    home = ("--home", project.home)
    alone = ivpipe(*home, "articles", "changes", 1)
    assert (alone.exit_code, alone.stderr) == (
        1,
        "ivpipe: article 1 has not changed since it was found: it has 1 version\n",
    )
    assert ivpipe(*home, "articles", "changes", 999).stderr == "ivpipe: there is no article 999\n"
    with project.store.write() as session:
        article = session.get_one(Article, 1)
        document = article.document.content
        add_document(session, article, replace(document, title=f"{document.title} bis", blocks=document.blocks[1:]))
    assert ivpipe(*home, "articles", "changes", 1).stdout.splitlines() == [
        f"title: {document.title} {{+bis+}}",
        f"text 1: [-{part_text(document.blocks[0].html)}-]",
    ]
    assert ivpipe(*home, "articles", "changes", 1, "--from", 2, "--to", 2).stdout.startswith("a reader would notice")


def test_doubtful_pages_are_listed_accepted_and_kept(project: Project) -> None:
    home = ("--home", project.home)
    notice = (
        "<html><head><title>Page non trouvée</title></head><body><h1>Page non trouvée</h1><p>Oups.</p></body></html>"
    )
    for path in ("/article-1", "/article-2"):
        project.site.pages[path] = lambda request: request.reply(200, notice.encode(), Content_Type="text/html")
    assert run_plain("ingest", None, project.home) == "sources: 1 read; articles: 2 doubtful, 1 new"
    rows = [json.loads(line) for line in ivpipe(*home, "articles", "doubtful", "--json").stdout.splitlines()]
    assert [(row["kind"], row["read"], row["common"]) for row in rows] == [("not_found", False, None)] * 2
    one, two = (row["id"] for row in rows)
    assert "may be gone" in ivpipe(*home, "articles", "doubtful").stdout
    assert "Pages in doubt, which became no version" in ivpipe(*home, "status").stdout
    kept = ivpipe(*home, "articles", "keep", one)
    assert (kept.exit_code, "no text of it to keep" in kept.stderr) == (1, True)
    assert ivpipe(*home, "articles", "keep", "--gone", one).stdout == f"article {one}: gone\n"
    assert ivpipe(*home, "articles", "accept", two).stdout == f"article {two}: new\n"
    again = ivpipe(*home, "articles", "accept", two, 99)
    assert again.stderr.splitlines() == [
        f"ivpipe: there is no doubt about article {two} (any more)", "there is no article 99",
    ]  # fmt: skip
    assert ivpipe(*home, "articles", "doubtful", "--json").stdout == ""


def test_retry_lets_what_failed_be_tried_at_once(project: Project) -> None:
    page = project.site.pages["/article-2"]
    project.site.pages["/article-2"] = lambda request: request.reply(403, b"")
    run_plain("ingest", None, project.home)
    home = ("--home", project.home)
    project.site.pages["/article-2"] = page
    assert run_plain("ingest", None, project.home) == "sources: 1 read"
    assert ivpipe(*home, "retry", "--all").stdout == "1 to be tried again\n"
    assert run_plain("ingest", None, project.home) == "sources: 1 read; articles: 1 new"
    missing = ivpipe(*home, "retry", "translation", 98, 99)
    assert (missing.exit_code, missing.stderr) == (
        1,
        "ivpipe: there is no translation 98\nthere is no translation 99\n",
    )
    assert ivpipe(*home, "retry").exit_code == 2
    assert ivpipe(*home, "retry", "article", "--all", "1").exit_code == 2
