"""Destroying what was decided to be destroyed: a tombstone for each person, one certificate for all (ERL art. 85)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.privacy.deciders.records.changing import destroyed
from services.privacy.deciders.records.collecting import TOMBSTONE
from services.privacy.deciders.records.state import Held, Person
from services.privacy.deciders.retention.certificates import Certificate
from services.privacy.deciders.retention.commands import DestroyPersonalData
from services.privacy.deciders.retention.state import DECIDED, FLOW, OWES_DECISION, OWES_NOTICE, RULE, Part, opened
from services.privacy.deciders.streams import certificate_stream, person_stream, retention_stream
from services.privacy.events.certificate import DestructionBegun
from services.privacy.events.retention import DestructionOrdered, SubjectsLeft
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Destroyed, Failure, NotFound, OnHold, RuleBroken, WrongState, refuse_all

Said = tuple[str, Any]
TOGETHER = 1_000  # names in one fact
CALLS_UP = "volunteers"  # the register of who is sent out
LATER = "destroy those it is about, whose locks are lifted and who are home; then an assessment of who came since opens by itself"
HOME = "stand the call-up down (StandDown) or close the shift (CheckOut), and destroy once they are home"


def destroy(command: DestroyPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """All of them or none: who is unknown, kept by decision, locked or not home yet is named."""
    own = retention_stream(command.incident, command.register)
    part: Part = states[own]
    subjects = tuple(dict.fromkeys(command.subjects))
    if not 0 < len(subjects) <= rules.value("privacy.destroy_most"):
        raise RuleBroken(Failure(RULE, f"one destruction names 1 to {rules.value('privacy.destroy_most')} persons", "subjects"))
    people: dict[str, Person] = {subject: states[person_stream(subject)] for subject in subjects}
    refuse_all(NotFound, [Failure("reference", f"nothing is held of {s}", "subjects") for s, p in people.items() if not p.records])
    FLOW.require(part.status, command)
    records = {subject: _of(person, command) for subject, person in people.items()}
    gone = [subject for subject in subjects if not records[subject]]
    refuse_all(Destroyed, [Failure(RULE, f"{TOMBSTONE} of {subject}", "subjects") for subject in gone])
    refuse_all(OnHold, list(_held(command, part, people)))
    _named(command, states)
    certificate = str(command.certificate)
    facts: list[Said] = [
        (person_stream(subject), destroyed(people[subject], held, certificate, command)) for subject, held in records.items()
    ]
    for start in range(0, len(subjects), TOGETHER):
        some = subjects[start : start + TOGETHER]
        facts.append((own, SubjectsLeft(command.incident, command.register, some, certificate, command.now)))
    begun = (command.incident, command.register, len(subjects), part.division, command.by.actor, command.now)
    facts.append((certificate_stream(certificate), DestructionBegun(certificate, *begun)))
    facts.append((own, _ordered(command, part, certificate, subjects)))
    if part.status == DECIDED and _later_alone(part, subjects):  # nobody else would ask
        left = part.roster.without(subjects)
        facts.append((own, opened(part, (command.incident, command.register), left, command, rules)))
    return Decided(facts, answer={"certificate": certificate, "destroyed": len(subjects)}, basis=RULE)


def _later_alone(part: Part, subjects: Sequence[str]) -> bool:
    """Whether those of the decision are gone with these, and whose keeping has lapsed too, and somebody is left who came after it."""
    gone = part.carried_out(part.roster.without(subjects), part.destroyed + len(subjects))
    return gone and bool(part.later.difference(subjects)) and not (part.lapsed and part.retained.difference(subjects))


def _ordered(command: DestroyPersonalData, part: Part, certificate: str, subjects: Sequence[str]) -> DestructionOrdered:
    """Whom nothing is held of any more need not be told what was collected."""
    left = part.roster.without(subjects)
    met = (OWES_NOTICE,) if part.clocks.runs(OWES_NOTICE) and not left.marks() else ()
    if part.lapsed and part.clocks.runs(OWES_DECISION) and not part.retained.difference(subjects) | part.later:
        met = (*met, OWES_DECISION)
    return DestructionOrdered(command.incident, command.register, certificate, len(subjects), command.by.actor, command.now, met)


def _of(person: Person, command: DestroyPersonalData) -> list[Held]:
    """What the incident has of a person; with it goes what they reported and no incident has."""
    own = [one for one in person.live() if one.incident == command.incident and one.owner == command.register]
    return own and [*own, *person.loose(owner=command.register)]


def _held(command: DestroyPersonalData, part: Part, people: Mapping[str, Person]) -> Iterable[Failure]:
    for subject, person in people.items():
        if part.kept(subject):
            yield Failure(RULE, f"kept by decision until {part.until}: {subject}", "subjects")
        elif part.status == DECIDED and subject in part.later and not part.carried_out(part.roster, part.destroyed):
            yield Failure(RULE, f"{subject} came after the decision: {LATER}", "subjects")
        elif lock := person.lock():
            yield Failure("PIPL-47", f"{subject} is locked by {lock[0]} until {lock[1]:%Y-%m-%d}: release it first", "subjects")
        elif command.register == CALLS_UP and (out := person.out_for(command.incident, command.now)):
            yield Failure(RULE, f"{subject} may still be out there, {out}: {HOME}", "subjects")


def _named(command: DestroyPersonalData, states: Mapping[str, Any]) -> None:
    if command.certificate is None:
        raise RuleBroken(Failure(RULE, "name the certificate", "certificate"))
    certificate: Certificate = states[certificate_stream(command.certificate)]
    if certificate.begun:
        raise WrongState(Failure(RULE, f"{command.certificate} is taken: name another", "certificate"))
