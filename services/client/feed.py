"""A consumer of a feed log: counts positions, checks the chain, goes on where it was. Needs the topic and nothing else of the node."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from shared.eventlog.chain import Cursor
from shared.kafka.client import WAITS
from shared.kernel.decoding import read_json
from shared.kernel.envelope import carried, genesis
from shared.kernel.errors import LogGap

POLL_MS = 500
Event = Mapping[str, Any]


class Unreachable(Exception):
    """The topic cannot be read now, or not by us."""


class Place(msgspec.Struct, frozen=True):
    """How far a feed was read. To be kept with what the events did, in one transaction where there is one."""

    position: int
    chain: str


@dataclass(frozen=True, slots=True)
class Access:
    """The broker, and who we are to it; without a user it asks for none."""

    servers: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: str = "SCRAM-SHA-512"
    ca: str | None = None  # the file of the authority that signed the broker's certificate; without it nothing is encrypted

    def settings(self) -> dict[str, Any]:
        """As kafka-python wants it."""
        told: dict[str, Any] = {"bootstrap_servers": self.servers.split(",")}
        if self.ca:
            told["ssl_cafile"] = self.ca
        if self.user:
            told |= {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return told | {"security_protocol": f"{'SASL_' if self.user else ''}{'SSL' if self.ca else 'PLAINTEXT'}"}


class Count:
    """What makes a consumer safe, without I/O: the next event is the next position and follows from the one before."""

    def __init__(self, log: str, after: int, chain: bytes | None) -> None:
        """`chain` is that of the event at `after`; None takes it from the topic, on trust."""
        self._log, self._wanted = log, after
        self._cursor = Cursor(after, chain or genesis(log)) if chain or not after else None

    @property
    def place(self) -> Place:
        return Place(self._cursor.position, self._cursor.chain.hex()) if self._cursor else Place(self._wanted, "")

    def take(self, value: bytes) -> Event | None:
        """The event in a record; None for one that was seen. LogGap, LogFork, Unreadable."""
        recorded = carried(self._log, value)
        if self._cursor is None:
            if recorded.position < self._wanted:
                return None
            if recorded.position > self._wanted:
                raise LogGap(f"the topic begins at {recorded.position}, position {self._wanted} is not there")
            self._cursor = Cursor(recorded.position, recorded.chain)
        return msgspec.json.decode(value) if self._cursor.follow([recorded]) else None


def follow(access: Access, log: str, count: Count) -> Generator[Event, None, None]:
    """Events as they come, for ever; a broker that is away for a while is waited for. Unreachable, LogGap, LogFork, Unreadable."""
    partition = TopicPartition(log, 0)
    try:
        with closing(KafkaConsumer(**access.settings(), **WAITS, enable_auto_commit=False)) as consumer:
            if 0 not in (consumer.partitions_for_topic(log) or ()):
                raise Unreachable(f"{access.servers} has no topic {log}, or does not let us read it")
            consumer.assign([partition])
            consumer.seek(partition, _begin(consumer, partition, count.place.position - 1))
            while True:
                for message in consumer.poll(POLL_MS).get(partition, ()):
                    event = count.take(message.value)
                    if event is not None:
                        yield event
    except KafkaError as error:
        raise Unreachable(f"{access.servers}: {type(error).__name__} {error}") from error


def _begin(consumer: Any, partition: TopicPartition, offset: int) -> int:
    """Position n never lies before offset n - 1, since some are sent twice. A topic that is shorter was made anew: from its beginning."""
    first, end = consumer.beginning_offsets([partition])[partition], consumer.end_offsets([partition])[partition]
    return offset if first <= offset < end else int(first)


def kept(file: Path) -> Place | None:
    """The place kept in a file. ValueError when it holds something else."""
    try:
        return read_json(file.read_bytes(), Place)
    except FileNotFoundError:
        return None


def keep(file: Path, place: Place) -> None:
    """Replace what the file says, whole or not at all."""
    beside = file.with_name(f"{file.name}.new")
    with beside.open("wb") as out:
        out.write(msgspec.json.encode(place))
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
