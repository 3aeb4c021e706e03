"""What is known of an evacuation, folded from its facts, and which command fits which state (domain 3.26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.alerts.deciders.evacuations.commands import AmendEvacuation, IssueEvacuation, ReportCleared, ReturnEvacuees, ReviewEvacuation
from services.alerts.events.clock import ClockMissed
from services.alerts.events.evacuation import (
    EvacuationAmended,
    EvacuationEvent,
    EvacuationIssued,
    EvacuationReviewed,
    EvacueesReturned,
    Group,
    HouseholdsCleared,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, ISSUED, UNDERWAY, CLEARED, RETURNED = "new", "issued", "underway", "cleared", "returned"
SAID = ("areas", "shelter", "route", "headcount", "households", "groups", "due")  # what an amendment may change


@dataclass(frozen=True, slots=True)
class Evacuation:
    """One evacuation: what it says, which areas have reported themselves empty and in which people are left."""

    status: str = NEW
    by: str = ""
    areas: tuple[str, ...] = ()
    shelter: str | None = None
    route: str = ""
    headcount: int | None = None
    households: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)
    due: datetime | None = None
    division: str | None = None
    incident: str | None = None
    visibility: str = "internal"
    missing: tuple[str, ...] = ()
    emptied: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    round: int = 1
    clocks: Clocks = STILL

    def heard(self, area: str | None, remaining: int | None) -> Evacuation:
        """After an area's report. Its last word counts: whoever it says remains is not out."""
        where = frozenset({area} if area else ())
        if remaining:
            return replace(self, emptied=self.emptied - where, left=self.left | where)
        return replace(self, emptied=self.emptied | where, left=self.left - where)

    @property
    def whole(self) -> bool:
        """Every area reported itself empty, and none that people are left."""
        return not self.left and self.emptied >= set(self.areas)


FLOW = Flow(
    "evacuation.life",
    {
        (NEW, IssueEvacuation): ISSUED,
        **{(status, kind): status for status in (ISSUED, UNDERWAY, CLEARED) for kind in (AmendEvacuation, ReviewEvacuation)},
        **{(status, ReportCleared): UNDERWAY for status in (ISSUED, UNDERWAY, CLEARED, RETURNED)},
        **{(status, ReturnEvacuees): RETURNED for status in (ISSUED, UNDERWAY, CLEARED)},
    },
)


def evolve(evacuation: Evacuation, event: EvacuationEvent | ClockMissed) -> Evacuation:
    """The evacuation after the event."""
    match event:
        case ClockMissed(key=key):
            return replace(evacuation, clocks=evacuation.clocks.miss(key))
        case EvacuationReviewed(at=at, met=met, clocks=clocks):
            return replace(evacuation, clocks=evacuation.clocks.end(at, *met).start(*clocks))
        case EvacuationIssued() | EvacuationAmended():
            said = {name: getattr(event, name) for name in (*SAID, "missing")}
            if isinstance(event, EvacuationAmended):
                status = UNDERWAY if event.reopened else evacuation.status
                return replace(evacuation, **said, status=status, round=event.round)
            new = Evacuation(ISSUED, event.by, division=event.division, incident=event.incident, visibility=event.visibility)
            return replace(new, **said, clocks=STILL.start(*event.clocks))
        case HouseholdsCleared(area=area):
            status = evacuation.status if evacuation.status == RETURNED else CLEARED if event.whole else UNDERWAY
            return replace(evacuation.heard(area, event.remaining), status=status, round=event.round)
        case EvacueesReturned(at=at, stopped=stopped):
            return replace(evacuation, status=RETURNED, clocks=evacuation.clocks.end(at, *stopped))
        case _:
            assert_never(event)


def about(evacuation: Evacuation) -> About:
    """As narrow as its incident; the organs of the own chain at most."""
    return About(evacuation.division, evacuation.visibility, evacuation.incident)
