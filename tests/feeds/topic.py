"""A feed log on a topic of a real broker."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from shared.kernel.envelope import Recorded
from shared.testing.facts import all_of
from tests.feeds.world import CENTRE, World, add


def history(folder: Path, audience: str = CENTRE.id) -> list[Recorded]:
    """Seven events of a feed log; the same bytes at any time."""
    world = World(folder, replace(CENTRE, id=audience))
    add(world.alerts, "alert-1", count=2)
    add(world.alerts, "task-1", "task.assigned")  # not given
    add(world.alerts, "alert-1", "alert.published")
    add(world.alerts, "cap-1", "message.issued", division="B2", count=2)
    add(world.alerts, "alert-1", "alert.ended")
    add(world.alerts, "cap-1", "message.issued")
    world.given()
    return all_of(world.log(world.feed))


def make(servers: str, topic: str, **how: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=servers, **how)) as admin:
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])


def send(servers: str, topic: str, records: Sequence[Recorded | bytes], **how: str) -> None:
    """As a relay does: key is the stream, the value the event as it leaves the log."""
    with closing(KafkaProducer(bootstrap_servers=servers, acks="all", **how)) as producer:
        sent = [
            producer.send(topic, record, headers=[])
            if isinstance(record, bytes)
            else producer.send(
                topic, record.cloud_event(), key=record.stream.encode(), headers=[("content-type", b"application/cloudevents+json")]
            )
            for record in records
        ]
        for future in sent:
            future.get(30)
