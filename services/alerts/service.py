"""The alerts service as a host runs it."""

from __future__ import annotations

from services.alerts.api.live import Circle
from services.alerts.clocks import DUE_FAMILIES, due
from services.alerts.deciders import DECIDERS
from services.alerts.policies import POLICIES
from services.alerts.projections.board import Board
from services.alerts.projections.clocks import ClockBoard
from services.alerts.projections.decisions import Decisions
from services.alerts.projections.drills import Drills
from services.alerts.projections.evacuations import Evacuations
from services.alerts.projections.flights import Flights
from services.alerts.projections.incidents import Incidents
from services.alerts.projections.orders import Orders
from services.alerts.projections.plans import Plans
from services.alerts.projections.quarantine import Quarantine
from services.alerts.projections.reach import Reach
from services.alerts.projections.releases import Releases
from services.alerts.projections.reports import Reports
from services.alerts.projections.responses import Responses
from services.alerts.projections.series import Series
from services.alerts.projections.supplies import Supplies
from services.alerts.projections.tasks import Tasks
from services.alerts.projections.triage import TriageQueue
from shared.handling.declare import Service

ALERTS = Service(
    name="alerts",
    letter="a",
    deciders=DECIDERS,
    projections=(
        Series(),
        Reach(),
        Quarantine(),
        Board(),
        Incidents(),
        Reports(),
        TriageQueue(),
        ClockBoard(),
        Decisions(),
        Plans(),
        Drills(),
        Responses(),
        Orders(),
        Tasks(),
        Evacuations(),
        Flights(),
        Releases(),
        Supplies(),
    ),
    policies=POLICIES,
    due=due,
    due_families=DUE_FAMILIES,
    matters=Circle,
)
