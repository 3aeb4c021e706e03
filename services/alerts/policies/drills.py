"""What follows from a drill: its plan has been drilled, and the drill before it calls for no other."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.deciders.drills.commands import FollowDrill
from services.alerts.deciders.plans.commands import RecordPlanDrill
from services.alerts.events.drill import DrillEvaluated
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_drill_evaluated_then_record_plan_drill(event: DrillEvaluated, at: Envelope) -> Iterable[Command]:
    if event.plan:
        findings = f"{event.drill}: {event.findings} findings"
        yield RecordPlanDrill(by=system(at), now=at.time, plan=event.plan, held=event.ended_at, findings=findings)


def when_drill_evaluated_then_follow_the_one_before(event: DrillEvaluated, at: Envelope) -> Iterable[Command]:
    if event.previous:
        yield FollowDrill(by=system(at), now=at.time, drill=event.previous, next=event.drill)


_EVALUATED = "alerts.drill.evaluated.v1"

DRILLS: tuple[Policy, ...] = (
    policy(_EVALUATED, when_drill_evaluated_then_record_plan_drill),
    policy(_EVALUATED, when_drill_evaluated_then_follow_the_one_before),
)
