"""Clocks of a host: real time, and a story's time that only a request moves."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol


class Clock(Protocol):
    """The time of a host."""

    story: bool

    def now(self) -> datetime: ...


class RealClock:
    """The machine's time, told in the node's zone: identifiers and CAP carry local time with its offset."""

    story = False

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone

    def now(self) -> datetime:
        return datetime.now(self._zone)


class ResumedClock:
    """Begins at a moment and runs on with the machine's: a drill goes on from the past it began in. Between two starts it stands still."""

    story = False

    def __init__(self, begins: datetime) -> None:
        self._begins, self._started = begins, time.monotonic()

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=time.monotonic() - self._started)

    def move(self, to: datetime) -> None:
        """Go on from there, when that is later: what was recorded before the node stopped."""
        if to > self.now():
            self._begins, self._started = to.astimezone(self._begins.tzinfo), time.monotonic()


class StoryClock:
    """Stands still until it is moved; never goes back."""

    story = True

    def __init__(self, start: datetime) -> None:
        self._now, self._lock = start, threading.Lock()

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> bool:
        """Move on; False when that would be back. The offset stays that of the start."""
        with self._lock:
            if to < self._now:
                return False
            self._now = to.astimezone(self._now.tzinfo)
            return True
