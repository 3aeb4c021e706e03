"""What came in and could not be read: kept with its raw bytes until a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event


class Resolution(StrEnum):
    """How a person settled what could not be read."""

    DISCARDED = "discarded"
    REPLACED = "replaced"  # the sender sent it again, readable
    UNDERSTOOD = "understood"  # read by a person, and acted on


@event("alerts.import.quarantined.v1")
@dataclass(frozen=True, slots=True)
class ImportQuarantined:
    """A body that cannot be understood. Its bytes are the blob `digest`; nothing is lost."""

    quarantine: str
    digest: str
    code: str
    reason: str
    size: int
    at: datetime
    content_type: str = ""
    source: str = ""
    division: str | None = None


@event("alerts.import.resolved.v1")
@dataclass(frozen=True, slots=True)
class ImportResolved:
    """A person looked and decided."""

    quarantine: str
    decision: Resolution
    reason: str
    by: str
    at: datetime
    replaced_by: str | None = None  # the identifier of the message that took its place


QuarantineEvent = ImportQuarantined | ImportResolved
