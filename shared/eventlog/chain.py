"""Counting and checking: the one place where a chain is made or believed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import sha256

from shared.eventlog.ports import EventStore, Head, New
from shared.kernel.envelope import Recorded, genesis, link
from shared.kernel.errors import LogFork, LogGap


class Cursor:
    """How far a reader has counted one log: last position and its chain value."""

    __slots__ = ("chain", "position")

    def __init__(self, position: int, chain: bytes) -> None:
        self.position, self.chain = position, chain

    def is_behind(self, head: Head) -> bool:
        """Whether the log goes on after what was counted. LogFork: it ends before that, or there with another event."""
        if self.position > head.position or (self.position == head.position and self.chain != head.chain):
            raise LogFork(
                f"the log ends at {head.position} and was counted to {self.position}: it was put back while it was open. "
                f"Stop every process of its service, then see docs/operate.md, After a restore"
            )
        return self.position < head.position

    def follow(self, batch: Iterable[Recorded]) -> list[Recorded]:
        """The events not seen yet, the cursor moved behind them. Seen: skip. Next and chained: take. Else LogGap or LogFork."""
        position, chain = self.position, self.chain
        fresh: list[Recorded] = []
        for recorded in batch:
            if recorded.position <= position:
                if recorded.position == position and recorded.chain != chain:
                    raise LogFork(f"position {position}: two histories")
                continue
            if recorded.position != position + 1:
                raise LogGap(f"after {position} came {recorded.position}")
            if recorded.follows != chain:
                if sha256(chain + recorded.record).digest() != recorded.chain:
                    raise LogFork(f"position {recorded.position}: the record does not follow from the one before")
                recorded.follows = chain
            chain = recorded.chain
            position += 1
            fresh.append(recorded)
        self.position, self.chain = position, chain
        return fresh


def branches(log: EventStore, recorded: Recorded) -> bool:
    """Whether a record follows from what the log holds before it: of two copies that were written to, one tells the other so."""
    before = log.chain_at(recorded.position - 1) if recorded.position > 1 else genesis(log.name)
    return before is not None and link(before, recorded.record) == recorded.chain


def common(log: EventStore, copy: EventStore) -> int:
    """The last position up to which both hold the same. A chain value tells all before it, so few are asked."""
    end = min(log.head().position, copy.head().position)
    return bisect_left(range(1, end + 1), True, key=lambda position: log.chain_at(position) != copy.chain_at(position))


def seal_all(head: Head, events: Sequence[New]) -> list[Recorded]:
    """Give events their positions after the head, and chain them."""
    position, chain = head.position, head.chain
    sealed = []
    for new in events:
        position += 1
        record = new.seal(position)
        before, chain = chain, sha256(chain + record).digest()
        recorded = Recorded(position, new.stream, new.version, new.type, record, chain)
        recorded.follows = before
        sealed.append(recorded)
    return sealed


def verbatim(recorded: Recorded) -> New:
    """An event as it was sealed, to append where it follows from what is there."""
    return New(recorded.stream, recorded.version, recorded.type, lambda _: recorded.record)
