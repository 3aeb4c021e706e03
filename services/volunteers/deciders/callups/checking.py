"""The gate in its place: after every answer, cover and training, and again before anybody sets out (ERL art. 39, 40; domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.volunteers.deciders.callups.answering import party_for, refuse_past
from services.volunteers.deciders.callups.commands import AcceptHostCommand, CheckEligibility, DepartForHost
from services.volunteers.deciders.callups.engagement import Facts, engaged, overlaps, released, taken
from services.volunteers.deciders.callups.gate import Verdict, as_known, verdict
from services.volunteers.deciders.callups.requiring import places
from services.volunteers.deciders.callups.state import ACCEPTED, COMING, OPEN, CallUp, Party
from services.volunteers.deciders.streams import callup_stream
from services.volunteers.events.callup import CallUpDeparted, CallUpReserved
from services.volunteers.events.gate import EligibilityFailed, EligibilityPassed, HostAccepted
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

HOST = "callup.host"


def check(command: CheckEligibility, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Every call-up the holder accepted and has not set out for. What did not change is not said again."""
    facts: Facts = []
    for name in engaged(states, command.holder).call_ups:
        callup: CallUp | None = states.get(callup_stream(name))
        party = callup.parties.get(command.holder) if callup else None
        if callup is not None and party is not None and callup.status == OPEN and party.status == ACCEPTED:
            facts += _checked(command, callup, party, states, rules)
    return Decided(facts)


def accept_host(command: AcceptHostCommand, callup: CallUp) -> list[HostAccepted]:
    """Those who accepted and those who will; twice changes nothing."""
    if callup.status != OPEN:
        raise WrongState(Failure("callup.over", f"{command.call_up} is {callup.status}"))
    if callup.host_accepted:
        return []
    by = command.by
    if by.division not in callup.line:
        raise NotAllowed(Failure(HOST, f"who commands in {callup.place} takes them under command"))
    if by.actor in callup.callers:
        raise NotAllowed(Failure(HOST, "another than who called them takes them under command"))
    holders = tuple(party.holder for party in callup.in_status(*COMING) if party.host_needed)
    return [HostAccepted(command.call_up, callup.incident, holders, by.actor, by.division, command.now)]


def depart(command: DepartForHost, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Nobody sets out with anything standing against it."""
    callup, party = party_for(command, states)
    require_coming(callup, party)
    refuse_past(command.eta, command)
    found = verdict(as_known(callup, command.type, rules), party, states, rules)
    refuse_all(RuleBroken, found.refusal())
    require_place(callup, party)
    refuse_all(WrongState, _elsewhere_first(command, callup, party, states))
    departed = CallUpDeparted(command.call_up, callup.incident, **party.named, by=command.by.actor, at=command.now, eta=command.eta)
    return Decided([(callup_stream(command.call_up), departed)], basis="ERL-40.2")


def _elsewhere_first(command: DepartForHost, callup: CallUp, party: Party, states: Mapping[str, Any]) -> list[Failure]:
    """Nobody sets out for two places at once: what begins earlier comes first."""
    assert callup.since
    found = ((one, engaged(states, one).before(callup.call_up, callup.since, command.now)) for one in party.promised)
    cure = "check in there, or withdraw from it (WithdrawFromCallUp); set out for this one when it is over"
    return [
        Failure("callup.overlap", f"{one} goes to {other.call_up} first, until {other.until:%m-%d %H:%M}: {cure}")
        for one, other in found
        if other
    ]


def require_coming(callup: CallUp, party: Party, *others: str) -> None:
    """They accepted, or are as far as `others`, and the call-up is open. WrongState."""
    if callup.status != OPEN or party.status not in (ACCEPTED, *others):
        how = callup.status if callup.status != OPEN else party.status
        raise WrongState(Failure("callup.life", f"{party.holder} is {how}: this is for who accepted", "volunteer"))


def require_place(callup: CallUp, party: Party) -> None:
    """The place is still theirs. WrongState."""
    if not party.place:
        raise WrongState(Failure("callup.quota", f"{places(callup.quota)} taken meanwhile, thank you", "volunteer"))


def _checked(command: CheckEligibility, callup: CallUp, party: Party, states: Mapping[str, Any], rules: Rules) -> Facts:
    found = verdict(callup, party, states, rules)
    if found.failures:
        return _failed(command, callup, party, found, found.rules, states)
    if found.waits:  # for whoever commands there: nothing to say yet
        return []
    if party.place:
        return [] if party.fit else [(callup_stream(callup.call_up), _passed(command, callup, party))]
    if callup.full:
        name = party.named
        reserved = CallUpReserved(callup.call_up, callup.incident, name["volunteer"], name["force"], command.by.actor, command.now)
        return [(callup_stream(callup.call_up), reserved), *released(callup, party, states, command.now)]
    if overlaps(callup, party.holder, party.promised, states):
        return _failed(command, callup, party, found, ("callup.overlap",), states)
    return [(callup_stream(callup.call_up), _passed(command, callup, party)), *taken(callup, party, command.now)]


def _failed(
    command: CheckEligibility, callup: CallUp, party: Party, found: Verdict, failures: tuple[str, ...], states: Mapping[str, Any]
) -> Facts:
    """The place and the person are free until it is cured."""
    if party.fit is False and party.failures == failures:
        return []
    failed = EligibilityFailed(callup.call_up, callup.incident, **party.named, failures=failures, gap=found.gap, at=command.now)
    freed = released(callup, party, states, command.now, waiting=True) if party.place else []
    return [(callup_stream(callup.call_up), failed), *freed]


def _passed(command: CheckEligibility, callup: CallUp, party: Party) -> EligibilityPassed:
    return EligibilityPassed(callup.call_up, callup.incident, **party.named, at=command.now)
