"""What follows from a fact: sentences without memory. Each command's id follows from the event, so it counts once."""

from __future__ import annotations

from services.volunteers.policies.callups import CALLUPS
from services.volunteers.policies.covers import COVERS
from services.volunteers.policies.forces import FORCES
from services.volunteers.policies.hours import HOURS
from services.volunteers.policies.leaving import LEAVING
from shared.handling.declare import Policy

POLICIES: tuple[Policy, ...] = (
    *COVERS,
    *FORCES,
    *LEAVING,
    *CALLUPS,
    *HOURS,
)
