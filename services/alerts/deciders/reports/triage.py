"""What waits for a person (Q-TRIAGE): everything of one matter is one piece of work, however often it is reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.incidents.state import NEW as UNREGISTERED
from services.alerts.deciders.reports.state import Report
from services.alerts.deciders.streams import incident_stream, report_stream, triage_stream
from services.alerts.events.clock import ClockMissed
from services.alerts.events.report import Doubt
from services.alerts.events.triage import Finding, TriageEvent, TriageJoined, TriageLeft, TriageOpened, TriageResolved
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import EscalateClock, deadline
from shared.blocks.flow import Flow
from shared.kernel.commands import OPAQUE, Command, Opaque, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken

VERIFY = "K-06"
PUBLIC, DOUBTFUL = "public_report", "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTriage(Command):
    """Put a report before a person: as new work, or beside what waits already. Only policies send it."""

    triage: Opaque
    kind: str
    report: PublicId
    doubts: Annotated[tuple[Doubt, ...], OPAQUE] = ()
    incident: PublicId | None = None
    restricted: bool = False  # as the report


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveTriage(Command):
    """A report was transferred and is verified elsewhere. Only policies send it."""

    triage: Opaque
    report: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveTriage(Command):
    """Say what was found, for every report that waits under it; of public reports also which incident it is."""

    triage: Opaque
    finding: Finding
    reason: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateTriageClock(EscalateClock):
    """Nobody looked in time."""

    triage: Opaque


class Triage(msgspec.Struct, frozen=True):
    """One matter: its round in work, or the last one. `doubts` are those of the round, by report."""

    status: str = "new"
    round: int = 0
    kind: str = ""
    reports: Mapping[str, frozenset[Doubt]] = {}
    division: str | None = None
    incident: str | None = None
    clocks: Clocks = STILL
    restricted: bool = False


FLOW = Flow("Q-TRIAGE", {("open", ResolveTriage): "resolved"})
TriageCommand = OpenTriage | LeaveTriage | ResolveTriage | EscalateTriageClock


def decide(command: TriageCommand, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow; `state` is a triage, for OpenTriage and ResolveTriage the states by stream."""
    match command:
        case OpenTriage():
            return _open(command, state[triage_stream(command.triage)], state.get(report_stream(command.report)), rules)
        case LeaveTriage(triage=triage, report=report, now=now):
            if state.status != "open" or report not in state.reports:
                return []
            met = (VERIFY,) if len(state.reports) == 1 else ()
            return [TriageLeft(triage, state.round, report, now, met, state.incident)]
        case ResolveTriage():
            return _resolve(command, state)
        case EscalateTriageClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def evolve(triage: Triage, event: TriageEvent | ClockMissed) -> Triage:
    """The matter after the event."""
    match event:
        case TriageOpened(report=report, doubts=doubts):
            return Triage(
                "open",
                event.round,
                event.kind,
                {report: frozenset(doubts)},
                event.division or triage.division,
                triage.incident or event.incident,
                triage.clocks.start(*event.clocks),
                triage.restricted or event.restricted,
            )
        case TriageJoined(report=report, doubts=doubts):
            known = triage.reports.get(report, frozenset())
            told = {"incident": triage.incident or event.incident, "restricted": triage.restricted or event.restricted}
            return replace(triage, reports={**triage.reports, report: known.union(doubts)}, **told)
        case TriageLeft(report=left, at=at, met=met):
            kept = {report: doubts for report, doubts in triage.reports.items() if report != left}
            return replace(triage, status="open" if kept else "resolved", reports=kept, clocks=triage.clocks.end(at, *met))
        case TriageResolved(at=at, met=met, incident=incident):
            return replace(triage, status="resolved", incident=triage.incident or incident, clocks=triage.clocks.end(at, *met))
        case ClockMissed(key=key):
            return replace(triage, clocks=triage.clocks.miss(key))
        case _:
            assert_never(event)


def about(triage: Triage) -> About:
    """Internal to the organs of the own chain; restricted as the reports (ERL art. 69)."""
    return About(triage.division, "restricted" if triage.restricted else "internal", triage.incident)


def _open(command: OpenTriage, triage: Triage, report: Report | None, rules: Rules) -> Sequence[TriageEvent]:
    """A doubt about a report waits where the report says, in a duty room; what else comes waits where it came."""
    desk = report.desk if report is not None and command.kind == DOUBTFUL else None
    if triage.status == "open":
        if triage.reports.get(command.report, frozenset()).issuperset(command.doubts) and command.report in triage.reports:
            return []
        return [
            TriageJoined(command.triage, triage.round, command.report, command.now, command.doubts, command.incident, command.restricted)
        ]
    return [
        TriageOpened(
            command.triage,
            triage.round + 1,
            command.kind,
            command.report,
            desk or command.by.division,
            command.now,
            command.doubts,
            command.incident,
            (deadline(rules, VERIFY, command.now),),
            command.restricted,
        )
    ]


def _resolve(command: ResolveTriage, states: Mapping[str, Any]) -> Decided:
    stream = triage_stream(command.triage)
    triage: Triage = states[stream]
    if command.incident is not None:
        incident = states.get(incident_stream(command.incident))
        if incident is None or incident.status == UNREGISTERED:
            raise NotFound(Failure("reference", f"{command.incident} is no incident: register it first", "incident"))
    FLOW.require(triage.status, command)
    if command.finding != Finding.CONFIRMED and not command.reason:
        raise RuleBroken(Failure("Q-TRIAGE", "say why it does not count", "reason"))
    fact = TriageResolved(
        command.triage,
        triage.round,
        triage.kind,
        tuple(triage.reports),
        command.finding,
        command.by.actor,
        command.now,
        command.reason or "",
        command.incident or triage.incident,
        (VERIFY,) if triage.clocks.runs(VERIFY) else (),
    )
    return Decided([(stream, fact)], {"reports": len(triage.reports)}, basis="ERL-60.3")


def _streams(command: ResolveTriage) -> tuple[str, ...]:
    return (triage_stream(command.triage), *([incident_stream(command.incident)] if command.incident else []))


TRIAGE = Decider(
    category="triage",
    initial=Triage(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenTriage: Handles(lambda c: (triage_stream(c.triage), report_stream(c.report)), creates=True),
        LeaveTriage: Handles(lambda c: (triage_stream(c.triage),)),
        ResolveTriage: Handles(_streams),
        EscalateTriageClock: Handles(lambda c: (triage_stream(c.triage),)),
    },
    joint=frozenset({OpenTriage, ResolveTriage}),
)
