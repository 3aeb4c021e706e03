"""The yearly audit of how data of minors are processed (MNP art. 37; K-53), of each register that holds any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.streams import minors_stream
from services.privacy.events.clock import ClockMissed
from services.privacy.events.minors import MinorsAudited, MinorsEvent, MinorsHeld
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import EscalateClock, deadline
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

RULE, YEARLY = "MNP-37", "K-53"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteMinorsHeld(Command):
    """A register holds data of a minor. Only policies send it."""

    register: PublicId
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMinorsAudit(Command):
    """Enter what the audit found, by oneself or an institution, and whom it was reported to."""

    register: PublicId
    findings: str | None = None
    report: str | None = None
    reported_to: str | None = None
    none_left: bool = False  # data of no minor are held any more: this audit is the last until there is one again


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateMinorsClock(EscalateClock):
    """A year passed without an audit."""

    register: PublicId


@dataclass(frozen=True, slots=True)
class Minors:
    """Whether a register holds data of minors, and when the next audit is due."""

    division: str | None = None
    clocks: Clocks = STILL


def decide(command: NoteMinorsHeld | RecordMinorsAudit | EscalateMinorsClock, minors: Minors, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. The first minor starts the year, the next ones change nothing."""
    match command:
        case NoteMinorsHeld():
            if minors.clocks.runs(YEARLY):
                return []
            where = command.division or command.by.division
            return [MinorsHeld(command.register, where, command.now, (deadline(rules, YEARLY, command.now),))]
        case RecordMinorsAudit():
            return _audited(command, minors, rules)
        case EscalateMinorsClock():
            return escalate(command, minors.clocks)
        case _:
            assert_never(command)


def _audited(command: RecordMinorsAudit, minors: Minors, rules: Rules) -> Decided:
    said = {"findings": command.findings, "report": command.report, "reported_to": command.reported_to}
    refuse_all(RuleBroken, [Failure(RULE, f"say the {name} of the audit", name) for name, value in said.items() if not value])
    late = minors.clocks.late(YEARLY, command.now) is not None
    fact = MinorsAudited(
        register=command.register,
        findings=str(command.findings),
        report=str(command.report),
        reported_to=str(command.reported_to),
        keep_until=command.now + rules.value("K-52"),
        by=command.by.actor,
        at=command.now,
        late=late,
        met=(YEARLY,),
        clocks=() if command.none_left else (deadline(rules, YEARLY, command.now),),
        none_left=command.none_left,
    )
    return Decided([fact], basis=RULE, flags=("A-LATE",) if late else ())


def evolve(minors: Minors, event: MinorsEvent | ClockMissed) -> Minors:
    """The duty after the event."""
    match event:
        case MinorsHeld(division=division):
            return Minors(minors.division or division, minors.clocks.start(*event.clocks))
        case MinorsAudited():
            return replace(minors, clocks=minors.clocks.end(event.at, *event.met).start(*event.clocks))
        case ClockMissed(key=key):
            return replace(minors, clocks=minors.clocks.miss(key))
        case _:
            assert_never(event)


def _own(command: NoteMinorsHeld | RecordMinorsAudit | EscalateMinorsClock) -> tuple[str, ...]:
    return (minors_stream(command.register),)


MINORS = Decider(
    category="minors",
    initial=Minors(),
    decide=decide,
    evolve=evolve,
    about=lambda minors: About(minors.division, "internal"),
    handles={
        NoteMinorsHeld: Handles(_own, creates=True),
        RecordMinorsAudit: Handles(_own),
        EscalateMinorsClock: Handles(_own),
    },
)
