"""A topic as the engines see it: records in order, each with its offset. Kafka's is in `topic.py`; a list would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.kernel.envelope import Recorded
from shared.sql.ports import StorageFailed


class BrokerAway(StorageFailed):
    """No broker answers in time. What waits is sent later; nothing is lost by it."""


class TopicFault(StorageFailed):
    """The topic is missing, is not as declared, or was emptied: said in words, with what cures it."""


class TopicMissing(TopicFault):
    """The broker itself says that there is no such topic."""


def in_words(trouble: Exception) -> str:
    """What holds an engine up. The words of other errors may quote content: only their kind is told."""
    kinds = {BrokerAway: "broker away", TopicFault: "topic"}
    kind = next((word for of, word in kinds.items() if isinstance(trouble, of)), None)
    return f"{kind}: {trouble}" if kind else type(trouble).__name__


class Topic(Protocol):
    """One log on its way: what one relay writes and any number of importers read."""

    name: str

    def last(self) -> tuple[int, bytes] | None:
        """Position and chain of the log's last record on the topic; None when there is none. BrokerAway, TopicFault."""
        ...

    def send(self, records: Sequence[Recorded]) -> bool:
        """Add records, durably and in order; what fails leaves the first of them or none. BrokerAway, TopicFault.

        False when the topic does not end where `last` and `send` left it: another wrote, or it was emptied. Then `last` is to be asked.
        """
        ...

    def bounds(self) -> tuple[int, int]:
        """The first offset, and the one after the last."""
        ...

    def read(self, offset: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to so many records from an offset on; empty at the end."""
        ...

    def close(self) -> None: ...
