"""Urgent flood and drought periods: who declares them, what they open, and that it ends with them (FCL art. 41, 45; DRT art. 45 to 47)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, assert_never

from services.alerts.deciders.streams import urgent_stream
from services.alerts.deciders.warnings.content import naive
from services.alerts.events.clock import ClockMissed
from services.alerts.events.urgent import (
    DroughtPeriodDeclared,
    DroughtPeriodEnded,
    FloodGround,
    FloodPeriodDeclared,
    FloodPeriodEnded,
    UrgentEvent,
)
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

FLOOD, DROUGHT = "FCL-41", "DRT-45"
UNTIL = "until"
NEW, OPEN, OVER = "new", "open", "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareUrgentFloodPeriod(Command):
    """The river nears its guarantee level, a reservoir its design level, or works are in grave danger (FCL art. 41). Again: until later."""

    river: str | None = None
    until: datetime | None = None
    ground: FloodGround | None = None
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareUrgentDroughtPeriod(Command):
    """The region's drought headquarters declares, its government approves by signing too (DRT art. 45)."""

    area: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndUrgentPeriod(Command):
    """The danger has passed before the stated end."""

    period: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateUrgentClock(EscalateClock):
    """The stated end came: the period is over. Only the timer sends it."""

    period: PublicId


@dataclass(frozen=True, slots=True)
class UrgentPeriod:
    """One river's or area's period; declared again after its end it is the same stream."""

    status: str = NEW
    rule: str = FLOOD
    powers: tuple[str, ...] = ()
    until: datetime | None = None
    division: str | None = None
    clocks: Clocks = STILL
    ground: FloodGround | None = None

    def opens(self, power: str) -> bool:
        """Whether an act may rest on this article now."""
        return self.status == OPEN and power in self.powers


FLOW = Flow(
    "urgent.life",
    {
        **{(status, command): OPEN for status in (NEW, OPEN, OVER) for command in (DeclareUrgentFloodPeriod, DeclareUrgentDroughtPeriod)},
        (OPEN, EndUrgentPeriod): OVER,
    },
)
Declares = DeclareUrgentFloodPeriod | DeclareUrgentDroughtPeriod


def period_of(command: Declares) -> str:
    """A division has one period for a river or area: its name follows from them."""
    kind, what = ("flood", command.river) if isinstance(command, DeclareUrgentFloodPeriod) else ("drought", command.area)
    return f"{kind}.{command.by.division}.{sha256((what or '').strip().encode()).hexdigest()[:12]}"


def decide(command: Declares | EndUrgentPeriod | EscalateUrgentClock, period: UrgentPeriod, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow. Powers hold while it is open and not a moment longer."""
    match command:
        case DeclareUrgentFloodPeriod():
            return _flood(command, period, rules)
        case DeclareUrgentDroughtPeriod():
            return _drought(command, period, rules)
        case EndUrgentPeriod():
            FLOW.require(period.status, command)
            if not command.reason:
                raise RuleBroken(Failure(period.rule, "reason is empty", "reason"))
            return [_ended(command.period, period, command.reason, command)]
        case EscalateUrgentClock():
            due = period.clocks.passed(UNTIL, command.now)
            return [_ended(command.period, period, "the stated end came", command)] if due and period.status == OPEN else []
        case _:
            assert_never(command)


def evolve(period: UrgentPeriod, event: UrgentEvent | ClockMissed) -> UrgentPeriod:
    """The period after the event."""
    match event:
        case FloodPeriodDeclared() | DroughtPeriodDeclared():
            rule = FLOOD if isinstance(event, FloodPeriodDeclared) else DROUGHT
            ground = event.ground if isinstance(event, FloodPeriodDeclared) else None
            return UrgentPeriod(OPEN, rule, event.powers, event.until, event.division, period.clocks.start(*event.clocks), ground)
        case FloodPeriodEnded() | DroughtPeriodEnded():
            return replace(period, status=OVER, clocks=period.clocks.end(event.at, *event.stopped))
        case ClockMissed():
            return period
        case _:
            assert_never(event)


def about(period: UrgentPeriod) -> About:
    """Internal to the organs of the own chain."""
    return About(period.division, "internal")


def _flood(command: DeclareUrgentFloodPeriod, period: UrgentPeriod, rules: Rules) -> Decided:
    """In danger it is declared also before its ground is written down; that is asked for at once (FCL art. 41)."""
    _require_declarer(command, rules, FLOOD)
    FLOW.require(period.status, command)
    _refuse_unstated(command, FLOOD, {"river": command.river})
    assert command.until is not None
    ground = command.ground or (period.ground if period.status == OPEN else None)
    if period.status == OPEN and (period.until, period.ground) == (command.until, ground):
        return Decided(answer={"period": period_of(command)})
    powers = tuple(rules.value(FLOOD)["powers"])
    by = (command.by.actor, command.by.division, command.now)
    fact = FloodPeriodDeclared(
        period_of(command), command.river or "", command.until, powers, *by, ground, command.level, _until(command, FLOOD)
    )
    return Decided([fact], {"period": fact.period}, FLOOD)


def _drought(command: DeclareUrgentDroughtPeriod, period: UrgentPeriod, rules: Rules) -> Decided:
    _require_declarer(command, rules, DROUGHT)
    approver = command.cosigner
    wanted = rules.value(DROUGHT)["approved_by"]
    if approver is None or not approver.has(*wanted) or approver.division != command.by.division:
        raise NotAllowed(Failure(DROUGHT, f"the {' or '.join(wanted)} of {command.by.division} approves: it signs too (Ortoo-Cosigner)"))
    FLOW.require(period.status, command)
    _refuse_unstated(command, DROUGHT, {"area": command.area})
    assert command.until is not None
    if period.status == OPEN and period.until == command.until:
        return Decided(answer={"period": period_of(command)})
    powers = tuple(rules.value(DROUGHT)["powers"])
    by = (command.by.actor, approver.actor, command.by.division, command.now)
    fact = DroughtPeriodDeclared(period_of(command), command.area or "", command.until, powers, *by, _until(command, DROUGHT))
    return Decided([fact], {"period": fact.period}, DROUGHT)


def _require_declarer(command: Declares, rules: Rules, rule: str) -> None:
    row: Mapping[str, Any] = rules.value(rule)
    if not command.by.has(*row["roles"]) or command.by.level not in row["levels"]:
        raise NotAllowed(Failure(rule, row["cure"]))


def _refuse_unstated(command: Declares, rule: str, named: Mapping[str, str | None]) -> None:
    faults = [Failure(rule, f"{name} is empty", name) for name, value in named.items() if not (value or "").strip()]
    if command.until is None:
        faults.append(Failure(rule, "until is empty", "until"))
    else:
        faults += naive(until=command.until) or ([Failure(rule, "until has passed", "until")] if command.until <= command.now else [])
    refuse_all(RuleBroken, faults)


def _until(command: Declares, rule: str) -> tuple[Due, ...]:
    assert command.until is not None
    return (Due(UNTIL, rule, command.now, command.until),)


def _ended(name: str, period: UrgentPeriod, reason: str, command: Command) -> FloodPeriodEnded | DroughtPeriodEnded:
    kind = FloodPeriodEnded if period.rule == FLOOD else DroughtPeriodEnded
    return kind(name, reason, command.by.actor, command.now, (UNTIL,))


def _own(command: EndUrgentPeriod | EscalateUrgentClock) -> tuple[str, ...]:
    return (urgent_stream(command.period),)


def _declared(command: Declares) -> tuple[str, ...]:
    return (urgent_stream(period_of(command)),)


URGENT = Decider(
    category="urgent",
    initial=UrgentPeriod(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        DeclareUrgentFloodPeriod: Handles(_declared, creates=True),
        DeclareUrgentDroughtPeriod: Handles(_declared, creates=True),
        EndUrgentPeriod: Handles(_own),
        EscalateUrgentClock: Handles(_own),
    },
)
