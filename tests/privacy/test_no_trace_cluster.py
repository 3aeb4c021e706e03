"""The same proof on a cluster: topics byte by byte, tables as they lie and as `pg_dump` writes them, what the processes said, backups."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from services.start.cluster import ALL
from tests.privacy.response import OPENED, Response, planted
from tests.privacy.traces import Planted
from tests.support import Door
from tools.cluster import Cluster
from tools.compose import read

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
PROCESSES = {name for name in read({})["services"] if "filter" not in name and name != "prometheus"}


def topics(brokers: str) -> bytes:
    """Every record of every topic: key, headers and value."""
    found = []
    with closing(KafkaConsumer(bootstrap_servers=brokers, enable_auto_commit=False)) as consumer:
        for name in consumer.topics():
            for place in [TopicPartition(name, one) for one in consumer.partitions_for_topic(name) or ()]:
                consumer.assign([place])
                consumer.seek_to_beginning(place)
                end = consumer.end_offsets([place])[place]
                while consumer.position(place) < end:
                    for records in consumer.poll(1_000).values():
                        found += [b"%s %r %s" % (record.key or b"", record.headers, record.value or b"") for record in records]
    return b"\n".join(found)


def dumps(cluster: Cluster) -> bytes:
    """Every database but the vault's keys, as it is written out for people."""
    server = cluster.superuser["ORTOO_POSTGRES"]
    password = Path(cluster.superuser["ORTOO_POSTGRES_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    found = []
    for name in (*ALL, "front", "vault"):
        asked = ["pg_dump", "--no-owner", f"{server}/ortoo_{name}"]
        found.append(subprocess.run(asked, env={**os.environ, "PGPASSWORD": password}, capture_output=True, check=True).stdout)
    return b"\n".join(found)


def everything(cluster: Cluster, sought: Planted) -> dict[str, set[str]]:
    """The cluster's whole folder is searched: PostgreSQL's files with their write-ahead log, Kafka's segments, logs of processes."""
    hits = sought.found_in(cluster.folder)
    brokers = cluster.operator["ORTOO_KAFKA"]
    told = {"topics": topics(brokers), "dumps": dumps(cluster), "logs": "".join(one.log for one in cluster.processes.values()).encode()}
    return {name: found for name, found in {**hits, **{name: sought.found(data) for name, data in told.items()}}.items() if found}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="ortoo-traces-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    try:
        with Cluster(folder, services=PROCESSES, story_clock=True) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def response(cluster: Cluster) -> Iterator[Response]:
    door = Door(cluster.url, cluster.data)
    with closing(door.http):
        yield Response(door)


def test_nobody_is_in_any_byte_of_a_cluster_and_nobody_is_read_after_destruction(cluster: Cluster, response: Response) -> None:
    response.load()
    response.play(OPENED)
    for act in (response.register, response.call_up, response.shelter, response.refuse, response.read, response.serve):
        act()
    sought, before = planted(response.kept), response.totals()
    assert everything(cluster, sought) == {}
    response.end()
    response.destroy()
    assert {one["state"] for one in response.verify()} == {"complete"}
    told = response.readings()
    assert {status for status, _ in told} == {410}, told
    assert response.totals() == before
    assert everything(cluster, sought) == {} and not sought.found(str(told).encode())
