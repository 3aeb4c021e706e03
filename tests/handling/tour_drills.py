"""One accepted example of every command of drills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.alerts.deciders.drills import commands as drills
from services.alerts.deciders.plans.commands import AdoptPlan
from services.alerts.events.plan_content import Authority, PlanLevel, PlanMeasure, PlanType
from services.alerts.events.scales import ResponseLevel
from shared.kernel.commands import Command, Signature
from tests.alerts.world import RULES
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA, OFFICER

SYSTEM = Signature("SYS", ("SYS",), AREA)


def drills_tour(desk: Desk) -> Iterator[Command]:
    """A drill of a plan from its schedule to the revision it led to, one that is not held, and one that nobody follows."""
    hour, signed = timedelta(hours=1), {"by": OFFICER, "now": desk.now}
    level = PlanLevel(ResponseLevel.III, Authority(("GOV",), AREA), "rain", (PlanMeasure("PM-1", "watch the river"),), expected_hours=24)
    plan = {"type": PlanType.SPECIAL, "hazard": "11B99", "title": "drilled", "levels": (level,), "reference": "2020 no. 1", "owner": AREA}
    yield AdoptPlan(**signed, plan="PLAN-D", **plan)
    for name in ("DR-0", "DR-1"):
        yield drills.ScheduleDrill(**signed, drill=name, division=AREA, title="flood", starts_at=desk.now + hour, plan="PLAN-D")
    yield drills.CancelDrill(**signed, drill="DR-0", reason="a real flood")
    yield drills.StartDrill(**signed, drill="DR-1", division=AREA, exercise=True)
    yield drills.Inject(**signed, drill="DR-1", inject="IN-1", text="the dam leaks", to=(OFFICER.actor,))
    for finding in ("F-1", "F-2"):
        yield drills.RecordFinding(**signed, drill="DR-1", finding=finding, text="no siren", owner=OFFICER.actor, due=desk.now + hour)
    yield drills.SettleFinding(**signed, drill="DR-1", finding="F-2", how="a siren")
    yield drills.EndDrill(**signed, drill="DR-1")
    assessment = {row["id"]: "good" for row in RULES.value("drill.evaluation")}
    yield drills.EvaluateDrill(**signed, drill="DR-1", assessment=assessment)
    yield drills.EscalateDrillClock(by=SYSTEM, now=desk.now + hour, drill="DR-1", key="finding.F-1")
    yield drills.LinkPlanRevision(**signed, drill="DR-1", plan="PLAN-D", version=1)
    yield drills.StartDrill(**signed, drill="DR-2", division=AREA, exercise=True)
    yield drills.EndDrill(**signed, drill="DR-2")
    yield drills.EvaluateDrill(**signed, drill="DR-2", assessment=assessment)
    yield drills.FollowDrill(by=SYSTEM, now=desk.now, drill="DR-2", next="DR-3")
