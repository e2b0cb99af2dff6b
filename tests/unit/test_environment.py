"""What the programs that we start find in their environment: no secret, and what they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.odd_functions import do
from tests.unit.publishers.sites import MAGAZINE

from ivpipe import bounded
from ivpipe.engines import apertium, firefox
from ivpipe.environment import bare_environment, environment_without_secrets
from ivpipe.errors import PublishError
from ivpipe.masking import read_secret
from ivpipe.publishers.markdown import Markdown, MarkdownSettings

SECRET = "3f1c9b7e-of-no-use-elsewhere"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", SECRET)
    monkeypatch.setenv("ANOTHER_NAME", f"https://me:{SECRET}@proxy.example/")
    monkeypatch.setenv("NOBODYS_KEY", "not-read-by-us")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    read_secret("DEEPL_AUTH_KEY")


def test_what_reads_pages_has_no_secret() -> None:
    bounded.close()
    answer = do("environment")
    assert answer is not None
    there = "\n".join(answer.names)
    assert "PATH=" in there
    assert [word for word in (SECRET, "NOBODYS_KEY", "not-read-by-us", "SSH_AUTH_SOCK") if word in there] == []
    bounded.close()


def test_engines_on_this_machine_have_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[dict[str, str]] = []

    class Started(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, _command: object, **how: object) -> None:
            started.append(dict(how["env"]))  # type: ignore[call-overload]
            super().__init__([sys.executable, "-c", ""], **how)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", Started)
    firefox._Worker(tmp_path).end()
    apertium.Apertium(apertium.Apertium.Settings(program="sh"), data_dir=tmp_path)._call("a-b", "")
    assert len(started) == 2
    for environment in started:
        assert environment.items() & bare_environment().items()
        assert SECRET not in repr(environment)


def test_git_has_what_the_operator_gave_it_and_no_secret_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = environment_without_secrets()
    assert there["SSH_AUTH_SOCK"] == "/run/agent"
    assert SECRET not in repr(there)

    log = tmp_path / "environment"
    (tmp_path / "git").write_text(f"#!/bin/sh\nenv > {log}\nexit 1\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    target = Markdown(
        MarkdownSettings(remote="https://git.example/site.git", base_url="https://site.example"),
        slug="garden",
        magazine=MAGAZINE,
        data_dir=tmp_path,
    )
    with pytest.raises(PublishError):
        target.repository.version()
    assert "SSH_AUTH_SOCK=/run/agent" in log.read_text()
    assert SECRET not in log.read_text()


@pytest.mark.parametrize(
    "remote", ["https://token12345@git.example/a.git", "https://a:b@git.example/a.git", "ssh://git:b@git.example/a.git"]
)
def test_an_address_with_a_token_in_it_never_reaches_the_list_of_processes(remote: str) -> None:
    with pytest.raises(ValueError, match="leave user and password out of it"):
        MarkdownSettings(remote=remote, base_url="https://site.example")
    MarkdownSettings(remote="ssh://git@git.example/a.git", base_url="https://site.example")
    MarkdownSettings(remote="git@git.example:a.git", base_url="https://site.example")
