"""Letters to who is called: only where an address is held for that, and what became of each (VSR art. 25, ERL art. 84)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.privacy.deciders.records.commands import RecordTold, TellCalledPerson
from services.privacy.deciders.records.state import CONTACT, Person
from services.privacy.events.told import CalledPersonTold, Delivery

UNHELD = "no contact is held for this call-up: approve the impact assessment of callup (ApproveImpactAssessment), then ask again"
MAIL, ADDRESS = "mail", "email"  # the channel, and the field of a record that it needs


def write(command: TellCalledPerson, person: Person) -> Sequence[CalledPersonTold]:
    """Queued where there is an address. Whether it may be read is decided when it is. Where nothing could be collected, that is said."""
    held = [one for one in person.of(CONTACT, command.incident) if not one.destroyed]
    if not held:
        return [_told(command, Delivery.FAILED, UNHELD)]
    return [_told(command, Delivery.QUEUED)] if any(ADDRESS in one.fields for one in held) else []


def record(command: RecordTold, person: Person) -> Sequence[CalledPersonTold]:
    """What became of it, said once: the outbox gives the same letter the same id."""
    return [replace(_told(command, command.state, command.detail), letter=command.letter)]


def _told(command: TellCalledPerson | RecordTold, state: Delivery, detail: str | None = None) -> CalledPersonTold:
    return CalledPersonTold(
        subject=command.subject,
        incident=command.incident,
        call_up=command.call_up,
        channel=MAIL,
        state=state,
        by=command.by.actor,
        at=command.now,
        detail=detail,
    )
