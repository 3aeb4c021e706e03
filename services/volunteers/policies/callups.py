"""What follows from a call-up: the gate is looked at, offers close, places are filled again, and the end is settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.volunteers.deciders.callups.commands import AskReserve, CheckEligibility, CheckOutOfCallUp, CloseOffers, SettleCallUp
from services.volunteers.events.callup import (
    CallUpAccepted,
    CallUpDeclined,
    CallUpDeparted,
    CallUpReserved,
    CallUpSilent,
    CallUpStoodDown,
    CallUpWithdrawn,
    HostCheckedIn,
)
from services.volunteers.events.force import (
    ForceAssessed,
    ForceCoverEnded,
    ForceCoverNoted,
    ForceDeregistered,
    ForceRestored,
    ForceSuspended,
    RosterUpdated,
)
from services.volunteers.events.gate import EligibilityFailed, EligibilityPassed, HostAccepted
from services.volunteers.events.volunteer import (
    FitnessSet,
    IdentityRejected,
    IdentityVerified,
    SelfArrivalRegistered,
    SkillCertified,
    TrainingRecorded,
    VolunteerCoverEnded,
    VolunteerCoverNoted,
    VolunteerPaused,
    VolunteerResumed,
)
from services.volunteers.policies.tasks import task
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

LEADERS = ("TASK.lead", "ICP", "EMD.duty")
Checked = IdentityVerified | IdentityRejected | VolunteerPaused | VolunteerResumed
OfVolunteer = VolunteerCoverNoted | VolunteerCoverEnded | TrainingRecorded | SkillCertified | FitnessSet | Checked
OfForce = ForceCoverNoted | ForceCoverEnded | RosterUpdated | ForceAssessed | ForceSuspended | ForceRestored | ForceDeregistered


def when_call_up_accepted_then_check_eligibility(event: CallUpAccepted, at: Envelope) -> Iterable[Command]:
    yield _check(event.volunteer or event.force or "", at)


def when_host_accepted_then_check_eligibility(event: HostAccepted, at: Envelope) -> Iterable[Command]:
    for holder in event.holders:
        yield _check(holder, at)


def when_a_volunteer_is_known_better_then_check_eligibility(event: OfVolunteer, at: Envelope) -> Iterable[Command]:
    if not (isinstance(event, IdentityVerified) and event.new):
        yield _check(event.volunteer, at)


def when_a_force_is_known_better_then_check_eligibility(event: OfForce, at: Envelope) -> Iterable[Command]:
    yield _check(event.force, at)


def when_eligibility_passed_then_close_offers(event: EligibilityPassed, at: Envelope) -> Iterable[Command]:
    yield CloseOffers(by=system(at), now=at.time, call_up=event.call_up)


def when_eligibility_failed_then_ask_the_reserve(event: EligibilityFailed, at: Envelope) -> Iterable[Command]:
    yield AskReserve(by=system(at), now=at.time, call_up=event.call_up)


def when_they_went_then_close_offers(event: CallUpDeparted | HostCheckedIn, at: Envelope) -> Iterable[Command]:
    yield CloseOffers(by=system(at), now=at.time, call_up=event.call_up)


def when_nobody_comes_of_an_offer_then_ask_the_reserve(event: CallUpDeclined | CallUpSilent, at: Envelope) -> Iterable[Command]:
    yield AskReserve(by=system(at), now=at.time, call_up=event.call_up)


def when_somebody_stays_on_the_list_while_a_place_is_free_then_ask_the_reserve(event: CallUpReserved, at: Envelope) -> Iterable[Command]:
    yield AskReserve(by=system(at), now=at.time, call_up=event.call_up)


def when_call_up_withdrawn_then_ask_the_reserve(event: CallUpWithdrawn, at: Envelope) -> Iterable[Command]:
    if event.held:
        yield AskReserve(by=system(at), now=at.time, call_up=event.call_up)


def when_call_up_silent_then_ring_them(event: CallUpSilent, at: Envelope) -> Iterable[Command]:
    holder = event.volunteer or event.force or ""
    yield task(at, f"ring-{at.position}", "ring_for_answer", ("EMD.duty", "EMD.officer", "HQ"), holder, event.incident)


def when_somebody_arrived_uncalled_then_direct_them(event: SelfArrivalRegistered, at: Envelope) -> Iterable[Command]:
    kind = "complete_and_direct_self_arrival" if event.missing else "direct_self_arrival"
    yield task(at, f"arrival-{at.position}", kind, LEADERS, event.volunteer, event.incident or None)


def when_call_up_stood_down_then_check_everybody_out(event: CallUpStoodDown, at: Envelope) -> Iterable[Command]:
    yield CheckOutOfCallUp(by=system(at), now=at.time, call_up=event.call_up)


def when_call_up_stood_down_then_settle_it(event: CallUpStoodDown, at: Envelope) -> Iterable[Command]:
    yield SettleCallUp(by=system(at), now=at.time, call_up=event.call_up)


def _check(holder: str, at: Envelope) -> CheckEligibility:
    return CheckEligibility(by=system(at), now=at.time, holder=holder)


def _each(names: Iterable[str], react: Any) -> Iterable[Policy]:
    """One sentence for several facts: each is a policy of its own, with the fact in its name."""
    for name in names:
        made = policy(name, react)
        yield Policy(f"{made.name}_{name.split('.')[2]}", made.listens, react)


CALLUPS: tuple[Policy, ...] = (
    policy("volunteers.callup.accepted.v1", when_call_up_accepted_then_check_eligibility),
    policy("volunteers.callup.host_accepted.v1", when_host_accepted_then_check_eligibility),
    *_each(
        (
            "volunteers.volunteer.cover_noted.v1",
            "volunteers.volunteer.cover_ended.v1",
            "volunteers.volunteer.training_recorded.v1",
            "volunteers.volunteer.skill_certified.v1",
            "volunteers.volunteer.fitness_set.v1",
            "volunteers.volunteer.identity_verified.v1",
            "volunteers.volunteer.identity_rejected.v1",
            "volunteers.volunteer.paused.v1",
            "volunteers.volunteer.resumed.v1",
        ),
        when_a_volunteer_is_known_better_then_check_eligibility,
    ),
    *_each(
        (
            "volunteers.force.cover_noted.v1",
            "volunteers.force.cover_ended.v1",
            "volunteers.force.roster_updated.v1",
            "volunteers.force.assessed.v1",
            "volunteers.force.suspended.v1",
            "volunteers.force.restored.v1",
            "volunteers.force.deregistered.v1",
        ),
        when_a_force_is_known_better_then_check_eligibility,
    ),
    policy("volunteers.callup.eligibility_passed.v1", when_eligibility_passed_then_close_offers),
    policy("volunteers.callup.eligibility_failed.v1", when_eligibility_failed_then_ask_the_reserve),
    policy("volunteers.callup.withdrawn.v1", when_call_up_withdrawn_then_ask_the_reserve),
    *_each(("volunteers.callup.departed.v1", "volunteers.callup.host_checked_in.v1"), when_they_went_then_close_offers),
    *_each(("volunteers.callup.declined.v1", "volunteers.callup.silent.v1"), when_nobody_comes_of_an_offer_then_ask_the_reserve),
    policy("volunteers.callup.reserved.v1", when_somebody_stays_on_the_list_while_a_place_is_free_then_ask_the_reserve),
    policy("volunteers.callup.silent.v1", when_call_up_silent_then_ring_them),
    policy("volunteers.volunteer.self_arrival_registered.v1", when_somebody_arrived_uncalled_then_direct_them),
    policy("volunteers.callup.stood_down.v1", when_call_up_stood_down_then_check_everybody_out),
    policy("volunteers.callup.stood_down.v1", when_call_up_stood_down_then_settle_it),
)
