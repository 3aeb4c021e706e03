"""CAP messages as they pass: received from anywhere, or issued by us. The raw bytes are a blob; the event names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.alerts.events.content import AlertContent, MessageReference
from shared.kernel.events import event


class MessageArea(msgspec.Struct, frozen=True, gc=False):
    """An area in short: its words, its codes and the box around its geometry (west, south, east, north)."""

    desc: str
    geocodes: tuple[tuple[str, str], ...] = ()
    bbox: tuple[float, float, float, float] | None = None


class MessageInfo(msgspec.Struct, frozen=True, gc=False):
    """One `info` in short: what lists and maps show. Everything else is in the raw bytes."""

    language: str
    event: str
    categories: tuple[str, ...] = ()
    event_code: str = ""
    severity: str = "Unknown"
    urgency: str = "Unknown"
    certainty: str = "Unknown"
    headline: str = ""
    sender_name: str = ""
    onset: datetime | None = None
    expires: datetime | None = None
    areas: tuple[MessageArea, ...] = ()


class MessageFault(msgspec.Struct, frozen=True, gc=False):
    """What breaks the standard in a message that can still be understood."""

    code: str
    message: str
    path: str = ""


class ReceivedMessage(msgspec.Struct, frozen=True, gc=False):
    """A message as it was read: lenient in, with every fault listed."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    digest: str  # of the raw bytes, which are kept as a blob under this name
    meaning: str = ""  # of what was read: the same message in another wrapping has another digest but the same meaning
    references: tuple[MessageReference, ...] = ()
    infos: tuple[MessageInfo, ...] = ()
    faults: tuple[MessageFault, ...] = ()
    source: str = ""  # the format it came in: cap-1.2, atom, cma-map ...
    division: str | None = None  # the smallest known division that holds its areas
    note: str = ""


@event("alerts.message.received.v1")
@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message nobody had seen before. `series` is the identifier of the first message it continues, or its own."""

    series: str
    message: ReceivedMessage
    at: datetime


@event("alerts.message.conflicting.v1")
@dataclass(frozen=True, slots=True)
class MessageConflicting:
    """Same identifier, sender and time as one we hold, but other bytes: kept beside it, and a person looks."""

    series: str
    message: ReceivedMessage
    at: datetime


@event("alerts.message.issued.v1")
@dataclass(frozen=True, slots=True)
class MessageIssued:
    """What one of our own warnings tells the public: all a CAP writer needs, and nothing internal."""

    identifier: str
    sender: str
    sent: datetime
    msg_type: str  # Alert, Update, Cancel
    series: str  # the first identifier
    alert: str
    content: AlertContent
    references: tuple[MessageReference, ...] = ()
    note: str = ""
    division: str | None = None
    status: str = "Actual"
    scope: str = "Public"


MessageEvent = MessageReceived | MessageConflicting | MessageIssued
