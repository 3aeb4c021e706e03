"""The deciders of call-ups and of engagements: which command acts on which streams (domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.volunteers.deciders.callups import answering, arriving, checking, deploying, ending, engagement, offering
from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    Asking,
    AskReserve,
    CancelCallUp,
    CheckEligibility,
    CheckInAtHost,
    CheckOutOfCallUp,
    CloseOffers,
    DepartForHost,
    EscalateCallUpClock,
    OfAll,
    OfferCallUp,
    OfOne,
    OrderCallUp,
    Rotate,
    SettleCallUp,
    StandDown,
    StayOnReserve,
    WithdrawFromCallUp,
)
from services.volunteers.deciders.callups.state import CallUp, about, evolve
from services.volunteers.deciders.callups.zone import Zone
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.streams import (
    callup_stream,
    engagement_stream,
    force_stream,
    volunteer_stream,
    zone_stream,
)
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

_OF_ONE: tuple[type[Command], ...] = (AnswerCallUp, StayOnReserve, WithdrawFromCallUp, DepartForHost, CheckInAtHost, Rotate)
_SAID: tuple[type[Command], ...] = (AnswerCallUp, StayOnReserve, WithdrawFromCallUp)
_ALONE: tuple[type[Command], ...] = (AcceptHostCommand, CloseOffers, AskReserve, StandDown, EscalateCallUpClock)


def decide(command: Asking | OfOne | OfAll, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a call-up; of joint commands the states by stream."""
    match command:
        case OfferCallUp():
            return offering.offer(command, state, rules)
        case OrderCallUp():
            return offering.order(command, state, rules)
        case AskReserve():
            return offering.ask_reserve(command, state, rules)
        case AnswerCallUp():
            return answering.answer(command, state, rules)
        case StayOnReserve():
            return answering.stay(command, state, rules)
        case WithdrawFromCallUp():
            return answering.withdraw(command, state, rules)
        case AcceptHostCommand():
            return checking.accept_host(command, state)
        case DepartForHost():
            return checking.depart(command, state, rules)
        case CheckInAtHost():
            return deploying.check_in(command, state, rules)
        case Rotate():
            return deploying.rotate(command, state)
        case _:
            return _end(command, state, rules)


def _end(
    command: CloseOffers | EscalateCallUpClock | CancelCallUp | StandDown | CheckOutOfCallUp | SettleCallUp, state: Any, rules: Rules
) -> Sequence[Any] | Decided:
    match command:
        case CloseOffers():
            return ending.close(command, state, rules)
        case EscalateCallUpClock():
            return ending.escalate(command, state)
        case CancelCallUp():
            return ending.cancel(command, state, rules)
        case StandDown():
            return ending.stand_down(command, state, rules)
        case CheckOutOfCallUp():
            return ending.check_out(command, state)
        case SettleCallUp():
            return ending.settle(command, state)
        case _:
            assert_never(command)


def _asking(command: Asking) -> tuple[str, ...]:
    people = command.volunteers if isinstance(command, OfferCallUp) else ()
    holders = (*people, *((command.force,) if command.force else ()))
    known = (*map(volunteer_stream, people), *((force_stream(command.force),) if command.force else ()))
    return tuple(dict.fromkeys((callup_stream(command.call_up), *known, *map(engagement_stream, holders))))


def _of_one(command: OfOne) -> tuple[str, ...]:
    zone = getattr(command, "zone", None)
    return (callup_stream(command.call_up), *((zone_stream(zone),) if zone else ()))


def _around(command: OfOne, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who is meant, what is known of them, and what they and theirs are promised to."""
    callup: CallUp = states[callup_stream(command.call_up)]
    forces = tuple(force_stream(one.holder) for one in callup.parties.values() if one.force) if command.by.has("TEAM") else ()
    holder = answering.meant(command, callup, states)
    party = callup.parties.get(holder) if holder else None
    themself = (engagement_stream(holder),) if holder else ()
    if party is None:
        return (*forces, *themself)
    found = states.get(force_stream(party.holder))
    members = (*(one.member for one in found.members), *party.members) if isinstance(found, Force) else party.members
    known = force_stream(party.holder) if party.force else volunteer_stream(party.holder)
    zone = (zone_stream(party.zone),) if party.zone else ()
    registered = map(volunteer_stream, members) if party.force else ()
    return (*forces, known, *zone, *registered, *map(engagement_stream, (party.holder, *members)))


def _home(command: OfOne, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who notes what they were told has the holder's home in their area, wherever the call-up is: they are the desk people ring."""
    callup: CallUp = states[callup_stream(command.call_up)]
    party = callup.parties.get(answering.meant(command, callup, states) or "")
    place = party.home if party is not None and party.home else callup.division
    noted = not command.by.has("VOL", "TEAM", "SYS")
    return (place,) if noted and place else ()


def _zone(command: CheckInAtHost | Rotate, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Where they work: who leads there takes them in, also for a call-up of a level above."""
    zone = states.get(zone_stream(command.zone)) if command.zone else None
    place = zone.division if isinstance(zone, Zone) else None
    place = place or states[callup_stream(command.call_up)].division
    return (place,) if place else ()


def _own(command: OfAll) -> tuple[str, ...]:
    return (callup_stream(command.call_up),)


def _everybody(command: CancelCallUp | CheckOutOfCallUp, states: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(engagement_stream, ending.everybody(command, states)))


def _everybody_and_zones(command: CheckOutOfCallUp, states: Mapping[str, Any]) -> tuple[str, ...]:
    callup: CallUp = states[callup_stream(command.call_up)]
    return (*_everybody(command, states), *(zone_stream(party.zone) for party in callup.parties.values() if party.zone))


def _ledgers(command: SettleCallUp, states: Mapping[str, Any]) -> tuple[str, ...]:
    return ending.ledgers(states[callup_stream(command.call_up)])


def _everybody_and_ledgers(command: CancelCallUp, states: Mapping[str, Any]) -> tuple[str, ...]:
    return (*_everybody(command, states), *ending.ledgers(states[callup_stream(command.call_up)]))


def _checked(command: CheckEligibility, states: Mapping[str, Any]) -> tuple[str, ...]:
    names = engagement.engaged(states, command.holder).call_ups
    callups = [states[callup_stream(name)] for name in names if callup_stream(name) in states]
    members = [member for one in callups if (party := one.parties.get(command.holder)) for member in party.members]
    return (*map(callup_stream, names), *map(engagement_stream, members), *map(volunteer_stream, members))


def _place(command: Asking) -> tuple[str, ...]:
    return (command.place,) if command.place else ()


CALLUP = Decider(
    category="callup",
    initial=CallUp(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset({OfferCallUp, OrderCallUp, *_OF_ONE, CancelCallUp, CheckOutOfCallUp, SettleCallUp}),
    handles={
        OfferCallUp: Handles(_asking, areas=_place, creates=True, bulk=True),
        OrderCallUp: Handles(_asking, areas=_place, creates=True),
        **{kind: Handles(_of_one, further=_around, bulk=True) for kind in (DepartForHost,)},
        **{kind: Handles(_of_one, further=_around, bulk=True, state_areas=_home, instead=True) for kind in _SAID},
        **{kind: Handles(_of_one, further=_around, bulk=True, state_areas=_zone, instead=True) for kind in (CheckInAtHost, Rotate)},
        **{kind: Handles(_own) for kind in _ALONE},
        CancelCallUp: Handles(_own, further=_everybody_and_ledgers, bulk=True),
        CheckOutOfCallUp: Handles(_own, further=_everybody_and_zones, bulk=True),
        SettleCallUp: Handles(_own, further=_ledgers, bulk=True),
    },
)


def _uncalled(command: arriving.RegisterSelfArrival | CheckEligibility, states: Mapping[str, Any], rules: Rules) -> Decided:
    if isinstance(command, CheckEligibility):
        return checking.check(command, states, rules)
    return arriving.register(command, states, rules)


def _arrived(command: arriving.RegisterSelfArrival) -> tuple[str, ...]:
    zone = (zone_stream(command.zone),) if command.zone else ()
    name = command.volunteer
    return (volunteer_stream(name), engagement_stream(name), force_stream(name), *zone)


ENGAGEMENT = Decider(
    category="engagement",
    initial=engagement.Engagement(),
    decide=_uncalled,
    evolve=engagement.evolve,
    about=engagement.about,
    joint=frozenset({CheckEligibility, arriving.RegisterSelfArrival}),
    handles={
        CheckEligibility: Handles(
            lambda c: (engagement_stream(c.holder), volunteer_stream(c.holder), force_stream(c.holder)),
            creates=True,
            further=_checked,
            bulk=True,
        ),
        arriving.RegisterSelfArrival: Handles(_arrived, creates=True),
    },
)
