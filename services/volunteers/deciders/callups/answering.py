"""Answers, once per person whatever the channel; the reserve list; withdrawing. None of it has a consequence (VSR art. 25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.commands import AnswerCallUp, OfOne, StayOnReserve, WithdrawFromCallUp
from services.volunteers.deciders.callups.engagement import Facts, overlaps, released, taken
from services.volunteers.deciders.callups.gate import known, verdict
from services.volunteers.deciders.callups.requiring import require_open, require_place, require_registered, require_time
from services.volunteers.deciders.callups.state import (
    ACCEPTED,
    ASKED,
    CLOSED,
    COMING,
    DECLINED,
    OPEN,
    RESERVE,
    WITHDRAWN,
    CallUp,
    Party,
    answer_key,
)
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.people.state import NEW as UNREGISTERED
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import callup_stream, engagement_stream, force_stream, volunteer_stream, zone_stream
from services.volunteers.events.callup import (
    Answer,
    AnswerVia,
    CallUpAccepted,
    CallUpDeclined,
    CallUpMemberLeft,
    CallUpReserved,
    CallUpWithdrawn,
)
from services.volunteers.events.engagement import ZoneLeft
from services.volunteers.events.gate import OfferClosed
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

NOTED = (AnswerVia.PHONE, AnswerVia.PAPER)  # how somebody else comes to know an answer


def meant(command: OfOne, callup: CallUp, states: Mapping[str, Any]) -> str | None:
    """Whom the command is about: as named, else the caller, else the caller's force, else the only one there is."""
    named = command.volunteer or command.force
    if named is not None:
        return named
    by = command.by
    if by.has("VOL"):
        return by.actor
    if by.has("TEAM"):
        return next((one.holder for one in callup.parties.values() if one.force and _leader(one.holder, states) == by.actor), None)
    return next(iter(callup.parties)) if len(callup.parties) == 1 else None


def party_for(command: OfOne, states: Mapping[str, Any]) -> tuple[CallUp, Party]:
    """The call-up and whom it is about. NotAllowed for others than themself, NotFound for who was not called."""
    callup: CallUp = states[callup_stream(command.call_up)]
    holder = meant(command, callup, states)
    by = command.by
    if by.has("VOL") and holder != by.actor:
        raise NotAllowed(Failure("callup.self", "a volunteer speaks for themself only", "volunteer"))
    if by.has("TEAM") and (holder is None or _leader(holder, states) != by.actor):
        raise NotAllowed(Failure("callup.self", "a leader speaks for the own force only", "force"))
    if holder is None:
        raise RuleBroken(Failure("callup.who", "name whom it is about", "volunteer"))
    party = callup.parties.get(holder)
    if party is None:
        raise NotFound(Failure("reference", f"{holder} was not called in {command.call_up}", "volunteer"))
    return callup, party


def themself(by: Signature) -> bool:
    """Whether somebody speaks for themself or the own force."""
    return by.has("VOL", "TEAM")


def refuse_past(eta: datetime | None, command: OfOne) -> None:
    """Who is expected somewhere is expected there in time to come. RuleBroken."""
    if eta is not None and eta < command.now:
        raise RuleBroken(Failure("callup.eta", "the time of arrival lies ahead, or is left out", "eta"))


def answer(command: AnswerCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The same answer again changes nothing. Who accepts is told at once what stands against the departure."""
    callup, party = party_for(command, states)
    require_open(callup)
    if command.answer is None:
        raise RuleBroken(Failure("callup.answer", "accept or decline", "answer"))
    if not themself(command.by) and command.channel not in NOTED:
        raise RuleBroken(Failure("callup.channel", "say how they told you: phone or paper", "channel"))
    if themself(command.by) and command.channel in NOTED:
        raise RuleBroken(Failure("callup.channel", "phone and paper are for whoever notes your answer: leave it out", "channel"))
    refuse_past(command.eta, command)
    if command.answer is Answer.DECLINE:
        return _decline(command, callup, party, rules)
    require_registered(party, states)
    require_time(callup, command)
    if party.status in COMING and not _reads_again(command, callup, party):
        return Decided([], answer=verdict(callup, party, states, rules).told())
    require_place(callup, party)
    who = known(party, states)
    members = _coming(who, states) if isinstance(who, Force) else ()
    coming = replace(party, members=members, risk_text=command.risk_text, place=True, status=ACCEPTED)
    refuse_all(WrongState, overlaps(callup, party.holder, coming.promised, states))
    accepted = CallUpAccepted(
        command.call_up,
        callup.incident,
        **party.named,
        members=members,
        risk_text=command.risk_text,
        eta=command.eta,
        channel=command.channel,
        by=command.by.actor,
        at=command.now,
        met=_running(callup, party.holder),
    )
    missing = [one for one in party.members if one not in members]  # of a force that accepts again with fewer
    facts = [fact for one in missing for fact in _left(command, callup, party, one, states, rules)]
    facts += [(callup_stream(command.call_up), accepted), *taken(callup, coming, command.now)]
    return Decided(facts, answer=verdict(callup, coming, states, rules).told())


def stay(command: StayOnReserve, states: Mapping[str, Any], rules: Rules) -> Decided:
    """On the list of who is asked when a place becomes free."""
    callup, party = party_for(command, states)
    require_open(callup)
    require_registered(party, states)
    require_time(callup, command)
    if party.status == RESERVE:
        return Decided([])
    if party.status in COMING:
        raise WrongState(Failure("callup.answered", f"{party.holder} has a place already"))
    return Decided(
        [
            (
                callup_stream(command.call_up),
                CallUpReserved(
                    command.call_up,
                    callup.incident,
                    **party.named,
                    by=command.by.actor,
                    at=command.now,
                    stopped=_running(callup, party.holder),
                    out=callup.out(party, command.now, rules),
                ),
            )
        ]
    )


def withdraw(command: WithdrawFromCallUp, states: Mapping[str, Any], rules: Rules) -> Decided:
    """They are free at once, whatever the reason. Who is under an order tells who gave it."""
    through = _through(command, states)
    if through is not None:
        return Decided(_left(command, *through, states, rules), basis="VSR-22")
    callup, party = party_for(command, states)
    if party.status == WITHDRAWN:
        return Decided([])
    if command.by.has("SYS") and (callup.status != OPEN or party.status not in (*COMING, RESERVE)):
        return _unasked(command, callup, party, rules)
    if party.status not in (*COMING, RESERVE) or callup.status != OPEN:
        raise WrongState(Failure("callup.answered", f"{party.holder} is {party.status}: there is nothing to withdraw from"))
    if party.ordered and command.by.has("TEAM"):
        raise RuleBroken(Failure("PSER-19.1", "a force under order asks who gave it: they cancel it or let it go", "force"))
    withdrawn = CallUpWithdrawn(
        command.call_up,
        callup.incident,
        **party.named,
        held=party.place,
        by=command.by.actor,
        at=command.now,
        stopped=_running(callup, party.holder),
        members=party.members,
        out=callup.out(party, command.now, rules),
    )
    facts: Facts = [(callup_stream(command.call_up), withdrawn)]
    facts += released(callup, party, states, command.now)
    if party.zone:
        facts.append((zone_stream(party.zone), ZoneLeft(party.zone, command.call_up, party.holder, command.now)))
    return Decided(facts, basis="VSR-22")


def _unasked(command: WithdrawFromCallUp, callup: CallUp, party: Party, rules: Rules) -> Decided:
    """Who is registered no more has an open offer no more."""
    if callup.status != OPEN or party.status != ASKED:
        return Decided([])
    stopped, out = _running(callup, party.holder), callup.out(party, command.now, rules)
    closed = OfferClosed(callup.call_up, callup.incident, **party.named, at=command.now, stopped=stopped, out=out)
    return Decided([(callup_stream(callup.call_up), closed)], basis="VSR-22")


def _through(command: WithdrawFromCallUp, states: Mapping[str, Any]) -> tuple[CallUp, Party, str] | None:
    """The force somebody comes with who was not called alone, or comes alone no more."""
    callup: CallUp = states[callup_stream(command.call_up)]
    member = command.volunteer or (command.by.actor if command.by.has("VOL") else None)
    alone = callup.parties.get(member) if member else None
    if member is None or (command.by.has("VOL", "TEAM") and member != command.by.actor):
        return None
    if alone is not None and alone.status in (*COMING, RESERVE):
        return None
    found = (party for party in callup.in_status(*COMING) if party.force and member in party.members)
    return next(((callup, party, member) for party in found if callup.status == OPEN), None)


def _left(command: OfOne, callup: CallUp, party: Party, member: str, states: Mapping[str, Any], rules: Rules) -> Facts:
    """The member is free; the force comes without them."""
    own, out = callup_stream(callup.call_up), callup.out(party, command.now, rules)
    left = CallUpMemberLeft(callup.call_up, callup.incident, None, party.holder, member, command.by.actor, command.now, out)
    freed = released(callup, replace(party, members=(member,)), states, command.now)
    return [(own, left), *(fact for fact in freed if fact[0] == engagement_stream(member))]


def _decline(command: AnswerCallUp, callup: CallUp, party: Party, rules: Rules) -> Decided:
    if party.status in (DECLINED, CLOSED, WITHDRAWN):
        return Decided([])
    if party.status in COMING:
        raise WrongState(
            Failure("callup.answered", f"{party.holder} accepted: withdraw instead (WithdrawFromCallUp), nothing follows from it")
        )
    if party.ordered:
        raise RuleBroken(Failure("PSER-19.1", "a force under order goes; who cannot tells who gave the order", "answer"))
    declined = CallUpDeclined(
        command.call_up,
        callup.incident,
        **party.named,
        channel=command.channel,
        by=command.by.actor,
        at=command.now,
        met=_running(callup, party.holder),
        out=callup.out(party, command.now, rules),
    )
    return Decided([(callup_stream(command.call_up), declined)], basis="VSR-25")


def _reads_again(command: AnswerCallUp, callup: CallUp, party: Party) -> bool:
    """Whether who accepted accepts the version of the risk statement that they were shown: that cures the gate. One they were not shown
    takes nothing back."""
    asked = callup.risk_text
    return party.status == ACCEPTED and command.risk_text not in (None, party.risk_text) and asked in (None, command.risk_text)


def _coming(force: Force, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The roster, without registered volunteers who did not say themselves that they belong to it (VSR art. 25)."""
    known = ((one.member, states.get(volunteer_stream(one.member))) for one in force.members)
    return tuple(
        name
        for name, volunteer in known
        if not isinstance(volunteer, Volunteer) or volunteer.status == UNREGISTERED or force.force in volunteer.forces
    )


def _running(callup: CallUp, holder: str) -> tuple[str, ...]:
    key = answer_key(holder)
    return (key,) if callup.clocks.runs(key) else ()


def _leader(force: str, states: Mapping[str, Any]) -> str | None:
    found = states.get(force_stream(force))
    return found.leader if isinstance(found, Force) else None
