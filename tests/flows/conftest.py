"""One Prefect server for all flow tests, and a project for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flows.projects import Project, project_of

from ivpipe.cli.up import PREFECT_SETTINGS

for _name, _value in PREFECT_SETTINGS.items():  # read when prefect is imported
    os.environ.setdefault(_name, _value)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server of our own, with an empty database."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=90):
        yield


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose partner announces three articles."""
    with project_of(tmp_path / "home", 3) as project:
        yield project
