"""What follows from a fact: sentences without memory. Each command's id follows from the event, so it counts once."""

from __future__ import annotations

from services.resources.policies.dispatch import DISPATCH
from services.resources.policies.giving import GIVING
from services.resources.policies.incidents import INCIDENTS
from services.resources.policies.notices import NOTICES
from services.resources.policies.requests import REQUESTS
from services.resources.policies.requisitions import REQUISITIONS
from services.resources.policies.stocktakes import STOCKTAKES
from shared.handling.declare import Policy

POLICIES: tuple[Policy, ...] = (*INCIDENTS, *NOTICES, *DISPATCH, *REQUESTS, *REQUISITIONS, *GIVING, *STOCKTAKES)
