"""Everything held of one person, for that person (PIPL art. 45): by themself, or by a request that was granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.privacy.deciders.duties.rights import Request
from services.privacy.deciders.records.collecting import TOMBSTONE
from services.privacy.deciders.records.state import Person
from services.privacy.deciders.streams import person_stream, rights_stream
from services.privacy.events.duties import Right, RightsOutcome
from services.privacy.events.record import PersonalDataAccessed
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Destroyed, Failure, NotAllowed, NotFound, RuleBroken, WrongState

EXPORT = "subject.export"
COPIES = (Right.ACCESS, Right.COPY, Right.TRANSFER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPersonalData(Command):
    """Give a person everything that is held of them; who asks for another names the granted request."""

    subject: PublicId
    request: PublicId | None = None


def export(command: ExportPersonalData, states: Mapping[str, Any], rules: Rules) -> Decided:
    """A reading like any other, of all fields."""
    if command.by.actor != command.subject:
        _granted(command, states)
    person: Person = states[person_stream(command.subject)]
    if not person.records:
        raise NotFound(Failure("reference", f"nothing is held of {command.subject}: check the id", "subject"))
    live = person.live()
    if not live:
        raise Destroyed(Failure("ERL-85", TOMBSTONE))
    accessed = PersonalDataAccessed(
        subjects=(command.subject,),
        fields=tuple(dict.fromkeys(name for one in live for name in one.fields)),
        purpose=EXPORT,
        incident=None,
        unusual=(),
        by=command.by.actor,
        role=command.by.roles[0] if command.by.roles else "",
        division=command.by.division,
        at=command.now,
        request=command.request if command.by.actor != command.subject else None,
    )
    records = [
        {
            "register": one.register,
            "purpose": one.purpose,
            "incident": one.incident,
            "basis": one.basis,
            "refs": {name: ref for name in one.fields if (ref := one.ref_of(name)) is not None},
        }
        for one in live
    ]
    return Decided([(person_stream(command.subject), accessed)], answer={"records": records}, basis="PIPL-45")


def _granted(command: ExportPersonalData, states: Mapping[str, Any]) -> None:
    if not command.by.has("DPO"):
        raise NotAllowed(Failure("PIPL-45", "everybody exports their own data; for another the personal-information officer does"))
    request = states.get(rights_stream(command.request)) if command.request else None
    if not isinstance(request, Request) or request.subject != command.subject or request.right not in COPIES:
        raise RuleBroken(Failure("PIPL-45", "name the request of this person for access, a copy or transfer", "request"))
    if request.outcome not in (RightsOutcome.GRANTED, RightsOutcome.PARTLY):
        raise RuleBroken(Failure("PIPL-45", "the request is not granted", "request"))
    if {request.checker, request.decider} == {command.by.actor}:
        raise NotAllowed(Failure("two.persons", "who checked who asks and granted it does not export too: another officer does"))
    person: Person = states[person_stream(command.subject)]
    if command.request in person.exported:
        raise WrongState(Failure("PIPL-45", f"{command.request} was answered: an export more is another request", "request"))
