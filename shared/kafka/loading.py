"""A first fill: millions of records read raw, many at once, while those before are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import aiokafka
from aiokafka.errors import KafkaError

from shared.kafka.client import REQUEST_MS, demand
from shared.kafka.ports import BrokerAway

AT_ONCE = 5_000  # records to a commit
FETCH_BYTES = 8 * 1024 * 1024

Store = Callable[[Sequence[tuple[int, bytes]]], object]


async def load(
    bootstrap: str, topic: str, since: int, until: int, store: Store, executor: Executor, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Give `store` the records of an offset range, in order, one batch after the other; the offset to read on from. BrokerAway."""
    demand()
    partition = aiokafka.TopicPartition(topic, 0)
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
        request_timeout_ms=REQUEST_MS,
    )
    at, storing = since, asyncio.get_running_loop().create_future()
    storing.set_result(None)
    try:
        await consumer.start()
        consumer.assign([partition])
        consumer.seek(partition, since)
        while at < until:
            fetched = await asyncio.wait_for(consumer.getmany(partition, timeout_ms=REQUEST_MS, max_records=AT_ONCE), 2 * REQUEST_MS / 1000)
            records = [(record.offset, record.value or b"") for record in fetched.get(partition, ())]
            passed = await consumer.position(partition)  # also what Kafka keeps for itself at the end
            if passed == at:
                raise BrokerAway(f"Kafka at {bootstrap} does not give offset {at} of the topic {topic}")
            await storing
            storing = asyncio.get_running_loop().run_in_executor(executor, store, records)
            at = passed
            progress(at)
        await storing
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerAway(f"Kafka at {bootstrap}: {type(error).__name__}") from error
    finally:
        await asyncio.wait([storing])
        await consumer.stop()
    return at
