"""Moving people out of danger: said at once with what is known, reported back in counts (ERL art. 67, 73, 76; domain 3.26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from services.alerts.deciders.evacuations.commands import AmendEvacuation, IssueEvacuation, ReportCleared, ReturnEvacuees
from services.alerts.deciders.evacuations.counts import possible
from services.alerts.deciders.scene import open_incident, surroundings, visibility_of
from services.alerts.deciders.streams import evacuation_stream, hazard_stream, shelter_stream
from services.alerts.events.evacuation import (
    EvacuationAmended,
    EvacuationEvent,
    EvacuationIssued,
    EvacueesReturned,
    Group,
    HouseholdsCleared,
)
from shared.blocks.flow import Flow
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

NEW, ISSUED, UNDERWAY, CLEARED, RETURNED = "new", "issued", "underway", "cleared", "returned"


@dataclass(frozen=True, slots=True)
class Evacuation:
    """One evacuation: what it says, and which areas have reported themselves empty."""

    status: str = NEW
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


FLOW = Flow(
    "evacuation.life",
    {
        (NEW, IssueEvacuation): ISSUED,
        **{(status, AmendEvacuation): status for status in (ISSUED, UNDERWAY, CLEARED)},
        **{(status, ReportCleared): UNDERWAY for status in (ISSUED, UNDERWAY, CLEARED, RETURNED)},
        **{(status, ReturnEvacuees): RETURNED for status in (ISSUED, UNDERWAY, CLEARED)},
    },
)


def decide(
    command: IssueEvacuation | AmendEvacuation | ReportCleared | ReturnEvacuees, state: Any, rules: Rules
) -> Sequence[Any] | Decided:
    """Facts that follow. What is missing is named and asked for; it delays nobody."""
    match command:
        case IssueEvacuation():
            return _issue(command, state, rules)
        case AmendEvacuation():
            return _amend(command, state, rules)
        case ReportCleared():
            return _cleared(command, state)
        case ReturnEvacuees():
            return _return(command, state)
        case _:
            assert_never(command)


def _issue(command: IssueEvacuation, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = evacuation_stream(command.evacuation)
    unknown = [name for name in command.below if _source(states, name) is None]
    if unknown:
        raise NotFound(*(Failure("reference", f"hazard source {name} is not registered", "below") for name in unknown))
    incident = open_incident(command.incident, states)
    FLOW.require(states[own].status, command)
    possible(command.groups, command.headcount, headcount=command.headcount, households=command.households)
    if not command.below and not command.areas:
        raise RuleBroken(Failure("ERL-67", "name the areas, or the hazard sources below which people are to leave", "areas"))
    issued = EvacuationIssued(
        evacuation=command.evacuation,
        below=command.below,
        areas=_reached(command, states),
        shelter=command.shelter,
        route=command.route or "",
        headcount=command.headcount,
        by=command.by.actor,
        division=command.by.division,
        at=command.now,
        households=command.households,
        groups=command.groups,
        due=command.due,
        missing=_missing(command, _known_shelter(command.shelter, states), rules),
        incident=command.incident,
        visibility=visibility_of(incident),
    )
    basis: str = rules.value("evacuation.basis")["incident" if command.incident else "warning"]
    return Decided([(own, issued)], basis=basis, flags=_flags(issued.missing))


def _amend(command: AmendEvacuation, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = evacuation_stream(command.evacuation)
    evacuation: Evacuation = states[own]
    FLOW.require(evacuation.status, command)
    said = {name: value for name in _SAID if (value := getattr(command, name)) is not None}
    after = replace(evacuation, **said)
    if after == evacuation:
        return Decided()
    possible(after.groups, after.headcount, headcount=after.headcount, households=after.households)
    shelter = _known_shelter(command.shelter, states) if command.shelter else "shelter" not in evacuation.missing
    amended = EvacuationAmended(
        command.evacuation,
        after.areas,
        after.shelter,
        after.route,
        after.headcount,
        after.households,
        after.groups,
        after.due,
        _missing(after, shelter, rules),
        command.by.actor,
        command.now,
        evacuation.incident,
    )
    return Decided([(own, amended)], flags=_flags(amended.missing))


def _cleared(command: ReportCleared, evacuation: Evacuation) -> Decided:
    """Never refused for what is missing, nor because it comes late."""
    FLOW.require(evacuation.status, command)
    counts = {"people": command.people, "households": command.households, "refused": command.refused, "remaining": command.remaining}
    possible(command.groups, command.people, **counts)
    missing = tuple(name for name in ("people", "refused") if counts[name] is None)
    area = command.area or command.by.division
    emptied = evacuation.emptied | ({area} if area and not command.remaining else set())
    cleared = HouseholdsCleared(
        evacuation=command.evacuation,
        area=area,
        people=command.people,
        refused=command.refused,
        by=command.by.actor,
        at=command.now,
        households=command.households,
        remaining=command.remaining,
        groups=command.groups,
        missing=missing,
        whole=not command.remaining and emptied >= set(evacuation.areas),
        note=command.note or "",
        incident=evacuation.incident,
    )
    return Decided([cleared], flags=_flags(missing))


def _return(command: ReturnEvacuees, evacuation: Evacuation) -> Sequence[EvacueesReturned]:
    FLOW.require(evacuation.status, command)
    possible({}, people=command.people)
    refuse_all(RuleBroken, [] if command.reason else [Failure("ERL-86", "say why it is safe to return", "reason")])
    returned = EvacueesReturned(command.evacuation, command.people, command.reason or "", command.by.actor, command.now)
    return [replace(returned, incident=evacuation.incident)]


_SAID = ("areas", "shelter", "route", "headcount", "households", "groups", "due")  # what an amendment may change


def _missing(said: IssueEvacuation | Evacuation, shelter: bool, rules: Rules) -> tuple[str, ...]:
    """What is asked for and not known; a shelter that is not in the register is named and not known."""
    asked: Sequence[str] = rules.value("evacuation.asked")
    return tuple(name for name in asked if getattr(said, name) in (None, "") or (name == "shelter" and not shelter))


def _flags(missing: Sequence[str]) -> tuple[str, ...]:
    return ("A-INCOMPLETE",) if missing else ()


def _known_shelter(shelter: str | None, states: Mapping[str, Any]) -> bool:
    return shelter is not None and states[shelter_stream(shelter)].entry is not None


def _source(states: Mapping[str, Any], name: str) -> Any:
    known = states[hazard_stream(name)]
    return known.entry if known is not None else None


def _reached(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The areas named, else those the register has below the hazard sources: each must lie with who orders it."""
    if command.areas:
        return tuple(dict.fromkeys(command.areas))
    sources = [source for name in command.below if (source := _source(states, name)) is not None]
    return tuple(dict.fromkeys(area for source in sources for area in (source.areas or (source.division,))))


def evolve(evacuation: Evacuation, event: EvacuationEvent) -> Evacuation:
    """The evacuation after the event."""
    match event:
        case EvacuationIssued() | EvacuationAmended():
            said = {name: getattr(event, name) for name in (*_SAID, "missing")}
            if isinstance(event, EvacuationAmended):
                return replace(evacuation, **said)
            return Evacuation(ISSUED, division=event.division, incident=event.incident, visibility=event.visibility, **said)
        case HouseholdsCleared(area=area):
            emptied = evacuation.emptied | ({area} if area and not event.remaining else set())
            status = evacuation.status if evacuation.status == RETURNED else CLEARED if event.whole else UNDERWAY
            return replace(evacuation, status=status, emptied=emptied)
        case EvacueesReturned():
            return replace(evacuation, status=RETURNED)
        case _:
            assert_never(event)


def about(evacuation: Evacuation) -> About:
    """As narrow as its incident; the organs of the own chain at most."""
    return About(evacuation.division, evacuation.visibility, evacuation.incident)


def _issuing(command: IssueEvacuation) -> tuple[str, ...]:
    shelter = (shelter_stream(command.shelter),) if command.shelter else ()
    return surroundings(evacuation_stream(command.evacuation), command.incident, *map(hazard_stream, command.below), *shelter)


def _amending(command: AmendEvacuation) -> tuple[str, ...]:
    shelter = (shelter_stream(command.shelter),) if command.shelter else ()
    return evacuation_stream(command.evacuation), *shelter


def _own(command: Any) -> tuple[str, ...]:
    return (evacuation_stream(command.evacuation),)


EVACUATION = Decider(
    category="evacuation",
    initial=Evacuation(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        IssueEvacuation: Handles(_issuing, state_areas=_reached, creates=True),
        AmendEvacuation: Handles(_amending, areas=lambda c: c.areas or ()),
        ReportCleared: Handles(_own),
        ReturnEvacuees: Handles(_own),
    },
    joint=frozenset({IssueEvacuation, AmendEvacuation}),
)
