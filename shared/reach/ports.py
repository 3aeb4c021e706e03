"""What goes out, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from shared.kernel.commands import Command
from shared.kernel.envelope import Recorded


class Delivery(StrEnum):
    """What became of reaching a recipient."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery that waits: about something, for one recipient, over one channel."""

    position: int  # of the event that queued it
    event: str  # its id: the same on every attempt, so that the other end can tell a repeat
    about: str
    recipient: str
    channel: str
    identifier: str  # which of the messages about it
    division: str | None
    attempts: int = 0


class Dropped(NamedTuple):
    """Letters that are not to be sent any more, and why; one that is just being sent says what became of it."""

    about: str
    recipient: str
    channel: str
    why: str


class Told(NamedTuple):
    """A letter whose fate the log knows."""

    about: str
    recipient: str
    channel: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt; `QUEUED` asks for another one. `detail` goes into the log: our own words, never an address."""

    state: Delivery
    detail: str = ""


class Correspondence(Protocol):
    """What a service sends, how, and how its log is told."""

    def noted(self, recorded: Recorded) -> Letter | Told | Dropped | None:
        """What a fact of the log means for the queue."""
        ...

    def attempt(self, letter: Letter, now: datetime) -> Outcome | Callable[[], Outcome]:
        """What stands against sending it now, or the attempt. That runs in a thread, may take seconds, and raises nothing it knows."""
        ...

    def report(self, letter: Letter, state: Delivery, detail: str, now: datetime) -> Command:
        """What tells the log."""
        ...
