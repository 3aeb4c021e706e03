"""Asking for military help: a request with six fields, and a record of what followed. Nothing here tasks troops (MIL art. 4, 5, 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from services.alerts.deciders.scene import open_incident, surroundings, visibility_of
from services.alerts.deciders.streams import military_stream
from services.alerts.events.military import (
    MilitaryBody,
    MilitaryCostReported,
    MilitaryEvent,
    MilitaryHelpAnswered,
    MilitaryHelpRequested,
    MilitarySupportEnded,
    MilitarySupportStarted,
)
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMilitaryAssistance(Command):
    """Ask the military organ of the same level for help; in urgency the garrison."""

    request: PublicId
    to: MilitaryBody = MilitaryBody.SAME_LEVEL
    kind: str | None = None
    time: datetime | None = None
    area: str | None = None
    degree: str | None = None
    measures: str | None = None
    forces: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMilitaryAnswer(Command):
    """Note what was answered."""

    request: PublicId
    agreed: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMilitarySupport(Command):
    """Note that troops help."""

    request: PublicId
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMilitarySupport(Command):
    """Note that the help is over, or no longer asked for."""

    request: PublicId
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMilitaryCost(Command):
    """Note what the help cost."""

    request: PublicId
    document: str | None = None


@dataclass(frozen=True, slots=True)
class MilitaryRequest:
    """One request."""

    status: str = "new"
    division: str | None = None
    incident: str | None = None
    visibility: str = "internal"


FLOW = Flow(
    "military.life",
    {
        ("new", RequestMilitaryAssistance): "requested",
        ("requested", RecordMilitaryAnswer): "agreed",
        ("agreed", StartMilitarySupport): "supporting",
        **{(status, EndMilitarySupport): "ended" for status in ("requested", "agreed", "supporting")},
        ("ended", ReportMilitaryCost): "cost reported",
    },
)


def decide(
    command: RequestMilitaryAssistance | RecordMilitaryAnswer | StartMilitarySupport | EndMilitarySupport | ReportMilitaryCost,
    state: Any,
    rules: Rules,
) -> Sequence[Any] | Decided:
    """Facts that follow; of the request the states by stream."""
    if isinstance(command, RequestMilitaryAssistance):
        return _request(command, state, rules)
    request: MilitaryRequest = state
    FLOW.require(request.status, command)
    by, now, incident = command.by.actor, command.now, request.incident
    match command:
        case RecordMilitaryAnswer():
            return [MilitaryHelpAnswered(command.request, command.agreed, command.note or "", by, now, incident)]
        case StartMilitarySupport():
            return [MilitarySupportStarted(command.request, command.note or "", by, now, incident)]
        case EndMilitarySupport():
            return [MilitarySupportEnded(command.request, command.note or "", by, now, incident)]
        case ReportMilitaryCost():
            if not command.document:
                raise RuleBroken(Failure("military.cost", "name the document that says what it cost", "document"))
            return [MilitaryCostReported(command.request, command.document, by, now, incident)]
        case _:
            assert_never(command)


def _request(command: RequestMilitaryAssistance, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = military_stream(command.request)
    incident = open_incident(command.incident, states)
    FLOW.require(states[own].status, command)
    refuse_all(
        RuleBroken, [Failure("MIL-5", row["cure"], row["field"]) for row in rules.value("MIL-5") if not getattr(command, row["field"])]
    )
    assert command.kind and command.time and command.area and command.degree and command.measures and command.forces
    asked = MilitaryHelpRequested(
        command.request,
        command.to,
        command.kind,
        command.time,
        command.area,
        command.degree,
        command.measures,
        command.forces,
        command.by.actor,
        command.by.division,
        command.now,
        command.incident,
        visibility_of(incident),
    )
    return Decided([(own, asked)], basis="MIL-4")


def evolve(request: MilitaryRequest, event: MilitaryEvent) -> MilitaryRequest:
    """The request after the event."""
    match event:
        case MilitaryHelpRequested():
            return MilitaryRequest("requested", event.division, event.incident, event.visibility)
        case MilitaryHelpAnswered(agreed=agreed):
            return replace(request, status="agreed" if agreed else "declined")
        case MilitarySupportStarted():
            return replace(request, status="supporting")
        case MilitarySupportEnded():
            return replace(request, status="ended")
        case MilitaryCostReported():
            return replace(request, status="cost reported")
        case _:
            assert_never(event)


def about(request: MilitaryRequest) -> About:
    """As narrow as its incident; the organs of the own chain at most."""
    return About(request.division, request.visibility, request.incident)


def _own(command: Any) -> tuple[str, ...]:
    return (military_stream(command.request),)


_KINDS: tuple[type[Command], ...] = (RecordMilitaryAnswer, StartMilitarySupport, EndMilitarySupport, ReportMilitaryCost)
MILITARY = Decider(
    category="military",
    initial=MilitaryRequest(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RequestMilitaryAssistance: Handles(lambda c: surroundings(military_stream(c.request), c.incident), creates=True),
        **{kind: Handles(_own) for kind in _KINDS},
    },
    joint=frozenset({RequestMilitaryAssistance}),
)
