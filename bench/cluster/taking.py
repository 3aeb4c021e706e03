"""A process that takes a full topic through Faust and prints its rate.

`python -m bench.cluster.taking ours|bare BOOTSTRAP TOPIC COUNT FOLDER [DSN]`
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import faust

from shared.eventlog.postgres_inbox import PostgresInbox
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.runtime.importing import MANY, Importing
from shared.runtime.sources import Neighbour

WITHIN_S = 300


class Meter:
    """When the first and the last record were taken."""

    def __init__(self, count: int) -> None:
        self._count, self._seen, self._began, self._ended = count, 0, 0.0, 0.0

    def begin(self) -> None:
        self._began = self._began or time.perf_counter()

    def done(self, records: int) -> None:
        self._seen += records
        if self._seen >= self._count:
            self._ended = time.perf_counter()

    async def rate(self) -> float:
        """Once all is taken."""
        end = time.monotonic() + WITHIN_S
        while not self._ended:
            assert time.monotonic() < end, f"{self._seen} of {self._count} records were taken"
            await asyncio.sleep(0.05)
        return self._count / (self._ended - self._began)


class Timed:
    """The source of a neighbour's log, with a meter."""

    ordered = True

    def __init__(self, source: Neighbour, meter: Meter) -> None:
        self.topic, self._source, self._meter = source.topic, source, meter

    def begin(self) -> Mapping[int, tuple[int, int]]:
        return self._source.begin()

    def store(self, partition: int, records: Sequence[tuple[int, bytes]]) -> None:
        self._meter.begin()
        self._source.store(partition, records)
        self._meter.done(len(records))


async def ours(bootstrap: str, topic: str, count: int, dsn: str) -> float:
    """As `ortoo cluster import` does it; of more than it leaves to Faust the bulk loader has a figure of its own."""
    assert count < MANY, count
    meter = Meter(count)
    with closing(PostgresInbox(dsn, topic)) as inbox:
        source = Timed(Neighbour(inbox, KafkaTopic(bootstrap, topic)), meter)
        async with Importing("bench", bootstrap, [source], Topics(bootstrap).check).running():
            rate = await meter.rate()
        assert inbox.head().position == count, inbox.head()
    return rate


async def bare(bootstrap: str, topic: str, count: int, folder: str) -> float:
    """An agent as Faust's manual shows it."""
    meter = Meter(count)
    app = faust.App(
        f"bare.{topic}",
        broker=f"kafka://{bootstrap}",
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024 * 1024,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        datadir=folder,
        store="memory://",
    )

    async def take(stream: Any) -> None:
        async for _ in stream:
            meter.begin()
            meter.done(1)

    app.agent(app.topic(topic, key_serializer="raw", value_serializer="raw"))(take)
    await app.start()
    rate = await meter.rate()
    await app.stop()
    return rate


def main(which: str, bootstrap: str, topic: str, count: str, folder: str, dsn: str = "") -> None:
    work = ours(bootstrap, topic, int(count), dsn) if which == "ours" else bare(bootstrap, topic, int(count), folder)
    print(asyncio.run(work))


if __name__ == "__main__":
    main(*sys.argv[1:])
