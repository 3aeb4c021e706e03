"""The registry service as a host runs it."""

from __future__ import annotations

from services.registry.clocks import DUE_FAMILIES, due
from services.registry.deciders.divisions import DIVISIONS
from services.registry.deciders.organs import ORGAN
from services.registry.deciders.packs import PACK
from services.registry.deciders.rosters import ROSTER
from services.registry.projections.divisions import DivisionList
from services.registry.projections.organs import AdoptionList, OrganList
from services.registry.projections.rosters import RosterList
from shared.handling.declare import Service

REGISTRY = Service(
    name="registry",
    letter="r",
    deciders=(DIVISIONS, ORGAN, PACK, ROSTER),
    projections=(DivisionList(), OrganList(), AdoptionList(), RosterList()),
    due=due,
    due_families=DUE_FAMILIES,
)
