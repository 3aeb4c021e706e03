"""The compensation service as a host runs it."""

from __future__ import annotations

from services.alerts.events.leading import IncidentMerged
from services.compensation.clocks import DUE_FAMILIES, due
from services.compensation.deciders import DECIDERS
from services.compensation.policies import POLICIES
from services.compensation.projections.claims import Claims
from services.compensation.projections.records import Records
from shared.handling.declare import Service
from shared.handling.merging import Mergers

COMPENSATION = Service(
    name="compensation",
    letter="c",
    deciders=DECIDERS,
    projections=(Claims(), Records(), Mergers(IncidentMerged)),
    policies=POLICIES,
    due=due,
    due_families=DUE_FAMILIES,
)
