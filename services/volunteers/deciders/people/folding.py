"""How a volunteer's facts fold, and which command fits which status (domain 3.17)."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people.state import (
    APPROVED,
    ERASED,
    MERGED,
    NEW,
    PAUSED,
    REGISTERED,
    REJECTED,
    VERIFIED,
    WALK_IN,
    WITHDRAWN,
    Check,
    Volunteer,
)
from services.volunteers.events import volunteer as said
from services.volunteers.events.code import CodeReissued
from services.volunteers.events.membership import MembershipConfirmed
from services.volunteers.events.skills import SkillsSet
from services.volunteers.events.validity import Cover, Valid

LIVE = (WALK_IN, REGISTERED, VERIFIED, APPROVED, PAUSED)
_NOTED = (
    ask.RecordTraining,
    ask.RecordSkillCertificate,
    ask.SetAvailability,
    ask.SetLanguages,
    ask.SetSkills,
    ask.SetFitness,
    ask.CorrectContact,
    ask.ConfirmMembership,
    ask.NoteVolunteerCover,
)
TABLE: dict[tuple[str, type], str] = {
    **{(status, ask.RegisterVolunteer): REGISTERED for status in (NEW, WALK_IN, REJECTED)},
    **{(status, ask.VerifyIdentity): VERIFIED for status in (REGISTERED, VERIFIED)},
    **{(status, ask.VerifyIdentity): status for status in (APPROVED, PAUSED)},
    **{(status, ask.ReissueCode): status for status in (*LIVE, REJECTED, WITHDRAWN)},
    (VERIFIED, ask.ReviewVolunteer): APPROVED,
    **{(status, kind): status for status in LIVE for kind in _NOTED},
    (APPROVED, ask.PauseVolunteer): PAUSED,
    (PAUSED, ask.ResumeVolunteer): APPROVED,
    **{(status, ask.WithdrawVolunteer): WITHDRAWN for status in (*LIVE, REJECTED)},
    **{(status, ask.EraseVolunteer): ERASED for status in (*LIVE, REJECTED, WITHDRAWN)},
    **{(status, ask.MergeVolunteers): MERGED for status in (*LIVE, WITHDRAWN)},
}

Changed = (
    said.TrainingRecorded
    | said.SkillCertified
    | said.VolunteerLapsed
    | said.AvailabilitySet
    | said.LanguagesSet
    | SkillsSet
    | said.FitnessSet
    | said.ContactCorrected
    | CodeReissued
    | said.VolunteerCoverNoted
    | said.VolunteerCoverEnded
    | said.DuplicateTaken
)


def evolve(volunteer: Volunteer, event: said.VolunteerEvent) -> Volunteer:
    """The volunteer after the event."""
    stopped, started = getattr(event, "stopped", ()), getattr(event, "clocks", ())
    volunteer = replace(volunteer, clocks=volunteer.clocks.end(event.at, *stopped).start(*started))
    match event:
        case said.VolunteerRegistered():
            return _registered(volunteer, event)
        case said.SelfArrivalRegistered():
            return _arrived(volunteer, event)
        case said.IdentityVerified():
            status = VERIFIED if volunteer.status == REGISTERED else volunteer.status
            return replace(volunteer, status=status, adult=event.adult, too_old=event.excluded, checked_by=event.by)
        case said.IdentityRejected():
            return replace(volunteer, status=REJECTED)
        case said.VolunteerApproved() | said.VolunteerResumed():
            return replace(volunteer, status=APPROVED)
        case said.VolunteerRejected():
            return replace(volunteer, status=REJECTED)
        case said.VolunteerPaused():
            return replace(volunteer, status=PAUSED)
        case said.VolunteerWithdrawn():
            return replace(volunteer, status=WITHDRAWN)
        case said.VolunteerErased():
            volunteer = replace(volunteer, status=ERASED, person=None, fit=None, check=None, excluded=(), too_old=())
            return replace(volunteer, languages=(), declared=(), spans=())
        case MembershipConfirmed(force=force):
            return replace(volunteer, forces=volunteer.forces | {force} if event.confirmed else volunteer.forces - {force})
        case said.VolunteerMerged(into=into):
            return replace(volunteer, status=MERGED, into=into)
        case _:
            return _changed(volunteer, event)


def _registered(volunteer: Volunteer, event: said.VolunteerRegistered) -> Volunteer:
    return replace(
        volunteer,
        volunteer=event.volunteer,
        status=REGISTERED,
        division=event.division,
        township=event.township,
        person=event.person or volunteer.person,
        adult=event.adult,
        guardian=event.guardian,
        fit=event.fit if event.fit is not None else volunteer.fit,
        excluded=event.excluded,
        languages=event.languages,
        declared=event.skills,
        risk_text=event.risk_text,
        entered_by=event.by,
    )


def _arrived(volunteer: Volunteer, event: said.SelfArrivalRegistered) -> Volunteer:
    """Who is known already stays what they are; who is not is taken in with what is missing."""
    if volunteer.status != NEW:
        return volunteer
    return replace(
        volunteer,
        volunteer=event.volunteer,
        status=WALK_IN,
        division=event.division,
        person=event.person,
        incident=event.incident,
        entered_by=event.by,
    )


def _changed(volunteer: Volunteer, event: Changed) -> Volunteer:
    match event:
        case said.TrainingRecorded(training=one):
            return replace(volunteer, trainings=with_valid(volunteer.trainings, one))
        case said.SkillCertified(skill=one):
            return replace(volunteer, skills=with_valid(volunteer.skills, one))
        case said.VolunteerLapsed():
            return volunteer  # what expired says so by its date
        case said.AvailabilitySet():
            return replace(volunteer, weekly=event.weekly, spans=event.spans)
        case said.LanguagesSet():
            return replace(volunteer, languages=event.languages)
        case SkillsSet():
            return replace(volunteer, declared=event.skills)
        case said.FitnessSet():
            check = Check(event.fit, event.excluded, event.at) if event.checked else volunteer.check
            return replace(volunteer, fit=event.fit, excluded=event.excluded, check=check)
        case said.ContactCorrected() | CodeReissued():
            return volunteer
        case said.VolunteerCoverNoted(cover=cover):
            return replace(volunteer, covers=with_cover(volunteer.covers, cover))
        case said.VolunteerCoverEnded(policy=policy):
            return replace(volunteer, covers=tuple(one for one in volunteer.covers if one.policy != policy))
        case said.DuplicateTaken():
            return replace(
                volunteer,
                trainings=event.trainings,
                skills=event.skills,
                covers=event.covers,
                taken=volunteer.taken | {event.duplicate, *event.through},
            )
        case _:
            assert_never(event)


def with_valid(known: tuple[Valid, ...], one: Valid) -> tuple[Valid, ...]:
    """The last record of a code counts."""
    return (*(other for other in known if other.code != one.code), one)


def with_cover(known: tuple[Cover, ...], cover: Cover) -> tuple[Cover, ...]:
    """The last word on a policy counts."""
    return (*(other for other in known if other.policy != cover.policy), cover)
