"""Counting and checking: the one place where a chain is made or believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from shared.eventlog.ports import Head, New
from shared.kernel.envelope import Recorded
from shared.kernel.errors import LogFork, LogGap


class Cursor:
    """How far a reader has counted one log: last position and its chain value."""

    __slots__ = ("chain", "position")

    def __init__(self, position: int, chain: bytes) -> None:
        self.position, self.chain = position, chain

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
            chain = sha256(chain + recorded.record).digest()
            if chain != recorded.chain:
                raise LogFork(f"position {recorded.position}: the record does not follow from the one before")
            position += 1
            fresh.append(recorded)
        self.position, self.chain = position, chain
        return fresh


def seal_all(head: Head, events: Sequence[New]) -> list[Recorded]:
    """Give events their positions after the head, and chain them."""
    position, chain = head.position, head.chain
    sealed = []
    for new in events:
        position += 1
        record = new.seal(position)
        chain = sha256(chain + record).digest()
        sealed.append(Recorded(position, new.stream, new.version, new.type, record, chain))
    return sealed


def verbatim(recorded: Recorded) -> New:
    """An event as it was sealed, to append where it follows from what is there."""
    return New(recorded.stream, recorded.version, recorded.type, lambda _: recorded.record)
