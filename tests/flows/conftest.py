"""One Prefect server for all flow tests, and a project for each."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flows.projects import Project, project_of

from ivpipe.cli.prefect_settings import COMMON

for _name, _value in COMMON.items():  # read when prefect is imported
    os.environ.setdefault(_name, _value)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server of our own, with an empty database."""
    import websockets.asyncio.connection
    from prefect.testing.utilities import prefect_test_harness

    # Prefect's client keeps a connection open in this process until its end, and draws random numbers for its pings;
    # hypothesis takes a draw beside its own for a mistake of the strategy's. So the pings draw from the system's.
    pytest.MonkeyPatch().setattr(websockets.asyncio.connection, "random", random.SystemRandom())

    with prefect_test_harness(server_startup_timeout=90):
        yield


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose partner announces three articles."""
    with project_of(tmp_path / "home", 3) as project:
        yield project
