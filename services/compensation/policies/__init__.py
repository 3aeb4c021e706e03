"""What follows from a fact: sentences without memory. Each command's id follows from the event, so it counts once."""

from __future__ import annotations

from services.compensation.policies.claims import CLAIMS
from services.compensation.policies.takings import TAKINGS
from shared.handling.declare import Policy

POLICIES: tuple[Policy, ...] = (*CLAIMS, *TAKINGS)
