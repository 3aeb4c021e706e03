"""A log's topic in Kafka, written and asked by kafka-python: idempotent, `acks=all`, every record's outcome looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from shared.kafka.client import REQUEST_MS, connected, demand, spoken, unknown
from shared.kafka.ports import BrokerAway, TopicFault
from shared.kernel.envelope import Recorded, carried
from shared.kernel.errors import Unreadable

HEADERS = [("content-type", b"application/cloudevents+json")]
BATCH_BYTES = 900_000  # one Kafka batch, below the topic's max.message.bytes: it arrives whole, or not at all
OVERHEAD = 200  # bytes of a record beside the event and its stream: the chain, the header, what Kafka adds
LINGER_MS = 1_000  # longer than it takes to fill a batch, which is then sent at once by flush
DELIVERY_MS = LINGER_MS + REQUEST_MS + 1_000  # an old batch must not reach a broker that was emptied and started again meanwhile
LOOK_BACK = (1, 100, 10_000)  # records, until one of ours is found


class KafkaTopic:
    """The topic of one log. Of one thread; waits are bounded, and after any error the connections are made anew."""

    def __init__(self, bootstrap: str, name: str) -> None:
        demand()
        self.name, self._bootstrap = name, bootstrap
        self._partition = TopicPartition(name, 0)
        self._producer: KafkaProducer | None = None
        self._consumer: KafkaConsumer | None = None
        self._end: int | None = None  # where the topic ended when it was last asked or written

    def last(self) -> tuple[int, bytes] | None:
        with self._speaking():
            begin, end = self._bounds()
            before, self._end = self._end, end
            if before is not None and end < before:
                raise TopicFault(f"topic {self.name} ended at offset {before}, now at {end}: it was emptied or made anew; all is sent")
            found = self._last_of_ours(begin, end)
        if found is not None and end - begin < found[0]:
            raise TopicFault(
                f"topic {self.name} ends with position {found[0]} but holds {end - begin} records: some were lost. "
                f"Delete it and make it again with `ortoo cluster topics`; everything is sent anew, and readers skip what they have"
            )
        return found

    def send(self, records: Sequence[Recorded]) -> bool:
        with self._speaking():
            if self._end is None or self._ends() != self._end:
                return False
            for batch in _batches(records):
                first = self._send(batch)
                follows, self._end = first == self._end, first + len(batch)
                if not follows:
                    return False
        return True

    def bounds(self) -> tuple[int, int]:
        with self._speaking():
            return self._bounds()

    def read(self, offset: int, limit: int) -> list[tuple[int, bytes]]:
        with self._speaking():
            return self._read(offset, min(self._ends(), offset + limit))

    def close(self) -> None:
        with suppress(KafkaError):
            self._hang_up()

    def _send(self, batch: Sequence[Recorded]) -> int:
        """One Kafka batch, acknowledged; the offset of its first record."""
        if self._producer is None:
            self._producer = connected(
                KafkaProducer,
                self._bootstrap,
                enable_idempotence=True,  # said, so that a setting against it raises instead of switching it off
                acks="all",
                batch_size=BATCH_BYTES,
                max_request_size=2 * BATCH_BYTES,
                linger_ms=LINGER_MS,
                delivery_timeout_ms=DELIVERY_MS,
                max_block_ms=REQUEST_MS,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        sent = [self._producer.send(self.name, value=r.cloud_event(), key=r.stream.encode(), headers=HEADERS, partition=0) for r in batch]
        with suppress(KafkaError):  # it says when to send; what became of each record, the record says
            self._producer.flush(DELIVERY_MS / 1000)
        offsets = [future.get(REQUEST_MS / 1000).offset for future in sent]
        first: int = offsets[0]
        if offsets != list(range(first, first + len(batch))):
            raise TopicFault(f"topic {self.name}: one batch came to lie at offsets {offsets[0]} to {offsets[-1]}")
        return first

    def _last_of_ours(self, begin: int, end: int) -> tuple[int, bytes] | None:
        """The last record may be nobody's event, or a mark of Kafka's own: look back until one is ours."""
        until, windows = end, iter(LOOK_BACK)
        window = next(windows)
        while until > begin:
            since = max(begin, until - window)
            for _, value in reversed(self._read(since, until)):
                if found := _place(self.name, value):
                    return found
            until, window = since, next(windows, window)
        return None

    def _read(self, since: int, until: int) -> list[tuple[int, bytes]]:
        """The records of a range; offsets that hold marks of Kafka's own are passed."""
        consumer, found, end = self._asking(), [], time.monotonic() + REQUEST_MS / 1000
        consumer.seek(self._partition, since)
        while (at := consumer.position(self._partition, timeout_ms=REQUEST_MS)) is not None and at < until:
            polled = consumer.poll(timeout_ms=500).get(self._partition, [])
            found += [(record.offset, record.value or b"") for record in polled if record.offset < until]
            if polled:
                end = time.monotonic() + REQUEST_MS / 1000
            elif time.monotonic() > end:
                raise BrokerAway(f"Kafka at {self._bootstrap} does not give offset {at} of the topic {self.name}")
        return found

    def _bounds(self) -> tuple[int, int]:
        begin: int = self._asking().beginning_offsets([self._partition], timeout_ms=REQUEST_MS)[self._partition]
        return begin, self._ends()

    def _ends(self) -> int:
        end: int = self._asking().end_offsets([self._partition], timeout_ms=REQUEST_MS)[self._partition]
        return end

    def _asking(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = connected(
                KafkaConsumer,
                self._bootstrap,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
                fetch_max_wait_ms=100,
                metrics_enabled=False,
            )
            if not self._consumer.partitions_for_topic(self.name):
                raise unknown(self._bootstrap, self.name)
            self._consumer.assign([self._partition])
        return self._consumer

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            with spoken(self._bootstrap, self.name):
                yield
        except BaseException:
            with suppress(KafkaError):
                self._hang_up()
            raise

    def _hang_up(self) -> None:
        producer, self._producer = self._producer, None
        consumer, self._consumer = self._consumer, None
        try:
            if consumer is not None:
                consumer.close(timeout_ms=REQUEST_MS)
        finally:
            if producer is not None:
                producer.close(timeout=1)


def partitions(bootstrap: str, name: str) -> dict[int, tuple[int, int]]:
    """Of each partition of a topic the first offset, and the one after the last. BrokerAway, TopicFault."""
    with spoken(bootstrap, name), closing(connected(KafkaConsumer, bootstrap, group_id=None, allow_auto_create_topics=False)) as consumer:
        there = [TopicPartition(name, partition) for partition in consumer.partitions_for_topic(name) or ()]
        if not there:
            raise unknown(bootstrap, name)
        begin, end = (ask(there, timeout_ms=REQUEST_MS) for ask in (consumer.beginning_offsets, consumer.end_offsets))
        return {at.partition: (begin[at], end[at]) for at in there}


def _batches(records: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """As much as one Kafka batch holds, in order."""
    batch: list[Recorded] = []
    size = 0
    for recorded in records:
        more = len(recorded.record) + len(recorded.stream) * 4 + OVERHEAD
        if batch and size + more > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(recorded)
        size += more
    if batch:
        yield batch


def _place(log: str, value: bytes) -> tuple[int, bytes] | None:
    try:
        recorded = carried(log, value)
    except Unreadable:
        return None
    return recorded.position, recorded.chain
