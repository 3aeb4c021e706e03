"""Help over winter and spring, once a year: counted, assessed before the end of October, approved, filed above (NDR art. 21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, assert_never

from services.resources.deciders.clock import escalate
from services.resources.deciders.streams import winter_stream
from services.resources.events.clock import ClockMissed
from services.resources.events.winter import WinterNeedAssessed, WinterNeedCounted, WinterPlanApproved, WinterPlanFiled
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock
from shared.blocks.flow import Flow
from shared.blocks.money import cents, unfit
from shared.kernel.commands import Code, Command
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

RULE, CLOCK = "NDR-21", "K-31"
NEW, COUNTED, ASSESSED, APPROVED, FILED = "new", "counted", "assessed", "approved", "filed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWinterNeed(Command):
    """Say how many persons need what over the winter that begins in this year."""

    division: Code
    year: int
    persons: Mapping[str, int] = field(default_factory=dict)  # by need: food, clothes, heating ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessWinterNeed(Command):
    """Write down what looking into the count came to."""

    division: Code
    year: int
    finding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveWinterPlan(Command):
    """Approve the plan and its sum, as the government does."""

    division: Code
    year: int
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWinterPlan(Command):
    """File the approved plan with the department above."""

    division: Code
    year: int
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateWinterClock(EscalateClock):
    """October ended without an assessment."""

    winter: str


FLOW = Flow(
    "winter.state",
    {
        (NEW, CountWinterNeed): COUNTED,
        (COUNTED, CountWinterNeed): COUNTED,
        (COUNTED, AssessWinterNeed): ASSESSED,
        (ASSESSED, ApproveWinterPlan): APPROVED,
        (APPROVED, FileWinterPlan): FILED,
    },
)
Asked = CountWinterNeed | AssessWinterNeed | ApproveWinterPlan | FileWinterPlan
Fact = WinterNeedCounted | WinterNeedAssessed | WinterPlanApproved | WinterPlanFiled | ClockMissed


@dataclass(frozen=True, slots=True)
class Winter:
    """The need of a division over one winter."""

    status: str = NEW
    division: str | None = None
    persons: Mapping[str, int] = field(default_factory=dict)
    clocks: Clocks = STILL


def decide(command: Asked | EscalateWinterClock, winter: Winter, rules: Rules) -> Decided | Sequence[Fact]:
    """Step by step; a late assessment is kept and marked."""
    if isinstance(command, EscalateWinterClock):
        return escalate(command, winter.clocks)
    FLOW.require(winter.status, command)
    said, by, now = (command.division, command.year), command.by.actor, command.now
    match command:
        case CountWinterNeed():
            faults = []
            if not command.persons or any(number < 0 for number in command.persons.values()):
                faults.append(Failure(RULE, "say how many persons need what, none below zero", "persons"))
            if not 2000 <= command.year <= 2200:
                faults.append(Failure(RULE, "name the year in which the winter begins", "year"))
            refuse_all(RuleBroken, faults)
            clocks = () if winter.clocks.runs(CLOCK) else (_october(command.year, now, rules),)
            return Decided([WinterNeedCounted(*said, dict(command.persons), by, now, clocks)], basis=RULE)
        case AssessWinterNeed():
            if not command.finding:
                raise RuleBroken(Failure(RULE, "write down the finding", "finding"))
            late = winter.clocks.late(CLOCK, now) is not None
            assessed = WinterNeedAssessed(*said, command.finding, late, by, now, (CLOCK,))
            return Decided([assessed], basis=RULE, flags=("A-LATE",) if late else ())
        case ApproveWinterPlan():
            wrong = [*unfit(command.amount, "amount")]
            if not command.amount:
                wrong.append(Failure(RULE, "name the sum of the plan", "amount"))
            refuse_all(RuleBroken, wrong)
            assert command.amount is not None
            return Decided([WinterPlanApproved(*said, cents(command.amount), by, now)], basis=RULE)
        case FileWinterPlan():
            if not command.document:
                raise RuleBroken(Failure(RULE, "name the document it was filed with", "document"))
            return Decided([WinterPlanFiled(*said, command.document, by, now)], basis=RULE)
        case _:
            assert_never(command)


def evolve(winter: Winter, event: Fact) -> Winter:
    """The winter after the event."""
    clocks = winter.clocks.end(event.at, *getattr(event, "met", ())).start(*getattr(event, "clocks", ()))
    winter = replace(winter, clocks=clocks)
    match event:
        case WinterNeedCounted():
            return replace(winter, status=COUNTED, division=event.division, persons=event.persons)
        case WinterNeedAssessed():
            return replace(winter, status=ASSESSED)
        case WinterPlanApproved():
            return replace(winter, status=APPROVED)
        case WinterPlanFiled():
            return replace(winter, status=FILED)
        case ClockMissed(key=key):
            return replace(winter, clocks=winter.clocks.miss(key))
        case _:
            assert_never(event)


def _october(year: int, now: datetime, rules: Rules) -> Due:
    """The end of the last day, by the clock of the country."""
    row = rules.value(CLOCK)
    zone = timezone(timedelta(hours=row["utc_offset_hours"]))
    return Due(CLOCK, CLOCK, now, datetime(year, row["month"], row["day"], tzinfo=zone) + timedelta(days=1))


def _own(command: Any) -> tuple[str, ...]:
    return (winter_stream(command.division, command.year),)


WINTER = Decider(
    category="winter",
    initial=Winter(),
    decide=decide,
    evolve=evolve,
    about=lambda winter: About(winter.division),
    handles={
        CountWinterNeed: Handles(_own, areas=lambda c: (c.division,), creates=True),
        AssessWinterNeed: Handles(_own),
        ApproveWinterPlan: Handles(_own),
        FileWinterPlan: Handles(_own),
        EscalateWinterClock: Handles(lambda c: (f"winter-{c.winter}",)),
    },
)
