"""Holding data of a person: a declared purpose, its fields, a basis, a notice, an assessed module (PIPL art. 5-17, 28-31, 55)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.privacy.deciders.duties.assessments import Module
from services.privacy.deciders.purposes import Purpose, purpose_of
from services.privacy.deciders.records.commands import AttachPersonalData, CollectPersonalData, NoteUnclaimed
from services.privacy.deciders.records.state import Held, Person
from services.privacy.deciders.retention.state import DECIDED, EXECUTED, OWES_DECISION, VERIFIED, Part, opened
from services.privacy.deciders.streams import (
    REPORT,
    STANDING,
    UNASSIGNED,
    assessment_stream,
    module_of,
    person_stream,
    report_register,
    retention_stream,
    standing_of,
    unclaimed_key,
)
from services.privacy.events.record import PersonalDataAttached, PersonalDataCollected, PersonalDataUnclaimed
from services.privacy.events.retention import SubjectNoted
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.commands import derived_id
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Destroyed, Failure, NotFound, OnHold, RuleBroken, WrongState, refuse_all

Said = tuple[str, Any]
DONE = (EXECUTED, VERIFIED)
DECISIONS = (DECIDED, *DONE)
COPIERS = ("SYS", "EMD")  # who offered somebody a call-up before its module was assessed makes up for it
AGAIN = "who is needed again is called again (OfferCallUp): then what the call-up needs of them is held anew"
UNCLAIMED = "privacy.unclaimed_decided"
TOMBSTONE = "only the tombstone is left"


def collect(command: CollectPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided | Sequence[Said]:
    """The same again changes nothing; new fields of a record are added to it."""
    purpose = purpose_of(command.purpose, rules)
    name = str(purpose["purpose"])
    incident = None if purpose["standing"] else command.incident
    own = person_stream(command.subject)
    person: Person = states[own]
    register = register_for(person, purpose, command.report, command.incident)
    held = person.records.get((register, name))
    part = _part(states, incident, purpose)
    _alive(command, person, part, purpose, register)
    known = held is not None and (command.ref is None or (command.ref in held.refs and set(command.fields) <= set(held.fields)))
    if held is not None and known and set(command.sensitive) <= set(held.sensitive):
        return []
    if held is not None and held.withdrawn:
        raise OnHold(Failure("PIPL-15", f"{command.subject} took the consent back: it is only kept until destroyed", "purpose"))
    copying = purpose["copies"] and command.ref is None and command.by.has(*COPIERS)
    copied = person.records.get((STANDING, standing_of(name))) if copying else None
    fields = command.fields
    source = copied.refs[-1] if copied and copied.refs and not (copied.restricted or copied.withdrawn) else None
    ref = command.ref
    if copied is not None and source is not None:
        fields = tuple(one for one in purpose["fields"] if one in copied.fields)
        ref = str(derived_id("copy", source, register, name))  # of what it is a copy of and for: the same whenever it is sent again
    basis = command.basis or str(purpose["basis"])
    unassessed = [] if purpose.get("taken") and command.by.has("SYS") else _unassessed(command, states, name)
    refuse_all(RuleBroken, [*_faults(command, purpose, basis, rules), *unassessed])
    version, deferred = _notice(command, purpose)
    collected = PersonalDataCollected(
        subject=command.subject,
        owner=str(purpose["owner"]),
        incident=incident,
        purpose=name,
        ref=ref,
        fields=fields,
        sensitive=tuple(one for one in purpose["sensitive"] if one in {*command.sensitive, *fields}),
        basis=basis,
        notice=version,
        deferred=deferred,
        copied_from=source,
        register=register,
        by=command.by.actor,
        division=command.division or command.by.division,
        at=command.now,
        consent=command.consent,
        guardian=command.guardian,
        separate_consent=command.separate_consent,
    )
    facts: list[Said] = [(own, collected)]
    if incident is not None:
        told = (deferred is not None, collected.division, command)
        facts += _noted(command.subject, incident, str(purpose["owner"]), states, *told, clocks=_owed(part, command, rules))
    if part is not None and part.status in DONE and not part.kept(command.subject):  # nobody else would ask again what becomes of it
        of = (part.incident, part.register)
        facts.append((retention_stream(*of), opened(part, of, part.roster.add(command.subject, deferred is not None), command, rules)))
    return Decided(facts, basis=basis, answer={"ref": ref} if ref else {})


def register_for(person: Person, purpose: Purpose, report: str | None, incident: str | None) -> str:
    """The register of the vault for what is collected now: of who is called again, whose key was destroyed, the next."""
    first = register_of(purpose, report, incident)
    return person.register_of(first, str(purpose["purpose"])) if purpose.get("while_called") else first


def register_of(purpose: Purpose, report: str | None, incident: str | None) -> str:
    """The register of the vault: what came with a report lies under it also once its incident is known."""
    if purpose["standing"]:
        return STANDING
    return report_register(report) if report else incident or UNASSIGNED


def attach(command: AttachPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """To the incident that became known. What its data's decision did not know of is decided about by itself."""
    purpose = purpose_of(command.purpose, rules)
    person: Person = states[person_stream(command.subject)]
    held = _waiting(command, person, str(purpose["purpose"]))
    part: Part = states[retention_stream(command.incident, held.owner)]
    if part.status in DECISIONS and command.by.has("SYS"):
        return Decided(_unclaimed(command, person, held, "decided", command.incident, rules), basis="ERL-85")
    if part.status in DECISIONS:
        raise WrongState(Failure("ERL-85", f"the data of {command.incident} were decided about: erase the record instead", "incident"))
    said = (command.incident, command.by.actor, command.now, held.register, person.unclaimed(held))
    fact = PersonalDataAttached(command.subject, held.owner, held.purpose, *said)
    return Decided(
        [(person_stream(command.subject), fact), *belongs(command, command.subject, held, command.incident, states)], basis="ERL-85"
    )


def note_unclaimed(command: NoteUnclaimed, person: Person, rules: Rules) -> Sequence[PersonalDataUnclaimed]:
    """Of everything that came for this purpose and no incident has; once."""
    return [fact for held in person.loose(command.purpose) for _, fact in _unclaimed(command, person, held, command.why, None, rules)]


def _unclaimed(
    command: AttachPersonalData | NoteUnclaimed, person: Person, held: Held, why: str, incident: str | None, rules: Rules
) -> list[tuple[str, PersonalDataUnclaimed]]:
    if person.unclaimed(held):
        return []
    due = deadline(rules, UNCLAIMED, command.now, unclaimed_key(held.register, held.purpose))
    said = (held.purpose, held.register, why, incident, person.division, command.now, (due,))
    return [(person_stream(command.subject), PersonalDataUnclaimed(command.subject, *said))]


def _waiting(command: AttachPersonalData, person: Person, purpose: str) -> Held:
    """The one record that belongs to no incident yet, or that of the named register."""
    known = [one for one in person.records.values() if one.purpose == purpose and one.register not in (STANDING, one.incident)]
    if command.report is not None:
        known = [one for one in known if one.register in (command.report, report_register(command.report))]
    if not known:
        raise NotFound(Failure("reference", f"{command.subject} has no {command.purpose} without an incident", "purpose"))
    found = [one for one in known if one in person.loose(purpose)]
    if len(found) > 1:
        named = ", ".join(one.register.removeprefix(REPORT) for one in found)
        raise RuleBroken(Failure("ERL-85", f"several belong to no incident: name the report, one of {named}", "report"))
    if not found and known[-1].destroyed:
        raise Destroyed(Failure("ERL-85", TOMBSTONE))
    if not found:
        raise WrongState(Failure("ERL-85", f"it belongs to {known[-1].incident}", "incident"))
    return found[0]


def belongs(command: Any, subject: str, held: Held, incident: str, states: Mapping[str, Any]) -> list[Said]:
    """The facts by which a person belongs to a part of the incident from now on."""
    person: Person = states[person_stream(subject)]
    return _noted(subject, incident, held.owner, states, held.owes_notice, person.division, command)


def _noted(
    subject: str,
    incident: str,
    owner: str,
    states: Mapping[str, Any],
    deferred: bool,
    division: str | None,
    command: Any,
    clocks: tuple[Due, ...] = (),
) -> list[Said]:
    stream = retention_stream(incident, owner)
    part: Part = states[stream]
    if subject in part.roster and (part.roster.marked(subject) or not deferred):
        return []
    return [(stream, SubjectNoted(incident, owner, subject, deferred, division, command.now, clocks))]


def _owed(part: Part | None, command: CollectPersonalData, rules: Rules) -> tuple[Due, ...]:
    """A decision about who comes while others are still being destroyed; it does not wait for the slowest of those."""
    if part is None or part.status != DECIDED or part.clocks.runs(OWES_DECISION):
        return ()
    return (deadline(rules, OWES_DECISION, command.now),)


def _part(states: Mapping[str, Any], incident: str | None, purpose: Purpose) -> Part | None:
    return states[retention_stream(incident, str(purpose["owner"]))] if incident is not None else None


def _alive(command: CollectPersonalData, person: Person, part: Part | None, purpose: Purpose, register: str) -> None:
    """Nothing is collected anew for a response whose data were decided about, it would have to be destroyed at once; but what a call-up
    needs of who is called after that: whoever sends them out has to reach them."""
    first = register_of(purpose, command.report, command.incident)
    held, before = person.records.get((register, str(purpose["purpose"]))), person.records.get((first, str(purpose["purpose"])))
    called = bool(purpose.get("while_called")) and _called_again(command, person, part)
    elsewhere = command.ref is not None and (command.register or first) != register  # under a key that is being destroyed
    if (held is not None and held.destroyed) or elsewhere or (held is None and before is not None and not called):
        cure = f"{TOMBSTONE}; {AGAIN}" if purpose.get("while_called") else TOMBSTONE
        raise Destroyed(Failure("ERL-85", cure))
    if part is not None and part.status in DECISIONS and not called:
        cure = f"; {AGAIN}" if purpose.get("while_called") else "; collect for another purpose"
        raise WrongState(Failure("ERL-85", f"the data of {command.incident} were decided about{cure}", "incident"))


def _called_again(command: CollectPersonalData, person: Person, part: Part | None) -> bool:
    """By the node itself what follows from a call-up since the decision; by others while a call-up concerns the person."""
    if command.by.has("SYS"):
        return command.ref is None and (part is None or part.decided_at is None or part.decided_at <= command.now)
    return person.out_for(command.incident, command.now) is not None


def _faults(command: CollectPersonalData, purpose: Purpose, basis: str, rules: Rules) -> Iterable[Failure]:
    listed = ", ".join(purpose["fields"])
    for one in dict.fromkeys((*command.fields, *command.sensitive)):
        if one not in purpose["fields"]:
            yield Failure("PIPL-6", f"{purpose['purpose']} does not need {one}: it takes {listed}", f"values.{one}")
    for one in command.sensitive:
        if one in purpose["fields"] and one not in purpose["sensitive"]:
            yield Failure("PIPL-28", f"{one} is not sensitive for this purpose; leave it out of `sensitive`", "sensitive")
    for one in command.fields:
        if one in purpose["sensitive"] and one not in command.sensitive and not command.by.has("SYS"):
            yield Failure("PIPL-28", f"{one} is sensitive: name it in `sensitive`", "sensitive")
    if read := purpose.get("reads"):
        yield Failure("PIPL-6", f"{purpose['purpose']} is read from what is held for {read}: collect it for that", "purpose")
    if basis not in rules.value("privacy.bases"):
        yield Failure("PIPL-13", f"{basis} is no basis: {', '.join(rules.value('privacy.bases'))}", "basis")
    elif basis not in (purpose["basis"], rules.value("privacy.consent_basis"), purpose.get("unasked") if command.by.has("SYS") else None):
        rests = f"{purpose['purpose']} rests on {purpose['basis']}, or on the person's consent: leave the basis out"
        yield Failure("PIPL-13", rests, "basis")
    if basis == rules.value("privacy.consent_basis"):
        if not command.consent:
            yield Failure("PIPL-14", "name where the person's consent is written", "consent")
        if command.sensitive and not command.separate_consent:
            yield Failure("PIPL-29", "sensitive data by consent need a separate one: name where it is written", "separate_consent")
    if command.under_14 and not command.guardian:
        yield Failure("PIPL-31", "of a child under 14: name where the parent's or guardian's consent is written", "guardian")
    if command.notice and command.deferred:
        yield Failure("PIPL-17", "either the notice was shown, or it is deferred", "deferred")
    if not purpose["standing"] and command.incident is None and purpose["owner"] != "alerts":
        yield Failure("ERL-85", "name the incident it is collected for", "incident")


def _unassessed(command: CollectPersonalData, states: Mapping[str, Any], purpose: str) -> Iterable[Failure]:
    module: Module = states[assessment_stream(module_of(purpose))]
    if module.valid_at(command.now) is None:
        yield Failure("PIPL-55", f"{module_of(purpose)} has no valid impact assessment: draft one and have it approved", "purpose")


def _notice(command: CollectPersonalData, purpose: Purpose) -> tuple[str | None, str | None]:
    """The version shown, or why it is not yet."""
    if command.notice is not None:
        return command.notice, None
    if command.deferred is not None:
        return None, command.deferred
    return (None, "urgency (PIPL-18)") if purpose["deferred"] else (str(purpose["notice"]), None)
