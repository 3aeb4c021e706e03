"""Who is called is written to (VSR art. 25)."""

from __future__ import annotations

from collections.abc import Iterable

from services.privacy.deciders.records.commands import TellCalledPerson
from services.volunteers.events.callup import CallUpOffered
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_volunteer_offered_then_write_to_them(event: CallUpOffered, at: Envelope) -> Iterable[Command]:
    """After the contact is held and the task with them began."""
    if event.volunteer is not None and event.incident is not None:
        yield TellCalledPerson(by=system(at), now=at.time, subject=event.volunteer, incident=event.incident, call_up=event.call_up)


TELLING: tuple[Policy, ...] = (policy("volunteers.callup.offered.v1", when_volunteer_offered_then_write_to_them),)
