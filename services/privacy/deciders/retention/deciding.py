"""The decision by two: destroy is the rule, keeping needs findings, an end and a reason (ERL art. 85; domain 3.25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from services.privacy.deciders.records.collecting import belongs
from services.privacy.deciders.records.state import Person
from services.privacy.deciders.retention.commands import DecideRetention
from services.privacy.deciders.retention.state import FLOW, LAPSES, OWES_DECISION, RULE, Part
from services.privacy.deciders.streams import person_stream, retention_stream
from services.privacy.events.record import PersonalDataJoined
from services.privacy.events.retention import RetentionDecided
from shared.blocks.clocks import Due
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all

Said = tuple[str, Any]
SHOWN = 20  # names in a refusal


def decide_retention(command: DecideRetention, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Everybody of the part is destroyed but those retained; who reported before the incident was known joins it when named."""
    own = retention_stream(command.incident, command.register)
    part: Part = states[own]
    second = _two(command)
    joining = _joining(command, part, states)
    FLOW.require(part.status, command)
    named = {*(command.destroy or ()), *command.retain}
    unknown = [subject for subject in named if subject not in part.roster and subject not in joining]
    refuse_all(NotFound, [Failure("reference", f"nothing is held of {_some(unknown)} in this part", "destroy")] if unknown else [])
    refuse_all(RuleBroken, list(_faults(command, part, joining, rules)))
    facts = [fact for subject in joining for fact in _join(command, subject, states)]
    retain = tuple(dict.fromkeys(command.retain))
    kept = {subject for subject in {*part.retained, *retain} if part.kept(subject) or subject in retain}
    destroy = len(part.roster) + len(joining) - len(kept)
    readers = command.readers or tuple(rules.value("privacy.retained_readers"))
    decided = RetentionDecided(
        incident=command.incident,
        register=command.register,
        destroy=destroy,
        retain=retain,
        until=command.until if retain else None,
        reason=command.reason or "",
        readers=readers if retain else (),
        by=command.by.actor,
        second=second.actor,
        at=command.now,
        met=(OWES_DECISION,),
        clocks=_lapse(command, rules) if retain else (),
    )
    return Decided([*facts, (own, decided)], basis=RULE)


def unknown_here(command: DecideRetention, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The records of those named who are not in the part yet."""
    part = states.get(retention_stream(command.incident, command.register))
    if not isinstance(part, Part):
        return ()
    return tuple(person_stream(one) for one in dict.fromkeys((*(command.destroy or ()), *command.retain)) if one not in part.roster)


def _two(command: DecideRetention) -> Signature:
    roles = {role for one in (command.by, command.cosigner) if one is not None for role in ("DPO", "LEG") if one.has(role)}
    if command.cosigner is None or roles != {"DPO", "LEG"}:
        raise NotAllowed(Failure("two.persons", "a personal-information officer and a legality reviewer sign together"))
    return command.cosigner


def _joining(command: DecideRetention, part: Part, states: Mapping[str, Any]) -> list[str]:
    found = []
    for subject in dict.fromkeys((*(command.destroy or ()), *command.retain)):
        person = states.get(person_stream(subject))
        if subject not in part.roster and isinstance(person, Person) and person.loose(owner=command.register):
            found.append(subject)
    return found


def _join(command: DecideRetention, subject: str, states: Mapping[str, Any]) -> list[Said]:
    person: Person = states[person_stream(subject)]
    loose = person.loose(owner=command.register)
    said = (command.incident, command.by.actor, command.now)
    joined = [
        (person_stream(subject), PersonalDataJoined(subject, held.owner, held.purpose, *said, held.register, person.unclaimed(held)))
        for held in loose
    ]
    return [*joined, *belongs(command, subject, loose[0], command.incident, states)]


def _faults(command: DecideRetention, part: Part, joining: Sequence[str], rules: Rules) -> Iterable[Failure]:
    destroy, retain = set(command.destroy or ()), set(command.retain)
    if both := destroy & retain:
        yield Failure(RULE, f"{_some(both)}: either destroyed or kept", "retain")
    if command.destroy is not None:
        left = [one for one in part.roster if one not in destroy and one not in retain and not part.kept(one)]
        if left:
            yield Failure(RULE, f"say of {_some(left)} whether to destroy or to keep; destroying is the rule", "destroy")
    if not retain:
        return
    if command.until is None:
        yield Failure(RULE, "say until when they are kept", "until")
    elif not command.now.date() < command.until <= (command.now + rules.value("privacy.retain_longest")).date():
        yield Failure(RULE, f"the end lies in the next {rules.value('privacy.retain_longest').days} days", "until")
    if not command.reason:
        yield Failure(RULE, "say for which evidence or investigation they are kept", "reason")


def _lapse(command: DecideRetention, rules: Rules) -> tuple[Due, ...]:
    assert command.until is not None
    zone = timezone(timedelta(hours=rules.value("privacy.unusual")["utc_offset_hours"]))
    ends = datetime(command.until.year, command.until.month, command.until.day, tzinfo=zone) + timedelta(days=1)
    return (Due(LAPSES, RULE, command.now, ends),)


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:SHOWN]) + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")
