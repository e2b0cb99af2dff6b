"""The wheel, installed in an empty environment, run from a folder that holds nothing but ``config/``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import missing_server

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    keep = ("PATH", "HOME", "LANG", "PIP_", "SSL_", "REQUESTS_")
    env = {name: value for name, value in os.environ.items() if name.startswith(keep)}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``ivpipe`` command of an environment into which only the wheel was installed."""
    folder = tmp_path_factory.mktemp("install")
    built = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT, cwd=folder)
    if built.returncode != 0:
        missing_server("the package index", f"let pip reach one (it said: {built.stderr[-300:]})")
    (wheel,) = folder.glob("ivpipe-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.startswith("tests/")]
    assert "ivpipe/publishers/spip/ivpipe.php" in names
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder).check_returncode()
    done = run(
        folder / "venv/bin/pip", "install", "--quiet", "-c", ROOT / "constraints.txt", wheel, cwd=folder
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "venv/bin/ivpipe"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_wheel_alone_runs_from_any_folder_with_a_config(installed: Path, tmp_path: Path) -> None:
    made = run(installed, "init", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "config/ivpipe.toml").is_file()
    assert (tmp_path / "var/ivpipe.db").is_file()
    assert run(installed, "config", "check", cwd=tmp_path).returncode == 0

    status = run(installed, "status", "--json", cwd=tmp_path)
    assert status.returncode == 0, status.stderr
    assert json.loads(status.stdout)["translations"] == {}

    # Nothing to do, but every flow loads from the wheel, with its templates and migrations, on a real Prefect server.
    ran = run(installed, "run", "translate", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    python = installed.parent / "python"
    probe = (
        "from ivpipe.wiring import open_app; from ivpipe.desk.app import create_app; import pathlib, ivpipe.desk;"
        "app = open_app(); create_app(app); app.publisher('site');"
        "assert list((pathlib.Path(ivpipe.desk.__file__).parent / 'static').glob('*.js'))"
    )
    done = run(python, "-c", probe, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
