"""What resources keeps of urgent periods and responses: powers over property rest on them, and end with them (FCL-45, DRT-47, ERL-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.guard.urgent_period_noted.v1")
@dataclass(frozen=True, slots=True)
class UrgentPeriodNoted:
    """On the division that declared it: the period opens these powers until then; `open` False: it was ended. `source` is the event it
    was read from."""

    period: str
    division: str | None
    powers: tuple[str, ...]
    until: datetime | None
    open: bool
    source: str
    at: datetime


@event("resources.guard.response_noted.v1")
@dataclass(frozen=True, slots=True)
class ResponseNoted:
    """On the incident: a response to it runs, or runs no more."""

    incident: str
    activation: str
    open: bool
    at: datetime
    division: str | None = None  # of the response


@event("resources.guard.requisition_held.v1")
@dataclass(frozen=True, slots=True)
class RequisitionHeld:
    """On the incident: property was taken for it and is not back."""

    incident: str
    requisition: str
    division: str | None
    at: datetime


@event("resources.guard.requisition_let_go.v1")
@dataclass(frozen=True, slots=True)
class RequisitionLetGo:
    """On the incident: that property is back, or lost."""

    incident: str
    requisition: str
    at: datetime


@event("resources.requisition.returns_asked.v1")
@dataclass(frozen=True, slots=True)
class ReturnsAsked:
    """On the incident: the last response ended, so that everything taken for it goes back (ERL-12, NDR-15)."""

    incident: str
    requisitions: tuple[str, ...]
    reason: str
    at: datetime


UrgentEvent = UrgentPeriodNoted
HeldEvent = ResponseNoted | RequisitionHeld | RequisitionLetGo | ReturnsAsked
