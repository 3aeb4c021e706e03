"""What a volunteer did with the own registration, as privacy keeps it: corrected, or asked to be deleted."""

from __future__ import annotations

from collections.abc import Iterable

from services.privacy.deciders.duties.rights import PUBLIC, CheckRequestIdentity, EscalateRightsClock, ReceiveRightsRequest
from services.privacy.deciders.duties.words import KEPT
from services.privacy.deciders.records.commands import (
    CollectPersonalData,
    CorrectPersonalData,
    LiftRestriction,
    RestrictPersonalData,
    WithdrawConsent,
)
from services.privacy.deciders.streams import STANDING
from services.privacy.events.duties import Right, RightsOutcome, RightsRequestDecided, RightsRequestReceived, deletion_asked
from services.privacy.events.record import ConsentWithdrawn, PersonalDataLockReleased
from services.volunteers.events.volunteer import ContactCorrected, VolunteerErased
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_volunteer_corrected_then_note_what_was_replaced(event: ContactCorrected, at: Envelope) -> Iterable[Command]:
    by, now = system(at), at.time
    if event.fields:
        reason = "by the person, on their own page"
        yield CorrectPersonalData(by=by, now=now, subject=event.volunteer, purpose=STANDING, fields=event.fields, reason=reason)
    if event.added:
        yield CollectPersonalData(
            by=by,
            now=now,
            subject=event.volunteer,
            purpose=STANDING,
            ref=event.person,
            fields=event.added,
            division=at.division,
            consent=OWN_PAGE,
            separate_consent=OWN_PAGE if event.separate_consent else None,
        )


def when_volunteer_erased_then_receive_the_request_to_delete(event: VolunteerErased, at: Envelope) -> Iterable[Command]:
    if event.by == system(at).actor:  # what was destroyed already
        return
    yield from _deletion(event.volunteer, at)
    if event.by == event.volunteer:  # who gives up the own registration takes back the consent it rests on
        yield WithdrawConsent(by=system(at), now=at.time, subject=event.volunteer, purpose=STANDING)


def when_consent_to_the_registration_is_taken_back_then_receive_the_request_to_delete(
    event: ConsentWithdrawn, at: Envelope
) -> Iterable[Command]:
    """Also where volunteers has nothing left to give up: a registration that was merged, one that was withdrawn (PIPL art. 15, 47)."""
    if event.purpose == STANDING and event.by != system(at).actor:  # what followed from a registration given up was asked for there
        yield from _deletion(event.subject, at)


def when_somebody_asks_for_themself_then_their_identity_is_known(event: RightsRequestReceived, at: Envelope) -> Iterable[Command]:
    """Signed by the number it is about: a token of theirs, or number and confirmation code. Whoever decides may check again."""
    if event.by == event.subject != PUBLIC and not event.relative:  # "PUBLIC" signs for every stranger
        yield CheckRequestIdentity(by=system(at), now=at.time, request=event.request, confirmed=True, how=SIGNED)


def when_a_request_to_delete_is_refused_then_lift_the_restriction(event: RightsRequestDecided, at: Envelope) -> Iterable[Command]:
    if event.outcome is RightsOutcome.REFUSED and event.right is Right.DELETION and event.subject is not None:
        yield LiftRestriction(by=system(at), now=at.time, subject=event.subject, request=event.request)


def when_a_lock_is_lifted_then_the_words_that_it_kept_end(event: PersonalDataLockReleased, at: Envelope) -> Iterable[Command]:
    for request in event.requests:
        yield EscalateRightsClock(by=system(at), now=at.time, request=request, key=KEPT)


def _deletion(subject: str, at: Envelope) -> Iterable[Command]:
    request = deletion_asked(subject, at)
    yield ReceiveRightsRequest(by=system(at), now=at.time, request=request, subject=subject, right=Right.DELETION, division=at.division)
    yield RestrictPersonalData(by=system(at), now=at.time, subject=subject, request=request)


OWN_PAGE = "on the own page"
SIGNED = "signed by the person: own token, or public number and confirmation code"
ASKING: tuple[Policy, ...] = (
    policy("volunteers.volunteer.contact_corrected.v1", when_volunteer_corrected_then_note_what_was_replaced),
    policy("volunteers.volunteer.erased.v1", when_volunteer_erased_then_receive_the_request_to_delete),
    policy("privacy.personal_data.consent_withdrawn.v1", when_consent_to_the_registration_is_taken_back_then_receive_the_request_to_delete),
    policy("privacy.rights.received.v1", when_somebody_asks_for_themself_then_their_identity_is_known),
    policy("privacy.personal_data.lock_released.v1", when_a_lock_is_lifted_then_the_words_that_it_kept_end),
    policy("privacy.rights.decided.v1", when_a_request_to_delete_is_refused_then_lift_the_restriction),
)
