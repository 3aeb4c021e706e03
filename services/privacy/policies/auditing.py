"""Where data of a minor are held, the yearly audit is owed (MNP art. 37)."""

from __future__ import annotations

from collections.abc import Iterable

from services.privacy.deciders.duties.minors import NoteMinorsHeld
from services.privacy.events.record import PersonalDataCollected
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_data_of_a_minor_collected_then_audit_every_year(event: PersonalDataCollected, at: Envelope) -> Iterable[Command]:
    """A minor is whoever has a guardian."""
    if event.guardian is not None:
        yield NoteMinorsHeld(by=system(at), now=at.time, register=event.owner, division=event.division)


AUDITING: tuple[Policy, ...] = (policy("privacy.personal_data.collected.v1", when_data_of_a_minor_collected_then_audit_every_year),)
