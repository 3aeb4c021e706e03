"""What can be asked of a volunteer's registration (domain 3.17). The edge puts personal values into the vault before; none is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.volunteers.events.validity import Cover, Span
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, Opaque, PublicId


class Hazard(StrEnum):
    """Danger zones that the law keeps some people out of (GFR-31.2, FFR-35)."""

    GRASS_FIRE = "GRASS_FIRE"
    FOREST_FIRE = "FOREST_FIRE"


class IdentityMethod(StrEnum):
    """How it was checked who somebody is."""

    CHECKSUM_AND_AGE = "checksum_and_age"  # the number is well formed and says an age; no register was asked
    DOCUMENT_SEEN = "document_seen"  # an officer saw the document
    REGISTER = "register"  # a register outside answered


class Contact(StrEnum):
    """What somebody corrects of their registration by themself; name and document are checked at a desk."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    KIN_NAME = "kin_name"
    KIN_PHONE = "kin_phone"
    HEALTH_NOTE = "health_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVolunteer(Command):
    """Become a volunteer, oneself or through an organisation; completes what was taken of somebody who arrived uncalled."""

    volunteer: PublicId
    division: Code
    township: Code | None = None
    person: Opaque | None = None
    fields: tuple[str, ...] = ()
    id_valid: bool | None = None
    checked: IdentityMethod | None = None  # by the edge, and it held; None: an officer checks
    adult: bool | None = None
    elderly: bool = False
    guardian: bool = False
    fit: bool | None = None
    excluded: tuple[Hazard, ...] = ()
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    organisation: str | None = None
    risk_text: int | None = None
    notice: str | None = None
    consent: bool = False
    separate_consent: bool = False  # to what is sensitive: a health note, a photo
    duplicates: tuple[PublicId, ...] = ()  # registrations with the same number or phone, found by the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyIdentity(Command):
    """Say what a check of the identity came to; again when a minor came of age."""

    volunteer: PublicId
    method: IdentityMethod = IdentityMethod.DOCUMENT_SEEN
    valid: bool = True
    adult: bool | None = None
    elderly: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueCode(Command):
    """Give who lost the code of their own page another, once they showed at a desk who they are; the answer's `code` is told only here."""

    volunteer: PublicId
    method: IdentityMethod | None = None  # how it was seen; a checksum shows nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewVolunteer(Command):
    """Take a registration on, or not: by another than the applicant and than who entered it."""

    volunteer: PublicId
    approve: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTraining(Command):
    """Somebody passed a training; `to` is when it has to be repeated."""

    volunteer: PublicId
    training: str
    passed_at: datetime | None = None
    to: datetime | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSkillCertificate(Command):
    """A certificate of a skill was seen; `to` is when it expires."""

    volunteer: PublicId
    skill: str
    issued_at: datetime | None = None
    to: datetime | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAvailability(Command):
    """When somebody can be asked: weekdays (1 Monday to 7) in general, and periods that are different."""

    volunteer: PublicId
    weekly: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    periods: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguages(Command):
    """The languages somebody speaks, as they are from now on."""

    volunteer: PublicId
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSkills(Command):
    """The skills somebody says they have, as they are from now on; what was certified stays as it was seen."""

    volunteer: PublicId
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFitness(Command):
    """Whether somebody is fit, and for which hazards not: the result only, never why."""

    volunteer: PublicId
    fit: bool
    excluded: tuple[Hazard, ...] = ()
    checked: bool = False  # the result of a check by somebody else, not a statement taken down


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectContact(Command):
    """Say which values of the own registration were replaced in the vault, and which are new there."""

    volunteer: PublicId
    fields: tuple[Contact, ...] = ()
    added: tuple[Contact, ...] = ()
    separate_consent: bool = False  # to what is sensitive of it


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMembership(Command):
    """Say that one belongs to a force, or no longer does: a call-up of the force then counts for them too."""

    volunteer: PublicId
    force: PublicId
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseVolunteer(Command):
    """Not to be asked for a while; no reason is needed."""

    volunteer: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeVolunteer(Command):
    """To be asked again."""

    volunteer: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawVolunteer(Command):
    """Be a volunteer no longer; no reason is needed."""

    volunteer: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseVolunteer(Command):
    """Give up what is known of somebody; anonymous totals of hours stay (domain 3.17)."""

    volunteer: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeVolunteers(Command):
    """Two registrations are one person's: this one leads to the one that is kept, and no hour is lost."""

    volunteer: PublicId
    into: PublicId
    reason: str | None = None
    numbers: str | None = None  # why the vault has different identity numbers of them, such as a passport and a card
    differ: bool = False  # as the edge found; nothing of the numbers is said


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteVolunteerCover(Command):
    """An insurance policy covers somebody; policies only."""

    volunteer: PublicId
    cover: Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class EndVolunteerCover(Command):
    """An insurance policy covers somebody no longer; policies only."""

    volunteer: PublicId
    policy: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateVolunteerClock(EscalateClock):
    """A training or certificate expired; only the timer says so."""

    volunteer: PublicId
