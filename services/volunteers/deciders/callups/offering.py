"""Volunteers and social forces are asked, official and contracted forces are ordered (VSR art. 12, 25; PSER art. 19; domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.volunteers.deciders.callups.commands import Asking, AskReserve, Lines, OfferCallUp, OrderCallUp
from services.volunteers.deciders.callups.engagement import overlaps
from services.volunteers.deciders.callups.state import (
    ACCEPTED,
    ARRIVED,
    ASKED,
    CANCELLED,
    DEPARTED,
    NEW,
    RESERVE,
    STOOD_DOWN,
    CallUp,
    Party,
    answer_key,
)
from services.volunteers.deciders.callups.terms import Terms, line_of, missing, other_terms, terms_of, unknown
from services.volunteers.deciders.forces.state import NEW as UNFILED
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.people.state import NEW as UNREGISTERED
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import callup_stream, engagement_stream, force_stream, volunteer_stream
from services.volunteers.events.callup import CallUpOffered, CallUpOrdered
from services.volunteers.events.engagement import EngagementAsked
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

ANSWER = "callup.answer_wait"
ALREADY = (ASKED, ACCEPTED, DEPARTED, ARRIVED)


def offer(command: OfferCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """One offer for each of them, or none at all: every fault of every one is told."""
    callup: CallUp = states[callup_stream(command.call_up)]
    holders = (*dict.fromkeys(command.volunteers), *((command.force,) if command.force else ()))
    found: dict[str, Volunteer | Force] = {name: states[volunteer_stream(name)] for name in dict.fromkeys(command.volunteers)}
    if command.force:
        found[command.force] = states[force_stream(command.force)]
    terms = terms_of(command, callup, rules)
    _known(found)
    _fits(command, callup, holders, terms, states)
    refuse_all(RuleBroken, [*_unfit_to_be_asked(found), *missing(command, callup, terms, holders), *unknown(command, callup, terms, rules)])
    assert terms.since and terms.until
    quota = command.quota if command.quota is not None else callup.quota
    wave = command.wave or callup.wave + 1
    facts = [
        CallUpOffered(
            command.call_up,
            terms.incident,
            None if name == command.force else name,
            command.force if name == command.force else None,
            wave,
            quota,
            terms.since,
            terms.until,
            terms.task,
            terms.risk_text,
            terms.place,
            terms.line,
            _from_elsewhere(terms, home_of(found[name]), command.lines),
            command.by.actor,
            command.by.division,
            command.now,
            terms.skills,
            terms.hazard,
            home_of(found[name]),
            (deadline(rules, ANSWER, command.now, answer_key(name)),),
        )
        for name in holders
    ]
    asked = [
        (engagement_stream(name), EngagementAsked(name, command.call_up, terms.until, terms.place, command.now))
        for name in dict.fromkeys(command.volunteers)
    ]
    return Decided([*((callup_stream(command.call_up), fact) for fact in facts), *asked], basis="VSR-25")


def order(command: OrderCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Only who is bound by office or contract. RuleBroken for anybody else."""
    own = callup_stream(command.call_up)
    callup: CallUp = states[own]
    if command.volunteer is not None:
        raise RuleBroken(Failure("VSR-25", "volunteers get an offer: OfferCallUp", "volunteer"))
    if command.force is None:
        raise RuleBroken(Failure("PSER-19.1", "name the force that is ordered", "force"))
    force: Force = states[force_stream(command.force)]
    terms = terms_of(command, callup, rules)
    _known({command.force: force})
    _fits(command, callup, (command.force,), terms, states)
    refuse_all(
        RuleBroken,
        [
            *_unbound(command, force),
            *_unfit_to_be_asked({command.force: force}),
            *missing(command, callup, terms, ()),
            *unknown(command, callup, terms, rules),
        ],
    )
    assert terms.since and terms.until
    fact = CallUpOrdered(
        command.call_up,
        terms.incident,
        command.force,
        terms.since,
        terms.until,
        terms.task,
        terms.risk_text,
        terms.place,
        terms.line,
        command.by.division not in line_of(force.home, command.lines),
        command.by.actor,
        command.by.division,
        command.now,
        terms.skills,
        terms.hazard,
        force.home,
        (deadline(rules, ANSWER, command.now, answer_key(command.force)),),
    )
    return Decided([(own, fact)], basis="PSER-19.1")


def ask_reserve(command: AskReserve, callup: CallUp, rules: Rules) -> list[CallUpOffered]:
    """As many as places are free, in order: the reserve list, then those with an open offer who may have been turned away while every
    place was taken. Nobody when the work is over."""
    if callup.status in (STOOD_DOWN, CANCELLED) or callup.since is None or callup.until is None:
        return []
    waiting = [party for party in callup.in_status(ASKED) if not party.silent]
    turned_away = [party for party in waiting if callup.crowded and not party.again]
    asked: list[Party] = [*callup.in_status(RESERVE), *turned_away]
    if callup.quota is not None:  # else there is a place for everybody
        asked = asked[: max(callup.quota - callup.taken - len(waiting) + len(turned_away), 0)]
    return [
        CallUpOffered(
            callup.call_up,
            callup.incident,
            party.named["volunteer"],
            party.named["force"],
            callup.wave + 1,
            callup.quota,
            callup.since,
            callup.until,
            callup.task,
            callup.risk_text,
            callup.place,
            callup.line,
            party.host_needed,
            command.by.actor,
            callup.caller,
            command.now,
            callup.skills,
            callup.hazard,
            party.home,
            (deadline(rules, ANSWER, command.now, answer_key(party.holder)),),
        )
        for party in asked
    ]


def home_of(who: Volunteer | Force) -> str | None:
    """Where somebody is at home."""
    return who.home if isinstance(who, Force) else who.division


def _from_elsewhere(terms: Terms, home: str | None, lines: Lines) -> bool:
    """Whether they come from another area than that of the work (VSR art. 24); what is not known counts as elsewhere. Who is ordered
    has who orders as command already."""
    return home not in terms.line and terms.place not in line_of(home, lines)


def _known(found: Mapping[str, Volunteer | Force]) -> None:
    refuse_all(
        NotFound,
        [
            Failure("reference", f"{name} is not registered: check the id", "force" if isinstance(who, Force) else "volunteers")
            for name, who in found.items()
            if who.status in (UNREGISTERED, UNFILED)
        ],
    )


def _fits(command: Asking, callup: CallUp, holders: tuple[str, ...], terms: Terms, states: Mapping[str, Any]) -> None:
    if callup.status in (STOOD_DOWN, CANCELLED):
        raise WrongState(Failure("callup.over", f"{command.call_up} is {callup.status}: make another"))
    again = [name for name in holders if (party := callup.parties.get(name)) and party.status in ALREADY]
    found = [Failure("callup.asked", f"{name} has this call-up already: {callup.parties[name].status}") for name in again]
    if terms.since and terms.until and callup.status in (NEW, "open"):
        of = terms.for_overlap(callup, command.call_up)
        found += [fault for name in holders if name not in again for fault in overlaps(of, name, (name,), states)]
    refuse_all(WrongState, [*found, *other_terms(callup, terms)])


def _unfit_to_be_asked(found: Mapping[str, Volunteer | Force]) -> list[Failure]:
    """Minors first: rescue is never asked of them (ERL art. 39)."""
    minors = [
        Failure("ERL-39.2", f"{name} is a minor; offer without {name}", "volunteers")
        for name, who in found.items()
        if isinstance(who, Volunteer) and who.adult is False
    ]
    others = [
        Failure("callup.callable", f"{name} is {who.status}: leave {name} out", "force" if isinstance(who, Force) else "volunteers")
        for name, who in found.items()
        if not who.callable
    ]
    return [*minors, *others]


def _unbound(command: OrderCallUp, force: Force) -> list[Failure]:
    """Who may not be ordered: a social force without a contract; under one, only its partner and those above may."""
    if not force.ordered:
        return [Failure("VSR-25", f"{command.force} has no contract: it gets an offer (OfferCallUp)", "force")]
    partner = force.contract_with if force.contract else None
    if partner and command.by.division not in line_of(partner, command.lines):
        return [Failure("PSER-19.1", f"{command.force} has its contract with {partner}: those there order it, others offer", "force")]
    return []
