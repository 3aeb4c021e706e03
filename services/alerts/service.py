"""The alerts service as a host runs it."""

from __future__ import annotations

from services.alerts.clocks import DUE_FAMILIES, due
from services.alerts.deciders import DECIDERS
from services.alerts.policies import POLICIES
from services.alerts.projections.board import Board
from services.alerts.projections.clocks import ClockBoard
from services.alerts.projections.quarantine import Quarantine
from services.alerts.projections.reach import Reach
from services.alerts.projections.series import Series
from shared.handling.declare import Service

ALERTS = Service(
    name="alerts",
    letter="a",
    deciders=DECIDERS,
    projections=(Series(), Reach(), Quarantine(), Board(), ClockBoard()),
    policies=POLICIES,
    due=due,
    due_families=DUE_FAMILIES,
)
