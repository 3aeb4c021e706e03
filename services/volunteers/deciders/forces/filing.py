"""Filing, assessing and rostering a force (domain 2.9 SV-01 to SV-05, 3.16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.volunteers.deciders.forces import commands as ask
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import volunteer_stream
from services.volunteers.events import force as said
from services.volunteers.events.validity import Member, Valid
from shared.blocks.clocks import Due
from shared.kernel.commands import PUBLIC_ID
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

MEMBERS = 2_000


def apply(command: ask.ApplyFiling, states: Mapping[str, Any], rules: Rules) -> Sequence[said.ForceFilingApplied]:
    """The filing as asked for; every fault at once."""
    refuse_all(RuleBroken, [*_required(command, rules), *roster(command.members, states)])
    assert command.name and command.leader
    applied = said.ForceFilingApplied(
        force=command.force,
        name=command.name,
        kind=command.kind,
        disciplines=tuple(dict.fromkeys(one.value for one in command.disciplines)),
        home=command.home,
        contract=command.contract,
        contract_with=command.contract_with,
        leader=command.leader,
        members=tuple(checked(one, states) for one in command.members),
        registration=command.registration,
        host_unit=command.host_unit,
        self_sufficiency_days=command.self_sufficiency_days,
        contact_24h=command.contact_24h,
        by=command.by.actor,
        at=command.now,
    )
    return [applied]


def _required(command: ask.ApplyFiling, rules: Rules) -> Iterable[Failure]:
    for row in rules.value("force.required"):
        if not any(getattr(command, name) for name in row["fields"]):
            yield Failure("force.required", row["cure"], row["fields"][0])
    if command.foreign:
        yield Failure("EQL-57", "teams from abroad come through the State Council, not by filing", "foreign")
    if command.self_sufficiency_days is not None and command.self_sufficiency_days < 0:
        yield Failure("force.numbers", "days are not below zero: say for how many it can look after itself", "self_sufficiency_days")
    if command.contract and not command.contract_with:
        yield Failure("force.required", "name the division the contract is with", "contract_with")


def roster(members: Sequence[Member], states: Mapping[str, Any]) -> Iterable[Failure]:
    """Adults only, each once, by public ids; of who is registered the register's word counts, not the leader's (ERL art. 39 para. 2)."""
    if len(members) > MEMBERS:
        yield Failure("force.roster", f"at most {MEMBERS} members: file the rest as another force", "members")
    seen: set[str] = set()
    for one in members:
        if one.member in seen:
            yield Failure("force.roster", f"{one.member} stands twice", "members")
        seen.add(one.member)
        yield from _named(one)
        known = states.get(volunteer_stream(one.member))
        minor = isinstance(known, Volunteer) and known.adult is False
        if minor or not checked(one, states).adult:
            why = "is a minor" if minor or one.adult is False else "was not checked to be of age"
            yield Failure("ERL-39.2", f"{one.member} {why}; the roster without {one.member}", "members")


def checked(member: Member, states: Mapping[str, Any]) -> Member:
    """A member with what the register knows, where their force did not say: who is registered as of age is so."""
    known = states.get(volunteer_stream(member.member))
    adult = isinstance(known, Volunteer) and known.adult is True
    return replace(member, adult=True) if adult and member.adult is None else member


def _named(member: Member) -> Iterable[Failure]:
    """By one id, and who is registered by that of the registration: another name would hide what the register knows of them."""
    if not PUBLIC_ID.fullmatch(member.member):
        yield Failure("id.pattern", "a member has an id of letters a-z and A-Z, digits, '.', '_' and '-', which names no person", "members")
    if member.person is not None:
        yield Failure("force.roster", f"name {member.member} by the id of the registration alone, as `member`", "members")


def accept(command: ask.AcceptFiling, force: Force) -> Sequence[said.ForceFiled]:
    """On file, by a second person and with proof."""
    _second(command.by.actor, force)
    found = []
    if not command.proof:
        found.append(Failure("force.proof", "name the proof of its registration with civil affairs, or of its host unit", "proof"))
    if not command.number:
        found.append(Failure("force.number", "give it a filing number", "number"))
    refuse_all(RuleBroken, found)
    assert command.number and command.proof
    return [said.ForceFiled(command.force, command.number, command.proof, command.by.actor, command.now)]


def give_back(command: ask.ReturnFiling, force: Force) -> Sequence[said.FilingReturned]:
    """Back to whoever applied, with a reason."""
    _second(command.by.actor, force)
    return [said.FilingReturned(command.force, reason(command.reason), command.by.actor, command.now)]


def assess(command: ask.AssessForce, force: Force) -> Sequence[said.ForceAssessed]:
    """A grade, whose end runs as a clock."""
    found = [Failure("force.second_person", "a force does not grade itself", None)] if command.by.actor == force.leader else []
    refuse_all(NotAllowed, found)
    if command.to is None or command.to <= command.now:
        raise RuleBroken(Failure("force.grade", "say until when the grade holds: a time to come", "to"))
    valid = Valid(command.discipline, command.now, command.to)
    key = f"grade.{command.discipline}"
    clocks = (Due(key, "force.grade", command.now, command.to),)
    return [said.ForceAssessed(command.force, command.discipline, command.grade, valid, command.by.actor, command.now, clocks)]


def reason(given: str | None) -> str:
    """What was said. RuleBroken when nothing was."""
    if not given:
        raise RuleBroken(Failure("force.reason", "say why", "reason"))
    return given


def _second(actor: str, force: Force) -> None:
    if actor in (force.applied_by, force.leader):
        raise NotAllowed(Failure("force.second_person", "another person than who applied, and than the leader, decides on the filing"))
