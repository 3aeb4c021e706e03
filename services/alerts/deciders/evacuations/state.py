"""What is known of an evacuation, folded from its facts, and which command fits which state (domain 3.26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.alerts.deciders.evacuations.commands import (
    AmendEvacuation,
    FileEvacuation,
    IssueEvacuation,
    ReportCleared,
    ReturnEvacuees,
    ReviewEvacuation,
)
from services.alerts.deciders.reports.figures import uppermost
from services.alerts.events.clock import ClockMissed
from services.alerts.events.evacuation import (
    EvacuationAmended,
    EvacuationEvent,
    EvacuationFiled,
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
_COUNTED = ("people", "refused", "remaining", "households")
SAID = ("areas", "shelter", "route", "headcount", "households", "groups", "due")  # what an amendment may change


@dataclass(frozen=True, slots=True)
class Count:
    """What an area has reported; `above` are the divisions over it."""

    people: int | None
    refused: int | None
    remaining: int | None
    above: tuple[str, ...] = ()
    households: int | None = None

    @property
    def accounted(self) -> int:
        """Who left and who would not."""
        return (self.people or 0) + (self.refused or 0)


@dataclass(frozen=True, slots=True)
class Evacuation:
    """One evacuation: what it says, and what each area has reported."""

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
    reports: Mapping[str, Count] = field(default_factory=dict)
    round: int = 1
    filed: bool = False
    clocks: Clocks = STILL
    doubted: int = 0  # numbers in doubt so far

    def heard(self, area: str, said: Count) -> Evacuation:
        """After an area's report. Its last word counts; what that leaves out stays as it was said."""
        was = self.reports.get(area, said)
        kept = {name: getattr(was if getattr(said, name) is None else said, name) for name in _COUNTED}
        return replace(self, reports={**self.reports, area: replace(said, **kept)})

    @property
    def whole(self) -> bool:
        """No area says that people are left, and every one that nobody is; or all were heard of, and who left and who would not are
        the headcount. What was not said is not zero."""
        said = self.reports
        if any(one.remaining for one in said.values()):
            return False
        if all(area in said and said[area].remaining == 0 for area in self.areas):
            return True
        heard = {over for area, one in said.items() for over in (area, *one.above)}
        return self.headcount is not None and heard.issuperset(self.areas) and self.accounted >= self.headcount

    @property
    def outer(self) -> tuple[Count, ...]:
        """What was counted, no part beside its whole."""
        above = {area: one.above for area, one in self.reports.items()}
        return tuple(self.reports[area] for area in uppermost(above, self.reports))

    @property
    def accounted(self) -> int:
        """Who left and who would not, of all areas."""
        return sum(one.accounted for one in self.outer)

    @property
    def left(self) -> int:
        """Who is known to have left."""
        return sum(one.people or 0 for one in self.outer)


FLOW = Flow(
    "evacuation.life",
    {
        (NEW, IssueEvacuation): ISSUED,
        **{(status, kind): status for status in (ISSUED, UNDERWAY, CLEARED) for kind in (AmendEvacuation, ReviewEvacuation)},
        **{(status, ReportCleared): UNDERWAY for status in (ISSUED, UNDERWAY, CLEARED, RETURNED)},
        **{(status, ReturnEvacuees): RETURNED for status in (ISSUED, UNDERWAY, CLEARED)},
        **{(status, FileEvacuation): status for status in (ISSUED, UNDERWAY, CLEARED, RETURNED)},
    },
)


def evolve(evacuation: Evacuation, event: EvacuationEvent | ClockMissed) -> Evacuation:
    """The evacuation after the event."""
    match event:
        case ClockMissed(key=key):
            return replace(evacuation, clocks=evacuation.clocks.miss(key))
        case EvacuationReviewed(at=at, met=met, clocks=clocks):
            return replace(evacuation, clocks=evacuation.clocks.end(at, *met).start(*clocks))
        case EvacuationFiled(at=at, met=met):
            return replace(evacuation, filed=True, clocks=evacuation.clocks.end(at, *met))
        case EvacuationIssued() | EvacuationAmended():
            said = {name: getattr(event, name) for name in (*SAID, "missing")}
            if isinstance(event, EvacuationAmended):
                status = UNDERWAY if event.reopened else evacuation.status
                filed, running = evacuation.filed and not event.clocks, evacuation.clocks.start(*event.clocks)
                return replace(evacuation, **said, status=status, round=event.round, filed=filed, clocks=running)
            new = Evacuation(ISSUED, event.by, division=event.division, incident=event.incident, visibility=event.visibility)
            return replace(new, **said, clocks=STILL.start(*event.clocks))
        case HouseholdsCleared(doubts=doubts, doubted=doubted) if doubts:
            return replace(evacuation, doubted=doubted)
        case HouseholdsCleared(area=area, people=people, refused=refused, remaining=remaining, above=above):
            status = evacuation.status if evacuation.status == RETURNED else CLEARED if event.whole else UNDERWAY
            heard = evacuation.heard(area or "", Count(people, refused, remaining, above, event.households))
            return replace(heard, status=status, round=event.round)
        case EvacueesReturned(at=at, stopped=stopped):
            return replace(evacuation, status=RETURNED, clocks=evacuation.clocks.end(at, *stopped))
        case _:
            assert_never(event)


def about(evacuation: Evacuation) -> About:
    """As narrow as its incident; the organs of the own chain at most."""
    return About(evacuation.division, evacuation.visibility, evacuation.incident)
