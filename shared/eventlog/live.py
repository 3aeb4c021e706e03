"""The log of a node that runs: who follows it in the process that writes it is given the newest events from memory, decoded once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shared.eventlog.sqlite import SqliteLog, SqlitePen
from shared.kernel.envelope import Recorded
from shared.sql.sqlite import Connect, connect

MOST = 1_000  # events kept at least; a second of the heaviest load
BYTES = 2 * 1024 * 1024  # of their records; decoded they take ten times that, of six logs and between two trims 250 MB at the most


class Tail:
    """One unbroken run of events, each of them durable. What it does not hold is asked of the log."""

    def __init__(self, most: int = MOST, bytes: int = BYTES, end: int | None = None) -> None:
        """`end`: where the log ends, when nobody else writes it; else its end is asked of the log."""
        self._most, self._bytes = most, bytes
        self._alone, self._end, self._furthest = end is not None, end, end or 0
        self._lock = threading.Lock()
        self._events: list[Recorded] = []
        self._size = 0

    def unsure(self) -> None:
        """Something is being stored: where the log ends is asked of it until that is known."""
        with self._lock:
            self._end = None

    def committed(self, events: Sequence[Recorded], end: int) -> None:
        """These are durable now, and the log ends there. Others wrote in between: what was known before ends there and is forgotten."""
        with self._lock:
            self._furthest = max(self._furthest, end)
            self._end = end if self._alone and end == self._furthest else None
            if not events:
                return
            if self._events and self._events[-1].position + 1 != events[0].position:
                self._events, self._size = [], 0
            self._events.extend(events)
            self._size += sum([len(event.record) for event in events])
            if len(self._events) > 2 * self._most or self._size > 2 * self._bytes:
                self._forget()

    def after(self, position: int, limit: int) -> list[Recorded] | None:
        """Events after a position, in order, without a gap; None when the log has to be asked."""
        with self._lock:
            if position == self._end:
                return []
            start = position + 1 - self._events[0].position if self._events else -1
            return self._events[start : start + limit] or None if start >= 0 else None

    def _forget(self) -> None:
        """Down to half, so that it happens seldom."""
        gone = max(0, len(self._events) - self._most)
        size = self._size - sum([len(event.record) for event in self._events[:gone]])
        while size > self._bytes:
            size -= len(self._events[gone].record)
            gone += 1
        del self._events[:gone]
        self._size = size


class LiveLog(SqliteLog):
    """Reads as its file does, but for a file that was changed by hand meanwhile: whoever looks for that opens a `SqliteLog`."""

    def __init__(self, path: Path, name: str, connect: Connect = connect, *, alone: bool = False) -> None:
        """`alone`: nobody else writes this file as long as it is open here, so whoever is level with it asks no file."""
        super().__init__(path, name, connect)
        self._tail = Tail(end=self.head().position if alone else None)

    @contextmanager
    def pen(self) -> Iterator[SqlitePen]:
        with super().pen() as pen:
            pen.appended = []
            yield pen
            self._tail.unsure()  # until it is known here what the commit stored, the file is asked
        self._tail.committed(pen.appended, pen.head.position)

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        held = self._tail.after(after, limit)
        return super().read(after, limit) if held is None else held
