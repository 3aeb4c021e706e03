"""Two ports: EventStore (append under the pen) and EventFeed (read on from a position)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from shared.eventlog.parking import Parking
from shared.kernel.envelope import Recorded


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log: last position, its chain value, when it was recorded."""

    position: int
    chain: bytes
    time: datetime | None


class New(msgspec.Struct, frozen=True):
    """A fact to append: its place in its stream, and `seal(position) -> bytes`, the record once the position is known."""

    stream: str
    version: int
    type: str
    seal: Callable[[int], bytes]


class Handled(msgspec.Struct, frozen=True, gc=False):
    """What became of a command: written with its events, found again when the command is repeated."""

    id: UUID
    fingerprint: bytes
    outcome: str  # accepted | refused (a policy's refusal is remembered too)
    position: int
    answer: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """A refused command, kept for the auditor; not remembered for repeats, since its cause may be cured."""

    at: datetime
    command: str
    actor: str
    division: str | None
    code: str
    rule: str
    stream: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an inbox stood or stands still: which record of the topic does not follow, and what cures it."""

    kind: str  # unreadable | gap | fork; restarted: the topic itself was emptied or made again
    offset: int
    words: str
    cure: str
    since: datetime | None = None
    ended: datetime | None = None  # None: it stands


class Pen(Protocol):
    """Held by one writer at a time. Everything appended under it becomes durable together, or not at all."""

    @property
    def head(self) -> Head: ...
    def handled(self, ids: Sequence[UUID]) -> dict[UUID, Handled]:
        """The commands among `ids` that were handled before."""
        ...

    def append(
        self, events: Sequence[New], handled: Sequence[Handled] = (), attempts: Sequence[Attempt] = (), time: datetime | None = None
    ) -> list[Recorded]:
        """Append events in order, positions and chain following the head; all or nothing. Raises when a version is taken."""
        ...


class EventFeed(Protocol):
    """Ordered delivery of one log."""

    name: str

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """Events after a position, in order, without a gap."""
        ...


class EventStore(EventFeed, Protocol):
    """One log: the unit of order, transport, counting and integrity."""

    def head(self) -> Head: ...
    def pen(self) -> AbstractContextManager[Pen]:
        """Take the pen; leaving the block commits, an exception rolls everything back. LogBusy, StorageFailed."""
        ...

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """The events of one stream after a version."""
        ...

    def streams(self, streams: Sequence[str]) -> list[Recorded]:
        """The events of several streams, each in order of version."""
        ...

    def chain_at(self, position: int) -> bytes | None:
        """The chain value of a stored position; None when nothing is stored there."""
        ...

    def cursor(self, reader: str, log: str) -> tuple[int, bytes] | None:
        """How far a policy has read a log: (position, chain); None when it is new."""
        ...

    def save_cursor(self, reader: str, log: str, position: int, chain: bytes) -> None: ...
    def attempts(self, limit: int = 100) -> list[Attempt]:
        """The newest refused attempts first, for the auditor."""
        ...

    def parking(self) -> Parking:
        """The parked events of the policies that this log's service runs, over a connection of its own."""
        ...

    def close(self) -> None: ...


class Inbox(EventFeed, Protocol):
    """A neighbour's log as received: the same tables, its bytes, its positions and chain."""

    def head(self) -> Head: ...
    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """The events of one stream after a version."""
        ...

    def chain_at(self, position: int) -> bytes | None:
        """The chain value of a stored position; None when nothing is stored there."""
        ...

    def offset(self) -> int:
        """Of the topic: where to read on. 0 when nothing was read."""
        ...

    def store(self, records: Sequence[tuple[int, bytes]]) -> int:
        """Keep what follows of records as they left the log, given with their offsets; how many were new.

        Unreadable, LogGap, LogFork: what came before that record is stored, it and what follows it is not, and the fault is noted.
        """
        ...

    def rewind(self, offset: int, words: str) -> None:
        """The topic is not the one that was read: read on from this offset, and note why."""
        ...

    def faults(self) -> list[Fault]:
        """The newest first, those that ended among them."""
        ...

    def pass_over(self, offset: int) -> bool:
        """A person says that the record which stopped it is none of the log's: go on after it. False when nothing stopped there."""
        ...

    def close(self) -> None: ...
