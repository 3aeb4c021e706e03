"""Facts of a volunteer's registration (domain 3.17). No personal value: a public id, a reference into the vault, results of checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.volunteers.events.code import CodeReissued
from services.volunteers.events.membership import MembershipConfirmed
from services.volunteers.events.skills import SkillsSet
from services.volunteers.events.validity import Cover, Span, Valid
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("volunteers.volunteer.registered.v1")
@dataclass(frozen=True, slots=True)
class VolunteerRegistered:
    """Somebody registered, or was registered by their organisation. `adult` is the result of a check, None when none was made."""

    volunteer: str
    person: str | None
    division: str
    township: str | None
    adult: bool | None
    guardian: bool
    languages: tuple[str, ...]
    skills: tuple[str, ...]  # as declared; what is certified is another fact
    organisation: str | None
    excluded: tuple[str, ...]  # hazards a person says not to be fit for (GFR-31, FFR-35); never why
    risk_text: int  # version of the risk statement that was accepted (VSR-12)
    notice: str  # version of the notice about personal data (PIPL-17)
    by: str
    at: datetime
    fields: tuple[str, ...] = ()  # names of what the vault keeps of it
    fit: bool | None = None  # as the person says of themself
    duplicates: tuple[str, ...] = ()  # registrations with the same number or phone: an officer looks whether it is one person
    separate_consent: bool = False  # to what is sensitive (PIPL art. 29); without consent at all nobody is registered


@event("volunteers.volunteer.self_arrival_registered.v1")
@dataclass(frozen=True, slots=True)
class SelfArrivalRegistered:
    """Somebody arrived uncalled and was taken in (domain 3.18). What is missing of a registration is asked for."""

    volunteer: str
    incident: str
    division: str
    person: str | None
    missing: tuple[str, ...]
    by: str
    at: datetime
    zone: str | None = None
    fields: tuple[str, ...] = ()


@event("volunteers.volunteer.identity_verified.v1")
@dataclass(frozen=True, slots=True)
class IdentityVerified:
    """Who somebody says to be was checked. `excluded` are hazards their age excludes."""

    volunteer: str
    method: str
    adult: bool
    excluded: tuple[str, ...]
    by: str
    at: datetime
    new: bool = False  # together with a first registration: nobody counts on them yet


@event("volunteers.volunteer.identity_rejected.v1")
@dataclass(frozen=True, slots=True)
class IdentityRejected:
    """The check did not hold; the person may correct what was given."""

    volunteer: str
    method: str
    reason: str
    by: str
    at: datetime


@event("volunteers.volunteer.approved.v1")
@dataclass(frozen=True, slots=True)
class VolunteerApproved:
    """Another person looked at the registration and took it on."""

    volunteer: str
    by: str
    at: datetime
    note: str = ""


@event("volunteers.volunteer.rejected.v1")
@dataclass(frozen=True, slots=True)
class VolunteerRejected:
    """Another person looked at the registration and did not take it on, and why."""

    volunteer: str
    reason: str
    by: str
    at: datetime


@event("volunteers.volunteer.training_recorded.v1")
@dataclass(frozen=True, slots=True)
class TrainingRecorded:
    """A training was passed (PSER-11, ERL-40.2)."""

    volunteer: str
    training: Valid
    document: str | None  # digest in the vault's blobs; never the paper itself
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("volunteers.volunteer.skill_certified.v1")
@dataclass(frozen=True, slots=True)
class SkillCertified:
    """A certificate of a skill was seen."""

    volunteer: str
    skill: Valid
    document: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("volunteers.volunteer.lapsed.v1")
@dataclass(frozen=True, slots=True)
class VolunteerLapsed:
    """A training or certificate expired."""

    volunteer: str
    kind: str  # training | skill
    code: str
    until: datetime
    at: datetime
    stopped: tuple[str, ...] = ()


@event("volunteers.volunteer.availability_set.v1")
@dataclass(frozen=True, slots=True)
class AvailabilitySet:
    """When somebody can be asked. `weekly` are the days 1 (Monday) to 7 in general, `spans` what is different."""

    volunteer: str
    weekly: tuple[int, ...]
    spans: tuple[Span, ...]
    by: str
    at: datetime


@event("volunteers.volunteer.languages_set.v1")
@dataclass(frozen=True, slots=True)
class LanguagesSet:
    """Languages somebody speaks."""

    volunteer: str
    languages: tuple[str, ...]
    by: str
    at: datetime
    was: tuple[str, ...] = ()


@event("volunteers.volunteer.fitness_set.v1")
@dataclass(frozen=True, slots=True)
class FitnessSet:
    """Whether somebody is fit, and for which hazards not: the result only, never a diagnosis (GFR-31, FFR-35)."""

    volunteer: str
    fit: bool
    excluded: tuple[str, ...]
    declared: bool  # by the person
    by: str
    at: datetime
    was_fit: bool | None = None
    was_excluded: tuple[str, ...] = ()
    checked: bool = False  # somebody else looked: what the person says does not loosen it


@event("volunteers.volunteer.cover_noted.v1")
@dataclass(frozen=True, slots=True)
class VolunteerCoverNoted:
    """An insurance policy covers somebody, or does so for longer."""

    volunteer: str
    cover: Cover
    at: datetime


@event("volunteers.volunteer.cover_ended.v1")
@dataclass(frozen=True, slots=True)
class VolunteerCoverEnded:
    """An insurance policy covers somebody no longer."""

    volunteer: str
    policy: str
    at: datetime


@event("volunteers.volunteer.contact_corrected.v1")
@dataclass(frozen=True, slots=True)
class ContactCorrected:
    """Somebody replaced values of their registration (PIPL art. 46); `added` were empty before."""

    volunteer: str
    person: str
    fields: tuple[str, ...]
    added: tuple[str, ...]
    by: str
    at: datetime
    separate_consent: bool = False  # to what is sensitive of it (PIPL art. 29)


@event("volunteers.volunteer.paused.v1")
@dataclass(frozen=True, slots=True)
class VolunteerPaused:
    """Somebody does not want to be asked for a while; nobody asks why."""

    volunteer: str
    by: str
    at: datetime


@event("volunteers.volunteer.resumed.v1")
@dataclass(frozen=True, slots=True)
class VolunteerResumed:
    """Somebody may be asked again."""

    volunteer: str
    by: str
    at: datetime


@event("volunteers.volunteer.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class VolunteerWithdrawn:
    """Somebody is no volunteer any more; nobody asks why. `call_ups` is what they were promised to."""

    volunteer: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    call_ups: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # call-ups with an offer to them, which ends


@event("volunteers.volunteer.erased.v1")
@dataclass(frozen=True, slots=True)
class VolunteerErased:
    """What is known of somebody is given up; anonymous totals of hours stay. `call_ups` is what they were promised to."""

    volunteer: str
    person: str | None
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    call_ups: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # call-ups with an offer to them, which ends


@event("volunteers.volunteer.merged.v1")
@dataclass(frozen=True, slots=True)
class VolunteerMerged:
    """This registration was the second of one person; whoever asks for it is led to the one that is kept."""

    volunteer: str
    into: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # call-ups with an offer to it, which ends
    numbers: str = ""  # why, where the vault has different identity numbers of them


@event("volunteers.volunteer.duplicate_taken.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class DuplicateTaken:
    """The kept registration takes over what the second one had: trainings, certificates, covers. Hours are counted together."""

    volunteer: str
    duplicate: str
    trainings: tuple[Valid, ...]
    skills: tuple[Valid, ...]
    covers: tuple[Cover, ...]
    at: datetime
    clocks: tuple[Due, ...] = ()
    through: tuple[str, ...] = ()  # duplicates that had been merged into the duplicate before


Entering = VolunteerRegistered | SelfArrivalRegistered | IdentityVerified | IdentityRejected | VolunteerApproved | VolunteerRejected
Able = TrainingRecorded | SkillCertified | VolunteerLapsed | AvailabilitySet | LanguagesSet | SkillsSet | FitnessSet
Noted = Able | VolunteerCoverNoted | VolunteerCoverEnded | ContactCorrected | CodeReissued | MembershipConfirmed
Leaving = VolunteerPaused | VolunteerResumed | VolunteerWithdrawn | VolunteerErased | VolunteerMerged | DuplicateTaken
VolunteerEvent = Entering | Noted | Leaving
