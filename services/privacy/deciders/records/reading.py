"""Reading and giving on: a purpose, a task, within the response (ERL art. 84, 85; PIPL art. 6, 23, 34)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from services.privacy.deciders.purposes import UNDECLARED, Purpose, purpose_of
from services.privacy.deciders.records.collecting import AGAIN, TOMBSTONE
from services.privacy.deciders.records.commands import CorrectPersonalData, DisclosePersonalData, ReadPersonalData
from services.privacy.deciders.records.state import Held, Person
from services.privacy.deciders.retention.state import Part
from services.privacy.deciders.streams import module_of, person_stream, retention_stream
from services.privacy.events.record import PersonalDataAccessed, PersonalDataDisclosed
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Destroyed, Failure, NotAllowed, NotFound, OnHold, RuleBroken, refuse_all

RULE = "ERL-85"
UNCOPIED = (
    "of whom somebody asked while {module} had no valid impact assessment nothing was copied: approve one (ApproveImpactAssessment), "
    "then an emergency officer collects it for the incident without values (CollectPersonalData)"
)
CALLED_AGAIN = (
    "if they are not home, or needed again, ask the emergency department (EMD): it calls them again (OfferCallUp), "
    "then they can be read at once, or reads the registration for you (purpose register)"
)
MANY, NIGHT, OUTSIDE = "many", "night", "outside"


@dataclass(frozen=True, slots=True)
class _Found:
    """A person's record that fits, and the part it is decided about in."""

    subject: str
    person: Person
    held: Held
    part: Part | None


def read(command: ReadPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """One fact for all persons; the answer says by which references the edge gets the values."""
    purpose = purpose_of(command.purpose, rules)
    most = rules.value("privacy.read_most")
    if not 0 < len(command.subjects) <= most:
        raise RuleBroken(Failure("PIPL-6", f"one reading names 1 to {most} persons", "subjects"))
    _task(command, purpose, rules)
    subjects = tuple(dict.fromkeys(command.subjects))
    found = _found(subjects, purpose, command.incident, states)
    outside = _open(command, found, purpose, rules)
    fields = _fields(command.fields, found, purpose)
    incidents = {one.held.incident for one in found}
    if len(incidents - {None}) > 1:
        raise RuleBroken(Failure("PIPL-6", "they are held for several incidents: name one", "incident"))
    accessed = PersonalDataAccessed(
        subjects=subjects,
        fields=fields,
        purpose=str(purpose["purpose"]),
        incident=next(iter(incidents)) if len(incidents) == 1 else command.incident,
        unusual=(*_unusual(command, len(subjects), rules), *((OUTSIDE,) if outside else ())),
        by=command.by.actor,
        role=command.by.roles[0] if command.by.roles else "",
        division=command.by.division,
        at=command.now,
    )
    refs = {one.subject: {name: ref for name in fields if (ref := one.held.ref_of(name)) is not None} for one in found}
    answer = {"records": refs, "incident": accessed.incident}
    return Decided([(person_stream(subjects[0]), accessed)], answer=answer, basis=found[0].held.basis)


def disclose(command: DisclosePersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """To whom, for what, on which basis; entered into the register of disclosures."""
    purpose = purpose_of(command.purpose, rules)
    found = _found((command.subject,), purpose, command.incident, states)
    if not command.by.has("SYS"):  # what follows from a duty to hand on
        _task(command, purpose, rules)
        _open(command, found, purpose, rules)
    consent = rules.value("privacy.consent_basis")
    wrong = []
    if not command.recipient:
        wrong.append(Failure("PIPL-23", "name who gets them", "recipient"))
    if not command.basis:
        wrong.append(Failure("PIPL-34", "name the basis on which they are given", "basis"))
    elif command.basis not in rules.value("privacy.bases"):
        wrong.append(Failure("PIPL-13", f"{command.basis} is no basis: {', '.join(rules.value('privacy.bases'))}", "basis"))
    elif command.basis == consent and not command.consent:
        wrong.append(Failure("PIPL-23", "by consent only with a separate one: name where it is written", "consent"))
    held = found[0].held
    unknown = [name for name in command.fields if name not in (*held.fields, *held.sensitive)]
    wrong += [Failure("PIPL-6", f"{name} is not held for this purpose", "fields") for name in unknown]
    refuse_all(RuleBroken, wrong)
    disclosed = PersonalDataDisclosed(
        subject=command.subject,
        recipient=str(command.recipient),
        purpose=held.purpose,
        incident=held.incident,
        fields=command.fields or held.fields or held.sensitive,
        basis=str(command.basis),
        consent=command.consent,
        by=command.by.actor,
        keep_until=command.now + rules.value("K-52"),
        at=command.now,
        register=held.register,
        to_division=command.recipient if command.by.has("SYS") else None,
    )
    return Decided([(person_stream(command.subject), disclosed)], basis=command.basis)


def in_use(command: CorrectPersonalData, held: Held, states: Mapping[str, Any], rules: Rules) -> None:
    """Who may not read a record now does not change it either."""
    purpose = purpose_of(command.purpose, rules)
    _task(command, purpose, rules)
    _open(command, [_Found(command.subject, states[person_stream(command.subject)], held, _part(held, states))], purpose, rules)


def parts_named(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts of assessments that the persons' records of this purpose belong to."""
    people = [state for state in states.values() if isinstance(state, Person)]
    records = [one for person in people for one in person.records.values() if one.incident is not None]
    return tuple(sorted({retention_stream(str(one.incident), one.owner) for one in records}))


def _task(command: ReadPersonalData | DisclosePersonalData | CorrectPersonalData, purpose: Purpose, rules: Rules) -> None:
    """Who has a task for the purpose; and who assesses, audits or pays after it."""
    later = {*rules.value("privacy.after_readers"), *rules.value("privacy.retained_readers")}
    if not command.by.has(*purpose["readers"], *later):
        raise NotAllowed(Failure("ERL-84", f"{purpose['refused']}: {purpose['purpose']} is read by {', '.join(purpose['readers'])}"))


def _found(subjects: Sequence[str], purpose: Purpose, incident: str | None, states: Mapping[str, Any]) -> tuple[_Found, ...]:
    """The record of each person. All who are unknown are named at once, then all that are destroyed, then what is for another purpose."""
    people = [(subject, states[person_stream(subject)]) for subject in subjects]
    refuse_all(
        NotFound,
        [Failure("reference", f"nothing is held of {subject}: check the id", "subjects") for subject, p in people if not p.records],
    )
    fitting = {subject: person.of(str(purpose.get("reads", purpose["purpose"])), incident) for subject, person in people}
    live = {subject: [one for one in held if not one.destroyed] for subject, held in fitting.items()}
    gone = [s for s, person in people if not live[s] and (fitting[s] or not _of_incident(person, incident))]
    cure = f"; {AGAIN}" if purpose.get("while_called") else ""
    refuse_all(Destroyed, [Failure(RULE, f"{TOMBSTONE} of {subject}{cure}", "subjects") for subject in gone])
    refuse_all(RuleBroken, [f for s, person in people if not live[s] for f in _for_another(s, person, purpose, incident, states)])
    live = {subject: [one for one in held if one.contents] or held for subject, held in live.items()}  # what holds nothing is not meant
    several = [Failure("PIPL-6", f"{s} has records of several incidents: name one", "incident") for s in subjects if len(live[s]) > 1]
    refuse_all(RuleBroken, several)
    return tuple(_Found(s, person, live[s][0], _part(live[s][0], states)) for s, person in people)


def _of_incident(person: Person, incident: str | None) -> list[Held]:
    return [one for one in person.live() if incident is None or one.incident in (incident, None)]


def _for_another(subject: str, person: Person, purpose: Purpose, incident: str | None, states: Mapping[str, Any]) -> Iterable[Failure]:
    others = _of_incident(person, incident)
    kept = [one for one in others if (part := _part(one, states)) is not None and part.kept(subject)]
    if kept:
        yield Failure(RULE, f"kept for audit only: {subject} is held for {kept[0].purpose}", "purpose")
    else:
        held = ", ".join(dict.fromkeys(one.purpose for one in others))
        cure = f"; {UNCOPIED.format(module=module_of(purpose['purpose']))}" if purpose["copies"] else ""
        yield Failure(RULE, f"{subject} is held for {held}, not for {purpose['purpose']}{cure}", "purpose")


def _part(held: Held, states: Mapping[str, Any]) -> Part | None:
    found = states.get(retention_stream(held.incident, held.owner)) if held.incident is not None else None
    return found if isinstance(found, Part) else None


def _open(command: Any, found: Sequence[_Found], purpose: Purpose, rules: Rules) -> bool:
    """Refused unless locked nowhere and within the response; after it only by who assesses, pays or audits. True: it is after it."""
    refuse_all(NotAllowed, list(_task_over(command.now, found, purpose)))
    after, kept = rules.value("privacy.after_readers"), rules.value("privacy.retained_readers")
    on_hold, wrong, outside = [], [], False
    for one in found:
        called = purpose.get("while_called") and one.person.out_for(one.held.incident, command.now) and command.by.has(*purpose["readers"])
        if one.part is None or called:  # whoever leads reaches who is out there, also after the response, and who was called again
            over = retained = False
        else:
            over, retained = one.part.over, one.part.kept(one.subject)
        outside |= over
        if retained and one.part is not None and not command.by.has(*(one.part.readers or kept)):
            wrong.append(
                Failure(RULE, f"kept for audit only until {one.part.until}: {', '.join(one.part.readers or kept)} may read", "subjects")
            )
        elif over and not retained and not command.by.has(*after):
            wrong.append(Failure(RULE, f"the response is over: only {', '.join(after)} may still read of {one.subject}", "subjects"))
        elif not over and not command.by.has(*purpose["readers"]):
            raise NotAllowed(Failure("ERL-84", f"{purpose['refused']}: while the response runs {', '.join(purpose['readers'])} read it"))
        if command.by.has(*rules.value("privacy.restricted_readers")):
            continue
        if one.held.restricted:
            asked = f"{one.subject} asked for deletion ({one.held.restricted}): it is only kept until that is decided"
            on_hold.append(Failure("PIPL-47", asked, "subjects"))
        if one.held.withdrawn:
            on_hold.append(Failure("PIPL-15", f"{one.subject} took the consent back: it is only kept until destroyed", "subjects"))
    refuse_all(OnHold, on_hold)
    refuse_all(RuleBroken, wrong)
    return outside


def _task_over(now: datetime, found: Sequence[_Found], purpose: Purpose) -> Iterable[Failure]:
    """While the response runs: whom the call-up concerns no more, whoever asks (ERL-84: for the time of the task)."""
    for one in found if purpose.get("while_called") else ():
        ended = one.person.task_over(one.held.incident, now)
        if ended is not None and not (one.part is not None and one.part.over):
            cure = (
                f"no call-up of {one.held.incident} concerns {one.subject} since {ended:%Y-%m-%d %H:%M %Z}: leave them out; {CALLED_AGAIN}"
            )
            yield Failure(UNDECLARED, cure, "subjects")


def locked(subjects: Sequence[str], states: Mapping[str, Any]) -> None:
    """OnHold for everybody whose data are locked."""
    held = [(subject, states[person_stream(subject)].lock()) for subject in subjects]
    refuse_all(
        OnHold,
        [
            Failure("PIPL-47", f"{s} is locked by {lock[0]} until {lock[1]:%Y-%m-%d}: it is only kept", "subjects")
            for s, lock in held
            if lock
        ],
    )


def _fields(asked: Sequence[str], found: Sequence[_Found], purpose: Purpose) -> tuple[str, ...]:
    outside = [name for name in asked if name not in purpose["fields"]]
    refuse_all(RuleBroken, [Failure("PIPL-6", f"{name} is no field of {purpose['purpose']}", "fields") for name in outside])
    held = tuple(dict.fromkeys(name for one in found for name in one.held.fields if "reads" not in purpose or name in purpose["fields"]))
    missing = [name for name in asked if name not in held]
    refuse_all(NotFound, [Failure("reference", f"{name} is not held of them", "fields") for name in missing])
    return tuple(dict.fromkeys(asked)) or held


def _unusual(command: ReadPersonalData, subjects: int, rules: Rules) -> Iterable[str]:
    limits = rules.value("privacy.unusual")
    if subjects >= limits["many"]:
        yield MANY
    if not command.by.has("SYS") and _night(command.now, limits):  # letters go out when somebody is called
        yield NIGHT


def _night(now: datetime, limits: Mapping[str, Any]) -> bool:
    hour = now.astimezone(timezone(timedelta(hours=limits["utc_offset_hours"]))).hour
    begins, ends = limits["night_from"], limits["night_to"]
    return bool(begins <= hour or hour < ends if begins > ends else begins <= hour < ends)
