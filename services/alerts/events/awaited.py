"""What is awaited of a report by what becomes of its incident: more while it is graver, nothing once it is over (PSIR art. 10, 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("alerts.report.asked_further.v1")
@dataclass(frozen=True, slots=True)
class ReportAskedFurther:
    """Its incident is graver than when it went up: who received it last owes it to the level above (PSIR art. 10, 13)."""

    report: str
    incident: str
    grade: EventGrade | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("alerts.report.clocks_stopped.v1")
@dataclass(frozen=True, slots=True)
class ReportClocksStopped:
    """Its incident is over, and how: what was still awaited of it is awaited no longer."""

    report: str
    incident: str
    reason: str
    at: datetime
    stopped: tuple[str, ...] = ()


Awaited = ReportAskedFurther | ReportClocksStopped
