"""What goes out, what carries it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.alerts.events.message import MessageIssued
from services.alerts.formats.model import CapAlert, CapInfo
from shared.reach.ports import Letter, Outcome


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A message of one of our own warnings, as fact and as CAP in Chinese and English."""

    issued: MessageIssued
    cap: CapAlert
    answer: str | None = None  # the address where its recipient acknowledges

    def info(self, language: str) -> CapInfo:
        """The text in a language (`zh`, `en`)."""
        return next(info for info in self.cap.infos if info.language.startswith(language))


class Carrier(Protocol):
    """One attempt over one channel. May take seconds; raises nothing it knows."""

    def deliver(self, letter: Letter, bulletin: Bulletin) -> Outcome: ...


NO_ADDRESS = "no address: give one with SetContact; tell this recipient by HandOutLink or on the printed list"
