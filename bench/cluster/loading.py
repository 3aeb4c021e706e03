"""The bulk loader's first fill of an inbox, against the topic read raw and the same rows given to COPY."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import aiokafka
import psycopg

from bench.cluster.stores import filled, kafka, postgres, shared_folder
from bench.figures import Figure, Scale, rates
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.kafka.loading import AT_ONCE, FETCH_BYTES, load

Rows = Sequence[tuple[Any, ...]]
WIDTH = ("int8", "text", "int8", "text", "bytea", "bytea")


def run(scale: Scale) -> list[Figure]:
    """Both from one full topic, in turn; a new one each time."""
    count = scale.of(100_000, 2_000)
    found = []
    with shared_folder() as place, postgres(place) as server, kafka(place) as broker:
        for n in range(scale.runs):
            topic = f"150000.load{n}"
            with closing(filled(broker, place / f"{n}.db", topic, count)) as log:
                rows = [(e.position, e.stream, e.version, e.type, e.record, e.chain) for e in log.read(0, count)]
            took = asyncio.run(loaded(broker.bootstrap, topic, count, server.fresh_database()))
            raw = asyncio.run(copied(broker.bootstrap, topic, rows, server.fresh_database()))
            found.append((count / took, count / raw))
    return [rates("bulk loader into an inbox, every chain value checked, against raw read + COPY", "events/s", found, 0.5)]


async def loaded(bootstrap: str, topic: str, count: int, dsn: str) -> float:
    """Seconds until the inbox holds the whole topic."""
    with closing(PostgresInbox(dsn, topic)) as inbox, ThreadPoolExecutor(1) as thread:
        began = time.perf_counter()
        await load(bootstrap, topic, 0, count, inbox.store, thread)
        took = time.perf_counter() - began
        assert inbox.head().position == count, inbox.head()
    return took


async def copied(bootstrap: str, topic: str, rows: Rows, dsn: str) -> float:
    """Seconds until the rows, made beforehand, are in the same table, as many to a commit as were read at once."""
    PostgresLog(dsn, topic).close()  # the same tables, indexes and triggers
    partition = aiokafka.TopicPartition(topic, 0)
    with psycopg.connect(dsn, autocommit=True, options=f'-c search_path="{topic}"') as db:
        began, at = time.perf_counter(), 0
        consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, max_partition_fetch_bytes=FETCH_BYTES)
        await consumer.start()
        consumer.assign([partition])
        consumer.seek(partition, 0)
        while at < len(rows):
            records = (await consumer.getmany(partition, timeout_ms=1_000, max_records=AT_ONCE)).get(partition, ())
            await asyncio.to_thread(_copy, db, rows[at : at + len(records)])  # the next ones are fetched meanwhile
            at += len(records)
        await consumer.stop()
        return time.perf_counter() - began


def _copy(db: psycopg.Connection[Any], rows: Rows) -> None:
    with db.cursor() as cursor, cursor.copy("COPY event FROM STDIN (FORMAT BINARY)") as copying:
        copying.set_types(WIDTH)
        for row in rows:
            copying.write_row(row)
