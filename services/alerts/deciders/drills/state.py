"""What is known of a drill, folded from its events; and the states it goes through (domain 3.21)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.drills.commands import (
    CancelDrill,
    EndDrill,
    EvaluateDrill,
    Inject,
    LinkPlanRevision,
    RecordFinding,
    ScheduleDrill,
    SettleFinding,
    StartDrill,
)
from services.alerts.events.clock import ClockMissed
from services.alerts.events.drill import (
    DrillCancelled,
    DrillEnded,
    DrillEvaluated,
    DrillEvent,
    DrillFindingRecorded,
    DrillFindingSettled,
    DrillFollowed,
    DrillPlanRevisionLinked,
    DrillScheduled,
    DrillStarted,
    DrillUnit,
    InjectDelivered,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, SCHEDULED, RUNNING, ENDED, EVALUATED, CANCELLED = "new", "scheduled", "running", "ended", "evaluated", "cancelled"
PLAYED = (RUNNING, ENDED, EVALUATED)

DRILL_FLOW = Flow(
    "drill.life",
    {
        (NEW, ScheduleDrill): SCHEDULED,
        (NEW, StartDrill): RUNNING,
        (SCHEDULED, StartDrill): RUNNING,
        (SCHEDULED, CancelDrill): CANCELLED,
        (RUNNING, Inject): RUNNING,
        (RUNNING, EndDrill): ENDED,
        (ENDED, EvaluateDrill): EVALUATED,
        **{(status, RecordFinding): status for status in PLAYED},
        **{(status, SettleFinding): status for status in PLAYED},
        **{(status, LinkPlanRevision): status for status in (ENDED, EVALUATED)},
    },
)


class Drill(msgspec.Struct, frozen=True):
    """A drill. Its findings are open (True) or settled (False)."""

    status: str = NEW
    division: str | None = None
    unit: DrillUnit = DrillUnit.PUBLIC
    plan: str | None = None
    previous: str | None = None
    injects: frozenset[str] = frozenset()
    findings: Mapping[str, bool] = {}
    organ: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    clocks: Clocks = STILL

    @property
    def open(self) -> tuple[str, ...]:
        """Findings that nobody has settled yet, oldest first."""
        return tuple(finding for finding, waits in self.findings.items() if waits)


def evolve(drill: Drill, event: DrillEvent | ClockMissed) -> Drill:
    """The drill after the event."""
    if isinstance(event, ClockMissed):
        return replace(drill, clocks=drill.clocks.miss(event.key))
    ended = (*getattr(event, "met", ()), *getattr(event, "stopped", ()))
    drill = replace(drill, clocks=drill.clocks.end(event.at, *ended).start(*getattr(event, "clocks", ())))
    match event:
        case DrillScheduled(division=division, unit=unit, plan=plan, previous=previous, organ=organ):
            return replace(drill, status=SCHEDULED, division=division, unit=unit, plan=plan, previous=previous, organ=organ)
        case DrillStarted(division=division, unit=unit, plan=plan, previous=previous, organ=organ):
            begun = replace(drill, status=RUNNING, division=division, unit=unit, plan=plan, previous=previous, organ=organ)
            return replace(begun, started_at=event.at)
        case InjectDelivered(inject=inject):
            return replace(drill, injects=drill.injects | {inject})
        case DrillEnded(at=at):
            return replace(drill, status=ENDED, ended_at=at)
        case DrillCancelled():
            return replace(drill, status=CANCELLED)
        case DrillFindingRecorded(finding=finding):
            return replace(drill, findings={**drill.findings, finding: True})
        case DrillFindingSettled(finding=finding):
            return replace(drill, findings={**drill.findings, finding: False})
        case DrillPlanRevisionLinked(findings=findings):
            return replace(drill, findings={**drill.findings, **dict.fromkeys(findings, False)})
        case DrillEvaluated():
            return replace(drill, status=EVALUATED)
        case DrillFollowed():
            return drill
        case _:
            assert_never(event)


def about(drill: Drill) -> About:
    """Internal to the organs of the own chain: players are told by injects, not by looking ahead."""
    return About(drill.division, "internal")
