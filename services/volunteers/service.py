"""The volunteers service as a host runs it."""

from __future__ import annotations

from services.alerts.events.leading import IncidentMerged
from services.volunteers.clocks import DUE_FAMILIES, due
from services.volunteers.deciders import DECIDERS
from services.volunteers.policies import POLICIES
from services.volunteers.projections.assessments import Assessments
from services.volunteers.projections.callups import CallUps
from services.volunteers.projections.claims import Claims
from services.volunteers.projections.engagements import Engagements
from services.volunteers.projections.forces import Forces
from services.volunteers.projections.holds import Holds
from services.volunteers.projections.honours import Honours
from services.volunteers.projections.hours import Hours
from services.volunteers.projections.incidents import Incidents
from services.volunteers.projections.insurance import Insurance
from services.volunteers.projections.letters import Letters
from services.volunteers.projections.volunteers import Volunteers
from shared.handling.declare import Service
from shared.handling.merging import Mergers

VOLUNTEERS = Service(
    name="volunteers",
    letter="v",
    deciders=DECIDERS,
    projections=(
        Volunteers(),
        Forces(),
        Insurance(),
        CallUps(),
        Letters(),
        Engagements(),
        Hours(),
        Honours(),
        Claims(),
        Incidents(),
        Assessments(),
        Holds(),
        Mergers(IncidentMerged),
    ),
    policies=POLICIES,
    due=due,
    due_families=DUE_FAMILIES,
)
