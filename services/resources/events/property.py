"""Property that may be requisitioned: what an owner has, registered ahead of need (RQ-03; title four of callable supply)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.property.registered.v1")
@dataclass(frozen=True, slots=True)
class PropertyRegistered:
    """So much of an item of the catalogue, with this owner, at this place; registered again it is as said last."""

    property: str
    item: str  # of the catalogue
    name: str
    owner: str  # public id
    place: str  # division code
    quantity: int
    model: str
    division: str | None
    by: str
    at: datetime


@event("resources.property.retired.v1")
@dataclass(frozen=True, slots=True)
class PropertyRetired:
    """It is no longer there to be called on."""

    property: str
    reason: str
    by: str
    at: datetime


@event("resources.guard.property_taken.v1")
@dataclass(frozen=True, slots=True)
class PropertyHeld:
    """On the thing itself, known by owner and description: this requisition has it, and no other."""

    thing: str
    requisition: str
    division: str | None
    at: datetime


@event("resources.guard.property_freed.v1")
@dataclass(frozen=True, slots=True)
class PropertyFreed:
    """It is back, or lost."""

    thing: str
    requisition: str
    at: datetime


RegisterEvent = PropertyRegistered | PropertyRetired
ThingEvent = PropertyHeld | PropertyFreed
