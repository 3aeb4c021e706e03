"""What is in force because of a warning: the warning period and its measures (ERL art. 64, 66, 67, 70)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("alerts.warning_period.entered.v1")
@dataclass(frozen=True, slots=True)
class WarningPeriodEntered:
    """A government declares the warning period (ERL art. 64), or moves its end."""

    alert: str
    until: datetime
    by: str
    at: datetime


@event("alerts.warning_period.ended.v1")
@dataclass(frozen=True, slots=True)
class WarningPeriodEnded:
    """The period is over: by itself, or with its warning (ERL art. 70)."""

    alert: str
    at: datetime


@event("alerts.alert.measure_started.v1")
@dataclass(frozen=True, slots=True)
class MeasureStarted:
    """A measure of ERL art. 66 or 67 is in force; it belongs to this warning until lifted."""

    alert: str
    measure: str
    kind: str
    basis: str
    by: str
    at: datetime
    division: str | None = None  # of who started it: it and those above lift it


@event("alerts.alert.measure_lifted.v1")
@dataclass(frozen=True, slots=True)
class MeasureLifted:
    """A measure ended: by itself, or because the warning did (ERL art. 70)."""

    alert: str
    measure: str
    reason: str
    at: datetime


MeasureEvent = WarningPeriodEntered | WarningPeriodEnded | MeasureStarted | MeasureLifted
