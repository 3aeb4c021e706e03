"""Moving people out of danger: said at once with what is known, reported back in counts (ERL art. 67, 73, 76; domain 3.26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.evacuations.commands import (
    AmendEvacuation,
    EscalateEvacuationClock,
    FileEvacuation,
    IssueEvacuation,
    ReportCleared,
    ReturnEvacuees,
    ReviewEvacuation,
)
from services.alerts.deciders.evacuations.counts import MORE, doubts, possible
from services.alerts.deciders.evacuations.review import REVIEW, reviewed
from services.alerts.deciders.evacuations.state import CLEARED, FLOW, SAID, Count, Evacuation, about, evolve
from services.alerts.deciders.filing import FILE, desk_of, filing
from services.alerts.deciders.scene import of_the_site, open_incident, require_response, surroundings, visibility_of
from services.alerts.deciders.streams import closure_stream, evacuation_stream, hazard_stream, shelter_stream
from services.alerts.events.evacuation import (
    EvacuationAmended,
    EvacuationFiled,
    EvacuationIssued,
    EvacueesReturned,
    HouseholdsCleared,
)
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all


def decide(
    command: IssueEvacuation
    | AmendEvacuation
    | ReportCleared
    | ReturnEvacuees
    | ReviewEvacuation
    | FileEvacuation
    | EscalateEvacuationClock,
    state: Any,
    rules: Rules,
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
        case ReviewEvacuation():
            FLOW.require(state.status, command)
            return reviewed(command, state.clocks, state.incident, rules)
        case FileEvacuation():
            return _file(command, state, rules)
        case EscalateEvacuationClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _issue(command: IssueEvacuation, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = evacuation_stream(command.evacuation)
    unknown = [name for name in command.below if _source(states, name) is None]
    if unknown:
        raise NotFound(*(Failure("reference", f"hazard source {name} is not registered", "below") for name in unknown))
    incident = open_incident(command.incident, states)
    unplaced = of_the_site(command.by, incident)
    FLOW.require(states[own].status, command)
    require_response(None, command.incident, states)
    refuse_all(RuleBroken, [*unplaced, *_past(command)])
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
        clocks=(deadline(rules, REVIEW, command.now), filing(command.now, rules)),
        over=_over(command, states),
    )
    basis: str = rules.value("evacuation.basis")["incident" if command.incident else "warning"]
    return Decided([(own, issued)], answer={"over": issued.over}, basis=basis, flags=_flags(issued.missing, issued.over))


def _amend(command: AmendEvacuation, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = evacuation_stream(command.evacuation)
    evacuation: Evacuation = states[own]
    binds = [name for name in _BINDING if getattr(command, name) is not None]
    if binds and not command.by.has("GOV", "HQ") and command.by.actor != evacuation.by:
        raise NotAllowed(
            Failure("ERL-20", f"{binds[0]} is changed by who gave it, {evacuation.by}, its government or headquarters", binds[0])
        )
    FLOW.require(evacuation.status, command)
    said = {name: value for name in SAID if (value := getattr(command, name)) is not None}
    after = replace(evacuation, **said)
    if after == evacuation:
        return Decided()
    refuse_all(RuleBroken, _past(command))
    possible(after.groups, after.headcount, headcount=after.headcount, households=after.households)
    shelter = _known_shelter(command.shelter, states) if command.shelter else "shelter" not in evacuation.missing
    reopened = evacuation.status == CLEARED and not after.whole
    anew = evacuation.filed and any(getattr(after, name) != getattr(evacuation, name) for name in _BINDING)
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
        evacuation.round + reopened,
        reopened,
        (filing(command.now, rules),) if anew else (),
        _over(after, states),
    )
    return Decided([(own, amended)], answer={"over": amended.over}, flags=_flags(amended.missing, amended.over))


def _cleared(command: ReportCleared, evacuation: Evacuation) -> Decided:
    """Never refused for what is missing, nor because it comes late; what is in doubt is kept beside what was counted."""
    FLOW.require(evacuation.status, command)
    counts = {"people": command.people, "households": command.households, "refused": command.refused, "remaining": command.remaining}
    possible(command.groups, command.people, **counts)
    area, above = _place(command, evacuation.areas)
    heard = evacuation.heard(area, Count(command.people, command.refused, command.remaining, above, command.households))
    doubted = doubts(command, evacuation, heard, area)
    whole, told = heard.whole and not doubted, heard.reports[area]
    asked = ("people", "refused") if whole else ("people", "refused", "remaining")
    missing = tuple(name for name in asked if getattr(told, name) is None)
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
        whole=whole,
        note=command.note or "",
        incident=evacuation.incident,
        round=evacuation.round + (evacuation.status == CLEARED and not whole and not doubted),
        above=above,
        doubts=doubted,
        doubted=evacuation.doubted + bool(doubted),
    )
    return Decided([cleared], flags=(*_flags(missing), *(("Q-TRIAGE",) if doubted else ())))


def _place(command: ReportCleared, areas: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """What was cleared, with the divisions above: in the areas to leave, as named, else the own division, else the only one there is."""
    named = command.area or command.by.division
    if named is not None and not {named, *command.line}.isdisjoint(areas):
        return named, command.line[1:]
    if command.area is None and len(areas) == 1:
        return areas[0], ()
    raise RuleBroken(Failure("ERL-67", f"{named or 'no area'} was not to be left: name one of {', '.join(areas)}, or a part", "area"))


def _return(command: ReturnEvacuees, evacuation: Evacuation) -> Decided:
    """They may go home, whatever the number: one that is more than left is looked at."""
    FLOW.require(evacuation.status, command)
    possible({}, people=command.people)
    refuse_all(RuleBroken, [] if command.reason else [Failure("ERL-86", "say why it is safe to return", "reason")])
    stopped = (REVIEW,) if evacuation.clocks.runs(REVIEW) else ()
    returned = EvacueesReturned(command.evacuation, command.people, command.reason or "", command.by.actor, command.now)
    more = (MORE,) if command.people is not None and evacuation.reports and command.people > evacuation.left else ()
    told = replace(returned, incident=evacuation.incident, round=evacuation.round, stopped=stopped)
    said = replace(told, doubts=more, doubted=evacuation.doubted + len(more))
    return Decided([said], flags=("Q-TRIAGE",) if more else ())


def _file(command: FileEvacuation, evacuation: Evacuation, rules: Rules) -> Decided:
    """Owed after the return too; late is kept and marked."""
    FLOW.require(evacuation.status, command)
    if evacuation.filed:
        raise WrongState(Failure("ERL-25", f"{command.evacuation} is filed"))
    desk = desk_of(command.desk, rules)
    late = evacuation.clocks.late(FILE, command.now) is not None
    said = (desk, command.receipt or "", late, command.by.actor, command.now, evacuation.incident, (FILE,))
    return Decided([EvacuationFiled(command.evacuation, *said)], basis="ERL-25", flags=("A-LATE",) if late else ())


_BINDING = ("areas", "due")  # whom it binds and by when; the rest is what becomes known


def _missing(said: IssueEvacuation | Evacuation, shelter: bool, rules: Rules) -> tuple[str, ...]:
    """What is asked for and not known; a shelter that is not in the register is named and not known."""
    asked: Sequence[str] = rules.value("evacuation.asked")
    return tuple(name for name in asked if getattr(said, name) in (None, "") or (name == "shelter" and not shelter))


def _flags(missing: Sequence[str], over: int = 0) -> tuple[str, ...]:
    return (*(("A-INCOMPLETE",) if missing else ()), *(("A-OVER",) if over else ()))


def _past(command: IssueEvacuation | AmendEvacuation) -> list[Failure]:
    late = command.due is not None and command.due <= command.now
    return [Failure("SEED-9", "the time limit lies ahead: leave it out where people go at once", "due")] if late else []


def _over(said: IssueEvacuation | Evacuation, states: Mapping[str, Any]) -> int:
    """For how many the shelter has no place, as far as is known. They leave all the same: another is asked for."""
    shelter = states.get(shelter_stream(said.shelter)) if said.shelter else None
    if said.headcount is None or shelter is None or shelter.entry is None:
        return 0
    return max(0, said.headcount - max(0, int(shelter.entry.capacity) - int(shelter.people)))


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


def _issuing(command: IssueEvacuation) -> tuple[str, ...]:
    shelter = (shelter_stream(command.shelter),) if command.shelter else ()
    closure = (closure_stream(command.incident),) if command.incident else ()
    return surroundings(evacuation_stream(command.evacuation), command.incident, *closure, *map(hazard_stream, command.below), *shelter)


def _amending(command: AmendEvacuation) -> tuple[str, ...]:
    shelter = (shelter_stream(command.shelter),) if command.shelter else ()
    return evacuation_stream(command.evacuation), *shelter


def _sheltered(command: AmendEvacuation, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The shelter that stays."""
    evacuation: Evacuation = states[evacuation_stream(command.evacuation)]
    return (shelter_stream(evacuation.shelter),) if evacuation.shelter and not command.shelter else ()


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
        AmendEvacuation: Handles(_amending, areas=lambda c: c.areas or (), further=_sheltered),
        ReportCleared: Handles(_own),
        ReturnEvacuees: Handles(_own),
        ReviewEvacuation: Handles(_own),
        FileEvacuation: Handles(_own),
        EscalateEvacuationClock: Handles(_own),
    },
    joint=frozenset({IssueEvacuation, AmendEvacuation}),
)
