"""What follows from an insurance policy: whom it covers is told so."""

from __future__ import annotations

from collections.abc import Iterable

from services.volunteers.deciders.forces.commands import EndForceCover, NoteForceCover
from services.volunteers.deciders.people.commands import EndVolunteerCover, NoteVolunteerCover
from services.volunteers.events.policy import PersonsLinked, PolicyCancelled, PolicyExtended, PolicyRecorded
from services.volunteers.events.validity import Cover
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

Covering = PolicyRecorded | PolicyExtended | PersonsLinked


def when_policy_recorded_then_note_covers(event: PolicyRecorded, at: Envelope) -> Iterable[Command]:
    return _noted(event, at)


def when_policy_extended_then_note_covers(event: PolicyExtended, at: Envelope) -> Iterable[Command]:
    return _noted(event, at)


def when_persons_linked_then_note_covers(event: PersonsLinked, at: Envelope) -> Iterable[Command]:
    return _noted(event, at)


def when_policy_cancelled_then_end_covers(event: PolicyCancelled, at: Envelope) -> Iterable[Command]:
    for volunteer in event.group:
        yield EndVolunteerCover(by=system(at), now=at.time, volunteer=volunteer, policy=event.policy)
    for force in event.forces:
        yield EndForceCover(by=system(at), now=at.time, force=force, policy=event.policy)


def _noted(event: Covering, at: Envelope) -> Iterable[Command]:
    cover = Cover(event.policy, event.since, event.until, event.territory, event.risk)
    for volunteer in event.group:
        yield NoteVolunteerCover(by=system(at), now=at.time, volunteer=volunteer, cover=cover)
    for force in event.forces:
        yield NoteForceCover(by=system(at), now=at.time, force=force, cover=cover)


COVERS: tuple[Policy, ...] = (
    policy("volunteers.policy.recorded.v1", when_policy_recorded_then_note_covers),
    policy("volunteers.policy.extended.v1", when_policy_extended_then_note_covers),
    policy("volunteers.policy.persons_linked.v1", when_persons_linked_then_note_covers),
    policy("volunteers.policy.cancelled.v1", when_policy_cancelled_then_end_covers),
)
