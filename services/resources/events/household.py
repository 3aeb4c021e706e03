"""Households that may be helped (domain 3.14). Who they are lies in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.household.registered.v1")
@dataclass(frozen=True, slots=True)
class HouseholdRegistered:
    """A household, or what changed of it. `person` refers to the values in the vault, `fields` names which were given."""

    household: str
    village: str  # division code
    persons: int
    person: str | None
    fields: tuple[str, ...]
    purpose: str
    by: str
    at: datetime
    version: int = 1
