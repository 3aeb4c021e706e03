"""The stores of a benchmark: a PostgreSQL and a broker of its own, or those of a running cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from bench.facts import fill
from bench.figures import folder
from shared.eventlog.ports import EventStore
from shared.eventlog.sqlite import SqliteLog
from shared.handling.relay import Relay
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from tools.cluster import Cluster
from tools.components import KafkaBroker, PostgresServer

SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "2GB"}  # those of infra/docker-compose.yml
STREAMS = 4_000
Server = TypeVar("Server", PostgresServer, KafkaBroker)


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder that the user of PostgreSQL can enter."""
    with folder() as place:
        place.chmod(0o755)
        yield place


@contextmanager
def postgres(place: Path) -> Iterator[PostgresServer]:
    """A server with nothing in it."""
    with _running(PostgresServer(place / "postgres", SETTINGS)) as server:
        yield server


@contextmanager
def kafka(place: Path) -> Iterator[KafkaBroker]:
    """A broker without topics."""
    with _running(KafkaBroker(place / "kafka")) as broker:
        yield broker


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.remove()


def postgres_of(cluster: Cluster) -> PostgresServer:
    """The server that a cluster's services use."""
    server = cluster.process("postgres").component
    assert isinstance(server, PostgresServer)
    return server


def broker_of(cluster: Cluster) -> KafkaBroker:
    """The broker that a cluster's services use."""
    broker = cluster.process("kafka").component
    assert isinstance(broker, KafkaBroker)
    return broker


def happen(log: EventStore, count: int) -> None:
    """The story's mix of events in many streams."""
    fill(log, count, STREAMS)


def filled(broker: KafkaBroker, path: Path, name: str, count: int) -> SqliteLog:
    """A log of so many events, and its topic that holds them all."""
    log = SqliteLog(path, name)
    happen(log, count)
    Topics(broker.bootstrap).make([name])
    with closing(KafkaTopic(broker.bootstrap, name)) as topic:
        relay = Relay(log, topic)
        while relay.step():
            pass
    return log
