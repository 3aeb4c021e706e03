"""A CAP message as values (OASIS CAP 1.2, section 3.2), what was wrong with it, and what came of reading a body."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MESSAGE_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other")
RESPONSES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")


class Value(msgspec.Struct, frozen=True, gc=False):
    """Made by the dozen for every message: a struct is made in a tenth of the time of a frozen dataclass, and no collector looks at it."""


class Reference(Value, frozen=True):
    """An earlier message: one `sender,identifier,sent` triple; what the sender left out is empty or None."""

    sender: str
    identifier: str
    sent: datetime | None = None


class Named(Value, frozen=True):
    """A `valueName` with its `value`: event codes, parameters, geocodes."""

    name: str
    value: str


class CapResource(Value, frozen=True):
    """A file beside the text. The bytes inside a `derefUri` stay in the raw message; here is only how many characters they are."""

    desc: str = ""
    mime_type: str = ""
    size: int | None = None
    uri: str = ""
    digest: str = ""
    deref_uri: str = ""  # filled only when read `whole`
    deref_size: int = 0


class Withheld(Value, frozen=True):
    """Geometry too large for an event: it stays in the raw message, this describes it."""

    digest: str  # SHA-256 of the polygons' texts, each followed by a line feed
    size: int  # characters
    bbox: tuple[float, float, float, float]  # south, west, north, east


class CapArea(Value, frozen=True):
    """Where: polygons `lat,lon lat,lon ...` (closed, WGS 84) and circles `lat,lon km` in CAP's own notation, after repair."""

    desc: str = ""
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[Named, ...] = ()
    altitude: Decimal | None = None
    ceiling: Decimal | None = None
    withheld: Withheld | None = None


class CapInfo(Value, frozen=True):
    """What is told, in one language. An empty required field means that the sender left it out."""

    language: str = "en-US"
    categories: tuple[str, ...] = ()
    event: str = ""
    response_types: tuple[str, ...] = ()
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    audience: str = ""
    event_codes: tuple[Named, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Named, ...] = ()
    resources: tuple[CapResource, ...] = ()
    areas: tuple[CapArea, ...] = ()


class CapAlert(Value, frozen=True):
    """One CAP message. Fit for an event: below 256 KB as JSON unless it was read `whole`."""

    identifier: str
    sender: str
    sent: datetime
    status: str = "Actual"
    msg_type: str = "Alert"
    scope: str = "Public"
    source: str = ""
    restriction: str = ""
    addresses: str = ""
    code: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: str = ""
    infos: tuple[CapInfo, ...] = ()
    signed: bool = False  # carried an XML signature when it was received


class Fault(Value, frozen=True):
    """One thing that was wrong, repaired, assumed or (as a note) left in the raw message."""

    code: str  # stable: `polygon.order`, `expires.assumed`, `schema`
    message: str
    path: str = ""  # `info[1]/area[2]/polygon[1]`, or `line 12`


class Message(Value, frozen=True):
    """A message that was understood, with its faults, notes that are none, and its own bytes."""

    alert: CapAlert
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    raw: bytes


class Unreadable(Value, frozen=True):
    """A message nobody can act on without a person: why, and its own bytes."""

    reason: str
    code: str  # stable: `xml.broken`, `limit.size`, `status.unknown`
    raw: bytes


Item = Message | Unreadable


class Reading(Value, frozen=True):
    """All messages of a body in their order. Empty only when a known feed said that it holds none."""

    items: tuple[Item, ...]
    form: str  # cap, atom, rss, edxl-de, wrapper, json, unknown


class NotUnderstood(Exception):
    """Raised inside the reader where a message cannot be understood; becomes an `Unreadable`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason
