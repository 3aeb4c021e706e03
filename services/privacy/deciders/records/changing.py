"""Correcting, telling, locking, taking consent back, erasing (PIPL art. 15, 18, 46, 47)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from services.privacy.deciders.duties.rights import Request
from services.privacy.deciders.purposes import purpose_of
from services.privacy.deciders.records.collecting import TOMBSTONE
from services.privacy.deciders.records.commands import (
    CorrectPersonalData,
    ErasePersonalData,
    GiveDeferredNotice,
    LiftRestriction,
    LockPersonalData,
    ReleaseLock,
    RestrictPersonalData,
    WithdrawConsent,
)
from services.privacy.deciders.records.reading import in_use, locked
from services.privacy.deciders.records.state import Held, Person
from services.privacy.deciders.retention.certificates import Certificate
from services.privacy.deciders.retention.state import OWES_NOTICE, Part
from services.privacy.deciders.streams import STANDING, certificate_stream, person_stream, retention_stream, rights_stream, standing_of
from services.privacy.events.certificate import DestructionBegun
from services.privacy.events.duties import Right, RightsOutcome
from services.privacy.events.record import (
    ConsentWithdrawn,
    DeferredNoticeGiven,
    PersonalDataCorrected,
    PersonalDataDestroyed,
    PersonalDataLocked,
    PersonalDataLockReleased,
    PersonalDataRestricted,
    RestrictionLifted,
)
from services.privacy.events.retention import NoticeNoted
from shared.blocks.clocks import Due
from shared.kernel.commands import derived_id
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Destroyed, Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

Said = tuple[str, Any]


def correct(command: CorrectPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """By who may read them. The values before are removed once this is durable; what the node itself notes has happened."""
    person: Person = states[person_stream(command.subject)]
    held = _one(command, person, rules)
    if not command.by.has("SYS"):
        in_use(command, held, states, rules)
        locked((command.subject,), states)
    wrong = [] if command.reason else [Failure("PIPL-46", "say why it is corrected", "reason")]
    if not command.fields:
        wrong.append(Failure("PIPL-46", "give the corrected values", "values"))
    unknown = [name for name in command.fields if held.ref_of(name) is None]
    wrong += [Failure("PIPL-6", f"{name} is not held for {held.purpose}: collect it", f"values.{name}") for name in unknown]
    refuse_all(RuleBroken, wrong)
    refs: dict[str, list[str]] = {}
    for name in command.fields:
        refs.setdefault(str(held.ref_of(name)), []).append(name)
    corrected = partial(
        PersonalDataCorrected,
        subject=command.subject,
        purpose=held.purpose,
        incident=held.incident,
        reason=str(command.reason),
        by=command.by.actor,
        at=command.now,
        request=command.request,
    )
    if command.ref is not None:
        facts = [corrected(ref=command.ref, fields=command.fields, replaced=tuple(refs))]
    else:
        facts = [corrected(ref=ref, fields=tuple(names)) for ref, names in refs.items()]
    return Decided([(person_stream(command.subject), fact) for fact in (*facts, *_copies(command, person, held, states))], basis="PIPL-46")


def _copies(command: CorrectPersonalData, person: Person, held: Held, states: Mapping[str, Any]) -> Iterable[PersonalDataCorrected]:
    """What was copied from the registration is corrected with it: whoever rings reads the copy (PIPL art. 8, 46). Of what is given up
    nothing is copied any more, what is locked or due after the response is left as it is, and so is what was corrected in the copy."""
    if held.register != STANDING or held.restricted or held.withdrawn or person.locks:
        return
    source = command.ref or held.refs[-1]
    for one in person.live():
        part = states.get(retention_stream(one.incident, one.owner)) if one.incident is not None else None
        due = isinstance(part, Part) and part.over and not person.out_for(one.incident, command.now)
        stale = {name: ref for name in command.fields if (ref := one.ref_of(name)) in one.copies}
        if stale and not due and standing_of(one.purpose) == held.purpose:
            yield PersonalDataCorrected(
                subject=command.subject,
                purpose=one.purpose,
                incident=one.incident,
                ref=str(derived_id("copy", source, one.register, one.purpose, len(one.contents))),
                fields=tuple(stale),
                reason=str(command.reason),
                by=command.by.actor,
                at=command.now,
                request=command.request,
                replaced=tuple(dict.fromkeys(map(str, stale.values()))),
                copied_from=source,
                register=one.register,
            )


def tell(command: GiveDeferredNotice, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Of every record whose notice is owed; with the last person of a part its deadline is met."""
    person: Person = states[person_stream(command.subject)]
    owed = [one for one in person.live() if one.owes_notice and command.incident in (None, one.incident)]
    if not owed:
        raise WrongState(Failure("PIPL-18", f"no notice to {command.subject} is owed"))
    if not command.notice:
        raise RuleBroken(Failure("PIPL-17", "name the version of the notice", "notice"))
    own = person_stream(command.subject)
    facts: list[Said] = [
        (own, DeferredNoticeGiven(command.subject, one.purpose, one.incident, command.notice, command.by.actor, command.now))
        for one in owed
    ]
    for incident, owner in dict.fromkeys((one.incident, one.owner) for one in owed):
        if incident is not None:
            part: Part = states[retention_stream(incident, owner)]
            last = part.roster.marks() <= int(part.roster.marked(command.subject)) and part.clocks.runs(OWES_NOTICE)
            met = (OWES_NOTICE,) if last else ()
            facts.append((retention_stream(incident, owner), NoticeNoted(incident, owner, command.subject, command.now, met)))
    return Decided(facts, basis="PIPL-18")


def lock(command: LockPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Named, reasoned and with an end, so that nothing is kept for ever by forgetting. Of a rights request it locks the words."""
    person: Person = states[person_stream(command.subject)]
    request: Request = states[rights_stream(command.subject)]
    words = "" if request.ended else request.words  # what is due goes with the next run
    if not person.records and not request.words:
        raise NotFound(Failure("reference", f"nothing is held of {command.subject}: check the id", "subject"))
    if not person.live() and not words:
        raise Destroyed(Failure("ERL-85", TOMBSTONE))
    if command.lock in person.locks:
        raise WrongState(Failure("PIPL-47", f"{command.lock} is in force: release it or take another id", "lock"))
    said = {"reason": command.reason, "basis": command.basis, "until": command.until}
    wrong = [Failure("PIPL-47", f"say the {name} of the lock", name) for name, value in said.items() if not value]
    if command.until is not None and command.until <= command.now:
        wrong.append(Failure("PIPL-47", "until is in the future", "until"))
    refuse_all(RuleBroken, wrong)
    assert command.until is not None
    due = Due(command.lock, "PIPL-47", command.now, command.until)
    reasoned = (str(command.reason), str(command.basis), command.until)
    fact = PersonalDataLocked(command.subject, command.lock, *reasoned, command.by.actor, command.now, (due,), request.division)
    return Decided([fact], basis=command.basis)


def release(command: ReleaseLock, person: Person, rules: Rules) -> Sequence[PersonalDataLockReleased]:
    """By name, with a reason."""
    if command.lock not in person.locks:
        raise NotFound(Failure("reference", f"{command.subject} has no lock {command.lock}", "lock"))
    if not command.reason:
        raise RuleBroken(Failure("PIPL-47", "say why it is lifted", "reason"))
    said = (command.subject, command.lock, command.reason, command.by.actor, command.now, (command.lock,))
    return [PersonalDataLockReleased(*said, tuple(sorted(person.words)) if len(person.locks) == 1 else ())]


def restrict(command: RestrictPersonalData | LiftRestriction, person: Person, rules: Rules) -> Sequence[Any]:
    """What a volunteer gave up with the registration; what is owed them, and what an incident collected, has an end of its own."""
    if isinstance(command, LiftRestriction):
        lifted = any(one.restricted == command.request for one in person.records.values())
        return [RestrictionLifted(command.subject, command.request, command.by.actor, command.now)] if lifted else []
    given_up = rules.value("privacy.given_up")
    used = [one for one in person.live() if one.register == STANDING and not (one.restricted or one.withdrawn)]
    purposes = tuple(one.purpose for one in used if one.purpose in given_up)
    return [PersonalDataRestricted(command.subject, command.request, purposes, command.by.actor, command.now)] if purposes else []


def withdraw(command: WithdrawConsent, person: Person, rules: Rules) -> Sequence[ConsentWithdrawn]:
    """Only what rests on consent, which the person alone takes back, or who notes it for them; what else is held rests on a duty."""
    if command.by.has("VOL", "CIT", "TEAM") and command.by.actor != command.subject:
        raise NotAllowed(Failure("PIPL-15", "everybody takes back their own consent", "subject"))
    held = _one(command, person, rules)
    if held.withdrawn:
        return []
    consent = rules.value("privacy.consent_basis")
    named = purpose_of(command.purpose, rules)["basis"] if held.refs else None  # an older fact of a registration names another basis
    if consent not in (held.basis, named):  # a member of a roster is held without a value, by a duty: nobody asked them
        raise RuleBroken(
            Failure("PIPL-15", f"{held.purpose} does not rest on consent but on {held.basis}: ask for deletion instead", "purpose")
        )
    return [ConsentWithdrawn(command.subject, held.purpose, held.incident, command.by.actor, command.now)]


def erase(command: ErasePersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Standing records of one person, by two. What an incident collected goes with its part."""
    person: Person = states[person_stream(command.subject)]
    if command.cosigner is None or not {role for one in (command.by, command.cosigner) for role in ("DPO", "LEG") if one.has(role)} == {
        "DPO",
        "LEG",
    }:
        raise NotAllowed(Failure("two.persons", "a personal-information officer and a legality reviewer sign together"))
    standing = [one for one in person.records.values() if one.register == STANDING or one.incident is None]
    wanted = [one for one in standing if not command.purposes or one.purpose in command.purposes]
    if not wanted:
        raise NotFound(Failure("reference", f"{command.subject} has no such standing record", "purposes"))
    live = [one for one in wanted if not one.destroyed]
    if not live:
        raise Destroyed(Failure("ERL-85", TOMBSTONE))
    locked((command.subject,), states)
    if command.request:
        _asked(command, states)
    wrong = [] if command.reason or command.request else [Failure("PIPL-47", "say why, or name the rights request", "reason")]
    wrong += [] if command.certificate else [Failure("PIPL-47", "name the certificate", "certificate")]
    refuse_all(RuleBroken, wrong)
    certificate: Certificate = states[certificate_stream(str(command.certificate))]
    if certificate.begun:
        raise WrongState(Failure("PIPL-47", f"{command.certificate} is taken: name another", "certificate"))
    fact = destroyed(person, live, str(command.certificate), command)
    begun = DestructionBegun(str(command.certificate), None, STANDING, 1, person.division, command.by.actor, command.now)
    return Decided([(person_stream(command.subject), fact), (certificate_stream(str(command.certificate)), begun)], basis="PIPL-47")


def _asked(command: ErasePersonalData, states: Mapping[str, Any]) -> None:
    """The request that is named was this person's, for deletion, and granted."""
    request: Request = states[rights_stream(str(command.request))]
    if request.subject is None and request.right is None and not request.by:
        raise NotFound(Failure("reference", f"{command.request} is no rights request: check the id", "request"))
    if request.subject != command.subject or request.right != Right.DELETION:
        raise RuleBroken(Failure("PIPL-47", f"{command.request} does not ask to delete {command.subject}", "request"))
    if request.outcome not in (RightsOutcome.GRANTED, RightsOutcome.PARTLY):
        raise WrongState(Failure("PIPL-47", f"{command.request} is not granted: decide it first (DecideRightsRequest)", "request"))


def destroyed(person: Person, records: Sequence[Held], certificate: str, command: Any) -> PersonalDataDestroyed:
    """The tombstone of these records."""
    return PersonalDataDestroyed(
        subject=str(person.subject),
        owner=records[0].owner,
        incident=records[0].incident,
        purposes=tuple(one.purpose for one in records),
        registers=tuple(one.register for one in records),
        refs=tuple(ref for one in records for ref in one.refs),
        certificate=certificate,
        by=command.by.actor,
        at=command.now,
        met=person.unclaimed(*records),
    )


def _one(command: CorrectPersonalData | WithdrawConsent, person: Person, rules: Rules) -> Held:
    """The record meant; NotFound, Destroyed, or RuleBroken when it could be several."""
    name = str(purpose_of(command.purpose, rules)["purpose"])
    held = person.of(name, command.incident)
    live = [one for one in held if not one.destroyed]
    if not held:
        raise NotFound(Failure("reference", f"{command.subject} has no record for {name}", "purpose"))
    if not live:
        raise Destroyed(Failure("ERL-85", TOMBSTONE))
    if len(live) > 1:
        raise RuleBroken(Failure("PIPL-6", "it has records of several incidents: name one", "incident"))
    return live[0]
