"""How a call-up ends: offers closed, called off, stood down, everybody checked out, hours settled (domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.commands import (
    CancelCallUp,
    CheckOutOfCallUp,
    CloseOffers,
    EscalateCallUpClock,
    SettleCallUp,
    StandDown,
)
from services.volunteers.deciders.callups.engagement import Facts, released
from services.volunteers.deciders.callups.state import (
    ACCEPTED,
    ARRIVED,
    ASKED,
    CLOSED,
    COMING,
    DECLINED,
    DEPARTED,
    OPEN,
    RESERVE,
    STOOD_DOWN,
    CallUp,
    Party,
    answer_key,
)
from services.volunteers.deciders.hours.state import Service
from services.volunteers.deciders.streams import callup_stream, service_stream, zone_stream
from services.volunteers.events.callup import CallUpCancelled, CallUpCheckedOut, CallUpSettled, CallUpSilent, CallUpStoodDown, ServiceDay
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.engagement import ZoneLeft
from services.volunteers.events.gate import OfferClosed, QuotaFilled
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState


def close(command: CloseOffers, callup: CallUp, rules: Rules) -> Sequence[QuotaFilled | OfferClosed]:
    """Once every place is taken by somebody who may go."""
    fit = sum(party.place and party.fit is True for party in callup.parties.values())
    if callup.status != OPEN or callup.quota is None or fit < callup.quota:
        return []
    filled = () if callup.filled else (QuotaFilled(callup.call_up, callup.incident, callup.quota, command.now),)
    return [*filled, *(_closed(command, callup, party, rules) for party in callup.in_status(ASKED))]


def _closed(command: CloseOffers, callup: CallUp, party: Party, rules: Rules) -> OfferClosed:
    stopped, out = (answer_key(party.holder),), callup.out(party, command.now, rules)
    return OfferClosed(callup.call_up, callup.incident, **party.named, at=command.now, stopped=stopped, out=out)


def escalate(command: EscalateCallUpClock, callup: CallUp) -> Sequence[ClockMissed | CallUpSilent]:
    """Once for each who did not answer."""
    due = callup.clocks.passed(command.key, command.now)
    party = callup.parties.get(command.key.partition(".")[2])
    if due is None or party is None or party.status != ASKED:
        return []
    missed = ClockMissed(due.key, due.rule, due.since, due.due_at, command.now)
    return [missed, CallUpSilent(callup.call_up, callup.incident, **party.named, at=command.now)]


def cancel(command: CancelCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Before anybody set out; after that it is stood down."""
    own = callup_stream(command.call_up)
    callup: CallUp = states[own]
    out = [party.holder for party in callup.in_status(DEPARTED, ARRIVED)]
    if callup.status != OPEN:
        raise WrongState(Failure("callup.over", f"{command.call_up} is {callup.status}"))
    if out:
        raise WrongState(Failure("callup.life", f"{', '.join(out)} set out already: StandDown"))
    worked = [person for person in _came(callup) if service_of(states, person).of(callup.call_up)]
    if worked:
        raise WrongState(Failure("callup.life", f"{', '.join(worked)} worked for it: StandDown, so that their hours are settled"))
    if not command.reason:
        raise RuleBroken(Failure("callup.reason", "say why", "reason"))
    stopped = tuple(due.key for due in callup.clocks.open())
    said = (command.reason, command.by.actor, command.now, stopped, *_released(callup, command.now, rules, stays=False))
    cancelled = CallUpCancelled(command.call_up, callup.incident, *said)
    freed = [fact for party in callup.parties.values() for fact in released(callup, party, states, command.now)]
    return Decided([(own, cancelled), *freed])


def stand_down(command: StandDown, callup: CallUp, rules: Rules) -> Sequence[CallUpStoodDown]:
    """What follows, checking out and settling, is the policies'."""
    if callup.status != OPEN:
        raise WrongState(Failure("callup.over", f"{command.call_up} is {callup.status}"))
    stopped = tuple(due.key for due in callup.clocks.open())
    said = (command.by.actor, command.now, command.reason, stopped, *_released(callup, command.now, rules, stays=True))
    return [CallUpStoodDown(command.call_up, callup.incident, *said)]


def _released(callup: CallUp, now: datetime, rules: Rules, stays: bool) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Whom it concerned until now, through whom, and who of them may be out there; with `stays` without those who hold a place: they
    leave by themselves."""
    asked = [party for party in callup.in_status(ASKED, RESERVE, ACCEPTED) if not (stays and party.place and party.status == ACCEPTED)]
    asked += [party for party in callup.in_status(DECLINED, CLOSED) if party.force]  # asked again after they had accepted
    pairs = [(person, party.holder) for party in asked for person in party.called]
    out = dict.fromkeys(person for party in asked if callup.out(party, now, rules) for person in party.called)
    return tuple(person for person, _ in pairs), tuple(holder for _, holder in pairs), tuple(out)


def check_out(command: CheckOutOfCallUp, states: Mapping[str, Any]) -> Decided:
    """Everybody who came leaves the zones and is free; also who waited for the gate."""
    own = callup_stream(command.call_up)
    callup: CallUp = states[own]
    if callup.status != STOOD_DOWN:
        return Decided([])
    facts: Facts = []
    for party in callup.parties.values():
        if party.status in COMING and party.place:
            facts.append((own, CallUpCheckedOut(command.call_up, callup.incident, **party.named, at=command.now, members=party.members)))
        if party.zone:
            facts.append((zone_stream(party.zone), ZoneLeft(party.zone, command.call_up, party.holder, command.now)))
        facts += released(callup, party, states, command.now)
    return Decided(facts)


def settle(command: SettleCallUp, states: Mapping[str, Any]) -> Decided:
    """Of everybody whose shifts are closed; again with the next revision when the hours are others."""
    own = callup_stream(command.call_up)
    callup: CallUp = states[own]
    if callup.status != STOOD_DOWN:
        return Decided([])
    facts: Facts = []
    for party in callup.parties.values():
        if not party.came or _at_work(party, callup, states):
            continue
        days = _days(party, callup, states)
        if (days or party.revision) and days != party.days:
            facts.append((own, _settled(command, callup, party, days)))
    return Decided(facts)


def _settled(command: SettleCallUp, callup: CallUp, party: Party, days: tuple[ServiceDay, ...]) -> CallUpSettled:
    return CallUpSettled(
        callup.call_up,
        callup.incident,
        party.holder,
        **party.named,
        days=days,
        minutes=sum(day.minutes for day in days),
        division=callup.division,
        revision=party.revision + 1,
        at=command.now,
        payer=callup.caller,
    )


def _at_work(party: Party, callup: CallUp, states: Mapping[str, Any]) -> bool:
    """Somebody of them was not checked out yet."""
    shifts = (service_of(states, person).running for person in party.people_of)
    return any(shift is not None and shift.call_up == callup.call_up for shift in shifts)


def _days(party: Party, callup: CallUp, states: Mapping[str, Any]) -> tuple[ServiceDay, ...]:
    return tuple(
        ServiceDay(person, day, minutes)
        for person in party.people_of
        for day, minutes in sorted(service_of(states, person).by_day(callup.call_up).items())
    )


def service_of(states: Mapping[str, Any], person: str) -> Service:
    """The hours of a person among the states of a joint command."""
    found = states.get(service_stream(person))
    return found if isinstance(found, Service) else Service()


def ledgers(callup: CallUp) -> tuple[str, ...]:
    """The hours of everybody who accepted at some time."""
    return tuple(map(service_stream, _came(callup)))


def _came(callup: CallUp) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person for party in callup.parties.values() if party.came for person in party.people_of))


def everybody(command: CancelCallUp | CheckOutOfCallUp, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Whose engagements the call-up may hold."""
    callup: CallUp = states[callup_stream(command.call_up)]
    return tuple(holder for party in callup.parties.values() for holder in party.promised)
