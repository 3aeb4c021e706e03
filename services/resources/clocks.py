"""Which deadlines an event starts and stops. The due times are in the events; timers send the command when one passes."""

from __future__ import annotations

from services.resources.deciders import DECIDERS
from shared.handling.clocked import CarriedClocks, clock_families

DUE_FAMILIES: tuple[str, ...] = clock_families("resources")
due = CarriedClocks(DECIDERS).due
