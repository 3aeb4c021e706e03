"""A leak, change or loss of personal data: contained at once, reported, told to those concerned (PIPL art. 57; K-40)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.streams import breach_stream
from services.privacy.events.clock import ClockMissed
from services.privacy.events.duties import (
    BreachClosed,
    BreachContained,
    BreachDetected,
    BreachEvent,
    BreachGrade,
    BreachGraded,
    BreachReported,
    BreachSubjectsNotified,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import EscalateClock, deadline
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

RULE = "PIPL-57"
REPORT, CRITICAL, PERSONS = "K-40", "K-40.critical", "K-40.persons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBreach(Command):
    """Say that data were or may have been leaked, changed or lost: kinds and causes, never whose. What is not known yet may follow."""

    breach: PublicId
    kinds: tuple[str, ...] = ()
    cause: str = ""
    harm: str = ""
    known_at: datetime | None = None  # now; a time to come counts as now, and is flagged
    subjects: int | None = None
    critical: bool = False
    incident: PublicId | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainBreach(Command):
    """What was done against it."""

    breach: PublicId
    measures: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeBreach(Command):
    """How grave it is; a general one need not be reported in hours."""

    breach: PublicId
    grade: BreachGrade


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyAuthority(Command):
    """The authority was told."""

    breach: PublicId
    to: str | None = None
    contact: str | None = None  # whom to ask: a post, never a person


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySubjects(Command):
    """Those concerned were told; or why they need not be."""

    breach: PublicId
    how: str = ""
    not_needed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBreach(Command):
    """Nothing is open, and what was learned."""

    breach: PublicId
    lessons: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateBreachClock(EscalateClock):
    """Not told in time."""

    breach: PublicId


Doing = ContainBreach | GradeBreach | NotifyAuthority | NotifySubjects | CloseBreach
NEW, DETECTED, CONTAINED, GRADED, REPORTED, TOLD, CLOSED = "new", "detected", "contained", "graded", "reported", "subjects told", "closed"
FLOW = Flow(
    RULE,
    {
        (NEW, ReportBreach): DETECTED,
        (DETECTED, ContainBreach): CONTAINED,
        (CONTAINED, GradeBreach): GRADED,
        (GRADED, GradeBreach): GRADED,
        (DETECTED, NotifyAuthority): DETECTED,  # the clock does not wait for the measures
        (CONTAINED, NotifyAuthority): CONTAINED,
        (GRADED, NotifyAuthority): REPORTED,
        (REPORTED, NotifySubjects): TOLD,
        (GRADED, NotifySubjects): TOLD,
        (TOLD, NotifyAuthority): TOLD,
        (TOLD, CloseBreach): CLOSED,
    },
)


@dataclass(frozen=True, slots=True)
class Breach:
    """How far it is."""

    status: str = NEW
    reported: bool = False
    grade: BreachGrade | None = None
    division: str | None = None
    incident: str | None = None
    clocks: Clocks = STILL


def decide(command: ReportBreach | Doing | EscalateBreachClock, breach: Breach, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. A report of a breach is taken with what is known."""
    if isinstance(command, EscalateBreachClock):
        return escalate(command, breach.clocks)
    FLOW.require(breach.status, command)
    match command:
        case ReportBreach():
            return _report(command, rules)
        case ContainBreach():
            _required({"measures": command.measures}, "say what was done")
            return [BreachContained(command.breach, str(command.measures), command.by.actor, command.now)]
        case GradeBreach(grade=grade):
            general = (REPORT,) if grade == BreachGrade.GENERAL and breach.clocks.runs(REPORT) else ()
            return Decided([BreachGraded(command.breach, grade, command.by.actor, command.now, general)], basis="CSIR-4")
        case NotifyAuthority():
            _required({"to": command.to, "contact": command.contact}, "say who was told and whom to ask")
            late = breach.clocks.late(REPORT, command.now) is not None and not breach.reported
            said = (str(command.to), str(command.contact), command.by.actor, command.now, late, (REPORT,))
            return Decided([BreachReported(command.breach, *said)], flags=("A-LATE",) if late else (), basis=RULE)
        case NotifySubjects():
            _required({"how": command.how or command.not_needed}, "say how they were told, or why they need not be")
            said_ = (command.not_needed is None, command.how, command.not_needed or "", command.by.actor, command.now, (PERSONS,))
            return Decided([BreachSubjectsNotified(command.breach, *said_)], basis=RULE)
        case CloseBreach():
            return _close(command, breach)
        case _:
            assert_never(command)


def _report(command: ReportBreach, rules: Rules) -> Decided:
    known = min(command.known_at or command.now, command.now)  # nobody knows of it later than when they say so: the clocks run from then
    missing = [name for name, said in {"kinds": command.kinds, "cause": command.cause, "harm": command.harm}.items() if not said]
    clocks = (deadline(rules, CRITICAL if command.critical else REPORT, known, REPORT), deadline(rules, PERSONS, known))
    detected = BreachDetected(
        breach=command.breach,
        kinds=command.kinds,
        cause=command.cause,
        harm=command.harm,
        known_at=known,
        subjects=command.subjects,
        critical=command.critical,
        incident=command.incident,
        division=command.division or command.by.division,
        by=command.by.actor,
        at=command.now,
        clocks=clocks,
    )
    doubted = ("Q-TRIAGE",) if command.known_at is not None and command.known_at > command.now else ()
    return Decided([detected], flags=(*(("A-INCOMPLETE",) if missing else ()), *doubted), basis=RULE)


def _close(command: CloseBreach, breach: Breach) -> Decided:
    wrong = [] if command.lessons else [Failure(RULE, "say what was learned", "lessons")]
    if breach.grade != BreachGrade.GENERAL and not breach.reported:
        wrong.append(Failure("CSIR-4", "the authority was not told", "breach"))
    refuse_all(RuleBroken, wrong)
    return Decided([BreachClosed(command.breach, str(command.lessons), command.by.actor, command.now)], basis=RULE)


def _required(said: dict[str, object], cure: str) -> None:
    refuse_all(RuleBroken, [Failure(RULE, cure, name) for name, value in said.items() if not value])


def evolve(breach: Breach, event: BreachEvent | ClockMissed) -> Breach:
    """The breach after the event."""
    match event:
        case BreachDetected():
            return Breach(DETECTED, division=event.division, incident=event.incident, clocks=STILL.start(*event.clocks))
        case BreachContained():
            return replace(breach, status=CONTAINED)
        case BreachGraded():
            return replace(breach, status=GRADED, grade=event.grade, clocks=breach.clocks.end(event.at, *event.stopped))
        case BreachReported():
            status = REPORTED if breach.status == GRADED else breach.status
            return replace(breach, status=status, reported=True, clocks=breach.clocks.end(event.at, *event.met))
        case BreachSubjectsNotified():
            return replace(breach, status=TOLD, clocks=breach.clocks.end(event.at, *event.met))
        case BreachClosed():
            return replace(breach, status=CLOSED)
        case ClockMissed(key=key):
            return replace(breach, clocks=breach.clocks.miss(key))
        case _:
            assert_never(event)


def _own(command: Any) -> tuple[str, ...]:
    return (breach_stream(command.breach),)


BREACH = Decider(
    category="breach",
    initial=Breach(),
    decide=decide,
    evolve=evolve,
    about=lambda breach: About(breach.division, "restricted", breach.incident),
    handles={
        ReportBreach: Handles(_own, areas=lambda c: (c.division,) if c.division else (), creates=True),
        ContainBreach: Handles(_own),
        GradeBreach: Handles(_own),
        NotifyAuthority: Handles(_own),
        NotifySubjects: Handles(_own),
        CloseBreach: Handles(_own),
        EscalateBreachClock: Handles(_own),
    },
)
