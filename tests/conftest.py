"""Fixtures for all tests: stores on SQLite and PostgreSQL, and the rule about servers that are missing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from tests.blank import migrate, place_blank
from tests.servers.places import quick_folder
from tests.servers.postgres import Postgres, PostgresMissing
from tests.servers.spip import Spip, SpipMissing, installed, packages
from tests.servers.wordpress import WordPress, WordPressMissing

from ivpipe import masking, modes
from ivpipe.steps import passwords
from ivpipe.store import Store

if (memory := quick_folder(needed=4e9)) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)  # where pytest makes its tmp_path

settings.register_profile(
    "default",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    # CI judges a change, so it draws the same examples each time; whoever works here draws new ones at every run.
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("default")


def missing_server(what: str, how: str) -> None:
    """Skip a test whose server is not on this machine, or fail where the servers are required (as in CI)."""
    message = f"{what} is not installed; to run this test: {how}"
    if os.environ.get("IVPIPE_REQUIRE_SERVERS") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session", autouse=True)
def _few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every HTTP client reads the certificates of all authorities, a twentieth of a second that hundreds of tests pay and
    none needs: those that speak TLS bring an authority of their own. One certificate is left."""
    one = tmp_path_factory.mktemp("authorities") / "one.pem"
    end = "-----END CERTIFICATE-----\n"
    one.write_text(Path(certifi.where()).read_text(encoding="utf-8").partition(end)[0] + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(one))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords in no time: real hashes take a quarter of a second each, and the tests log in some hundred times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True)
def _own_secrets_and_umask() -> Iterator[None]:
    """A process knows the secrets it once read, and keeps its umask: neither goes from one test to the next."""
    umask = os.umask(0o022)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_KNOWN", masking._Known())
        patch.setattr(modes, "_before", -1)
        yield
    os.umask(umask)


@pytest.fixture(autouse=True)
def _processor_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test marked ``processor_seconds(n)`` that uses more. Time on the processor, not on the clock: what is meant to
    be quick must not fail because the machine is busy with something else."""
    marker = request.node.get_closest_marker("processor_seconds")
    if marker is None:
        yield
        return
    seconds = marker.args[0]

    def too_long(_number: int, _frame: object) -> None:
        pytest.fail(f"it took more than {seconds} seconds of the processor")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of our own."""
    try:
        server = Postgres()
    except PostgresMissing as error:
        missing_server("PostgreSQL", str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def blank_postgres(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with our schema and nothing in it, to be copied."""
    url = postgres.new_database()
    migrate(url)
    return url.rpartition("/")[2]


@pytest.fixture(scope="session")
def opening(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Path:
    """The folder of the desk's magazine as each test finds it; made once."""
    from tests.desk import world

    home = tmp_path_factory.mktemp("opening")
    with world.make_app(home) as app:
        world.add_people(app.store)
    return home


@pytest.fixture(scope="session")
def installed_wordpress() -> Iterator[WordPress]:
    """A WordPress of our own."""
    try:
        site = WordPress()
    except WordPressMissing as error:
        missing_server("WordPress", str(error))
    with site:
        yield site


@pytest.fixture
def wordpress(installed_wordpress: WordPress) -> WordPress:
    """The same, without posts, pictures, terms."""
    installed_wordpress.reset()
    return installed_wordpress


@pytest.fixture(scope="session")
def installed_spip() -> Iterator[Spip]:
    """A SPIP of our own."""
    try:
        packages()
    except SpipMissing as error:
        missing_server("SPIP", str(error))
    with installed() as site:
        yield site


@pytest.fixture
def spip(installed_spip: Spip) -> Spip:
    """The same, empty but for one section."""
    installed_spip.empty()
    return installed_spip


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store with our schema, on each kind of database in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_store")
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.new_database(request.getfixturevalue("blank_postgres"))
    store = Store(url)
    yield store
    store.close()
    server.drop_database(url)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store, for tests to which the kind of database does not matter."""
    store = Store(place_blank(tmp_path / "ivpipe.db"))
    yield store
    store.close()
