"""What an importer takes: a topic, and what keeps its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.eventlog.ports import Inbox
from shared.handling.importer import Importer
from shared.kafka.ports import Topic

Records = Sequence[tuple[int, bytes]]


class Source(Protocol):
    """A topic to be taken, and what keeps it."""

    topic: str
    ordered: bool  # one partition, which may be loaded in bulk

    def begin(self) -> Mapping[int, tuple[int, int]]:
        """For each partition the offset to read on from, and its end. BrokerAway, TopicFault."""
        ...

    def store(self, partition: int, records: Records) -> None:
        """Keep the records of one partition, durably; what is kept already is skipped."""
        ...


class Neighbour:
    """The log of another service: its topic, and the inbox that keeps it."""

    ordered = True

    def __init__(self, inbox: Inbox, topic: Topic) -> None:
        self.topic = inbox.name
        self._inbox, self._on_topic = inbox, topic
        self._importer = Importer(topic, inbox)

    def begin(self) -> dict[int, tuple[int, int]]:
        """Where the inbox says, once it is seen that the topic is the one that was read."""
        try:
            return {0: (self._importer.begin(), self._on_topic.bounds()[1])}
        finally:
            self._on_topic.close()

    def store(self, partition: int, records: Records) -> None:
        """Keep what follows. Unreadable, LogGap, LogFork."""
        self._inbox.store(records)
