"""Volunteers and social forces are asked, official and contracted forces are ordered (VSR art. 12, 25; PSER art. 19; domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.commands import Asking, AskReserve, Lines, OfferCallUp, OrderCallUp
from services.volunteers.deciders.callups.engagement import overlaps
from services.volunteers.deciders.callups.gate import HAZARD
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
from services.volunteers.deciders.forces.state import NEW as UNFILED
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.people.state import NEW as UNREGISTERED
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import callup_stream, force_stream, volunteer_stream
from services.volunteers.events.callup import CallUpOffered, CallUpOrdered
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

ANSWER = "callup.answer_wait"
ALREADY = (ASKED, ACCEPTED, DEPARTED, ARRIVED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a call-up is for: what the command says, else what the call-up said before."""

    incident: str | None
    task: str
    since: datetime | None
    until: datetime | None
    place: str | None
    line: tuple[str, ...]
    risk_text: int | None
    skills: tuple[str, ...]
    hazard: str

    def for_overlap(self, callup: CallUp, call_up: str) -> CallUp:
        """The call-up as far as engagements ask."""
        return CallUp(call_up=call_up, since=self.since, until=self.until, parties=callup.parties)


def offer(command: OfferCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """One offer for each of them, or none at all: every fault of every one is told."""
    callup: CallUp = states[callup_stream(command.call_up)]
    holders = (*dict.fromkeys(command.volunteers), *((command.force,) if command.force else ()))
    found: dict[str, Volunteer | Force] = {name: states[volunteer_stream(name)] for name in dict.fromkeys(command.volunteers)}
    if command.force:
        found[command.force] = states[force_stream(command.force)]
    terms = _terms(command, callup, rules)
    _known(found)
    _fits(command, callup, holders, terms, states)
    refuse_all(RuleBroken, [*_unfit_to_be_asked(found), *_missing(command, callup, terms, holders)])
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
    return Decided([(callup_stream(command.call_up), fact) for fact in facts], basis="VSR-25")


def order(command: OrderCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Only who is bound by office or contract. RuleBroken for anybody else."""
    own = callup_stream(command.call_up)
    callup: CallUp = states[own]
    if command.volunteer is not None:
        raise RuleBroken(Failure("VSR-25", "volunteers get an offer: OfferCallUp", "volunteer"))
    if command.force is None:
        raise RuleBroken(Failure("PSER-19.1", "name the force that is ordered", "force"))
    force: Force = states[force_stream(command.force)]
    terms = _terms(command, callup, rules)
    _known({command.force: force})
    _fits(command, callup, (command.force,), terms, states)
    refuse_all(
        RuleBroken,
        [*_unbound(command, force), *_unfit_to_be_asked({command.force: force}), *_missing(command, callup, terms, ())],
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
        command.by.division not in _line(force.home, command.lines),
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
    if callup.status in (STOOD_DOWN, CANCELLED) or callup.quota is None or callup.since is None or callup.until is None:
        return []
    waiting = [party for party in callup.in_status(ASKED) if not party.silent]
    turned_away = [party for party in waiting if callup.crowded and not party.again]
    free = callup.quota - callup.taken - len(waiting) + len(turned_away)
    asked: list[Party] = [*callup.in_status(RESERVE), *turned_away][: max(free, 0)]
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


def _terms(command: Asking, callup: CallUp, rules: Rules) -> Terms:
    place = command.place or callup.place or command.by.division
    line = callup.line if callup.line and place == callup.place else _line(place, command.lines)
    return Terms(
        incident=command.incident or callup.incident,
        task=command.task or callup.task,
        since=command.from_ or callup.since,
        until=command.to or callup.until,
        place=place,
        line=line,
        risk_text=command.risk_text if command.risk_text is not None else callup.risk_text,
        skills=command.skills or callup.skills,
        hazard=rules.value(HAZARD).get(command.type) or (command.hazard.value if command.hazard else callup.hazard),
    )


def _line(place: str | None, lines: Lines) -> tuple[str, ...]:
    known = next((line for line in lines if line and line[0] == place), None)
    return known or ((place,) if place else ())


def _from_elsewhere(terms: Terms, home: str | None, lines: Lines) -> bool:
    """Whether they come from another area than that of the work (VSR art. 24); what is not known counts as elsewhere. Who is ordered
    has who orders as command already."""
    return home not in terms.line and terms.place not in _line(home, lines)


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
    refuse_all(WrongState, [*found, *_other_terms(callup, terms)])


def _other_terms(callup: CallUp, terms: Terms) -> list[Failure]:
    """What people accepted stays as it was told them: a wave changes neither where and when they go, nor at which risk (VSR art. 12)."""
    if callup.status == NEW:
        return []
    said = (
        ("incident", callup.incident, terms.incident),
        ("place", callup.place, terms.place),
        ("from", callup.since, terms.since),
        ("to", callup.until, terms.until),
        ("risk_text", callup.risk_text, terms.risk_text),
        ("hazard", callup.hazard or None, terms.hazard),
    )
    changed = [(name, was) for name, was, now in said if was is not None and was != now]
    return [Failure("callup.wave", f"{callup.call_up} was offered with {name} {was}: make another call-up", name) for name, was in changed]


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
    if partner and command.by.division not in _line(partner, command.lines):
        return [Failure("PSER-19.1", f"{command.force} has its contract with {partner}: those there order it, others offer", "force")]
    return []


def _missing(command: Asking, callup: CallUp, terms: Terms, asked: tuple[str, ...]) -> list[Failure]:
    found = []
    if command.hazard is not None and command.hazard != terms.hazard:
        found.append(Failure(HAZARD, f"{terms.incident} is {command.type}: leave it out, or name {terms.hazard}", "hazard"))
    if isinstance(command, OfferCallUp):
        if not asked:
            found.append(Failure("callup.who", "name who is asked", "volunteers"))
        if terms.risk_text is None:
            found.append(Failure("VSR-12", "name the risk statement they are shown", "risk_text"))
        if command.volunteers and not terms.task:
            found.append(Failure("VSR-12", "say what the task is", "task"))
        if command.quota is not None and command.quota < max(callup.taken, 1):
            found.append(Failure("callup.quota", f"at least {max(callup.taken, 1)}", "quota"))
    if terms.since is None or terms.until is None:
        found.append(Failure("ERL-40.1", "say from when to when: cover is looked at for the whole period", "from"))
    elif terms.since >= terms.until or terms.until <= command.now:
        found.append(Failure("callup.period", "it ends after it begins, and lies ahead", "to"))
    return found
