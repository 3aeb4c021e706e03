"""What follows when somebody is a volunteer no longer: whoever counted on them knows at once."""

from __future__ import annotations

from collections.abc import Iterable

from services.volunteers.deciders.callups.commands import WithdrawFromCallUp
from services.volunteers.events.volunteer import VolunteerErased, VolunteerWithdrawn
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_volunteer_withdrawn_then_withdraw_from_call_ups(event: VolunteerWithdrawn, at: Envelope) -> Iterable[Command]:
    return _free(event, at)


def when_volunteer_erased_then_withdraw_from_call_ups(event: VolunteerErased, at: Envelope) -> Iterable[Command]:
    return _free(event, at)


def _free(event: VolunteerWithdrawn | VolunteerErased, at: Envelope) -> Iterable[Command]:
    for call_up in event.call_ups:
        yield WithdrawFromCallUp(by=system(at), now=at.time, call_up=call_up, volunteer=event.volunteer)


LEAVING: tuple[Policy, ...] = (
    policy("volunteers.volunteer.withdrawn.v1", when_volunteer_withdrawn_then_withdraw_from_call_ups),
    policy("volunteers.volunteer.erased.v1", when_volunteer_erased_then_withdraw_from_call_ups),
)
