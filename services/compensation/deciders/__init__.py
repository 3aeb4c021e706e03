"""What compensation decides: one decider per aggregate."""

from __future__ import annotations

from typing import Any

from services.compensation.deciders.claims.claim import CLAIM
from services.compensation.deciders.entitlements.entitlement import ENTITLEMENT
from services.compensation.deciders.entitlements.leader import LEADER
from services.compensation.deciders.entitlements.once import ONCE
from services.compensation.deciders.entitlements.place import PLACE
from services.compensation.deciders.tariff import TARIFF
from shared.kernel.decider import Decider

DECIDERS: tuple[Decider[Any], ...] = (CLAIM, ENTITLEMENT, LEADER, ONCE, PLACE, TARIFF)
