"""What a claimant did in one incident, from settled call-ups alone, and which claims cover it: each day once (domain 3.13, 3.18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, assert_never

from services.compensation.deciders.clock import escalate
from services.compensation.deciders.streams import entitlement_stream, incident_stream
from services.compensation.events.clock import ClockMissed
from services.compensation.events.entitlement import (
    EntitlementEvent,
    EntitlementRecorded,
    EntitlementUnclaimed,
    PeriodClaimed,
    PeriodFreed,
)
from services.compensation.events.figures import ClaimKind, Day, Period
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import EscalateClock, deadline
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules

OPEN, PAYER = "K-26", "compensation.payer"
OF_WORK = {ClaimKind.VOLUNTEER, ClaimKind.FORCE, ClaimKind.LABOUR}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEntitlement(Command):
    """Write down what a settled call-up came to for one volunteer or force. Only policies send it."""

    claimant: PublicId
    incident: PublicId | None
    call_up: PublicId
    force: bool
    days: tuple[Day, ...]
    payer: str | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateEntitlementClock(EscalateClock):
    """Nobody claimed what somebody is owed for (K-26)."""

    entitlement: str


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The newest revision of each call-up, and what each claim covers."""

    claimant: str = ""
    incident: str | None = None
    force: bool | None = None
    division: str | None = None
    payer: str | None = None
    settled: Mapping[str, EntitlementRecorded] = field(default_factory=dict)
    claims: Mapping[str, PeriodClaimed] = field(default_factory=dict)
    less: Mapping[tuple[str, str], int] = field(default_factory=dict)  # claim, call-up -> the last revision that put it in doubt
    clocks: Clocks = STILL

    @property
    def known(self) -> bool:
        """Whether any call-up was settled."""
        return bool(self.settled)

    def days(self, covers: Sequence[Period]) -> tuple[Day, ...]:
        """What was done on the days covered: one row for each person and day, in order."""
        summed: dict[tuple[str, date], int] = {}
        for one in self.settled.values():
            for day in one.days:
                if any(period.holds(day.day) for period in covers):
                    summed[day.person, day.day] = summed.get((day.person, day.day), 0) + day.minutes
        return tuple(Day(person, day, minutes) for (person, day), minutes in sorted(summed.items()) if minutes > 0)

    @property
    def people(self) -> set[str]:
        """Who did anything."""
        return {day.person for one in self.settled.values() for day in one.days}

    def revisions(self, covers: Sequence[Period]) -> tuple[tuple[str, int], ...]:
        """The newest revision of each call-up that came to anything on the days covered."""
        found = {one.call_up: one.revision for one in self.settled.values() for day in one.days if any(p.holds(day.day) for p in covers)}
        return tuple(sorted(found.items()))

    def less_than(self, claim: str, revisions: Sequence[tuple[str, int]]) -> bool:
        """Whether less was done on a day of the claim than these revisions of call-ups said."""
        return any(self.less.get((claim, call_up), 0) > revision for call_up, revision in revisions)

    def claimed(self, day: date) -> bool:
        """Whether a claim for work covers the day."""
        return any(period.holds(day) for one in self.claims.values() if one.kind in OF_WORK for period in one.covers)

    def unclaimed(self) -> tuple[Period, ...]:
        """The days of service that no claim covers."""
        done = {day.day for one in self.settled.values() for day in one.days if day.minutes > 0}
        return joined(day for day in done if not self.claimed(day))

    def covering(self, covers: Sequence[Period]) -> str | None:
        """The claim for work that covers any of these days: a day of work is paid once, whatever it is called."""
        for one in self.claims.values():
            if one.kind in OF_WORK and any(mine.overlaps(period) for mine in one.covers for period in covers):
                return one.claim
        return None


def joined(days: Any) -> tuple[Period, ...]:
    """Days as periods without a gap."""
    found: list[Period] = []
    for day in sorted(days):
        if found and found[-1].until == day - timedelta(days=1):
            found[-1] = Period(found[-1].since, day)
        else:
            found.append(Period(day, day))
    return tuple(found)


def decide(command: RecordEntitlement | EscalateEntitlementClock, state: Any, rules: Rules) -> Sequence[Any]:
    """An older revision, or the same again, changes nothing. `state` is an entitlement; of the joint command the states by stream."""
    match command:
        case EscalateEntitlementClock():
            missed = escalate(command, state.clocks)
            return [*missed, EntitlementUnclaimed(state.claimant, state.incident, command.now)] if missed else []
        case RecordEntitlement():
            own, *where = _streams(command)
            before = state[own].settled.get(command.call_up)
            if before is not None and command.revision <= before.revision:
                return []
            place = state[where[0]].division if where else None
            return [(own, _recorded(command, state[own], place, rules))]
        case _:
            assert_never(command)


def _recorded(command: RecordEntitlement, state: Entitlement, place: str | None, rules: Rules) -> EntitlementRecorded:
    payer = (place if rules.value(PAYER) == "place" else None) or command.payer
    claimed = bool(state.claims) and _covered(command, state)
    clocks = () if claimed or not command.days else (deadline(rules, OPEN, command.now),)
    gone = _gone(state.settled.get(command.call_up), command.days)
    had = (one for one in state.claims.values() if one.kind in OF_WORK and one.entitled)
    return EntitlementRecorded(
        command.claimant,
        command.incident,
        command.call_up,
        command.force,
        command.days,
        payer,
        command.revision,
        payer or command.by.division,
        command.now,
        tuple(claim for claim, one in state.claims.items() if not one.entitled),
        clocks,
        tuple(one.claim for one in had if any(period.holds(day) for period in one.covers for day in gone)),
    )


def _gone(before: EntitlementRecorded | None, days: Sequence[Day]) -> set[date]:
    """The days of which anybody did less than was said before."""
    done = {(one.person, one.day): one.minutes for one in days}
    return {one.day for one in (before.days if before else ()) if done.get((one.person, one.day), 0) < one.minutes}


def _covered(command: RecordEntitlement, state: Entitlement) -> bool:
    """Whether every day of it is covered by a claim already."""
    return all(state.claimed(day.day) for day in command.days)


def evolve(state: Entitlement, event: EntitlementEvent | ClockMissed) -> Entitlement:
    """The entitlement after the event."""
    match event:
        case EntitlementRecorded():
            return replace(
                state,
                less={**state.less, **{(claim, event.call_up): event.revision for claim in event.doubted}},
                claimant=event.claimant,
                incident=event.incident,
                force=event.force,
                division=event.division,
                payer=event.payer or state.payer,
                settled={**state.settled, event.call_up: event},
                clocks=state.clocks.start(*event.clocks),
            )
        case PeriodClaimed():
            return replace(
                state,
                claimant=event.claimant,
                incident=event.incident,
                division=state.division or event.division,
                claims={**state.claims, event.claim: event},
                clocks=state.clocks.end(event.at, *event.met),
            )
        case PeriodFreed(claim=claim):
            return replace(state, claims={key: one for key, one in state.claims.items() if key != claim})
        case ClockMissed(key=key):
            return replace(state, clocks=state.clocks.miss(key))
        case EntitlementUnclaimed():
            return state
        case _:
            assert_never(event)


def _streams(command: RecordEntitlement) -> tuple[str, ...]:
    own = entitlement_stream(command.claimant, command.incident)
    return (own, incident_stream(command.incident)) if command.incident else (own,)


ENTITLEMENT = Decider(
    category="entitlement",
    initial=Entitlement(),
    decide=decide,
    evolve=evolve,
    about=lambda state: About(state.division, "restricted", state.incident),
    handles={
        RecordEntitlement: Handles(_streams, creates=True),
        EscalateEntitlementClock: Handles(lambda c: (f"entitlement-{c.entitlement}",)),
    },
    joint=frozenset((RecordEntitlement,)),
)
