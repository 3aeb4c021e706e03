"""Which deadlines an event starts and stops: all of them are carried by the facts."""

from __future__ import annotations

from services.privacy.deciders import DECIDERS
from shared.handling.clocked import CarriedClocks, clock_families

due = CarriedClocks(DECIDERS).due
DUE_FAMILIES: tuple[str, ...] = clock_families("privacy")
