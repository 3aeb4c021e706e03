"""What stands in the way of closing an incident: a list of its own that each part of the system keeps current (domain 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("alerts.closure.item_opened.v1")
@dataclass(frozen=True, slots=True)
class ClosureItemOpened:
    """Something runs for the incident and must be settled before it is closed."""

    incident: str
    item: str
    kind: str  # activation, alert, order, ...
    division: str | None
    at: datetime
    visibility: str = "internal"
    stopped: tuple[str, ...] = ()


@event("alerts.closure.item_settled.v1")
@dataclass(frozen=True, slots=True)
class ClosureItemSettled:
    """It ended, and how. What counts only once it is over has no other fact."""

    incident: str
    item: str
    kind: str
    how: str
    at: datetime
    met: tuple[str, ...] = ()
    division: str | None = None
    visibility: str = "internal"


@event("alerts.closure.items_carried.v1")
@dataclass(frozen=True, slots=True)
class ClosureItemsCarried:
    """The incident was merged into another: its open items, as (item, kind), and all that come later go on there."""

    incident: str
    into: str
    items: tuple[tuple[str, str], ...]
    division: str | None
    at: datetime
    visibility: str = "internal"
    stopped: tuple[str, ...] = ()


@event("alerts.closure.item_forwarded.v1")
@dataclass(frozen=True, slots=True)
class ClosureItemForwarded:
    """Something was opened or settled for an incident that was merged: it counts for the other."""

    incident: str
    into: str
    item: str
    kind: str
    how: str | None  # None: opened
    at: datetime


@event("alerts.evaluation.due.v1")
@dataclass(frozen=True, slots=True)
class EvaluationDue:
    """The last response ended: loss, causes and lessons are owed now (ERL art. 87, 92)."""

    incident: str
    at: datetime
    clocks: tuple[Due, ...] = ()


ClosureEvent = ClosureItemOpened | ClosureItemSettled | ClosureItemsCarried | ClosureItemForwarded | EvaluationDue
