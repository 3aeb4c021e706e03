"""What follows when somebody is a volunteer no longer: whoever counted on them knows at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.privacy.events.record import ConsentWithdrawn, PersonalDataDestroyed
from services.volunteers.deciders.callups.commands import WithdrawFromCallUp
from services.volunteers.deciders.people.commands import EraseVolunteer
from services.volunteers.events.volunteer import VolunteerErased, VolunteerMerged, VolunteerWithdrawn
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_volunteer_withdrawn_then_withdraw_from_call_ups(event: VolunteerWithdrawn, at: Envelope) -> Iterable[Command]:
    return _free(event, at)


def when_volunteer_erased_then_withdraw_from_call_ups(event: VolunteerErased, at: Envelope) -> Iterable[Command]:
    return _free(event, at)


def when_volunteer_merged_then_nothing_is_asked_of_the_duplicate(event: VolunteerMerged, at: Envelope) -> Iterable[Command]:
    return _unasked(event.volunteer, event.asked, at)


def when_a_registration_is_destroyed_then_nobody_is_called_by_it(event: PersonalDataDestroyed, at: Envelope) -> Iterable[Command]:
    if REGISTER in event.purposes:
        yield EraseVolunteer(by=system(at), now=at.time, volunteer=event.subject)


def when_consent_is_taken_back_then_the_registration_is_given_up(event: ConsentWithdrawn, at: Envelope) -> Iterable[Command]:
    """As if they had said so here, and so in their name; what followed from a registration given up here is none."""
    if event.purpose == REGISTER and event.by != system(at).actor:
        yield EraseVolunteer(by=replace(system(at), actor=event.subject), now=at.time, volunteer=event.subject)


def _free(event: VolunteerWithdrawn | VolunteerErased, at: Envelope) -> Iterable[Command]:
    return _unasked(event.volunteer, (*event.call_ups, *event.asked), at)


def _unasked(volunteer: str, call_ups: tuple[str, ...], at: Envelope) -> Iterable[Command]:
    for call_up in call_ups:
        yield WithdrawFromCallUp(by=system(at), now=at.time, call_up=call_up, volunteer=volunteer)


REGISTER = "register"  # the purpose that outlives every incident: without it nobody is known here
LEAVING: tuple[Policy, ...] = (
    policy("volunteers.volunteer.withdrawn.v1", when_volunteer_withdrawn_then_withdraw_from_call_ups),
    policy("volunteers.volunteer.merged.v1", when_volunteer_merged_then_nothing_is_asked_of_the_duplicate),
    policy("privacy.personal_data.destroyed.v1", when_a_registration_is_destroyed_then_nobody_is_called_by_it),
    policy("privacy.personal_data.consent_withdrawn.v1", when_consent_is_taken_back_then_the_registration_is_given_up),
    policy("volunteers.volunteer.erased.v1", when_volunteer_erased_then_withdraw_from_call_ups),
)
