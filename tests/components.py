"""A real PostgreSQL and a real broker, one of each for the whole test run; who must stop or kill one starts a server of its own.

All workers of a run share the two: the first who needs one starts it under a file lock, and it ends when the run does.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tools.cluster import Cluster
from tools.components import KafkaBroker, PostgresServer, drop_database, fresh_database

Server = TypeVar("Server", PostgresServer, KafkaBroker)
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the run's PostgreSQL server, without a database."""

    def start(owner: int) -> str:
        server = _postgres(owner)
        server.detach()
        return server.dsn

    return _shared(tmp_path_factory, "postgres", start)


@pytest.fixture
def pg(postgres_server: str) -> Iterator[str]:
    """The address of a fresh, empty database."""
    dsn = fresh_database(postgres_server)
    yield dsn
    drop_database(dsn)


@pytest.fixture
def pg_fresh(postgres_server: str) -> Iterator[Callable[[], str]]:
    """As many fresh, empty databases as a test asks for."""
    made: list[str] = []

    def fresh() -> str:
        made.append(fresh_database(postgres_server))
        return made[-1]

    yield fresh
    for dsn in made:
        drop_database(dsn)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bootstrap address of the run's Kafka broker."""

    def start(owner: int) -> str:
        server = _kafka(owner)
        server.detach()
        return server.bootstrap

    return _shared(tmp_path_factory, "kafka", start)


@pytest.fixture
def topic_name() -> str:
    """The name of a topic nobody made."""
    return f"test-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone, to stop, kill and start."""
    with running(_postgres(os.getpid())) as server:
        yield server


@pytest.fixture
def own_broker() -> Iterator[KafkaBroker]:
    """A broker of this test alone, to stop, kill, start and empty."""
    with running(_kafka(os.getpid())) as server:
        yield server


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Remove the server in the end, whatever happened."""
    try:
        yield server
    finally:
        server.remove()


def _postgres(owner: int) -> PostgresServer:
    server = PostgresServer(_folder("postgres"), owner=owner)
    server.start()
    return server


def _kafka(owner: int) -> KafkaBroker:
    server = KafkaBroker(_folder("kafka"), owner=owner)
    server.start()
    return server


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A whole cluster for all tests of this worker that do not break it."""
    folder = _folder("cluster")
    try:
        with Cluster(folder) as up:
            yield up
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster_folder() -> Iterator[Path]:
    """Where a test's own cluster may lie: `with Cluster(cluster_folder) as cluster`."""
    folder = _folder("cluster")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _folder(name: str) -> Path:
    """Not below pytest's own folder, which only its user may enter; PostgreSQL runs as another."""
    folder = Path(tempfile.mkdtemp(prefix=f"ortoo-{name}-"))
    folder.chmod(0o711)
    return folder


def _shared(factory: pytest.TempPathFactory, name: str, start: Callable[[int], str]) -> str:
    """The address of the run's server; whoever comes first starts it, on behalf of the process that all workers come from."""
    worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = factory.getbasetemp().parent if worker else factory.getbasetemp()
    with (folder / f"{name}.address").open("a+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        if address := kept.read():
            return address
        address = start(os.getppid() if worker else os.getpid())
        kept.write(address)
        return address
