from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.servers.tiny_model import write_model

from ivpipe.cli.engines import engines
from ivpipe.cli.models import models
from ivpipe.errors import EngineError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "home" / "config"
    (config / "sources").mkdir(parents=True)
    (config / "ivpipe.toml").write_text(
        '[magazine]\nname = "Example"\nlanguages = ["en"]\n'
        '[engines]\norder = ["deepl", "firefox", "dummy"]\n[engines.deepl]\nkey_env = "NO_SUCH_KEY"\n',
        encoding="utf-8",
    )
    (config / "sources" / "weekly.toml").write_text(
        'name = "Weekly"\nurl = "https://weekly.example/"\nlanguages = ["fr", "en"]\n'
        '[discovery]\nurls = ["https://weekly.example/feed"]\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("IVPIPE_HOME", str(config.parent))
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    return config.parent


def run(*words: str) -> Result:
    command, *arguments = words
    return CliRunner().invoke({"models": models, "engines": engines}[command], arguments)


def test_engines_lists_each_engine_with_each_pair(home: Path) -> None:
    write_model(home / "var" / "models" / "fr-en")
    result = run("engines")
    assert result.output.splitlines() == [
        "deepl",
        "  fr→en: there is no key; set the environment variable NO_SUCH_KEY",
        "firefox (small neural model: fluent, sentence by sentence)",
        "  fr→en: usable",
        "dummy (a dummy: nothing is translated)",
        "  fr→en: usable",
    ]


def test_models_import_and_list(home: Path, tmp_path: Path) -> None:
    assert run("models", "list").output == "there are no models; fetch one as in `ivpipe models fetch fr en`\n"
    brought = write_model(tmp_path / "brought")
    imported = run("models", "import", str(brought), "fr", "en")
    assert imported.exit_code == 0
    assert imported.output.startswith(f"fr-en  version 3.1  0.0 MB  from {brought}\n")
    (home / "var" / "models" / "de-en").mkdir()
    listed = run("models", "list").output
    assert listed.startswith("de-en: model de-en: its manifest.json cannot be read")
    assert imported.output in listed


def test_models_fetch_says_why_it_cannot(home: Path) -> None:
    result = run("models", "fetch", "fr", "en", "--from-url", "http://127.0.0.1:1/models")
    assert isinstance(result.exception, EngineError)
    assert "ivpipe models import DIR fr en" in str(result.exception)
