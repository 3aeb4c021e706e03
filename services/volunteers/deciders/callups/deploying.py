"""Arriving and working: nobody enters a zone that is full, or uncalled for (VSR art. 24, ERL art. 72; domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.volunteers.deciders.callups.answering import party_for
from services.volunteers.deciders.callups.checking import require_coming, require_place
from services.volunteers.deciders.callups.commands import CheckInAtHost, Rotate
from services.volunteers.deciders.callups.gate import as_known, verdict
from services.volunteers.deciders.callups.state import ACCEPTED, ARRIVED, DEPARTED
from services.volunteers.deciders.callups.zone import room_in
from services.volunteers.deciders.streams import callup_stream, zone_stream
from services.volunteers.events.callup import HostCheckedIn
from services.volunteers.events.engagement import ZoneEntered, ZoneLeft
from services.volunteers.events.placing import CallUpRotated, ZoneAssigned
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all


def check_in(command: CheckInAtHost, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Who is from here need not set out; the gate is looked at all the same."""
    callup, party = party_for(command, states)
    if party.status == ARRIVED:
        raise WrongState(Failure("callup.life", f"{party.holder} works in {party.zone}: Rotate takes them elsewhere"))
    require_coming(callup, party, DEPARTED)
    size = len(party.members) if party.force else 1
    people = size if command.people is None else command.people
    if people < max(size, 1):
        raise RuleBroken(Failure("callup.people", f"{party.holder} comes with {max(size, 1)}: a zone has room for each of them", "people"))
    if party.status == ACCEPTED:
        refuse_all(RuleBroken, verdict(as_known(callup, command.type, rules), party, states, rules).refusal())
        require_place(callup, party)
    room_in(command.zone, callup.incident, people, states)
    assert command.zone
    own, now = callup_stream(command.call_up), command.now
    return Decided(
        [
            (own, HostCheckedIn(command.call_up, callup.incident, **party.named, people=people, by=command.by.actor, at=now)),
            (own, ZoneAssigned(command.call_up, callup.incident, **party.named, zone=command.zone, people=people, at=now)),
            (zone_stream(command.zone), ZoneEntered(command.zone, command.call_up, party.holder, people, now)),
        ],
        basis="VSR-24",
    )


def rotate(command: Rotate, states: Mapping[str, Any]) -> Decided:
    """Out of one zone and into another, if that has room."""
    callup, party = party_for(command, states)
    if party.status != ARRIVED or party.zone is None:
        raise WrongState(Failure("callup.life", f"{party.holder} is {party.status}: check them in first (CheckInAtHost)"))
    if command.zone == party.zone:
        raise WrongState(Failure("callup.life", f"{party.holder} works in {party.zone} already"))
    room_in(command.zone, callup.incident, party.people, states)
    assert command.zone
    own, now = callup_stream(command.call_up), command.now
    by = command.by.actor
    return Decided(
        [
            (own, CallUpRotated(command.call_up, callup.incident, **party.named, zone=party.zone, by=by, at=now)),
            (own, ZoneAssigned(command.call_up, callup.incident, **party.named, zone=command.zone, people=party.people, at=now)),
            (zone_stream(party.zone), ZoneLeft(party.zone, command.call_up, party.holder, now)),
            (zone_stream(command.zone), ZoneEntered(command.zone, command.call_up, party.holder, party.people, now)),
        ],
        basis="VSR-24",
    )
